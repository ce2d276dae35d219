# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built collection contains exactly the committed files, and needs only ansible-core and requests."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from ansible.release import __version__ as core
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


@pytest.fixture
def tarball(ansible: Ansible) -> Path:
    output = ansible.run("galaxy", "collection", "build", CHECKOUT, "--output-path", ansible.home).stdout
    (tarball,) = ansible.home.glob("reseller-sendgrid-*.tar.gz")
    assert "WARNING" not in output, output
    return tarball


@pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="only git knows which files are committed")
def test_tarball_contains_exactly_the_committed_files(tarball: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    committed = {name for name in listed.splitlines() if not any(part.startswith(".") for part in Path(name).parts)}
    with tarfile.open(tarball) as archive:
        packed = {member.name for member in archive if member.isfile()}
    assert packed == committed - {"galaxy.yml"} | {"MANIFEST.json", "FILES.json"}


def test_installed_collection_works_without_its_tests_and_docs(tarball: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    prefix, collections, home = tmp_path / "venv", tmp_path / "collections", tmp_path / "home"
    subprocess.run([sys.executable, "-m", "venv", prefix], check=True)
    pip = [str(prefix / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile"]
    subprocess.run([*pip, f"ansible-core=={core}", "requests"], check=True)
    home.mkdir()
    ansible = Ansible(home, prefix=prefix, collections=collections, keep_compiled=False)
    output = ansible.run("galaxy", "collection", "install", tarball, "--collections-path", collections).stdout
    assert "was installed successfully" in output, output

    installed = collections / "ansible_collections" / "reseller" / "sendgrid"
    for kind, folder in (("module", "modules"), ("lookup", "lookup")):
        names = {f"reseller.sendgrid.{path.stem}" for path in (installed / "plugins" / folder).glob("*.py")}
        documents = json.loads(ansible.run("doc", "--json", "-t", kind, *names).stdout)
        assert names == {name for name, plugin in documents.items() if plugin["doc"]["description"]}

    examples = shutil.copytree(installed / "docs" / "examples", tmp_path / "examples")
    for path in installed.iterdir():
        if path.name in ("docs", "tests", "changelogs", "LICENSES"):
            shutil.rmtree(path)
    # These use the lookup, and each package of the modules.
    playbooks = [
        examples / f"{name}.yml" for name in ("assert_only", "gate_then_create", "provision_customers", "watch_catalog")
    ]
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    output = ansible.run("playbook", *playbooks, environment=environment).stdout
    assert "failed=0" in output, output
    assert "WARNING" not in output, output
    # Two of the playbooks create the same customer.
    assert len(sandbox.control("GET", "/accounts")) == 3
