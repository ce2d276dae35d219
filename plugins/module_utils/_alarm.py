# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""A time limit on what must not go on in another thread after it was reported as failed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _LateError(Exception):
    """Not an OSError: urllib3 takes one for an address that does not answer, and goes on to the next."""


@contextmanager
def alarm(seconds: float, late: type[Exception]) -> Iterator[None]:
    """Raise I(late) in the main thread if what follows takes longer than I(seconds)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise _LateError

    former = signal.signal(signal.SIGALRM, ring)
    # Once: one that rings again could do so where nobody expects it.
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _LateError:
        raise late from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former or signal.SIG_DFL)
