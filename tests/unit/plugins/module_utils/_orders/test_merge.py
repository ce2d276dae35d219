# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an order makes of the offerings that an account has: nothing is lost that the order does not take away."""

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


def these(**amounts: int) -> list[Offering]:
    """Return offerings by name, with _ for the dot."""
    names = {name.replace("_", "."): amount for name, amount in amounts.items()}
    return [{"name": name, "type": KINDS[name], "quantity": amount} for name, amount in names.items()]


def changed(
    order: list[Offering], current: list[Offering], purge: bool = False, require_package: bool = False
) -> OfferingsPlan:
    checked, change = check_change(Gate(CATALOG, HOST), order, current, purge, require_package)
    assert checked["ok"], checked["violations"]
    assert checked["payload"] == change.wanted
    return change


def refused(
    order: Any, current: list[Offering], purge: bool = False, require_package: bool = False
) -> list[tuple[str, int | None, str | None]]:
    checked, change = check_change(Gate(CATALOG, HOST), order, current, purge, require_package)
    assert not change.differs and checked["payload"] is None
    return [(found["code"], found["index"], found["offering"]) for found in checked["violations"]]


def told(change: OfferingsPlan) -> tuple[list[Offering], list[Offering], list[Offering], bool]:
    return change.wanted, change.kept, change.removed, change.differs


def test_a_new_account_gets_the_order() -> None:
    order = these(p_one=1, x_ip=2)
    assert told(changed(order, [])) == (order, [], [], True)


def test_what_is_there_already_is_no_change() -> None:
    current = these(p_one=1, x_ip=2)
    assert told(changed(list(reversed(current)), current)) == (list(reversed(current)), [], [], False)


@pytest.mark.parametrize("purge", [False, True])
def test_an_addon_that_is_not_named_is_kept_unless_purged(purge: bool) -> None:
    package, ips = these(p_one=1), these(x_ip=2)
    expected = (package, [], ips, True) if purge else (package + ips, ips, [], False)
    assert told(changed(package, package + ips, purge)) == expected


def test_a_package_takes_the_place_of_the_other() -> None:
    one, two, ips = these(p_one=1), these(p_two=1), these(x_ip=2)
    assert told(changed(two, one + ips)) == (two + ips, ips, one, True)


def test_an_order_of_addons_keeps_the_package() -> None:
    one, ips = these(p_one=1), these(x_ip=2)
    assert told(changed(ips, one)) == (ips + one, one, [], True)


def test_a_lower_quantity_removes_the_difference() -> None:
    one = these(p_one=1)
    change = changed(these(x_ip=1), one + these(x_ip=3))
    assert told(change) == (these(x_ip=1) + one, one, these(x_ip=2), True)


def test_a_higher_quantity_removes_nothing() -> None:
    change = changed(these(p_one=1, x_ip=3), these(p_one=1, x_ip=1))
    assert told(change) == (these(p_one=1, x_ip=3), [], [], True)


def test_with_purge_the_package_needs_to_be_ordered() -> None:
    current = these(p_one=1, x_ip=1)
    assert refused(these(x_ip=1), current, True, require_package=True) == [("no_package", None, None)]
    assert told(changed(these(x_ip=1), current, True)) == (these(x_ip=1), [], these(p_one=1), True)


@pytest.mark.parametrize("current", [[], these(p_one=1)])
def test_a_package_that_is_required_is_one_of_the_order(current: list[Offering]) -> None:
    assert refused(these(x_ip=1), [], require_package=True) == [("no_package", None, None)]
    assert changed(these(p_two=1, x_ip=1), current, require_package=True).wanted == these(p_two=1, x_ip=1)


# What the catalog no longer lists


def test_what_was_delisted_is_kept() -> None:
    old = these(p_old=1, x_old=3)
    assert told(changed(these(x_ip=1), old)) == (these(x_ip=1) + old, old, [], True)


