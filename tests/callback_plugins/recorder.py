# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the result of each task as a line of JSON to the file that RECORDER names, beside the usual output."""

from __future__ import annotations

import importlib
import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

# Each worker would import it anew for the lookup, which takes longer than most of what is tried. But that is how it is
# for users, so that some runs have to go without.
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

    # Core tells of an item at once, but of a task only when it has started those of all hosts.
    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._ended[self._names(result)] = time.monotonic()

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._ended[self._names(result)] = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, failed=True)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record(result, failed=True)

    def _names(self, result: Any) -> tuple[str, str]:
        # The names without an underscore came with core 2.19, which is to drop the others.
        if hasattr(result, "result"):
            return result.host.get_name(), result.task.get_name()
        return result._host.get_name(), result._task.get_name()

    def _record(self, result: Any, failed: bool) -> None:
        names = self._names(result)
        content = result.result if hasattr(result, "result") else result._result
        looped = names in self._ended
        record = {
            "host": names[0],
            "task": names[1],
            "failed": failed,
            # Most loops are there for the time alone, and have one item.
            "result": content["results"][0] if looped else content,
            "items": content["results"] if looped else [content],
            "seconds": self._ended[names] - self._started[names] if looped else None,
        }
        with open(os.environ["RECORDER"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
