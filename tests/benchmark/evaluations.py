# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""c: one evaluation of a template in a fresh fork. d: catalogs of several sizes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from . import offers, targets
from .plays import LOOKUP, NOOP
from .samples import Sample, Samples, Section
from .stage import Stage

REPEATED = "repeated"


def evaluations(stage: Stage) -> Iterator[Section]:
    stage.serve(offers.SMALL)
    title = f"c. one evaluation in a fresh fork, {offers.SMALL} offerings"
    cold = stage.cached("cold")
    variants: dict[str, dict[str, Any]] = {
        "no-op": {"template": NOOP, "repeats": 10},
        "warm": {"template": LOOKUP, "repeats": 10, "environment": stage.cached("warm")},
        "cold": {"template": LOOKUP, "environment": cold, "wipe": [cold["SENDGRID_CACHE_DIR"]]},
        "import requests, get": {"get": stage.url, "headers": stage.headers},
    }
    section = Section(title, _evaluate(stage, title, stage.settings.evaluations(), variants))
    section.compare("warm", "no-op", targets.FIRST_WARM)
    section.compare(f"warm, {REPEATED}", f"no-op, {REPEATED}", targets.REPEATED_WARM)
    section.compare("cold", "import requests, get", targets.COLD_GET)
    yield section


def sizes(stage: Stage) -> Iterator[Section]:
    for size in dict.fromkeys(stage.settings.few_or(size) for size in (20, 2_000, 20_000)):
        yield _size(stage, size)


def _size(stage: Stage, size: int) -> Section:
    stage.serve(size)
    title = f"d. one evaluation in a fresh fork, {size} offerings, warm"
    name = offers.name(size // 2)
    cache = stage.cached(f"of-{size}")
    query = "query('reseller.sendgrid.offerings'"
    templates = {
        "no-op, whole": f"{{{{ query('benchmark.tools.noop', {size}) }}}}",
        "whole": f"{{{{ {query}) }}}}",
        "name by selectattr": f"{{{{ {query}) | selectattr('name', 'eq', '{name}') | list }}}}",
        "name by plugin": f"{{{{ {query}, names=['{name}']) }}}}",
    }
    variants: dict[str, dict[str, Any]] = {
        text: {"template": template, "environment": cache} for text, template in templates.items()
    }
    section = Section(title, _evaluate(stage, title, stage.settings.rounds(5), variants))
    largest = size == 20_000
    section.compare("name by plugin", "name by selectattr", targets.NAME_SELECTATTR if largest else None)
    section.compare("whole", "no-op, whole")
    section.compare("name by selectattr", "whole")
    return section


def _evaluate(stage: Stage, title: str, rounds: int, variants: dict[str, dict[str, Any]]) -> Samples:
    print(f"{title}: {rounds} rounds", file=sys.stderr)
    templates = {f"template_{index}": entry.get("template", "") for index, entry in enumerate(variants.values())}
    plan = {
        name: {"repeats": 0, **entry, "variable": variable}
        for variable, (name, entry) in zip(templates, variants.items())
    }
    result = stage.home / "evaluations.json"
    paths = {"plan": str(stage.file("plan.json", {"rounds": rounds, "variants": plan})), "result": str(result)}
    stage.play(stage.playbook("evaluate", [{"benchmark.tools.evaluate": paths}], templates))
    samples: Samples = {}
    for name, found in json.loads(result.read_text()).items():
        samples[name] = [Sample(times["cpu"][0], times["wall"][0]) for times in found]
        if plan[name]["repeats"]:
            samples[f"{name}, {REPEATED}"] = [Sample(_mean(times["cpu"]), _mean(times["wall"])) for times in found]
    return samples


def _mean(times: list[float]) -> float:
    """All but the first, together, as clocks of CPU time may be coarse."""
    return sum(times[1:]) / (len(times) - 1)
