# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Bring the catalog of the API into one shape. No I/O, no Ansible."""

from __future__ import annotations

from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import TYPES, Offering, as_integer
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import clean, summary


def parse(document: Any) -> tuple[list[Offering], list[str]]:
    """Return the offerings in the body of C(GET /v3/partners/offerings), in the order of the API, all in one shape.

    By the vendor's OpenAPI document (C(AccountProvisioningCatalog)) C(quantity) and C(entitlements) may be absent, and
    there may be more keys, which are kept. That names are unique is our demand, since orders refer to them.

    :returns: the offerings, and a line for everything that is not as promised, up to a hundred and one that says so.
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
        if len(problems) >= 100:
            # Whatever this is, it is no catalog, and may be millions of entries.
            return [], [*problems[:100], "what follows was not looked at"]
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
    """Return a warning about types that the API does not document, which are kept, or V(None)."""
    strange = sorted({clean(offering["type"]) for offering in offerings if offering["type"] not in TYPES})
    return f"The catalog has offerings of undocumented types: {summary(strange, ', ')}" if strange else None
