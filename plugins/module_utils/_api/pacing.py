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
from .transport import Request

# In seconds. A longer time until the limit starts anew makes no sense: the header means something else then.
MAXIMUM_WINDOW = 3600
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
        # Operations that have just waited, and those that had waited for nothing.
        self._waited: set[str] = set()
        self._ignored: set[str] = set()
        # Requests that were refused with 429 and will be sent again.
        self._refused: set[Request] = set()
        self._condition = threading.Condition()

    def wait(self, request: Request) -> None:
        """Wait until the API takes one more request, as far as is known."""
        operation = _operation(request)
        while True:
            with self._condition:
                # New requests of other threads would use up the limit each time, before refused ones are sent again.
                self._condition.wait_for(lambda: not self._refused)
                window, now = self._windows.get(operation), self._clock()
                if window is None or window.end <= now:
                    self._windows.pop(operation, None)
                    return
                if window.remaining > 0:
                    self._windows[operation] = window._replace(remaining=window.remaining - 1)
                    return
            self._sleep(min(window.end - now, self._longest))
            with self._condition:
                if self._windows.get(operation) == window:
                    del self._windows[operation]
                    self._waited.add(operation)

    def note(self, request: Request, status: int, headers: Mapping[str, str]) -> None:
        """Remember what a response says about the limit."""
        remaining, now = headers.get("X-RateLimit-Remaining", ""), self._clock()
        wait = seconds_from_now(headers.get("X-RateLimit-Reset"), now)
        operation, window = _operation(request), None
        if re.fullmatch(r"\d{1,9}", remaining, re.ASCII) and 0 < wait <= MAXIMUM_WINDOW:
            window = _Window(int(remaining), now + wait)
        with self._condition:
            if status == 429:
                self._refused.add(request)
            else:
                self.finish(request)
            # If none are left right after the limit has started anew, the header means something else.
            if operation in self._waited:
                self._waited.discard(operation)
                if window and window.remaining == 0:
                    self._ignored.add(operation)
            if window is None or operation in self._ignored:
                return
            known = self._windows.get(operation)
            # Responses arrive in any order, and do not count the requests that are still under way.
            if known and abs(known.end - window.end) <= TOLERANCE:
                window = known._replace(remaining=min(known.remaining, window.remaining))
            self._windows[operation] = window

    def finish(self, request: Request) -> None:
        """Note that ``request`` is not sent again."""
        with self._condition:
            if request in self._refused:
                self._refused.discard(request)
                self._condition.notify_all()


def _operation(request: Request) -> str:
    """Return the method and the path, without the id of the account."""
    path = request.path.partition("?")[0]
    return f"{request.method} {re.sub(r'(?<=/accounts/)[^/]+', '{account_id}', path)}"
