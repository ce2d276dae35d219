# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Check orders against the catalog before anything is created or billed. No I/O, no Ansible."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import TYPES, Offering, as_integer
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError, quoted, summary
from ansible_collections.reseller.sendgrid.plugins.module_utils._spelling import Spelling

# What the API takes for an offering: C(AccountProvisioningOffering) in the vendor's OpenAPI document, with int64.
TAKEN = ("name", "type", "quantity")


class Problem(NamedTuple):
    """A broken rule, before it is known where the order stands."""

    code: str
    message: str
    suggestions: Sequence[str] = ()


class Item(NamedTuple):
    """An item of an order; C(name), C(type) and C(quantity) are V(None) where they cannot be told."""

    name: str | None
    type: str | None
    quantity: int | None
    problems: list[Problem]


class Gate:
    """Checks orders against one catalog.

    Only what C(GET /v3/partners/offerings) lists can be assigned to an account; an offering is told by name and type.

    :param offerings: of the catalog, as C(parse) returns them.
    :param host: where the catalog comes from, for messages.
    :param require_package: whether an order needs a package. The API does not say so; it is our guess.
    """

    def __init__(self, offerings: list[Offering], host: str, require_package: bool) -> None:
        self._offerings = {offering["name"]: offering for offering in offerings}
        self._spelling = Spelling(self._offerings)
        self._require_package = require_package
        self.host = host

    def check(self, order: Any, where: str) -> dict[str, Any]:
        """Return C(ok), C(violations) and C(payload), which is V(None) if there are violations.

        :param order: whatever was given as an order.
        :param where: what messages call the order.
        """
        items: list[Item] = []
        found: list[tuple[int | None, Problem]]
        if order is None or order in ("", [], {}):
            found = [(None, Problem("empty_order", "the order is empty. Name at least one offering."))]
        elif not isinstance(order, list):
            found = [(None, Problem("invalid_item", f"{_shown(order)} is no order. A list of offerings is needed."))]
        else:
            items = [self._item(item) for item in order]
            found = [(index, problem) for index, item in enumerate(items) for problem in item.problems]
            found += _clashes(items, where)
            # An item that is not understood may be the package.
            if self._require_package and not any(item.type in (None, "package") for item in items):
                message = "there is no package in the order. Add one, or set require_package to false if that is meant."
                found.append((None, Problem("no_package", message)))
        violations = [
            {
                "code": problem.code,
                "index": index,
                "offering": None if index is None else items[index].name,
                "message": f"{where}{'' if index is None else f'[{index}]'}: {problem.message}",
                "suggestions": list(problem.suggestions),
            }
            for index, problem in sorted(found, key=lambda one: len(items) if one[0] is None else one[0])
        ]
        payload = [{key: getattr(item, key) for key in TAKEN} for item in items]
        return {"ok": not violations, "violations": violations, "payload": None if violations else payload}

    def _item(self, given: Any) -> Item:
        """Return what I(given) orders; the type is the catalog's.

        C(AccountProvisioningOffering.quantity) is documented with "If offering type is `package`, quantity must be 1".
        """
        item = {"name": given} if isinstance(given, str) else given
        if not isinstance(item, Mapping):
            message = f"{_shown(item)} is no offering. A name is needed, or a mapping with name, type and quantity."
            return Item(None, None, None, [Problem("invalid_item", message)])
        problems: list[Problem] = []
        name, entry = item.get("name"), dict[str, Any]()
        if not isinstance(name, str) or not name.strip():
            what = f"{_shown(name)} is no name" if "name" in item else "the name is missing"
            problems.append(Problem("invalid_item", f"{what}. The name of an offering in the catalog is needed."))
            name = None
        elif name not in self._offerings:
            message = self._spelling.unknown(name, self.host)
            problems.append(Problem("unknown_offering", message, self._spelling.suggest(name)))
        else:
            entry = self._offerings[name]
            if item.get("type", entry["type"]) != entry["type"]:
                message = (
                    f"{quoted(name)} is of type {quoted(entry['type'])} in your catalog, not {_shown(item['type'])}"
                )
                problems.append(Problem("type_mismatch", f"{message}. Correct the type or leave it out."))
        subject = "the offering" if name is None else quoted(name)
        # A whole entry of the catalog can be ordered, so what else stands in that very entry is ignored.
        if unknown := [key for key in item if key not in (*TAKEN, "entitlements", *entry)]:
            keys = ", ".join(map(quoted, map(str, unknown)))
            problems.append(
                Problem("invalid_item", f"{subject} has unknown keys: {keys}. Use name, type and quantity.")
            )
        kind = entry.get("type") or (item.get("type") if name and item.get("type") in TYPES else None)
        number = _quantity(item)
        if number is None:
            message = f"{subject} has the quantity {_shown(item['quantity'])}. An integer from 1 to 2^63 - 1 is needed."
            problems.append(Problem("invalid_quantity", message))
        elif kind == "package" and number != 1:
            message = f"{subject} is a package, and the quantity of a package is 1, not {number}."
            problems.append(Problem("package_quantity", message))
        return Item(name, kind, number, problems)


