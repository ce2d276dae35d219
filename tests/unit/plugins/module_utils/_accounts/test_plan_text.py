# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan says to a person, and what makes two plans the same."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.options import RULES
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.plan import CurrentAccount, plan_account
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.plan_text import (
    MAXIMUM_ACCOUNTS_IN_ID,
    diffs,
    plan_difference,
    plan_id,
    plan_lines,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.rows import Row, read_rows
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate

ENDPOINT = "https://api.example.com"
HOST = "api.example.com"
SMALL = {"name": "p.small", "type": "package", "quantity": 1}
LARGE = {"name": "p.large", "type": "package", "quantity": 1}
IPS = {"name": "x.ip", "type": "addon", "quantity": 3}
POOL = {"name": "x.pool", "type": "addon", "quantity": 1}
GATE = Gate([{**offering, "entitlements": {}} for offering in (SMALL, LARGE, IPS, POOL)], HOST)
DEFAULTS = {"api_key": "", "purge_offerings": False, **{name: spec["default"] for name, spec in RULES.items()}}


def rows(*given: tuple[dict[str, Any], tuple[str, list[dict[str, Any]]] | None], **options: Any) -> list[Row]:
    """Return planned rows: of each, what is wanted, and the state and the offerings of the account."""
    wanted = [
        {"profile": {"company_name": f"Customer {number}", "email": f"c{number}@example.com"}, **row}
        for number, (row, _current) in enumerate(given)
    ]
    found = read_rows({**DEFAULTS, **options, "accounts": wanted}.__getitem__)
    for number, (row, (_row, current)) in enumerate(zip(found, given)):
        if current is not None:
            row.account_id = f"sg{number}"
            row.current = CurrentAccount(row.account_id, *current)
        gate = None if row.desired.order is None or row.desired.state == "absent" else GATE
        row.plan, _violated = plan_account(row.desired, row.current, gate, HOST)
    return found


def line(row: dict[str, Any], current: tuple[str, list[dict[str, Any]]] | None, **options: Any) -> str:
    return plan_lines(rows((row, current), **options))[0]


@pytest.mark.parametrize(
    ("row", "current", "expected"),
    [
        ({"offerings": ["p.small", "x.pool"]}, None, "CREATE  {}: gets p.small × 1, x.pool × 1"),
        (
            {"offerings": ["p.small"], "state": "deactivated", "test_account": True},
            None,
            "CREATE  {}: gets p.small × 1; test account: 100 mails a day; starts deactivated",
        ),
        ({"offerings": ["p.large"]}, ("activated", [SMALL]), "CHANGE  {}: package p.small becomes p.large"),
        (
            {"offerings": ["p.large", {"name": "x.ip", "quantity": 1}], "purge_offerings": True},
            ("activated", [SMALL, IPS, POOL]),
            "CHANGE  {}: package p.small becomes p.large; loses x.ip × 2 (1 left), x.pool × 1",
        ),
        (
            {"offerings": [{"name": "x.ip", "quantity": 5}]},
            ("deactivated", [SMALL, IPS]),
            "CHANGE  {}: gets x.ip × 2 (5 in all); keeps p.small × 1, not in the order, still billed",
        ),
        ({"state": "deactivated"}, ("activated", [SMALL]), "CHANGE  {}: deactivated, can no longer send mail"),
        ({"state": "activated"}, ("deactivated", [SMALL]), "CHANGE  {}: activated, can send mail again"),
        (
            {"state": "absent"},
            ("activated", [SMALL, IPS]),
            "DELETE  {} sg0: loses p.small × 1, x.ip × 3, its API keys and IP addresses; cannot be undone",
        ),
        (
            {"state": "absent"},
            ("banned", []),
            "DELETE  {} sg0: loses its API keys and IP addresses; the vendor has set it to banned; cannot be undone",
        ),
        (
            {"offerings": ["p.large"]},
            ("suspended", [SMALL]),
            "CHANGE  {}: package p.small becomes p.large; the vendor has set it to suspended",
        ),
        ({"state": "absent"}, None, "TOTAL   1 unchanged"),
    ],
)
def test_a_line_says_who_gets_and_who_loses_what(
    row: dict[str, Any], current: tuple[str, list[dict[str, Any]]] | None, expected: str
) -> None:
    assert line(row, current) == expected.format('"Customer 0" <c0@example.com>')


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"profile": {"email": "c@example.com"}}, "<c@example.com>"),
        ({"name": "The Bakery", "profile": {"email": "c@example.com"}}, '"The Bakery" <c@example.com>'),
        ({"name": "Line\nTOTAL \u202egnp", "profile": {"email": "c@example.com"}}, '"Line TOTAL gnp" <c@example.com>'),
        ({"name": 'A" <x@y.z>: gets', "profile": {"email": "c@example.com"}}, '"A\' <x@y.z>: gets" <c@example.com>'),
        ({"name": "Bäckerei", "profile": {"email": "\u0441@example.com"}}, '"Bäckerei" <\\u0441@example.com>'),
        ({"profile": {"company_name": "x" * 200, "email": "c@example.com"}}, f'"{"x" * 99}…" <c@example.com>'),
        ({"account_id": "sg7", "profile": None}, "sg7"),
    ],
)
def test_customers_are_named_on_one_line(row: dict[str, Any], expected: str) -> None:
    (found,) = rows(({**row, "state": "deactivated"}, ("activated", [SMALL])))
    found.account_id = found.desired.account_id or "sg0"
    assert plan_lines([found])[0] == f"CHANGE  {expected}: deactivated, can no longer send mail"


