# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox>=2025.2.9", "antsibull-nox>=1.10"]
# ///

"""Checks of everything but behaviour; the tests have a Makefile. antsibull-nox.toml says which."""

from __future__ import annotations

import os
import subprocess

import antsibull_nox
import nox

nox.options.envdir = ".cache/nox-sessions"
nox.options.reuse_venv = "yes"

antsibull_nox.load_antsibull_nox_toml()


@nox.session(name="typing-sandbox")
def typing_sandbox(session: nox.Session) -> None:
    """Run type checker on the sandbox: mypy."""
    session.install("mypy", "-r", "tests/requirements.txt")
    session.run("mypy", "--config-file", "pyproject.toml", "tests/sandbox")


@nox.session(default=False)
def openapi(session: nox.Session) -> None:
    """Check sandbox and plugins with tools that know only the vendor's OpenAPI document; its path is the argument."""
    session.install("ansible-core<2.22", "-r", "tests/requirements.txt", "-r", "tests/openapi/requirements.txt")
    session.run(
        "python", "-m", "pytest", "tests/openapi", env={"SENDGRID_OPENAPI": os.path.abspath(session.posargs[0])}
    )


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz what reads answers, orders and the cache, for a minute or as long as the arguments say."""
    session.install("ansible-core<2.22", "-r", "tests/requirements.txt", "-r", "tests/fuzz/requirements.txt")
    session.run("python", "-m", "tests.fuzz", *session.posargs)


@nox.session(python=False, default=False)
@nox.parametrize("core", ["2.16", "2.17", "2.18", "2.19", "2.20", "2.21"])
def matrix(session: nox.Session, core: str) -> None:
    """Run the tests on each supported ansible-core that this machine has a Python for."""
    prepared = subprocess.run(["tests/venv", core], check=False)
    if prepared.returncode == 3:
        session.skip(f"no Python for ansible-core {core}")
    session.run("make", "test", f"CORE={core}", *session.posargs, external=True)


if __name__ == "__main__":
    nox.main()
