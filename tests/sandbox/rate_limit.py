# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate limit: one fixed window for all keys."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass


@dataclass
class RateLimit:
    """At most ``limit`` requests in ``window`` seconds. 0 turns off the limit and its headers."""

    limit: int
    window: float = 60
    # The vendor documents two meanings of X-RateLimit-Reset: seconds since the epoch, and seconds from now.
    reset: str = "epoch"

    def __post_init__(self) -> None:
        if not isinstance(self.limit, int) or isinstance(self.limit, bool) or self.limit < 0:
            raise ValueError("limit must be an integer, 0 or more")
        if not isinstance(self.window, (int, float)) or isinstance(self.window, bool) or not 0 < self.window <= 86_400:
            raise ValueError("window must be seconds, more than 0 and a day at most")
        if self.reset not in ("epoch", "delta"):
            raise ValueError("reset must be epoch or delta")
        self._used = 0
        self._window_end = 0.0

    def take(self) -> tuple[bool, dict[str, str]]:
        """Count one request. Return whether it is within the limit, and the headers of its response."""
        if not self.limit:
            return True, {}
        now = time.time()
        if now >= self._window_end:
            self._used, self._window_end = 0, now + self.window
        self._used += 1
        return self._used <= self.limit, {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self._used)),
            "X-RateLimit-Reset": str(math.ceil(self._window_end if self.reset == "epoch" else self._window_end - now)),
        }
