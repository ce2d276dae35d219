# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Select offerings, as plain data.

The lookup imports this file even for a cached answer, and each worker of Ansible compiles it: keep it short.
"""

from __future__ import annotations

from typing import Any

Offering = dict[str, Any]


class Filter:
    """What an offering must be to be selected. Without arguments, every offering matches."""

    def __init__(self, offering_type: str | None = None, minimum_entitlements: dict[str, int] | None = None) -> None:
        self.type = offering_type
        self.minimum_entitlements = minimum_entitlements or {}

    def matches(self, offering: Offering) -> bool:
        """Return whether ``offering`` matches. An entitlement that is absent or no number satisfies no minimum."""
        if self.type not in (None, offering["type"]):
            return False
        stated, minimums = offering["entitlements"], self.minimum_entitlements.items()
        return all((value := as_integer(stated.get(key))) is not None and value >= least for key, least in minimums)


def as_integer(value: object) -> int | None:
    """Return ``value`` if it is an integer and not a boolean, else ``None``."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def quantities(offerings: list[Offering]) -> dict[str, int]:
    """Return the quantity of each offering by its name."""
    return {offering["name"]: offering["quantity"] for offering in offerings}


def select(offerings: list[Offering], names: list[str] | None, filters: Filter) -> list[Offering]:
    """Return the offerings that match, in the order of the API. ``None`` for ``names`` means all of them."""
    chosen = None if names is None else set(names)
    return [
        offering
        for offering in offerings
        if (chosen is None or offering["name"] in chosen) and filters.matches(offering)
    ]


def select_by_name(offerings: list[Offering], names: list[str], filters: Filter) -> list[Offering] | None:
    """Return one offering for each of ``names``, in their order, or ``None`` if one of them has none that matches."""
    matching = {offering["name"]: offering for offering in select(offerings, names, filters)}
    return [matching[name] for name in names] if matching.keys() >= set(names) else None
