# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for orders: violations, their messages, and the payload."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate
from ansible_collections.reseller.sendgrid.tests.support.gate_results import (
    BUNDLE,
    CATALOG,
    HOST,
    IP,
    NO_NAME,
    NO_QUANTITY,
    NO_SUCH,
    ONE,
    POOL,
    PROBLEMS,
    SIX,
    TWO,
    check_order,
    passed,
    refused,
    unknown,
    violation,
)
from ansible_collections.reseller.sendgrid.tests.support.order_strategies import likely_orders
from hypothesis import given, settings
from hypothesis import strategies as st


def no_quantity(index: int, name: str, shown: str) -> dict[str, Any]:
    return violation("invalid_quantity", index, name, f"'{name}' has the quantity {shown}. {NO_QUANTITY}")


def no_package() -> dict[str, Any]:
    message = "there is no package in the order. Add one, or set require_package to false if that is meant."
    return violation("no_package", None, None, message)


def duplicate(index: int, name: str, first: int) -> dict[str, Any]:
    message = f"'{name}' is offerings[{first}] already. Order it once, with the whole quantity."
    return violation("duplicate_offering", index, name, message)


def second_package(index: int, name: str, other: int, other_name: str) -> dict[str, Any]:
    other_package = f"'{other_name}' (offerings[{other}])"
    message = f"'{name}' is a package, and so is {other_package}. An account has at most one, so order one of them."
    return violation("multiple_packages", index, name, message)


def quantity_of_package(index: int, name: str, quantity: int) -> dict[str, Any]:
    message = f"'{name}' is a package, and the quantity of a package is 1, not {quantity}."
    return violation("package_quantity", index, name, message)


def wrong_type(index: int, name: str, kind: str, shown: str) -> dict[str, Any]:
    message = f"'{name}' is of type '{kind}', not {shown}. Correct the type or leave it out."
    return violation("type_mismatch", index, name, message)


def test_the_payload_has_the_sequence_of_the_order() -> None:
    assert PROBLEMS == []
    order = [IP, {"name": ONE, "type": "package", "quantity": 1}, {"name": POOL, "quantity": 3}, BUNDLE]
    expected = passed((IP, "addon", 1), (ONE, "package", 1), (POOL, "addon", 3), (BUNDLE, "bundle", 1))
    assert check_order(order) == expected
    assert check_order(order[:3], require_package=True) == passed(
        (IP, "addon", 1), (ONE, "package", 1), (POOL, "addon", 3)
    )
    assert [list(item) for item in expected["payload"]] == [list(item) for item in check_order(order)["payload"]]


def test_the_given_order_is_not_modified() -> None:
    order = [{"name": IP, "quantity": "2", "type": "addon"}, POOL]
    assert check_order(order)["ok"]
    assert order == [{"name": IP, "quantity": "2", "type": "addon"}, POOL]


def test_whole_entries_of_the_catalog_can_be_ordered() -> None:
    assert check_order([CATALOG[1], CATALOG[3], CATALOG[4]], require_package=True) == passed(
        (TWO, "package", 1), (IP, "addon", 1), (POOL, "addon", 5)
    )
    # Every key of the entry is accepted, with any value.
    assert check_order([{"name": SIX, "shade": None, "entitlements": "none"}]) == passed((SIX, "package", 1))
    message = f"'{IP}' has unknown keys: 'shade'. Use name, type and quantity."
    assert check_order([{"name": IP, "shade": 3}]) == refused(violation("invalid_item", 0, IP, message))