def test_what_was_delisted_can_be_ordered_as_it_is() -> None:
    old = these(p_old=1, x_old=3)
    assert told(changed(old, old, True)) == (old, [], [], False)


def test_there_can_be_less_of_what_was_delisted() -> None:
    assert changed(these(p_old=1, x_old=2), these(p_old=1, x_old=3)).removed == these(x_old=1)


def test_there_cannot_be_more_of_what_was_delisted() -> None:
    order, current = these(p_old=1, x_old=4), these(p_old=1, x_old=3)
    assert refused(order, current) == [("unknown_offering", 1, "x.old")]


def test_more_of_what_was_delisted_is_told_with_all_else_that_is_wrong() -> None:
    order = [*these(x_old=4), {"name": "x.mail", "quantity": 0}]
    assert refused(order, these(p_old=1, x_old=3)) == [
        ("unknown_offering", 0, "x.old"),
        ("invalid_quantity", 1, "x.mail"),
    ]


def test_what_was_delisted_cannot_be_ordered_by_who_does_not_have_it() -> None:
    assert refused(these(p_old=1, x_ip=1), these(p_one=1)) == [("unknown_offering", 0, "p.old")]
    assert refused(these(p_old=1), []) == [("unknown_offering", 0, "p.old")]


def test_the_type_of_what_was_delisted_is_that_of_the_account() -> None:
    order = [{"name": "p.old", "type": "addon"}]
    assert refused(order, these(p_old=1)) == [("type_mismatch", 0, "p.old")]


def test_a_package_that_was_delisted_gives_way() -> None:
    assert told(changed(these(p_one=1), these(p_old=1))) == (these(p_one=1), [], these(p_old=1), True)


# Orders that do not pass


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
def test_an_order_that_the_gate_refuses_changes_nothing(order: Any, violations: list[tuple[str, Any, Any]]) -> None:
    assert refused(order, these(p_one=1, x_ip=1)) == violations


def test_an_account_with_two_packages_is_to_be_given_one() -> None:
    """The API says that an account has one package at most, and the merged set is what is sent."""
    current = these(p_one=1) + these(p_old=1)
    assert refused(these(x_ip=1), current) == [("multiple_packages", 2, "p.old")]
    assert changed(these(p_two=1), current).removed == current


def test_what_an_account_has_is_not_told_as_a_position_in_the_order() -> None:
    checked, _change = check_change(Gate(CATALOG, HOST), these(x_ip=1), these(p_one=1, p_old=1), False, False)
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
def test_without_purge_nothing_is_lost_but_what_the_order_names(order: list[Offering], current: list[Offering]) -> None:
    change = changed(order, current)
    had, got, ordered = (quantities(some) for some in (current, change.wanted, order))
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
    assert quantities(change.removed) == lost
    assert got.keys() == ordered.keys() | (had.keys() - lost.keys())
    assert sum(KINDS[name] == "package" for name in got) <= 1
    assert change.differs == (got != had)
    assert quantities(change.kept) == {name: amount for name, amount in had.items() if name not in {*ordered, *lost}}


@bounded
@given(orders(LISTED), orders(list(KINDS), 0))
def test_with_purge_the_account_has_exactly_the_order(order: list[Offering], current: list[Offering]) -> None:
    change = changed(order, current, purge=True)
    had, ordered = quantities(current), quantities(order)
    assert (change.wanted, change.kept) == (order, [])
    assert change.differs == (had != ordered)
    assert quantities(change.removed) == {
        name: amount - ordered.get(name, 0) for name, amount in had.items() if amount > ordered.get(name, 0)
    }


@bounded
@given(orders(LISTED), orders(list(KINDS), 0), st.booleans())
def test_a_change_that_was_made_is_none_any_more(order: list[Offering], current: list[Offering], purge: bool) -> None:
    again = changed(order, changed(order, current, purge).wanted, purge)
    assert not again.differs and again.removed == []
