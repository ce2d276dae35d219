# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What all modules have in common: how they are made and how they fail."""

from __future__ import annotations

from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import MINIMUM_KEY_LENGTH
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import MASK, SendGridError
from ansible_collections.reseller.sendgrid.plugins.module_utils._options import CONNECTION


class Module(AnsibleModule):
    def _load_params(self) -> None:
        """Strip the key before anything can fail: core masks it only in the very form in which it is here."""
        super()._load_params()  # type: ignore[no-untyped-call,unused-ignore]
        key = self.params.pop("api_key", None)
        # Null counts as not given, so that core asks the environment.
        if key is not None:
            self.params["api_key"] = key.strip() if isinstance(key, str) else key


def create_module(options: dict[str, dict[str, Any]], **rules: Any) -> AnsibleModule:
    """Return a module that takes I(options) and those of the connection, and never prints the key.

    :param rules: how options depend on one another, as C(AnsibleModule) takes it.
    """
    spec = {**CONNECTION, **options}
    return Module(argument_spec=spec, supports_check_mode=True, **rules)  # type: ignore[no-untyped-call,unused-ignore]


def fail(module: AnsibleModule, error: SendGridError, **results: Any) -> NoReturn:
    """End I(module) with I(error), and with I(results) that it has all the same; their C(msg) is the longer one."""
    key = module.params["api_key"] or ""
    if len(key) < MINIMUM_KEY_LENGTH:
        # Masking something so short would garble the very message that refuses it.
        module.params["api_key"] = MASK
        module.no_log_values.discard(key)
    module.fail_json(**{**error.result(), **results})
