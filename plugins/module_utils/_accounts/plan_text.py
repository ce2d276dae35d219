# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a plan for many accounts says to a person who approves it, and how a later task recognises it. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal

from .._catalog.offerings import Offering, quantities
from .._text import clean, summary
from .rows import Row

Action = Literal["created", "changed", "deleted", "unchanged", "failed", "skipped", "not_attempted"]
ACTIONS: tuple[Action, ...] = ("created", "changed", "deleted", "unchanged", "failed", "skipped", "not_attempted")
# Hexadecimal digits of a plan_id: of the whole plan, and of each account.
PLAN_DIGITS, ACCOUNT_DIGITS = 32, 6
# A plan with more accounts has none of their digits: a person copies a plan_id in a shell.
MAXIMUM_ACCOUNTS_IN_ID = 40


def planned_action(row: Row) -> Action:
    """Return what the plan does to the account of ``row``."""
    actions = {step.action for step in row.plan.steps} if row.plan else set[str]()
    return (
        "created"
        if "create" in actions
        else "deleted"
        if "delete" in actions
        else "changed"
        if actions
        else "unchanged"
    )


def plan_lines(rows: Sequence[Row]) -> list[str]:
    """Return the plan as lines: deletions, what others lose, the rest, what is kept, rows with an error, and totals."""
    lines: dict[str, list[str]] = {kind: [] for kind in ("delete", "lose", "change", "create", "error")}
    kept: list[str] = []
    for row in rows:
        if row.failure is not None or row.plan is None:
            reason = row.failure.message if row.failure else "it was not read"
            lines["error"].append(f"ERROR   {customer(row)}: {clean(reason, limit=500)}")
            continue
        action, report = planned_action(row), row.plan.report
        if action == "deleted":
            lost = [*shown_offerings(report["removed"]), "its API keys and IP addresses"]
            lines["delete"].append(f"DELETE  {customer(row)} ({row.account_id}): loses {', '.join(lost)}")
        elif action == "created":
            lines["create"].append(f"CREATE  {customer(row)}: {_creation(row)}")
        elif action == "changed":
            kind = "lose" if report.get("removed") or _stops_mail(row) else "change"
            lines[kind].append(f"CHANGE  {customer(row)}: {_change(row)}")
        elif report.get("kept"):
            kept.append(f"{row.desired.name} ({_listed(report['kept'])})")
    if kept:
        count = "1 customer keeps" if len(kept) == 1 else f"{len(kept)} customers keep"
        kept = [f"KEEP    {count} offerings that are not in the order: {summary(kept)}"]
    listed = [*lines["delete"], *lines["lose"], *lines["change"], *lines["create"], *kept, *lines["error"]]
    return [*listed, f"TOTAL   {_totals(rows)}"]


def _totals(rows: Sequence[Row]) -> str:
    planned = [planned_action(row) for row in rows if row.failure is None and row.plan is not None]
    verbs: dict[Action, str] = {
        "deleted": "to delete, which cannot be undone",
        "changed": "to change",
        "created": "to create, billed at once",
        "unchanged": "unchanged",
    }
    counts = [f"{number} {verb}" for action, verb in verbs.items() if (number := planned.count(action))]
    errors = len(rows) - len(planned)
    return "; ".join([*(counts or ["nothing to do"]), *([f"{errors} with an error"] if errors else [])])


def customer(row: Row) -> str:
    """Return the name and the email of a customer, or the id of the account where no email is known."""
    email = clean(row.email or "", limit=254)
    shown = f"<{email}>" if email else row.account_id or ""
    is_nameless = row.desired.name in (email, row.account_id)
    return shown if is_nameless else f"{row.desired.name} {shown}".strip()


def _creation(row: Row) -> str:
    assert row.plan is not None
    notes = []
    if row.desired.test_account:
        notes.append("test account: 100 mails a day")
    if row.desired.state == "deactivated":
        notes.append("deactivated")
    return "; ".join([f"gets {_listed(row.plan.after['offerings'])}", *notes])


