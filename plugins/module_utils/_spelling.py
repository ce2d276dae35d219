# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Which offering may have been meant by a name that is not in the catalog. No I/O, no Ansible."""

from __future__ import annotations

import difflib
import functools
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import quoted

Names = dict[str, list[str]]


class Index(NamedTuple):
    """The names of a catalog by what they have in common: all but the version, all but case, three characters."""

    families: Names
    folded: Names
    parts: Names


class Spelling:
    """Finds names in a catalog that may have been meant; nothing is prepared before the first question.

    :param known: the names in the catalog, all of them text, each once.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = list(known)
        # One name that is gone from the catalog can stand in a thousand orders.
        self.suggest = functools.cache(self._suggest)

    def unknown(self, name: str, host: str) -> str:
        """Return the message about I(name), which the catalog of I(host) does not have."""
        number = f"{len(self._known)} offering{'' if len(self._known) == 1 else 's'}"
        meant = " or ".join(map(quoted, self.suggest(name)))
        question = f" Did you mean {meant}?" if meant else ""
        return f"{quoted(name)} is not in your catalog ({number} at {host}).{question}"

    def _suggest(self, name: str) -> list[str]:
        """Return at most three names: other versions, newest first; close spellings; other case, whatever is before.

        That names end in a version is a guess of ours, from published examples such as C(milne.ei.pro-100k.v1).
        """
        folded = self._index.folded.get(name.casefold(), [])[:3]
        versions = sorted(self._index.families.get(_split_version(name)[0], []), key=_split_version, reverse=True)
        others = [other for other in dict.fromkeys(versions + self._close(name)) if other not in folded]
        return others[: 3 - len(folded)] + folded

    def _close(self, name: str) -> list[str]:
        """Return the names that are closest, as close as one another but for a little."""
        # To compare with every name would take most of a second for each wrong name, where there are 20,000 offerings.
        shared: Counter[str] = Counter()
        for part in _parts(name):
            shared.update(self._index.parts.get(part, ()))
        matcher = difflib.SequenceMatcher(b=_comparable(name))
        ratios: dict[str, float] = {}
        for other, _number in shared.most_common(10):
            if other.casefold() != name.casefold():
                matcher.set_seq1(_comparable(other))
                ratios[other] = matcher.ratio()
        least = max(0.7, max(ratios.values(), default=0) - 0.02)
        return sorted((other for other in ratios if ratios[other] >= least), key=lambda other: -ratios[other])

    @functools.cached_property
    def _index(self) -> Index:
        index = Index({}, {}, {})
        for name in self._known:
            index.families.setdefault(_split_version(name)[0], []).append(name)
            index.folded.setdefault(name.casefold(), []).append(name)
            for part in _parts(name):
                index.parts.setdefault(part, []).append(name)
        return index


def _split_version(name: str) -> tuple[str, int]:
    folded = name.strip().casefold()
    match = re.fullmatch(r"(.+)\.v(\d{1,9})", folded, re.ASCII)
    return (match[1], int(match[2])) if match else (folded, -1)


def _comparable(name: str) -> str:
    # Longer names exist only by mistake, and must not take longer.
    return name[:100].casefold()


def _parts(name: str) -> Iterable[str]:
    """Return all runs of three characters in I(name), each once, always in the same order."""
    padded = f"  {_comparable(name)} "
    return dict.fromkeys(padded[start : start + 3] for start in range(len(padded) - 2))
