# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Bring one account of a customer into the state that a task asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts import (
    WRITABLE_STATES,
    Accounts,
    email_of,
    id_problems,
    lowered,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._change import Change, check_change
from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import Connection
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import (
    Code,
    SendGridError,
    clean,
    quoted,
    summary,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._gate import verdict
from ansible_collections.reseller.sendgrid.plugins.module_utils._options import SPARING_CACHE
from ansible_collections.reseller.sendgrid.plugins.module_utils._profile import FIELDS, profile_problems
from ansible_collections.reseller.sendgrid.plugins.module_utils._read import use_catalog

OPTIONS: dict[str, dict[str, Any]] = {
    **SPARING_CACHE,
    "state": {"type": "str", "choices": ["present", *WRITABLE_STATES, "absent"], "default": "present"},
    "account_id": {"type": "str"},
    "profile": {"type": "dict", "options": {field: {"type": "str"} for field in FIELDS}},
    # Not a list: core would make one of a text, and split it at commas.
    "offerings": {"type": "raw"},
    "purge_offerings": {"type": "bool", "default": False},
    "require_package": {"type": "bool", "default": True},
    "test_account": {"type": "bool", "default": False},
    "create_unverified": {"type": "bool", "default": False},
}
# Of the options, those that an account has which is to be gone.
OF_ABSENT = {*SPARING_CACHE, "state", "account_id"}


def profile_of(option: Callable[[str], Any]) -> dict[str, str]:
    """Return the fields of the profile that are given."""
    return {field: text for field, text in (option("profile") or {}).items() if text is not None}


def account_problems(option: Callable[[str], Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the options of the account, as pairs of option and message."""
    account_id, profile = option("account_id"), profile_of(option)
    problems = [] if account_id is None else id_problems("account_id", account_id)
    if option("state") == "absent":
        if account_id is None:
            problems.append(("account_id", "it is needed to delete an account, as that cannot be undone"))
        return problems + [
            (name, "it cannot be given with state absent, which takes only account_id")
            for name, spec in OPTIONS.items()
            if name not in OF_ABSENT and option(name) not in (None, spec.get("default"))
        ]
    if option("purge_offerings") and option("offerings") is None:
        problems.append(("purge_offerings", "it needs offerings, which are not given or null"))
    if account_id is None and not profile.get("email"):
        problems.append(("account_id, profile.email", "one of them is needed, to tell which account is meant"))
    return problems + profile_problems(profile)


class Provisioning:
    """What a task does to an account; C(result) and C(diff) are what it has to tell so far, also when it fails.

    :param warn: takes what is strange but no failure.
    """

    def __init__(
        self, accounts: Accounts, settings: Connection, option: Callable[[str], Any], warn: Callable[[str], None]
    ) -> None:
        self._accounts = accounts
        self._settings = settings
        self._option = option
        self._warn = warn
        self._profile = profile_of(option)
        self._done: list[str] = []
        self._nothing = "nothing to change"
        self.diff: dict[str, dict[str, Any]] = {"before": {}, "after": {}}
        self.result: dict[str, Any] = {
            "changed": False,
            "account_id": option("account_id"),
            "endpoint": settings.endpoint,
            "requests": accounts.sent,
        }

    def run(self) -> None:
        """Do what is to be done.

        :raises SendGridError: it cannot be done; C(result) says what was done before.
        """
        try:
            self._bring_about()
        except SendGridError as error:
            if error.details.get("uncertain"):
                self.result["changed"] = True
                # Nobody knows them now.
                for unknown in ("offerings", "account_state"):
                    self.result.pop(unknown, None)
            if not self._done:
                raise
            message = (
                f"{self.result['account_id']}: {', '.join(self._done)}. What was to follow failed: {error.message}"
            )
            raise SendGridError(error.code, message, **error.details) from error
        who = self.result["account_id"] or f"the account of {clean(self._profile['email'])}"
        done = f"{'in check mode: ' if self._accounts.check_mode else ''}{', '.join(self._done)}"
        what = done if self._done else self._nothing
        ignored = ", ".join(self.result.get("ignored", []))
        without = f" Without effect, as the account exists: {ignored}." if ignored else ""
        self.result["msg"] = f"{who}: {what}.{without}"

    def _bring_about(self) -> None:
        account_id = self._option("account_id")
        if self._option("state") == "absent":
            self._delete(account_id)
            return
        account_id = account_id or self._find()
        if account_id is None:
            self._create()
        else:
            self._update(account_id)

    def _did(self, what: str) -> None:
        self._done.append(what)
        self.result["changed"] = True

    def _find(self) -> str | None:
        """Return the id of the account with the email of the profile, V(None) if there is none."""
        email = lowered(self._profile["email"])
        listed = self._accounts.listed()
        found = [account for account in listed if email_of(account) == email]
        if len(found) > 1:
            shown = [f"{account['id']} (created {clean(account.get('created_at'))})" for account in found]
            raise self._error(
                "ambiguous_account",
                f"{len(found)} accounts have the email {quoted(self._profile['email'])}: {summary(shown, ', ')}. "
                "Name the one that is meant with account_id",
                account_ids=[account["id"] for account in found],
            )
        if found:
            return str(found[0]["id"])
        without = [account for account in listed if not email_of(account)]
        if listed and len(without) == len(listed) and not self._option("create_unverified"):
            raise self._error(
                "unverified_account",
                f"none of the {len(listed)} accounts in the list has an email, so nobody can tell whether "
                f"{quoted(self._profile['email'])} has an account already, and another one would be billed. Name the "
                "account with account_id, or set create_unverified to true for a customer who certainly has none",
            )
        if without:
            self._warn(f"{len(without)} of {len(listed)} accounts in the list have no email, and were not compared.")
        return None

    def _error(self, code: Code, message: str, **details: Any) -> SendGridError:
        return SendGridError(code, f"{self._settings.host}: {message}.", host=self._settings.host, **details)

    def _delete(self, account_id: str) -> None:
        others = self._accounts.others(account_id)
        if others is not None:
            self._nothing = f"it is not among the {len(others)} accounts at {self._settings.host}"
            return
        self.diff["before"] = {"account_id": account_id}
        self._accounts.delete(account_id)
        self._did("deleted")

    def _create(self) -> None:
        if self._option("offerings") is None:
            raise self._error(
                "not_found",
                f"no account has the email {quoted(self._profile['email'])}, and there are no offerings to create it "
                "with. Give offerings, or the account_id of an account that exists",
                account_ids=[],
            )
        change = self._pass_gate(None, f"The order of {quoted(self._profile['email'])}")
        account_id = self._accounts.create(self._profile, change.wanted, self._option("test_account"))
        self._did("created")
        self.diff["after"] = {"account_id": account_id, "offerings": change.wanted, "profile": self._profile}
        self.result.update(account_id=account_id, offerings=change.wanted, account_state=None, ignored=[])
        state = self._option("state")
        if state not in WRITABLE_STATES:
            return
        if account_id is None:
            # In check mode. That a new account is activated is our guess; it is read where there is one.
            self._write_state("{account_id}", "activated")
            return
        now = self._accounts.patiently(lambda: self._accounts.state(account_id))
        self._refuse_state(now)
        self._accounts.patiently(lambda: self._write_state(account_id, now))

    def _update(self, account_id: str) -> None:
        now = self._accounts.state(account_id)
        self.result.update(account_id=account_id, account_state=now)
        self.result["ignored"] = [
            *(f"profile.{field}" for field in self._profile if field != "email" or self._option("account_id")),
            *(["test_account"] if self._option("test_account") else []),
        ]
        self._refuse_state(now)
        current = self._accounts.offerings(account_id)
        self.result["offerings"] = current
        self.diff = {"before": {"account_id": account_id, "offerings": current}, "after": {"account_id": account_id}}
        if self._option("offerings") is not None:
            change = self._pass_gate(current, f"The order of {account_id}")
            if change.differs:
                self._accounts.replace_offerings(account_id, change.wanted)
                self._did("offerings replaced")
                self.result["offerings"] = change.wanted
        self.diff["after"]["offerings"] = self.result["offerings"]
        self._write_state(account_id, now)

    def _refuse_state(self, now: str) -> None:
        """Report an account that is not the reseller's to switch."""
        if now in WRITABLE_STATES:
            return
        if self._option("state") in WRITABLE_STATES:
            raise self._error(
                "account_state",
                f"{self.result['account_id']} is {now}, so it cannot be {self._option('state')}. Only the vendor can "
                "lift that: ask its support",
                state=now,
            )
        self._warn(f"The account {self.result['account_id']} is {now}: only the vendor can lift that.")

    def _write_state(self, account_id: str, now: str | None) -> None:
        wanted = self._option("state")
        if wanted in WRITABLE_STATES and wanted != now:
            self._accounts.write_state(account_id, wanted)
            self._did(wanted)
        self.result["account_state"] = wanted if wanted in WRITABLE_STATES else now
        if self.diff["before"]:
            self.diff["before"]["state"] = now
        self.diff["after"]["state"] = self.result["account_state"]

    def _pass_gate(self, current: list[dict[str, Any]] | None, subject: str) -> Change:
        """Return what the order makes of the offerings that the account has; there are V(None) if it is new.

        :raises SendGridError: C(gate_violations), and what reading the catalog raises.
        """
        purge = self._option("purge_offerings")
        # An account without a package may stay so. One that loses its package is what the gate is there to prevent.
        loses_package = purge and any(offering["type"] == "package" for offering in current or [])
        needs_package = self._option("require_package") and (current is None or loses_package)

        def judge(catalog: Any) -> tuple[tuple[dict[str, Any], Change], SendGridError | None]:
            host = self._settings.host
            order = self._option("offerings")
            checked, change = check_change(catalog.offerings, host, order, current or [], purge, needs_package)
            told, violated = verdict(checked, host, subject)
            return (told, change), violated

        _catalog, (told, change), violated = use_catalog(self._settings, self._option, self._warn, judge)
        self.result["gate"] = told["gate"]
        if violated:
            self.result["msg"] = told["msg"]
            raise violated
        self.result.update(kept=change.kept, removed=change.removed)
        return change
