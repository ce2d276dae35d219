# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Callback that appends the result of each task, as a line of JSON, to the file that ``RECORDER`` names."""

from __future__ import annotations

import importlib
import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

# Import it once, before the workers fork. The import in each worker would take longer than most of the tested lookups.
# Users do not have this shortcut, so some tests turn it off.
if "RECORDER_IMPORTS_NOTHING" not in os.environ:
    importlib.import_module("requests")


class CallbackModule(CallbackBase):  # type: ignore[misc,unused-ignore]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorder"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call,unused-ignore]
        self._started: dict[tuple[str, str], float] = {}
        self._ended: dict[tuple[str, str], float] = {}

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._started[host.get_name(), task.get_name()] = time.monotonic()

    # Core reports the end of an item at once, but the end of a task only after it has started the task on all hosts.
    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._ended[self._key(result)] = time.monotonic()

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._ended[self._key(result)] = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, failed=True)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record(result, failed=True)

    def _key(self, result: Any) -> tuple[str, str]:
        # Core 2.19 introduced the public names, and deprecates the private ones.
        if hasattr(result, "result"):
            return result.host.get_name(), result.task.get_name()
        return result._host.get_name(), result._task.get_name()

    def _record(self, result: Any, failed: bool) -> None:
        key = self._key(result)
        content = result.result if hasattr(result, "result") else result._result
        host, task = key
        has_loop = key in self._ended
        record = {
            "host": host,
            "task": task,
            "failed": failed,
            # Most loops have one item, whose time they measure.
            "result": content["results"][0] if has_loop else content,
            "items": content["results"] if has_loop else [content],
            "seconds": self._ended[key] - self._started[key] if has_loop else None,
        }
        if "RECORDER_SHOWS_ARGUMENTS" in os.environ:
            fields = result.task_fields if hasattr(result, "task_fields") else result._task_fields
            record["arguments"] = fields["args"]
        with open(os.environ["RECORDER"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
