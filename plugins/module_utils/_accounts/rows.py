# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The rows of a file of customers: what each asks for, and what is wrong with it. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_bool

from .._errors import SendGridError, invalid_options
from .._settings import kind_of, unknown_option_problems, value_problem
from .._text import maskable, quoted, summary
from .identity import normalize_email
from .journal import Entry
from .options import ROW, RULES, DesiredAccount, account_problems, customer_name, desired_account
from .plan import CurrentAccount, Plan


class Row:
    """One customer of a task: what is wanted, what is there, what is planned, and what came of it.

    :param label: what messages call the row.
    :param failure: why the row cannot be carried out, ``None`` if it can.
    """

    def __init__(self, desired: DesiredAccount, label: str, failure: SendGridError | None = None) -> None:
        self.desired = desired
        self.label = label
        self.failure = failure
        self.account_id = desired.account_id
        # As the row gives it or, with an id alone, as the API lists it.
        self.email: str | None = email if isinstance(email := desired.profile.get("email"), str) else None
        # If the row has an id and the account is listed with another email than the row gives.
        self.listed_email: str | None = None
        self.current: CurrentAccount | None = None
        # Of the creation journal, if the account was created a short time ago: the API may not find it yet.
        self.entry: Entry | None = None
        # Whether the account is listed, and nobody could account for its creation so far.
        self.is_unsettled = False
        # The path of its file, for messages.
        self.journal: str | None = None
        # Whether this task creates the account, or settles the entry of the task that did.
        self.is_created = False
        self.plan: Plan | None = None
        # How many steps of the plan have succeeded, and what they did. A step may find that nothing is to be done.
        self.completed = 0
        self.done: list[str] = []
        # Results of the module that are known so far.
        self.results: dict[str, Any] = {}


def read_rows(option: Callable[[str], Any]) -> list[Row]:
    """Return a row for each item of the option ``accounts``. Those that are wrong have a ``failure``."""
    accounts, secret = option("accounts"), maskable(option("api_key"))
    rules = {name: option(name) for name in (*RULES, "purge_offerings")}
    rows = [_read_row(given, f"accounts[{index}]", rules, secret) for index, given in enumerate(accounts)]
    refuse_repetitions(rows, lambda row: row.desired.account_id, "account_id")
    refuse_repetitions(rows, lambda row: row.email and normalize_email(row.email), "email")
    return rows


def _read_row(given: Any, position: str, rules: Mapping[str, Any], secret: str) -> Row:
    options: dict[str, Any] = {name: spec.get("default") for name, spec in ROW.items()}
    if not isinstance(given, Mapping):
        problems = [("", f"it is {kind_of(given)}, and a mapping is needed")]
    else:
        problems = unknown_option_problems(given, ROW)
        for name, spec in ROW.items():
            value = given.get(name)
            if value is None:
                continue
            problem = None
            if spec["type"] == "dict":
                problem = None if isinstance(value, Mapping) else f"it is {kind_of(value)}, and a mapping is needed"
            elif spec["type"] != "raw":
                problem = value_problem(name, spec, value, secret)
            if problem:
                problems.append((name, problem))
            else:
                options[name] = check_type_bool(value) if spec["type"] == "bool" else value
        problems += account_problems(options)
    if options["purge_offerings"] is None:
        options["purge_offerings"] = rules["purge_offerings"]
    name = customer_name(options, secret)
    label = f"{name} ({position})" if name else position
    failure = invalid_options(problems) if problems else None
    return Row(
        desired_account(
            {**options, **{rule: rules[rule] for rule in RULES}, "name": name or position, "api_key": secret}
        ),
        label,
        failure,
    )


def refuse_repetitions(rows: list[Row], value_of: Callable[[Row], str | None], word: str) -> None:
    """Refuse all rows that have the same value: nobody knows which of them counts.

    :param value_of: returns ``None`` for a row without a value.
    :param word: what messages call the values.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if value := value_of(row):
            groups.setdefault(value, []).append(row)
    for value, group in groups.items():
        if len(group) > 1:
            labels = summary([row.label for row in group], ", ")
            message = f"the {word} {quoted(value)} is in {len(group)} rows: {labels}. Give each customer one row"
            for row in group:
                # Other failures say more than that.
                if row.failure is None or row.failure.code == "invalid_option":
                    found = row.failure.details["problems"] if row.failure else []
                    problems = [(problem["option"] or "", problem["message"]) for problem in found]
                    row.failure = invalid_options([*problems, ("", message)])
