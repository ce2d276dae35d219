# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the tests of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.reseller.sendgrid.tests.support.module_runner import ModuleRunner
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


@pytest.fixture
def module_runner(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> ModuleRunner:
    return ModuleRunner(sandbox, monkeypatch, capsys, tmp_path)
