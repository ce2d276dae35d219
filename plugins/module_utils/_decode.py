# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The JSON in the body of an answer, as far as it can be passed on."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import MASK

# A catalog has five. Core fails somewhere above 300, in ways that differ between its versions and tell nothing.
MAXIMUM_DEPTH = 64


def decode(status: int, content: bytes, secret: str) -> Any:
    """Return the JSON document in the body of a successful answer, V(None) where there is none by design (204).

    So it is with 303, whose body may repeat where it leads to. Where the document holds I(secret), a mask stands in its
    place: nobody looks for a key in a catalog.

    :raises ValueError: it is no JSON that can be passed on.
    """
    if status in (204, 303):
        return None
    try:
        document = json.loads(content, parse_constant=_no_constant)
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        # JSON can name half of a character, which core 2.19 and newer refuse without saying where it is.
        text.encode()
        # Core 2.19 and newer read an object with this key as one of their own types, or fail without a word about it.
        marked = '"__ansible_type": ' in text
        deep = _is_deep(document)
    except (ValueError, RecursionError):
        raise ValueError("not the JSON that was asked for") from None
    if marked:
        raise ValueError("it has a key that Ansible keeps for itself, __ansible_type")
    if deep:
        raise ValueError(f"it is nested more than {MAXIMUM_DEPTH} levels deep")
    escaped = json.dumps(secret)[1:-1]
    return json.loads(text.replace(escaped, MASK)) if escaped in text else document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_deep(document: Any) -> bool:
    level = [document]
    for _depth in range(MAXIMUM_DEPTH):
        parents = [value for value in level if isinstance(value, (dict, list))]
        level = [child for parent in parents for child in (parent.values() if isinstance(parent, dict) else parent)]
    return any(isinstance(value, (dict, list)) for value in level)
