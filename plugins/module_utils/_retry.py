# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""How long to wait before a request is sent again."""

from __future__ import annotations

import email.utils
import random
from collections.abc import Mapping

# Larger numbers are a point in time, smaller ones a span: documents of the vendor describe X-RateLimit-Reset as either.
EPOCH = 10**8


def delay_before_retry(headers: Mapping[str, str], limited: bool, attempt: int, now: float, longest: float) -> float:
    """Return how many seconds to wait, between 0 and I(longest), before attempt number I(attempt) + 1.

    What the server asks for comes first: C(Retry-After), which the API does not document, then C(X-RateLimit-Reset).
    Where it asks for nothing usable, the wait doubles from 1 s. Jitter keeps hosts that failed together apart; it does
    not shorten what the server asks for, unless that is longer than I(longest).

    :param headers: of the answer, without regard to case; empty if there was none.
    :param limited: whether the answer was 429; the API sends C(X-RateLimit-Reset) with all others too.
    :param now: seconds since the epoch.
    """
    asked = _seconds(headers.get("Retry-After"), now)
    if limited and not asked:
        asked = _seconds(headers.get("X-RateLimit-Reset"), now)
    if asked:
        return min(asked + random.uniform(0, 1), longest) if asked <= longest else longest * random.uniform(0.8, 1)
    return min(2.0 ** min(attempt - 1, 16) * random.uniform(0.5, 1), longest)


def _seconds(value: str | None, now: float) -> float:
    """Return the seconds from I(now) that the header asks to wait, 0 if it is absent, past or garbage."""
    try:
        seconds = float(value or 0)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(str(value)).timestamp()
        except (TypeError, ValueError, OverflowError):
            return 0
    return max(0, seconds - now if seconds > EPOCH else seconds)
