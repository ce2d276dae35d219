# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cache directory that cannot be used gives a warning, never an error."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog, read_entry
from ansible_collections.reseller.sendgrid.tests.support.cache_processes import (
    ENDPOINT,
    FAILURE,
    FORK,
    KEY,
    LONG_TIMEOUT,
    NEW,
    OLD,
    PROCESSES,
    Outcome,
    SharedCounter,
    Start,
    fetch_new,
    make_catalog,
    make_failure,
    raise_os_error,
    read_files,
    store,
    update,
    wait_until,
    with_ttl,
)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO])
def test_a_disk_without_locks_gives_a_warning(entry: CacheEntry, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", raise_os_error(code))
    outcome = update(entry, fetch_new)
    assert outcome.offerings == NEW
    (warning,) = outcome.warnings
    assert os.strerror(code) in warning and entry.directory in warning
    assert read_entry(entry) is not None


def test_processes_without_locks_do_not_damage_the_catalog(
    entry: CacheEntry, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", raise_os_error(errno.ENOLCK))
    barrier = FORK.Barrier(PROCESSES)

    def work() -> Outcome:
        barrier.wait(LONG_TIMEOUT)
        return update(with_ttl(entry, -1), fetch_new)

    outcomes = [process.outcome() for process in [start(work) for _count in range(PROCESSES)]]
    assert [outcome.offerings for outcome in outcomes] == [NEW] * PROCESSES
    stored = read_entry(entry)
    assert stored is None or stored.offerings == NEW


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.ENAMETOOLONG])
@pytest.mark.parametrize("name", ["mkdir", "open", "fstat", "pread", "unlink", "utime", "rename"])
def test_a_disk_error_gives_a_warning(entry: CacheEntry, name: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, name, raise_os_error(code))
        outcome = update(entry, fetch_new)
    assert outcome.offerings == NEW and outcome.catalog is not None and not outcome.catalog.metadata["cached"]
    assert outcome.warnings and all(
        os.strerror(code) in warning and entry.directory in warning for warning in outcome.warnings
    )
    assert len(outcome.warnings) == 1
    second_outcome = update(entry, fetch_new, lock_timeout=0)
    assert second_outcome.offerings == NEW and second_outcome.warnings == []


