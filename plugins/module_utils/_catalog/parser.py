# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Bring the catalog of the API into one shape. No I/O, no Ansible."""

from __future__ import annotations

from typing import Any

from .._argspec import OFFERING_TYPES
from .._text import clean, summary
from .offerings import Offering, as_integer

# More problems are not reported: a document with so many is no catalog.
MAXIMUM_PROBLEMS = 100


def parse(document: Any) -> tuple[list[Offering], list[str]]:
    """Return the offerings in the body of ``GET /v3/partners/offerings``, in the order of the API, all in one shape.

    In the vendor's OpenAPI document (``AccountProvisioningCatalog``) ``quantity`` and ``entitlements`` are optional.
    Other keys may be added, and are kept. That names are unique is our own rule, because orders refer to them.

    :returns: the offerings, and a line for each broken promise.
    """
    entries = document.get("catalog") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        return [], ["catalog: a list is needed"]
    offerings: list[Offering] = []
    problems: list[str] = []
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        found = _entry_problems(entry)
        if not found:
            extra = {key: value for key, value in entry.items() if key != "offering"}
            shape = {"quantity": entry["offering"].get("quantity"), "entitlements": entry.get("entitlements") or {}}
            offering = {"name": None, "type": None, **shape, **extra, **entry["offering"], **shape}
            offerings.append(offering)
            if first.setdefault(offering["name"], index) != index:
                name = clean(offering["name"])
                found = [f"offering.name: '{name}' is already the name of catalog[{first[offering['name']]}]"]
        problems += [f"catalog[{index}].{problem}" for problem in found]
        if len(problems) >= MAXIMUM_PROBLEMS:
            return [], [*problems[:MAXIMUM_PROBLEMS], f"catalog[{index}] is the last entry that was checked"]
    return offerings, problems


def _entry_problems(entry: Any) -> list[str]:
    offering = entry.get("offering") if isinstance(entry, dict) else None
    if not isinstance(offering, dict):
        return ["offering: an object is needed"]
    problems = [
        f"offering.{key}: text is needed"
        for key in ("name", "type")
        if not (isinstance(offering.get(key), str) and offering[key].strip())
    ]
    if offering.get("quantity") is not None and as_integer(offering["quantity"]) is None:
        problems.append("offering.quantity: an integer is needed")
    if not isinstance(entry.get("entitlements"), (dict, type(None))):
        problems.append("entitlements: an object is needed")
    return problems


def unknown_types(offerings: list[Offering]) -> str | None:
    """Return a warning about types that the API does not document, ``None`` if there are none."""
    unknown = sorted({clean(offering["type"]) for offering in offerings if offering["type"] not in OFFERING_TYPES})
    return f"The catalog has offerings of undocumented types: {summary(unknown, ', ')}" if unknown else None
