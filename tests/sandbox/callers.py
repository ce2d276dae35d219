# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who sends a request: a reseller, or one of the accounts of a reseller with an API key of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts import Account, Accounts
from api_keys import ApiKey
from credentials import NOT_A_RESELLER, read_bearer_token


@dataclass
class Reseller:
    key: str
    accounts: Accounts = field(default_factory=Accounts)
    # Of the reseller's own account. A request without on-behalf-of acts on it.
    api_keys: list[ApiKey] = field(default_factory=list)


@dataclass(frozen=True)
class Caller:
    """:param status: 200, or the status of a refusal, 401 or 403.
    :param reseller: ``None`` for the key of an account and for refused requests.
    :param api_key: the key of an account.
    """

    status: int
    reseller: Reseller | None = None
    api_key: ApiKey | None = None


def identify(authorization: str | None, resellers: list[Reseller]) -> Caller:
    """Return who has sent a request with this ``Authorization`` header."""
    token = read_bearer_token(authorization)
    for reseller in resellers:
        if token == reseller.key:
            return Caller(200, reseller)
        for account in reseller.accounts.all():
            for api_key in account.api_keys:
                if token == api_key.secret:
                    return Caller(200, None, api_key)
    return Caller(403 if token == NOT_A_RESELLER else 401)


def find_account(account_id: str, resellers: list[Reseller]) -> Account | None:
    found = (reseller.accounts.get(account_id) for reseller in resellers)
    return next((account for account in found if account), None)
