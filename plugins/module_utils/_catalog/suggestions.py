# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What to say about a name that the catalog does not have, and what may have been meant. No I/O, no Ansible."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable
from typing import Any

from .._text import clean, quoted, summary
from .offerings import Filter, Offering, as_integer

# Of two names, from 0 to 1, as difflib measures it.
LEAST_SIMILARITY = 0.7


class Suggestions:
    """Finds the names in a catalog that may have been meant.

    :param known: the names in the catalog, all of them text, each once.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = list(known)
        # The same wrong name can stand in a thousand orders.
        self.suggest = functools.cache(self._suggest)

    def unknown(self, name: str, host: str) -> str:
        """Return the message about ``name``, which the catalog of ``host`` does not have."""
        number = f"{len(self._known)} offering{'' if len(self._known) == 1 else 's'}"
        meant = " or ".join(map(quoted, self.suggest(name)))
        question = f" Did you mean {meant}?" if meant else ""
        return f"{quoted(name)} is not in your catalog ({number} at {host}).{question}"

    def _suggest(self, name: str) -> list[str]:
        """Return at most three names: other versions, newest first, then close spellings, then those in other case.

        Names in other case are always included: the others fill the places that they leave.
        That names end in a version is a guess, from published examples such as ``milne.ei.pro-100k.v1``.
        """
        same_but_case = [other for other in self._known if other.casefold() == name.casefold()][:3]
        family = _split_version(name)[0]
        versions = sorted(
            (other for other in self._known if _split_version(other)[0] == family), key=_split_version, reverse=True
        )
        others = [other for other in dict.fromkeys(versions + self._close(name)) if other not in same_but_case]
        return others[: 3 - len(same_but_case)] + same_but_case

    def _close(self, name: str) -> list[str]:
        """Return the closest names, closest first, and those that are almost as close."""
        matcher = difflib.SequenceMatcher(b=_comparable(name))
        ratios: dict[str, float] = {}
        for other in self._known:
            # Other case is no difference in spelling. As the closest one, it would exclude all others.
            if other.casefold() == name.casefold():
                continue
            matcher.set_seq1(_comparable(other))
            # The cheap upper bounds first: they exclude most names.
            if matcher.real_quick_ratio() >= LEAST_SIMILARITY and matcher.quick_ratio() >= LEAST_SIMILARITY:
                ratios[other] = matcher.ratio()
        least = max(LEAST_SIMILARITY, max(ratios.values(), default=0) - 0.02)
        return sorted((other for other in ratios if ratios[other] >= least), key=lambda other: -ratios[other])


def _split_version(name: str) -> tuple[str, int]:
    folded = name.strip().casefold()
    match = re.fullmatch(r"(.+)\.v(\d{1,9})", folded, re.ASCII)
    return (match[1], int(match[2])) if match else (folded, -1)


def _comparable(name: str) -> str:
    # Only a mistake makes a name longer than that, and it must not take longer.
    return name[:100].casefold()


def missing_names(offerings: list[Offering], names: list[str]) -> list[dict[str, Any]]:
    """Return those of ``names`` that are not in the catalog, each once, in their order, with suggestions."""
    known = {offering["name"]: None for offering in offerings}
    suggestions = Suggestions(known)
    return [
        {"name": name, "suggestions": list(suggestions.suggest(name))}
        for name in dict.fromkeys(names)
        if name not in known
    ]


def unknown_entitlements(offerings: list[Offering], filters: Filter, host: str) -> str | None:
    """Return a warning about entitlements in ``filters`` that no offering states, ``None`` if there are none."""
    stated = sorted({key for offering in offerings for key in offering["entitlements"] if isinstance(key, str)})
    unknown = [key for key in filters.minimum_entitlements or {} if key not in stated]
    if not unknown or not offerings:
        return None
    close = [other for key in unknown for other in difflib.get_close_matches(key, stated, n=3)]
    hint = f"Did you mean {' or '.join(map(quoted, close))}?" if close else f"Stated are {_listed(stated)}."
    return (
        f"No offering in your catalog at {host} states {_listed(unknown)}, so none matches minimum_entitlements. {hint}"
    )


def _listed(names: list[str]) -> str:
    return summary(list(map(quoted, names)), ", ") or "none"


def name_problems(offerings: list[Offering], names: list[str], filters: Filter, host: str) -> list[str]:
    """Return a message for each of ``names`` that is not in the catalog of ``host``, or does not match ``filters``."""
    by_name = {offering["name"]: offering for offering in offerings}
    suggestions = Suggestions(by_name)
    found: list[str] = []
    for name in names:
        if name not in by_name:
            # Only the first five are shown, and suggestions for a thousand wrong names would take a while.
            found.append(suggestions.unknown(name, host) if len(found) < 5 else quoted(name))
        elif not filters.matches(by_name[name]):
            found.append(f"{quoted(name)} is filtered out: {_mismatch(by_name[name], filters)}.")
    return found


def _mismatch(offering: Offering, filters: Filter) -> str:
    """Return why ``offering`` does not match."""
    if not Filter(filters.type).matches(offering):
        return f"its type is {clean(offering['type'])}, not {filters.type}"
    minimums = filters.minimum_entitlements or {}
    key = next(key for key, least in minimums.items() if not Filter(None, {key: least}).matches(offering))
    stated = as_integer(offering["entitlements"].get(key))
    too_small = f"is {stated}, less than {minimums[key]}"
    return f"it states no {clean(key)}" if stated is None else f"its {clean(key)} {too_small}"
