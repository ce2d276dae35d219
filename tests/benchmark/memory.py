# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""g: the peak memory of the process of a module, and of the largest process of a play."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import Any

from . import catalogs
from .harness import HERE, Harness
from .plays import assert_task
from .samples import Line, Sample, Section, interleave

QUERY = "query('reseller.sendgrid.offerings'"


def memory(harness: Harness) -> Iterator[Section]:
    title = "g. peak memory, cold"
    small, large = catalogs.SMALL, harness.settings.reduced(20_000)
    variants: dict[str, Callable[[], Sample]] = {
        "play, no-op lookup": _play_variant(harness, small, "query('benchmark.tools.noop', 1)")
    }
    for size in dict.fromkeys((small, large)):
        name = catalogs.offering_name(size // 2)
        variants |= {
            f"module, {size}": _module_variant(harness, size, {}),
            f"module, one of {size}": _module_variant(harness, size, {"names": [name]}),
            f"play with lookup, {size}": _play_variant(harness, size, f"{QUERY})"),
            f"play with lookup, one of {size}": _play_variant(harness, size, f"{QUERY}, names=['{name}'])"),
        }
    section = Section(title, interleave(title, harness.settings.rounds(1), variants))
    for name, samples in section.samples.items():
        section.lines.append(Line(name, {"MB": [sample.memory for sample in samples]}))
    yield section


def _play_variant(harness: Harness, size: int, expression: str) -> Callable[[], Sample]:
    def run() -> Sample:
        harness.serve_catalog(size)
        harness.remove_cache("memory")
        playbook = harness.write_playbook("memory", [assert_task("catalog")], {"catalog": f"{{{{ {expression} }}}}"})
        return harness.run_playbook(playbook, environment=harness.cache_environment("memory"))

    return run


def _module_variant(harness: Harness, size: int, options: dict[str, Any]) -> Callable[[], Sample]:
    report = harness.home / "module.json"
    program = shlex.join([sys.executable, "-I", "-S", str(HERE / "measure_command.py"), str(report), sys.executable])
    interpreter = harness.write_file("measured-python", f'#!/bin/sh\nexec {program} "$@"\n')
    interpreter.chmod(0o700)

    def run() -> Sample:
        harness.serve_catalog(size)
        report.unlink(missing_ok=True)
        task = {
            "reseller.sendgrid.sendgrid_offerings_info": {**harness.connection, **options},
            "vars": {"ansible_python_interpreter": str(interpreter)},
        }
        requests = harness.run_playbook(harness.write_playbook("memory", [task])).requests
        return Sample(**json.loads(report.read_text()), requests=requests)

    return run
