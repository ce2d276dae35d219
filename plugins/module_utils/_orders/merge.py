# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What an order changes in the offerings that an account has. No I/O, no Ansible."""

from __future__ import annotations

from typing import Any

from .._catalog.offerings import Offering, quantities
from .gate import Gate, check_items, position_labels


class OfferingsPlan:
    """The offerings of an account before and after, all of them as ``name``, ``type`` and ``quantity``.

    :param current: what the account has, empty for a new one.
    :param wanted: what it is to have.
    :param kept: the part of ``wanted`` that the order does not name.
    """

    def __init__(self, current: list[Offering], wanted: list[Offering], kept: list[Offering]) -> None:
        self.current = current
        self.wanted = wanted
        self.kept = kept
        remaining = quantities(wanted)
        self.differs = remaining != quantities(current)
        # A lower quantity is a loss too: the API removes the newest IP addresses first.
        self.removed = [
            {**offering, "quantity": offering["quantity"] - remaining.get(offering["name"], 0)}
            for offering in current
            if offering["quantity"] > remaining.get(offering["name"], 0)
        ]


def check_change(
    gate: Gate, order: Any, current: list[Offering], purge: bool, require_package: bool
) -> tuple[dict[str, Any], OfferingsPlan]:
    """Return what the gate says about all offerings that the account is to have, and the plan.

    If there are violations, the plan changes nothing.

    :param current: what the account has, empty for a new one.
    :param purge: whether the account loses everything that the order does not name. Otherwise it loses only its
        package, and only if the order names a package.
    """
    items, problems = gate.read_order(order, current)
    named = {item.name for item in items}
    has_package = any(item.type == "package" for item in items)
    kept = [
        offering
        for offering in current
        if not purge and offering["name"] not in named and not (has_package and offering["type"] == "package")
    ]
    # The catalog may have another type now, and only the name tells which offering it is.
    kept_items, _problems = gate.read_order([{key: one[key] for key in ("name", "quantity")} for one in kept], current)
    labels = position_labels("offerings")

    def label(index: int | None) -> str:
        return labels(index) if index is None or index < len(items) else "what the account has"

    checked = check_items([*items, *(kept_items if items else [])], problems, require_package, label)
    if not checked["ok"]:
        return checked, OfferingsPlan(current, current, current)
    # What is kept is sent as the account has it.
    return checked, OfferingsPlan(current, [*checked["payload"][: len(items)], *kept], kept)
