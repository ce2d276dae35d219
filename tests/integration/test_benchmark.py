# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark runs and writes a report. Its measurements are not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT


def test_benchmark_runs(tmp_path: Path) -> None:
    report = tmp_path / "benchmark.json"
    result = subprocess.run(
        [sys.executable, "-m", "tests.benchmark", "--quick", "--only", "c", "--json", report],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "cold / import requests, get" in result.stdout
    (section,) = json.loads(report.read_text())["sections"]
    assert all(len(rounds) == 2 for rounds in section["rounds"].values())