def _change(row: Row) -> str:
    assert row.plan is not None and row.current is not None
    parts = []
    removed, after = row.plan.report.get("removed", []), row.plan.after
    had = quantities(row.current.offerings)
    gained = [
        {**offering, "quantity": offering["quantity"] - had.get(offering["name"], 0)}
        for offering in after["offerings"]
        if offering["quantity"] > had.get(offering["name"], 0)
    ]
    packages = [[one for one in offerings if one["type"] == "package"] for offerings in (removed, gained)]
    if all(packages):
        parts.append(f"package {' becomes '.join(clean(one[0]['name']) for one in packages)}")
        removed, gained = ([one for one in offerings if one["type"] != "package"] for offerings in (removed, gained))
    if removed:
        parts.append(f"loses {_listed(removed)}")
    if gained:
        parts.append(f"gets {_listed(gained)}")
    if after["state"] != row.current.state:
        can = "can send mail again" if after["state"] == "activated" else "can no longer send mail"
        parts.append(f"{after['state']}, {can}")
    if kept := row.plan.report.get("kept"):
        parts.append(f"keeps {_listed(kept)}, not in the order")
    return "; ".join(parts)


def _stops_mail(row: Row) -> bool:
    return any(step.state == "deactivated" for step in row.plan.steps) if row.plan else False


def _listed(offerings: list[Offering]) -> str:
    return ", ".join(shown_offerings(offerings))


def shown_offerings(offerings: list[Offering]) -> list[str]:
    """Return ``name × quantity`` for each offering."""
    return [f"{clean(offering['name'])} × {offering['quantity']}" for offering in offerings]


def diffs(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return a diff for each account that changes, in the form in which core shows diffs."""
    return [
        {
            "before_header": header,
            "after_header": header,
            "before": _diff_text(row.plan.before),
            "after": _diff_text(row.plan.after),
        }
        for row in rows
        if row.plan and row.plan.steps
        for header in [f"{row.desired.name} ({row.account_id or 'new'})"]
    ]


def _diff_text(account: dict[str, Any]) -> str:
    profile = account.get("profile", {})
    lines = [f"{field}: {clean(profile[field])}" for field in sorted(profile)]
    lines += [f"state: {account['state']}"] if "state" in account else []
    lines += sorted(shown_offerings(account.get("offerings", [])))
    return "".join(f"{line}\n" for line in lines)


def plan_id(rows: Sequence[Row], endpoint: str) -> str:
    """Return the hash of what the plans of ``rows`` change, whatever the order of the rows."""
    digests = sorted(_digest(row) for row in rows if row.plan and row.plan.steps)
    whole = hashlib.sha256(json.dumps([endpoint, digests]).encode()).hexdigest()[:PLAN_DIGITS]
    parts = [digest[:ACCOUNT_DIGITS] for digest in digests] if len(digests) <= MAXIMUM_ACCOUNTS_IN_ID else []
    return f"{whole}-{''.join(parts)}" if parts else whole


def _digest(row: Row) -> str:
    """Return a hash of what the plan of ``row`` changes: where from, where to, and by which steps."""
    assert row.plan is not None
    content = [
        row.account_id,
        row.desired.test_account and row.account_id is None,
        [step.action for step in row.plan.steps],
        [_sorted_offerings(state) for state in (row.plan.before, row.plan.after)],
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _sorted_offerings(account: dict[str, Any]) -> dict[str, Any]:
    return {**account, "offerings": sorted(account.get("offerings", []), key=lambda offering: str(offering["name"]))}


def plan_difference(rows: Sequence[Row], approved: str) -> list[str]:
    """Return in which lines the plan differs from the one with the id ``approved``, as far as the id tells."""
    _whole, _separator, digits = approved.partition("-")
    known = {digits[start : start + ACCOUNT_DIGITS] for start in range(0, len(digits), ACCOUNT_DIGITS)}
    current = {_digest(row)[:ACCOUNT_DIGITS]: row for row in rows if row.plan and row.plan.steps}
    if not known:
        return []
    new = [row for digest, row in current.items() if digest not in known]
    gone = len(known - set(current))
    lines = [f"new: {line}" for line in plan_lines(new)[:-1]] if new else []
    return lines + ([f"gone: {gone} of the {len(known)} approved changes"] if gone else [])
