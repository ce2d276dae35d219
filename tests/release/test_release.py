# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version, the changelog and the documentation of a release match."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible

VERSION = str(yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"])
RELEASES: dict[str, Any] = yaml.safe_load((CHECKOUT / "changelogs" / "changelog.yaml").read_text())["releases"]


def version_key(version: str) -> tuple[int, ...]:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version), version
    return tuple(map(int, version.split(".")))


def test_version_is_the_newest_of_the_changelog() -> None:
    assert max(RELEASES, key=version_key) == VERSION
    assert datetime.date.fromisoformat(RELEASES[VERSION]["release_date"]) <= datetime.date.today()


def test_no_changelog_fragment_is_unreleased() -> None:
    assert [path.name for path in (CHECKOUT / "changelogs" / "fragments").glob("*.y*ml")] == []


def test_changelog_file_is_up_to_date(tmp_path: Path) -> None:
    generated = tmp_path / "CHANGELOG.md"
    program = Path(sys.executable).with_name("antsibull-changelog")
    subprocess.run([program, "generate", "--output", generated, "--output-format", "md"], cwd=CHECKOUT, check=True)
    assert (CHECKOUT / "CHANGELOG.md").read_text() == generated.read_text()


def versions_added(documentation: Any) -> Iterator[str]:
    """Yield every ``version_added`` in the documentation, without those of options that ansible-core documents."""
    if isinstance(documentation, dict) and documentation.get("version_added_collection") != "ansible.builtin":
        yield from (str(value) for key, value in documentation.items() if key == "version_added")
    for value in documentation.values() if isinstance(documentation, dict) else documentation:
        if isinstance(value, (dict, list)):
            yield from versions_added(value)


@pytest.mark.parametrize(("kind", "folder"), [("module", "modules"), ("lookup", "lookup")])
def test_new_plugins_are_in_the_changelog(ansible: Ansible, kind: str, folder: str) -> None:
    names = [path.stem for path in (CHECKOUT / "plugins" / folder).glob("*.py")]
    output = ansible.run("doc", "--json", "-t", kind, *(f"reseller.sendgrid.{name}" for name in names)).stdout
    documents = {name.split(".")[-1]: plugin["doc"] for name, plugin in json.loads(output).items()}
    for version, release in RELEASES.items():
        listed = release.get("modules", []) if kind == "module" else release.get("plugins", {}).get(kind, [])
        new = {name for name, document in documents.items() if document["version_added"] == version}
        # The changelog also lists plugins that were removed later.
        assert new <= {entry["name"] for entry in listed}
        assert version != VERSION or len(new) == len(listed)
    assert {version for document in documents.values() for version in versions_added(document)} <= set(RELEASES)


def test_documentation_mentions_only_this_version() -> None:
    pages = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *(CHECKOUT / "docs").rglob("*.rst")]
    pattern = (
        r"reseller-sendgrid-([\d.]+)\.tar|reseller\.sendgrid +(\d[\d.]+)|git tag ([\d.]*\d)|release, such as `([\d.]+)`"
    )
    versions = {"".join(found) for page in pages for found in re.findall(pattern, page.read_text())}
    assert versions == {VERSION}


def test_nothing_is_uncommitted() -> None:
    """A tag contains only committed files. The tests of the package compare the tarball with these files."""
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout == ""
