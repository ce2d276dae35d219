# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""When a task with many accounts ends early."""

from __future__ import annotations

from .._errors import Code, SendGridError

# They concern all requests: those that follow would fail too.
FATAL: tuple[Code, ...] = ("unauthorized", "forbidden", "region_restricted", "tls", "missing_library")
# They may concern one request. Two in a row do not.
TEMPORARY: tuple[Code, ...] = ("connection", "timeout", "rate_limited", "server_error")


class Breaker:
    """Counts failures."""

    def __init__(self) -> None:
        self._error: SendGridError | None = None
        self._in_a_row = 0

    def ends(self, error: SendGridError | None) -> bool:
        """Return whether the task has to end.

        :param error: why the last account failed, ``None`` if it did not.
        """
        self._in_a_row = self._in_a_row + 1 if error and error.code in TEMPORARY else 0
        if error and self._error is None and (error.code in FATAL or self._in_a_row == 2):
            self._error = error
        return self._error is not None

    def check(self) -> None:
        """:raises SendGridError: the failure that has ended the task, if one has."""
        if error := self._error:
            message = f"{error.message} This ended the task: what was left was not attempted."
            raise SendGridError(error.code, message, **error.details) from error
