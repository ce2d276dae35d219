# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task reports about its orders."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.policy import Policy
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.results import check_orders
from ansible_collections.reseller.sendgrid.tests.support.gate_results import (
    CATALOG,
    HOST,
    IP,
    NO_SUCH,
    ONE,
    check_order,
    passed,
    refused,
    unknown,
)
from ansible_collections.reseller.sendgrid.tests.support.order_strategies import (
    entries,
    items,
    json_values,
    likely_orders,
    limits,
    texts,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def test_check_orders_with_one_order() -> None:
    gate = Gate(CATALOG, HOST)
    assert check_orders(gate, [ONE], None, True) == (
        {"gate": passed((ONE, "package", 1)), "msg": "The order passes."},
        None,
    )
    result, error = check_orders(gate, ["missing"], None, True)
    msg = f"The order has 1 violation:\n- offerings[0]: 'missing' {NO_SUCH}"
    assert result == {"gate": refused(unknown(0, "missing")), "msg": msg}
    assert error is not None and error.result() == {
        "msg": "The order has 1 violation.",
        "failure": {
            "code": "gate_violations",
            "message": "The order has 1 violation.",
            "details": {"host": HOST, "orders": None, "violations": 1},
        },
    }


def test_check_orders_shows_all_violations_of_one_order() -> None:
    result, error = check_orders(Gate(CATALOG, HOST), [f"missing-{number}" for number in range(7)], None, True)
    lines = [f"- offerings[{number}]: 'missing-{number}' {NO_SUCH}" for number in range(7)]
    assert result["msg"].split("\n") == ["The order has 7 violations:", *lines]
    assert error is not None and error.details == {"host": HOST, "orders": None, "violations": 7}


def test_check_orders_with_many_orders() -> None:
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

    result, error = check_orders(gate, None, {"a": [ONE, IP], "z\x1b[1m": ["missing"], "c": [ONE, IP]}, True)
    msg = f"1 of 3 orders has 1 violation:\n- orders['z\\x1b[1m'][0]: 'missing' {NO_SUCH}"
    expected = {**unknown(0, "missing"), "message": rf"orders['z\x1b[1m'][0]: 'missing' {NO_SUCH}"}
    assert result == {"gates": {"a": both, "z\x1b[1m": refused(expected), "c": both}, "msg": msg}
    assert error is not None and error.message == "1 of 3 orders has 1 violation." and error.code == "gate_violations"
    assert error.details == {"host": HOST, "orders": ["z\x1b[1m"], "violations": 1}

    result, _error = check_orders(gate, None, {"a": [ONE], "b": ["missing", "missing"]}, True)
    assert result["msg"].startswith("1 of 2 orders has 3 violations:\n- orders['b'][0]: ")


def test_check_orders_shows_the_first_five_violations_of_many_orders() -> None:
    orders = {"a": [f"missing-{number}" for number in range(4)], "b": [ONE], "c": None, "d": [IP, IP]}
    result, error = check_orders(Gate(CATALOG, HOST), None, orders, True)
    assert result["msg"].split("\n") == [
        "3 of 4 orders have 7 violations:",
        *(f"- orders['a'][{number}]: 'missing-{number}' {NO_SUCH}" for number in range(4)),
        "- orders['c']: the order is empty. Name at least one offering.",
        "- and 2 more",
    ]
    duplicate, missing = result["gates"]["d"]["violations"]
    assert duplicate["message"].startswith(f"orders['d'][1]: '{IP}' is orders['d'][0] already.")
    assert missing["message"].startswith("orders['d']: there is no package in the order.")
    assert error is not None and error.details == {"host": HOST, "orders": ["a", "c", "d"], "violations": 7}


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
    "not_allowed",
    "quantity_limit",
}


@given(
    st.lists(entries, max_size=5),
    json_values | st.lists(items | json_values, max_size=5),
    st.booleans(),
    st.builds(Policy, st.none() | st.lists(texts, max_size=3), st.none() | st.dictionaries(texts, limits, max_size=3)),
)
@settings(deadline=None)
def test_check_orders_returns_consistent_results_for_any_order(
    catalog: list[Any], order: Any, require_package: bool, policy: Policy
) -> None:
    gate = Gate(parse({"catalog": catalog})[0], HOST, policy)
    result, error = check_orders(gate, order, None, require_package)
    checked = result["gate"]
    violations, payload = checked["violations"], checked["payload"]
    assert list(checked) == ["ok", "violations", "payload"]
    assert checked["ok"] is (violations == []) is (payload is not None) is (error is None)
    assert len(payload or ()) == (len(order) if checked["ok"] else 0)
    assert all(list(item) == ["name", "type", "quantity"] for item in payload or ())
    for found in violations:
        assert list(found) == ["code", "index", "offering", "message", "suggestions"]
        assert found["code"] in CODES and found["message"].isprintable()
        assert bool(found["suggestions"]) <= (found["code"] == "unknown_offering")
    indices = [float("inf") if found["index"] is None else found["index"] for found in violations]
    assert indices == sorted(indices)
    json.dumps(result, allow_nan=False)
    assert check_orders(gate, None, {"an order": order}, require_package)[0]["gates"]["an order"]["ok"] is checked["ok"]


@given(st.dictionaries(st.text(max_size=3), likely_orders, min_size=1, max_size=4), st.booleans())
@settings(deadline=None, max_examples=50)
def test_check_orders_gives_the_same_results_for_one_and_for_many_orders(
    orders: dict[str, Any], require_package: bool
) -> None:
    result, error = check_orders(Gate(CATALOG, HOST), None, orders, require_package)
    passes = {name: check_order(order, require_package=require_package)["ok"] for name, order in orders.items()}
    assert {name: found["ok"] for name, found in result["gates"].items()} == passes
    assert (error is None) is all(passes.values())
    if error is not None:
        assert error.details["orders"] == [name for name, ok in passes.items() if not ok]
