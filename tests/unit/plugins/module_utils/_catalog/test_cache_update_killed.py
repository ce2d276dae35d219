# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process that is killed neither blocks the others nor damages the cache."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog, read_entry
from ansible_collections.reseller.sendgrid.tests.support.cache_processes import (
    FAILURE,
    FORK,
    LONG_TIMEOUT,
    NEW,
    OLD,
    SharedCounter,
    Start,
    fetch_new,
    make_catalog,
    make_failure,
    read_files,
    store,
    update,
    wait_until,
    with_ttl,
)


def test_another_process_takes_over_if_one_is_killed_during_its_request(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start
) -> None:
    def fetch() -> Catalog:
        fetches.add()
        if int(fetches) == 1:
            time.sleep(LONG_TIMEOUT)
        return make_catalog(NEW)

    first = start(lambda: update(entry, fetch))
    wait_until(lambda: int(fetches) == 1)
    others = [start(lambda: update(entry, fetch)) for _count in range(4)]
    wait_until(lambda: int(waiting) == 4)
    first.kill()
    outcomes = [process.outcome() for process in others]
    assert [(outcome.offerings, outcome.warnings) for outcome in outcomes] == [(NEW, [])] * 4
    assert int(fetches) == 2


def kill_itself() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def kill_at(name: str, when: str, nth: int) -> Callable[..., Any]:
    """Return a replacement for a function of ``os`` that kills the process before or after its nth call."""
    real = getattr(os, name)
    calls = itertools.count(1)

    def function(*arguments: Any, **keywords: Any) -> Any:
        fatal = next(calls) == nth
        if fatal and when == "before":
            kill_itself()
        result = real(*arguments, **keywords)
        if fatal:
            kill_itself()
        return result

    return function


# The calls with which a catalog is written, and those with which a failure is shared.
STORING = ["unlink", "open", "utime", "rename"]
SHARING = ["pwrite", "ftruncate"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", STORING + SHARING)
@pytest.mark.parametrize("existing", [None, OLD], ids=["first", "again"])
def test_a_process_killed_at_any_system_call_leaves_a_usable_cache(
    entry: CacheEntry, waiting: SharedCounter, start: Start, name: str, when: str, existing: Any
) -> None:
    if existing:
        store(entry, existing)
    # A file to unlink, as another killed process may have stored it.
    Path(entry.directory).mkdir(0o700, exist_ok=True)
    Path(entry.directory, f"{entry.name}.new").write_text("left behind")
    without_cache = with_ttl(entry, -1)
    ready = FORK.Event()

    def fetch() -> Catalog:
        ready.set()
        wait_until(lambda: int(waiting) == 1)
        setattr(os, name, kill_at(name, when, 1))
        if name in SHARING:
            raise make_failure()
        return make_catalog(NEW)

    first = start(lambda: update(without_cache, fetch))
    assert ready.wait(LONG_TIMEOUT)
    second = start(lambda: update(without_cache, fetch_new))
    first.join_killed()
    outcome = second.outcome()
    # Neither process accepts an old catalog. The second one fetches, unless the first one has shared its failure.
    is_shared = name in SHARING and (name, when) != ("pwrite", "before")
    expected = (None, FAILURE) if is_shared else (NEW, None)
    assert (outcome.offerings, outcome.error, outcome.warnings) == (*expected, [])
    stored = read_entry(entry)
    assert (stored and stored.offerings) == (existing if outcome.error else NEW)
    # What is left behind does not block the next process.
    next_outcome = update(without_cache, fetch_new, lock_timeout=0)
    assert (next_outcome.offerings, next_outcome.warnings) == (NEW, [])


@pytest.mark.parametrize("name", STORING)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_while_storing_does_not_damage_the_catalog(
    entry: CacheEntry, start: Start, name: str, when: str
) -> None:
    store(entry, OLD)
    Path(entry.directory, f"{entry.name}.new").write_text("left behind")

    def fetch() -> Catalog:
        setattr(os, name, kill_at(name, when, 1))
        return make_catalog(NEW)

    start(lambda: update(with_ttl(entry, -1), fetch)).join_killed()
    stored = read_entry(entry)
    assert stored is not None
    assert stored.offerings == (NEW if (name, when) == ("rename", "after") else OLD)


def test_a_process_killed_while_writing_leaves_the_old_catalog(entry: CacheEntry, start: Start) -> None:
    store(entry, OLD)

    def fetch() -> Catalog:
        # The kernel writes as much as the limit allows and then ends the process.
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        return make_catalog(NEW)

    start(lambda: update(with_ttl(entry, -1), fetch)).join_killed(signal.SIGXFSZ)
    assert len(read_files(entry)[f"{entry.name}.new"]) == 10000
    assert update(entry, pytest.fail).offerings == OLD
    assert update(with_ttl(entry, -1), fetch_new).warnings == []
    assert update(entry, pytest.fail).offerings == NEW
    assert sorted(read_files(entry)) == sorted([entry.name, f"{entry.name}.lock"])
