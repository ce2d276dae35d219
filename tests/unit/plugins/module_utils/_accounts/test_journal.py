# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the creation journal: locks, disks, owners, clean-up, and processes that are killed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts import accounts_task
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.journal import Journal, decode
from ansible_collections.reseller.sendgrid.tests.support.accounts_task import Task, customer, seed, stored
from ansible_collections.reseller.sendgrid.tests.support.journal_files import journal_files, make_journal, put_entry
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

EMAIL = "owner-1@example.com"
HIDDEN = 86_400
PROCESSES = 12


def outcome(task: Task) -> str:
    (row,) = task.result["accounts"]
    return str(row["failure"]["code"] if row["failure"] else row["action"])


def fork(work: Callable[[], object]) -> int:
    """Run ``work`` in another process, and return its ID."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return process


def fail_with(code: int) -> Callable[..., Any]:
    def function(*_arguments: Any, **_keywords: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return function


# What is wrong with the journal


def unsafe_directory(path: Path) -> None:
    path.parent.chmod(0o777)


def symlink(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))
    path.parent.symlink_to("elsewhere")


def other_owner(path: Path) -> None:
    os.chown(path.parent, 12345, 12345)


def unsafe_file(path: Path) -> None:
    path.chmod(0o644)


def no_directory(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("")


PROBLEMS = [unsafe_directory, symlink, unsafe_file, no_directory]


@pytest.mark.parametrize("problem", PROBLEMS + ([other_owner] if os.geteuid() == 0 else []))
def test_a_journal_that_cannot_be_used_is_a_warning(sandbox: Sandbox, problem: Callable[[Path], None]) -> None:
    problem(put_entry(sandbox, EMAIL, "sgother", 30))
    task = Task(sandbox, customer(1), customer(2)).run()
    assert task.actions() == ["created", "created"]
    (warning,) = task.warnings
    assert "nothing prevents that a second run" in warning and sandbox.cache_dir in warning and warning.isprintable()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_cannot_be_written_is_a_warning(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    put_entry(sandbox, "owner-2@example.com", None, 30)
    real = os.open

    def open_for_reading(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_RDWR:
            raise OSError(code, os.strerror(code))
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", open_for_reading)
    task = Task(sandbox, customer(1)).run()
    assert outcome(task) == "created" and len(task.warnings) == 1 and os.strerror(code) in task.warnings[0]
    # What is there still counts.
    assert outcome(Task(sandbox, customer(2)).run_anyway()) == "creation_pending"


def test_a_disk_that_is_full_after_the_creation_keeps_the_entry(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwrite
    calls: list[Any] = []

    def pwrite(*arguments: Any) -> int:
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments)

    monkeypatch.setattr(os, "pwrite", pwrite)
    task = Task(sandbox, customer(1)).run()
    assert outcome(task) == "created" and len(task.warnings) == 1
    (content,) = journal_files(sandbox).values()
    entry = decode(content)
    assert entry is not None and entry.account_id is None


def test_the_entry_is_on_the_disk_before_the_request(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync

    def fsync(file: int) -> None:
        synced.append(sandbox.count())
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    Task(sandbox, customer(1)).run()
    # The directory and the entry before the request, and the entry after it.
    assert len(synced) == 3 and synced[0] == synced[1] == synced[2] - 1


# Locks


def test_a_task_waits_for_the_process_that_creates_the_account(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "/list-lag", HIDDEN)
    sandbox.fault(method="POST", delay=0.5)
    process = fork(lambda: Task(sandbox, customer(1)).run())
    while not any(journal_files(sandbox).values()):
        time.sleep(0.01)
    task = Task(sandbox, customer(1), retries=1).run()
    assert outcome(task) == "unchanged" and len(sandbox.control("GET", "/accounts")) == 1
    assert os.waitpid(process, 0)[1] == 0


def test_a_wait_is_bounded(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put_entry(sandbox, EMAIL, None, 700)
    with path.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # The real one waits as long as the client may take for one request.
        monkeypatch.setattr(
            accounts_task, "open_journal", lambda *_arguments: contextlib.closing(make_journal(sandbox))
        )
        task = Task(sandbox, customer(1), customer(2)).run_anyway()
    # Other customers do not wait.
    assert [row["action"] for row in task.result["accounts"]] == ["failed", "created"]
    failure = task.result["accounts"][0]["failure"]
    assert failure["code"] == "creation_pending" and failure["details"]["journal"] == str(path)


def test_a_process_that_waited_for_a_removed_file_opens_a_new_one(sandbox: Sandbox) -> None:
    path = put_entry(sandbox, EMAIL, None, 30)
    reading, writing = os.pipe()

    def wait() -> None:
        journal = Journal(sandbox.cache_dir, sandbox.endpoint, sandbox.key, 30, print)
        # The lock belongs to the open file, which a child inherits.
        file.close()
        os.write(writing, b"x")
        with journal.lock(EMAIL) as slot:
            assert slot.entry is None
            slot.write("sgnew")

    with path.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        process = fork(wait)
        os.read(reading, 1)
        time.sleep(0.1)
        path.unlink()
    assert os.waitpid(process, 0)[1] == 0
    entry = decode(path.read_bytes())
    assert entry is not None and entry.account_id == "sgnew"


def run_task(sandbox: Sandbox, number: int) -> None:
    Task(sandbox, customer(number), retries=4).run()


@pytest.mark.parametrize("customers", [1, PROCESSES])
def test_many_processes_create_each_account_once(sandbox: Sandbox, customers: int) -> None:
    sandbox.control("PUT", "/rate-limit", {"limit": 0})
    sandbox.control("PUT", "/list-lag", HIDDEN)
    processes = [fork(functools.partial(run_task, sandbox, number % customers)) for number in range(PROCESSES)]
    assert [os.waitpid(process, 0)[1] for process in processes] == [0] * PROCESSES
    sandbox.control("PUT", "/list-lag", 0)
    emails = Counter(account["profile"]["email"] for account in sandbox.control("GET", "/accounts"))
    assert len(emails) == customers and set(emails.values()) == {1}


# Clean-up


def test_old_files_are_removed_unless_they_are_locked(sandbox: Sandbox) -> None:
    old, locked = (put_entry(sandbox, f"old-{number}@example.com", None, 700) for number in range(2))
    young = put_entry(sandbox, "young@example.com", None, 600)
    with locked.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        seed(sandbox, customer(1))
    assert not old.exists() and locked.exists() and young.exists()


# Killed


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("module", "name", "nth"),
    [
        *(("os", "mkdir", nth) for nth in (1, 2)),
        *(("os", "open", nth) for nth in range(1, 5)),
        ("fcntl", "flock", 1),
        ("os", "pread", 1),
        *(("os", "pwrite", nth) for nth in (1, 2)),
        *(("os", "fsync", nth) for nth in (1, 2, 3)),
        ("socket", "sendall", 1),
        ("os", "close", 1),
    ],
)
def test_a_process_killed_at_any_system_call_creates_no_second_account(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, module: str, name: str, nth: int, when: str
) -> None:
    def run() -> None:
        task = Task(sandbox, customer(1), before_apply=lambda _task: kill_at(module, name, nth, when))
        task.run()

    process = fork(run)
    status = os.waitpid(process, 0)[1]
    assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL
    time.sleep(0.05)
    existing = len(sandbox.control("GET", "/accounts"))
    sandbox.control("PUT", "/list-lag", HIDDEN)
    task = Task(sandbox, customer(1)).run_anyway()
    assert len(sandbox.control("GET", "/accounts")) == 1 or (existing == 0 and outcome(task) == "creation_pending")
    assert outcome(task) in ("created", "creation_pending", "unchanged") and task.warnings == []
    # Nobody is locked out for longer than ten minutes.
    for content in journal_files(sandbox).values():
        entry = decode(content)
        assert not content or (entry is not None and entry.ends_at <= time.time() + 600)
    sandbox.control("PUT", "/list-lag", 0)
    assert outcome(Task(sandbox, customer(1)).run_anyway()) in ("created", "unchanged") or existing == 0
    assert len(sandbox.control("GET", "/accounts")) <= 1


def kill_at(module: str, name: str, nth: int, when: str) -> None:
    """Make the nth call of a function kill this process, before or after it does what it does."""
    import socket

    owner: Any = {"os": os, "fcntl": fcntl, "socket": socket.socket}[module]
    real = getattr(owner, name)
    calls: list[str] = []

    def function(*arguments: Any, **keywords: Any) -> Any:
        calls.append(name)
        if len(calls) == nth and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments, **keywords)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, function)


def test_an_interrupted_request_stays_in_the_journal(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", delay=5)
    process = fork(lambda: Task(sandbox, customer(1)).run())
    while not any(journal_files(sandbox).values()):
        time.sleep(0.01)
    os.kill(process, signal.SIGTERM)
    os.waitpid(process, 0)
    journal = make_journal(sandbox)
    assert journal.is_young(journal.peek(EMAIL))
    assert outcome(Task(sandbox, customer(1)).run_anyway()) in ("creation_pending", "created")
    assert len(stored(sandbox)) <= 1
