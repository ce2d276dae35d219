# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The catalog of offerings as plain data: parse it and choose from it. No I/O, no Ansible."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import clean, quoted
from ansible_collections.reseller.sendgrid.plugins.module_utils._spelling import Spelling

TYPES = ("package", "addon")

Offering = dict[str, Any]


class Filter(NamedTuple):
    """What an offering must be to be chosen; V(None) asks for nothing."""

    type: str | None = None
    minimum_entitlements: dict[str, int] | None = None

    def objection(self, offering: Offering) -> str | None:
        """Return why I(offering) is not chosen, or V(None) if it is.

        An entitlement that is absent or not a number is unknown, so it satisfies no minimum.
        """
        if self.type not in (None, offering["type"]):
            return f"its type is {clean(offering['type'])}, not {self.type}"
        for key, minimum in (self.minimum_entitlements or {}).items():
            value = offering["entitlements"].get(key)
            if as_integer(value) is None:
                return f"it states no {clean(key)}"
            if value < minimum:
                return f"its {clean(key)} is {value}, less than {minimum}"
        return None


def as_integer(value: object) -> int | None:
    """Return I(value) if it is an integer and not a boolean, else V(None)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def parse(document: Any) -> tuple[list[Offering], list[str]]:
    """Return the offerings in the body of C(GET /v3/partners/offerings), in the order of the API, all in one shape.

    By the vendor's OpenAPI document (C(AccountProvisioningCatalog)) C(quantity) and C(entitlements) may be absent, and
    there may be more keys, which are kept. That names are unique is our demand, since orders refer to them.

    :returns: the offerings, and a line for everything that is not as promised.
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


def summary(problems: list[str], between: str = "; ") -> str:
    """Return the first five of I(problems) as one text, and how many more there are."""
    more = len(problems) - 5
    return between.join(problems[:5] + ([f"and {more} more"] if more > 0 else []))


def unknown_types(offerings: list[Offering]) -> str | None:
    """Return a warning about types that the API does not document, which are kept, or V(None)."""
    strange = sorted({clean(offering["type"]) for offering in offerings if offering["type"] not in TYPES})
    return f"The catalog has offerings of undocumented types: {', '.join(strange)}" if strange else None


def select(offerings: list[Offering], names: list[str] | None, wanted: Filter) -> list[Offering]:
    """Return the offerings that match, in the order of the API; V(None) for I(names) means all of them."""
    asked = None if names is None else set(names)
    return [
        offering
        for offering in offerings
        if (asked is None or offering["name"] in asked) and wanted.objection(offering) is None
    ]


def names_missing(offerings: list[Offering], names: list[str]) -> list[dict[str, Any]]:
    """Return those of I(names) that are not in the catalog at all, each once, in their order, with suggestions."""
    known = {offering["name"]: None for offering in offerings}
    spelling = Spelling(known)
    gone = [name for name in dict.fromkeys(names) if name not in known]
    return [{"name": name, "suggestions": list(spelling.suggest(name))} for name in gone]


def pick(offerings: list[Offering], names: list[str], wanted: Filter, host: str) -> tuple[list[Offering], list[str]]:
    """Return one offering for each of I(names), in their order, and a message for each name that has none."""
    by_name = {offering["name"]: offering for offering in offerings}
    chosen: list[Offering] = []
    problems: list[str] = []
    spelling = Spelling(by_name)
    for name in names:
        if name not in by_name:
            # Suggestions for a thousand wrong names would take a while, and only the first five are shown.
            problems.append(spelling.unknown(name, host) if len(problems) < 5 else quoted(name))
        elif objection := wanted.objection(by_name[name]):
            problems.append(f"{quoted(name)} is filtered out: {objection}.")
        else:
            chosen.append(by_name[name])
    return chosen, problems
