# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""a: plays whose tasks use the catalog from a variable of the play."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import offers, targets
from .samples import Sample, Section, interleave
from .stage import Stage

LOOKUP = "{{ query('reseller.sendgrid.offerings') }}"
NOOP = f"{{{{ query('benchmark.tools.noop', {offers.SMALL}) }}}}"
TASKS = 3


def use(expression: str) -> dict[str, Any]:
    """A task that evaluates an expression once, and neither starts a module nor uses a filter."""
    return {"ansible.builtin.assert": {"that": [f"{expression} != ''"], "quiet": True}}


def plays(stage: Stage) -> Iterator[Section]:
    for forks, rounds in [(5, 5), (50, 3)]:
        yield _section(stage, forks, stage.settings.rounds(rounds))


def _playbooks(stage: Stage) -> dict[str, Path]:
    uri = {"ansible.builtin.uri": {"url": stage.url, "headers": stage.headers}, "register": "answer"}
    answer = f"lookup('ansible.builtin.url', '{stage.url}', headers={stage.headers}, split_lines=false)"
    once = [
        {**uri, "run_once": True},
        {"ansible.builtin.set_fact": {"catalog": "{{ answer.json.catalog }}"}, "run_once": True},
    ]

    def playbook(name: str, catalog: Any, expression: str = "catalog[0].name", *before: dict[str, Any]) -> Path:
        variables = {"catalog": catalog} if catalog else {}
        return stage.playbook(f"play-{name}", [*before, *[use(expression)] * TASKS], variables)

    return {
        "static": playbook("static", offers.offerings(offers.SMALL)),
        "no-op": playbook("no-op", NOOP),
        "lookup": playbook("lookup", LOOKUP),
        "url": playbook("url", f"{{{{ ({answer} | from_json).catalog }}}}", "catalog[0].offering.name"),
        "uri once": playbook("uri-once", None, "catalog[0].offering.name", *once),
        "uri per host": playbook("uri-per-host", None, "answer.json.catalog[0].offering.name", uri),
    }


def _section(stage: Stage, forks: int, rounds: int) -> Section:
    stage.serve(offers.SMALL)
    playbooks = _playbooks(stage)
    hosts = stage.hosts(stage.settings.hosts)

    def variant(playbook: str, cache: str = "", environment: dict[str, str] | None = None) -> Callable[[], Sample]:
        def run() -> Sample:
            if cache == "cold":
                stage.wipe(cache)
            given = environment or (stage.cached(cache) if cache else None)
            return stage.play(playbooks[playbook], "-i", hosts, "-f", str(forks), environment=given)

        return run

    stage.play(playbooks["lookup"], "-i", stage.hosts(1), environment=stage.cached("warm"))
    title = f"a. {stage.settings.hosts} hosts x {TASKS} tasks, forks {forks}"
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