@pytest.mark.parametrize("order", [None, "", [], {}])
@pytest.mark.parametrize("require_package", [True, False])
def test_an_empty_order_is_refused(order: Any, require_package: bool) -> None:
    assert check_order(order, require_package=require_package) == refused(
        violation("empty_order", None, None, "the order is empty. Name at least one offering.")
    )


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        (ONE, f"'{ONE}'"),
        (f"{ONE},{IP}", f"'{ONE},{IP}'"),
        (" ", "' '"),
        ("[\n]", r"'[\n]'"),
        ({"name": ONE}, "a mapping"),
        (0, "0"),
        (5, "5"),
        (0.0, "0.0"),
        pytest.param(10**5000, "a huge number", id="huge"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_an_order_that_is_not_a_list_is_refused(order: Any, shown: str) -> None:
    message = f"{shown} is no order. A list of offerings is needed."
    assert check_order(order, require_package=True) == refused(violation("invalid_item", None, None, message))


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (item, f"{shown} is no offering. A name is needed, or a mapping with name, type and quantity.")
        for item, shown in ((None, "null"), (5, "5"), (1.5, "1.5"), (True, "true"), ([], "a list"), ([ONE], "a list"))
    ]
    + [
        ({}, f"the name is missing. {NO_NAME}"),
        ({"name": None}, f"null is no name. {NO_NAME}"),
        ({"type": "package"}, f"the name is missing. {NO_NAME}"),
        ("", f"'' is no name. {NO_NAME}"),
        (" \n", rf"' \n' is no name. {NO_NAME}"),
        ({"name": " "}, f"' ' is no name. {NO_NAME}"),
        ({"name": 5, "type": "addon"}, f"5 is no name. {NO_NAME}"),
        ({"name": False}, f"false is no name. {NO_NAME}"),
        ({"name": [ONE]}, f"a list is no name. {NO_NAME}"),
        ({"name": {}}, f"a mapping is no name. {NO_NAME}"),
    ],
)
def test_an_item_without_a_name_is_refused_and_counts_as_a_possible_package(item: Any, message: str) -> None:
    expected = violation("invalid_item", 1, None, message)
    assert check_order([IP, item, POOL], require_package=True) == refused(expected)
    assert (
        check_order([ONE, POOL], require_package=True)["ok"]
        and not check_order([ONE, item], require_package=True)["ok"]
    )


def test_unknown_keys_are_named() -> None:
    keys = {"qty": 2, "col\x1bour": 1, 5: 1}
    message = r"has unknown keys: 'qty', 'col\x1bour', '5'. Use name, type and quantity."
    assert check_order([{"name": IP, **keys}]) == refused(violation("invalid_item", 0, IP, f"'{IP}' {message}"))
    assert check_order([{**keys}]) == refused(
        violation("invalid_item", 0, None, f"the name is missing. {NO_NAME}"),
        violation("invalid_item", 0, None, f"the offering {message}"),
    )


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (1, 1),
        (2, 2),
        (2**63 - 1, 2**63 - 1),
        ("1", 1),
        ("2", 2),
        (" 2\n", 2),
        (str(2**63 - 1), 2**63 - 1),
    ],
)
def test_valid_quantities_pass(quantity: Any, expected: int) -> None:
    assert check_order([{"name": IP, "quantity": quantity}]) == passed((IP, "addon", expected))


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [
        (0, "0"),
        (-1, "-1"),
        (1.0, "1.0"),
        (2.5, "2.5"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (True, "true"),
        (False, "false"),
        (2**63, str(2**63)),
        (-(2**63), str(-(2**63))),
        pytest.param(10**5000, "a huge number", id="huge"),
        pytest.param(-(10**5000), "a huge number", id="-huge"),
        ("", "''"),
        ("0", "'0'"),
        ("two", "'two'"),
        ("2.0", "'2.0'"),
        ("-1", "'-1'"),
        ("+1", "'+1'"),
        ("1_0", "'1_0'"),
        ("0x1", "'0x1'"),
        ("\u0663", r"'\u0663'"),
        (str(2**63), f"'{2**63}'"),
        pytest.param("9" * 5000, f"'{'9' * 297}...'", id="digits"),
        (None, "null"),
        ([], "a list"),
        ([1], "a list"),
        ({}, "a mapping"),
    ],
)
def test_invalid_quantities_are_refused(quantity: Any, shown: str) -> None:
    # Also the only violation of a package.
    for name in (IP, ONE, BUNDLE):
        assert check_order([{"name": name, "quantity": quantity}]) == refused(no_quantity(0, name, shown))


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("package", "'package'"),
        ("Addon", "'Addon'"),
        (" addon", "' addon'"),
        (None, "null"),
        ("", "''"),
        (5, "5"),
        (False, "false"),
        ([], "a list"),
        ({}, "a mapping"),
    ],
)
def test_a_type_that_differs_from_the_catalog_is_refused(kind: Any, shown: str) -> None:
    assert check_order([{"name": IP, "type": kind}]) == refused(wrong_type(0, IP, "addon", shown))
    # The type of the catalog counts, so this order has no package.
    assert check_order([{"name": IP, "type": kind}], require_package=True) == refused(
        wrong_type(0, IP, "addon", shown), no_package()
    )


