# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Choose from the offerings of the catalog, as plain data. No I/O, no Ansible, and little code: see C(_cache)."""

from __future__ import annotations

from typing import Any

TYPES = ("package", "addon")

Offering = dict[str, Any]


class Filter:
    """What an offering must be to be chosen; V(None) asks for nothing."""

    def __init__(self, kind: str | None = None, minimum_entitlements: dict[str, int] | None = None) -> None:
        self.kind = kind
        self.minimum_entitlements = minimum_entitlements

    def matches(self, offering: Offering) -> bool:
        """Return whether I(offering) is chosen. An entitlement that is absent or no number satisfies no minimum."""
        if self.kind not in (None, offering["type"]):
            return False
        stated = offering["entitlements"]
        minimums = (self.minimum_entitlements or {}).items()
        return all((value := as_integer(stated.get(key))) is not None and value >= least for key, least in minimums)


def as_integer(value: object) -> int | None:
    """Return I(value) if it is an integer and not a boolean, else V(None)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def quantities(offerings: list[Offering]) -> dict[str, int]:
    """Return the quantity of each offering by its name."""
    return {offering["name"]: offering["quantity"] for offering in offerings}


def select(offerings: list[Offering], names: list[str] | None, wanted: Filter) -> list[Offering]:
    """Return the offerings that match, in the order of the API; V(None) for I(names) means all of them."""
    asked = None if names is None else set(names)
    return [
        offering for offering in offerings if (asked is None or offering["name"] in asked) and wanted.matches(offering)
    ]


def pick(offerings: list[Offering], names: list[str], wanted: Filter) -> list[Offering] | None:
    """Return one offering for each of I(names), in their order, or V(None) if one has none that matches."""
    matching = {offering["name"]: offering for offering in select(offerings, names, wanted)}
    return [matching[name] for name in names] if matching.keys() >= set(names) else None
