# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The one exception of the collection, and the failure codes that playbooks branch on."""

from __future__ import annotations

from typing import Any, Literal

# ``failure.code`` of the modules. A lookup has no result; the last code occurs only there.
Code = Literal[
    "missing_library",
    "invalid_option",
    "connection",
    "timeout",
    "tls",
    "bad_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "rate_limited",
    "region_restricted",
    "server_error",
    "unexpected_response",
    "gate_violations",
    "ambiguous_account",
    "ambiguous_api_key",
    "unverified_account",
    "creation_pending",
    "account_state",
    "accounts_failed",
    "limit_exceeded",
    "plan_changed",
    "invalid_snapshot",
    "empty_catalog",
    "unknown_offering",
]


class SendGridError(Exception):
    """A failure that a person can act on and a playbook can branch on.

    :param message: one line: what happened, where, and what to do next.
    :param details: plain data for ``failure.details``; never contains the API key.
    """

    def __init__(self, code: Code, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def result(self) -> dict[str, Any]:
        """Return the arguments for ``fail_json``."""
        return {
            "msg": self.message,
            "failure": {"code": self.code, "message": self.message, "details": self.details},
        }


def invalid_options(problems: list[tuple[str, str]]) -> SendGridError:
    """Return one ``invalid_option`` error for all ``problems``, pairs of option and message."""
    return SendGridError(
        "invalid_option",
        "; ".join(f"{option}: {message}" if option else message for option, message in problems),
        problems=[{"option": option or None, "message": message} for option, message in problems],
    )
