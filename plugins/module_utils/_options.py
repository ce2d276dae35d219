# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The option table, and the way from options to checked settings, the same for modules and for the lookup."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import TYPES, Filter
from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import ENDPOINTS, MINIMUM_KEY_LENGTH
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import MASK, SendGridError, clean

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

# A source of options: ``__getitem__`` of a module's parameters, or of the options of a lookup.
Option = Callable[[str], Any]


def from_environment(variable: str) -> str:
    """Return the value of the environment variable; an empty one counts as unset.

    :raises AnsibleFallbackNotFound: it is unset.
    """
    if value := os.environ.get(variable):
        return value
    raise AnsibleFallbackNotFound


def variable_of(name: str) -> str:
    """Return the name of the environment variable for the option I(name)."""
    return f"SENDGRID_{name.upper()}"


def _option(name: str, **spec: Any) -> dict[str, Any]:
    return {**spec, "fallback": (from_environment, [variable_of(name)])}


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
        # Text is accepted, since core 2.18 and older make text of a number in a template.
        if re.fullmatch(r"-?\d{1,18}", str(value).strip(), re.ASCII):
            minimums[str(key)] = int(value)
        else:
            problems.append(("minimum_entitlements", f"{clean(key)}: an integer is needed, not '{clean(value)}'"))
    return option("names"), Filter(option("type"), minimums), problems


def create_module(options: dict[str, dict[str, Any]], **rules: Any) -> AnsibleModule:
    """Return a module that takes I(options) and those of the connection, and never prints the key.

    :param rules: how options depend on one another, as C(AnsibleModule) takes it.
    """
    # The lookup imports this file too, and needs none of this import.
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec={**CONNECTION, **options}, supports_check_mode=True, **rules)
    if module.params["api_key"] is None:
        # Core asks the environment only for what is not given at all, and null is given.
        module.params["api_key"] = os.environ.get(variable_of("api_key"))
    key = (module.params["api_key"] or "").strip()
    if len(key) >= MINIMUM_KEY_LENGTH:
        # Core masks the key as it was given, but what is sent is the key without white space.
        module.no_log_values.add(key)
    return module


def fail(module: AnsibleModule, error: SendGridError, **results: Any) -> NoReturn:
    """End I(module) with I(error), and with I(results) that it has all the same; their C(msg) is the longer one."""
    key = module.params["api_key"] or ""
    if len(key.strip()) < MINIMUM_KEY_LENGTH:
        # Masking something so short would garble the very message that refuses it.
        module.params["api_key"] = MASK
        module.no_log_values.discard(key)
    module.fail_json(**{**error.result(), **results})
