# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How processes share one request, and what is left when one of them is killed or the disk fails.

Nothing here depends on how fast a process is: whoever has to be first waits until the others have come so far.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import json
import multiprocessing
import os
import resource
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog, read_entry
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache_update import update_cache
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from hypothesis import given, settings
from hypothesis import strategies as st

# As the workers of Ansible are made; and what is patched here is patched there.
FORK = multiprocessing.get_context("fork")
PROCESSES = 12
# Only a failing test waits that long.
LONG = 60.0
ENDPOINT = "https://api.example.com"
KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
OLD = [{"name": "old", "type": "addon", "quantity": 1, "entitlements": {}}]
# Longer than the buffer of a file, so that it is written in pieces.
NEW = [{"name": f"new.{number}", "type": "addon", "quantity": 1, "entitlements": {}} for number in range(2000)]
DETAILS = {"status": 503, "host": "api.example.com", "errors": [{"message": "naïve – 日本", "field": None}]}


def catalog(offerings: Any) -> Catalog:
    return Catalog(offerings, ENDPOINT, False, 0, 599)


def failure() -> SendGridError:
    return SendGridError("server_error", "503 Service Unavailable: naïve – 日本.", **DETAILS)


def told(error: SendGridError) -> tuple[str, str, dict[str, Any]]:
    return error.code, error.message, error.details


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


class Tally:
    """Counts what happens in any process."""

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
    """What came of a call: a catalog or a failure, and warnings."""

    def __init__(self, found: Catalog | None, error: tuple[str, str, dict[str, Any]] | None, warned: list[str]) -> None:
        self.found = found
        self.error = error
        self.warned = warned

    @property
    def offerings(self) -> Any:
        return self.found and self.found.offerings


def call(kept: CacheEntry, ask: Callable[[], Catalog], patience: float = LONG, timeout: float = 30) -> Outcome:
    """Call what is tested here."""
    warned: list[str] = []
    try:
        return Outcome(update_cache(kept, [timeout, True], patience, ask, warned.append), None, warned)
    except SendGridError as error:
        return Outcome(None, told(error), warned)


class Process:
    """A call in a process of its own, which is killed at the end of the test if it is still there."""

    def __init__(self, work: Callable[[], Outcome]) -> None:
        self._answer, answer = FORK.Pipe(duplex=False)
        self._process = FORK.Process(target=self._run, args=(work, answer), daemon=True)
        self._process.start()
        answer.close()

    @staticmethod
    def _run(work: Callable[[], Outcome], answer: Connection) -> None:
        answer.send(work())

    def outcome(self) -> Outcome:
        assert self._answer.poll(LONG), "it did not end"
        found = self._answer.recv()
        self._process.join()
        assert isinstance(found, Outcome)
        return found

    def kill(self) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self.has_been_killed()

    def has_been_killed(self, by: int = signal.SIGKILL) -> None:
        self._process.join(LONG)
        assert self._process.exitcode == -by

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._answer.close()


@pytest.fixture
def start() -> Iterator[Callable[[Callable[[], Outcome]], Process]]:
    started: list[Process] = []

    def begin(work: Callable[[], Outcome]) -> Process:
        started.append(Process(work))
        return started[-1]

    yield begin
    for process in started:
        process.end()


Start = Callable[[Callable[[], Outcome]], Process]


@pytest.fixture
def kept(tmp_path: Path) -> CacheEntry:
    return CacheEntry(str(tmp_path / "cache"), 3600, ENDPOINT, KEY, True)


def accepting(kept: CacheEntry, ttl: float) -> CacheEntry:
    """The same place for someone who accepts another age."""
    return CacheEntry(kept.directory, ttl, ENDPOINT, KEY, True)


@pytest.fixture
def asked(tmp_path: Path) -> Tally:
    """How often the API was asked."""
    return Tally(tmp_path / "asked")


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tally:
    """How many processes have found that another one holds the lock."""
    tally = Tally(tmp_path / "waiting")
    real = fcntl.flock
    counted: set[int] = set()

    def flock(descriptor: int, operation: int) -> None:
        try:
            real(descriptor, operation)
        except BlockingIOError:
            if os.getpid() not in counted:
                counted.add(os.getpid())
                tally.add()
            raise

    monkeypatch.setattr(fcntl, "flock", flock)
    return tally


