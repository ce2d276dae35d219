# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Read several accounts at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .._errors import SendGridError
from .api import AccountsApi

# At the same time. The vendor documents no limit for connections.
THREADS = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def read_each(
    items: Sequence[Item],
    create_api: Callable[[], AccountsApi],
    read: Callable[[AccountsApi, Item], Result],
    ends: Callable[[SendGridError | None], bool],
) -> list[Result | SendGridError | None]:
    """Return what ``read`` returns for each item, or the error that it raises; ``None`` for items that are not read.

    :param create_api: called once in each thread: two threads must not share a session of requests.
    :param read: sends nothing but GET. Only the main thread can interrupt a write request.
    :param ends: is told about each error, and ``None`` for each success. If it returns true, no more items are read.
    """
    local = threading.local()
    is_ended = threading.Event()
    lock = threading.Lock()

    def run(item: Item) -> Result | SendGridError | None:
        if is_ended.is_set():
            return None
        error = None
        try:
            if not hasattr(local, "api"):
                local.api = create_api()
            return read(local.api, item)
        except SendGridError as caught:
            error = caught
            return caught
        finally:
            with lock:
                if ends(error):
                    is_ended.set()

    if not items:
        return []
    with ThreadPoolExecutor(min(THREADS, len(items))) as pool:
        return list(pool.map(run, items))
