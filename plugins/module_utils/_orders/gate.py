# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The rules for orders: what may be assigned to an account. No I/O, no Ansible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._argspec import OFFERING_TYPES
from .._catalog.offerings import Offering
from .._catalog.suggestions import Suggestions
from .._text import quoted
from .policy import Policy
from .values import as_quantity, show_value

# The keys of an offering in a request: ``AccountProvisioningOffering`` in the vendor's OpenAPI document.
PAYLOAD_KEYS = ("name", "type", "quantity")


class Problem(NamedTuple):
    """A broken rule, before it is known which position of which order breaks it."""

    code: str
    message: str
    suggestions: Sequence[str] = ()


class Item(NamedTuple):
    """An item of an order. ``name``, ``type`` and ``quantity`` are ``None`` where they cannot be told."""

    name: str | None
    type: str | None
    quantity: int | None
    problems: list[Problem]


class Gate:
    """Checks orders against one catalog.

    Only what ``GET /v3/partners/offerings`` lists can be assigned to an account; what it has already, it may keep.

    :param offerings: of the catalog, as ``parse`` returns them.
    :param host: where the catalog comes from, for messages.
    :param policy: what the reseller allows of the catalog, by default all of it.
    """

    def __init__(self, offerings: list[Offering], host: str, policy: Policy | None = None) -> None:
        self._offerings = {offering["name"]: offering for offering in offerings}
        self._suggestions = Suggestions(self._offerings)
        self._policy = policy or Policy()
        self.host = host

    def check(self, order: Any, name: str, require_package: bool) -> dict[str, Any]:
        """Return ``ok``, ``violations`` and ``payload``, which is ``None`` if there are violations.

        :param order: any value that a user may give as an order.
        :param name: what messages call the order.
        :param require_package: whether an order needs a package. The API does not say so; it is our guess.
        """
        return check_items(*self.read_order(order), require_package, position_labels(name))

    def read_order(self, order: Any, held: Sequence[Offering] = ()) -> tuple[list[Item], list[Problem]]:
        """Return the items of ``order``, and the problems of the order as a whole.

        :param held: what the account has. It may be ordered, up to the quantity that the account has, even if the
            catalog no longer lists it: a customer whose old package is not sold any more can still get an add-on. Up
            to that quantity, it breaks no policy either.
        """
        if order is None or order in ("", [], {}):
            return [], [Problem("empty_order", "the order is empty. Name at least one offering.")]
        if not isinstance(order, list):
            return [], [Problem("invalid_item", f"{show_value(order)} is no order. A list of offerings is needed.")]
        held_by_name = {offering["name"]: offering for offering in held}
        return [self._read_item(item, held_by_name) for item in order], []

    def _read_item(self, given: Any, held: Mapping[str, Offering]) -> Item:
        """Return what ``given`` orders; the type is the catalog's.

        ``AccountProvisioningOffering.quantity`` is documented as "If offering type is `package`, quantity must be 1".
        """
        item = {"name": given} if isinstance(given, str) else given
        if not isinstance(item, Mapping):
            message = f"{show_value(item)} is no offering. A name is needed, or a mapping with name, type and quantity."
            return Item(None, None, None, [Problem("invalid_item", message)])
        problems: list[Problem] = []
        quantity = _read_quantity(item)
        name, entry = item.get("name"), dict[str, Any]()
        if not isinstance(name, str) or not name.strip():
            found = f"{show_value(name)} is no name" if "name" in item else "the name is missing"
            problems.append(Problem("invalid_item", f"{found}. The name of an offering in the catalog is needed."))
            name = None
        elif name in self._offerings:
            entry = self._offerings[name]
        # The quantity of a package has a rule of its own, below.
        elif name in held and held[name]["quantity"] >= (1 if held[name]["type"] == "package" else quantity or 0):
            entry = held[name]
        else:
            message = self._suggestions.unknown(name, self.host)
            problems.append(Problem("unknown_offering", message, self._suggestions.suggest(name)))
        if entry and item.get("type", entry["type"]) != entry["type"]:
            message = f"{quoted(entry['name'])} is of type {quoted(entry['type'])}, not {show_value(item['type'])}. "
            message += "Correct the type or leave it out."
            problems.append(Problem("type_mismatch", message))
        subject = "the offering" if name is None else quoted(name)
        # A whole entry of the catalog can be ordered, so the other keys of that entry are ignored.
        if unknown := [key for key in item if key not in (*PAYLOAD_KEYS, "entitlements", *entry)]:
            keys = ", ".join(map(quoted, map(str, unknown)))
            problems.append(
                Problem("invalid_item", f"{subject} has unknown keys: {keys}. Use name, type and quantity.")
            )
        offering_type = entry.get("type") or (item.get("type") if name and item.get("type") in OFFERING_TYPES else None)
        if quantity is None:
            message = (
                f"{subject} has the quantity {show_value(item['quantity'])}. An integer from 1 to 2^63 - 1 is needed."
            )
            problems.append(Problem("invalid_quantity", message))
        elif offering_type == "package" and quantity != 1:
            message = f"{subject} is a package, and the quantity of a package is 1, not {quantity}."
            problems.append(Problem("package_quantity", message))
        if entry and name:
            # Wrong quantities have been reported already.
            ordered = 1 if offering_type == "package" else quantity or 0
            kept = held[name]["quantity"] if name in held else 0
            if ordered > kept:
                problems += [Problem(code, message) for code, message in self._policy.violations(name, ordered, kept)]
        return Item(name, offering_type, quantity, problems)


