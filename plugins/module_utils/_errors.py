# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The one exception of the collection, and how text from outside is made fit to print."""

from __future__ import annotations

import html
import re
import unicodedata
import urllib.parse
from typing import Any, Literal

MASK = "********"
# Also of a key that is in the wrong place.
KEY = re.compile(r"\bSG\.[\w-]{22}\.[\w-]{43}")


def clean(text: object, secret: str = "", limit: int = 300) -> str:
    """Return I(text) on one line, without control characters and without I(secret), at most I(limit) characters long.

    Servers echo what they are sent, and a terminal obeys what it is shown: neither may reach a log.
    """
    masked = str(text).replace(secret, MASK) if secret else str(text)
    # Some of what is not shown is searched too, or else the first half of a key could be left.
    if secret and _holds(masked[: 10 * limit + 10 * len(secret)], secret):
        masked = MASK
    # Cut twice, because a name can be as large as an answer.
    masked = KEY.sub(MASK, masked[: 10 * limit])
    printable = "".join(" " if _is_hidden(char) else char for char in masked)
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char)[0] in "CZ"


def _holds(text: str, secret: str) -> bool:
    """Return whether a person could read I(secret) from I(text), which may be escaped or spaced out."""
    for _time in range(3):
        if secret in "".join(char for char in text if not _is_hidden(char)):
            return True
        text = re.sub(r"\\u([\da-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
        text = re.sub(r"\\(.)", r"\1", html.unescape(urllib.parse.unquote(text)))
    return False


def summary(problems: list[str], between: str = "; ") -> str:
    """Return the first five of I(problems) as one text, and how many more there are."""
    more = len(problems) - 5
    return between.join(problems[:5] + ([f"and {more} more"] if more > 0 else []))


def quoted(text: str, limit: int = 300) -> str:
    """Return I(text) in quotes, with an escape for all that cannot be seen or may look like something else."""
    return ascii(text if len(text) <= limit else text[: limit - 3] + "...")


# What a playbook can branch on: RV(failure.code) of the modules. The lookup has no result; the last is its alone.
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
    "unverified_account",
    "account_state",
    "unknown_offering",
]


class SendGridError(Exception):
    """A failure that a person can act on and a playbook can branch on.

    :param message: one line: what happened, where, and what to do next.
    :param details: plain data for RV(failure.details); never holds the API key.
    """

    def __init__(self, code: Code, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def result(self) -> dict[str, Any]:
        """Return what a module gives to C(fail_json)."""
        return {
            "msg": self.message,
            "failure": {"code": self.code, "message": self.message, "details": self.details},
        }


def invalid_options(problems: list[tuple[str, str]]) -> SendGridError:
    """Return one error for all I(problems), pairs of option and message."""
    return SendGridError(
        "invalid_option",
        "; ".join(f"{option}: {message}" if option else message for option, message in problems),
        problems=[{"option": option or None, "message": message} for option, message in problems],
    )
