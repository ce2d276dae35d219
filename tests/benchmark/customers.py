# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""h: many customers in one task, compared with a loop over the module for one, and with as many tasks of core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import catalogs, targets
from .harness import Harness
from .modules import NO_TASK, subtract_empty_play, task_variant
from .samples import Sample, Section, interleave

LATENCY = 0.1


def customers(harness: Harness) -> Iterator[Section]:
    count = harness.settings.reduced(300)
    yield _unchanged(harness, count)
    yield _latency(harness, harness.settings.reduced(150))


def _rows(count: int) -> list[dict[str, Any]]:
    return [
        {"profile": {"email": f"customer-{number}@example.com"}, "offerings": [catalogs.offering_name(0)]}
        for number in range(count)
    ]


def _all(harness: Harness, name: str, rows: list[dict[str, Any]]) -> Callable[[], Sample]:
    return task_variant(
        harness, name, [{"reseller.sendgrid.sendgrid_accounts": {**harness.connection, "accounts": rows}}]
    )


def _unchanged(harness: Harness, count: int) -> Section:
    harness.serve_catalog(catalogs.SMALL)
    rows = _rows(count)
    options = {**harness.connection, "profile": "{{ item.profile }}", "offerings": "{{ item.offerings }}"}
    variants = {
        NO_TASK: task_variant(harness, "nothing", []),
        "all new": _all(harness, "all", rows),
        "all unchanged": _all(harness, "all", rows),
        "loop, unchanged": task_variant(
            harness, "loop", [{"reseller.sendgrid.sendgrid_account": options, "loop": rows}]
        ),
        "loop of ping": task_variant(harness, "ping-loop", [{"ansible.builtin.ping": {}, "loop": list(range(count))}]),
    }
    title = f"h. {count} customers, less a play without tasks"
    # A second round would find the accounts of the first one.
    section = Section(title, subtract_empty_play(interleave(title, 1, variants)))
    section.compare("all unchanged", "loop, unchanged", targets.ALL_LOOP)
    section.compare("all unchanged", "loop of ping")
    section.compare("all new", "all unchanged")
    for name in ("all new", "all unchanged", "loop, unchanged"):
        section.count(name)
    return section


def _latency(harness: Harness, count: int) -> Section:
    harness.serve_catalog(catalogs.SMALL)
    rows = _rows(count)
    variants = {NO_TASK: task_variant(harness, "nothing", []), "without latency": _all(harness, "latency", rows)}
    title = f"h. {count} customers, unchanged, {LATENCY} s for each read"
    _all(harness, "latency", rows)()
    samples = interleave(title, 1, variants)
    harness.sandbox.fault(method="GET", delay=LATENCY, apply=True)
    samples |= interleave(title, 1, {"with latency": variants["without latency"]})
    samples = subtract_empty_play(samples)
    # What the same reads would take one after the other.
    sequential = [sample._replace(wall=sample.requests * LATENCY) for sample in samples["with latency"]]
    section = Section(title, {**samples, "reads in a row": sequential})
    section.compare("with latency", "reads in a row", targets.READS_IN_A_ROW, "wall")
    section.count("with latency")
    return section
