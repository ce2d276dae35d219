# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""b: the module compared with modules of core. e: many orders in one task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import catalogs, targets
from .harness import Harness
from .samples import Sample, Samples, Section, interleave

NO_TASK = "no task"


def modules(harness: Harness) -> Iterator[Section]:
    harness.serve_catalog(catalogs.SMALL)
    tasks = harness.settings.reduced(20)
    variants = {
        NO_TASK: task_variant(harness, "nothing", []),
        "ping": task_variant(harness, "ping", [{"ansible.builtin.ping": {}}] * tasks),
        "uri": task_variant(
            harness, "uri", [{"ansible.builtin.uri": {"url": harness.url, "headers": harness.headers}}] * tasks
        ),
        "module": task_variant(
            harness, "module", [{"reseller.sendgrid.sendgrid_offerings_info": harness.connection}] * tasks
        ),
    }
    title = f"b. {tasks} tasks in a row, less a play without tasks"
    section = Section(title, subtract_empty_play(interleave(title, harness.settings.rounds(3), variants)))
    section.compare("module", "uri", targets.MODULE_URI)
    section.compare("module", "ping", targets.MODULE_PING)
    yield section


def orders(harness: Harness) -> Iterator[Section]:
    order_count, size = harness.settings.reduced(1000), 2000
    harness.serve_catalog(size)

    def gate(count: int) -> Callable[[], Sample]:
        gate_orders = {
            f"customer-{index}": [
                catalogs.offering_name(index),
                {"name": catalogs.offering_name(index + 1), "quantity": 1},
            ]
            for index in range(count)
        }
        # Each order has two packages, because a violation is more work for the gate. It must not fail the task.
        options = {**harness.connection, "orders": gate_orders, "enforce": False}
        return task_variant(harness, f"gate-{count}", [{"reseller.sendgrid.sendgrid_offerings_gate": options}])

    variants = {
        NO_TASK: task_variant(harness, "nothing", []),
        "one order": gate(1),
        f"{order_count} orders": gate(order_count),
    }
    title = f"e. orders through the gate, {size} offerings, less a play without tasks"
    section = Section(title, subtract_empty_play(interleave(title, harness.settings.rounds(3), variants)))
    section.compare(f"{order_count} orders", "one order")
    section.count(f"{order_count} orders")
    yield section


def task_variant(harness: Harness, name: str, tasks: list[dict[str, Any]]) -> Callable[[], Sample]:
    playbook = harness.write_playbook(name, tasks)
    return lambda: harness.run_playbook(playbook)


def subtract_empty_play(samples: Samples) -> Samples:
    empty_play = samples.pop(NO_TASK)
    return {
        name: [sample.minus(empty) for sample, empty in zip(variant_samples, empty_play)]
        for name, variant_samples in samples.items()
    }