def _clashes(items: list[Item], where: str) -> Iterator[tuple[int, Problem]]:
    """Yield what is wrong with each item because of an earlier one.

    The operation C(PUT /v3/partners/accounts/{accountID}/offerings) is documented with "an account can have only one
    package offering". That a name stands in an order once is our demand: what two quantities add up to is nowhere said.
    """
    first: dict[str, int] = {}
    package: int | None = None
    for index, item in enumerate(items):
        if item.name is None:
            continue
        name = quoted(item.name)
        if first.setdefault(item.name, index) != index:
            message = f"{name} is {where}[{first[item.name]}] already. Order it once, with the whole quantity."
            yield index, Problem("duplicate_offering", message)
        elif item.type == "package" and package is not None:
            other = f"{quoted(str(items[package].name))} ({where}[{package}])"
            message = f"{name} is a package, and so is {other}. An account has at most one, so order one of them."
            yield index, Problem("multiple_packages", message)
        elif item.type == "package":
            package = index


def order_problems(order: Any, orders: dict[str, Any] | None, secret: str | None) -> list[tuple[str, str]]:
    """Return why nothing can be checked, as pairs of option and message.

    Null, an empty text and no orders come from variables that turned out empty. To pass them would skip the gate.

    :param secret: the API key, which core masks in values but not in the keys of C(gates).
    """
    if orders is None:
        what = "offerings, orders: what is given is null or empty, and an order is needed"
        return [("", what)] if order in (None, "") else []
    key = (secret or "").strip()
    if key and any(key in name for name in orders):
        return [("orders", "the name of an order holds the API key")]
    return [] if orders else [("orders", "it is empty, and at least one order is needed")]


def judge(gate: Gate, order: Any, orders: dict[str, Any] | None) -> tuple[dict[str, Any], SendGridError | None]:
    """Check all I(orders), or the one I(order) if that is V(None).

    :returns: the results C(gate) or C(gates) and C(msg), and an error with the first line of that unless all pass.
    """
    if orders is None:
        return verdict(gate.check(order, "offerings"), gate.host)
    gates = {name: gate.check(one, f"orders[{quoted(name)}]") for name, one in orders.items()}
    refused = [name for name, checked in gates.items() if not checked["ok"]]
    if not refused:
        return {"gates": gates, "msg": f"All orders pass ({len(gates)})."}, None
    messages = [violation["message"] for name in refused for violation in gates[name]["violations"]]
    have = "has" if len(refused) == 1 else "have"
    headline = f"{len(refused)} of {len(gates)} orders {have} {_violations(messages)}"
    listed = summary(messages, "\n- ")
    return {"gates": gates, "msg": f"{headline}:\n- {listed}"}, _refusal(headline, gate.host, refused, messages)


def verdict(
    checked: dict[str, Any], host: str, subject: str = "The order"
) -> tuple[dict[str, Any], SendGridError | None]:
    """Return the results C(gate) and C(msg) for one order, and an error with the first line of that unless it passes.

    :param checked: what C(Gate.check) has returned.
    :param subject: what messages call the order.
    """
    if checked["ok"]:
        return {"gate": checked, "msg": f"{subject} passes."}, None
    messages = [violation["message"] for violation in checked["violations"]]
    headline = f"{subject} has {_violations(messages)}"
    listed = "\n- ".join([f"{headline}:", *messages])
    return {"gate": checked, "msg": listed}, _refusal(headline, host, None, messages)


def _violations(messages: list[str]) -> str:
    return f"{len(messages)} violation{'' if len(messages) == 1 else 's'}"


def _refusal(headline: str, host: str, refused: list[str] | None, messages: list[str]) -> SendGridError:
    return SendGridError("gate_violations", f"{headline}.", host=host, orders=refused, violations=len(messages))


def _quantity(item: Mapping[str, Any]) -> int | None:
    """Return the quantity, V(None) if it is none."""
    given = item.get("quantity", 1)
    if given is None and "entitlements" in item:
        # An entry of the catalog, which need not state one. Elsewhere null is a variable that turned out empty.
        return 1
    # Core 2.18 and older make text of a number in a template.
    if isinstance(given, str) and re.fullmatch(r"\d{1,19}", given.strip(), re.ASCII):
        given = int(given)
    number = as_integer(given)
    return number if number is not None and 1 <= number < 2**63 else None


def _shown(value: Any) -> str:
    """Return how messages show I(value), which can be anything that stands in a task."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() < 300 else "a huge number"
    if isinstance(value, float):
        return str(value)
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, Mapping) else "something else"
