# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a user writes in an order or a policy: quantities, and how messages show anything else. No I/O, no Ansible."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._catalog.offerings import as_integer
from .._text import quoted

# The vendor's OpenAPI document says int64.
MAXIMUM_QUANTITY = 2**63 - 1


def as_quantity(given: Any, least: int) -> int | None:
    """Return the quantity that is given, ``None`` if it is no integer from ``least`` to the greatest quantity."""
    # Core 2.18 and older turn a number in a template into text.
    if isinstance(given, str) and re.fullmatch(r"\d{1,19}", given.strip(), re.ASCII):
        given = int(given)
    number = as_integer(given)
    return number if number is not None and least <= number <= MAXIMUM_QUANTITY else None


def show_value(value: Any) -> str:
    """Return how messages show ``value``, which can be anything that a task can hold."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() < 300 else "a huge number"
    if isinstance(value, float):
        return str(value)
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, Mapping) else "something else"
