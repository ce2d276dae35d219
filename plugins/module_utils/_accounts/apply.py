# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Carry out the steps of plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._errors import SendGridError
from .api import AccountsApi
from .plan import Step, check_state
from .rows import Row

# Customers wait for the creations only. All new accounts wait for the API at the same time, and what cannot be undone
# comes last.
ORDER_OF_WORK = ("create", "set_state", "replace_offerings", "delete")

# What nobody knows if the answer to a step is lost.
UNCERTAIN_RESULTS = {
    "create": ("offerings", "account_state"),
    "set_state": ("account_state",),
    "replace_offerings": ("offerings",),
    "delete": ("offerings", "account_state"),
}


def apply_plans(api: AccountsApi, rows: Sequence[Row], host: str, ends: Callable[[SendGridError | None], bool]) -> None:
    """Carry out the plans of all rows. Each step fills ``done`` and ``results`` of its row, or sets its ``failure``.

    :param ends: is told about each error, and ``None`` for each step that succeeds. If it returns true, no more steps
        are carried out.
    """
    for action in ORDER_OF_WORK:
        for row in rows:
            for step in row.plan.steps if row.plan else []:
                if step.action == action and row.failure is None and ends(_try_step(api, row, step, host)):
                    return


def _try_step(api: AccountsApi, row: Row, step: Step, host: str) -> SendGridError | None:
    sent = len(api.sent_requests)
    try:
        _apply_step(api, row, step, host)
        row.completed += 1
    except SendGridError as error:
        row.failure = error
        if error.details.get("uncertain"):
            for unknown in UNCERTAIN_RESULTS[step.action]:
                row.results.pop(unknown, None)
        return error
    finally:
        row.results.setdefault("requests", []).extend(api.sent_requests[sent:])
    return None


def _apply_step(api: AccountsApi, row: Row, step: Step, host: str) -> None:
    desired, is_new = row.desired, row.current is None
    # In check mode a new account has no id.
    account_id = row.account_id or "{account_id}"
    if step.action == "create":
        row.account_id = api.create(desired.profile, step.offerings, desired.test_account)
        row.results.update(account_id=row.account_id, offerings=step.offerings, account_state=None, ignored=[])
        row.done.append("created")
    elif step.action == "replace_offerings":
        api.replace_offerings(account_id, step.offerings)
        row.results["offerings"] = step.offerings
        row.done.append("offerings replaced")
    elif step.action == "set_state":
        state = _read_new_state(api, row, host) if is_new else row.results["account_state"]
        if state != step.state:
            if is_new:
                api.retry_while_not_found(lambda: api.set_state(account_id, step.state))
            else:
                api.set_state(account_id, step.state)
            row.done.append(step.state)
        row.results["account_state"] = step.state
    else:
        api.delete(account_id)
        for gone in ("offerings", "account_state"):
            row.results.pop(gone, None)
        row.done.append("deleted")


def _read_new_state(api: AccountsApi, row: Row, host: str) -> str:
    account_id = row.account_id
    if account_id is None:
        # In check mode. That a new account is activated is our guess.
        return "activated"
    state = api.retry_while_not_found(lambda: api.get_state(account_id))
    check_state(row.desired, account_id, state, host)
    return state
