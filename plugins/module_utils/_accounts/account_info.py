# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Select accounts and read more about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._errors import Code, SendGridError
from .._text import summary
from .api import AccountsApi
from .breaker import TEMPORARY_CODES
from .identity import email_of, normalize_email
from .parallel import read_each

READERS: dict[str, Callable[[AccountsApi, str], Any]] = {
    "offerings": AccountsApi.get_offerings,
    "state": AccountsApi.get_state,
    "ips": AccountsApi.get_ips,
    "usage": AccountsApi.get_usage,
}
# What may fail for some accounts.
TOLERANT = ("ips", "usage")
CODES_OF_ONE_ACCOUNT: tuple[Code, ...] = ("bad_request", "forbidden", "not_found", "unexpected_response")
# They may concern one account or all of them. 401 means a revoked key, but also a lack of permission.
CODES_OF_ONE_OR_ALL: tuple[Code, ...] = (*TEMPORARY_CODES, "unauthorized")
# Of those in a row. More take long, and concern all accounts.
MAXIMUM_FAILURES = 8


class Tolerance:
    """Decides which failures concern one account only, so that the others are still read."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def accepts(self, error: SendGridError | None) -> bool:
        """Return whether the task can go on.

        :param error: why the last account failed, ``None`` if it did not.
        """
        self._in_a_row = self._in_a_row + 1 if error and error.code in CODES_OF_ONE_OR_ALL else 0
        if error is None or error.code in CODES_OF_ONE_ACCOUNT:
            return True
        return error.code in CODES_OF_ONE_OR_ALL and self._in_a_row < MAXIMUM_FAILURES


def read_accounts(
    create_api: Callable[[], AccountsApi], option: Callable[[str], Any], warn: Callable[[str], None]
) -> dict[str, Any]:
    """Return the results ``accounts``, and ``missing``: the ids and emails that are not listed.

    :param create_api: called for the list, and for each thread that reads more.
    :param option: maps ``account_ids``, ``emails`` and ``include`` to their values.
    :param warn: takes anomalies that are no failure.
    """
    ids, emails, include = option("account_ids"), option("emails"), option("include")
    listed = create_api().list_accounts()
    chosen, missing = listed, []
    if ids is not None or emails is not None:
        wanted_ids, wanted_emails = set(ids or []), {normalize_email(email) for email in emails or []}
        chosen = [account for account in listed if account["id"] in wanted_ids or email_of(account) in wanted_emails]
        found_ids, found_emails = {account["id"] for account in listed}, {email_of(account) for account in listed}
        missing = [account_id for account_id in ids or [] if account_id not in found_ids]
        missing += [email for email in emails or [] if normalize_email(email) not in found_emails]
        if wanted_emails and listed and found_emails == {None}:
            warn("No account in the list has an email, so none can be found by its email.")
    chosen_ids = [account["id"] for account in chosen]
    more = {key: _read_more(chosen_ids, key, create_api, warn) for key in include}
    accounts = [{**account, **{key: more[key][account["id"]] for key in include}} for account in chosen]
    return {"accounts": accounts, "missing": missing}


def _read_more(
    ids: list[str], key: str, create_api: Callable[[], AccountsApi], warn: Callable[[str], None]
) -> dict[str, Any]:
    """Return for each account what ``include`` asks for, ``None`` if it cannot be read.

    An account may have been deleted since, or created a moment ago. The vendor does not document for which other
    accounts usage and addresses cannot be read, so these may fail for some accounts, with a warning.

    :raises SendGridError: something else fails, or all of it.
    """
    fatal: list[SendGridError] = []
    tolerance = Tolerance()

    def read(api: AccountsApi, account_id: str) -> Any:
        try:
            return READERS[key](api, account_id)
        except SendGridError as error:
            if key not in TOLERANT and error.code == "not_found":
                return None
            raise

    def ends(error: SendGridError | None) -> bool:
        is_accepted = tolerance.accepts(error) if key in TOLERANT else error is None
        if error and not is_accepted:
            fatal.append(error)
        return bool(fatal)

    outcomes = read_each(ids, create_api, read, ends)
    failed = {one: outcome for one, outcome in zip(ids, outcomes) if isinstance(outcome, SendGridError)}
    if fatal or (failed and len(failed) == len(ids)):
        raise next(iter([*fatal, *failed.values()]))
    if failed:
        reasons = summary([error.message for error in failed.values()], " ")
        warn(f"{key} is null for {len(failed)} of {len(ids)} accounts, because it cannot be read. {reasons}")
    return {one: None if one in failed else outcome for one, outcome in zip(ids, outcomes)}
