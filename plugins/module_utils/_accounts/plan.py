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
from .identity import WRITABLE_STATES, Listing
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

    action: Literal["create", "set_state", "replace_offerings", "delete"]
    offerings: list[Offering]
    state: str


class Plan(NamedTuple):
    """What a task does to an account, in check mode and out of it.

    :param before: the account as a diff shows it, empty if there is none.
    :param after: the same after the steps; ``account_id`` is ``None`` for a new account.
    :param report: the results ``kept`` and ``removed``, and ``gate`` if there is an order. If the order is refused,
        only ``gate`` and ``msg``.
    """

    steps: list[Step]
    before: dict[str, Any]
    after: dict[str, Any]
    report: dict[str, Any]


def find_account(desired: DesiredAccount, listing: Listing, host: str) -> str | None:
    """Return the id of the account with the email of the profile, ``None`` if there is none.

    :raises SendGridError: ``ambiguous_account``, ``unverified_account`` or, if there is no order to create it with,
        ``not_found``.
    """
    email = desired.profile["email"]
    found = listing.with_email(email)
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
        return str(found[0]["id"])
    without_email, number = len(listing.with_email(None)), len(listing.accounts)
    if desired.state == "absent":
        if without_email:
            counts = f"{without_email} of the {number} accounts in the list"
            raise _error(
                host,
                "unverified_account",
                f"{counts} have no email, so nobody can tell whether {quoted(email)} is gone. Name the account with "
                "account_id",
            )
        return None
    if without_email and without_email == number and not desired.create_unverified:
        raise _error(
            host,
            "unverified_account",
            f"none of the {without_email} accounts in the list has an email, so nobody can tell whether "
            f"{quoted(email)} has an account already, and another one would be billed. Name the "
            "account with account_id, or set create_unverified to true for a customer who certainly has none",
        )
    if desired.order is None:
        raise _error(
            host,
            "not_found",
            f"no account has the email {quoted(email)}, and there are no offerings to create it "
            "with. Give offerings, or the account_id of an account that exists",
            account_ids=[],
        )
    return None


def check_email_of_absent(desired: DesiredAccount, account_id: str, listing: Listing, host: str) -> None:
    """Check that an account that counts as gone is not there under another id.

    :raises SendGridError: ``ambiguous_account``.
    """
    email = desired.profile.get("email")
    if email and (found := listing.with_email(email)):
        shown = [account["id"] for account in found]
        raise _error(
            host,
            "ambiguous_account",
            f"there is no account {account_id}, but {summary(shown, ', ')} has the email {quoted(email)}. Correct "
            "account_id, or leave out the email",
            account_ids=shown,
        )


def missing_emails(listing: Listing) -> str | None:
    """Return a warning about accounts that are listed without an email, ``None`` if there are none."""
    counts = f"{len(listing.with_email(None))} of {len(listing.accounts)}"
    return f"{counts} accounts in the list have no email, and were not compared." if listing.with_email(None) else None


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

    :param current: ``None`` for an account that does not exist.
    :param gate: for the order; ``None`` if there is none.
    """
    if desired.state == "absent":
        return _plan_deletion(current), None
    steps: list[Step] = []
    before = {} if current is None else current._asdict()
    offerings = [] if current is None else current.offerings
    report: dict[str, Any] = {}
    is_replaced = False
    if gate is not None:
        needs_package = _needs_package(desired, current)
        checked, change = check_change(gate, desired.order, offerings, desired.purge_offerings, needs_package)
        name = quoted(desired.profile["email"]) if current is None else current.account_id
        told, violated = report_order(checked, host, f"The order of {name}")
        if violated:
            return Plan([], {}, {}, told), violated
        report = {"gate": checked, "kept": change.kept, "removed": change.removed}
        is_replaced = change.differs
        if current is None or is_replaced:
            offerings = change.wanted
    after = {**before, "offerings": offerings}
    if current is None:
        after.update(account_id=None, profile=desired.profile)
        steps.append(Step("create", offerings, ""))
    if desired.state in WRITABLE_STATES:
        after["state"] = desired.state
        if before.get("state") != desired.state:
            steps.append(Step("set_state", [], desired.state))
    if current is not None and is_replaced:
        steps.append(Step("replace_offerings", offerings, ""))
    return Plan(steps, before, after, report), None


def _plan_deletion(current: CurrentAccount | None) -> Plan:
    if current is None:
        return Plan([], {}, {}, {})
    return Plan([Step("delete", [], "")], current._asdict(), {}, {"kept": [], "removed": current.offerings})


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
