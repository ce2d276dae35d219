# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What is wrong with the options as they are given, before core converts them: it makes text of a mapping."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int

from ._argspec import NEVER_NULL, SETTINGS
from ._text import clean, maskable

# Core 2.19 and newer put this in place of a reference to something undefined where they only show a value.
UNDEFINED_PATTERN = re.compile(r"<< error \d+ - (.*?) >>", re.DOTALL)
CONVERTERS: dict[str, tuple[Callable[[Any], object], str]] = {
    "float": (check_type_float, "number"),
    "int": (check_type_int, "integer"),
    "bool": (check_type_bool, "boolean, such as true or false"),
}


def setting_problems(values: Mapping[str, Any], sources: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is wrong with settings, as pairs of option and message. Values that may be a secret are not shown.

    :param values: those that are given, of any type, text without surrounding white space.
    :param sources: what messages call the source of each value.
    """
    secret = maskable(values.get("api_key"))
    problems = []
    for name, spec in SETTINGS.items():
        if name in values and (problem := _problem(name, spec, values[name], secret)):
            problems.append((name, f"{problem}. It comes from {sources[name]}"))
    if values.get("region") and values.get("api_endpoint"):
        origins = f"region from {sources['region']}, api_endpoint from {sources['api_endpoint']}"
        problems.append(("api_endpoint", f"it is given together with region, and only one of them can be: {origins}"))
    return problems


def _problem(name: str, spec: Mapping[str, Any], value: Any, secret: str) -> str | None:
    if value is None:
        return "it is null. Correct it, or leave it out with omit" if name in NEVER_NULL else None
    if value == "":
        return "it is blank. Correct it, or leave it out with omit"
    if isinstance(value, str) and (undefined := UNDEFINED_PATTERN.search(value)):
        return f"it refers to something that is undefined: {clean(undefined[1], secret)}"
    shown = f"'{clean(value, secret, 100)}'"
    if spec["type"] in CONVERTERS:
        convert, type_name = CONVERTERS[spec["type"]]
        try:
            convert(value)
        except (TypeError, ValueError, OverflowError):
            return f"{shown if isinstance(value, (str, int, float)) else _kind(value)} is no {type_name}"
    elif not isinstance(value, str):
        more = "; name the entry of it that is the key" if name == "api_key" and isinstance(value, Mapping) else ""
        return f"it is {_kind(value)}, and text is needed{more}"
    elif value not in spec.get("choices", [value]):
        return f"{shown} is none of {', '.join(spec['choices'])}"
    return None


def _kind(value: Any) -> str:
    kinds = ((bool, "a boolean"), ((int, float), "a number"), (Mapping, "a mapping"), ((list, tuple), "a list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "neither text nor a number")


def unknown_option_problems(given: Iterable[object], known: Iterable[str]) -> list[tuple[str, str]]:
    """Return a problem for each option of ``given`` that does not exist, with those that may have been meant."""
    known = sorted(known)
    problems = []
    for name in sorted(set(map(str, given)) - set(known)):
        meant = difflib.get_close_matches(name, known, n=3)
        hint = f"Did you mean {' or '.join(meant)}?" if meant else f"There are: {', '.join(known)}"
        problems.append((clean(name), f"there is no such option. {hint}"))
    return problems
