# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Fill the cache: one process reads the catalog, all others that need it wait for that. No HTTP, no Ansible."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import secrets
import time
from collections.abc import Callable
from typing import Any

from .._errors import SendGridError
from .._text import clean
from .cache import CacheEntry, Catalog, header_of, is_private, open_directory, read_entry

# Of a shared failure, in bytes.
MAXIMUM_FAILURE = 1024 * 1024
NO_FAILURE_SHARED = b"\0"


def update_cache(
    entry: CacheEntry,
    client_settings: list[Any],
    lock_timeout: float,
    fetch: Callable[[], Catalog],
    warn: Callable[[str], None],
) -> Catalog:
    """Return the catalog that another process has stored meanwhile, else what ``fetch`` returns.

    One process at a time calls ``fetch``. A failure also reaches the processes that were waiting, if they have the same
    ``client_settings``; a process that comes later calls ``fetch`` itself. If the directory cannot be used, that costs
    a request and a warning, never an error.

    :param client_settings: plain data, everything that may decide whether ``fetch`` fails.
    :param lock_timeout: how long to wait for other processes, in seconds.
    :raises SendGridError: ``fetch`` failed, here or in the process that this one was waiting for.
    """
    with contextlib.ExitStack() as stack:
        directory = lock = problem = None
        try:
            directory = create_directory(entry.directory)
            stack.callback(os.close, directory)
            file = os.open(f"{entry.name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=directory)
            stack.callback(os.close, file)
            before = _read_shared_failure(file)
            give_up_at = time.monotonic() + lock_timeout
            while lock is None:
                lock = file if try_lock(file) else None
                if found := read_entry(entry):
                    return found
                if (failure := _read_shared_failure(file)) != before:
                    if failure.startswith(NO_FAILURE_SHARED):
                        break
                    _raise_shared_failure(failure, client_settings)
                if lock is None and time.monotonic() > give_up_at:
                    raise TimeoutError("another process has held its lock for too long")
                if lock is None:
                    time.sleep(random.uniform(0.01, 0.05))
        # A ValueError: no file can have that name.
        except (OSError, ValueError) as error:
            problem = error
        try:
            catalog = fetch()
        except SendGridError as error:
            # Other processes may run another Python, which has the library.
            if lock is not None and error.code != "missing_library":
                _share_failure(lock, client_settings, error)
            raise
        fetched_at = time.time()
        try:
            if directory is not None:
                _store(directory, entry.name, catalog, fetched_at)
        except OSError as error:
            problem = problem or error
            if lock is not None:
                _release_waiting(lock)
    if problem:
        warn(_warning(entry.directory, problem))
    return catalog


def _warning(directory: str, problem: Exception) -> str:
    reason = getattr(problem, "strerror", None) or str(problem)
    if os.path.islink(directory):
        reason = "it is a symbolic link"
    return (
        f"The cache of the catalog in {clean(directory)} cannot be used: {clean(reason)}. Until that is mended, or "
        "cache_dir names another directory, each use of the catalog may send a request."
    )


def create_directory(path: str) -> int:
    """Return a descriptor of the directory, which is created if it does not exist.

    :raises OSError: it cannot be created, or is not safe.
    """
    if path.startswith("~"):
        raise OSError("there is no home directory")
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
    return open_directory(path)


def try_lock(file: int) -> bool:
    """Return whether this process has the lock now."""
    # The kernel releases the lock of a process that is killed.
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_shared_failure(lock: int) -> bytes:
    """Return the content of the lock file, which changes with each failure that is shared."""
    return os.pread(lock, MAXIMUM_FAILURE, 0)


def _share_failure(lock: int, client_settings: list[Any], error: SendGridError) -> None:
    """Write ``error`` for the processes that are waiting. Later ones know this content from the start and ignore it."""
    # The token distinguishes it from the same failure before.
    failure = json.dumps([secrets.token_hex(), client_settings, error.code, error.message, error.details]).encode()
    try:
        os.pwrite(lock, failure, 0)
        os.ftruncate(lock, len(failure))
    except OSError:
        _release_waiting(lock)


def _release_waiting(lock: int) -> None:
    """Tell waiting processes to fetch at once, side by side. This works on a full disk too: it writes no data."""
    with contextlib.suppress(OSError):
        # Another length than the last time, so that the change is seen.
        length = 2 if os.fstat(lock).st_size == 1 else 1
        os.ftruncate(lock, 0)
        os.ftruncate(lock, length)


def _raise_shared_failure(failure: bytes, client_settings: list[Any]) -> None:
    """Raise the failure of another process, if it is complete and the settings are the same."""
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        _token, settings, code, message, details = json.loads(failure)
        if settings == client_settings:
            raise SendGridError(code, message, **details)


def _store(directory: int, name: str, catalog: Catalog, fetched_at: float) -> None:
    body = json.dumps(catalog.offerings).encode()
    new = f"{name}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(new, dir_fd=directory)
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=directory), "wb") as stream:
            # Some file systems invent modes and owners. Then read_entry would refuse the file.
            if not is_private(os.fstat(stream.fileno())):
                raise PermissionError("files in it cannot be kept from other users")
            stream.write(header_of(body) + b"\n" + body)
            stream.flush()
            os.utime(stream.fileno(), (fetched_at, fetched_at))
        os.rename(new, name, src_dir_fd=directory, dst_dir_fd=directory)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(new, dir_fd=directory)
        raise