def test_undocumented_types_are_taken_from_the_catalog() -> None:
    assert check_order([{"name": BUNDLE, "type": "bundle", "quantity": 2}, ONE]) == passed(
        (BUNDLE, "bundle", 2), (ONE, "package", 1)
    )
    assert check_order([{"name": BUNDLE, "type": "package"}]) == refused(wrong_type(0, BUNDLE, "bundle", "'package'"))
    assert check_order([BUNDLE], require_package=True) == refused(no_package())
    catalog, _problems = parse({"catalog": [{"offering": {"name": "s", "type": "od\x1bd"}}]})
    found = Gate(catalog, HOST).check([{"name": "s", "type": "addon"}], "offerings", False)
    assert found == refused(wrong_type(0, "s", r"od\x1bd", "'addon'"))


def test_a_null_quantity_is_1_only_in_an_entry_of_the_catalog() -> None:
    assert check_order([{"name": IP, "quantity": None, "entitlements": {}}]) == passed((IP, "addon", 1))
    assert check_order([{"name": IP, "quantity": None}]) == refused(no_quantity(0, IP, "null"))


def test_an_unknown_offering_has_suggestions() -> None:
    assert check_order(["x.ip.v1", "missing"]) == refused(
        violation("unknown_offering", 0, "x.ip.v1", f"'x.ip.v1' {NO_SUCH} Did you mean '{IP}'?", IP),
        unknown(1, "missing"),
    )


def test_white_space_around_a_name_is_not_removed() -> None:
    for name in (f" {IP}", f"{IP} ", f"\t{IP}\n", f"{IP}\u200b"):
        message = f"{name!a} {NO_SUCH} Did you mean '{IP}'?"
        assert check_order([name]) == refused(violation("unknown_offering", 0, name, message, IP))


@pytest.mark.parametrize("kind", [None, "bundle", "packages", 5])
def test_an_unknown_offering_without_a_valid_type_counts_as_a_possible_package(kind: Any) -> None:
    assert check_order([IP, {"name": "missing", "type": kind}], require_package=True) == refused(unknown(1, "missing"))


def test_an_unknown_offering_has_the_type_that_the_order_states() -> None:
    assert check_order([{"name": "missing", "type": "addon", "quantity": 2}], require_package=True) == refused(
        unknown(0, "missing"), no_package()
    )
    assert check_order([{"name": "missing", "type": "package", "quantity": 2}, ONE], require_package=True) == refused(
        unknown(0, "missing"), quantity_of_package(0, "missing", 2), second_package(1, ONE, 0, "missing")
    )


def test_an_order_without_a_package_is_refused_if_one_is_required() -> None:
    assert check_order([IP, POOL], require_package=True) == refused(no_package())
    assert check_order([IP, POOL]) == passed((IP, "addon", 1), (POOL, "addon", 1))


def test_a_second_package_is_refused() -> None:
    expected = second_package(1, TWO, 0, ONE), second_package(3, SIX, 0, ONE)
    for require_package in (True, False):
        assert check_order([ONE, TWO, IP, SIX], require_package=require_package) == refused(*expected)


@pytest.mark.parametrize("quantity", [2, "2", 2**63 - 1])
def test_the_quantity_of_a_package_is_1(quantity: Any) -> None:
    assert check_order([{"name": ONE, "quantity": quantity}]) == refused(quantity_of_package(0, ONE, int(quantity)))
    assert check_order([{"name": ONE, "type": "addon", "quantity": quantity}]) == refused(
        wrong_type(0, ONE, "package", "'addon'"), quantity_of_package(0, ONE, int(quantity))
    )
    assert check_order([{"name": ONE, "quantity": "1"}]) == passed((ONE, "package", 1))


def test_an_offering_that_is_ordered_twice_is_refused() -> None:
    assert check_order([IP, POOL, {"name": IP, "quantity": 2}, IP]) == refused(duplicate(2, IP, 0), duplicate(3, IP, 0))
    assert check_order(["missing", "missing"]) == refused(
        unknown(0, "missing"), unknown(1, "missing"), duplicate(1, "missing", 0)
    )
    # The duplicate is not reported as a second package as well.
    assert check_order([ONE, ONE, TWO], require_package=True) == refused(
        duplicate(1, ONE, 0), second_package(2, TWO, 0, ONE)
    )
    assert check_order([{}, {}]) == refused(
        *(violation("invalid_item", index, None, f"the name is missing. {NO_NAME}") for index in (0, 1))
    )


