# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the reseller allows of its catalog: which orders break it, and which policies are refused."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.merge import check_change
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.policy import Policy, policy_problems
from ansible_collections.reseller.sendgrid.tests.support.gate_results import (
    CATALOG,
    HOST,
    IP,
    ONE,
    POOL,
    TWO,
    check_order,
    refused,
    violation,
)
from ansible_collections.reseller.sendgrid.tests.support.order_strategies import likely_orders, likely_policies
from hypothesis import given, settings

LIMIT_OF_IP = "maximum_quantities['x.*'] allows at most 5. Lower the quantity, or raise the limit."


def codes(order: Any, policy: Policy, held: list[dict[str, Any]] | None = None) -> list[tuple[str, str]]:
    checked, _plan = check_change(Gate(CATALOG, HOST, policy), order, held or [], False, False)
    return [(found["code"], found["offering"]) for found in checked["violations"]]


def ip(quantity: int) -> dict[str, Any]:
    return {"name": IP, "type": "addon", "quantity": quantity}


def test_all_violations_come_with_the_option_and_the_pattern() -> None:
    policy = Policy(["p.*", IP], {"x.*": 5, "p.two.*": 0})
    order = [{"name": IP, "quantity": 100000}, TWO, {"name": POOL, "quantity": 6}]
    assert Gate(CATALOG, HOST, policy).check(order, "offerings", False) == refused(
        violation("quantity_limit", 0, IP, f"'{IP}' has the quantity 100000, and {LIMIT_OF_IP}"),
        violation(
            "quantity_limit",
            1,
            TWO,
            f"'{TWO}' has the quantity 1, and maximum_quantities['p.two.*'] allows none of it. Leave it out, or raise "
            "the limit.",
        ),
        violation(
            "not_allowed",
            2,
            POOL,
            f"'{POOL}' is not allowed: allowed_offerings has 'p.*', '{IP}'. Order one of these, or add it to "
            "allowed_offerings.",
        ),
        violation("quantity_limit", 2, POOL, f"'{POOL}' has the quantity 6, and {LIMIT_OF_IP}"),
    )
    (found,) = Gate(CATALOG, HOST, Policy([])).check([ONE], "offerings", False)["violations"]
    assert found["message"].startswith(
        f"offerings[0]: '{ONE}' is not allowed: allowed_offerings has nothing. Add it to "
    )


@pytest.mark.parametrize(
    ("allowed", "passes"),
    [
        (None, True),
        ([], False),
        ([IP], True),
        (["x.*"], True),
        (["?.ip.v[0-9]"], True),
        (["p.*", "*"], True),
        (["X.*"], False),
        (["ip"], False),
        ([f" {IP}"], False),
    ],
)
def test_allowed_offerings_are_names_or_patterns_in_exact_case(allowed: list[str] | None, passes: bool) -> None:
    assert codes([IP], Policy(allowed)) == ([] if passes else [("not_allowed", IP)])


def test_a_name_with_brackets_matches_itself() -> None:
    gate = Gate([{**CATALOG[3], "name": "x[1]"}], HOST, Policy(["x[1]"], {"x[1]": 1}))
    assert gate.check(["x[1]"], "offerings", False)["ok"]


@pytest.mark.parametrize(
    ("maximums", "limit"),
    [
        (None, 9),
        ({}, 9),
        ({"p.*": 1}, 9),
        ({IP: 3}, 3),
        ({IP: " 3 "}, 3),
        # An exact name, whatever the patterns say.
        ({"x.ip.v*": 1, IP: 3, "*": 2}, 3),
        ({"x.ip.v*": 3, IP: 0}, 0),
        ({f"{IP}*": 1, IP: 3}, 3),
        # Then the pattern with most characters that are no wildcard.
        ({"*": 1, "x.*": 3, "????*": 2}, 3),
        ({"x.ip.*": 3, "x.[a-z][a-z].*": 1, "x.*": 2}, 3),
        ({"x.*.v2": 3, "x.ip*": 4}, 3),
        # Then the smaller limit.
        ({"x.i*": 4, "x.*v": 1, "x.*2": 3}, 3),
    ],
)
def test_the_most_specific_limit_holds(maximums: dict[str, Any] | None, limit: int) -> None:
    for quantity in range(1, 10):
        expected = [("quantity_limit", IP)] if quantity > limit else []
        assert codes([{"name": IP, "quantity": quantity}], Policy(None, maximums)) == expected


def test_a_limit_holds_for_each_offering_alone() -> None:
    assert codes([{"name": IP, "quantity": 5}, {"name": POOL, "quantity": 5}], Policy(None, {"x.*": 5})) == []


def test_the_greatest_limit_is_a_limit() -> None:
    assert codes([{"name": IP, "quantity": 2**63 - 1}], Policy(None, {IP: 2**63 - 1})) == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([ONE], []),
        ([{"name": IP, "quantity": 7}], []),
        ([{"name": IP, "quantity": 8}], []),
        ([{"name": IP, "quantity": 9}], [("not_allowed", IP), ("quantity_limit", IP)]),
        ([POOL], [("not_allowed", POOL)]),
        ([TWO], []),
    ],
)
def test_what_an_account_has_is_no_violation_but_raising_it_is(order: Any, expected: list[tuple[str, str]]) -> None:
    policy = Policy(["p.two.*"], {IP: 5})
    held = [{"name": ONE, "type": "package", "quantity": 1}, ip(8)]
    assert codes(order, policy, held) == expected


def test_the_message_says_what_the_account_can_keep() -> None:
    for held, kept in ((6, "The account has 6 and can keep them."), (1, "The account has 1 and can keep it.")):
        order = [{"name": IP, "quantity": 7}]
        checked, _plan = check_change(Gate(CATALOG, HOST, Policy(None, {"x.*": 5})), order, [ip(held)], False, False)
        (found,) = checked["violations"]
        assert found["message"] == f"offerings[0]: '{IP}' has the quantity 7, and {LIMIT_OF_IP} {kept}"


