# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Select accounts and read more about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._errors import SendGridError
from .api import AccountsApi
from .identity import email_of, normalize_email
from .parallel import read_each


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
    reads = [(account["id"], key) for account in chosen for key in include]
    outcomes = read_each(reads, create_api, _read_more, lambda error: error is not None)
    if error := next((outcome for outcome in outcomes if isinstance(outcome, SendGridError)), None):
        raise error
    more = dict(zip(reads, outcomes))
    accounts = [{**account, **{key: more[account["id"], key] for key in include}} for account in chosen]
    return {"accounts": accounts, "missing": missing}


def _read_more(api: AccountsApi, read: tuple[str, str]) -> Any:
    """Return what ``include`` asks for, ``None`` for an account that was deleted meanwhile, or created a moment ago."""
    account_id, key = read
    try:
        return api.get_offerings(account_id) if key == "offerings" else api.get_state(account_id)
    except SendGridError as error:
        if error.code != "not_found":
            raise
        return None
