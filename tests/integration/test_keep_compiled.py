# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests keep of the modules that they run is used again, but not for other code."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import STARTUP


def test_only_the_same_source_is_not_compiled_again(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()

    def run(name: str, value: int) -> str:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("shipped.py", f"def show(): return {value}\n")
        program = "import shipped; print(shipped.show(), shipped.show.__code__.co_filename)"
        environment = {"PYTHONPATH": f"{STARTUP}:{tmp_path / name}", "KEEP_COMPILED": str(kept)}
        return subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert run("one.zip", 1) == f"1 {tmp_path}/one.zip/shipped.py"
    (first,) = kept.iterdir()
    before = first.stat()
    assert run("two.zip", 1) == f"1 {tmp_path}/two.zip/shipped.py"
    assert [path.stat().st_ino for path in kept.iterdir()] == [before.st_ino]
    assert run("three.zip", 2) == f"2 {tmp_path}/three.zip/shipped.py"
    assert len(list(kept.iterdir())) == 2
