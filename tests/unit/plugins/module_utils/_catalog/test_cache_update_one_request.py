# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that need the catalog at the same time share one request."""

from __future__ import annotations

import os
import time
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
    make_catalog,
    make_failure,
    store,
    update,
    wait_until,
    with_ttl,
)


def test_many_processes_send_one_request(entry: CacheEntry, fetches: SharedCounter, start: Start) -> None:
    barrier = FORK.Barrier(PROCESSES)

    def fetch() -> Catalog:
        fetches.add()
        time.sleep(0.5)
        return make_catalog(NEW)

    def work() -> Outcome:
        barrier.wait(LONG_TIMEOUT)
        return update(entry, fetch)

    outcomes = [process.outcome() for process in [start(work) for _count in range(PROCESSES)]]
    assert int(fetches) == 1
    assert all(outcome.offerings == NEW and outcome.warnings == [] for outcome in outcomes)
    metadata = [outcome.catalog.metadata for outcome in outcomes if outcome.catalog]
    assert sorted(found["cached"] for found in metadata) == [False] + [True] * (PROCESSES - 1)
    assert {found["endpoint"] for found in metadata} == {ENDPOINT}
    assert [found["rate_limit_remaining"] for found in metadata if not found["cached"]] == [599]


def test_waiting_processes_use_the_catalog_stored_meanwhile(
    entry: CacheEntry, fetches: SharedCounter, waiting: SharedCounter, start: Start
) -> None:
    def fetch() -> Catalog:
        fetches.add()
        wait_until(lambda: int(waiting) == PROCESSES - 1)
        return make_catalog(NEW)

    processes = [start(lambda: update(entry, fetch)) for _count in range(PROCESSES)]
    assert [process.outcome().offerings for process in processes] == [NEW] * PROCESSES
    assert int(fetches) == 1


def test_a_later_process_uses_the_stored_catalog(entry: CacheEntry) -> None:
    store(entry)
    outcome = update(entry, pytest.fail)
    assert outcome.offerings == NEW and outcome.catalog is not None and outcome.catalog.metadata["cached"]


def test_a_catalog_older_than_the_ttl_is_replaced(entry: CacheEntry, fetches: SharedCounter) -> None:
    store(entry, OLD)
    file = Path(entry.directory, entry.name)
    os.utime(file, (time.time() - 100, time.time() - 100))

    def fetch() -> Catalog:
        fetches.add()
        return make_catalog(NEW)

    assert update(entry, fetch).offerings == OLD
    assert update(with_ttl(entry, 50), fetch).offerings == NEW
    stored = read_entry(entry)
    assert stored is not None and stored.offerings == NEW and stored.cache_age < 50
    assert int(fetches) == 1


@pytest.mark.parametrize("offerings", [OLD, NEW], ids=["small", "large"])
def test_the_age_is_measured_with_the_local_clock(
    entry: CacheEntry, offerings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    store(entry, offerings)
    stored = read_entry(entry)
    assert stored is not None and stored.cache_age == 0


@pytest.mark.parametrize(
    "other",
    [
        {"endpoint": "https://api.eu.example.com"},
        {"api_key": KEY.swapcase()},
        {"verified": False},
        {"directory": "elsewhere"},
    ],
)
def test_entries_with_other_settings_are_independent(tmp_path: Path, other: dict[str, Any]) -> None:
    given: dict[str, Any] = {"directory": "cache", "ttl": 60, "endpoint": ENDPOINT, "api_key": KEY, "verified": True}
    first, second = (
        CacheEntry(**{**given, **more, "directory": f"{tmp_path}/{more['directory']}"})
        for more in ({"directory": "cache"}, {"directory": "cache", **other})
    )

    def fetch() -> Catalog:
        inner = update(second, lambda: make_catalog(OLD), lock_timeout=0)
        assert inner.offerings == OLD and inner.warnings == []
        return make_catalog(NEW)

    assert update(first, fetch).warnings == []
    assert update(first, pytest.fail).offerings == NEW
    assert update(second, pytest.fail).offerings == OLD


def test_a_failure_does_not_affect_another_entry(entry: CacheEntry) -> None:
    other = CacheEntry(entry.directory, entry.ttl, ENDPOINT, KEY.swapcase(), True)

    def fail() -> Catalog:
        assert update(other, lambda: make_catalog(OLD)).offerings == OLD
        raise make_failure()

    assert update(entry, fail).error == FAILURE
    assert update(other, pytest.fail).offerings == OLD
