# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What an order makes of the offerings that an account has, checked by the gate. No I/O, no Ansible."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import Offering, quantities
from ansible_collections.reseller.sendgrid.plugins.module_utils._gate import Gate


class Change:
    """What an account has, what it is to have, and what becomes of the difference, as C(name), C(type), C(quantity).

    :param current: what the account has, empty for a new one.
    :param ordered: what was ordered, with the types of the catalog.
    :param purge: whether all that is not ordered is taken away, else only a package for which another one was ordered.
    """

    def __init__(self, current: list[Offering], ordered: list[Offering], purge: bool) -> None:
        named = {offering["name"] for offering in ordered}
        package = any(offering["type"] == "package" for offering in ordered)
        self.current = current
        self.kept = [
            offering
            for offering in current
            if not purge and offering["name"] not in named and not (package and offering["type"] == "package")
        ]
        self.wanted = [*ordered, *self.kept]
        left = quantities(self.wanted)
        self.differs = left != quantities(current)
        # Fewer of an add-on count too: the API takes the newest IP addresses first.
        self.removed = [
            {**offering, "quantity": offering["quantity"] - left.get(offering["name"], 0)}
            for offering in current
            if offering["quantity"] > left.get(offering["name"], 0)
        ]


def check_change(
    catalog: list[Offering], host: str, order: Any, current: list[Offering], purge: bool, require_package: bool
) -> tuple[dict[str, Any], Change]:
    """Return what the gate says of all that the account is to have, and the change, none at all if it may not be made.

    What the account has may stay in the quantity that it has, although the catalog no longer lists it: a customer whose
    old package is not sold any more can still be given an add-on.
    """
    listed = {offering["name"] for offering in catalog}
    former = [{**offering, "entitlements": {}} for offering in current if offering["name"] not in listed]
    # Each item by itself, as one that is wrong keeps the others from being understood.
    former_gate = Gate(former, host, require_package=False)
    checks = [former_gate.check([item], "offerings") for item in (order if isinstance(order, list) else [])]
    ordered = quantities([item for check in checks for item in check["payload"] or []])
    allowed = [offering for offering in former if ordered.get(offering["name"], 0) <= offering["quantity"]]
    gate = Gate([*catalog, *allowed], host, require_package)
    checked = gate.check(order, "offerings")
    nothing = Change(current, [], purge=False)
    if not checked["ok"]:
        return checked, nothing
    checked_order = checked["payload"]
    change = Change(current, checked_order, purge)
    merged = [*checked_order, *({key: one[key] for key in ("name", "quantity")} for one in change.kept)]
    checked = gate.check(merged, "offerings")
    for violation in checked["violations"]:
        # What comes after the order is no position in it.
        violation["message"] = re.sub(
            r"offerings\[(\d+)\]",
            lambda place: place[0] if int(place[1]) < len(checked_order) else "what the account has",
            violation["message"],
        )
    return checked, change if checked["ok"] else nothing
