# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The options of the gate that hold orders, and what is wrong with them. No I/O, no Ansible."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._settings import kind_of, unknown_option_problems
from .._text import maskable, quoted


def read_orders(option: Callable[[str], Any]) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """Return the orders by their name, and why nothing can be checked, as pairs of option and message.

    The orders are ``None`` if the option ``offerings`` holds the only one. Null, an empty text and an empty mapping
    come from variables that are empty by mistake. Accepting them would bypass the gate.
    """
    given = option("orders")
    if given is None:
        empty = "offerings, orders: what is given is null or empty, and an order is needed"
        return None, [("", empty)] if option("offerings") in (None, "") else []
    if not isinstance(given, (Mapping, list)):
        return {}, [("orders", f"it is {kind_of(given)}, and a mapping, or a list of name and offerings, is needed")]
    if not given:
        return {}, [("orders", "it is empty, and at least one order is needed")]
    orders, problems = (dict(given), []) if isinstance(given, Mapping) else _read_rows(given)
    problems += [
        ("orders", f"the name {quoted(name)} has white space around it. Remove it")
        for name in orders
        if name.strip() and name != name.strip()
    ]
    # Core masks the key in values, but not in the keys of ``gates``.
    secret = maskable(option("api_key"))
    if secret and any(secret in name for name in orders):
        return orders, [("orders", "the name of an order holds the API key")]
    return orders, problems


def _read_rows(rows: list[Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    orders: dict[str, Any] = {}
    positions: dict[str, str] = {}
    problems = []
    for index, row in enumerate(rows):
        position = f"orders[{index}]"
        if not isinstance(row, Mapping):
            problems.append((position, f"it is {kind_of(row)}, and a mapping with name and offerings is needed"))
            continue
        problems += [
            (f"{position}.{key}", message) for key, message in unknown_option_problems(row, ("name", "offerings"))
        ]
        name = row.get("name")
        if not isinstance(name, str) or not name.strip():
            found = "missing" if "name" not in row else "blank" if isinstance(name, str) else kind_of(name)
            problems.append((f"{position}.name", f"it is {found}, and a text is needed"))
        elif positions.setdefault(name, position) != position:
            message = f"{quoted(name)} is the name of {positions[name]} already. Give each order a name of its own"
            problems.append((f"{position}.name", message))
        if "offerings" not in row:
            problems.append((f"{position}.offerings", "it is missing, and an order is needed"))
        elif isinstance(name, str):
            orders[name] = row["offerings"]
    return orders, problems
