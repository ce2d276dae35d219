# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Fill the cache: one process asks the API, all others that need the same wait for it. No HTTP, no Ansible."""

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

from ansible_collections.reseller.sendgrid.plugins.module_utils._cache import (
    Catalog,
    Place,
    header_of,
    is_private,
    load,
    open_directory,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError, clean

MAXIMUM_FAILURE = 1024 * 1024
# What the lock file starts with when there is nothing to wait for: a hole, which needs no space.
IN_VAIN = b"\0"


def refresh(
    kept: Place, manner: list[Any], patience: float, ask: Callable[[], Catalog], warn: Callable[[str], None]
) -> Catalog:
    """Return what another process has read in the meantime, else what I(ask) returns, called by one process at a time.

    A failure reaches those who were waiting when it happened, if they would have asked in the same manner; who comes
    later asks again. Whatever is wrong with the directory costs a request and a warning.

    :param manner: plain data, whatever may decide whether I(ask) fails.
    :param patience: for how many seconds to wait for other processes.
    :raises SendGridError: I(ask) failed, here or in the process that this one was waiting for.
    """
    with contextlib.ExitStack() as stack:
        directory = lock = problem = None
        try:
            directory = _directory(kept.directory)
            stack.callback(os.close, directory)
            file = os.open(f"{kept.name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=directory)
            stack.callback(os.close, file)
            before = _news(file)
            deadline = time.monotonic() + patience
            while lock is None:
                lock = file if _is_locked(file) else None
                if found := load(kept):
                    return found
                if (news := _news(file)) != before:
                    if news.startswith(IN_VAIN):
                        break
                    _raise(news, manner)
                if lock is None and time.monotonic() > deadline:
                    raise TimeoutError("another process has held its lock for too long")
                if lock is None:
                    time.sleep(random.uniform(0.01, 0.05))
        # A name that no file can have is a ValueError.
        except (OSError, ValueError) as error:
            problem = error
        try:
            catalog = ask()
        except SendGridError as error:
            # Other processes may run another Python, which has the library.
            if lock is not None and error.code != "missing_library":
                _share(lock, manner, error)
            raise
        answered = time.time()
        try:
            if directory is not None:
                _store(directory, kept.name, catalog, answered)
        except OSError as error:
            problem = problem or error
            if lock is not None:
                _give_up(lock)
    if problem:
        warn(_warning(kept.directory, problem))
    return catalog


def _warning(directory: str, problem: Exception) -> str:
    reason = getattr(problem, "strerror", None) or str(problem)
    if os.path.islink(directory):
        reason = "it is a symbolic link"
    return (
        f"The cache of the catalog in {clean(directory)} cannot be used: {clean(reason)}. Until that is mended, or "
        "cache_dir names another directory, each use of the catalog may send a request."
    )


def _directory(path: str) -> int:
    if path.startswith("~"):
        raise OSError("there is no home directory")
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
    return open_directory(path)


def _is_locked(file: int) -> bool:
    """Try to lock I(file); the kernel releases the lock of a process that is killed."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _news(lock: int) -> bytes:
    """Return what changes when the process that holds I(lock) has news for those that wait for it."""
    return os.pread(lock, MAXIMUM_FAILURE, 0)


def _share(lock: int, manner: list[Any], error: SendGridError) -> None:
    """Leave I(error) to those who wait; who comes later knows it from the start, and asks."""
    failure = json.dumps([secrets.token_hex(), manner, error.code, error.message, error.details]).encode()
    try:
        os.pwrite(lock, failure, 0)
        os.ftruncate(lock, len(failure))
    except OSError:
        _give_up(lock)


def _give_up(lock: int) -> None:
    """Tell those who wait that it is in vain; a full disk allows this much."""
    with contextlib.suppress(OSError):
        # Longer or shorter than the last time, or else nobody would notice.
        length = 2 if os.fstat(lock).st_size == 1 else 1
        os.ftruncate(lock, 0)
        os.ftruncate(lock, length)


def _raise(news: bytes, manner: list[Any]) -> None:
    """Raise the failure that another process has left, if it is whole, and if this one would have failed the same."""
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        _token, asked, code, message, details = json.loads(news)
        if asked == manner:
            raise SendGridError(code, message, **details)


def _store(directory: int, name: str, catalog: Catalog, answered: float) -> None:
    body = json.dumps(catalog.offerings).encode()
    new = f"{name}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(new, dir_fd=directory)
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=directory), "wb") as stream:
            # Some file systems make up modes and owners, and then nobody would read what is written here.
            if not is_private(os.fstat(stream.fileno())):
                raise PermissionError("files in it cannot be kept from other users")
            stream.write(header_of(body) + b"\n" + body)
            stream.flush()
            os.utime(stream.fileno(), (answered, answered))
        os.rename(new, name, src_dir_fd=directory, dst_dir_fd=directory)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(new, dir_fd=directory)
        raise