def content(kept: CacheEntry) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(kept.directory).iterdir()}


def fill(kept: CacheEntry, offerings: Any = NEW) -> None:
    """Write a catalog, whatever is there."""
    assert call(accepting(kept, -1), lambda: catalog(offerings)).warned == []


# One request


def test_many_processes_ask_once(kept: CacheEntry, asked: Tally, start: Start) -> None:
    together = FORK.Barrier(PROCESSES)

    def ask() -> Catalog:
        asked.add()
        time.sleep(0.5)
        return catalog(NEW)

    def work() -> Outcome:
        together.wait(LONG)
        return call(kept, ask)

    found = [process.outcome() for process in [start(work) for _count in range(PROCESSES)]]
    assert int(asked) == 1
    assert all(one.offerings == NEW and one.warned == [] for one in found)
    origins = [one.found.metadata for one in found if one.found]
    assert sorted(one["cached"] for one in origins) == [False] + [True] * (PROCESSES - 1)
    assert {one["endpoint"] for one in origins} == {ENDPOINT}
    assert [one["rate_limit_remaining"] for one in origins if not one["cached"]] == [599]


def test_those_who_wait_take_what_was_read_meanwhile(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start
) -> None:
    def ask() -> Catalog:
        asked.add()
        wait_until(lambda: int(waiting) == PROCESSES - 1)
        return catalog(NEW)

    processes = [start(lambda: call(kept, ask)) for _count in range(PROCESSES)]
    assert [process.outcome().offerings for process in processes] == [NEW] * PROCESSES
    assert int(asked) == 1


def test_who_comes_later_does_not_ask(kept: CacheEntry) -> None:
    fill(kept)
    found = call(kept, pytest.fail)
    assert found.offerings == NEW and found.found is not None and found.found.metadata["cached"]


def test_a_catalog_that_is_too_old_is_replaced(kept: CacheEntry, asked: Tally) -> None:
    fill(kept, OLD)
    file = Path(kept.directory, kept.name)
    os.utime(file, (time.time() - 100, time.time() - 100))

    def ask() -> Catalog:
        asked.add()
        return catalog(NEW)

    assert call(kept, ask).offerings == OLD
    assert call(accepting(kept, 50), ask).offerings == NEW
    found = read_entry(kept)
    assert found is not None and found.offerings == NEW and found.cache_age < 50
    assert int(asked) == 1


