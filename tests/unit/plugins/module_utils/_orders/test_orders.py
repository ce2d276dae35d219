# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the gate that hold orders, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.orders import read_orders
from ansible_collections.reseller.sendgrid.tests.support.gate_results import IP, ONE

KEY = "the key of the account API"
EMPTY = ("", "offerings, orders: what is given is null or empty, and an order is needed")


def read(offerings: Any = None, orders: Any = None) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    return read_orders({"offerings": offerings, "orders": orders, "api_key": KEY}.__getitem__)


@pytest.mark.parametrize(
    ("order", "expected"), [(None, [EMPTY]), ("", [EMPTY]), ([], []), ({}, []), (0, []), ([ONE], [])]
)
def test_one_order_is_left_to_the_gate_unless_it_is_null_or_an_empty_text(
    order: Any, expected: list[tuple[str, str]]
) -> None:
    assert read(order) == (None, expected)


def test_a_mapping_and_a_list_mean_the_same() -> None:
    expected = {"bakery": [ONE], "airline": None}, list[tuple[str, str]]()
    rows = [{"name": "bakery", "offerings": [ONE]}, {"name": "airline", "offerings": None}]
    assert read(orders={"bakery": [ONE], "airline": None}) == read(orders=rows) == expected
    found, _problems = read(orders=rows)
    assert list(found or ()) == ["bakery", "airline"]


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ({}, [("orders", "it is empty, and at least one order is needed")]),
        ([], [("orders", "it is empty, and at least one order is needed")]),
        ("", [("orders", "it is a text, and a mapping, or a list of name and offerings, is needed")]),
        (5, [("orders", "it is a number, and a mapping, or a list of name and offerings, is needed")]),
        ({" b": [ONE], "c": []}, [("orders", "the name ' b' has white space around it. Remove it")]),
        ([{"name": "b\n", "offerings": []}], [("orders", r"the name 'b\n' has white space around it. Remove it")]),
        ({"b": [ONE], f"of {KEY}": [ONE]}, [("orders", "the name of an order holds the API key")]),
        ([{"name": f"of {KEY}", "offerings": [ONE]}], [("orders", "the name of an order holds the API key")]),
    ],
)
def test_orders_that_cannot_be_read_are_refused(orders: Any, expected: list[tuple[str, str]]) -> None:
    assert read(orders=orders)[1] == expected


def test_all_that_is_wrong_with_rows_is_reported_at_once() -> None:
    rows = [
        {"name": "bakery", "offerings": [ONE]},
        {"name": "airline", "offering": [IP]},
        ONE,
        {"name": "bakery", "offerings": [IP]},
        {"offerings": []},
        {"name": 5, "offerings": []},
        {"name": " ", "offerings": []},
        {},
    ]
    assert read(orders=rows)[1] == [
        ("orders[1].offering", "there is no such option. Did you mean offerings?"),
        ("orders[1].offerings", "it is missing, and an order is needed"),
        ("orders[2]", "it is a text, and a mapping with name and offerings is needed"),
        ("orders[3].name", "'bakery' is the name of orders[0] already. Give each order a name of its own"),
        ("orders[4].name", "it is missing, and a text is needed"),
        ("orders[5].name", "it is a number, and a text is needed"),
        ("orders[6].name", "it is blank, and a text is needed"),
        ("orders[7].name", "it is missing, and a text is needed"),
        ("orders[7].offerings", "it is missing, and an order is needed"),
    ]
