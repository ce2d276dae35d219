# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection: it can change at any time.
"""Where the options of the lookup come from: core's configuration finds them, except that variables are templated here.

The lookup imports this file even for a cached answer, and each worker of Ansible compiles it: keep it short.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import ansible.errors
from ansible import constants
from ansible.parsing.quoting import unquote
from ansible.plugins.lookup import LookupBase
from ansible.utils.path import unfrackpath

from ..module_utils._argspec import LOOKUP, LOOKUP_SETTINGS, environment_variable

SECTION = "reseller.sendgrid"
# Core 2.19 and newer raise it for a variable whose whole template is omitted.
OMITTED = getattr(ansible.errors, "AnsibleValueOmittedError", ())


def define_options(plugin: str) -> None:
    """Tell core's configuration the options of the lookup and their sources.

    Core would otherwise parse the documentation for them, in each worker. No types: to core, a misspelt boolean is
    false, which would turn TLS off, so the argument spec checks them. No environment variable for the API key:
    ``ansible-config dump`` would print it. The argument spec reads that variable as a fallback.

    :param plugin: the name under which core loads the lookup.
    """
    definitions = {}
    for name, spec in LOOKUP.items():
        definition: dict[str, Any] = {
            "description": "See ansible-doc -t lookup reseller.sendgrid.offerings.",
            "type": "raw",
            "default": spec.get("default"),
        }
        if name in LOOKUP_SETTINGS:
            definition["vars"] = [{"name": f"sendgrid_{name}"}]
            if not spec.get("no_log"):
                definition["ini"] = [{"section": SECTION, "key": name}]
                # An empty variable is a value to core, which would hide the one in ansible.cfg.
                if os.environ.get(environment_variable(name), "unset").strip():
                    definition["env"] = [{"name": environment_variable(name)}]
        definitions[name] = definition
    constants.config.initialize_plugin_configuration_definitions("lookup", plugin, definitions)


def given_options(lookup: LookupBase, variables: Mapping[str, Any], direct: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are given, as plain values: as keyword arguments, otherwise in one of core's sources.

    :param variables: of the play, not templated.
    :param direct: the keyword arguments, which core has templated.
    """
    # Unknown options are kept even if they are null, so that a misspelt name is reported.
    given = {name: value for name, value in direct.items() if name not in LOOKUP or not _is_absent(value, variables)}
    # Core 2.18 and older add it in with_ loops.
    given.pop("wantlist", None)
    for name in LOOKUP_SETTINGS.keys() - given.keys():
        variable = f"sendgrid_{name}"
        templated = {variable: _template(lookup._templar, variables, variable)}
        # Not set_options: core 2.17 and older keep no origins with it.
        value, origin = lookup.get_option_and_origin(name, templated)  # type: ignore[no-untyped-call]
        if origin == constants.CONFIG_FILE:  # type: ignore[attr-defined]
            # Core 2.16 keeps quotes, and newer cores keep those around a path.
            value = unquote(value)
            if value and LOOKUP_SETTINGS[name]["type"] == "path":
                value = unfrackpath(value, follow=False, basedir=origin)
        if value not in (None, ""):
            given[name] = value
    given = {name: _plain(value) for name, value in given.items()}
    if isinstance(given.get("api_key"), str):
        given["api_key"] = given["api_key"].strip()
    return given


def _is_absent(value: Any, variables: Mapping[str, Any]) -> bool:
    # The value of "omit" is a text in a variable up to core 2.18, then an object of a private type.
    return value is None or value == variables.get("omit") or value.__class__.__name__ == "_OmitType"


def _template(templar: Any, variables: Mapping[str, Any], name: str) -> Any:
    """Return the value of the variable, ``None`` if there is none."""
    try:
        value = templar.template(variables[name]) if name in variables else None
    except OMITTED:
        return None
    # Core 2.18 and older turn a reference to null into an empty text.
    return None if value == "" or _is_absent(value, variables) else value


def _plain(value: Any) -> Any:
    """Return ``value`` in the types that a module would receive.

    Core 2.18 and older pass vault-encrypted text as an object that only looks like text, and views and generators as
    they are. Newer cores pass containers that hold the templating engine, which the argument spec would copy.
    """
    if isinstance(value, str) or hasattr(value, "__ENCRYPTED__"):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(item) for item in value]
    return value
