# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""From the options that filter the catalog to a filter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .._text import clean
from .offerings import Filter


def parse_filters(option: Callable[[str], Any]) -> tuple[list[str] | None, Filter, list[tuple[str, str]]]:
    """Return the names (``None`` for all), the filter, and what is wrong, as pairs of option and message.

    :param option: maps ``names``, ``type`` and ``minimum_entitlements`` to their values.
    """
    problems: list[tuple[str, str]] = []
    minimums: dict[str, int] = {}
    for key, value in (option("minimum_entitlements") or {}).items():
        # Text is accepted: core 2.18 and older turn a number in a template into text.
        if re.fullmatch(r"-?\d{1,18}", str(value).strip(), re.ASCII):
            minimums[str(key)] = int(value)
        else:
            problems.append(("minimum_entitlements", f"{clean(key)}: an integer is needed, not '{clean(value)}'"))
    # The argument spec has made text of it.
    if any(name.lstrip().startswith("{") for name in option("names") or []):
        problems.append(("names", "a mapping is no name. For the names of an order use map(attribute='name')"))
    return option("names"), Filter(option("type"), minimums), problems
