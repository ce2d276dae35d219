# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A catalog, and functions that return expected results of the gate."""

from __future__ import annotations

from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate

HOST = "api.example.com"
CATALOG, PROBLEMS = parse(
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


def check_order(order: Any, *, require_package: bool = False) -> dict[str, Any]:
    return Gate(CATALOG, HOST).check(order, "offerings", require_package)


def violation(code: str, index: int | None, offering: str | None, message: str, *suggestions: str) -> dict[str, Any]:
    label = "offerings" if index is None else f"offerings[{index}]"
    return {
        "code": code,
        "index": index,
        "offering": offering,
        "message": f"{label}: {message}",
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
