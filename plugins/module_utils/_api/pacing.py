# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Waiting before the API limits the rate, instead of after."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .responses import seconds_from_now

# In seconds. A longer time until the limit starts anew makes no sense: the header means something else then.
MAXIMUM_WINDOW = 3600
# How much longer a request waits, in seconds: until those that were refused have been sent again, with their jitter. New
# requests would use up the limit before them each time.
MARGIN = 1
# How far two responses may differ, in seconds, about when the limit starts anew.
TOLERANCE = 2


class _Window(NamedTuple):
    """How many requests are left until ``end``, in seconds since the epoch."""

    remaining: int
    end: float


class Pacing:
    """Keeps the requests of all threads below the limit that ``X-RateLimit-Remaining`` and ``-Reset`` tell.

    The vendor does not document whether operations share a limit, so each has its own here.

    :param longest: the longest wait, in seconds.
    :param clock: returns seconds since the epoch.
    :param sleep: takes seconds.
    """

    def __init__(
        self,
        longest: float,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._longest = longest
        self._clock = clock
        self._sleep = sleep
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()

    def wait(self, method: str, path: str) -> None:
        """Wait until the API takes one more request, as far as is known."""
        operation = _operation(method, path)
        with self._lock:
            window = self._windows.get(operation)
            now = self._clock()
            if window is None or window.end <= now:
                self._windows.pop(operation, None)
                return
            if window.remaining > 0:
                self._windows[operation] = window._replace(remaining=window.remaining - 1)
                return
        self._sleep(min(window.end - now + MARGIN, self._longest))
        with self._lock:
            if self._windows.get(operation) == window:
                del self._windows[operation]

    def note(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Remember what a response says about the limit."""
        remaining = headers.get("X-RateLimit-Remaining", "")
        now = self._clock()
        wait = seconds_from_now(headers.get("X-RateLimit-Reset"), now)
        if not re.fullmatch(r"\d{1,9}", remaining, re.ASCII) or not 0 < wait <= MAXIMUM_WINDOW:
            return
        operation, window = _operation(method, path), _Window(int(remaining), now + wait)
        with self._lock:
            known = self._windows.get(operation)
            # Responses arrive in any order, and do not count the requests that are still under way.
            if known and abs(known.end - window.end) <= TOLERANCE:
                window = known._replace(remaining=min(known.remaining, window.remaining))
            self._windows[operation] = window


def _operation(method: str, path: str) -> str:
    """Return the method and the path, without the id of the account."""
    return f"{method} {re.sub(r'(?<=/accounts/)[^/]+', '{account_id}', path.partition('?')[0])}"
