# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the gate refuses, what it says then, and what it passes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.results import check_orders, order_problems
from hypothesis import given, settings
from hypothesis import strategies as st

HOST = "api.example.com"
CATALOG, _PROBLEMS = parse(
    {
        "catalog": [
            {"offering": {"name": "p.one.v1", "type": "package", "quantity": 1}, "entitlements": {"sends": 10}},
            {"offering": {"name": "p.two.v1", "type": "package"}, "colour": "red"},
            {"offering": {"name": "p.six.v1", "type": "package", "shade": 3}},
            {"offering": {"name": "x.ip.v2", "type": "addon", "quantity": None}},
            {"offering": {"name": "x.dedicated.v1", "type": "addon", "quantity": 5}},
            {"offering": {"name": "b.all.v1", "type": "bundle"}},
        ]
    }
)
ONE, TWO, SIX, IP, POOL, BUNDLE = (offering["name"] for offering in CATALOG)
NO_NAME = "The name of an offering in the catalog is needed."
NO_QUANTITY = "An integer from 1 to 2^63 - 1 is needed."
NO_SUCH = f"is not in your catalog (6 offerings at {HOST})."


def check(order: Any, *, require_package: bool = False) -> dict[str, Any]:
    return Gate(CATALOG, HOST).check(order, "offerings", require_package)


def violation(code: str, index: int | None, offering: str | None, message: str, *suggestions: str) -> dict[str, Any]:
    where = "offerings" if index is None else f"offerings[{index}]"
    return {
        "code": code,
        "index": index,
        "offering": offering,
        "message": f"{where}: {message}",
        "suggestions": list(suggestions),
    }


def refused(*violations: dict[str, Any]) -> dict[str, Any]:
    return {"ok": False, "violations": list(violations), "payload": None}


def passed(*payload: tuple[str, str, int]) -> dict[str, Any]:
    return {
        "ok": True,
        "violations": [],
        "payload": [{"name": name, "type": kind, "quantity": quantity} for name, kind, quantity in payload],
    }


def unknown(index: int, name: str) -> dict[str, Any]:
    return violation("unknown_offering", index, name, f"'{name}' {NO_SUCH}")


def no_quantity(index: int, name: str, shown: str) -> dict[str, Any]:
    return violation("invalid_quantity", index, name, f"'{name}' has the quantity {shown}. {NO_QUANTITY}")


def no_package() -> dict[str, Any]:
    message = "there is no package in the order. Add one, or set require_package to false if that is meant."
    return violation("no_package", None, None, message)


def duplicate(index: int, name: str, first: int) -> dict[str, Any]:
    message = f"'{name}' is offerings[{first}] already. Order it once, with the whole quantity."
    return violation("duplicate_offering", index, name, message)


def second_package(index: int, name: str, other: int, other_name: str) -> dict[str, Any]:
    also = f"'{other_name}' (offerings[{other}])"
    message = f"'{name}' is a package, and so is {also}. An account has at most one, so order one of them."
    return violation("multiple_packages", index, name, message)


def quantity_of_package(index: int, name: str, quantity: int) -> dict[str, Any]:
    message = f"'{name}' is a package, and the quantity of a package is 1, not {quantity}."
    return violation("package_quantity", index, name, message)


def wrong_type(index: int, name: str, kind: str, shown: str) -> dict[str, Any]:
    message = f"'{name}' is of type '{kind}' in your catalog, not {shown}. Correct the type or leave it out."
    return violation("type_mismatch", index, name, message)


def test_an_order_that_passes_keeps_its_order() -> None:
    assert _PROBLEMS == []
    order = [IP, {"name": ONE, "type": "package", "quantity": 1}, {"name": POOL, "quantity": 3}, BUNDLE]
    expected = passed((IP, "addon", 1), (ONE, "package", 1), (POOL, "addon", 3), (BUNDLE, "bundle", 1))
    assert check(order) == expected
    assert check(order[:3], require_package=True) == passed((IP, "addon", 1), (ONE, "package", 1), (POOL, "addon", 3))
    assert [list(item) for item in expected["payload"]] == [list(item) for item in check(order)["payload"]]