@pytest.mark.parametrize("offerings", [OLD, NEW], ids=["small", "large"])
def test_age_counts_from_our_clock_and_not_from_that_of_the_disk(
    kept: CacheEntry, offerings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    fill(kept, offerings)
    found = read_entry(kept)
    assert found is not None and found.cache_age == 0


@pytest.mark.parametrize(
    "other",
    [
        {"endpoint": "https://api.eu.example.com"},
        {"api_key": KEY.swapcase()},
        {"verified": False},
        {"directory": "elsewhere"},
    ],
)
def test_other_catalogs_are_neither_waited_for_nor_mixed_up(tmp_path: Path, other: dict[str, Any]) -> None:
    given: dict[str, Any] = {"directory": "cache", "ttl": 60, "endpoint": ENDPOINT, "api_key": KEY, "verified": True}
    one, two = (
        CacheEntry(**{**given, **more, "directory": f"{tmp_path}/{more['directory']}"})
        for more in ({"directory": "cache"}, {"directory": "cache", **other})
    )

    def ask() -> Catalog:
        inner = call(two, lambda: catalog(OLD), patience=0)
        assert inner.offerings == OLD and inner.warned == []
        return catalog(NEW)

    assert call(one, ask).warned == []
    assert call(one, pytest.fail).offerings == NEW
    assert call(two, pytest.fail).offerings == OLD


def test_a_failure_of_one_does_not_reach_another(kept: CacheEntry) -> None:
    other = CacheEntry(kept.directory, kept.ttl, ENDPOINT, KEY.swapcase(), True)

    def fail() -> Catalog:
        assert call(other, lambda: catalog(OLD)).offerings == OLD
        raise failure()

    assert call(kept, fail).error == told(failure())
    assert call(other, pytest.fail).offerings == OLD


# Failures


@pytest.mark.parametrize("earlier", [False, True], ids=["first failure", "same failure as before"])
def test_a_failure_reaches_all_who_wait(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start, earlier: bool
) -> None:
    def fail_at_once() -> Catalog:
        raise failure()

    def fail() -> Catalog:
        asked.add()
        wait_until(lambda: int(waiting) == PROCESSES - 1)
        raise failure()

    if earlier:
        assert call(kept, fail_at_once).error == told(failure())
    found = [process.outcome() for process in [start(lambda: call(kept, fail)) for _count in range(PROCESSES)]]
    assert int(asked) == 1
    assert [one.error for one in found] == [told(failure())] * PROCESSES
    assert [one.warned for one in found] == [[]] * PROCESSES


def test_a_failure_is_not_kept(kept: CacheEntry, asked: Tally) -> None:
    def fail() -> Catalog:
        asked.add()
        raise failure()

    for count in (1, 2, 3):
        assert call(kept, fail).error == told(failure())
        assert int(asked) == count
        assert read_entry(kept) is None
    assert call(kept, lambda: catalog(NEW)).offerings == NEW
    assert call(kept, pytest.fail).offerings == NEW


def test_a_failure_leaves_an_old_catalog_to_those_who_accept_it(kept: CacheEntry) -> None:
    fill(kept, OLD)

    def fail() -> Catalog:
        raise failure()

    assert call(accepting(kept, -1), fail).error == told(failure())
    found = read_entry(kept)
    assert found is not None and found.offerings == OLD


def test_a_success_after_a_failure_reaches_those_who_came_before_both(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start
) -> None:
    # Longer than a page, so that what is left of it would show behind a shorter one.
    def fail_at_length() -> Catalog:
        raise SendGridError("server_error", "x" * 10000)

    assert call(kept, fail_at_length).error is not None

    def ask() -> Catalog:
        asked.add()
        wait_until(lambda: int(waiting) == 1)
        return catalog(NEW)

    found = [process.outcome() for process in [start(lambda: call(kept, ask)) for _count in range(2)]]
    assert [one.offerings for one in found] == [NEW] * 2
    assert int(asked) == 1


def test_a_shorter_failure_replaces_a_longer_one(kept: CacheEntry, waiting: Tally, start: Start) -> None:
    def fail_at_length() -> Catalog:
        raise SendGridError("server_error", "x" * 10000)

    def fail() -> Catalog:
        wait_until(lambda: int(waiting) == 1)
        raise failure()

    call(kept, fail_at_length)
    found = [process.outcome() for process in [start(lambda: call(kept, fail)) for _count in range(2)]]
    assert [one.error for one in found] == [told(failure())] * 2


def test_a_failure_is_not_shared_with_those_who_would_ask_in_another_manner(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start
) -> None:
    def fail() -> Catalog:
        asked.add()
        wait_until(lambda: int(waiting) == 2)
        raise failure()

    def ask() -> Catalog:
        asked.add()
        return catalog(NEW)

    impatient = start(lambda: call(kept, fail, timeout=1))
    wait_until(lambda: int(asked) == 1)
    others = [start(lambda: call(kept, ask)) for _count in range(2)]
    assert impatient.outcome().error == told(failure())
    assert [process.outcome().offerings for process in others] == [NEW] * 2
    assert int(asked) == 2


def test_a_failure_of_the_past_is_not_raised_because_its_file_was_touched(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start
) -> None:
    def fail() -> Catalog:
        raise failure()

    def ask() -> Catalog:
        asked.add()
        wait_until(lambda: int(waiting) == 1)
        os.utime(Path(kept.directory, f"{kept.name}.lock"))
        time.sleep(0.2)
        return catalog(NEW)

    call(kept, fail)
    found = [process.outcome() for process in [start(lambda: call(kept, ask)) for _count in range(2)]]
    assert [one.offerings for one in found] == [NEW] * 2
    assert int(asked) == 1


@pytest.mark.parametrize("news", [b"5", b"null", b"[]", b'["", [30, true], "code", "text", 7]', b"[" * 100000, b"{"])
def test_other_news_are_no_failure(kept: CacheEntry, waiting: Tally, start: Start, news: bytes) -> None:
    def ask() -> Catalog:
        wait_until(lambda: int(waiting) == 1)
        Path(kept.directory, f"{kept.name}.lock").write_bytes(news)
        time.sleep(0.2)
        return catalog(NEW)

    found = [process.outcome() for process in [start(lambda: call(kept, ask)) for _count in range(2)]]
    assert [one.offerings for one in found] == [NEW] * 2


def test_a_failure_that_could_not_be_shared_makes_the_others_ask(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start
) -> None:
    def fail() -> Catalog:
        asked.add()
        if int(asked) == 1:
            wait_until(lambda: int(waiting) == 2)
            # A limit that leaves no room for all of it, as a full disk does.
            resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
            raise failure()
        return catalog(NEW)

    found = [process.outcome() for process in [start(lambda: call(kept, fail)) for _count in range(3)]]
    assert sorted(str(one.error) for one in found) == sorted([str(told(failure())), "None", "None"])
    assert [one.offerings for one in found if one.error is None] == [NEW] * 2
    # The others ask side by side, unless one comes so late that it finds what another has kept.
    assert int(asked) in (2, 3)


@pytest.mark.parametrize("times", [0, 1, 2])
def test_who_waits_for_a_catalog_that_cannot_be_kept_does_not_wait_on(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(os, "rename", broken(errno.ENOSPC))
    for _time in range(times):
        call(kept, lambda: catalog(NEW))

    def ask() -> Catalog:
        asked.add()
        if int(asked) == 1:
            wait_until(lambda: int(waiting) == 3)
        else:
            # They ask side by side, not one after another.
            wait_until(lambda: int(asked) == 4)
        return catalog(NEW)

    found = [process.outcome() for process in [start(lambda: call(kept, ask)) for _count in range(4)]]
    assert [(one.offerings == NEW, len(one.warned)) for one in found] == [(True, 1)] * 4


def test_a_library_that_is_missing_here_may_be_there_elsewhere(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start
) -> None:
    def fail() -> Catalog:
        asked.add()
        wait_until(lambda: int(waiting) == 1)
        raise SendGridError("missing_library", "not here")

    first = start(lambda: call(kept, fail))
    wait_until(lambda: int(asked) == 1)
    second = start(lambda: call(kept, lambda: catalog(NEW)))
    outcomes = [first.outcome(), second.outcome()]
    assert sorted(str(one.error) for one in outcomes) == ["('missing_library', 'not here', {})", "None"]


class Unexpected(BaseException):
    """Such as the timeout of a task, which no handler of exceptions may stop."""


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt, Unexpected, OSError, ValueError])
def test_whatever_else_ends_a_request_frees_the_lock(kept: CacheEntry, kind: type[BaseException]) -> None:
    def fail() -> NoReturn:
        raise kind("here")

    with pytest.raises(kind, match="here"):
        call(kept, fail)
    assert read_entry(kept) is None
    found = call(kept, lambda: catalog(NEW), patience=0)
    assert found.offerings == NEW and found.warned == []


