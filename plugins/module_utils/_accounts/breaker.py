# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""When a task with many accounts ends early."""

from __future__ import annotations

from collections.abc import Sequence

from .._errors import Code, SendGridError
from .rows import Row

# They concern all requests: those that follow would fail too.
FATAL_CODES: tuple[Code, ...] = ("unauthorized", "forbidden", "region_restricted", "tls", "missing_library")
# They may concern one request. Two in a row do not.
TEMPORARY_CODES: tuple[Code, ...] = ("connection", "timeout", "rate_limited", "server_error")


class Breaker:
    """Counts failures.

    :ivar error: the one that ends the task, ``None`` before.
    """

    def __init__(self) -> None:
        self.error: SendGridError | None = None
        self._in_a_row = 0

    def ends(self, error: SendGridError | None) -> bool:
        """Return whether the task has to end.

        :param error: why the last account failed, ``None`` if it did not.
        """
        self._in_a_row = self._in_a_row + 1 if error and _may_concern_others(error) else 0
        if error and self.error is None and (error.code in FATAL_CODES or self._in_a_row == 2):
            self.error = error
        return self.error is not None


def _may_concern_others(error: SendGridError) -> bool:
    # Whatever answers a creation with nonsense does so each time, and each time an account may be billed.
    is_uncertain_creation = error.details.get("method") == "POST" and bool(error.details.get("uncertain"))
    return error.code in TEMPORARY_CODES or is_uncertain_creation


def ended_by(error: SendGridError, rows: Sequence[Row]) -> SendGridError:
    """Return the error of a task that the failure of a row has ended."""
    label = next((f"{row.label}: " for row in rows if row.failure is error), "")
    message = f"{label}{error.message} This ended the task: what was left was not attempted."
    return SendGridError(error.code, message, **error.details)
