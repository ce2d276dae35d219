# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Read what the plan for one account needs, and carry out its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._api.config import ClientConfig
from .._catalog.reader import read_catalog
from .._errors import SendGridError
from .._orders.gate import Gate
from .._text import clean
from .api import AccountsApi
from .identity import WRITABLE_STATES
from .options import DesiredAccount, desired_account
from .plan import (
    CurrentAccount,
    Plan,
    check_creation,
    check_state,
    find_account,
    ignored_options,
    plan_account,
    plan_deletion,
)


def provision(
    api: AccountsApi,
    config: ClientConfig,
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    result: dict[str, Any],
) -> dict[str, Any]:
    """Make the account what the options ask for, and return the diff.

    :param warn: takes anomalies that are no failure.
    :param result: is filled with the results of the module, also if this fails.
    :raises SendGridError: it cannot be done; ``result`` says what was done before.
    """
    desired = desired_account(option)
    result.update(changed=False, account_id=desired.account_id, endpoint=config.endpoint, requests=api.sent_requests)
    done: list[str] = []
    try:
        plan, unchanged = _read_and_plan(api, config, option, warn, desired, result)
        _apply(api, plan, desired, config.host, result, done)
    except SendGridError as error:
        if error.details.get("uncertain"):
            result["changed"] = True
            # Nobody knows them now.
            for unknown in ("offerings", "account_state"):
                result.pop(unknown, None)
        if not done:
            raise
        message = f"{result['account_id']}: {', '.join(done)}. What was to follow failed: {error.message}"
        raise SendGridError(error.code, message, **error.details) from error
    result["msg"] = _message(desired, done, unchanged, api.check_mode, result)
    after = {**plan.after, "account_id": result["account_id"]} if plan.after else {}
    return {"before": plan.before, "after": after}


def _read_and_plan(
    api: AccountsApi,
    config: ClientConfig,
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    desired: DesiredAccount,
    result: dict[str, Any],
) -> tuple[Plan, str]:
    """Read the account, and the catalog for an order. Return the plan and what to say if it has no steps."""
    if desired.state == "absent" and desired.account_id:
        accounts = api.accounts_if_absent(desired.account_id)
        gone = "" if accounts is None else f"it is not among the {len(accounts)} accounts at {config.host}"
        return plan_deletion(desired.account_id, accounts is None), gone
    current = _read_account(api, config.host, warn, desired, result)
    if desired.order is None:
        plan, violated = plan_account(desired, current, None, config.host)
    else:
        _catalog, plan, violated = read_catalog(
            config,
            option,
            warn,
            lambda catalog: plan_account(desired, current, Gate(catalog.offerings, config.host), config.host),
        )
    result.update(plan.report)
    if violated:
        raise violated
    return plan, "nothing to change"


def _read_account(
    api: AccountsApi, host: str, warn: Callable[[str], None], desired: DesiredAccount, result: dict[str, Any]
) -> CurrentAccount | None:
    """Return the account, ``None`` if it is to be created. Each read fills ``result``, also if a later one fails."""
    account_id = desired.account_id
    if account_id is None:
        account_id, warning = find_account(desired, api.list_accounts(), host)
        if warning:
            warn(warning)
        if account_id is None:
            check_creation(desired, host)
            return None
    state = api.get_state(account_id)
    result.update(account_id=account_id, account_state=state, ignored=ignored_options(desired))
    check_state(desired, account_id, state, host)
    if state not in WRITABLE_STATES:
        warn(f"The account {account_id} is {state}: only the vendor can lift that.")
    offerings = result["offerings"] = api.get_offerings(account_id)
    return CurrentAccount(account_id, state, offerings)


def _apply(
    api: AccountsApi,
    plan: Plan,
    desired: DesiredAccount,
    host: str,
    result: dict[str, Any],
    done: list[str],
) -> None:
    """Carry out the steps, and add each to ``done`` and its outcome to ``result`` once it has succeeded."""
    is_new = not plan.before
    for step in plan.steps:
        account_id = result["account_id"]
        if step.action == "create":
            account_id = api.create(desired.profile, step.offerings, desired.test_account)
            result.update(account_id=account_id, offerings=step.offerings, account_state=None, ignored=[])
            _record("created", result, done)
        elif step.action == "replace_offerings":
            api.replace_offerings(account_id, step.offerings)
            result["offerings"] = step.offerings
            _record("offerings replaced", result, done)
        elif step.action == "set_state":
            state = _read_new_state(api, account_id, desired, host) if is_new else result["account_state"]
            if state != step.state:
                _set_state(api, account_id, step.state, is_new)
                _record(step.state, result, done)
            result["account_state"] = step.state
        else:
            api.delete(account_id)
            _record("deleted", result, done)


def _read_new_state(api: AccountsApi, account_id: str | None, desired: DesiredAccount, host: str) -> str:
    if account_id is None:
        # In check mode. That a new account is activated is our guess.
        return "activated"
    state = api.retry_while_not_found(lambda: api.get_state(account_id))
    check_state(desired, account_id, state, host)
    return state


def _set_state(api: AccountsApi, account_id: str | None, state: str, is_new: bool) -> None:
    def call() -> None:
        api.set_state(account_id or "{account_id}", state)

    if is_new:
        api.retry_while_not_found(call)
    else:
        call()


def _record(step: str, result: dict[str, Any], done: list[str]) -> None:
    done.append(step)
    result["changed"] = True


def _message(desired: DesiredAccount, done: list[str], unchanged: str, check_mode: bool, result: dict[str, Any]) -> str:
    subject = result["account_id"] or f"the account of {clean(desired.profile['email'])}"
    steps = f"{'in check mode: ' if check_mode else ''}{', '.join(done)}" if done else unchanged
    ignored = ", ".join(result.get("ignored", []))
    suffix = f" Without effect, as the account exists: {ignored}." if ignored else ""
    return f"{subject}: {steps}.{suffix}"
