# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Find the accounts of rows, and read what their plans need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._errors import SendGridError
from .._text import summary
from .api import AccountsApi, Result
from .breaker import Breaker, ended_by
from .creation import Creator, pending
from .identity import WRITABLE_STATES, Listing, email_of, normalize_email
from .parallel import read_each
from .plan import (
    CurrentAccount,
    check_email_of_absent,
    check_state,
    ignored_options,
    missing_emails,
)
from .rows import Row, refuse_repetitions


def find_accounts(rows: list[Row], creator: Creator, listing: Listing, warn: Callable[[str], None]) -> None:
    """Fill ``account_id``, ``email`` and ``entry`` of each row, or its ``failure``."""
    emails = {account["id"]: account["email"] for account in listing.accounts if email_of(account)}
    is_creating = False
    for row in rows:
        if row.account_id is None and row.failure is None:
            try:
                creator.find(row, listing)
                is_creating = is_creating or (row.account_id is None and row.desired.state != "absent")
            except SendGridError as error:
                row.failure = error
        elif row.account_id is None and row.email and len(found := listing.with_email(row.email)) == 1:
            # A row that is wrong still says whose row it is.
            row.account_id = found[0]["id"]
        if listed_email := emails.get(row.account_id):
            if row.email is None:
                row.email = listed_email
            elif normalize_email(row.email) != normalize_email(listed_email):
                row.listed_email = listed_email
        if row.desired.account_id and row.failure is None:
            creator.find_entry(row, listing)
    if is_creating and (warning := missing_emails(listing)):
        warn(warning)
    # One names the account by its id, the other one by its email.
    refuse_repetitions(rows, lambda row: row.account_id, "account")


def unlisted_accounts(rows: list[Row], listing: Listing) -> list[dict[str, Any]]:
    """Return the accounts that no row names."""
    ids = {row.account_id for row in rows}
    emails = {normalize_email(row.email) for row in rows if row.email and row.desired.account_id is None}
    return [
        {"account_id": account["id"], "email": account.get("email")}
        for account in listing.accounts
        if account["id"] not in ids and email_of(account) not in emails
    ]


def read_accounts_of_rows(
    rows: list[Row],
    listing: Listing,
    create_api: Callable[[], AccountsApi],
    host: str,
    warn: Callable[[str], None],
) -> None:
    """Fill ``current`` of each row, or its ``failure``.

    :raises SendGridError: a failure that others would follow.
    """
    warnings: list[str] = []
    breaker = Breaker()
    existing = [row for row in rows if row.failure is None and row.account_id is not None]
    outcomes = read_each(
        existing,
        create_api,
        lambda api, row: read_current(api, row, host, warnings.append, listing),
        breaker.ends,
    )
    for row, outcome in zip(existing, outcomes):
        if isinstance(outcome, SendGridError):
            row.failure = outcome
    if warnings:
        warn(summary(sorted(warnings), " "))
    if breaker.error:
        raise ended_by(breaker.error, rows)


def read_current(
    api: AccountsApi,
    row: Row,
    host: str,
    warn: Callable[[str], None],
    listing: Listing | None = None,
) -> None:
    """Fill ``current`` of a row that has an ``account_id``. Each read fills its ``results``, also if a later one fails.

    :param listing: all that the API lists; ``None`` to list it if that is needed.
    :raises SendGridError: it cannot be read, or its state cannot be changed.
    """
    account_id, desired = str(row.account_id), row.desired
    try:
        state = read_new(api, row, host, lambda: api.get_state(account_id))
    except SendGridError as error:
        if error.code != "not_found" or desired.state != "absent":
            raise
        listing = api.confirm_absence(account_id, error, listing)
        check_email_of_absent(desired, account_id, listing, host)
        row.results["msg"] = f"it is not among the {len(listing.accounts)} accounts at {host}"
        return
    row.results.update(account_id=account_id, account_state=state, ignored=ignored_options(desired))
    check_state(desired, account_id, state, host)
    if state not in WRITABLE_STATES and desired.state != "absent":
        warn(f"The account {account_id} is {state}: only the vendor can lift that.")
    try:
        if desired.state == "absent":
            offerings = api.get_offerings(account_id)
        else:
            offerings = read_new(api, row, host, lambda: api.get_offerings(account_id))
    except SendGridError as error:
        # An account may be banned and have lost everything. It can still be deleted.
        if error.code != "not_found" or desired.state != "absent":
            raise
        offerings = []
    row.results["offerings"] = offerings
    row.current = CurrentAccount(account_id, state, offerings)


def read_new(api: AccountsApi, row: Row, host: str, call: Callable[[], Result]) -> Result:
    """Return what ``call`` returns. If the account was created a short time ago, a 404 may only mean that it is new.

    :raises SendGridError: for such an account, ``creation_pending`` instead of ``not_found``.
    """
    if row.entry is None:
        return call()
    try:
        return api.retry_while_not_found(call)
    except SendGridError as error:
        raise pending(row, host, row.entry) if error.code == "not_found" else error from None
