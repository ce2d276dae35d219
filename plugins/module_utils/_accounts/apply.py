# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Carry out the steps of plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._errors import SendGridError
from .api import AccountsApi
from .creation import Creator
from .plan import Step, check_state
from .read import read_new
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


def apply_plans(
    api: AccountsApi,
    rows: Sequence[Row],
    creator: Creator,
    host: str,
    ends: Callable[[SendGridError | None], bool],
    judge_again: Callable[[Row], None],
) -> None:
    """Carry out the plans of all rows. Each step fills ``done`` and ``results`` of its row, or sets its ``failure``.

    :param ends: is told about each error, and ``None`` for each step that succeeds. If it returns true, no more steps
        are carried out.
    :param judge_again: checks the order of a row against a fresh catalog, and raises what is wrong with it.
    """
    for row in rows:
        if row.plan and row.failure is None:
            try:
                creator.settle(row)
            except SendGridError as error:
                row.failure = error
    for action in ORDER_OF_WORK:
        for row in rows:
            for step in row.plan.steps if row.plan else []:
                if step.action != action or row.failure is not None:
                    continue
                if ends(_try_step(api, row, step, creator, host, judge_again)):
                    return


def _try_step(
    api: AccountsApi, row: Row, step: Step, creator: Creator, host: str, judge_again: Callable[[Row], None]
) -> SendGridError | None:
    sent, plan = len(api.sent_requests), row.plan
    try:
        _apply_step(api, row, step, creator, host)
        # If the account was there already, the row has a new plan.
        row.completed += row.plan is plan
    except SendGridError as error:
        if error.details.get("uncertain"):
            _drop_unknown_results(row, step)
        if error.code == "bad_request" and step.offerings:
            error = _judge(row, error, judge_again)
        is_kept = row.is_created and row.account_id and row.desired.state != "absent"
        row.failure = _after_creation(error, row) if is_kept else error
        return row.failure
    except Exception:
        message = (
            f"{host}: an error of the collection ended the task during this step, which may have been carried out."
        )
        row.failure = SendGridError("unexpected_response", message, host=host, uncertain=True)
        _drop_unknown_results(row, step)
        raise
    finally:
        row.results.setdefault("requests", []).extend(api.sent_requests[sent:])
    return None


def _drop_unknown_results(row: Row, step: Step) -> None:
    for unknown in UNCERTAIN_RESULTS[step.action]:
        row.results.pop(unknown, None)


def _judge(row: Row, error: SendGridError, judge_again: Callable[[Row], None]) -> SendGridError:
    """Return what a fresh catalog says against an order that the API has refused, else ``error``."""
    try:
        judge_again(row)
    except SendGridError as violated:
        return violated if violated.code == "gate_violations" else error
    return error


def _after_creation(error: SendGridError, row: Row) -> SendGridError:
    """Return ``error`` for an account that this task has created: to try the same again may create another one."""
    hint = f"The account {row.account_id} was created and is billed. Go on with it: set account_id to {row.account_id}"
    if error.code == "not_found":
        hint = f"The account is new, and the API may take a while to find it. {hint}"
    message = error.message.removesuffix(f" {error.details.get('hint')}.")
    details = {**error.details, "uncertain": True, "hint": hint, "account_id": row.account_id}
    return SendGridError(error.code, f"{message} {hint}.", **details)


def _apply_step(api: AccountsApi, row: Row, step: Step, creator: Creator, host: str) -> None:
    is_new = row.current is None
    # In check mode a new account has no id.
    account_id = row.account_id or "{account_id}"
    if step.action == "create":
        if creator.create(api, row, step):
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
        read_new(api, row, host, lambda: api.delete(account_id, is_new=row.entry is not None))
        creator.forget(row)
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
