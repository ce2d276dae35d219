# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The option table, and the way from options to checked settings, the same for modules and for the lookup."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import TYPES, Filter
from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import ENDPOINTS, MINIMUM_KEY_LENGTH
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import (
    MASK,
    SendGridError,
    clean,
    invalid_options,
)

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

# A source of options: ``module.params.__getitem__`` or the ``get_option`` of a lookup.
Option = Callable[[str], Any]


def from_environment(variable: str) -> str:
    """Return the value of the environment variable; an empty one counts as unset.

    :raises AnsibleFallbackNotFound: it is unset.
    """
    if value := os.environ.get(variable):
        return value
    raise AnsibleFallbackNotFound


def _option(name: str, **spec: Any) -> dict[str, Any]:
    return {**spec, "fallback": (from_environment, [f"SENDGRID_{name.upper()}"])}


CONNECTION: dict[str, dict[str, Any]] = {
    # Not "required": the error that the argument spec would give names none of the places where a key can come from.
    "api_key": _option("api_key", type="str", no_log=True),
    # No default: that "global" was chosen has to differ from no choice at all, see api_endpoint.
    "region": _option("region", type="str", choices=list(ENDPOINTS)),
    "api_endpoint": _option("api_endpoint", type="str"),
    "timeout": _option("timeout", type="float", default=30),
    "retries": _option("retries", type="int", default=4),
    "retry_max_delay": _option("retry_max_delay", type="float", default=60),
    "validate_certs": _option("validate_certs", type="bool", default=True),
    "ca_path": _option("ca_path", type="path"),
}
FILTERS: dict[str, dict[str, Any]] = {
    "names": {"type": "list", "elements": "str"},
    "type": {"type": "str", "choices": list(TYPES)},
    "minimum_entitlements": {"type": "dict"},
}


def filters(option: Option) -> tuple[list[str] | None, Filter, list[tuple[str, str]]]:
    """Return the names asked for (V(None): all), the filter, and the problems found as pairs of option and message."""
    problems: list[tuple[str, str]] = []
    minimums: dict[str, int] = {}
    for key, value in (option("minimum_entitlements") or {}).items():
        try:
            if isinstance(value, (bool, float)):
                raise ValueError
            minimums[str(key)] = int(value)
        except (TypeError, ValueError):
            problems.append(("minimum_entitlements", f"{clean(key)}: an integer is needed, not '{clean(value)}'"))
    return option("names"), Filter(option("type"), minimums), problems


def create_module(options: dict[str, dict[str, Any]]) -> AnsibleModule:
    """Return a module that takes I(options) and those of the connection, and never prints the key."""
    # A lookup imports this file too, and needs none of this import.
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec={**CONNECTION, **options}, supports_check_mode=True)
    key = (module.params["api_key"] or "").strip()
    if len(key) >= MINIMUM_KEY_LENGTH:
        # Core masks the key as it was given, but what is sent is the key without white space.
        module.no_log_values.add(key)
    return module


def fail(module: AnsibleModule, error: SendGridError) -> NoReturn:
    """End I(module) with I(error)."""
    key = module.params["api_key"] or ""
    if len(key.strip()) < MINIMUM_KEY_LENGTH:
        # Masking something so short would garble the very message that refuses it.
        module.params["api_key"] = MASK
        module.no_log_values.discard(key)
    module.fail_json(**error.result())


def set_lookup_options(plugin: Any, variables: Mapping[str, Any], direct: Mapping[str, Any]) -> None:
    """Make C(plugin.get_option) give what the argument spec of a module would give for the same input.

    C(set_options) alone would not do: it takes variables untemplated, an empty environment variable for a value, and
    every typing error in a boolean for V(false), which would turn TLS off.

    :param plugin: the lookup; its documentation holds the same options as this file.
    :param variables: the variables of the play, not templated.
    :param direct: the keyword arguments of the lookup.
    :raises SendGridError: C(invalid_option), listing all problems.
    """
    # Defaults are left to core, because a setting in ansible.cfg comes before them.
    spec = {
        name: {key: value for key, value in entry.items() if key != "default"}
        for name, entry in {**CONNECTION, **FILTERS}.items()
    }
    # Core 2.18 and older add wantlist in with_ loops.
    if unknown := [name for name in direct if name not in spec and name != "wantlist"]:
        raise invalid_options([(clean(name), f"there is no such option, only {', '.join(spec)}") for name in unknown])
    given = {}
    for name in spec:
        value = direct.get(name)
        if value is None and name in CONNECTION and f"sendgrid_{name}" in variables:
            value = plugin._templar.template(variables[f"sendgrid_{name}"])
            # Core 2.18 and older template a reference to null to an empty string.
            value = None if value == "" else value
        if value is not None:
            given[name] = _plain(value)
    checked = ArgumentSpecValidator(spec).validate(given)
    if checked.error_messages:
        key = str(given.get("api_key", ""))
        raise invalid_options([("", clean(message, key)) for message in checked.error_messages])
    with _no_empty_environment():
        plugin.set_options(
            direct={name: value for name, value in checked.validated_parameters.items() if value is not None}
        )


def _plain(value: Any) -> Any:
    """Return I(value) in the types that a module would be given.

    Core 2.18 and older hand over vault-encrypted text as an object that only looks like text, and views and generators
    as they are. Newer ones hand over containers that hold the templating engine, which the argument spec would copy.
    """
    if hasattr(value, "__ENCRYPTED__"):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


@contextlib.contextmanager
def _no_empty_environment() -> Iterator[None]:
    empty = {variable: "" for name in CONNECTION if os.environ.get(variable := f"SENDGRID_{name.upper()}") == ""}
    for variable in empty:
        del os.environ[variable]
    try:
        yield
    finally:
        os.environ.update(empty)
