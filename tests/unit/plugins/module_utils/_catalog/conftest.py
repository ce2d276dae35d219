# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Offerings, and fixtures for the tests of ``update_cache`` with several processes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.offerings import Offering
from ansible_collections.reseller.sendgrid.tests.support.cache_processes import (
    ENDPOINT,
    KEY,
    Outcome,
    Process,
    SharedCounter,
    Start,
)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process, which is killed at the end of the test if it still runs."""
    processes: list[Process] = []

    def start_process(work: Callable[[], Outcome]) -> Process:
        processes.append(Process(work))
        return processes[-1]

    yield start_process
    for process in processes:
        process.close()


@pytest.fixture
def entry(tmp_path: Path) -> CacheEntry:
    return CacheEntry(str(tmp_path / "cache"), 3600, ENDPOINT, KEY, True)


@pytest.fixture
def fetches(tmp_path: Path) -> SharedCounter:
    """Counts the requests."""
    return SharedCounter(tmp_path / "fetches")


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SharedCounter:
    """Counts the processes that have found the lock held by another process."""
    counter = SharedCounter(tmp_path / "waiting")
    real = fcntl.flock
    counted: set[int] = set()

    def flock(descriptor: int, operation: int) -> None:
        try:
            real(descriptor, operation)
        except BlockingIOError:
            if os.getpid() not in counted:
                counted.add(os.getpid())
                counter.add()
            raise

    monkeypatch.setattr(fcntl, "flock", flock)
    return counter


@pytest.fixture
def offerings() -> list[Offering]:
    return [
        {"name": name, "type": kind, "quantity": 1, "entitlements": entitlements}
        for name, kind, entitlements in (
            ("p.one.v1", "package", {"sends": 10, "ips": 0}),
            ("p.two.v1", "package", {"sends": 20, "ips": True, "words": "many"}),
            ("x.ip.v2", "addon", {"ips": 1}),
        )
    ]
