# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What identifies an account, and the states that a reseller can give it. No I/O, no Ansible."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .._text import ACCOUNT_ID_PATTERN, quoted

WRITABLE_STATES = ("activated", "deactivated")


def is_account_id(value: object) -> bool:
    """Return whether ``value`` can stand in a path as the id of an account."""
    return isinstance(value, str) and bool(re.fullmatch(ACCOUNT_ID_PATTERN, value, re.ASCII))


def id_problems(option: str, account_id: str) -> list[tuple[str, str]]:
    """Return what is wrong with ``account_id``, as pairs of option and message."""
    if is_account_id(account_id):
        return []
    message = f"{quoted(account_id, 60)} is no id of an account, which is made of letters, digits, - and _"
    return [(option, message)]


def email_of(account: dict[str, Any]) -> str | None:
    """Return the normalized email of a listed account, ``None`` without one: the API does not promise to list it."""
    email = account.get("email")
    return normalize_email(email) if isinstance(email, str) and email.strip() else None


def normalize_email(email: str) -> str:
    """Return ``email`` for comparison. Not case-folded: that would make strasse.example of straße.example."""
    return unicodedata.normalize("NFC", email).strip().lower()


class Listing:
    """The accounts that the API lists.

    :param accounts: as the API returns them.
    :param read_at: when the list was asked for, in seconds since the epoch.
    """

    def __init__(self, accounts: list[dict[str, Any]], read_at: float = 0) -> None:
        self.accounts = accounts
        self.read_at = read_at
        self._by_email: dict[str | None, list[dict[str, Any]]] = {}
        for account in accounts:
            self._by_email.setdefault(email_of(account), []).append(account)
        self._ids = {account["id"].lower() for account in accounts}

    def has_id(self, account_id: str) -> bool:
        """Return whether the account is listed, in any case: nobody says that ids differ by it."""
        return account_id.lower() in self._ids

    def with_email(self, email: str | None) -> list[dict[str, Any]]:
        """Return the accounts with this email, with ``None`` those that are listed without one."""
        return self._by_email.get(email and normalize_email(email), [])