def test_the_order_that_is_given_stays_as_it_is() -> None:
    order = [{"name": IP, "quantity": "2", "type": "addon"}, POOL]
    assert check(order)["ok"]
    assert order == [{"name": IP, "quantity": "2", "type": "addon"}, POOL]


def test_whole_entries_of_the_catalog_can_be_ordered() -> None:
    assert check([CATALOG[1], CATALOG[3], CATALOG[4]], require_package=True) == passed(
        (TWO, "package", 1), (IP, "addon", 1), (POOL, "addon", 5)
    )
    # Any key of the entry, with any value.
    assert check([{"name": SIX, "shade": None, "entitlements": "none"}]) == passed((SIX, "package", 1))
    message = f"'{IP}' has unknown keys: 'shade'. Use name, type and quantity."
    assert check([{"name": IP, "shade": 3}]) == refused(violation("invalid_item", 0, IP, message))


@pytest.mark.parametrize("order", [None, "", [], {}])
@pytest.mark.parametrize("require_package", [True, False])
def test_an_empty_order_is_refused(order: Any, require_package: bool) -> None:
    assert check(order, require_package=require_package) == refused(
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
def test_an_order_that_is_no_list_is_refused(order: Any, shown: str) -> None:
    message = f"{shown} is no order. A list of offerings is needed."
    assert check(order, require_package=True) == refused(violation("invalid_item", None, None, message))


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
def test_an_item_without_a_name_is_refused_and_may_be_the_package(item: Any, message: str) -> None:
    expected = violation("invalid_item", 1, None, message)
    assert check([IP, item, POOL], require_package=True) == refused(expected)
    assert check([ONE, POOL], require_package=True)["ok"] and not check([ONE, item], require_package=True)["ok"]


def test_unknown_keys_are_named() -> None:
    keys = {"qty": 2, "col\x1bour": 1, 5: 1}
    message = r"has unknown keys: 'qty', 'col\x1bour', '5'. Use name, type and quantity."
    assert check([{"name": IP, **keys}]) == refused(violation("invalid_item", 0, IP, f"'{IP}' {message}"))
    assert check([{**keys}]) == refused(
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
def test_quantities_that_pass(quantity: Any, expected: int) -> None:
    assert check([{"name": IP, "quantity": quantity}]) == passed((IP, "addon", expected))


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
def test_quantities_that_are_none(quantity: Any, shown: str) -> None:
    # Of a package this is all that is said too.
    for name in (IP, ONE, BUNDLE):
        assert check([{"name": name, "quantity": quantity}]) == refused(no_quantity(0, name, shown))


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
def test_another_type_than_in_the_catalog_is_refused(kind: Any, shown: str) -> None:
    assert check([{"name": IP, "type": kind}]) == refused(wrong_type(0, IP, "addon", shown))
    # The catalog's word is taken, so there is no package in this order.
    assert check([{"name": IP, "type": kind}], require_package=True) == refused(
        wrong_type(0, IP, "addon", shown), no_package()
    )


def test_types_that_are_not_documented_are_taken_from_the_catalog() -> None:
    assert check([{"name": BUNDLE, "type": "bundle", "quantity": 2}, ONE]) == passed(
        (BUNDLE, "bundle", 2), (ONE, "package", 1)
    )
    assert check([{"name": BUNDLE, "type": "package"}]) == refused(wrong_type(0, BUNDLE, "bundle", "'package'"))
    assert check([BUNDLE], require_package=True) == refused(no_package())
    strange, _problems = parse({"catalog": [{"offering": {"name": "s", "type": "od\x1bd"}}]})
    found = Gate(strange, HOST).check([{"name": "s", "type": "addon"}], "offerings", False)
    assert found == refused(wrong_type(0, "s", r"od\x1bd", "'addon'"))


def test_a_quantity_that_is_null_is_1_in_an_entry_of_the_catalog_only() -> None:
    assert check([{"name": IP, "quantity": None, "entitlements": {}}]) == passed((IP, "addon", 1))
    assert check([{"name": IP, "quantity": None}]) == refused(no_quantity(0, IP, "null"))


def test_an_unknown_offering_comes_with_suggestions() -> None:
    assert check(["x.ip.v1", "gone"]) == refused(
        violation("unknown_offering", 0, "x.ip.v1", f"'x.ip.v1' {NO_SUCH} Did you mean '{IP}'?", IP), unknown(1, "gone")
    )


def test_white_space_around_a_name_is_not_removed() -> None:
    for name in (f" {IP}", f"{IP} ", f"\t{IP}\n", f"{IP}\u200b"):
        message = f"{name!a} {NO_SUCH} Did you mean '{IP}'?"
        assert check([name]) == refused(violation("unknown_offering", 0, name, message, IP))


@pytest.mark.parametrize("kind", [None, "bundle", "packages", 5])
def test_an_unknown_offering_may_be_the_package(kind: Any) -> None:
    assert check([IP, {"name": "gone", "type": kind}], require_package=True) == refused(unknown(1, "gone"))


def test_an_unknown_offering_is_what_it_says() -> None:
    assert check([{"name": "gone", "type": "addon", "quantity": 2}], require_package=True) == refused(
        unknown(0, "gone"), no_package()
    )
    assert check([{"name": "gone", "type": "package", "quantity": 2}, ONE], require_package=True) == refused(
        unknown(0, "gone"), quantity_of_package(0, "gone", 2), second_package(1, ONE, 0, "gone")
    )


def test_a_package_is_needed_where_it_is_required() -> None:
    assert check([IP, POOL], require_package=True) == refused(no_package())
    assert check([IP, POOL]) == passed((IP, "addon", 1), (POOL, "addon", 1))


def test_one_package_is_enough() -> None:
    expected = second_package(1, TWO, 0, ONE), second_package(3, SIX, 0, ONE)
    for require_package in (True, False):
        assert check([ONE, TWO, IP, SIX], require_package=require_package) == refused(*expected)


@pytest.mark.parametrize("quantity", [2, "2", 2**63 - 1])
def test_the_quantity_of_a_package_is_1(quantity: Any) -> None:
    assert check([{"name": ONE, "quantity": quantity}]) == refused(quantity_of_package(0, ONE, int(quantity)))
    assert check([{"name": ONE, "type": "addon", "quantity": quantity}]) == refused(
        wrong_type(0, ONE, "package", "'addon'"), quantity_of_package(0, ONE, int(quantity))
    )
    assert check([{"name": ONE, "quantity": "1"}]) == passed((ONE, "package", 1))


def test_an_offering_is_ordered_once() -> None:
    assert check([IP, POOL, {"name": IP, "quantity": 2}, IP]) == refused(duplicate(2, IP, 0), duplicate(3, IP, 0))
    assert check(["gone", "gone"]) == refused(unknown(0, "gone"), unknown(1, "gone"), duplicate(1, "gone", 0))
    # Not also a second package.
    assert check([ONE, ONE, TWO], require_package=True) == refused(duplicate(1, ONE, 0), second_package(2, TWO, 0, ONE))
    assert check([{}, {}]) == refused(
        *(violation("invalid_item", index, None, f"the name is missing. {NO_NAME}") for index in (0, 1))
    )


def test_all_that_is_wrong_is_reported_by_position_and_what_concerns_the_whole_last() -> None:
    order = [
        IP,
        {"name": IP, "type": "package", "qty": 1, "quantity": 0},
        {"name": "gone", "type": "addon", "qty": 1, "quantity": -1},
        {"name": POOL, "quantity": 0},
    ]
    keys = "has unknown keys: 'qty'. Use name, type and quantity."
    assert check(order, require_package=True) == refused(
        wrong_type(1, IP, "addon", "'package'"),
        violation("invalid_item", 1, IP, f"'{IP}' {keys}"),
        no_quantity(1, IP, "0"),
        duplicate(1, IP, 0),
        unknown(2, "gone"),
        violation("invalid_item", 2, "gone", f"'gone' {keys}"),
        no_quantity(2, "gone", "-1"),
        no_quantity(3, POOL, "0"),
        no_package(),
    )


def test_control_characters_stay_in_the_data_and_out_of_the_messages() -> None:
    name = "gone\x1b[31m\n"
    message = rf"'gone\x1b[31m\n' {NO_SUCH}"
    again = r"'gone\x1b[31m\n' is offerings[0] already. Order it once, with the whole quantity."
    assert check([name, name]) == refused(
        violation("unknown_offering", 0, name, message),
        violation("unknown_offering", 1, name, message),
        violation("duplicate_offering", 1, name, again),
    )


def test_an_empty_catalog_offers_nothing() -> None:
    gate = Gate([], HOST)
    message = f"'{ONE}' is not in your catalog (0 offerings at {HOST})."
    assert gate.check([ONE], "offerings", True) == refused(violation("unknown_offering", 0, ONE, message))
    message = f"'{ONE}' has unknown keys: 'colour'. Use name, type and quantity."
    entry = {**CATALOG[0], "colour": "red"}
    assert gate.check([entry], "offerings", True)["violations"][1] == violation("invalid_item", 0, ONE, message)


def test_a_name_that_is_in_the_catalog_twice_counts_once() -> None:
    gate = Gate([CATALOG[3], CATALOG[3]], HOST)
    assert gate.check([IP], "offerings", False) == passed((IP, "addon", 1))
    message = f"'x.ip.v1' is not in your catalog (1 offering at {HOST}). Did you mean '{IP}'?"
    assert gate.check(["x.ip.v1"], "offerings", False) == refused(
        violation("unknown_offering", 0, "x.ip.v1", message, IP)
    )


def test_judge_one_order() -> None:
    gate = Gate(CATALOG, HOST)
    assert check_orders(gate, [ONE], None, True) == (
        {"gate": passed((ONE, "package", 1)), "msg": "The order passes."},
        None,
    )
    result, error = check_orders(gate, ["gone"], None, True)
    msg = f"The order has 1 violation:\n- offerings[0]: 'gone' {NO_SUCH}"
    assert result == {"gate": refused(unknown(0, "gone")), "msg": msg}
    assert error is not None and error.result() == {
        "msg": "The order has 1 violation.",
        "failure": {
            "code": "gate_violations",
            "message": "The order has 1 violation.",
            "details": {"host": HOST, "orders": None, "violations": 1},
        },
    }


def test_judge_shows_all_violations_of_one_order() -> None:
    result, error = check_orders(Gate(CATALOG, HOST), [f"gone-{number}" for number in range(7)], None, True)
    lines = [f"- offerings[{number}]: 'gone-{number}' {NO_SUCH}" for number in range(7)]
    assert result["msg"].split("\n") == ["The order has 7 violations:", *lines]
    assert error is not None and error.details == {"host": HOST, "orders": None, "violations": 7}


def test_judge_many_orders() -> None:
    gate = Gate(CATALOG, HOST)
    ip = {"name": IP, "type": "addon", "quantity": 1}
    both = {"ok": True, "violations": [], "payload": [{"name": ONE, "type": "package", "quantity": 1}, ip]}
    assert check_orders(gate, None, {"a": [ONE, IP]}, True) == (
        {"gates": {"a": both}, "msg": "All orders pass (1)."},
        None,
    )
    result, error = check_orders(gate, None, {"b": [ONE, IP], "a": [ONE, IP]}, True)
    assert (result, error) == ({"gates": {"b": both, "a": both}, "msg": "All orders pass (2)."}, None)
    assert list(result["gates"]) == ["b", "a"]

    result, error = check_orders(gate, None, {"a": [ONE, IP], "z\x1b[1m": ["gone"], "c": [ONE, IP]}, True)
    msg = f"1 of 3 orders has 1 violation:\n- orders['z\\x1b[1m'][0]: 'gone' {NO_SUCH}"
    where = {**unknown(0, "gone"), "message": rf"orders['z\x1b[1m'][0]: 'gone' {NO_SUCH}"}
    assert result == {"gates": {"a": both, "z\x1b[1m": refused(where), "c": both}, "msg": msg}
    assert error is not None and error.message == "1 of 3 orders has 1 violation." and error.code == "gate_violations"
    assert error.details == {"host": HOST, "orders": ["z\x1b[1m"], "violations": 1}

    result, _error = check_orders(gate, None, {"a": [ONE], "b": ["gone", "gone"]}, True)
    assert result["msg"].startswith("1 of 2 orders has 3 violations:\n- orders['b'][0]: ")


def test_judge_shows_the_first_five_violations_of_many_orders() -> None:
    orders = {"a": [f"gone-{number}" for number in range(4)], "b": [ONE], "c": None, "d": [IP, IP]}
    result, error = check_orders(Gate(CATALOG, HOST), None, orders, True)
    assert result["msg"].split("\n") == [
        "3 of 4 orders have 7 violations:",
        *(f"- orders['a'][{number}]: 'gone-{number}' {NO_SUCH}" for number in range(4)),
        "- orders['c']: the order is empty. Name at least one offering.",
        "- and 2 more",
    ]
    duplicate, missing = result["gates"]["d"]["violations"]
    assert duplicate["message"].startswith(f"orders['d'][1]: '{IP}' is orders['d'][0] already.")
    assert missing["message"].startswith("orders['d']: there is no package in the order.")
    assert error is not None and error.details == {"host": HOST, "orders": ["a", "c", "d"], "violations": 7}


@pytest.mark.parametrize(
    ("order", "orders", "expected"),
    [
        (None, None, [("", "offerings, orders: what is given is null or empty, and an order is needed")]),
        ("", None, [("", "offerings, orders: what is given is null or empty, and an order is needed")]),
        (None, {}, [("orders", "it is empty, and at least one order is needed")]),
        # The gate has more to say of these.
        ([], None, []),
        ({}, None, []),
        (0, None, []),
        ([ONE], None, []),
        (None, {"a": None}, []),
        (None, {"the key of": [], "b": [ONE]}, []),
        (None, {"b": [ONE], "of the key of the API": [ONE]}, [("orders", "the name of an order holds the API key")]),
    ],
)
def test_order_problems(order: Any, orders: dict[str, Any] | None, expected: list[tuple[str, str]]) -> None:
    assert order_problems(order, orders, "the key of the API") == expected


@pytest.mark.parametrize("secret", [None, "", " \n"])
def test_order_problems_without_a_key_are_those_of_the_orders(secret: str | None) -> None:
    assert order_problems(None, {"a": [ONE]}, secret) == []


CODES = {
    "unknown_offering",
    "type_mismatch",
    "duplicate_offering",
    "no_package",
    "multiple_packages",
    "package_quantity",
    "invalid_quantity",
    "invalid_item",
    "empty_order",
}
texts = st.sampled_from(["a", "a.v1", "a.v2", "b", "package", "addon", "1", " ", "\x1b"]) | st.text(st.characters())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(5000).map(lambda power: 10**power) | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "type", "quantity", "x"]) | texts, inner),
    max_leaves=8,
)
items = texts | st.fixed_dictionaries({"name": texts}, optional={"type": texts, "quantity": st.integers(), "x": texts})
entries = st.fixed_dictionaries(
    {"offering": st.fixed_dictionaries({"name": texts, "type": texts}, optional={"x": json_values})},
    optional={"quantity": json_values},
)


