# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""f: many processes ask at once, an API that fails and one that is slow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import offers, targets
from .plays import LOOKUP, use
from .samples import Sample, Section, interleave
from .stage import Stage

# Long enough for all processes to start before the first has its answer.
DELAY = 2
PLAYBOOKS = 8
FORKS = 8


def stampedes(stage: Stage) -> Iterator[Section]:
    yield _failing(stage)
    yield _slow(stage)


def _failing(stage: Stage) -> Section:
    forks = stage.settings.few_or(50)
    stage.serve(offers.SMALL)
    stage.sandbox.fault(status=503, delay=DELAY)
    playbook = stage.playbook("failing", [{**use("catalog[0].name"), "ignore_errors": True}], {"catalog": LOOKUP})
    arguments: list[str | Path] = [playbook, "-i", stage.hosts(forks), "-f", str(forks)]

    def variant(environment: dict[str, str]) -> Callable[[], Sample]:
        def run() -> Sample:
            stage.wipe("failing")
            return stage.play(*arguments, environment={**environment, "SENDGRID_RETRIES": "0"})

        return run

    variants = {"lookup": variant(stage.cached("failing")), "lookup, no cache": variant({"SENDGRID_CACHE_TTL": "0"})}
    title = f"f. {forks} forks, an API that fails after {DELAY} s"
    section = Section(title, interleave(title, stage.settings.rounds(3), variants))
    section.compare("lookup", "lookup, no cache", targets.FAILING_WALL, "wall")
    section.count("lookup", targets.FAILING_REQUESTS)
    return section


def _slow(stage: Stage) -> Section:
    playbooks, forks = stage.settings.few_or(PLAYBOOKS), stage.settings.few_or(FORKS)
    stage.serve(offers.SMALL)
    stage.sandbox.fault(delay=DELAY)
    playbook = stage.playbook("slow", [use("catalog[0].name")], {"catalog": LOOKUP})
    arguments: list[str | Path] = [playbook, "-i", stage.hosts(forks), "-f", str(forks)]

    def variant(environment: dict[str, str]) -> Callable[[], Sample]:
        def run() -> Sample:
            stage.wipe("slow")
            before, started = stage.sandbox.count(), time.perf_counter()
            running = [stage.start(*arguments, environment=environment) for _index in range(playbooks)]
            samples = [one.finish() for one in running]
            wall = time.perf_counter() - started
            return Sample(sum(sample.cpu for sample in samples), wall, stage.sandbox.count() - before)

        return run

    variants = {"lookup": variant(stage.cached("slow")), "lookup, no cache": variant({"SENDGRID_CACHE_TTL": "0"})}
    title = f"f. {playbooks} playbooks at forks {forks}, cold, an API that answers after {DELAY} s"
    section = Section(title, interleave(title, stage.settings.rounds(2), variants, ["lookup, no cache"]))
    section.compare("lookup", "lookup, no cache")
    section.count("lookup", targets.REQUESTS_COLD)
    return section
