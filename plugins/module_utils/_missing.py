# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What to say of names for which the catalog has no offering. No I/O, no Ansible."""

from __future__ import annotations

from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import Filter, Offering, as_integer
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import clean, quoted


def missing(offerings: list[Offering], names: list[str]) -> list[dict[str, Any]]:
    """Return those of I(names) that are not in the catalog at all, each once, in their order, with suggestions."""
    known = {offering["name"]: None for offering in offerings}
    gone = [name for name in dict.fromkeys(names) if name not in known]
    if not gone:
        return []
    # Most catalogs lack nothing, and each task compiles anew what it imports.
    from ansible_collections.reseller.sendgrid.plugins.module_utils._spelling import Spelling

    spelling = Spelling(known)
    return [{"name": name, "suggestions": list(spelling.suggest(name))} for name in gone]


def complaints(offerings: list[Offering], names: list[str], wanted: Filter, host: str) -> list[str]:
    """Return a message for each of I(names) that is not in the catalog, or does not match."""
    from ansible_collections.reseller.sendgrid.plugins.module_utils._spelling import Spelling

    by_name = {offering["name"]: offering for offering in offerings}
    spelling = Spelling(by_name)
    found: list[str] = []
    for name in names:
        if name not in by_name:
            # Suggestions for a thousand wrong names would take a while, and only the first five are shown.
            found.append(spelling.unknown(name, host) if len(found) < 5 else quoted(name))
        elif not wanted.matches(by_name[name]):
            found.append(f"{quoted(name)} is filtered out: {_objection(by_name[name], wanted)}.")
    return found


def _objection(offering: Offering, wanted: Filter) -> str:
    """Return why I(offering) does not match."""
    if not Filter(wanted.kind).matches(offering):
        return f"its type is {clean(offering['type'])}, not {wanted.kind}"
    minimums = wanted.minimum_entitlements or {}
    key = next(key for key, least in minimums.items() if not Filter(None, {key: least}).matches(offering))
    stated = as_integer(offering["entitlements"].get(key))
    unmet = f"is {stated}, less than {minimums[key]}"
    return f"it states no {clean(key)}" if stated is None else f"its {clean(key)} {unmet}"
