# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Whether a plan for many accounts may be carried out. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._api.config import ClientConfig
from .._errors import SendGridError
from .._text import summary
from .plan_text import Action, plan_difference, plan_id, planned_action
from .row_results import accounts_failed
from .rows import Row

LIMITED_ACTIONS: tuple[tuple[str, Action, str], ...] = (
    ("max_deletions", "deleted", "deletes"),
    ("max_creations", "created", "creates"),
)


def refuse_plan(rows: Sequence[Row], config: ClientConfig, option: Callable[[str], Any]) -> SendGridError | None:
    """Return why the plan may not be carried out, ``None`` if it may."""
    host, limits = config.host, _exceeded_limits(rows, option)
    if option("on_violation") == "stop" and any(row.failure for row in rows):
        return accounts_failed(rows, host, "nothing was changed", limits)
    if limits:
        message = (
            f"{host}: {'; '.join(limits)}. Nothing was changed. Read the plan, and raise the limit if it is meant."
        )
        return SendGridError("limit_exceeded", message, host=host, limits=limits)
    approved = option("plan_id")
    if approved is not None and approved != plan_id(rows, config.endpoint):
        difference = plan_difference(rows, approved)
        shown = f" Difference: {summary(difference)}." if difference else ""
        message = f"{host}: the plan is not the one that was approved. Nothing was changed.{shown} Have the plan that "
        return SendGridError("plan_changed", f"{message}this task returns approved.", host=host, difference=difference)
    return None


def _exceeded_limits(rows: Sequence[Row], option: Callable[[str], Any]) -> list[str]:
    planned = [planned_action(row) for row in rows if row.failure is None]
    found = []
    for name, action, verb in LIMITED_ACTIONS:
        number, limit = planned.count(action), option(name)
        if limit is not None and number > limit:
            accounts = "1 account" if number == 1 else f"{number} accounts"
            found.append(f"the plan {verb} {accounts}, and {name} is {limit}")
    return found
