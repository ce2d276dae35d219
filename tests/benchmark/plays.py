# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""a: plays whose tasks use the catalog from a variable of the play."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import catalogs, targets
from .harness import Harness
from .samples import Sample, Section, interleave

LOOKUP = "{{ query('reseller.sendgrid.offerings') }}"
NOOP = f"{{{{ query('benchmark.tools.noop', {catalogs.SMALL}) }}}}"
TASKS = 3


def assert_task(expression: str) -> dict[str, Any]:
    """Return a task that evaluates an expression once, without a module or a filter."""
    return {"ansible.builtin.assert": {"that": [f"{expression} != ''"], "quiet": True}}


def plays(harness: Harness) -> Iterator[Section]:
    for forks, rounds in [(5, 5), (50, 3)]:
        yield _play_section(harness, forks, harness.settings.rounds(rounds))


def _playbooks(harness: Harness) -> dict[str, Path]:
    uri = {"ansible.builtin.uri": {"url": harness.url, "headers": harness.headers}, "register": "response"}
    response = f"lookup('ansible.builtin.url', '{harness.url}', headers={harness.headers}, split_lines=false)"
    run_once_tasks = [
        {**uri, "run_once": True},
        {"ansible.builtin.set_fact": {"catalog": "{{ response.json.catalog }}"}, "run_once": True},
    ]

    def playbook(name: str, catalog: Any, expression: str = "catalog[0].name", *tasks_before: dict[str, Any]) -> Path:
        variables = {"catalog": catalog} if catalog else {}
        return harness.write_playbook(f"play-{name}", [*tasks_before, *[assert_task(expression)] * TASKS], variables)

    return {
        "static": playbook("static", catalogs.plugin_result(catalogs.SMALL)),
        "no-op": playbook("no-op", NOOP),
        "lookup": playbook("lookup", LOOKUP),
        "url": playbook("url", f"{{{{ ({response} | from_json).catalog }}}}", "catalog[0].offering.name"),
        "uri once": playbook("uri-once", None, "catalog[0].offering.name", *run_once_tasks),
        "uri per host": playbook("uri-per-host", None, "response.json.catalog[0].offering.name", uri),
    }


def _play_section(harness: Harness, forks: int, rounds: int) -> Section:
    harness.serve_catalog(catalogs.SMALL)
    playbooks = _playbooks(harness)
    hosts = harness.inventory(harness.settings.hosts)

    def variant(playbook: str, cache: str = "", environment: dict[str, str] | None = None) -> Callable[[], Sample]:
        def measure() -> Sample:
            if cache == "cold":
                harness.remove_cache(cache)
            run_environment = environment or (harness.cache_environment(cache) if cache else None)
            return harness.run_playbook(playbooks[playbook], "-i", hosts, "-f", str(forks), environment=run_environment)

        return measure

    harness.run_playbook(playbooks["lookup"], "-i", harness.inventory(1), environment=harness.cache_environment("warm"))
    title = f"a. {harness.settings.hosts} hosts x {TASKS} tasks, forks {forks}"
    variants = {
        "static variable": variant("static"),
        "no-op lookup": variant("no-op"),
        "lookup warm": variant("lookup", "warm"),
        "lookup cold": variant("lookup", "cold"),
        "lookup, no cache": variant("lookup", environment={"SENDGRID_CACHE_TTL": "0"}),
        "url + from_json": variant("url"),
        "uri once": variant("uri once"),
        "uri per host": variant("uri per host"),
    }
    slow = ["lookup, no cache", "url + from_json", "uri per host"]
    section = Section(title, interleave(title, rounds, variants, slow))
    section.compare("lookup warm", "no-op lookup", targets.PLAY_WARM)
    section.compare("lookup cold", "no-op lookup", targets.PLAY_COLD)
    section.compare("lookup, no cache", "no-op lookup")
    section.compare("static variable", "no-op lookup")
    section.compare("lookup warm", "url + from_json", targets.PLAY_URL)
    section.compare("lookup warm", "uri once")
    section.compare("lookup warm", "uri per host", targets.PLAY_URI)
    section.count("lookup warm", targets.REQUESTS_WARM)
    section.count("lookup cold", targets.REQUESTS_COLD)
    return section
