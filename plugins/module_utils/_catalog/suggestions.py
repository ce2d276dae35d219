# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What to say about a name that the catalog does not have, and what may have been meant. No I/O, no Ansible."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from .._text import clean, quoted, summary
from .offerings import Filter, Offering, as_integer

# Of two names, from 0 to 1, as difflib measures it.
LEAST_SIMILARITY = 0.7
# Only a mistake makes a name longer than that, and it must not take longer.
GREATEST_LENGTH = 100
# Also what cannot be seen, such as a space of no width.
SEPARATORS = re.compile(r"[\W_]+")
# A guess, from published examples such as ``milne.ei.pro-100k.v1``.
VERSION = re.compile(r"[\W_]v([0-9]{1,9})[\W_]*$")


class _Name:
    """A name without what people confuse: case, white space, separators and forms of a letter.

    :ivar version: -1 for a name that does not end in one.
    :ivar endings: of the name without its version: how many words stand before each, the whole of it first.
    """

    def __init__(self, name: str) -> None:
        # Letters of full width, for example, become the usual ones.
        folded = unicodedata.normalize("NFKC", name[:GREATEST_LENGTH])[:GREATEST_LENGTH].casefold()
        match = VERSION.search(folded)
        self.version = int(match[1]) if match else -1
        self.suffix = f"v{self.version}" if match else ""
        words = [word for word in SEPARATORS.split(folded[: match.start()] if match else folded) if word]
        self.family = "".join(words)
        self.endings = {"".join(words[number:]): number for number in range(len(words))}


class Suggestions:
    """Finds the names in a catalog that may have been meant.

    :param known: the names in the catalog, all of them text, each once.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = list(known)
        # The same wrong name can stand in a thousand orders.
        self.suggest = functools.cache(self._suggest)

    def unknown(self, name: str, host: str, finding: str = "is not in") -> str:
        """Return the message about ``name``, which the catalog of ``host`` does not have."""
        number = f"{len(self._known)} offering{'' if len(self._known) == 1 else 's'}"
        meant = " or ".join(map(quoted, self.suggest(name)))
        question = f" Did you mean {meant}?" if meant else ""
        return f"{quoted(name)} {finding} your catalog ({number} at {host}).{question}"

    @functools.cached_property
    def _parsed(self) -> dict[str, _Name]:
        return {name: _Name(name) for name in self._known}

    def _suggest(self, name: str) -> list[str]:
        """Return at most three names: the same but for how it is written, other versions, then close spellings.

        The same are those that differ in case, white space and separators, or have a prefix or a version that ``name``
        lacks. Those with the shortest prefix come first, then the newest version.
        """
        given = _Name(name)
        whole = given.family + given.suffix
        ranks: dict[str, tuple[bool, int, int]] = {}
        for other, known in self._parsed.items():
            # In "ipv2", only a name that has this version tells that there is one.
            same = whole.removesuffix(known.suffix)
            ending = same if same in known.endings else given.family
            if other != name and ending in known.endings:
                ranks[other] = (ending != same, known.endings[ending], -known.version)
        return list(dict.fromkeys([*sorted(ranks, key=ranks.__getitem__), *self._close(name, given)]))[:3]

    def _close(self, name: str, given: _Name) -> list[str]:
        """Return the closest names, closest first, and those that are almost as close."""
        matcher = difflib.SequenceMatcher(b=given.family + given.suffix)

        # Versions and products share endings.
        @functools.cache
        def similarity(ending: str) -> float:
            matcher.set_seq1(ending)
            # The cheap upper bounds first: they exclude most names.
            if matcher.real_quick_ratio() < LEAST_SIMILARITY or matcher.quick_ratio() < LEAST_SIMILARITY:
                return 0
            return matcher.ratio()

        # A prefix can be missing from a name that is misspelt too.
        ratios = {
            other: max((similarity(ending + (given.suffix and known.suffix)) for ending in known.endings), default=0)
            for other, known in self._parsed.items()
            if other != name
        }
        least = max(LEAST_SIMILARITY, max(ratios.values(), default=0) - 0.02)
        close = [other for other in ratios if ratios[other] >= least]
        # Versions of one name may be equally close.
        return sorted(close, key=lambda other: (-ratios[other], -self._parsed[other].version))


def missing_names(offerings: list[Offering], names: list[str]) -> list[dict[str, Any]]:
    """Return those of ``names`` that are not in the catalog, each once, in their order, with suggestions."""
    known = {offering["name"]: None for offering in offerings}
    suggestions = Suggestions(known)
    return [
        {"name": name, "suggestions": list(suggestions.suggest(name))}
        for name in dict.fromkeys(names)
        if name not in known
    ]


def unknown_entitlements(offerings: list[Offering], filters: Filter, endpoint: str) -> str | None:
    """Return a warning about entitlements in ``filters`` that no offering states, ``None`` if there are none."""
    stated = sorted({key for offering in offerings for key in offering["entitlements"] if isinstance(key, str)})
    unknown = [key for key in filters.minimum_entitlements if key not in stated]
    if not unknown or not offerings:
        return None
    close = [other for key in unknown for other in difflib.get_close_matches(key, stated, n=3)]
    hint = f"Did you mean {' or '.join(map(quoted, close))}?" if close else f"Stated are {_listed(stated)}."
    return (
        f"No offering in your catalog at {endpoint} states {_listed(unknown)}, so none matches minimum_entitlements. "
        f"{hint}"
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
    minimums = filters.minimum_entitlements
    key = next(key for key, least in minimums.items() if not Filter(None, {key: least}).matches(offering))
    stated = as_integer(offering["entitlements"].get(key))
    if stated is None:
        return f"it states no {clean(key)}"
    return f"its {clean(key)} is {stated}, less than {minimums[key]}"
