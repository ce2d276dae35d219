# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection: it can change at any time.
"""Where an option comes from, for modules and the lookup: the task, a variable, the environment, or ansible.cfg.

The lookup imports this file even for a cached answer, and each worker of Ansible compiles it: keep it short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ansible.errors
from ansible import constants
from ansible.config.manager import resolve_path
from ansible.parsing.quoting import unquote

from ..module_utils._argspec import NEVER_NULL, SETTINGS, read_environment
from ..module_utils._secrets import register_secret

# No ini entry for a secret: it does not belong into a file that is shown and committed.
FILE_ENTRIES = {
    name: [] if spec.get("no_log") else [{"section": "reseller.sendgrid", "key": name}]
    for name, spec in SETTINGS.items()
}
# Core 2.19 and newer raise it for a variable whose whole template is omitted.
OMITTED = getattr(ansible.errors, "AnsibleValueOmittedError", ())

# The file alone: a variable in the environment of the controller must not hide it from a module that runs elsewhere.
constants.config.initialize_plugin_configuration_definitions(
    "action", __name__, {name: {"type": "raw", "ini": entries} for name, entries in FILE_ENTRIES.items()}
)


class Options:
    """The options of a task or a lookup."""

    def __init__(self) -> None:
        # In the types that a module would receive, text of settings without surrounding white space. A setting that is
        # blank where it must not be is kept, so that it is refused and nothing else is used in its place.
        self.values: dict[str, Any] = {}
        # Of the source of each value, as ``source`` in ``_settings.py`` takes it.
        self.kinds: dict[str, str] = {}
        # Pairs of option and message, about variables that have no value.
        self.problems: list[tuple[str, str]] = []


def resolve_options(
    given: Mapping[str, Any],
    settings: Iterable[str],
    templar: Any,
    variables: Mapping[str, Any],
    environment: Mapping[str, str],
    is_controller: bool,
) -> Options:
    """Return the options that are given, and the settings that come from elsewhere. Have core mask the API key.

    :param given: in the task, templated.
    :param settings: those that the plugin takes.
    :param variables: of the host, not templated.
    :param environment: as far as it is known, of the process that uses the options.
    :param is_controller: whether that process runs here, as this user. Only there, paths in ``ansible.cfg`` make sense.
    """
    options = Options()
    omit = variables.get("omit")
    for name, value in given.items():
        absent = _is_omitted(value, omit)
        if name not in settings or not (absent or (value is None and name not in NEVER_NULL)):
            # An unknown option is kept even if it is omitted, so that a misspelt name is reported.
            options.values[name], options.kinds[name] = None if absent else _plain(value, omit), "task"
    for name in settings:
        if name in options.values or _read_variable(options, name, templar, variables):
            continue
        value, kind = read_environment(name, environment), "environment"
        if not value:
            value, kind = _read_file(name, is_controller), "file"
        if not value and name == "cache_dir" and is_controller:
            value, kind = f"{constants.ANSIBLE_HOME}/sendgrid_cache", "default"  # type: ignore[attr-defined]
        if value:
            options.values[name], options.kinds[name] = value, kind
    for name in SETTINGS:
        if isinstance(options.values.get(name), str):
            options.values[name] = options.values[name].strip()
    if isinstance(key := options.values.get("api_key"), str):
        register_secret(key)
    return options


def _read_variable(options: Options, name: str, templar: Any, variables: Mapping[str, Any]) -> bool:
    """Take the setting from its variable, and return whether there is one. A literal null and ``omit`` are none."""
    variable, omit = f"sendgrid_{name}", variables.get("omit")
    if variables.get(variable) is None:
        return False
    try:
        value = templar.template(variables[variable])
        if _is_omitted(value, omit):
            return False
        value = _plain(value, omit)
    except OMITTED:
        return False
    # Core 2.18 and older let errors of any class pass, and undefined variables through a lookup, so that "default"
    # would apply. Their text may end with the template, whose literals may be secret.
    except Exception as error:
        reason = str(error).partition(" String: ")[0]
        options.problems.append((name, f"the variable {variable} cannot be evaluated: {reason}"))
        return True
    # Core 2.18 and older turn a reference to null into an empty text. It is refused there, and so it is elsewhere.
    options.values[name], options.kinds[name] = "" if value is None else value, "variable"
    return True


def _read_file(name: str, with_paths: bool) -> Any:
    """Return the setting in ``ansible.cfg``, ``None`` if it is not there."""
    is_path = SETTINGS[name]["type"] == "path"
    if is_path and not with_paths:
        return None
    value, origin = constants.config.get_config_value_and_origin(name, plugin_type="action", plugin_name=__name__)
    # Core 2.16 keeps quotes, and newer cores keep those around a path.
    value = unquote(value) if isinstance(value, str) else value
    return resolve_path(value, basedir=origin) if value and is_path else value


def _is_omitted(value: Any, omit: Any) -> bool:
    # The value of "omit" is a text in a variable up to core 2.18, then an object of a private type.
    return value.__class__.__name__ == "_OmitType" or (value is not None and value == omit)


def _plain(value: Any, omit: Any) -> Any:
    """Return ``value`` in the types that a module would receive, without what is omitted in it.

    Core 2.18 and older pass vault-encrypted text as an object that only looks like text, and views and generators as
    they are. Newer cores pass containers that hold the templating engine, which the argument spec would copy.
    """
    if isinstance(value, str) or hasattr(value, "__ENCRYPTED__"):
        return str(value).replace(omit, "") if isinstance(omit, str) else str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item, omit) for key, item in value.items() if not _is_omitted(item, omit)}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(item, omit) for item in value if not _is_omitted(item, omit)]
    return value
