# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The option table, the same for the modules and the lookup.

The lookup imports this file even for a cached answer, and each worker of Ansible compiles it: keep it short.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.errors import AnsibleFallbackNotFound

ENDPOINTS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}
OFFERING_TYPES = ("package", "addon")
# The greatest values. Only a mistake exceeds these: they keep one read of the catalog from blocking a play for days.
LIMITS = {"timeout": 3600, "retries": 100, "retry_max_delay": 3600, "cache_ttl": 604800}
# They decide whose account is used. Core 2.18 and older turn a null in a template into an empty text, newer cores do
# not: if null counted as not given, one playbook would fail with older cores and use another account with newer ones.
NEVER_NULL = ("api_key", "region", "api_endpoint")


def read_environment(option: str, environment: Mapping[str, str]) -> str:
    """Return the value of the option's environment variable without surrounding white space, empty if it is unset."""
    return environment.get(environment_variable(option), "").strip()


def from_environment(option: str) -> str:
    """Return the value of the option's environment variable, as core's argument spec needs it.

    :raises AnsibleFallbackNotFound: it is unset or empty.
    """
    if value := read_environment(option, os.environ):
        return value
    raise AnsibleFallbackNotFound


def environment_variable(option: str) -> str:
    return f"SENDGRID_{option.upper()}"


def with_environment(options: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return ``options``, each with its environment variable as fallback."""
    return {name: {**spec, "fallback": (from_environment, [name])} for name, spec in options.items()}


def settings_of(options: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """Return the names of those options that can also come from a variable, the environment or ``ansible.cfg``."""
    return tuple(name for name, spec in options.items() if spec.get("fallback", [None])[0] is from_environment)


CONNECTION = with_environment(
    {
        # Not "required": core's own error would not say where a key can come from.
        "api_key": {"type": "str", "no_log": True},
        # No default: a region that was given conflicts with api_endpoint, a default would not.
        "region": {"type": "str", "choices": list(ENDPOINTS)},
        "api_endpoint": {"type": "str"},
        "timeout": {"type": "float", "default": 30},
        "retries": {"type": "int", "default": 4},
        "retry_max_delay": {"type": "float", "default": 60},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
    }
)
CACHE = {
    # From the task alone: no setting elsewhere may make a gate accept an older catalog.
    "cache_ttl": {"type": "float", "default": 0},
    **with_environment({"cache_dir": {"type": "path", "default": "~/.ansible/sendgrid_cache"}}),
}
# For the lookup and the account modules: the vendor advises against reading the catalog before each order.
CACHE_DEFAULT_ON = {
    **with_environment({"cache_ttl": {"type": "float", "default": 3600}}),
    "cache_dir": CACHE["cache_dir"],
}
FILTERS: dict[str, dict[str, Any]] = {
    "names": {"type": "list", "elements": "str"},
    "type": {"type": "str", "choices": list(OFFERING_TYPES)},
    "minimum_entitlements": {"type": "dict"},
}
# All that can come from four places.
SETTINGS = {**CONNECTION, **CACHE_DEFAULT_ON}
LOOKUP = {**SETTINGS, **FILTERS}
