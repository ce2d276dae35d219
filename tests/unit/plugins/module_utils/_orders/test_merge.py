# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an order changes the offerings of an account, and that nothing else is removed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.offerings import quantities
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.merge import OfferingsPlan, check_change
from hypothesis import given, settings
from hypothesis import strategies as st

Offering = dict[str, Any]
HOST = "api.example.com"
KINDS = {
    "p.one": "package",
    "p.two": "package",
    "p.old": "package",
    "x.ip": "addon",
    "x.mail": "addon",
    "x.old": "addon",
}
LISTED = [name for name in KINDS if not name.endswith(".old")]
CATALOG = [{"name": name, "type": KINDS[name], "quantity": 1, "entitlements": {}} for name in LISTED]


def offerings(**amounts: int) -> list[Offering]:
    """Return offerings with these quantities; ``p_one`` stands for ``p.one``."""
    names = {name.replace("_", "."): amount for name, amount in amounts.items()}
    return [{"name": name, "type": KINDS[name], "quantity": amount} for name, amount in names.items()]


def plan_for(
    order: list[Offering], current: list[Offering], purge: bool = False, require_package: bool = False
) -> OfferingsPlan:
    checked, plan = check_change(Gate(CATALOG, HOST), order, current, purge, require_package)
    assert checked["ok"], checked["violations"]
    assert checked["payload"] == plan.wanted
    return plan


def violations_of(
    order: Any, current: list[Offering], purge: bool = False, require_package: bool = False
) -> list[tuple[str, int | None, str | None]]:
    checked, plan = check_change(Gate(CATALOG, HOST), order, current, purge, require_package)
    assert not plan.differs and checked["payload"] is None
    return [(found["code"], found["index"], found["offering"]) for found in checked["violations"]]


def fields_of(plan: OfferingsPlan) -> tuple[list[Offering], list[Offering], list[Offering], bool]:
    return plan.wanted, plan.kept, plan.removed, plan.differs


def test_a_new_account_gets_the_order() -> None:
    order = offerings(p_one=1, x_ip=2)
    assert fields_of(plan_for(order, [])) == (order, [], [], True)


def test_an_order_of_what_the_account_has_changes_nothing() -> None:
    current = offerings(p_one=1, x_ip=2)
    assert fields_of(plan_for(list(reversed(current)), current)) == (list(reversed(current)), [], [], False)


@pytest.mark.parametrize("purge", [False, True])
def test_an_addon_that_the_order_does_not_name_is_kept_unless_purged(purge: bool) -> None:
    package, ips = offerings(p_one=1), offerings(x_ip=2)
    expected = (package, [], ips, True) if purge else (package + ips, ips, [], False)
    assert fields_of(plan_for(package, package + ips, purge)) == expected


def test_an_ordered_package_replaces_the_current_one() -> None:
    one, two, ips = offerings(p_one=1), offerings(p_two=1), offerings(x_ip=2)
    assert fields_of(plan_for(two, one + ips)) == (two + ips, ips, one, True)


def test_an_order_of_addons_keeps_the_package() -> None:
    one, ips = offerings(p_one=1), offerings(x_ip=2)
    assert fields_of(plan_for(ips, one)) == (ips + one, one, [], True)


def test_a_lower_quantity_removes_the_difference() -> None:
    one = offerings(p_one=1)
    plan = plan_for(offerings(x_ip=1), one + offerings(x_ip=3))
    assert fields_of(plan) == (offerings(x_ip=1) + one, one, offerings(x_ip=2), True)


def test_a_higher_quantity_removes_nothing() -> None:
    plan = plan_for(offerings(p_one=1, x_ip=3), offerings(p_one=1, x_ip=1))
    assert fields_of(plan) == (offerings(p_one=1, x_ip=3), [], [], True)


def test_purging_needs_a_package_in_the_order_if_one_is_required() -> None:
    current = offerings(p_one=1, x_ip=1)
    assert violations_of(offerings(x_ip=1), current, True, require_package=True) == [("no_package", None, None)]
    assert fields_of(plan_for(offerings(x_ip=1), current, True)) == (offerings(x_ip=1), [], offerings(p_one=1), True)


@pytest.mark.parametrize("current", [[], offerings(p_one=1)])
def test_a_required_package_must_be_in_the_order(current: list[Offering]) -> None:
    assert violations_of(offerings(x_ip=1), [], require_package=True) == [("no_package", None, None)]
    assert plan_for(offerings(p_two=1, x_ip=1), current, require_package=True).wanted == offerings(p_two=1, x_ip=1)


# Delisted offerings


def test_delisted_offerings_are_kept() -> None:
    old = offerings(p_old=1, x_old=3)
    assert fields_of(plan_for(offerings(x_ip=1), old)) == (offerings(x_ip=1) + old, old, [], True)


def test_delisted_offerings_can_be_ordered_unchanged() -> None:
    old = offerings(p_old=1, x_old=3)
    assert fields_of(plan_for(old, old, True)) == (old, [], [], False)


def test_a_lower_quantity_of_a_delisted_offering_can_be_ordered() -> None:
    assert plan_for(offerings(p_old=1, x_old=2), offerings(p_old=1, x_old=3)).removed == offerings(x_old=1)


def test_a_higher_quantity_of_a_delisted_offering_is_refused() -> None:
    order, current = offerings(p_old=1, x_old=4), offerings(p_old=1, x_old=3)
    assert violations_of(order, current) == [("unknown_offering", 1, "x.old")]


