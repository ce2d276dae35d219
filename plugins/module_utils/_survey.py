# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Choose from the accounts of a reseller's customers, and read more about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts import Accounts, email_of, lowered
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError

Result = TypeVar("Result")


def survey(accounts: Accounts, option: Callable[[str], Any], warn: Callable[[str], None]) -> dict[str, Any]:
    """Return C(accounts) and C(missing), what was asked for and is not listed.

    :param option: gives C(account_ids), C(emails) and C(include).
    :param warn: takes what is strange but no failure.
    """
    ids, emails, include = option("account_ids"), option("emails"), option("include")
    listed = accounts.listed()
    chosen, missing = listed, []
    if ids is not None or emails is not None:
        asked_ids, asked_emails = set(ids or []), {lowered(email) for email in emails or []}
        chosen = [account for account in listed if account["id"] in asked_ids or email_of(account) in asked_emails]
        found_ids, found_emails = {account["id"] for account in listed}, {email_of(account) for account in listed}
        missing = [one for one in ids or [] if one not in found_ids]
        missing += [one for one in emails or [] if lowered(one) not in found_emails]
        if asked_emails and listed and found_emails == {None}:
            warn("No account in the list has an email, so none can be found by its email.")
    readers: dict[str, Callable[[str], Any]] = {"offerings": accounts.offerings, "state": accounts.state}
    found = [{**account, **{key: _read(readers[key], account["id"]) for key in include}} for account in chosen]
    return {"accounts": found, "missing": missing}


def _read(reader: Callable[[str], Result], account_id: str) -> Result | None:
    """Return what I(reader) does, V(None) for an account that was deleted since, or created a moment ago."""
    try:
        return reader(account_id)
    except SendGridError as error:
        if error.code != "not_found":
            raise
        return None
