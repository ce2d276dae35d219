# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The option table, the same for modules and for the lookup. Little code: see C(_cache)."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import TYPES

ENDPOINTS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}


def from_environment(variable: str) -> str:
    """Return the value of the environment variable without white space around it; an empty one counts as unset.

    :raises AnsibleFallbackNotFound: it is unset.
    """
    if value := os.environ.get(variable, "").strip():
        return value
    raise AnsibleFallbackNotFound


def variable_of(name: str) -> str:
    """Return the name of the environment variable for the option I(name)."""
    return f"SENDGRID_{name.upper()}"


def from_env(options: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return I(options), each of which takes an environment variable if it is not given."""
    return {name: {**spec, "fallback": (from_environment, [variable_of(name)])} for name, spec in options.items()}


CONNECTION = from_env(
    {
        # Not "required": the error that the argument spec would give names no place where a key can come from.
        "api_key": {"type": "str", "no_log": True},
        # No default: that "global" was chosen has to differ from no choice at all, see api_endpoint.
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
    "cache_ttl": {"type": "float", "default": 0},
    **from_env({"cache_dir": {"type": "path", "default": "~/.ansible/sendgrid_cache"}}),
}
# Where an order is judged, and the catalog is only the means: the vendor advises not to read it each time.
SPARING_CACHE = {**CACHE, "cache_ttl": {"type": "float", "default": 3600}}
FILTERS: dict[str, dict[str, Any]] = {
    "names": {"type": "list", "elements": "str"},
    "type": {"type": "str", "choices": list(TYPES)},
    "minimum_entitlements": {"type": "dict"},
}
# Of the lookup, beside what it chooses by.
SETTINGS = {**CONNECTION, **from_env(SPARING_CACHE)}