def test_a_higher_quantity_of_a_delisted_offering_is_reported_with_other_violations() -> None:
    order = [*offerings(x_old=4), {"name": "x.mail", "quantity": 0}]
    assert violations_of(order, offerings(p_old=1, x_old=3)) == [
        ("unknown_offering", 0, "x.old"),
        ("invalid_quantity", 1, "x.mail"),
    ]


def test_the_quantity_of_a_delisted_package_is_one() -> None:
    order = [{"name": "p.old", "quantity": 2}]
    assert violations_of(order, offerings(p_old=1)) == [("package_quantity", 0, "p.old")]


def test_a_delisted_offering_that_the_account_lacks_is_refused() -> None:
    assert violations_of(offerings(p_old=1, x_ip=1), offerings(p_one=1)) == [("unknown_offering", 0, "p.old")]
    assert violations_of(offerings(p_old=1), []) == [("unknown_offering", 0, "p.old")]


def test_a_delisted_offering_has_the_type_that_the_account_has() -> None:
    order = [{"name": "p.old", "type": "addon"}]
    assert violations_of(order, offerings(p_old=1)) == [("type_mismatch", 0, "p.old")]


def test_a_delisted_package_can_be_replaced() -> None:
    assert fields_of(plan_for(offerings(p_one=1), offerings(p_old=1))) == (
        offerings(p_one=1),
        [],
        offerings(p_old=1),
        True,
    )


# Refused orders


@pytest.mark.parametrize(
    ("order", "violations"),
    [
        ([], [("empty_order", None, None)]),
        (["x.ipp"], [("unknown_offering", 0, "x.ipp")]),
        (["p.one", "p.two"], [("multiple_packages", 1, "p.two")]),
        (["x.ip", "x.ip"], [("duplicate_offering", 1, "x.ip")]),
        ([{"name": "x.ip", "quantity": 0}], [("invalid_quantity", 0, "x.ip")]),
        ([{"name": "p.one", "quantity": 2}], [("package_quantity", 0, "p.one")]),
    ],
)
def test_a_refused_order_changes_nothing(order: Any, violations: list[tuple[str, Any, Any]]) -> None:
    assert violations_of(order, offerings(p_one=1, x_ip=1)) == violations


def test_an_account_with_two_packages_needs_an_order_with_one() -> None:
    """According to the API an account has at most one package, and the request holds all offerings of the account."""
    current = offerings(p_one=1) + offerings(p_old=1)
    assert violations_of(offerings(x_ip=1), current) == [("multiple_packages", 2, "p.old")]
    assert plan_for(offerings(p_two=1), current).removed == current


def test_messages_about_current_offerings_have_no_position_in_the_order() -> None:
    checked, _plan = check_change(Gate(CATALOG, HOST), offerings(x_ip=1), offerings(p_one=1, p_old=1), False, False)
    (violation,) = checked["violations"]
    assert violation["message"].startswith(
        "what the account has: 'p.old' is a package, and so is 'p.one' (what the account has)."
    )


# Properties


def orders(names: list[str], least: int = 1) -> st.SearchStrategy[list[Offering]]:
    packages = st.lists(st.sampled_from([name for name in names if KINDS[name] == "package"]), max_size=1)
    addons = st.dictionaries(
        st.sampled_from([name for name in names if KINDS[name] == "addon"]), st.integers(1, 5), min_size=least
    )

    def order(chosen: tuple[list[str], dict[str, int]]) -> list[Offering]:
        amounts = {**dict.fromkeys(chosen[0], 1), **chosen[1]}
        return [{"name": name, "type": KINDS[name], "quantity": amount} for name, amount in amounts.items()]

    return st.tuples(packages, addons).map(order)


bounded = settings(deadline=None, derandomize=True, max_examples=300)


@bounded
@given(orders(LISTED), orders(list(KINDS), 0))
def test_without_purge_only_ordered_offerings_and_the_package_change(
    order: list[Offering], current: list[Offering]
) -> None:
    plan = plan_for(order, current)
    had, got, ordered = (quantities(some) for some in (current, plan.wanted, order))
    new_package = any(offering["type"] == "package" for offering in order)
    lost = {}
    for name, amount in had.items():
        if name in ordered:
            less = max(0, amount - ordered[name])
        else:
            less = amount if new_package and KINDS[name] == "package" else 0
        assert got.get(name, 0) == (ordered[name] if name in ordered else amount - less)
        if less:
            lost[name] = less
    assert quantities(plan.removed) == lost
    assert got.keys() == ordered.keys() | (had.keys() - lost.keys())
    assert sum(KINDS[name] == "package" for name in got) <= 1
    assert plan.differs == (got != had)
    assert quantities(plan.kept) == {name: amount for name, amount in had.items() if name not in {*ordered, *lost}}


@bounded
@given(orders(LISTED), orders(list(KINDS), 0))
def test_with_purge_the_account_has_exactly_the_order(order: list[Offering], current: list[Offering]) -> None:
    plan = plan_for(order, current, purge=True)
    had, ordered = quantities(current), quantities(order)
    assert (plan.wanted, plan.kept) == (order, [])
    assert plan.differs == (had != ordered)
    assert quantities(plan.removed) == {
        name: amount - ordered.get(name, 0) for name, amount in had.items() if amount > ordered.get(name, 0)
    }


@bounded
@given(orders(LISTED), orders(list(KINDS), 0), st.booleans())
def test_the_same_order_changes_nothing_the_second_time(
    order: list[Offering], current: list[Offering], purge: bool
) -> None:
    second_plan = plan_for(order, plan_for(order, current, purge).wanted, purge)
    assert not second_plan.differs and second_plan.removed == []