def test_a_package_that_is_kept_with_a_wrong_quantity_breaks_no_policy() -> None:
    held = [{"name": ONE, "type": "package", "quantity": 1}]
    assert codes([{"name": ONE, "quantity": 2}], Policy([], {"*": 0}), held) == [("package_quantity", ONE)]
    assert codes([{"name": IP, "quantity": 0}], Policy([], {"*": 0}), [ip(1)]) == [("invalid_quantity", IP)]


def test_an_offering_that_the_catalog_lacks_breaks_no_policy() -> None:
    assert codes(["x.ip.v1"], Policy([], {"*": 0})) == [("unknown_offering", "x.ip.v1")]


def test_names_and_patterns_that_match_nothing_are_a_warning() -> None:
    warnings: list[str] = []
    Policy(["p.*", "X.*"], {"x.ip.v1": 5, IP: 2, "*": 0}).warn_unmatched(CATALOG, HOST, warnings.append)
    assert warnings == [
        f"allowed_offerings: 'X.*' matches nothing in your catalog (6 offerings at {HOST}). "
        f"maximum_quantities: 'x.ip.v1' matches nothing in your catalog (6 offerings at {HOST}). Did you mean '{IP}'?"
    ]
    Policy(["p.*"], {IP: 5}).warn_unmatched(CATALOG, HOST, warnings.append)
    Policy().warn_unmatched(CATALOG, HOST, warnings.append)
    assert len(warnings) == 1
    Policy([f"x.ip.v{version}" for version in range(3, 10)]).warn_unmatched(CATALOG, HOST, warnings.append)
    assert warnings[1].count("Did you mean") == 5 and warnings[1].endswith("? and 2 more")


NEEDED = "An integer from 0 to 2^63 - 1 is needed"


def problems(allowed: Any = None, maximums: Any = None) -> list[tuple[str, str]]:
    options = {"allowed_offerings": allowed, "maximum_quantities": maximums, "api_key": "the key of the account API"}
    return policy_problems(options.__getitem__)


@pytest.mark.parametrize("maximums", [None, {}, {"*": 0}, {"a": "5"}, {"a": 2**63 - 1}])
@pytest.mark.parametrize("allowed", [None, [], ["*"], [IP, "p.*"]])
def test_policies_that_can_be_held(allowed: Any, maximums: Any) -> None:
    assert problems(allowed, maximums) == []


def test_all_that_is_wrong_with_a_policy_is_reported_at_once() -> None:
    limits = {"a": -1, "b": True, "c": "five", "d": 1.0, "e": None, "f": [], "g": 2**63, "h": "-1", " ": 1, "x.* ": 1}
    assert problems([IP, 5, "", None, " ", [IP], "\tp.*"], limits) == [
        ("allowed_offerings[1]", "5 is no name or pattern of offerings"),
        ("allowed_offerings[2]", "'' is no name or pattern of offerings"),
        ("allowed_offerings[3]", "null is no name or pattern of offerings"),
        ("allowed_offerings[4]", "' ' is no name or pattern of offerings"),
        ("allowed_offerings[5]", "a list is no name or pattern of offerings"),
        ("allowed_offerings[6]", r"'\tp.*' has white space around it. Remove it"),
        *(
            (f"maximum_quantities['{pattern}']", f"the limit is {shown}. {NEEDED}")
            for pattern, shown in zip("abcdefgh", ["-1", "true", "'five'", "1.0", "null", "a list", str(2**63), "'-1'"])
        ),
        ("maximum_quantities", "' ' is no name or pattern of offerings"),
        ("maximum_quantities", "'x.* ' has white space around it. Remove it"),
    ]


@pytest.mark.parametrize(
    ("given", "kind"), [("", "a text"), ("milne.*", "a text"), (5, "a number"), (False, "a boolean")]
)
def test_a_policy_of_another_type_is_refused(given: Any, kind: str) -> None:
    quantities = ("maximum_quantities", f"it is {kind}, and a mapping from names or patterns to quantities is needed")
    assert problems(given, given) == [
        ("allowed_offerings", f"it is {kind}, and a list of names or patterns is needed"),
        quantities,
    ]
    assert problems({IP: 5}, [IP]) == [
        ("allowed_offerings", "it is a mapping, and a list of names or patterns is needed"),
        ("maximum_quantities", "it is a list, and a mapping from names or patterns to quantities is needed"),
    ]


def test_a_pattern_that_holds_the_api_key_is_not_shown() -> None:
    assert problems(None, {"of the key of the account API": "x"}) == [
        ("maximum_quantities", "a name or pattern holds the API key")
    ]


@given(likely_orders, likely_policies)
@settings(deadline=None)
def test_a_policy_only_refuses_and_what_passes_holds_it(order: Any, policy: Policy) -> None:
    usual, checked = check_order(order), Gate(CATALOG, HOST, policy).check(order, "offerings", False)
    others = [found for found in checked["violations"] if found["code"] not in ("not_allowed", "quantity_limit")]
    assert others == usual["violations"]
    for item in checked["payload"] or ():
        assert item in usual["payload"]
        assert policy._allowed is None or any(fnmatchcase(item["name"], pattern) for pattern in policy._allowed)
        matching = [limit for pattern, limit in policy._limits.items() if fnmatchcase(item["name"], pattern)]
        assert item["quantity"] <= max(matching, default=item["quantity"])
    if usual["ok"] and not checked["ok"]:
        held = usual["payload"]
        assert check_change(Gate(CATALOG, HOST, policy), order, held, False, False)[0]["ok"]
