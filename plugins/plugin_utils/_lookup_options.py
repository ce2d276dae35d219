# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection: it can change at any time.
"""The options of a lookup, from all their sources, checked as a module's are."""

from __future__ import annotations

import configparser
import contextlib
import os
from collections.abc import Iterable, Mapping
from typing import Any

import ansible.errors
from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.quoting import unquote
from ansible.utils.path import unfrackpath
from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import MINIMUM_KEY_LENGTH
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import clean, invalid_options
from ansible_collections.reseller.sendgrid.plugins.module_utils._options import CONNECTION, FILTERS, variable_of

SPEC = {**CONNECTION, **FILTERS}
# Core 2.19 and newer raise it where a whole template is omitted.
OMITTED = getattr(ansible.errors, "AnsibleValueOmittedError", ())


def lookup_options(templar: Any, variables: Mapping[str, Any], direct: Mapping[str, Any]) -> dict[str, Any]:
    """Return all options: keyword arguments first, then variables, the environment, ansible.cfg and defaults.

    Not C(set_options): that takes variables untemplated, an empty environment variable for a value, and every typing
    error in a boolean for V(false), which would turn TLS off. A test compares the sources with the documented ones.

    :param templar: of the lookup.
    :param variables: of the play, not templated.
    :param direct: the keyword arguments, which core has templated.
    :raises SendGridError: C(invalid_option), listing all problems.
    """
    # Core 2.18 and older add wantlist in with_ loops.
    if unknown := [name for name in direct if name not in SPEC and name != "wantlist"]:
        raise invalid_options([(clean(name), f"there is no such option, only {', '.join(SPEC)}") for name in unknown])
    configuration = _configuration()
    given = {}
    for name in SPEC:
        value = direct.get(name)
        if _is_absent(value, variables) and name in CONNECTION:
            sources = (
                _templated(templar, variables, f"sendgrid_{name}"),
                os.environ.get(variable_of(name)),
                configuration.get(name),
            )
            # Core 2.18 and older template a reference to null to an empty string.
            value = next((value for value in sources if value != "" and not _is_absent(value, variables)), None)
        if not _is_absent(value, variables):
            given[name] = _plain(value)
    checked = ArgumentSpecValidator(SPEC).validate(given)
    if checked.error_messages:
        key = str(given.get("api_key", "")).strip()
        secret = key if len(key) >= MINIMUM_KEY_LENGTH else ""
        raise invalid_options([("", clean(message, secret)) for message in checked.error_messages])
    options: dict[str, Any] = checked.validated_parameters
    return options


def _is_absent(value: Any, variables: Mapping[str, Any]) -> bool:
    # What omit is: a text in a variable up to core 2.18, then an object of a type that is not public.
    return value is None or value == variables.get("omit") or type(value).__name__ == "_OmitType"


def _templated(templar: Any, variables: Mapping[str, Any], name: str) -> Any:
    try:
        return templar.template(variables[name]) if name in variables else None
    except OMITTED:
        return None


def _configuration() -> dict[str, str]:
    """Return our section of ansible.cfg, without secrets, which do not belong there."""
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None)
    file = constants.CONFIG_FILE  # type: ignore[attr-defined]
    with contextlib.suppress(OSError), open(file or os.devnull, encoding="utf-8", errors="surrogateescape") as stream:
        parser.read_file(stream)
    if not parser.has_section("reseller.sendgrid"):
        return {}
    found = {name: unquote(value) for name, value in parser.items("reseller.sendgrid")}
    for name, spec in CONNECTION.items():
        if spec.get("no_log"):
            found.pop(name, None)
        elif spec["type"] == "path" and found.get(name):
            # Relative to the file, as for core.
            found[name] = unfrackpath(found[name], follow=False, basedir=file)
    return found


def _plain(value: Any) -> Any:
    """Return I(value) in the types that a module would be given.

    Core 2.18 and older hand over vault-encrypted text as an object that only looks like text, and views and generators
    as they are. Newer ones hand over containers that hold the templating engine, which the argument spec would copy.
    """
    if isinstance(value, str) or hasattr(value, "__ENCRYPTED__"):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(item) for item in value]
    return value
