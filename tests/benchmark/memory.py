# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""g: the peak of memory, in the process of a module and in the largest process of a play."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import Any

from . import offers
from .plays import use
from .samples import Line, Sample, Section, interleave
from .stage import HERE, Stage

QUERY = "query('reseller.sendgrid.offerings'"


def memory(stage: Stage) -> Iterator[Section]:
    title = "g. peak of memory, cold"
    small, large = offers.SMALL, stage.settings.few_or(20_000)
    variants: dict[str, Callable[[], Sample]] = {
        "play, no-op lookup": _play(stage, small, "query('benchmark.tools.noop', 1)")
    }
    for size in dict.fromkeys((small, large)):
        name = offers.name(size // 2)
        variants |= {
            f"module, {size}": _module(stage, size, {}),
            f"module, one of {size}": _module(stage, size, {"names": [name]}),
            f"play with lookup, {size}": _play(stage, size, f"{QUERY})"),
            f"play with lookup, one of {size}": _play(stage, size, f"{QUERY}, names=['{name}'])"),
        }
    section = Section(title, interleave(title, stage.settings.rounds(1), variants))
    for name, samples in section.samples.items():
        section.lines.append(Line(name, {"MB": [sample.memory for sample in samples]}))
    yield section


def _play(stage: Stage, size: int, expression: str) -> Callable[[], Sample]:
    def run() -> Sample:
        stage.serve(size)
        stage.wipe("memory")
        playbook = stage.playbook("memory", [use("catalog")], {"catalog": f"{{{{ {expression} }}}}"})
        return stage.play(playbook, environment=stage.cached("memory"))

    return run


def _module(stage: Stage, size: int, options: dict[str, Any]) -> Callable[[], Sample]:
    report = stage.home / "module.json"
    program = shlex.join([sys.executable, "-I", "-S", str(HERE / "child.py"), str(report), sys.executable])
    interpreter = stage.file("measured-python", f'#!/bin/sh\nexec {program} "$@"\n')
    interpreter.chmod(0o700)

    def run() -> Sample:
        stage.serve(size)
        report.unlink(missing_ok=True)
        task = {
            "reseller.sendgrid.sendgrid_offerings_info": {**stage.connection, **options},
            "vars": {"ansible_python_interpreter": str(interpreter)},
        }
        requests = stage.play(stage.playbook("memory", [task])).requests
        return Sample(**json.loads(report.read_text()), requests=requests)

    return run