@pytest.mark.parametrize("ending", [".lock", ".new"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EMFILE])
def test_a_file_that_cannot_be_created_gives_a_warning(
    entry: CacheEntry, code: int, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(entry, OLD)
    real = os.open

    def fail_to_create(path: Any, flags: int, *arguments: Any, **keywords: Any) -> int:
        if str(path).endswith(ending):
            raise OSError(code, os.strerror(code))
        return real(path, flags, *arguments, **keywords)

    monkeypatch.setattr(os, "open", fail_to_create)
    outcome = update(with_ttl(entry, -1), fetch_new)
    assert outcome.offerings == NEW
    assert len(outcome.warnings) == 1 and os.strerror(code) in outcome.warnings[0]
    stored = read_entry(entry)
    assert stored is not None and stored.offerings == (NEW if ending == ".lock" else OLD)


def test_a_disk_that_fills_up_gives_a_warning_and_keeps_the_old_catalog(entry: CacheEntry, start: Start) -> None:
    store(entry, OLD)

    def fetch() -> Catalog:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        return make_catalog(NEW)

    outcome = start(lambda: update(with_ttl(entry, -1), fetch)).outcome()
    assert outcome.offerings == NEW
    assert len(outcome.warnings) == 1 and os.strerror(errno.EFBIG) in outcome.warnings[0]
    assert update(entry, pytest.fail).offerings == OLD


def test_an_incomplete_file_is_removed_from_a_full_disk(entry: CacheEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "utime", raise_os_error(errno.ENOSPC))
    assert len(update(entry, fetch_new).warnings) == 1
    assert list(read_files(entry)) == [f"{entry.name}.lock"]


def test_waiting_processes_fetch_at_once_if_a_failure_cannot_be_shared(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pwrite", raise_os_error(errno.ENOSPC))

    def fail() -> Catalog:
        fetches.add()
        # The others fetch side by side, not one after another.
        wait_until(lambda: int(waiting) == 3 if int(fetches) == 1 else int(fetches) == 4)
        raise make_failure()

    outcomes = [process.outcome() for process in [start(lambda: update(entry, fail)) for _count in range(4)]]
    assert [outcome.error for outcome in outcomes] == [FAILURE] * 4


def test_a_file_system_that_invents_modes_gives_a_warning(entry: CacheEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fstat

    def fstat_with_open_mode(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        mode = status.st_mode | (0o055 if stat.S_ISREG(status.st_mode) else 0)
        return os.stat_result((mode, *status[1:]))

    monkeypatch.setattr(os, "fstat", fstat_with_open_mode)
    outcome = update(entry, fetch_new)
    assert outcome.offerings == NEW
    (warning,) = outcome.warnings
    assert "files in it cannot be kept from other users" in warning
    assert list(read_files(entry)) == [f"{entry.name}.lock"]


def test_a_failure_is_raised_unchanged_on_a_full_disk(entry: CacheEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Catalog:
        monkeypatch.setattr(os, "ftruncate", raise_os_error(errno.ENOSPC))
        monkeypatch.setattr(os, "pwrite", raise_os_error(errno.ENOSPC))
        raise make_failure()

    outcome = update(entry, fail)
    assert outcome.error == FAILURE and outcome.warnings == []


def make_directory_of_another_user(path: Path) -> None:
    path.mkdir(0o700)
    os.chown(path, 54321, -1)


def make_directory_writable_for_all(path: Path) -> None:
    path.mkdir()
    path.chmod(0o777)


def make_link(path: Path) -> None:
    path.with_name("elsewhere").mkdir(0o700)
    path.symlink_to("elsewhere")


UNSAFE: dict[str, Callable[[Path], None]] = {
    "a file": lambda path: path.touch(),
    "a link": make_link,
    "writable for all": make_directory_writable_for_all,
    "of another user": make_directory_of_another_user,
}


@pytest.mark.parametrize("kind", UNSAFE)
@pytest.mark.parametrize("slash", ["", "/"])
def test_an_unsafe_directory_is_not_used(entry: CacheEntry, kind: str, slash: str) -> None:
    if kind == "of another user" and os.geteuid():
        pytest.skip("only root can give a directory away")
    path = Path(entry.directory)
    UNSAFE[kind](path)
    entry = CacheEntry(f"{path}{slash}", entry.ttl, ENDPOINT, KEY, True)
    for _count in range(2):
        outcome = update(entry, fetch_new)
        assert outcome.offerings == NEW and len(outcome.warnings) == 1
        assert str(path) in outcome.warnings[0]
    assert not path.is_dir() or not any(path.iterdir())


@pytest.mark.parametrize(
    "directory", ["~/cache", "~nobody-of-that-name/cache", "~", "", "/dev/null/cache", "/proc/cache", "nul\0", "\ud800"]
)
def test_a_directory_that_cannot_be_created_gives_a_warning(
    entry: CacheEntry, tmp_path: Path, directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = update(CacheEntry(directory, entry.ttl, ENDPOINT, KEY, True), fetch_new)
    assert outcome.offerings == NEW and len(outcome.warnings) == 1
    assert outcome.warnings[0].isprintable()
    if directory.startswith("~"):
        assert "there is no home directory" in outcome.warnings[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("directory", ["cache", "a/b/cache", "a/b/cache/"])
def test_a_missing_directory_is_created(
    entry: CacheEntry, tmp_path: Path, directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    entry = CacheEntry(directory, entry.ttl, ENDPOINT, KEY, True)
    assert update(entry, fetch_new).warnings == []
    assert update(entry, pytest.fail).offerings == NEW


def test_a_directory_removed_during_the_request_gives_a_warning(entry: CacheEntry) -> None:
    def fetch() -> Catalog:
        for path in Path(entry.directory).iterdir():
            path.unlink()
        os.rmdir(entry.directory)
        return make_catalog(NEW)

    outcome = update(entry, fetch)
    assert outcome.offerings == NEW and len(outcome.warnings) == 1
    assert update(entry, fetch_new).warnings == []


@pytest.mark.parametrize("ending", ["", ".lock", ".new"])
@pytest.mark.parametrize("kind", ["a directory", "a pipe", "a link"])
def test_another_kind_of_file_is_replaced_or_gives_a_warning(
    entry: CacheEntry, tmp_path: Path, ending: str, kind: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("of the user")
    path = Path(entry.directory, f"{entry.name}{ending}")
    path.parent.mkdir(0o700)
    if kind == "a directory":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(victim)
    outcome = update(entry, fetch_new)
    assert outcome.offerings == NEW
    is_stored = ending == ".lock" or kind != "a directory"
    assert len(outcome.warnings) == (0 if is_stored and ending != ".lock" else 1)
    stored = read_entry(entry)
    assert (stored and stored.offerings) == (NEW if is_stored else None)
    assert victim.read_text() == "of the user"
