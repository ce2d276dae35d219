# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a plan for many accounts says to a person who approves it, and how a later task recognises it. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from .._catalog.offerings import Offering, quantities
from .._text import clean, quoted, summary
from .identity import WRITABLE_STATES
from .plan import Plan
from .rows import Row

Action = Literal["created", "changed", "deleted", "unchanged", "failed", "skipped", "not_attempted"]
ACTIONS: tuple[Action, ...] = get_args(Action)
KEPT = "not in the order, still billed"
# Hexadecimal digits of a plan_id: of the whole plan, and of each account.
PLAN_DIGITS, ACCOUNT_DIGITS = 32, 6
# A plan with more accounts has none of their digits: a person copies a plan_id in a shell.
MAXIMUM_ACCOUNTS_IN_ID = 40


def planned_action(row: Row) -> Action:
    """Return what the plan does to the account of ``row``."""
    actions = {step.action for step in row.plan.steps} if row.plan else set[str]()
    if "create" in actions:
        return "created"
    if "delete" in actions:
        return "deleted"
    return "changed" if actions else "unchanged"


def plan_lines(rows: Sequence[Row], unlisted: Sequence[dict[str, Any]] = ()) -> list[str]:
    """Return the plan as lines: deletions, what others lose, the rest, what is kept, errors, other accounts, totals.

    :param unlisted: the accounts that no row names, with ``account_id`` and ``email``.
    """
    lines: dict[str, list[str]] = {kind: [] for kind in ("delete", "lose", "change", "create", "keep", "error")}
    for row in rows:
        if row.failure is not None or row.plan is None:
            reason = row.failure.message if row.failure else "it was not read"
            lines["error"].append(f"ERROR   {customer(row)}: {clean(reason, limit=500)}")
            continue
        plan, action, report = row.plan, planned_action(row), row.plan.report
        if action == "deleted":
            lost = [*shown_offerings(report["removed"]), "its API keys and IP addresses"]
            line = f"loses {', '.join(lost)}{_vendor_state(row)}; cannot be undone"
            lines["delete"].append(f"DELETE  {customer(row)}: {line}")
        elif action == "created":
            lines["create"].append(f"CREATE  {customer(row)}: {_creation(row, plan)}")
        elif action == "changed":
            kind = "lose" if report.get("removed") or _stops_mail(row) else "change"
            lines[kind].append(f"CHANGE  {customer(row)}: {_change(plan)}{_vendor_state(row)}")
        elif report.get("kept"):
            lines["keep"].append(f"KEEP    {customer(row)}: {_listed(report['kept'])}, {KEPT}")
    listed = [line for kind in lines.values() for line in kind]
    if unlisted:
        number = "1 account is" if len(unlisted) == 1 else f"{len(unlisted)} accounts are"
        shown = [_email(account["email"]) or account["account_id"] for account in unlisted]
        listed.append(f"OTHERS  {number} in no row and left alone: {summary(shown, ', ')}")
    return [*listed, f"TOTAL   {_totals(rows)}"]


def _totals(rows: Sequence[Row]) -> str:
    planned = [planned_action(row) for row in rows if row.failure is None and row.plan is not None]
    verbs: dict[Action, str] = {
        "deleted": "to delete for good",
        "changed": "to change at once",
        "created": "to create, billed at once",
        "unchanged": "unchanged",
    }
    counts = [f"{number} {verb}" for action, verb in verbs.items() if (number := planned.count(action))]
    errors = len(rows) - len(planned)
    return "; ".join([*(counts or ["nothing to do"]), *([f"{errors} with an error"] if errors else [])])


def customer(row: Row) -> str:
    """Return the name and the email of a customer, and the id of the account where it matters.

    The name is in quotes: whatever it holds cannot look like another part of the line.
    """
    email = _email(row.email)
    is_named = row.desired.name not in (row.email, row.account_id)
    parts = ['"' + row.desired.name.replace('"', "'") + '"'] if is_named else []
    if email:
        parts.append(email)
    if row.listed_email:
        parts.append(f"(listed with {_email(row.listed_email)})")
    if row.account_id and (not email or row.listed_email or planned_action(row) == "deleted"):
        parts.append(row.account_id)
    return " ".join(parts)


def _email(email: str | None) -> str:
    # Letters of other alphabets may look like those of another address.
    return f"<{quoted(email, 254)[1:-1]}>" if email else ""


def _creation(row: Row, plan: Plan) -> str:
    notes = []
    if row.desired.test_account:
        notes.append("test account: 100 mails a day")
    if row.desired.state == "deactivated":
        notes.append("starts deactivated")
    return "; ".join([f"gets {_listed(plan.after['offerings'])}", *notes])