def test_violations_are_sorted_by_position_and_those_of_the_whole_order_are_last() -> None:
    order = [
        IP,
        {"name": IP, "type": "package", "qty": 1, "quantity": 0},
        {"name": "missing", "type": "addon", "qty": 1, "quantity": -1},
        {"name": POOL, "quantity": 0},
    ]
    keys = "has unknown keys: 'qty'. Use name, type and quantity."
    assert check_order(order, require_package=True) == refused(
        wrong_type(1, IP, "addon", "'package'"),
        violation("invalid_item", 1, IP, f"'{IP}' {keys}"),
        no_quantity(1, IP, "0"),
        duplicate(1, IP, 0),
        unknown(2, "missing"),
        violation("invalid_item", 2, "missing", f"'missing' {keys}"),
        no_quantity(2, "missing", "-1"),
        no_quantity(3, POOL, "0"),
        no_package(),
    )


def test_control_characters_are_kept_in_data_and_escaped_in_messages() -> None:
    name = "missing\x1b[31m\n"
    message = rf"'missing\x1b[31m\n' {NO_SUCH}"
    duplicate_message = r"'missing\x1b[31m\n' is offerings[0] already. Order it once, with the whole quantity."
    assert check_order([name, name]) == refused(
        violation("unknown_offering", 0, name, message),
        violation("unknown_offering", 1, name, message),
        violation("duplicate_offering", 1, name, duplicate_message),
    )


def test_every_offering_is_unknown_in_an_empty_catalog() -> None:
    gate = Gate([], HOST)
    message = f"'{ONE}' is not in your catalog (0 offerings at {HOST})."
    assert gate.check([ONE], "offerings", True) == refused(violation("unknown_offering", 0, ONE, message))
    message = f"'{ONE}' has unknown keys: 'colour'. Use name, type and quantity."
    entry = {**CATALOG[0], "colour": "red"}
    assert gate.check([entry], "offerings", True)["violations"][1] == violation("invalid_item", 0, ONE, message)


def test_a_name_that_the_catalog_has_twice_counts_once() -> None:
    gate = Gate([CATALOG[3], CATALOG[3]], HOST)
    assert gate.check([IP], "offerings", False) == passed((IP, "addon", 1))
    message = f"'x.ip.v1' is not in your catalog (1 offering at {HOST}). Did you mean '{IP}'?"
    assert gate.check(["x.ip.v1"], "offerings", False) == refused(
        violation("unknown_offering", 0, "x.ip.v1", message, IP)
    )


def expected_item(item: Any) -> tuple[str, str, int] | None:
    """Return what ``item`` orders according to the documentation, ``None`` if it is not allowed."""
    item = {"name": item} if isinstance(item, str) else item
    if not isinstance(item, dict):
        return None
    entry = next((entry for entry in CATALOG if entry["name"] == item.get("name")), None)
    if entry is None or item.get("type", entry["type"]) != entry["type"]:
        return None
    if not set(item) <= {"name", "type", "quantity", "entitlements", *entry}:
        return None
    quantity = item.get("quantity", 1)
    if quantity is None and "entitlements" in item:
        quantity = 1
    if isinstance(quantity, bool) or not isinstance(quantity, (int, str)) or str(quantity).strip() not in ("1", "2"):
        return None
    number = int(quantity)
    return None if entry["type"] == "package" and number != 1 else (entry["name"], entry["type"], number)


@given(likely_orders, st.booleans())
@settings(deadline=None, max_examples=300)
def test_an_order_passes_only_if_the_documentation_allows_it(order: Any, require_package: bool) -> None:
    checked = check_order(order, require_package=require_package)
    expected = [expected_item(item) for item in order] if isinstance(order, list) else []
    kinds = [one[1] for one in expected if one]
    allowed = (
        bool(expected)
        and None not in expected
        and len({one[0] for one in expected if one}) == len(expected)
        and int(require_package) <= kinds.count("package") <= 1
    )
    # ``expected_item`` knows only the quantities 1 and 2. Others can be valid too, but are generated by chance only.
    if checked["ok"] and not allowed:
        assert any(item["quantity"] > 2 for item in checked["payload"]), checked
    elif allowed:
        assert checked == passed(*(one for one in expected if one))
