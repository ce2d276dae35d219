# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""How every module is created and how it fails."""

from __future__ import annotations

from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ._api.config import MINIMUM_KEY_LENGTH
from ._argspec import CONNECTION
from ._errors import SendGridError
from ._text import MASK


class _Module(AnsibleModule):
    def _load_params(self) -> None:
        """Strip the API key before anything else reads it: core masks only the exact text that it finds here."""
        super()._load_params()  # type: ignore[no-untyped-call,unused-ignore]
        key = self.params.pop("api_key", None)
        # A null key is dropped, so that core uses the environment variable.
        if key is not None:
            self.params["api_key"] = key.strip() if isinstance(key, str) else key


def create_module(options: dict[str, dict[str, Any]], **rules: Any) -> AnsibleModule:
    """Return a module that takes ``options`` and the connection options, and never prints the API key.

    :param rules: how options depend on one another, such as ``mutually_exclusive`` of ``AnsibleModule``.
    """
    spec = {**CONNECTION, **options}
    return _Module(argument_spec=spec, supports_check_mode=True, **rules)  # type: ignore[no-untyped-call,unused-ignore]


def fail(module: AnsibleModule, error: SendGridError, **results: Any) -> NoReturn:
    """End ``module`` with ``error``. Where ``results`` have a ``msg``, it replaces the shorter one of the error."""
    key = module.params["api_key"] or ""
    if len(key) < MINIMUM_KEY_LENGTH:
        # Masking a text this short would garble the very message that refuses it.
        module.params["api_key"] = MASK
        module.no_log_values.discard(key)
    module.fail_json(**{**error.result(), **results})
