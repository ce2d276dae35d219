# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection: it can change at any time.
"""Runs a module with the settings that its task does not give. Each module has an action plugin of this class."""

from __future__ import annotations

import os
import re
import shlex
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._errors import SendGridError, invalid_options
from ..module_utils._settings import setting_problems
from ._options import resolve_options

OLDEST_PYTHON = (3, 9)
# Runs on every Python.
SHOW_PYTHON = "import platform, sys; print('Python %s on %s' % (sys.version.split()[0], platform.node()))"


class SendGridAction(ActionBase):
    """The same as core does for a module without an action plugin, but for the settings.

    :cvar settings: those that the module takes.
    """

    settings: tuple[str, ...]
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        is_local = self._connection.transport == "local" and not self._connection.become
        environment = dict(os.environ) if is_local else {}
        environment.update(self._task_environment())
        variables = task_vars or {}
        options = resolve_options(self._task.args, self.settings, self._templar, variables, environment, is_local)
        if problems := setting_problems(options.values, options.kinds, options.problems):
            # Returned, not raised: "failed_when" and "until" never see an error that is raised.
            return {**result, "failed": True, **invalid_options(problems).result()}
        # A new mapping: callbacks see the arguments of the task, and would store the key.
        arguments = {
            name: value
            for name, value in options.values.items()
            # The module reads its environment itself.
            if options.kinds[name] != "environment"
        }
        wrap_async = self._task.async_val
        executed = self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=wrap_async)
        # Each module that could run returns its arguments.
        if (
            executed.get("failed")
            and not {"failure", "invocation"} & set(executed)
            and (error := self._python_problem())
        ):
            executed = {"failed": True, "changed": False, **error.result()}
        result.update(executed)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)  # type: ignore[no-untyped-call,unused-ignore]
        return result

    def _python_problem(self) -> SendGridError | None:
        """Return the error if the Python of the target cannot run the module, of which a module can tell nothing."""
        python = str(self._used_interpreter or "").lstrip("#!")
        command = f"{python} -c {shlex.quote(SHOW_PYTHON)}"
        shown = self._low_level_execute_command(command)  # type: ignore[no-untyped-call,unused-ignore]
        found = re.search(r"^Python (\d+)\.(\d+)\S* on .*", shown.get("stdout", ""), re.MULTILINE)
        if not found or (int(found[1]), int(found[2])) >= OLDEST_PYTHON:
            return None
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return SendGridError(
            "missing_library",
            f"The module needs Python {oldest} or newer, and {python} is {found[0].strip()}. "
            "Install a newer Python there, or choose one with ansible_python_interpreter.",
            library="python",
            python=python,
        )

    def _task_environment(self) -> dict[str, str]:
        """Return what the ``environment`` keywords set for the module."""
        found: dict[str, Any] = {}
        self._compute_environment_string(found)  # type: ignore[no-untyped-call,unused-ignore]
        return {name: str(value) for name, value in found.items()}