@given(st.lists(entries, max_size=5), json_values | st.lists(items | json_values, max_size=5), st.booleans())
@settings(deadline=None)
def test_whatever_is_ordered_there_is_a_verdict(catalog: list[Any], order: Any, require_package: bool) -> None:
    gate = Gate(parse({"catalog": catalog})[0], HOST)
    result, error = check_orders(gate, order, None, require_package)
    verdict = result["gate"]
    violations, payload = verdict["violations"], verdict["payload"]
    assert list(verdict) == ["ok", "violations", "payload"]
    assert verdict["ok"] is (violations == []) is (payload is not None) is (error is None)
    assert len(payload or ()) == (len(order) if verdict["ok"] else 0)
    assert all(list(item) == ["name", "type", "quantity"] for item in payload or ())
    for found in violations:
        assert list(found) == ["code", "index", "offering", "message", "suggestions"]
        assert found["code"] in CODES and found["message"].isprintable()
        assert bool(found["suggestions"]) <= (found["code"] == "unknown_offering")
    indices = [float("inf") if found["index"] is None else found["index"] for found in violations]
    assert indices == sorted(indices)
    json.dumps(result, allow_nan=False)
    assert check_orders(gate, None, {"an order": order}, require_package)[0]["gates"]["an order"]["ok"] is verdict["ok"]


