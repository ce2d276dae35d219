# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default catalog, and any document that replaces it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ENTITLEMENTS = ("email_sends_max_monthly", "ip_count", "teammates_max_total", "users_max_total")


class Catalog:
    """Any JSON document. An invalid one is served unchanged, and none of its offerings can be ordered."""

    def __init__(self, document: Any) -> None:
        self.body = json.dumps(document).encode()
        self.entries = _entries(document)
        self.types = dict(_types(self.entries))
        self._entitlements = dict(_entitlements(self.entries))

    def total(self, entitlement: str, offerings: Sequence[Mapping[str, Any]]) -> int:
        """Return the sum of an entitlement of offerings. What an offering does not state counts as 0."""
        return sum(self._entitlements.get((held["name"], entitlement), 0) * held["quantity"] for held in offerings)

    @property
    def packages(self) -> list[str]:
        return [name for name, kind in self.types.items() if kind == "package"]


def _entries(document: Any) -> list[Any]:
    entries = document.get("catalog") if isinstance(document, dict) else None
    return entries if isinstance(entries, list) else []


def _entitlements(entries: list[Any]) -> Iterator[tuple[tuple[str, str], int]]:
    for entry in entries:
        stated = entry.get("entitlements") if isinstance(entry, dict) else None
        for entitlement, value in stated.items() if isinstance(stated, dict) else ():
            if isinstance(value, int) and dict(_types([entry])):
                yield (entry["offering"]["name"], entitlement), value


def _types(entries: list[Any]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        offering = entry.get("offering") if isinstance(entry, dict) else None
        if isinstance(offering, dict):
            name, kind = offering.get("name"), offering.get("type")
            if isinstance(name, str) and isinstance(kind, str):
                yield name, kind


def from_file(document: Any) -> dict[str, Any]:
    """Return the catalog in a document that a user gives, without what a snapshot adds.

    :raises ValueError: it is no catalog: every order would fail, or the plugins would refuse it.
    """
    entries = document.get("catalog") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError('an object with the list "catalog" is needed')
    names: set[str] = set()
    for index, entry in enumerate(entries):
        offering = entry.get("offering") if isinstance(entry, dict) else None
        if not isinstance(offering, dict):
            raise ValueError(f'catalog[{index}]: the object "offering" is needed')
        for key in ("name", "type"):
            if not isinstance(offering.get(key), str) or not offering[key].strip():
                raise ValueError(f"catalog[{index}].offering.{key}: text is needed")
        quantity = offering.get("quantity")
        if quantity is not None and (isinstance(quantity, bool) or not isinstance(quantity, int)):
            raise ValueError(f"catalog[{index}].offering.quantity: an integer is needed")
        if not isinstance(entry.get("entitlements"), (dict, type(None))):
            raise ValueError(f"catalog[{index}].entitlements: an object is needed")
        if offering["name"] in names:
            raise ValueError(f"catalog[{index}].offering.name: {offering['name']!r} stands twice")
        names.add(offering["name"])
    return {"catalog": entries}


def _package(name: str, *sizes: int) -> dict[str, Any]:
    offering = {"name": name, "type": "package", "quantity": 1}
    return {"offering": offering, "entitlements": dict(zip(_ENTITLEMENTS, sizes))}


def _addon(name: str, **entitlements: int) -> dict[str, Any]:
    return {"offering": {"name": name, "type": "addon", "quantity": 1}, "entitlements": entitlements}


# The names of the first two packages, pro-100k and the IP add-on are from published examples; the others are invented.
# The sizes are not from real contracts. The list is not sorted and the last entries lack optional fields, so that tests
# find clients which depend on either.
DEFAULT: dict[str, Any] = {
    "catalog": [
        _package("org.ei.free.v1", 10_000, 0, 0, 0),
        _package("milne.ei.free-100.v1", 3_000, 0, 1, 0),
        _package("milne.ei.pro-100k.v1", 100_000, 1, 1_000, 15),
        _package("milne.ei.pro-300k.v1", 300_000, 1, 1_000, 15),
        _package("milne.ei.essentials-50k.v1", 50_000, 0, 1, 0),
        _package("milne.ei.essentials-100k.v1", 100_000, 0, 1, 0),
        _package("milne.ei.essentials-100k.v2", 100_000, 0, 3, 2),
        _package("milne.ei.pro-1500k.v1", 1_500_000, 1, 1_000, 25),
        _package("milne.ei.pro-700k.v1", 700_000, 1, 1_000, 25),
        _package("milne.ei.pro-2500k.v1", 2_500_000, 2, 1_000, 25),
        _package("milne.ei.premier-5000k.v1", 5_000_000, 4, 1_000, 100),
        _package("milne.ei.premier-10000k.v1", 10_000_000, 8, 1_000, 500),
        {"offering": {"name": "milne.ei.premier-custom.v1", "type": "package", "quantity": 1}},
        _addon("milne.x.ip.v2", ip_count=1),
        _addon("milne.x.email-100k.v1", email_sends_max_monthly=100_000),
        _addon("milne.x.subusers-15.v1", users_max_total=15),
        _addon("milne.x.teammates-10.v1", teammates_max_total=10),
        _addon("milne.x.marketing-campaigns.v1"),
        {"offering": {"name": "milne.x.expert-services.v1", "type": "addon"}, "entitlements": {}},
        {"offering": {"name": "milne.x.email-validation.v1", "type": "addon"}},
    ]
}