def position_labels(name: str) -> Callable[[int | None], str]:
    """Return what maps a position in the order called ``name`` to its label; ``None`` means the whole order."""
    return lambda index: name if index is None else f"{name}[{index}]"


def check_items(
    items: list[Item], problems: list[Problem], require_package: bool, label: Callable[[int | None], str]
) -> dict[str, Any]:
    """Return ``ok``, ``violations`` and ``payload``, which is ``None`` if there are violations.

    :param problems: of the order as a whole. If there are any, there are no items.
    :param label: maps the position of an item to what messages call it, and ``None`` to the name of the order.
    """
    found = [(index, problem) for index, item in enumerate(items) for problem in item.problems]
    # Sorting is stable, so the problems of one item stay in the order of the rules.
    found = sorted([*found, *_find_conflicts(items, label)], key=lambda pair: pair[0])
    whole = list(problems)
    # An item that is not understood may be the package.
    if not problems and require_package and not any(item.type in (None, "package") for item in items):
        message = "there is no package in the order. Add one, or set require_package to false if that is meant."
        whole.append(Problem("no_package", message))
    violations = [_violation(index, items[index].name, problem, label) for index, problem in found]
    violations += [_violation(None, None, problem, label) for problem in whole]
    payload = [{key: getattr(item, key) for key in PAYLOAD_KEYS} for item in items]
    return {"ok": not violations, "violations": violations, "payload": None if violations else payload}


def _violation(
    index: int | None, name: str | None, problem: Problem, label: Callable[[int | None], str]
) -> dict[str, Any]:
    return {
        "code": problem.code,
        "index": index,
        "offering": name,
        "message": f"{label(index)}: {problem.message}",
        "suggestions": list(problem.suggestions),
    }


def _find_conflicts(items: list[Item], label: Callable[[int | None], str]) -> Iterator[tuple[int, Problem]]:
    """Yield the position and the problem of each item that conflicts with an earlier one.

    ``PUT /v3/partners/accounts/{accountID}/offerings`` is documented with "an account can have only one package
    offering". That an order names an offering once is our own rule: nobody says what two quantities add up to.
    """
    first: dict[str, int] = {}
    package: int | None = None
    for index, item in enumerate(items):
        if item.name is None:
            continue
        name = quoted(item.name)
        if first.setdefault(item.name, index) != index:
            message = f"{name} is {label(first[item.name])} already. Order it once, with the whole quantity."
            yield index, Problem("duplicate_offering", message)
        elif item.type == "package" and package is not None:
            other = f"{quoted(str(items[package].name))} ({label(package)})"
            message = f"{name} is a package, and so is {other}. An account has at most one, so order one of them."
            yield index, Problem("multiple_packages", message)
        elif item.type == "package":
            package = index


def _read_quantity(item: Mapping[str, Any]) -> int | None:
    """Return the quantity, ``None`` if what is given is no quantity."""
    given = item.get("quantity", 1)
    # An entry of the catalog may state none. Elsewhere null comes from a variable that is empty by mistake.
    return 1 if given is None and "entitlements" in item else as_quantity(given, 1)