NAMES = [ONE, TWO, IP, POOL, BUNDLE]
# Often right, so that what passes is tried as well as what does not.
likely_items: st.SearchStrategy[Any] = st.sampled_from([*NAMES, *CATALOG, "gone"]) | st.fixed_dictionaries(
    {"name": st.sampled_from([*NAMES, "gone"])},
    optional={
        "type": st.sampled_from(["package", "addon", "bundle", None]),
        "quantity": st.sampled_from([1, 1, 2, "1", "2", 0, -1, 2**63, None, True, 1.0]),
        "entitlements": st.just({}),
        "colour": st.just("red"),
    },
)
likely_orders = st.lists(likely_items, max_size=4) | st.lists(items | json_values, max_size=3) | json_values


def ordered(item: Any) -> tuple[str, str, int] | None:
    """Return what I(item) orders by the words of the documentation, V(None) if it is not allowed."""
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
def test_nothing_passes_that_the_documentation_does_not_allow(order: Any, require_package: bool) -> None:
    verdict = check(order, require_package=require_package)
    wanted = [ordered(item) for item in order] if isinstance(order, list) else []
    kinds = [one[1] for one in wanted if one]
    allowed = (
        bool(wanted)
        and None not in wanted
        and len({one[0] for one in wanted if one}) == len(wanted)
        and int(require_package) <= kinds.count("package") <= 1
    )
    # Quantities other than those that are tried are right in no case that is generated here, but by chance.
    if verdict["ok"] and not allowed:
        assert any(item["quantity"] > 2 for item in verdict["payload"]), verdict
    elif allowed:
        assert verdict == passed(*(one for one in wanted if one))


@given(st.dictionaries(st.text(max_size=3), likely_orders, min_size=1, max_size=4), st.booleans())
@settings(deadline=None, max_examples=50)
def test_many_orders_are_judged_as_each_is_alone(orders: dict[str, Any], require_package: bool) -> None:
    result, error = check_orders(Gate(CATALOG, HOST), None, orders, require_package)
    alone = {name: check(order, require_package=require_package)["ok"] for name, order in orders.items()}
    assert {name: found["ok"] for name, found in result["gates"].items()} == alone
    assert (error is None) is all(alone.values())
    if error is not None:
        assert error.details["orders"] == [name for name, ok in alone.items() if not ok]