def _change(plan: Plan) -> str:
    parts = []
    removed, before, after = plan.report.get("removed", []), plan.before, plan.after
    had, will_have = quantities(before["offerings"]), quantities(after["offerings"])
    gained = [
        {**offering, "quantity": offering["quantity"] - had.get(offering["name"], 0)}
        for offering in after["offerings"]
        if offering["quantity"] > had.get(offering["name"], 0)
    ]
    packages = [[one for one in offerings if one["type"] == "package"] for offerings in (removed, gained)]
    if [len(part) for part in packages] == [1, 1]:
        parts.append(f"package {' becomes '.join(clean(one[0]['name']) for one in packages)}")
        removed, gained = ([one for one in offerings if one["type"] != "package"] for offerings in (removed, gained))
    if removed:
        parts.append(f"loses {_listed(removed, will_have, 'left')}")
    if gained:
        parts.append(f"gets {_listed(gained, {name: will_have[name] for name in had if name in will_have}, 'in all')}")
    if after["state"] != before["state"]:
        can = "can send mail again" if after["state"] == "activated" else "can no longer send mail"
        parts.append(f"{after['state']}, {can}")
    if kept := plan.report.get("kept"):
        parts.append(f"keeps {_listed(kept)}, {KEPT}")
    return "; ".join(parts)


def _vendor_state(row: Row) -> str:
    state = row.current.state if row.current else ""
    return "" if state in ("", *WRITABLE_STATES) else f"; the vendor has set it to {state}"


def _stops_mail(row: Row) -> bool:
    return any(step.state == "deactivated" for step in row.plan.steps) if row.plan else False


def _listed(offerings: list[Offering], totals: Mapping[str, int] | None = None, word: str = "") -> str:
    """Return the offerings as a text, with how many there are in the end where ``totals`` tells."""
    numbers = [(totals or {}).get(offering["name"]) for offering in offerings]
    notes = ["" if number is None else f" ({number} {word})" for number in numbers]
    return ", ".join(text + note for text, note in zip(shown_offerings(offerings), notes))


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
        for header in [account_header(row)]
    ]


def account_header(row: Row) -> str:
    """Return what heads the diff of an account."""
    is_new = row.plan is not None and planned_action(row) == "created"
    account_id = row.account_id or ("new" if is_new else None)
    return f"{row.desired.name} ({account_id})" if account_id else row.desired.name


def _diff_text(account: dict[str, Any]) -> str:
    profile = account.get("profile", {})
    lines = [f"{field}: {clean(profile[field])}" for field in sorted(profile)]
    lines += [f"state: {account['state']}"] if "state" in account else []
    lines += sorted(shown_offerings(account.get("offerings", [])))
    return "".join(f"{line}\n" for line in lines)


def plan_id(rows: Sequence[Row], endpoint: str) -> str:
    """Return the hash of what the plans of ``rows`` change, whatever the order of the rows."""
    digests = sorted(_digest(row, row.plan) for row in rows if row.plan and row.plan.steps)
    whole = hashlib.sha256(json.dumps([endpoint, digests]).encode()).hexdigest()[:PLAN_DIGITS]
    parts = [digest[:ACCOUNT_DIGITS] for digest in digests] if len(digests) <= MAXIMUM_ACCOUNTS_IN_ID else []
    return f"{whole}-{''.join(parts)}" if parts else whole


def _digest(row: Row, plan: Plan) -> str:
    """Return a hash of what the plan of ``row`` changes: where from, where to, and by which steps."""
    actions = [step.action for step in plan.steps]
    keys = ["offerings", "profile", *(["state"] if "set_state" in actions else [])]
    content = [
        row.account_id,
        row.desired.test_account and row.account_id is None,
        actions,
        [[_sorted(account.get(key)) for key in keys] for account in (plan.before, plan.after)],
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _sorted(value: Any) -> Any:
    return sorted(value, key=lambda offering: str(offering["name"])) if isinstance(value, list) else value


def plan_difference(rows: Sequence[Row], approved: str) -> list[str]:
    """Return in which lines the plan differs from the one with the id ``approved``, as far as the id tells."""
    _whole, _separator, digits = approved.partition("-")
    known = {digits[start : start + ACCOUNT_DIGITS] for start in range(0, len(digits), ACCOUNT_DIGITS)}
    current = {_digest(row, row.plan)[:ACCOUNT_DIGITS]: row for row in rows if row.plan and row.plan.steps}
    if not known:
        return []
    new = [row for digest, row in current.items() if digest not in known]
    gone = len(known - set(current))
    lines = [f"not approved: {line}" for line in plan_lines(new)[:-1]] if new else []
    return lines + ([f"no longer planned: {gone} of the {len(known)} approved changes"] if gone else [])
