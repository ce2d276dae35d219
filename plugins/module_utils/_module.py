# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""How every module is created and how it fails."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ._argspec import CONNECTION, SETTINGS, read_environment, settings_of
from ._errors import SendGridError, invalid_options
from ._settings import setting_problems, unknown_option_problems
from ._text import clean, maskable


class _Module(AnsibleModule):
    problems: list[tuple[str, str]]

    def _load_params(self) -> None:
        """Check the settings before core does: it masks only the exact key that it finds, and makes text of a mapping.

        A module that runs without its action plugin refuses the same values.
        """
        super()._load_params()  # type: ignore[no-untyped-call,unused-ignore]
        names = [name for name in SETTINGS if name in self.argument_spec]
        kinds = dict.fromkeys(names, "module")
        for name in names:
            if isinstance(self.params.get(name), str):
                self.params[name] = self.params[name].strip()
        values = {name: self.params[name] for name in names if name in self.params}
        for name in settings_of(self.argument_spec):
            if name not in values and (value := read_environment(name, os.environ)):
                values[name], kinds[name] = value, "environment"
        for name, blank in (("plan_id", ""), ("accounts", [])):
            # The module refuses blank ones. Null is no approval, and must not turn off the need for one.
            if name in self.argument_spec and self.params.get(name, blank) is None:
                self.params[name] = blank
        if isinstance(rows := self.params.get("accounts"), str):
            # Core would split a text at its commas.
            self.params["accounts"] = [rows] if rows.strip() else []
        given = [name for name in self.params if not name.startswith("_ansible_")]
        aliases = [alias for spec in self.argument_spec.values() for alias in spec.get("aliases", [])]
        known = [*self.argument_spec, *aliases]
        self.problems = unknown_option_problems(given, known) + setting_problems(values, kinds)
        if "maximum_quantities" in self.argument_spec and self.params.get("maximum_quantities", {}) is None:
            # It would turn off the limits of module_defaults.
            self.problems.append(("maximum_quantities", "it is null. Correct it, or leave it out with omit"))
        # A wrong value may be a secret in the wrong place, and core shows and converts all that it finds here.
        for name, _message in self.problems:
            self.params.pop(name, None)

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """Report what is wrong with the settings instead of what core finds, which may only follow from that."""
        if self.problems:
            kwargs = invalid_options(self.problems).result()
            msg = kwargs.pop("msg")
        # To mask a text this short would garble the very message that refuses it.
        self.no_log_values = {value for value in self.no_log_values if maskable(value)}
        super().fail_json(msg, **kwargs)  # type: ignore[no-untyped-call,unused-ignore]


def create_module(options: dict[str, dict[str, Any]], **rules: Any) -> AnsibleModule:
    """Return a module that takes ``options`` and the connection options, and never prints the API key.

    :param rules: what else ``AnsibleModule`` takes, such as ``mutually_exclusive`` or ``add_file_common_args``.
    """
    spec = {**CONNECTION, **options}
    module = _Module(argument_spec=spec, supports_check_mode=True, **rules)  # type: ignore[no-untyped-call,unused-ignore]
    if module.problems:
        fail(module, invalid_options(module.problems))
    return module


def fail(module: AnsibleModule, error: SendGridError, **results: Any) -> NoReturn:
    """End ``module`` with ``error``. Where ``results`` have a ``msg``, it replaces the shorter one of the error."""
    if "invalid_option" in (error.code, *error.details.get("codes", [])):
        # Core shows the arguments of a module, and a wrong one may be a secret in the wrong place.
        module.params = {}
    module.fail_json(**{**error.result(), **results})


def fail_unexpectedly(module: AnsibleModule, error: Exception, **results: Any) -> NoReturn:
    """End ``module`` with an error of the collection itself. ``results`` say what was done, and is billed."""
    reason = f"{type(error).__name__}: {clean(str(error), module.params.get('api_key'))}".rstrip(": .")
    hint = (
        "This is an error of the collection. The result says what was done before it. Report it with the output of -vvv"
    )
    module.fail_json(**{**results, "msg": f"{reason}. {hint}."})
