# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""A lock that processes of one user on one machine share: a file that exists while somebody holds or wants it."""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator

from .._catalog.cache_update import create_directory, try_lock


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
            give_up_at = time.monotonic() + timeout
            while (file := _open_locked(folder, name)) is None:
                if time.monotonic() > give_up_at:
                    raise TimeoutError(f"another process has held the lock for more than {timeout:g} s")
                time.sleep(random.uniform(0.01, 0.05))
            stack.callback(os.close, file)
            # Before it is closed. Whoever waits for the file that is deleted here notices that, and opens a new one.
            stack.callback(_delete, folder, name)
        except TimeoutError:
            raise
        except OSError as error:
            unusable(error)
        yield


def _open_locked(folder: int, name: str) -> int | None:
    """Return the descriptor of the file if this process has its lock now."""
    file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    is_held = False
    try:
        # The file may have been deleted between the two. Then the lock is one of a file that nobody else sees.
        is_held = try_lock(file) and _is_same_file(file, folder, name)
    finally:
        if not is_held:
            os.close(file)
    return file if is_held else None


def _is_same_file(file: int, folder: int, name: str) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _delete(folder: int, name: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name, dir_fd=folder)
