# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""A lock that the processes of one user on one machine share: a file."""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator

from .._catalog.cache_update import create_directory, try_lock


def lock_file(directory: int, name: str, timeout: float, sleep: Callable[[float], None] = time.sleep) -> int:
    """Wait for the lock of a file, which is created if it does not exist, and return its descriptor.

    :param timeout: how long to wait for other processes, in seconds.
    :param sleep: takes seconds.
    :raises TimeoutError: another process has held it for all that time.
    """
    give_up_at = time.monotonic() + timeout
    while True:
        file = _open_or_create(directory, name)
        try:
            while not try_lock(file):
                if time.monotonic() > give_up_at:
                    raise TimeoutError(f"another process has held the lock for more than {timeout:g} s")
                sleep(random.uniform(0.01, 0.05))
            if _is_same_file(file, directory, name):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _open_or_create(directory: int, name: str) -> int:
    flags = os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(name, os.O_RDWR | os.O_CREAT | flags, 0o600, dir_fd=directory)
    except OSError as error:
        # What is on a disk that is read-only or full still counts.
        try:
            return os.open(name, os.O_RDONLY | flags, dir_fd=directory)
        except OSError:
            raise error from None


def _is_same_file(file: int, directory: int, name: str) -> bool:
    """Return whether ``name`` is still the open file. If its last holder has deleted it, nobody else sees its lock."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(name, dir_fd=directory, follow_symlinks=False))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def hold_lock(directory: str, name: str, timeout: float, unusable: Callable[[OSError], None]) -> Iterator[None]:
    """Hold the lock inside the ``with`` statement.

    :param name: of the file, which is deleted at the end.
    :param timeout: how long to wait for other processes, in seconds.
    :param unusable: is called if the directory cannot be used. Nothing is locked then.
    :raises TimeoutError: another process has held it for all that time.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = create_directory(directory)
            stack.callback(os.close, folder)
            stack.callback(os.close, lock_file(folder, name, timeout))
            # Before it is closed. Whoever waits for the file that is deleted here notices that, and opens a new one.
            stack.callback(_delete, folder, name)
        except TimeoutError:
            raise
        except OSError as error:
            unusable(error)
        yield


def _delete(folder: int, name: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)
