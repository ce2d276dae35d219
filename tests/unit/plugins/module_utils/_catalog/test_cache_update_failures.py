# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A failed request reaches the processes that are waiting, and no others."""

from __future__ import annotations

import errno
import os
import resource
import time
from pathlib import Path
from typing import NoReturn

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog, read_entry
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.cache_processes import (
    FAILURE,
    NEW,
    OLD,
    PROCESSES,
    SharedCounter,
    Start,
    fail_to_fetch,
    fetch_new,
    make_catalog,
    make_failure,
    raise_os_error,
    store,
    update,
    wait_until,
    with_ttl,
)


@pytest.mark.parametrize("failed_before", [False, True], ids=["first failure", "same failure as before"])
def test_a_failure_reaches_all_waiting_processes(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start, failed_before: bool
) -> None:
    def fail() -> Catalog:
        fetches.add()
        wait_until(lambda: int(waiting) == PROCESSES - 1)
        raise make_failure()

    if failed_before:
        assert update(entry, fail_to_fetch).error == FAILURE
    outcomes = [process.outcome() for process in [start(lambda: update(entry, fail)) for _count in range(PROCESSES)]]
    assert int(fetches) == 1
    assert [outcome.error for outcome in outcomes] == [FAILURE] * PROCESSES
    assert [outcome.warnings for outcome in outcomes] == [[]] * PROCESSES


def test_a_failure_is_not_cached(entry: CacheEntry, fetches: SharedCounter) -> None:
    def fail() -> Catalog:
        fetches.add()
        raise make_failure()

    for count in (1, 2, 3):
        assert update(entry, fail).error == FAILURE
        assert int(fetches) == count
        assert read_entry(entry) is None
    assert update(entry, fetch_new).offerings == NEW
    assert update(entry, pytest.fail).offerings == NEW


def test_a_failure_does_not_remove_an_old_catalog(entry: CacheEntry) -> None:
    store(entry, OLD)

    assert update(with_ttl(entry, -1), fail_to_fetch).error == FAILURE
    stored = read_entry(entry)
    assert stored is not None and stored.offerings == OLD


def test_an_earlier_failure_is_not_raised_after_a_success(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start
) -> None:
    # Longer than a page, so that its end would remain behind a shorter one.
    def fail_at_length() -> Catalog:
        raise SendGridError("server_error", "x" * 10000)

    assert update(entry, fail_at_length).error is not None

    def fetch() -> Catalog:
        fetches.add()
        wait_until(lambda: int(waiting) == 1)
        return make_catalog(NEW)

    outcomes = [process.outcome() for process in [start(lambda: update(entry, fetch)) for _count in range(2)]]
    assert [outcome.offerings for outcome in outcomes] == [NEW] * 2
    assert int(fetches) == 1


def test_a_shorter_failure_replaces_a_longer_one(entry: CacheEntry, waiting: SharedCounter, start: Start) -> None:
    def fail_at_length() -> Catalog:
        raise SendGridError("server_error", "x" * 10000)

    def fail() -> Catalog:
        wait_until(lambda: int(waiting) == 1)
        raise make_failure()

    update(entry, fail_at_length)
    outcomes = [process.outcome() for process in [start(lambda: update(entry, fail)) for _count in range(2)]]
    assert [outcome.error for outcome in outcomes] == [FAILURE] * 2


def test_a_failure_is_not_shared_between_different_client_settings(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start
) -> None:
    def fail() -> Catalog:
        fetches.add()
        wait_until(lambda: int(waiting) == 2)
        raise make_failure()

    def fetch() -> Catalog:
        fetches.add()
        return make_catalog(NEW)

    quick = start(lambda: update(entry, fail, timeout=1))
    wait_until(lambda: int(fetches) == 1)
    others = [start(lambda: update(entry, fetch)) for _count in range(2)]
    assert quick.outcome().error == FAILURE
    assert [process.outcome().offerings for process in others] == [NEW] * 2
    assert int(fetches) == 2


