# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""f: many processes need the catalog at the same time, from an API that fails and from one that is slow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import catalogs, targets
from .harness import Harness
from .plays import LOOKUP, assert_task
from .samples import Sample, Section, interleave

# In seconds. All processes have to start before the first one receives its response.
DELAY = 2
PLAYBOOKS = 8
FORKS = 8


def concurrency(harness: Harness) -> Iterator[Section]:
    yield _failing_api(harness)
    yield _slow_api(harness)


def _failing_api(harness: Harness) -> Section:
    forks = harness.settings.reduced(50)
    harness.serve_catalog(catalogs.SMALL)
    harness.sandbox.fault(status=503, delay=DELAY)
    playbook = harness.write_playbook(
        "failing", [{**assert_task("catalog[0].name"), "ignore_errors": True}], {"catalog": LOOKUP}
    )
    arguments: list[str | Path] = [playbook, "-i", harness.inventory(forks), "-f", str(forks)]

    def variant(environment: dict[str, str]) -> Callable[[], Sample]:
        def measure() -> Sample:
            harness.remove_cache("failing")
            return harness.run_playbook(*arguments, environment={**environment, "SENDGRID_RETRIES": "0"})

        return measure

    variants = {
        "lookup": variant(harness.cache_environment("failing")),
        "lookup, no cache": variant({"SENDGRID_CACHE_TTL": "0"}),
    }
    title = f"f. {forks} forks, an API that fails after {DELAY} s"
    section = Section(title, interleave(title, harness.settings.rounds(3), variants))
    section.compare("lookup", "lookup, no cache", targets.FAILING_WALL, "wall")
    section.count("lookup", targets.FAILING_REQUESTS)
    return section


def _slow_api(harness: Harness) -> Section:
    playbooks, forks = harness.settings.reduced(PLAYBOOKS), harness.settings.reduced(FORKS)
    harness.serve_catalog(catalogs.SMALL)
    harness.sandbox.fault(delay=DELAY)
    playbook = harness.write_playbook("slow", [assert_task("catalog[0].name")], {"catalog": LOOKUP})
    arguments: list[str | Path] = [playbook, "-i", harness.inventory(forks), "-f", str(forks)]

    def variant(environment: dict[str, str]) -> Callable[[], Sample]:
        def measure() -> Sample:
            harness.remove_cache("slow")
            requests_before, start_time = harness.sandbox.count(), time.perf_counter()
            runs = [harness.start_playbook(*arguments, environment=environment) for _index in range(playbooks)]
            samples = [run.wait() for run in runs]
            wall = time.perf_counter() - start_time
            return Sample(sum(sample.cpu for sample in samples), wall, harness.sandbox.count() - requests_before)

        return measure

    variants = {
        "lookup": variant(harness.cache_environment("slow")),
        "lookup, no cache": variant({"SENDGRID_CACHE_TTL": "0"}),
    }
    title = f"f. {playbooks} playbooks at forks {forks}, cold, an API that responds after {DELAY} s"
    section = Section(title, interleave(title, harness.settings.rounds(2), variants, ["lookup, no cache"]))
    section.compare("lookup", "lookup, no cache")
    section.count("lookup", targets.REQUESTS_COLD)
    return section
