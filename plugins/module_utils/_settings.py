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

from ._argspec import LIMITS, NEVER_NULL, SETTINGS, environment_variable
from ._endpoint import parse_endpoint
from ._secrets import MINIMUM_SECRET_LENGTH
from ._text import clean, maskable, shown

# The form of a bearer token in section 2.1 of RFC 6750.
TOKEN_PATTERN = r"[A-Za-z0-9._~+/-]+=*"
# Core 2.19 and newer put this in place of a reference to something undefined where they only show a value.
UNDEFINED_PATTERN = re.compile(r"<< error \d+ - (.*?) >>", re.DOTALL)
CONVERTERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "float": (check_type_float, "number"),
    "int": (check_type_int, "integer"),
    "bool": (check_type_bool, "boolean, such as true or false"),
}


def source(kind: str, option: str) -> str:
    """Return what messages call the source of an option.

    :param kind: ``task``, ``variable``, ``environment``, ``file`` or ``default``; ``module`` for what a module is
        given, which cannot tell where its action plugin has that from.
    """
    return {
        "task": "the task",
        "variable": f"the variable sendgrid_{option}",
        "environment": f"{environment_variable(option)} in the environment",
        "file": "ansible.cfg",
        "default": "the default",
        "module": "the task, a variable or ansible.cfg",
    }[kind]


def setting_problems(
    values: Mapping[str, Any], kinds: Mapping[str, str], unreadable: Iterable[tuple[str, str]] = ()
) -> list[tuple[str, str]]:
    """Return what is wrong with settings, as pairs of option and message. Values that may be a secret are not shown.

    :param values: those that are given, of any type, text without surrounding white space.
    :param kinds: of the source of each value, as ``source`` takes it.
    :param unreadable: such pairs, about settings that have no value. Their messages may hold the key.
    """
    secret = maskable(values.get("api_key"))
    problems = [(name, clean(message, secret)) for name, message in unreadable]
    for name, spec in SETTINGS.items():
        if name in values and (problem := value_problem(name, spec, values[name], secret)):
            problems.append((name, f"{problem}. It comes from {source(kinds[name], name)}"))
    if values.get("region") and values.get("api_endpoint"):
        origins = " and ".join(f"{name} from {source(kinds[name], name)}" for name in ("region", "api_endpoint"))
        problems.append(("api_endpoint", f"only one of region and api_endpoint can be given, and there is {origins}"))
    return problems


def value_problem(name: str, spec: Mapping[str, Any], value: Any, secret: str) -> str | None:
    """Return what is wrong with the value of one option, ``None`` if nothing is.

    :param spec: of the option, in the form of core's argument spec. Its type is a text, a number or a boolean.
    """
    if value is None:
        return "it is null. Correct it, or leave it out with omit" if name in NEVER_NULL else None
    if value == "":
        return "it is blank. Correct it, or leave it out with omit"
    if isinstance(value, str) and (undefined := UNDEFINED_PATTERN.search(value)):
        return f"it refers to something that is undefined: {clean(undefined[1], secret)}"
    if spec["type"] in CONVERTERS:
        return _conversion_problem(name, spec["type"], value, secret)
    if not isinstance(value, str):
        more = "; name the entry of it that is the key" if name == "api_key" and isinstance(value, Mapping) else ""
        return f"it is {kind_of(value)}, and text is needed{more}"
    if value not in spec.get("choices", [value]):
        return f"{shown(value, secret)} is none of {', '.join(spec['choices'])}"
    if name == "api_key":
        return _key_problem(value)
    return _endpoint_problem(value) if name == "api_endpoint" else None


def _conversion_problem(name: str, type_name: str, value: Any, secret: str) -> str | None:
    convert, label = CONVERTERS[type_name]
    try:
        number = convert(value)
    except (TypeError, ValueError, OverflowError):
        is_plain = isinstance(value, (str, int, float))
        return f"{shown(value, secret) if is_plain else kind_of(value)} is no {label}"
    # A time of nothing at all is never enough.
    least, is_enough = ("more than 0", number > 0) if name == "timeout" else ("0 or more", number >= 0)
    if name not in LIMITS or (is_enough and number <= LIMITS[name]):
        return None
    return f"{shown(value, secret)} is out of range, {least} and at most {LIMITS[name]} is needed"


def _endpoint_problem(endpoint: str) -> str | None:
    try:
        parse_endpoint(endpoint)
    except ValueError as error:
        return str(error)
    return None


def _key_problem(key: str) -> str | None:
    if key[0] in "\"'":
        return "it is in quotes. Remove them"
    if key.lower().startswith("bearer "):
        return "it starts with 'Bearer '. Give the key alone"
    if re.search(r"[\r\n]", key):
        return "it has a line break in it. Give the key alone, on one line"
    if not re.fullmatch(TOKEN_PATTERN, key, re.ASCII):
        return "it is no API key, which is made of letters, digits and -._~+/, with = only at its end"
    if len(key) < MINIMUM_SECRET_LENGTH:
        return f"it has fewer than {MINIMUM_SECRET_LENGTH} characters; an API key of SendGrid has 69"
    return None


def kind_of(value: object) -> str:
    """Return what messages call the type of ``value``."""
    kinds = (
        (type(None), "null"),
        (bool, "a boolean"),
        ((int, float), "a number"),
        (str, "a text"),
        (Mapping, "a mapping"),
        ((list, tuple), "a list"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "something else")


def unknown_option_problems(given: Iterable[object], known: Iterable[str]) -> list[tuple[str, str]]:
    """Return a problem for each option of ``given`` that does not exist, with those that may have been meant."""
    known = sorted(known)
    problems = []
    for name in sorted(set(map(str, given)) - set(known)):
        meant = difflib.get_close_matches(name, known, n=3)
        # It differs in what cannot be seen.
        if clean(name) in known:
            name, meant = ascii(name)[1:-1], [clean(name)]
        hint = f"Did you mean {' or '.join(meant)}?" if meant else f"There are: {', '.join(known)}"
        problems.append((clean(name), f"there is no such option. {hint}"))
    return problems
