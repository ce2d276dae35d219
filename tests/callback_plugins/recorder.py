# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the result of each task as a line of JSON to the file that RECORDER names, beside the usual output."""

from __future__ import annotations

import importlib
import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

# Each worker would import it anew for the lookup, which takes longer than most of what is tried.
importlib.import_module("requests")


class CallbackModule(CallbackBase):  # type: ignore[misc,unused-ignore]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorder"

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, failed=True)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record(result, failed=True)

    def _record(self, result: Any, failed: bool) -> None:
        # The names without an underscore came with core 2.19, which is to drop the others.
        new = hasattr(result, "result")
        record = {
            "host": (result.host if new else result._host).get_name(),
            "task": (result.task if new else result._task).get_name(),
            "failed": failed,
            "result": result.result if new else result._result,
        }
        with open(os.environ["RECORDER"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
