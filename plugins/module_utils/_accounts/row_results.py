# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a task reports about its rows. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .._errors import SendGridError
from .plan_text import Action, planned_action
from .rows import Row

# Of the rows with a failure, how many a message shows. The result has all.
MAXIMUM_SHOWN = 100


def row_action(row: Row, is_skipping: bool) -> Action:
    """Return the result ``action`` of a row.

    :param is_skipping: whether the task goes on without the rows that are wrong.
    """
    if row.failure is not None:
        return "skipped" if row.plan is None and is_skipping else "failed"
    if row.plan is None or row.completed < len(row.plan.steps):
        # A new account exists, and is billed, even if the steps that follow its creation are left.
        return "failed" if row.completed or row.is_created else "not_attempted"
    action = planned_action(row)
    return "created" if row.is_created and action == "unchanged" else action


def row_result(row: Row, action: Action) -> dict[str, Any]:
    """Return the entry of a row in the result ``accounts``."""
    results, failure = row.results, row.failure
    steps = ", ".join(row.done)
    if failure is not None:
        message = f"{steps}. What was to follow failed: {failure.message}" if steps else failure.message
    elif action == "failed":
        message = f"{steps}. What was to follow was not attempted."
    else:
        message = steps or results.get("msg") or action.replace("_", " ")
    return {
        "name": row.desired.name,
        "account_id": row.account_id,
        "email": row.email,
        "action": action,
        "created": row.is_created,
        "account_state": results.get("account_state"),
        "offerings": results.get("offerings", []),
        "kept": results.get("kept", []),
        # What a plan would have removed is not gone.
        "removed": results.get("removed", []) if action in ("changed", "deleted") else [],
        "ignored": results.get("ignored", []),
        "failure": None if failure is None else {**failure.result()["failure"]},
        "msg": message,
        **{key: results[key] for key in ("gate", "requests") if results.get(key)},
    }


def is_uncertain(failure: SendGridError | None) -> bool:
    """Return whether the API may have carried out the request that failed."""
    return failure is not None and bool(failure.details.get("uncertain"))


def may_have_changed(failure: SendGridError | None) -> bool:
    """Return whether the task may have changed something. An earlier task has reported a creation that is pending."""
    return is_uncertain(failure) and failure is not None and failure.code != "creation_pending"


def accounts_failed(rows: Sequence[Row], host: str, consequence: str, limits: Sequence[str] = ()) -> SendGridError:
    """Return the error for a task with rows that have a ``failure``.

    :param consequence: what became of the other rows.
    :param limits: the limits that the plan exceeds.
    """
    failed = [row for row in rows if row.failure]
    customers = "1 customer has" if len(failed) == 1 else f"{len(failed)} customers have"
    codes = Counter(row.failure.code for row in failed if row.failure)
    return SendGridError(
        "accounts_failed",
        f"{host}: {customers} a problem; {consequence}.",
        host=host,
        codes=dict(codes),
        limits=list(limits),
        uncertain=any(is_uncertain(row.failure) for row in failed),
    )


def failure_text(error: SendGridError, rows: Sequence[Row]) -> str:
    """Return the result ``msg`` of a task that has failed: the error, and a line for each row that has one."""
    lines = [f"{row.label}: {row.failure.message}" for row in rows if row.failure]
    # The row that has ended the task is in the message of the error.
    lines = [line for line in lines if not error.message.startswith(line)]
    more = len(lines) - MAXIMUM_SHOWN
    shown = [*lines[:MAXIMUM_SHOWN], *([f"and {more} more, see accounts"] if more > 0 else [])]
    limits = error.details.get("limits", []) if error.code == "accounts_failed" else []
    return "\n- ".join([error.message, *limits, *shown])
