# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The task of the module ``sendgrid_accounts``: the plan for all customers, carried out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._api.config import ClientConfig
from .._catalog.reader import read_catalog, read_since
from .._errors import SendGridError
from .._orders.gate import Gate
from .._orders.policy import read_policy
from .api import AccountsApi
from .apply import apply_plans
from .breaker import Breaker, ended_by
from .check_plan import refuse_plan
from .creation import Creator, open_journal
from .plan import Plan, plan_account
from .plan_text import ACTIONS, diffs, plan_id, plan_lines
from .read import find_accounts, read_accounts_of_rows, read_current, unlisted_accounts
from .row_results import accounts_failed, failure_text, may_have_changed, row_action, row_result
from .rows import Row, read_rows


def provision_all(
    create_api: Callable[[], AccountsApi],
    config: ClientConfig,
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    result: dict[str, Any],
) -> list[dict[str, Any]]:
    """Make the accounts what the rows of the option ``accounts`` ask for, and return the diffs.

    :param create_api: called for the main thread and for each thread that reads.
    :param warn: takes anomalies that are no failure.
    :param result: is filled with the results of the module, also if this fails.
    :raises SendGridError: something could not be done; ``result`` says what was done.
    """
    rows, api = read_rows(option), create_api()
    result["endpoint"] = config.endpoint

    def replan(api: AccountsApi, row: Row) -> None:
        read_current(api, row, config.host, warn)
        judge(row)
        if option("plan_id") is not None and row.plan and any(step.offerings for step in row.plan.steps):
            message = f"{config.host}: another task has created the account meanwhile, with other offerings. Have a "
            raise SendGridError("plan_changed", f"{message}new plan approved.", host=config.host, difference=[])

    def judge(row: Row, read_option: Callable[[str], Any] = option) -> None:
        _plan([row], config, read_option, warn)
        if row.failure:
            raise row.failure

    def judge_again(row: Row) -> None:
        if option("cache_ttl"):
            judge(row, read_since(option, planned_at))

    try:
        with open_journal(config, option("cache_dir"), warn) as journal:
            creator = Creator(journal, config.host, api.check_mode, replan)
            listing = creator.list_accounts(api)
            find_accounts(rows, creator, listing, warn)
            result["unlisted"] = unlisted_accounts(rows, listing)
            read_accounts_of_rows(rows, listing, create_api, config.host, warn)
            _plan(rows, config, option, warn)
            result.update(plan=plan_lines(rows, result["unlisted"]), plan_id=plan_id(rows, config.endpoint))
            if refusal := refuse_plan(rows, config, option):
                raise refusal
            breaker, planned_at = Breaker(), time.time()
            apply_plans(api, rows, creator, config.host, breaker.ends, judge_again)
        if breaker.error:
            raise ended_by(breaker.error, rows)
        if any(row.failure for row in rows):
            done = "can be carried out" if api.check_mode else "were carried out"
            raise accounts_failed(rows, config.host, f"the others {done}")
    except SendGridError as error:
        result["msg"] = failure_text(error, rows)
        raise
    finally:
        # If nothing was planned, nothing was skipped.
        is_skipping = option("on_violation") == "skip" and "plan" in result
        actions = [row_action(row, is_skipping) for row in rows]
        result.update(
            accounts=[row_result(row, action) for row, action in zip(rows, actions)],
            summary={name: actions.count(name) for name in ACTIONS},
            changed=any(row.done or may_have_changed(row.failure) for row in rows),
        )
    counts = ", ".join(f"{number} {name}" for name, number in result["summary"].items() if number)
    result["msg"] = f"{config.host}: {'in check mode: ' if api.check_mode else ''}{counts}."
    return diffs(rows)


def _plan(rows: list[Row], config: ClientConfig, option: Callable[[str], Any], warn: Callable[[str], None]) -> None:
    """Fill ``plan`` of each row, or its ``failure`` if its order breaks rules."""
    ready = [row for row in rows if row.failure is None]

    def plan_all(gate: Gate | None) -> tuple[list[tuple[Plan, SendGridError | None]], bool]:
        planned = [
            plan_account(row.desired, row.current, gate if _has_order(row) else None, config.host) for row in ready
        ]
        return planned, any(violated for _row_plan, violated in planned)

    if any(_has_order(row) for row in ready):
        policy = read_policy(option)
        catalog, planned, _is_violated = read_catalog(
            config, option, warn, lambda catalog: plan_all(Gate(catalog.offerings, config.host, policy))
        )
        policy.warn_unmatched(catalog.offerings, config.host, warn)
    else:
        planned, _is_violated = plan_all(None)
    for row, (plan, violated) in zip(ready, planned):
        row.results.update(plan.report)
        if violated is None:
            row.plan = plan
            # Thousands of rows with all that they have would be a large result.
            row.results.pop("gate", None)
        else:
            messages = [violation["message"] for violation in plan.report["gate"]["violations"]]
            row.failure = SendGridError(violated.code, " ".join(messages), **violated.details)


def _has_order(row: Row) -> bool:
    return row.desired.order is not None and row.desired.state != "absent"