def test_deletions_come_first_then_losses_then_the_rest_then_totals() -> None:
    planned = rows(
        ({"offerings": ["p.small"]}, None),
        ({"offerings": ["p.small"]}, ("activated", [SMALL, POOL])),
        ({"state": "activated"}, ("deactivated", [SMALL])),
        ({"offerings": ["p.large"]}, ("activated", [SMALL])),
        ({"state": "absent"}, ("activated", [SMALL])),
        ({"state": "deactivated"}, ("activated", [SMALL])),
    )
    planned[2].failure = SendGridError("not_found", "404\nNot Found.")
    lines = plan_lines(planned)
    customers = [one.partition("<")[2][:2] for one in lines]
    assert [one.split()[0] for one in lines] == ["DELETE", "CHANGE", "CHANGE", "CREATE", "KEEP", "ERROR", "TOTAL"]
    assert customers == ["c4", "c3", "c5", "c0", "c1", "c2", ""]
    assert lines[4] == 'KEEP    "Customer 1" <c1@example.com>: x.pool × 1, not in the order, still billed'
    assert lines[5] == 'ERROR   "Customer 2" <c2@example.com>: 404 Not Found.'
    assert lines[6] == (
        "TOTAL   1 to delete for good; 2 to change at once; 1 to create, billed at once; 1 unchanged; 1 with an error"
    )


def test_accounts_that_no_row_names_are_one_line() -> None:
    unlisted: list[dict[str, Any]] = [
        {"account_id": "sg8", "email": "old@example.com"},
        {"account_id": "sg9", "email": None},
    ]
    assert plan_lines([], unlisted)[0] == "OTHERS  2 accounts are in no row and left alone: <old@example.com>, sg9"
    assert plan_lines([], unlisted[:1] * 300)[0].endswith(", and 295 more")


def test_another_email_in_the_list_is_shown() -> None:
    (found,) = rows(({"account_id": "sg0", "state": "absent"}, ("activated", [SMALL])))
    found.listed_email = "other@example.com"
    start = 'DELETE  "Customer 0" <c0@example.com> (listed with <other@example.com>) sg0: loses '
    assert plan_lines([found])[0].startswith(start)


