# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure evaluations of templates, each in its own fork.

This is an action plugin, because actions run in a real worker, after core has finished its own imports.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc,unused-ignore]
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        plan = json.loads(Path(self._task.args["plan"]).read_text())
        results: dict[str, list[dict[str, list[float]]]] = {name: [] for name in plan["variants"]}
        # The first round is not measured, because it fills caches such as that of the file system.
        for round_ in range(plan["rounds"] + 1):
            for name, variant in plan["variants"].items():
                for path in variant.get("remove", ()):
                    shutil.rmtree(path, ignore_errors=True)
                # Collect now, so that no automatic garbage collection runs during an evaluation.
                gc.collect()
                times = _in_fork(partial(self._evaluate, variant, task_vars or {}))
                if round_:
                    results[name].append(times)
        Path(self._task.args["result"]).write_text(json.dumps(results))
        return {"changed": False}

    def _evaluate(self, variant: dict[str, Any], variables: dict[str, Any]) -> dict[str, list[float]]:
        os.environ.update(variant.get("environment", {}))
        if "get" in variant:
            times = [_timed(lambda: _get(variant["get"], variant["headers"]))]
        else:
            # Task variables are not templated yet.
            template = variables[variant["variable"]]
            times = [_timed(lambda: self._templar.template(template)) for _index in range(1 + variant["repeats"])]
        return {"cpu": [cpu for cpu, _wall in times], "wall": [wall for _cpu, wall in times]}


def _get(url: str, headers: dict[str, str]) -> Any:
    import requests

    response = requests.get(url, headers=headers, timeout=30)
    response.raise_for_status()
    return response.json()


def _timed(function: Callable[[], Any]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    function()
    return time.process_time() - cpu, time.perf_counter() - wall


def _in_fork(function: Callable[[], dict[str, list[float]]]) -> dict[str, list[float]]:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        # The child must exit even after an exception, or it would continue as a second worker.
        try:
            os.write(write, json.dumps(function()).encode())
        except BaseException as error:
            os.write(write, json.dumps({"error": repr(error)[:2000]}).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    times: dict[str, list[float]] = json.loads(text)
    if "error" in times:
        raise RuntimeError(f"an evaluation failed: {times['error']}")
    return times
