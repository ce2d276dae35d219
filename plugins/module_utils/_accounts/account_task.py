# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The task of the module ``sendgrid_account``: the plan for one account, carried out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._api.config import ClientConfig
from .._catalog.cache import Catalog
from .._catalog.reader import read_catalog, read_since
from .._errors import SendGridError
from .._orders.gate import Gate
from .._orders.policy import read_policy
from .._text import clean
from .api import AccountsApi
from .apply import apply_plans
from .creation import Creator, open_journal
from .options import OPTIONS, desired_account
from .plan import Plan, missing_emails, plan_account
from .plan_text import account_header
from .read import read_current
from .row_results import may_have_changed
from .rows import Row


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
    row = Row(desired_account({name: option(name) for name in ("api_key", *OPTIONS)}), "")
    result.update(changed=False, created=False, account_id=row.account_id, endpoint=config.endpoint, requests=[])

    def replan(api: AccountsApi, row: Row) -> None:
        read_current(api, row, config.host, warn)
        _plan(row, config, option, warn)

    def judge_again(row: Row) -> None:
        if option("cache_ttl"):
            _plan(row, config, read_since(option, planned_at), warn)

    try:
        with open_journal(config, option("cache_dir"), warn) as journal:
            creator = Creator(journal, config.host, api.check_mode, replan)
            _read(api, row, creator, config.host, warn)
            _plan(row, config, option, warn)
            planned_at = time.time()
            apply_plans(api, [row], creator, config.host, lambda _error: False, judge_again)
        if row.failure:
            raise row.failure
    except SendGridError as error:
        if not row.done:
            raise
        message = f"{row.account_id}: {', '.join(row.done)}. What was to follow failed: {error.message}"
        raise SendGridError(error.code, message, **error.details) from error
    finally:
        result.update(
            {
                "account_id": row.account_id,
                "created": row.is_created,
                **row.results,
                "changed": bool(row.done) or may_have_changed(row.failure),
            }
        )
    result["msg"] = _message(row, api.check_mode)
    plan = row.plan or Plan([], {}, {}, {})
    after = {**plan.after, "account_id": row.account_id} if plan.after else {}
    header = account_header(row)
    return {"before_header": header, "after_header": header, "before": plan.before, "after": after}


def _read(api: AccountsApi, row: Row, creator: Creator, host: str, warn: Callable[[str], None]) -> None:
    if row.account_id is None:
        listing = creator.list_accounts(api)
        creator.find(row, listing)
        if row.account_id is None:
            if row.desired.state == "absent":
                row.results["msg"] = f"none of the {len(listing.accounts)} accounts at {host} has this email"
            elif warning := missing_emails(listing):
                warn(warning)
            return
    else:
        creator.find_entry(row)
    read_current(api, row, host, warn)


def _plan(row: Row, config: ClientConfig, option: Callable[[str], Any], warn: Callable[[str], None]) -> None:
    """Fill ``plan``, and read the catalog for an order.

    :raises SendGridError: also ``gate_violations``.
    """
    if row.desired.order is None or row.desired.state == "absent":
        plan, violated = plan_account(row.desired, row.current, None, config.host)
    else:
        policy = read_policy(option)

        def plan_order(catalog: Catalog) -> tuple[Plan, SendGridError | None]:
            gate = Gate(catalog.offerings, config.host, policy)
            return plan_account(row.desired, row.current, gate, config.host)

        catalog, plan, violated = read_catalog(config, option, warn, plan_order)
        policy.warn_unmatched(catalog.offerings, config.host, warn)
    row.plan = plan
    row.results.update(plan.report)
    if violated:
        raise violated


def _message(row: Row, check_mode: bool) -> str:
    subject = row.account_id or f"the account of {clean(row.desired.profile['email'])}"
    if not row.done:
        return f"{subject}: {row.results.get('msg', 'nothing to change')}."
    return f"{subject}: {'in check mode: ' if check_mode else ''}{', '.join(row.done)}."