def test_of_several_packages_all_are_shown() -> None:
    """The vendor says that an account has one. If it has two, nobody should miss one."""
    other = {"name": "p.old", "type": "package", "quantity": 1}
    assert line({"offerings": ["p.large"]}, ("activated", [SMALL, other])).endswith(
        ": loses p.small × 1, p.old × 1; gets p.large × 1"
    )


def test_the_id_is_of_what_changes_only() -> None:
    wanted: list[Any] = [
        ({"offerings": ["p.large", "x.pool"]}, ("activated", [SMALL])),
        ({"state": "absent"}, ("activated", [SMALL])),
        ({"offerings": ["p.small"]}, ("activated", [SMALL])),
    ]
    planned = rows(*wanted)
    approved = plan_id(planned, ENDPOINT)
    assert plan_id(planned[::-1], ENDPOINT) == plan_id(planned[:2], ENDPOINT) == approved
    renamed = rows(({**wanted[0][0], "name": "Other", "offerings": ["x.pool", "p.large"]}, wanted[0][1]), *wanted[1:])
    assert plan_id(renamed, ENDPOINT) == approved
    assert plan_difference(planned, approved) == []
    # A state that the plan neither shows nor changes.
    banned = rows((wanted[0][0], ("deactivated", [SMALL])), (wanted[1][0], ("banned", [SMALL])))
    assert plan_id(banned, ENDPOINT) == approved
    others = [
        plan_id(planned, "https://api.eu.example.com"),
        plan_id(planned[:1], ENDPOINT),
        plan_id(rows(({"offerings": ["p.large"]}, wanted[0][1]), *wanted[1:]), ENDPOINT),
        # Other offerings before are another loss.
        plan_id(rows(wanted[0], (wanted[1][0], ("activated", [SMALL, POOL]))), ENDPOINT),
        plan_id([], ENDPOINT),
    ]
    assert len({approved, *others}) == 1 + len(others)


def test_the_id_of_a_creation_depends_on_the_profile_and_the_kind_of_account() -> None:
    order: dict[str, Any] = {"offerings": ["p.small"]}
    ids = {
        plan_id(rows(({**order, **row}, None)), ENDPOINT)
        for row in (
            {},
            {"test_account": True},
            {"state": "activated"},
            {"state": "deactivated"},
            {"profile": {"company_name": "Customer", "email": "c0@example.com"}},
            {"profile": {"company_name": "Customer 0", "email": "other@example.com"}},
        )
    }
    assert len(ids) == 6


def test_the_difference_is_told_by_lines_unless_the_plan_is_large() -> None:
    create: Any = ({"offerings": ["p.small"]}, None)
    planned = rows(create, create, create)
    approved = plan_id(planned[:2], ENDPOINT)
    assert plan_difference(planned[1:], approved) == [
        'not approved: CREATE  "Customer 2" <c2@example.com>: gets p.small × 1',
        "no longer planned: 1 of the 2 approved changes",
    ]
    many = rows(*[create] * (MAXIMUM_ACCOUNTS_IN_ID + 1))
    assert "-" not in plan_id(many, ENDPOINT)
    assert plan_difference(many[1:], plan_id(many, ENDPOINT)) == []
    assert plan_difference(planned, "garbage-1") != []


def test_a_diff_has_sorted_lines_and_a_header() -> None:
    planned = rows(
        ({"offerings": ["p.small"]}, ("activated", [SMALL])),
        ({"offerings": ["p.large", "x.pool"]}, ("activated", [IPS, SMALL])),
        ({"offerings": ["p.small"], "profile": {"email": "new@example.com", "company_name": "New"}}, None),
    )
    changed, created = diffs(planned)
    assert changed["before_header"] == changed["after_header"] == "Customer 1 (sg1)"
    assert changed["before"] == "state: activated\np.small × 1\nx.ip × 3\n"
    assert changed["after"] == "state: activated\np.large × 1\nx.ip × 3\nx.pool × 1\n"
    assert created["before_header"] == "New (new)" and created["before"] == ""
    assert created["after"] == "company_name: New\nemail: new@example.com\np.small × 1\n"
