# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache directory in real plays: its location, unusable directories, and the content of its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.cache_plays import (
    Plays,
    gate,
    ignore_failure,
    info,
    lookup,
    show,
    show_metadata,
)
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


@pytest.fixture
def plays(ansible: Ansible, sandbox: Sandbox) -> Plays:
    return Plays(ansible, sandbox)


def test_modules_write_no_cache_by_default(plays: Plays) -> None:
    # A missing name causes no second request if the catalog has just come from the API.
    unknown = gate("no.such.name", enforce=False)
    found = plays.run(
        *show_metadata(info()), *show_metadata(unknown), *show_metadata(info(cache_ttl=0, names=["no.such.name"]))
    )
    assert [value[:2] for value in found.shown] == [[False, 0]] * 3
    assert plays.sandbox.count() == 3
    assert not plays.directory.exists()


def test_cache_directory_can_be_configured(plays: Plays) -> None:
    with plays.ansible.configuration.open("a") as configuration:
        configuration.write("[reseller.sendgrid]\ncache_dir = configured/cache\n")
    home = plays.ansible.home
    plays.run(lookup())
    tasks = [
        lookup("cache_dir='~/argument'"),
        lookup("", sendgrid_cache_dir="{{ folder }}/variable", folder=str(home)),
        info(cache_ttl=60, cache_dir="~/option"),
        info(cache_ttl=60),
        lookup(),
    ]
    plays.run(*tasks, environment={"SENDGRID_CACHE_DIR": "$HOME/environment"})
    assert plays.sandbox.count() == 5
    assert not plays.directory.exists()
    for name in ("argument", "variable", "option", "environment", "configured/cache"):
        assert (home / name).stat().st_mode & 0o777 == 0o700
        assert [path.stat().st_mode & 0o777 for path in (home / name).iterdir()] == [0o600, 0o600]


def test_key_given_as_cache_directory_is_not_printed(plays: Plays) -> None:
    key = "lookup('ansible.builtin.env', 'SENDGRID_API_KEY')"
    run = plays.run(*ignore_failure(lookup(f"'milne.x.ip.v2', cache_dir='/dev/null/' ~ {key}")))
    ((failed, message),) = run.shown
    assert failed and "cache_dir: it holds the API key" in message
    assert plays.sandbox.key not in run.output and plays.sandbox.count() == 0


def test_unusable_cache_directory_causes_a_warning(plays: Plays, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(0o700)
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "world_writable").mkdir()
    (tmp_path / "world_writable").chmod(0o777)
    (tmp_path / "file").touch()
    directories = {
        tmp_path / "link": "it is a symbolic link",
        tmp_path / "world_writable": "it belongs to another user, or others can write to it",
        tmp_path / "file" / "cache": "File exists",
        "~nobody-of-that-name/cache": "there is no home directory",
    }
    tasks = [lookup(f"'milne.x.ip.v2', cache_dir='{directory}'") for directory in directories]
    module = {**info(cache_ttl=60, cache_dir=str(tmp_path / "link")), "register": "result"}
    run = plays.run(*tasks, module, show("result.warnings"))
    *found, (warning,) = run.shown
    assert found == [["milne.x.ip.v2"]] * len(directories)
    assert warning == (
        f"The cache of the catalog in {tmp_path / 'link'} cannot be used: it is a symbolic link. "
        "Until that is mended, or cache_dir names another directory, each use of the catalog may send a request."
    )
    # Core wraps warnings.
    output = "".join(run.output.split())
    for directory, reason in directories.items():
        assert "".join(f"catalog in {directory} cannot be used: {reason}.".split()) in output
    assert plays.sandbox.count() == len(directories) + 1
    assert not any((tmp_path / "real").iterdir()) and not any((tmp_path / "world_writable").iterdir())


def test_unwritable_directory_causes_a_warning(plays: Plays) -> None:
    run = plays.run(lookup("'milne.x.ip.v2'"), environment={"SENDGRID_CACHE_DIR": "/dev/null/cache"})
    assert run.shown == [["milne.x.ip.v2"]]
    assert "catalogin/dev/null/cachecannotbeused:" in "".join(run.output.split())


def test_cache_files_do_not_contain_the_key(plays: Plays) -> None:
    plays.options["api_key"] = "{{ lookup('ansible.builtin.env', 'SENDGRID_API_KEY') }}"
    body = json.dumps({"errors": [{"message": f"bad key {plays.sandbox.key}"}]})
    plays.sandbox.fault(status=401, body=body, times=2)
    run = plays.run(
        *ignore_failure(lookup()), *ignore_failure(info(cache_ttl=60)), lookup(), *show_metadata(info(cache_ttl=60))
    )
    assert [value[0] for value in run.shown[:2]] == [True, True] and run.shown[3][0] is True
    assert plays.sandbox.count() == 3
    assert {path.suffix for path in plays.directory.iterdir()} == {"", ".lock"}
    for path in plays.ansible.home.rglob("*"):
        # Skip the directory ``python``, a link to the Python environment.
        if path.is_file() and "python" not in path.relative_to(plays.ansible.home).parts:
            assert plays.sandbox.key.encode() not in path.read_bytes(), path
            assert plays.sandbox.key not in str(path)
