# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a task wants an account to be: its options, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .._argspec import CACHE_DEFAULT_ON
from .identity import WRITABLE_STATES, id_problems
from .profile import FIELDS, profile_problems

OPTIONS: dict[str, dict[str, Any]] = {
    **CACHE_DEFAULT_ON,
    "state": {"type": "str", "choices": ["present", *WRITABLE_STATES, "absent"], "default": "present"},
    "account_id": {"type": "str"},
    "profile": {"type": "dict", "options": {field: {"type": "str"} for field in FIELDS}},
    # Not a list: core would split a text at its commas.
    "offerings": {"type": "raw"},
    "purge_offerings": {"type": "bool", "default": False},
    "require_package": {"type": "bool", "default": True},
    "test_account": {"type": "bool", "default": False},
    "create_unverified": {"type": "bool", "default": False},
}
OPTIONS_OF_ABSENT = {*CACHE_DEFAULT_ON, "state", "account_id"}


class DesiredAccount(NamedTuple):
    """What an account is to be.

    :param account_id: ``None`` to find the account by the email of the profile.
    :param profile: the fields that are given.
    :param order: any value that a user may give as an order, ``None`` to leave the offerings as they are.
    """

    account_id: str | None
    profile: dict[str, str]
    order: Any
    state: str
    purge_offerings: bool
    require_package: bool
    test_account: bool
    create_unverified: bool


def desired_account(option: Callable[[str], Any]) -> DesiredAccount:
    """Return what the options ask for."""
    return DesiredAccount(
        account_id=option("account_id"),
        profile=_given_profile(option),
        order=option("offerings"),
        state=option("state"),
        purge_offerings=option("purge_offerings"),
        require_package=option("require_package"),
        test_account=option("test_account"),
        create_unverified=option("create_unverified"),
    )


def account_problems(option: Callable[[str], Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the options of the account, as pairs of option and message."""
    account_id, profile = option("account_id"), _given_profile(option)
    problems = [] if account_id is None else id_problems("account_id", account_id)
    if option("state") == "absent":
        if account_id is None:
            problems.append(("account_id", "it is needed to delete an account, as that cannot be undone"))
        return problems + [
            (name, "it cannot be given with state absent, which takes only account_id")
            for name, spec in OPTIONS.items()
            if name not in OPTIONS_OF_ABSENT and option(name) not in (None, spec.get("default"))
        ]
    if option("purge_offerings") and option("offerings") is None:
        problems.append(("purge_offerings", "it needs offerings, which are not given or null"))
    if account_id is None and not profile.get("email"):
        problems.append(("account_id, profile.email", "one of them is needed, to tell which account is meant"))
    return problems + profile_problems(profile)


def _given_profile(option: Callable[[str], Any]) -> dict[str, str]:
    return {field: text for field, text in (option("profile") or {}).items() if text is not None}
