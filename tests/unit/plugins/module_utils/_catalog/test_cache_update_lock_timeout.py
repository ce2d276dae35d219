# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process stops waiting after the lock timeout."""

from __future__ import annotations

import time

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog
from ansible_collections.reseller.sendgrid.tests.support.cache_processes import (
    FAILURE,
    NEW,
    OLD,
    Outcome,
    SharedCounter,
    Start,
    fail_to_fetch,
    fetch_new,
    make_catalog,
    make_failure,
    update,
    wait_until,
)


@pytest.mark.parametrize("lock_timeout", [0, 0.1])
def test_waiting_ends_after_the_lock_timeout(entry: CacheEntry, lock_timeout: float) -> None:
    inner: list[Outcome] = []

    def inner_fetch() -> Catalog:
        assert time.monotonic() - started >= lock_timeout
        return make_catalog(OLD)

    def fetch() -> Catalog:
        inner.append(update(entry, inner_fetch, lock_timeout))
        return make_catalog(NEW)

    started = time.monotonic()
    assert update(entry, fetch).offerings == NEW
    assert inner[0].offerings == OLD
    (warning,) = inner[0].warnings
    assert "another process has held its lock for too long" in warning and entry.directory in warning
    assert update(entry, pytest.fail).offerings == NEW


def test_a_process_that_timed_out_stores_its_catalog(entry: CacheEntry) -> None:
    def fetch() -> Catalog:
        update(entry, fetch_new, lock_timeout=0)
        raise make_failure()

    assert update(entry, fetch).error == FAILURE
    assert update(entry, pytest.fail).offerings == NEW


def test_a_process_that_timed_out_does_not_share_its_failure(
    entry: CacheEntry, waiting: SharedCounter, start: Start, fetches: SharedCounter
) -> None:
    def fetch() -> Catalog:
        fetches.add()
        wait_until(lambda: int(waiting) == 1)
        assert update(entry, fail_to_fetch, lock_timeout=0).error == FAILURE
        return make_catalog(NEW)

    first = start(lambda: update(entry, fetch))
    wait_until(lambda: int(fetches) == 1)
    second = start(lambda: update(entry, pytest.fail))
    assert [process.outcome().offerings for process in (first, second)] == [NEW, NEW]