# Killed


def test_a_process_killed_while_it_asks_is_replaced(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start
) -> None:
    def ask() -> Catalog:
        asked.add()
        if int(asked) == 1:
            time.sleep(LONG)
        return catalog(NEW)

    first = start(lambda: call(kept, ask))
    wait_until(lambda: int(asked) == 1)
    others = [start(lambda: call(kept, ask)) for _count in range(4)]
    wait_until(lambda: int(waiting) == 4)
    first.kill()
    found = [process.outcome() for process in others]
    assert [(one.offerings, one.warned) for one in found] == [(NEW, [])] * 4
    assert int(asked) == 2


def die(*arguments: object, **keywords: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def killer(name: str, when: str, nth: int) -> Callable[..., Any]:
    """Return what stands in for a function of C(os): it ends the process before or after its nth call."""
    real = getattr(os, name)
    calls = itertools.count(1)

    def function(*arguments: Any, **keywords: Any) -> Any:
        fatal = next(calls) == nth
        if fatal and when == "before":
            die()
        result = real(*arguments, **keywords)
        if fatal:
            die()
        return result

    return function


# The calls with which a catalog is written, and those with which a failure is shared.
STORING = ["unlink", "open", "utime", "rename"]
SHARING = ["pwrite", "ftruncate"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", STORING + SHARING)
@pytest.mark.parametrize("before", [None, OLD], ids=["first", "again"])
def test_a_process_killed_at_any_call_leaves_the_old_or_the_new(
    kept: CacheEntry, waiting: Tally, start: Start, name: str, when: str, before: Any
) -> None:
    if before:
        fill(kept, before)
    # Now there is a file to unlink, as after an earlier accident.
    Path(kept.directory).mkdir(0o700, exist_ok=True)
    Path(kept.directory, f"{kept.name}.new").write_text("left behind")
    strict = accepting(kept, -1)
    ready = FORK.Event()

    def ask() -> Catalog:
        ready.set()
        wait_until(lambda: int(waiting) == 1)
        setattr(os, name, killer(name, when, 1))
        if name in SHARING:
            raise failure()
        return catalog(NEW)

    first = start(lambda: call(strict, ask))
    assert ready.wait(LONG)
    second = start(lambda: call(strict, lambda: catalog(NEW)))
    first.has_been_killed()
    found = second.outcome()
    # Nobody accepts an old catalog here, so it asks, unless it was left a failure.
    is_left = name in SHARING and (name, when) != ("pwrite", "before")
    expected = (None, told(failure())) if is_left else (NEW, None)
    assert (found.offerings, found.error, found.warned) == (*expected, [])
    left = read_entry(kept)
    assert (left and left.offerings) == (before if found.error else NEW)
    # Whoever comes next is not held up by anything that is left behind.
    again = call(strict, lambda: catalog(NEW), patience=0)
    assert (again.offerings, again.warned) == (NEW, [])


@pytest.mark.parametrize("name", STORING)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_while_it_stores_never_spoils_what_is_there(
    kept: CacheEntry, start: Start, name: str, when: str
) -> None:
    fill(kept, OLD)
    Path(kept.directory, f"{kept.name}.new").write_text("left behind")

    def ask() -> Catalog:
        setattr(os, name, killer(name, when, 1))
        return catalog(NEW)

    start(lambda: call(accepting(kept, -1), ask)).has_been_killed()
    left = read_entry(kept)
    assert left is not None
    assert left.offerings == (NEW if (name, when) == ("rename", "after") else OLD)


def test_a_process_killed_amid_the_file_leaves_the_old(kept: CacheEntry, start: Start) -> None:
    fill(kept, OLD)

    def ask() -> Catalog:
        # The kernel writes as much as the limit allows and then ends the process.
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        return catalog(NEW)

    start(lambda: call(accepting(kept, -1), ask)).has_been_killed(signal.SIGXFSZ)
    assert len(content(kept)[f"{kept.name}.new"]) == 10000
    assert call(kept, pytest.fail).offerings == OLD
    assert call(accepting(kept, -1), lambda: catalog(NEW)).warned == []
    assert call(kept, pytest.fail).offerings == NEW
    assert sorted(content(kept)) == sorted([kept.name, f"{kept.name}.lock"])


# Patience


@pytest.mark.parametrize("patience", [0, 0.1])
def test_waiting_ends_with_the_patience(kept: CacheEntry, patience: float) -> None:
    inner: list[Outcome] = []

    def ask_too() -> Catalog:
        assert time.monotonic() - began >= patience
        return catalog(OLD)

    def ask() -> Catalog:
        inner.append(call(kept, ask_too, patience))
        return catalog(NEW)

    began = time.monotonic()
    assert call(kept, ask).offerings == NEW
    assert inner[0].offerings == OLD
    (warning,) = inner[0].warned
    assert "another process has held its lock for too long" in warning and kept.directory in warning
    assert call(kept, pytest.fail).offerings == NEW


def test_who_has_lost_patience_keeps_its_answer_for_others(kept: CacheEntry) -> None:
    def ask() -> Catalog:
        call(kept, lambda: catalog(NEW), patience=0)
        raise failure()

    assert call(kept, ask).error == told(failure())
    assert call(kept, pytest.fail).offerings == NEW


def test_who_has_lost_patience_does_not_speak_for_the_one_that_holds_the_lock(
    kept: CacheEntry, waiting: Tally, start: Start, asked: Tally
) -> None:
    def fail() -> Catalog:
        raise failure()

    def ask() -> Catalog:
        asked.add()
        wait_until(lambda: int(waiting) == 1)
        assert call(kept, fail, patience=0).error == told(failure())
        return catalog(NEW)

    first = start(lambda: call(kept, ask))
    wait_until(lambda: int(asked) == 1)
    second = start(lambda: call(kept, pytest.fail))
    assert [process.outcome().offerings for process in (first, second)] == [NEW, NEW]


# Disks


def broken(code: int) -> Callable[..., NoReturn]:
    def fail(*arguments: object, **keywords: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO])
def test_a_disk_without_locks_costs_a_warning(kept: CacheEntry, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", broken(code))
    found = call(kept, lambda: catalog(NEW))
    assert found.offerings == NEW
    (warning,) = found.warned
    assert os.strerror(code) in warning and kept.directory in warning
    assert read_entry(kept) is not None


def test_without_locks_processes_do_not_spoil_what_others_write(
    kept: CacheEntry, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", broken(errno.ENOLCK))
    together = FORK.Barrier(PROCESSES)

    def work() -> Outcome:
        together.wait(LONG)
        return call(accepting(kept, -1), lambda: catalog(NEW))

    found = [process.outcome() for process in [start(work) for _count in range(PROCESSES)]]
    assert [one.offerings for one in found] == [NEW] * PROCESSES
    left = read_entry(kept)
    assert left is None or left.offerings == NEW


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.ENAMETOOLONG])
@pytest.mark.parametrize("name", ["mkdir", "open", "fstat", "pread", "unlink", "utime", "rename"])
def test_a_disk_that_fails_costs_a_warning(
    kept: CacheEntry, name: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, name, broken(code))
        found = call(kept, lambda: catalog(NEW))
    assert found.offerings == NEW and found.found is not None and not found.found.metadata["cached"]
    assert found.warned and all(os.strerror(code) in warning and kept.directory in warning for warning in found.warned)
    assert len(found.warned) == 1
    again = call(kept, lambda: catalog(NEW), patience=0)
    assert again.offerings == NEW and again.warned == []


@pytest.mark.parametrize("ending", [".lock", ".new"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EMFILE])
def test_a_disk_on_which_nothing_can_be_created_costs_a_warning(
    kept: CacheEntry, code: int, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(kept, OLD)
    real = os.open

    def fail_to_create(path: Any, flags: int, *arguments: Any, **keywords: Any) -> int:
        if str(path).endswith(ending):
            raise OSError(code, os.strerror(code))
        return real(path, flags, *arguments, **keywords)

    monkeypatch.setattr(os, "open", fail_to_create)
    found = call(accepting(kept, -1), lambda: catalog(NEW))
    assert found.offerings == NEW
    assert len(found.warned) == 1 and os.strerror(code) in found.warned[0]
    left = read_entry(kept)
    assert left is not None and left.offerings == (NEW if ending == ".lock" else OLD)


def test_a_disk_that_gets_full_costs_a_warning_and_not_the_old_catalog(kept: CacheEntry, start: Start) -> None:
    fill(kept, OLD)

    def ask() -> Catalog:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        return catalog(NEW)

    found = start(lambda: call(accepting(kept, -1), ask)).outcome()
    assert found.offerings == NEW
    assert len(found.warned) == 1 and os.strerror(errno.EFBIG) in found.warned[0]
    assert call(kept, pytest.fail).offerings == OLD


def test_a_disk_that_gets_full_is_not_filled_with_what_nobody_can_read(
    kept: CacheEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "utime", broken(errno.ENOSPC))
    assert len(call(kept, lambda: catalog(NEW)).warned) == 1
    assert list(content(kept)) == [f"{kept.name}.lock"]


def test_those_who_wait_learn_that_a_failure_cannot_be_shared(
    kept: CacheEntry, asked: Tally, waiting: Tally, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pwrite", broken(errno.ENOSPC))

    def fail() -> Catalog:
        asked.add()
        # They ask side by side, not one after another.
        wait_until(lambda: int(waiting) == 3 if int(asked) == 1 else int(asked) == 4)
        raise failure()

    found = [process.outcome() for process in [start(lambda: call(kept, fail)) for _count in range(4)]]
    assert [one.error for one in found] == [told(failure())] * 4


def test_a_disk_that_makes_up_modes_costs_a_warning(kept: CacheEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fstat

    def open_to_all(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        mode = status.st_mode | (0o055 if stat.S_ISREG(status.st_mode) else 0)
        return os.stat_result((mode, *status[1:]))

    monkeypatch.setattr(os, "fstat", open_to_all)
    found = call(kept, lambda: catalog(NEW))
    assert found.offerings == NEW
    (warning,) = found.warned
    assert "files in it cannot be kept from other users" in warning
    assert list(content(kept)) == [f"{kept.name}.lock"]


def test_a_failure_on_a_full_disk_stays_what_it_is(kept: CacheEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Catalog:
        monkeypatch.setattr(os, "ftruncate", broken(errno.ENOSPC))
        monkeypatch.setattr(os, "pwrite", broken(errno.ENOSPC))
        raise failure()

    found = call(kept, fail)
    assert found.error == told(failure()) and found.warned == []


def directory_of_somebody_else(path: Path) -> None:
    path.mkdir(0o700)
    os.chown(path, 54321, -1)


def directory_for_all(path: Path) -> None:
    path.mkdir()
    path.chmod(0o777)


def link(path: Path) -> None:
    path.with_name("elsewhere").mkdir(0o700)
    path.symlink_to("elsewhere")


UNSAFE: dict[str, Callable[[Path], None]] = {
    "a file": lambda path: path.touch(),
    "a link": link,
    "for all": directory_for_all,
    "of somebody else": directory_of_somebody_else,
}


@pytest.mark.parametrize("what", UNSAFE)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_directory_that_is_not_safe_is_left_alone(kept: CacheEntry, what: str, slash: str) -> None:
    if what == "of somebody else" and os.geteuid():
        pytest.skip("only root can give a directory away")
    path = Path(kept.directory)
    UNSAFE[what](path)
    kept = CacheEntry(f"{path}{slash}", kept.ttl, ENDPOINT, KEY, True)
    for _count in range(2):
        found = call(kept, lambda: catalog(NEW))
        assert found.offerings == NEW and len(found.warned) == 1
        assert str(path) in found.warned[0]
    assert not path.is_dir() or not any(path.iterdir())


@pytest.mark.parametrize(
    "directory", ["~/cache", "~nobody-of-that-name/cache", "~", "", "/dev/null/cache", "/proc/cache", "nul\0", "\ud800"]
)
def test_a_directory_that_cannot_be_made_costs_a_warning(
    kept: CacheEntry, tmp_path: Path, directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = call(CacheEntry(directory, kept.ttl, ENDPOINT, KEY, True), lambda: catalog(NEW))
    assert found.offerings == NEW and len(found.warned) == 1
    assert found.warned[0].isprintable()
    if directory.startswith("~"):
        assert "there is no home directory" in found.warned[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("directory", ["cache", "a/b/cache", "a/b/cache/"])
def test_a_directory_is_made_where_it_is_missing(
    kept: CacheEntry, tmp_path: Path, directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kept = CacheEntry(directory, kept.ttl, ENDPOINT, KEY, True)
    assert call(kept, lambda: catalog(NEW)).warned == []
    assert call(kept, pytest.fail).offerings == NEW


def test_a_directory_removed_meanwhile_costs_a_warning(kept: CacheEntry) -> None:
    def ask() -> Catalog:
        for path in Path(kept.directory).iterdir():
            path.unlink()
        os.rmdir(kept.directory)
        return catalog(NEW)

    found = call(kept, ask)
    assert found.offerings == NEW and len(found.warned) == 1
    assert call(kept, lambda: catalog(NEW)).warned == []


@pytest.mark.parametrize("ending", ["", ".lock", ".new"])
@pytest.mark.parametrize("what", ["a directory", "a pipe", "a link"])
def test_what_is_in_the_way_is_replaced_or_costs_a_warning(
    kept: CacheEntry, tmp_path: Path, ending: str, what: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("of the user")
    path = Path(kept.directory, f"{kept.name}{ending}")
    path.parent.mkdir(0o700)
    if what == "a directory":
        path.mkdir()
    elif what == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(victim)
    found = call(kept, lambda: catalog(NEW))
    assert found.offerings == NEW
    kept_all_the_same = ending == ".lock" or what != "a directory"
    assert len(found.warned) == (0 if kept_all_the_same and ending != ".lock" else 1)
    left = read_entry(kept)
    assert (left and left.offerings) == (NEW if kept_all_the_same else None)
    assert victim.read_text() == "of the user"


# What is written


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
@pytest.mark.parametrize("fails", [False, True])
def test_nobody_else_can_read_what_is_written(kept: CacheEntry, mask: int, fails: bool) -> None:
    def ask() -> Catalog:
        if fails:
            raise failure()
        return catalog(NEW)

    before = os.umask(mask)
    try:
        call(kept, ask)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(kept.directory).st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in Path(kept.directory).iterdir()}
    lock = {f"{kept.name}.lock": 0o600}
    assert modes == (lock if fails else {kept.name: 0o600, **lock})


def test_nobody_else_can_read_what_is_being_written(kept: CacheEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = os.rename

    def look(source: str, target: str, **keywords: Any) -> None:
        seen.append(stat.S_IMODE(os.stat(source, dir_fd=keywords["src_dir_fd"]).st_mode))
        real(source, target, **keywords)

    monkeypatch.setattr(os, "rename", look)
    before = os.umask(0)
    try:
        call(kept, lambda: catalog(NEW))
    finally:
        os.umask(before)
    assert seen == [0o600]


def test_the_key_is_neither_in_a_file_nor_in_a_name(kept: CacheEntry) -> None:
    def fail() -> Catalog:
        raise failure()

    call(kept, fail)
    fill(kept)
    written = content(kept)
    assert any(b"server_error" in text for text in written.values())
    for name, text in written.items():
        for part in KEY.split("."):
            assert part == "SG" or (part not in name and part.encode() not in text)


def test_what_is_written_can_be_told_from_other_files(kept: CacheEntry) -> None:
    fill(kept, OLD)
    assert content(kept)[kept.name].startswith(b"reseller.sendgrid catalog ")
    assert json.loads(content(kept)[kept.name].partition(b"\n")[2]) == OLD


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)


# No deadline: it writes, and a disk can be slow.
@settings(max_examples=50, deadline=None)
@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=4))
def test_what_is_read_equals_what_was_written(offerings: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        kept = CacheEntry(f"{directory}/cache", 3600, ENDPOINT, KEY, True)
        assert call(kept, lambda: catalog(offerings)).warned == []
        found = read_entry(kept)
        assert found is not None and found.offerings == offerings
        # 1 and 1.0 are equal, and not the same in a template.
        assert json.dumps(found.offerings) == json.dumps(offerings)


@pytest.mark.parametrize("name", ["lone \ud800 surrogate", "nul \0", "line\nfeed", "\u2028"])
def test_names_are_kept_whatever_they_are(kept: CacheEntry, name: str) -> None:
    offerings = [{"name": name}]
    fill(kept, offerings)
    assert call(kept, pytest.fail).offerings == offerings


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_stays_open(kept: CacheEntry, fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> Catalog:
        if fails:
            raise failure()
        return catalog(NEW)

    call(accepting(kept, -1), ask)
    before = os.listdir("/dev/fd")
    call(accepting(kept, -1), ask)
    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", broken(errno.ENOLCK))
        call(accepting(kept, -1), ask)
    Path(kept.directory).chmod(0o777)
    call(accepting(kept, -1), ask)
    assert len(os.listdir("/dev/fd")) == len(before)
