# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a task wants an account to be: its options, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._argspec import CACHE_DEFAULT_ON
from .._orders.policy import POLICY
from .._text import clean, maskable
from .identity import WRITABLE_STATES, id_problems
from .profile import FIELDS, profile_problems

# What describes one customer, in a task and in a row of ``accounts``.
ACCOUNT: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", *WRITABLE_STATES, "absent"], "default": "present"},
    "account_id": {"type": "str"},
    # Its fields are checked here, not by core, which makes text of numbers and booleans.
    "profile": {"type": "dict"},
    # Not a list: core would split a text at its commas.
    "offerings": {"type": "raw"},
    "purge_offerings": {"type": "bool", "default": False},
    "test_account": {"type": "bool", "default": False},
}
PROFILE: dict[str, dict[str, Any]] = {field: {"type": "str"} for field in FIELDS}
# What a task decides for all of its accounts.
RULES: dict[str, dict[str, Any]] = {
    "require_package": {"type": "bool", "default": True},
    "create_unverified": {"type": "bool", "default": False},
}
OPTIONS = {**CACHE_DEFAULT_ON, **ACCOUNT, **RULES, **POLICY}
# The keys of a row. Without purge_offerings, that of the task applies.
ROW: dict[str, dict[str, Any]] = {"name": {"type": "str"}, **ACCOUNT, "purge_offerings": {"type": "bool"}}
OPTIONS_OF_ALL: dict[str, dict[str, Any]] = {
    **CACHE_DEFAULT_ON,
    # Rows are checked here, not by core, which stops at the first one that is wrong.
    "accounts": {"type": "list", "elements": "raw", "required": True},
    "purge_offerings": {"type": "bool", "default": False},
    **RULES,
    **POLICY,
    "on_violation": {"type": "str", "choices": ["stop", "skip"], "default": "stop"},
    "max_deletions": {"type": "int", "default": 0},
    "max_creations": {"type": "int"},
    "plan_id": {"type": "str"},
}


# A variable that is empty by mistake must not turn off the approval.
BLANK_PLAN_ID = "it is blank or null. Correct it, or leave it out with omit to carry out any plan"


class DesiredAccount(NamedTuple):
    """What an account is to be.

    :param name: what messages call the customer.
    :param account_id: ``None`` to find the account by the email of the profile.
    :param profile: the fields that are given.
    :param order: any value that a user may give as an order, ``None`` to leave the offerings as they are.
    """

    name: str
    account_id: str | None
    profile: dict[str, str]
    order: Any
    state: str
    purge_offerings: bool
    require_package: bool
    test_account: bool
    create_unverified: bool


def desired_account(options: Mapping[str, Any]) -> DesiredAccount:
    """Return what the options ask for. They have passed ``account_problems``."""
    profile = {field: text for field, text in (options["profile"] or {}).items() if text is not None}
    return DesiredAccount(
        name=customer_name(options, maskable(options["api_key"])),
        account_id=options["account_id"],
        profile=profile,
        order=options["offerings"],
        state=options["state"],
        purge_offerings=options["purge_offerings"],
        require_package=options["require_package"],
        test_account=options["test_account"],
        create_unverified=options["create_unverified"],
    )


def customer_name(options: Mapping[str, Any], secret: str) -> str:
    """Return what messages call a customer: by default the company, the email or the id of the account.

    :param options: as they are given, of any type.
    :param secret: the API key, which must not be shown even in part.
    """
    profile = options.get("profile")
    fields = profile if isinstance(profile, Mapping) else {}
    names = [options.get("name"), fields.get("company_name"), fields.get("email"), options.get("account_id")]
    return next((clean(name, secret, 100) for name in names if isinstance(name, str) and clean(name)), "")


def account_problems(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the options of an account, as pairs of option and message."""
    account_id, profile = options["account_id"], options["profile"] or {}
    problems = [] if account_id is None else id_problems("account_id", account_id)
    if account_id is None and not profile.get("email"):
        problems.append(("account_id, profile.email", "one of them is needed, to tell which account is meant"))
    if options["state"] == "absent":
        # An account that is to be gone keeps its row, and only what identifies it counts.
        return problems + ([] if account_id else profile_problems({"email": profile.get("email")}))
    if options["purge_offerings"] and options["offerings"] is None:
        problems.append(("purge_offerings", "it needs offerings, which are not given or null"))
    return problems + profile_problems(profile)


def task_problems(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the options of a task for all accounts, other than with its rows."""
    problems = []
    if not options["accounts"]:
        problems.append(("accounts", "it is empty. A file without customers is a mistake, and looks like a plan"))
    for name in ("max_deletions", "max_creations"):
        if isinstance(options[name], bool):
            problems.append((name, "it is a boolean, and a number is needed"))
        elif options[name] is not None and options[name] < 0:
            problems.append((name, f"{options[name]} is out of range, 0 or more is needed"))
    if options["plan_id"] is not None and not options["plan_id"].strip():
        problems.append(("plan_id", BLANK_PLAN_ID))
    return problems
