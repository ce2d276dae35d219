# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""From what an account is and what it is to be to the steps between. No I/O, no Ansible."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from .._catalog.offerings import Offering
from .._errors import Code, SendGridError
from .._orders.gate import Gate
from .._orders.merge import check_change
from .._orders.results import report_order
from .._text import clean, quoted, summary
from .identity import WRITABLE_STATES, email_of, normalize_email
from .options import DesiredAccount


class CurrentAccount(NamedTuple):
    """What an account is; ``offerings`` as ``name``, ``type`` and ``quantity``."""

    account_id: str
    state: str
    offerings: list[Offering]


class Step(NamedTuple):
    """One write request.

    :param offerings: all that the account is to have, with ``create`` and ``replace_offerings``; otherwise empty.
    :param state: with ``set_state``; otherwise empty. For a new account, the step reads the state first, and may find
        that nothing is to be done.
    """

    action: Literal["create", "replace_offerings", "set_state", "delete"]
    offerings: list[Offering]
    state: str


class Plan(NamedTuple):
    """What a task does, in check mode and out of it.

    :param before: the account as a diff shows it, empty if there is none.
    :param after: the same after the steps; ``account_id`` is ``None`` for a new account.
    :param report: the results ``gate``, ``kept`` and ``removed`` of an order, or ``gate`` and ``msg`` if it is refused.
    """

    steps: list[Step]
    before: dict[str, Any]
    after: dict[str, Any]
    report: dict[str, Any]


def find_account(desired: DesiredAccount, accounts: list[dict[str, Any]], host: str) -> tuple[str | None, str | None]:
    """Return the id of the account with the email of the profile, ``None`` if there is none, and a warning or ``None``.

    :param accounts: as the API lists them.
    :raises SendGridError: ``ambiguous_account`` or ``unverified_account``.
    """
    email = desired.profile["email"]
    found = [account for account in accounts if email_of(account) == normalize_email(email)]
    if len(found) > 1:
        shown = [f"{account['id']} (created {clean(account.get('created_at'))})" for account in found]
        raise _error(
            host,
            "ambiguous_account",
            f"{len(found)} accounts have the email {quoted(email)}: {summary(shown, ', ')}. "
            "Name the one that is meant with account_id",
            account_ids=[account["id"] for account in found],
        )
    if found:
        return str(found[0]["id"]), None
    without_email = [account for account in accounts if not email_of(account)]
    if accounts and len(without_email) == len(accounts) and not desired.create_unverified:
        raise _error(
            host,
            "unverified_account",
            f"none of the {len(accounts)} accounts in the list has an email, so nobody can tell whether "
            f"{quoted(email)} has an account already, and another one would be billed. Name the "
            "account with account_id, or set create_unverified to true for a customer who certainly has none",
        )
    if without_email:
        counts = f"{len(without_email)} of {len(accounts)}"
        return None, f"{counts} accounts in the list have no email, and were not compared."
    return None, None


def check_creation(desired: DesiredAccount, host: str) -> None:
    """Check that there is an order to create an account with.

    :raises SendGridError: ``not_found``.
    """
    if desired.order is None:
        raise _error(
            host,
            "not_found",
            f"no account has the email {quoted(desired.profile['email'])}, and there are no offerings to create it "
            "with. Give offerings, or the account_id of an account that exists",
            account_ids=[],
        )


def check_state(desired: DesiredAccount, account_id: str, state: str, host: str) -> None:
    """Check that the reseller can change the state of the account, if a change is wanted.

    :raises SendGridError: ``account_state``.
    """
    if desired.state in WRITABLE_STATES and state not in WRITABLE_STATES:
        raise _error(
            host,
            "account_state",
            f"{account_id} is {state}, so it cannot be {desired.state}. Only the vendor can lift that: ask its support",
            state=state,
        )


def plan_account(
    desired: DesiredAccount, current: CurrentAccount | None, gate: Gate | None, host: str
) -> tuple[Plan, SendGridError | None]:
    """Return the plan, and an error if the order breaks rules. Then the plan has no steps, and a ``msg`` to report.

    :param current: ``None`` for a new account.
    :param gate: for the order; ``None`` if there is none.
    """
    steps: list[Step] = []
    before = {} if current is None else current._asdict()
    offerings = [] if current is None else current.offerings
    report: dict[str, Any] = {}
    if gate is not None:
        needs_package = _needs_package(desired, current)
        checked, change = check_change(gate, desired.order, offerings, desired.purge_offerings, needs_package)
        name = quoted(desired.profile["email"]) if current is None else current.account_id
        told, violated = report_order(checked, host, f"The order of {name}")
        if violated:
            return Plan([], {}, {}, told), violated
        report = {"gate": checked, "kept": change.kept, "removed": change.removed}
        if current is None or change.differs:
            offerings = change.wanted
            steps.append(Step("create" if current is None else "replace_offerings", offerings, ""))
    after = {**before, "offerings": offerings}
    if current is None:
        after.update(account_id=None, profile=desired.profile)
    if desired.state in WRITABLE_STATES:
        after["state"] = desired.state
        if before.get("state") != desired.state:
            steps.append(Step("set_state", [], desired.state))
    return Plan(steps, before, after, report), None


def plan_deletion(account_id: str, exists: bool) -> Plan:
    """Return the plan for ``absent``."""
    before = {"account_id": account_id} if exists else {}
    return Plan([Step("delete", [], "")] if exists else [], before, {}, {})


def _needs_package(desired: DesiredAccount, current: CurrentAccount | None) -> bool:
    # An account without a package may stay so. The gate prevents that an account loses its package.
    is_at_risk = current is None or (
        desired.purge_offerings and any(offering["type"] == "package" for offering in current.offerings)
    )
    return desired.require_package and is_at_risk


def ignored_options(desired: DesiredAccount) -> list[str]:
    """Return the options that have no effect on an account that exists, other than the email that identifies it."""
    fields = [field for field in desired.profile if field != "email" or desired.account_id]
    return [*(f"profile.{field}" for field in fields), *(["test_account"] if desired.test_account else [])]


def _error(host: str, code: Code, message: str, **details: Any) -> SendGridError:
    return SendGridError(code, f"{host}: {message}.", host=host, **details)