def test_an_earlier_failure_is_not_raised_when_its_file_is_touched(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start
) -> None:
    def fetch() -> Catalog:
        fetches.add()
        wait_until(lambda: int(waiting) == 1)
        os.utime(Path(entry.directory, f"{entry.name}.lock"))
        time.sleep(0.2)
        return make_catalog(NEW)

    update(entry, fail_to_fetch)
    outcomes = [process.outcome() for process in [start(lambda: update(entry, fetch)) for _count in range(2)]]
    assert [outcome.offerings for outcome in outcomes] == [NEW] * 2
    assert int(fetches) == 1


@pytest.mark.parametrize("content", [b"5", b"null", b"[]", b'["", [30, true], "code", "text", 7]', b"[" * 100000, b"{"])
def test_other_content_of_the_lock_file_is_ignored(
    entry: CacheEntry, waiting: SharedCounter, start: Start, content: bytes
) -> None:
    def fetch() -> Catalog:
        wait_until(lambda: int(waiting) == 1)
        Path(entry.directory, f"{entry.name}.lock").write_bytes(content)
        time.sleep(0.2)
        return make_catalog(NEW)

    outcomes = [process.outcome() for process in [start(lambda: update(entry, fetch)) for _count in range(2)]]
    assert [outcome.offerings for outcome in outcomes] == [NEW] * 2


def test_waiting_processes_fetch_if_a_failure_was_shared_incompletely(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start
) -> None:
    def fail() -> Catalog:
        fetches.add()
        if int(fetches) == 1:
            wait_until(lambda: int(waiting) == 2)
            # As on a full disk, only a part of the failure can be written.
            resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
            raise make_failure()
        return make_catalog(NEW)

    outcomes = [process.outcome() for process in [start(lambda: update(entry, fail)) for _count in range(3)]]
    assert sorted(str(outcome.error) for outcome in outcomes) == sorted([str(FAILURE), "None", "None"])
    assert [outcome.offerings for outcome in outcomes if outcome.error is None] == [NEW] * 2
    # The others fetch side by side, unless one is so late that it finds the catalog that another has stored.
    assert int(fetches) in (2, 3)


@pytest.mark.parametrize("times", [0, 1, 2])
def test_waiting_processes_fetch_at_once_if_the_catalog_cannot_be_stored(
    entry: CacheEntry,
    fetches: SharedCounter,
    waiting: SharedCounter,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
) -> None:
    monkeypatch.setattr(os, "rename", raise_os_error(errno.ENOSPC))
    for _time in range(times):
        update(entry, fetch_new)

    def fetch() -> Catalog:
        fetches.add()
        if int(fetches) == 1:
            wait_until(lambda: int(waiting) == 3)
        else:
            # The others fetch side by side, not one after another.
            wait_until(lambda: int(fetches) == 4)
        return make_catalog(NEW)

    outcomes = [process.outcome() for process in [start(lambda: update(entry, fetch)) for _count in range(4)]]
    assert [(outcome.offerings == NEW, len(outcome.warnings)) for outcome in outcomes] == [(True, 1)] * 4


def test_a_missing_library_is_not_shared(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start
) -> None:
    def fail() -> Catalog:
        fetches.add()
        wait_until(lambda: int(waiting) == 1)
        raise SendGridError("missing_library", "not here")

    first = start(lambda: update(entry, fail))
    wait_until(lambda: int(fetches) == 1)
    second = start(lambda: update(entry, fetch_new))
    outcomes = [first.outcome(), second.outcome()]
    assert sorted(str(outcome.error) for outcome in outcomes) == ["('missing_library', 'not here', {})", "None"]


class Unexpected(BaseException):
    """Like the timeout of a task in core, which ``except Exception`` does not catch."""


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt, Unexpected, OSError, ValueError])
def test_any_other_exception_releases_the_lock(entry: CacheEntry, kind: type[BaseException]) -> None:
    def fail() -> NoReturn:
        raise kind("here")

    with pytest.raises(kind, match="here"):
        update(entry, fail)
    assert read_entry(entry) is None
    outcome = update(entry, fetch_new, lock_timeout=0)
    assert outcome.offerings == NEW and outcome.warnings == []
