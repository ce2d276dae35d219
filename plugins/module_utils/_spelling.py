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

from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import clean

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
        spaced = " with white space around it" if name != name.strip() else ""
        number = f"{len(self._known)} offering{'' if len(self._known) == 1 else 's'}"
        meant = " or ".join(f"'{clean(suggestion)}'" for suggestion in self.suggest(name))
        question = f" Did you mean {meant}?" if meant else ""
        return f"'{clean(name)}'{spaced} is not in your catalog ({number} at {host}).{question}"

    def _suggest(self, name: str) -> list[str]:
        """Return at most three names: other versions, newest first; close spellings; other case.

        That names end in a version is a guess of ours, from published examples such as C(milne.ei.pro-100k.v1).
        """
        versions = self._index.families.get(_split_version(name)[0], [])
        # To compare with every name would take most of a second for each wrong name, where there are 20,000 offerings.
        parts = [self._index.parts[part] for part in _parts(name) if part in self._index.parts]
        shared: Counter[str] = Counter()
        for names in sorted(parts, key=len)[:10]:
            shared.update(names)
        close = difflib.get_close_matches(name, [other for other, _number in shared.most_common(20)], cutoff=0.7)
        folded = self._index.folded.get(name.casefold(), [])
        return list(dict.fromkeys(sorted(versions, key=_split_version, reverse=True) + close + folded))[:3]

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
    match = re.fullmatch(r"(.+)\.v(\d{1,9})", name.strip(), re.ASCII)
    return (match[1], int(match[2])) if match else (name.strip(), -1)


def _parts(name: str) -> Iterable[str]:
    """Return all runs of three characters in I(name), each once, always in the same order."""
    # Longer names exist only by mistake, and must not take longer.
    padded = f"  {name[:100].casefold()} "
    return dict.fromkeys(padded[start : start + 3] for start in range(len(padded) - 2))
