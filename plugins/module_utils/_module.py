# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""How every module is created and how it fails."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ._argspec import CONNECTION, environment_variable, settings_of, source
from ._errors import SendGridError, invalid_options
from ._settings import setting_problems, unknown_option_problems
from ._text import MASK, maskable


class _Module(AnsibleModule):
    problems: list[tuple[str, str]]

    def _load_params(self) -> None:
        """Check the settings before core does: it masks only the exact key that it finds, and makes text of a mapping.

        A module that runs without its action plugin refuses the same values.
        """
        super()._load_params()  # type: ignore[no-untyped-call,unused-ignore]
        given = [name for name in self.params if not name.startswith("_ansible_")]
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for name in settings_of(self.argument_spec):
            value, kind = self.params.get(name), "module"
            if name in self.params and isinstance(value, str):
                value = self.params[name] = value.strip()
            if name not in self.params:
                value, kind = os.environ.get(environment_variable(name), "").strip() or None, "environment"
            if kind == "module" or value is not None:
                values[name], sources[name] = value, source(kind, name)
        self.problems = unknown_option_problems(given, self.argument_spec) + setting_problems(values, sources)

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """Report what is wrong with the settings before what core finds, and never mask a text that is short."""
        if self.problems:
            kwargs = invalid_options(self.problems).result()
            msg = kwargs.pop("msg")
        key = self.params.get("api_key")
        if isinstance(key, str) and not maskable(key):
            self.params["api_key"] = MASK
            self.no_log_values.discard(key)
        super().fail_json(msg, **kwargs)  # type: ignore[no-untyped-call,unused-ignore]


def create_module(options: dict[str, dict[str, Any]], **rules: Any) -> AnsibleModule:
    """Return a module that takes ``options`` and the connection options, and never prints the API key.

    :param rules: how options depend on one another, such as ``mutually_exclusive`` of ``AnsibleModule``.
    """
    spec = {**CONNECTION, **options}
    module = _Module(argument_spec=spec, supports_check_mode=True, **rules)  # type: ignore[no-untyped-call,unused-ignore]
    if module.problems:
        module.fail_json("")
    return module


def fail(module: AnsibleModule, error: SendGridError, **results: Any) -> NoReturn:
    """End ``module`` with ``error``. Where ``results`` have a ``msg``, it replaces the shorter one of the error."""
    module.fail_json(**{**error.result(), **results})
