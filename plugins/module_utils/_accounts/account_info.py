# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Select accounts and read more about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .._errors import SendGridError
from .api import AccountsApi
from .identity import email_of, normalize_email

Result = TypeVar("Result")


def read_accounts(api: AccountsApi, option: Callable[[str], Any], warn: Callable[[str], None]) -> dict[str, Any]:
    """Return the results ``accounts``, and ``missing``: the ids and emails that are not listed.

    :param option: maps ``account_ids``, ``emails`` and ``include`` to their values.
    :param warn: takes anomalies that are no failure.
    """
    ids, emails, include = option("account_ids"), option("emails"), option("include")
    listed = api.list_accounts()
    chosen, missing = listed, []
    if ids is not None or emails is not None:
        wanted_ids, wanted_emails = set(ids or []), {normalize_email(email) for email in emails or []}
        chosen = [account for account in listed if account["id"] in wanted_ids or email_of(account) in wanted_emails]
        found_ids, found_emails = {account["id"] for account in listed}, {email_of(account) for account in listed}
        missing = [account_id for account_id in ids or [] if account_id not in found_ids]
        missing += [email for email in emails or [] if normalize_email(email) not in found_emails]
        if wanted_emails and listed and found_emails == {None}:
            warn("No account in the list has an email, so none can be found by its email.")
    readers: dict[str, Callable[[str], Any]] = {"offerings": api.get_offerings, "state": api.get_state}
    accounts = [
        {**account, **{key: _read_if_found(readers[key], account["id"]) for key in include}} for account in chosen
    ]
    return {"accounts": accounts, "missing": missing}


def _read_if_found(read: Callable[[str], Result], account_id: str) -> Result | None:
    """Return what ``read`` returns, ``None`` for an account that was deleted meanwhile, or created a moment ago."""
    try:
        return read(account_id)
    except SendGridError as error:
        if error.code != "not_found":
            raise
        return None
