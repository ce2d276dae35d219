# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What the reseller allows of its catalog: offerings, and the quantity of each. No I/O, no Ansible."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from .._catalog.offerings import Offering
from .._catalog.suggestions import Suggestions
from .._settings import kind_of
from .._text import maskable, quoted, summary
from .values import as_quantity, show_value

# Checked here, not by core, which stops at the first that is wrong, and makes text of a number and a list of a text.
POLICY: dict[str, dict[str, Any]] = {"allowed_offerings": {"type": "raw"}, "maximum_quantities": {"type": "raw"}}
WILDCARDS = re.compile(r"\[!?\]?[^\]]*\]|[*?]")


class Policy:
    """The rules of the reseller. They have passed ``policy_problems``.

    :param allowed: names and patterns, ``None`` for all offerings.
    :param maximums: the greatest quantity of what a name or pattern matches.
    """

    def __init__(self, allowed: list[str] | None = None, maximums: Mapping[str, Any] | None = None) -> None:
        self._allowed = allowed
        self._limits = {pattern: as_quantity(limit, 0) or 0 for pattern, limit in (maximums or {}).items()}
        # The most specific first; of equals the smaller limit.
        self._ranked = sorted(self._limits.items(), key=lambda pair: (-len(WILDCARDS.sub("", pair[0])), pair[1]))

    def violations(self, name: str, quantity: int, held: int = 0) -> Iterator[tuple[str, str]]:
        """Yield the code and the message of each rule that ``quantity`` of the offering ``name`` breaks.

        :param held: the quantity that the account has.
        """
        if self._allowed is not None and not any(_matches(name, pattern) for pattern in self._allowed):
            allowed = summary(list(map(quoted, self._allowed)), ", ")
            remedy = f"{allowed}. Order one of these, or add it" if allowed else "nothing. Add it"
            yield (
                "not_allowed",
                f"{quoted(name)} is not allowed: allowed_offerings has {remedy} to allowed_offerings.",
            )
        pattern = name
        if name not in self._limits:
            pattern = next((pattern for pattern, _limit in self._ranked if fnmatchcase(name, pattern)), "")
        limit = self._limits.get(pattern, quantity)
        if quantity > limit:
            most, remedy = (f"at most {limit}", "Lower the quantity") if limit else ("none of it", "Leave it out")
            can_keep = f" The account has {held} and can keep {'it' if held == 1 else 'them'}." if held else ""
            source = f"maximum_quantities[{quoted(pattern)}] allows {most}"
            yield (
                "quantity_limit",
                f"{quoted(name)} has the quantity {quantity}, and {source}. {remedy}, or raise the limit.{can_keep}",
            )

    def warn_unmatched(self, offerings: list[Offering], host: str, warn: Callable[[str], None]) -> None:
        """Warn of names and patterns that match nothing in the catalog: they may be misspelt."""
        names = [offering["name"] for offering in offerings]
        suggestions = Suggestions(names)
        unmatched = [
            (option, pattern)
            for option, patterns in (
                ("allowed_offerings", self._allowed or []),
                ("maximum_quantities", list(self._limits)),
            )
            for pattern in patterns
            if not any(_matches(name, pattern) for name in names)
        ]
        # Only the first five are shown, and suggestions for all of them would take a while.
        shown = [
            f"{option}: {suggestions.unknown(pattern, host, 'matches nothing in')}" for option, pattern in unmatched[:5]
        ]
        if unmatched:
            warn(summary([*shown, *(pattern for _option, pattern in unmatched[5:])], " "))


def read_policy(option: Callable[[str], Any]) -> Policy:
    return Policy(option("allowed_offerings"), option("maximum_quantities"))


def policy_problems(option: Callable[[str], Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the options of the policy, as pairs of option and message."""
    allowed, maximums, problems = option("allowed_offerings"), option("maximum_quantities"), []
    if not isinstance(allowed, (list, type(None))):
        problems.append(("allowed_offerings", f"it is {kind_of(allowed)}, and a list of names or patterns is needed"))
    else:
        for index, pattern in enumerate(allowed or []):
            if message := _pattern_problem(pattern):
                problems.append((f"allowed_offerings[{index}]", message))
    if not isinstance(maximums, (Mapping, type(None))):
        message = f"it is {kind_of(maximums)}, and a mapping from names or patterns to quantities is needed"
        return [*problems, ("maximum_quantities", message)]
    # Core masks the key in values, but not in the keys of a mapping.
    secret = maskable(option("api_key"))
    if secret and any(secret in pattern for pattern in maximums or {}):
        return [*problems, ("maximum_quantities", "a name or pattern holds the API key")]
    for pattern, limit in (maximums or {}).items():
        if message := _pattern_problem(pattern):
            problems.append(("maximum_quantities", message))
        if as_quantity(limit, 0) is None:
            message = f"the limit is {show_value(limit)}. An integer from 0 to 2^63 - 1 is needed"
            problems.append((f"maximum_quantities[{quoted(pattern)}]", message))
    return problems


def _pattern_problem(pattern: Any) -> str | None:
    if not isinstance(pattern, str) or not pattern.strip():
        return f"{show_value(pattern)} is no name or pattern of offerings"
    # It would match nothing.
    return f"{quoted(pattern)} has white space around it. Remove it" if pattern != pattern.strip() else None


def _matches(name: str, pattern: str) -> bool:
    # A name in which brackets stand matches itself.
    return name == pattern or fnmatchcase(name, pattern)
