# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the real ansible-test without containers, and checks that it did what it was asked to do."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "ansible-test"
HOME = CACHE / "home"
PIP_CACHE = HOME / ".ansible" / "test" / "cache"
PYTHONS = CACHE / "python"
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
ENV = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
    "HOME": str(HOME),
    "PATH": os.pathsep.join([str(PYTHONS), str(Path(sys.executable).parent), os.environ["PATH"]]),
}

# ansible-test fetches this script from a host of its own, where the package index would do.
GET_PIP = """
import pathlib, sys
sys.path.insert(0, {wheel!r})
sys.argv[1:] = ["install", "--no-index", "--find-links", {directory!r}, *(a for a in sys.argv[1:] if "==" in a)]
from pip._internal.cli.main import main
sys.exit(main())
"""
VENV_PACKAGES = """
import json, types
from ansible_test._internal.python_requirements import get_venv_packages
print(json.dumps(get_venv_packages(types.SimpleNamespace(version=""))))
"""


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    process = subprocess.run(
        command,
        cwd=cwd,
        env=ENV,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode:
        pytest.fail(f"{command} ended with {process.returncode}:\n{process.stdout}", pytrace=False)
    return process.stdout


@contextmanager
def locked(name: str) -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def seed_pip() -> None:
    packages = json.loads(run(sys.executable, "-c", VENV_PACKAGES))
    script = PIP_CACHE / f"get_pip_{packages['pip'].replace('.', '_')}.py"
    if not script.exists():
        pins = [f"{name}=={version}" for name, version in packages.items()]
        run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", PIP_CACHE, *pins)
        (wheel,) = PIP_CACHE.glob(f"pip-{packages['pip']}-*.whl")
        script.write_text(GET_PIP.format(wheel=str(wheel), directory=str(PIP_CACHE)))


def link_pythons() -> None:
    """The commands that version managers put on PATH fail in the bare environment ansible-test makes."""
    shutil.rmtree(PYTHONS, ignore_errors=True)
    PYTHONS.mkdir(parents=True)
    for name in (f"python3.{minor}" for minor in range(9, 15)):
        candidates = [shutil.which(name), *PYENV.glob(f"versions/*/bin/{name}")]
        for python in filter(None, candidates):
            command = [str(python), "-c", "import sys; print(sys.executable)"]
            process = subprocess.run(command, capture_output=True, text=True, check=False)
            if process.returncode == 0:
                (PYTHONS / name).symlink_to(process.stdout.strip())
                break


@pytest.fixture(scope="module")
def prepared() -> None:
    with locked("prepare"):
        seed_pip()
        link_pythons()


def ansible_test(command: str, *arguments: str) -> str:
    """Runs in a copy, for ansible-test insists on the name of the folder; the copy stays, with what was made in it."""
    copy = CACHE / command / "ansible_collections" / "reseller" / "sendgrid"
    with locked(command):
        run("git", "init", "--quiet", copy)
        run("git", f"--git-dir={copy / '.git'}", f"--work-tree={ROOT}", "add", "--all")
        run("git", "checkout-index", "--all", "--force", cwd=copy)
        run("git", "clean", "--force", "-d", "--quiet", cwd=copy)
        ansible_test = Path(sys.executable).with_name("ansible-test")
        return run(sys.executable, ansible_test, command, "--venv", "--color", "no", *arguments, cwd=copy)


def test_sanity(prepared: None) -> None:
    output = ansible_test("sanity")
    print(output)
    ran = set(re.findall(r'^Running sanity test "([\w-]+)"', output, re.MULTILINE))
    assert ran >= {"compile", "import", "pep8", "pylint", "shellcheck", "validate-modules", "yamllint"}, output
    assert len(ran) > 20, output


def test_units(prepared: None) -> None:
    # The oldest Python that modules run on, where there is one: all others run the same tests without ansible-test.
    oldest = "3.9" if (PYTHONS / "python3.9").exists() else f"{sys.version_info.major}.{sys.version_info.minor}"
    output = ansible_test("units", "--python", oldest)
    print(output)
    assert re.search(r"^=+ .*\d+ passed", output, re.MULTILINE), output


def test_integration(prepared: None) -> None:
    # One of a module and one of the lookup: all of them run without ansible-test too, and in less time.
    targets = ("sendgrid_account_sso", "lookup_offerings")
    output = ansible_test("integration", *targets)
    print(output)
    ran = set(re.findall(r"^Running (\w+) integration test", output, re.MULTILINE))
    assert ran >= set(targets), output
