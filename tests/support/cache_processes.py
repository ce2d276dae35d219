# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that use one cache directory at the same time, for the tests of ``update_cache``.

No test depends on the speed of a process: each step waits until all processes have finished the previous step.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache_update import update_cache
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError

# Ansible forks its workers too. Patches of a test also apply in a forked process.
FORK = multiprocessing.get_context("fork")
PROCESSES = 12
# In seconds. Only a test that fails waits that long.
LONG_TIMEOUT = 60.0
ENDPOINT = "https://api.example.com"
KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
OLD = [{"name": "old", "type": "addon", "quantity": 1, "entitlements": {}}]
# Longer than the buffer of a file, so that several writes are needed.
NEW = [{"name": f"new.{number}", "type": "addon", "quantity": 1, "entitlements": {}} for number in range(2000)]
DETAILS = {"status": 503, "host": "api.example.com", "errors": [{"message": "naïve – 日本", "field": None}]}


def make_catalog(offerings: Any) -> Catalog:
    return Catalog(offerings, ENDPOINT, False, 0, 599)


def fetch_new() -> Catalog:
    return make_catalog(NEW)


def make_failure() -> SendGridError:
    return SendGridError("server_error", "503 Service Unavailable: naïve – 日本.", **DETAILS)


def fail_to_fetch() -> NoReturn:
    raise make_failure()


def fields_of(error: SendGridError) -> tuple[str, str, dict[str, Any]]:
    return error.code, error.message, error.details


# Of ``make_failure``.
FAILURE = fields_of(make_failure())


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG_TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.01)


class SharedCounter:
    """Counts events in all processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def add(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        os.write(descriptor, b".")
        os.close(descriptor)

    def __int__(self) -> int:
        return self._path.stat().st_size


class Outcome:
    """The outcome of ``update_cache``: a catalog or the fields of a failure, and the warnings."""

    def __init__(
        self, catalog: Catalog | None, error: tuple[str, str, dict[str, Any]] | None, warnings: list[str]
    ) -> None:
        self.catalog = catalog
        self.error = error
        self.warnings = warnings

    @property
    def offerings(self) -> Any:
        return self.catalog and self.catalog.offerings


def update(
    entry: CacheEntry, fetch: Callable[[], Catalog], lock_timeout: float = LONG_TIMEOUT, timeout: float = 30
) -> Outcome:
    """Call ``update_cache``.

    :param lock_timeout: the longest wait for the lock, in seconds.
    :param timeout: the timeout of a request, in seconds. Only processes with the same client settings share a failure.
    """
    warnings: list[str] = []
    try:
        return Outcome(update_cache(entry, [timeout, True], lock_timeout, fetch, warnings.append), None, warnings)
    except SendGridError as error:
        return Outcome(None, fields_of(error), warnings)


class Process:
    """A forked process that calls ``work``."""

    def __init__(self, work: Callable[[], Outcome]) -> None:
        self._receiver, sender = FORK.Pipe(duplex=False)
        self._process = FORK.Process(target=self._run, args=(work, sender), daemon=True)
        self._process.start()
        sender.close()

    @staticmethod
    def _run(work: Callable[[], Outcome], sender: Connection) -> None:
        sender.send(work())

    def outcome(self) -> Outcome:
        assert self._receiver.poll(LONG_TIMEOUT), "the process did not end"
        outcome = self._receiver.recv()
        self._process.join()
        assert isinstance(outcome, Outcome)
        return outcome

    def kill(self) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self.join_killed()

    def join_killed(self, by: int = signal.SIGKILL) -> None:
        """Wait until a signal has ended the process."""
        self._process.join(LONG_TIMEOUT)
        assert self._process.exitcode == -by

    def close(self) -> None:
        """Kill the process if it still runs."""
        self._process.kill()
        self._process.join()
        self._receiver.close()


Start = Callable[[Callable[[], Outcome]], Process]


def with_ttl(entry: CacheEntry, ttl: float) -> CacheEntry:
    """Return the same entry with another ``ttl``. With -1 it accepts no stored catalog."""
    return CacheEntry(entry.directory, ttl, ENDPOINT, KEY, True)


def read_files(entry: CacheEntry) -> dict[str, bytes]:
    """Return the content of each file in the directory of ``entry``."""
    return {path.name: path.read_bytes() for path in Path(entry.directory).iterdir()}


def store(entry: CacheEntry, offerings: Any = NEW) -> None:
    """Store a catalog, even if there is one."""
    assert update(with_ttl(entry, -1), lambda: make_catalog(offerings)).warnings == []


def raise_os_error(code: int) -> Callable[..., NoReturn]:
    """Return a function that fails with ``code``."""

    def fail(*arguments: object, **keywords: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return fail
