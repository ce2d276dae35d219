# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts of the reseller, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from itertools import islice
from time import monotonic
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from api_keys import ApiKey

STATES = ("activated", "deactivated", "suspended", "banned", "indeterminate")
WRITABLE_STATES = STATES[:2]


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Account:
    id: str
    number: int
    profile: dict[str, str]
    offerings: list[dict[str, Any]]
    test: bool = False
    state: str = "activated"
    created_at: str = field(default_factory=_now)
    updated_at: str = field(default_factory=_now)
    # Mails in this month.
    used: int = 0
    api_keys: list[ApiKey] = field(default_factory=list)
    # Seconds of a clock that never jumps.
    created: float = field(default_factory=monotonic)

    def update(self, *, state: str | None = None, offerings: list[dict[str, Any]] | None = None) -> None:
        self.state = self.state if state is None else state
        if self.state == "banned":
            self.api_keys.clear()
        self.offerings = self.offerings if offerings is None else offerings
        self.updated_at = _now()

    def to_dict(self) -> dict[str, Any]:
        """Return all data of the account, but no secrets."""
        return {**asdict(self), "api_keys": [key.details() for key in self.api_keys]}

    def summary(self) -> dict[str, str]:
        """Return the account as the list operation shows it."""
        email = {"email": self.profile["email"]} if "email" in self.profile else {}
        return {"id": self.id, **email, "created_at": self.created_at, "updated_at": self.updated_at}


class Accounts:
    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        # Includes deleted accounts, because their ids can still be the offset of the next page.
        self._numbers: dict[str, int] = {}
        # How long the list does not show a new account, in seconds.
        self.list_lag: float = 0

    def __len__(self) -> int:
        return len(self._accounts)

    def get(self, account_id: str) -> Account | None:
        return self._accounts.get(account_id)

    def all(self) -> list[Account]:
        return list(self._accounts.values())

    def create(self, profile: dict[str, str], offerings: list[dict[str, Any]], *, test: bool) -> Account:
        return self._add(uuid4().hex, profile, offerings, test)

    def delete(self, account: Account) -> None:
        del self._accounts[account.id]

    def was_issued(self, account_id: str) -> bool:
        """Return whether an account has or had this id."""
        return account_id in self._numbers

    def page(self, limit: int, after: str | None) -> list[Account]:
        """Return the accounts that follow one, in the order of creation.

        :param after: the id of an account, which may be deleted; ``None`` starts with the first account.
        """
        start = self._numbers[after] if after else 0
        newest = monotonic() - self.list_lag
        found = (one for one in self._accounts.values() if one.number > start and one.created <= newest)
        return list(islice(found, limit))

    def add_examples(self, count: int, packages: Sequence[str], prefix: str) -> None:
        """Add accounts with the same ids in every run, so that examples and tests can name them.

        :param prefix: distinguishes the ids of several resellers.
        """
        for number in range(1, count + 1):
            profile = {"company_name": f"Customer {number}", "email": f"customer-{number}@example.com"}
            names = packages[number % len(packages) :][:1] if packages else ()
            offerings = [{"name": name, "type": "package", "quantity": 1} for name in names]
            self._add(uuid5(NAMESPACE_OID, f"{prefix}{number}").hex, profile, offerings, test=False)

    def _add(self, id_suffix: str, profile: dict[str, str], offerings: list[dict[str, Any]], test: bool) -> Account:
        account = Account(f"sg{id_suffix}", len(self._numbers) + 1, profile, offerings, test)
        self._numbers[account.id] = account.number
        self._accounts[account.id] = account
        return account
