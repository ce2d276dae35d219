# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""b: a module beside core's own. e: many orders in one task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import offers, targets
from .samples import Sample, Samples, Section, interleave
from .stage import Stage

NOTHING = "no task"


def modules(stage: Stage) -> Iterator[Section]:
    stage.serve(offers.SMALL)
    tasks = stage.settings.few_or(20)
    variants = {
        NOTHING: _tasks(stage, "nothing", []),
        "ping": _tasks(stage, "ping", [{"ansible.builtin.ping": {}}] * tasks),
        "uri": _tasks(stage, "uri", [{"ansible.builtin.uri": {"url": stage.url, "headers": stage.headers}}] * tasks),
        "module": _tasks(stage, "module", [{"reseller.sendgrid.sendgrid_offerings_info": stage.connection}] * tasks),
    }
    title = f"b. {tasks} tasks in a row, less a play without tasks"
    section = Section(title, _beyond_nothing(interleave(title, stage.settings.rounds(3), variants)))
    section.compare("module", "uri", targets.MODULE_URI)
    section.compare("module", "ping", targets.MODULE_PING)
    yield section


def orders(stage: Stage) -> Iterator[Section]:
    many, size = stage.settings.few_or(1000), 2000
    stage.serve(size)

    def gate(count: int) -> Callable[[], Sample]:
        given = {
            f"customer-{index}": [offers.name(index), {"name": offers.name(index + 1), "quantity": 1}]
            for index in range(count)
        }
        # Two packages are a violation, which makes it work; reporting them is not the point.
        options = {**stage.connection, "orders": given, "enforce": False}
        return _tasks(stage, f"gate-{count}", [{"reseller.sendgrid.sendgrid_offerings_gate": options}])

    variants = {NOTHING: _tasks(stage, "nothing", []), "one order": gate(1), f"{many} orders": gate(many)}
    title = f"e. orders through the gate, {size} offerings, less a play without tasks"
    section = Section(title, _beyond_nothing(interleave(title, stage.settings.rounds(3), variants)))
    section.compare(f"{many} orders", "one order")
    section.count(f"{many} orders")
    yield section


def _tasks(stage: Stage, name: str, tasks: list[dict[str, Any]]) -> Callable[[], Sample]:
    playbook = stage.playbook(name, tasks)
    return lambda: stage.play(playbook)


def _beyond_nothing(samples: Samples) -> Samples:
    nothing = samples.pop(NOTHING)
    return {name: [sample.less(other) for sample, other in zip(found, nothing)] for name, found in samples.items()}
