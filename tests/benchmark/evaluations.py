# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""c: one evaluation of a template in a fresh fork. d: catalogs of several sizes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from . import catalogs, targets
from .harness import Harness
from .plays import LOOKUP, NOOP
from .samples import Sample, Samples, Section

REPEATED = "repeated"


def evaluations(harness: Harness) -> Iterator[Section]:
    harness.serve_catalog(catalogs.SMALL)
    title = f"c. one evaluation in a fresh fork, {catalogs.SMALL} offerings"
    cold = harness.cache_environment("cold")
    variants: dict[str, dict[str, Any]] = {
        "no-op": {"template": NOOP, "repeats": 10},
        "warm": {"template": LOOKUP, "repeats": 10, "environment": harness.cache_environment("warm")},
        "cold": {"template": LOOKUP, "environment": cold, "remove": [cold["SENDGRID_CACHE_DIR"]]},
        "import requests, get": {"get": harness.url, "headers": harness.headers},
    }
    section = Section(title, _evaluate(harness, title, harness.settings.evaluations(), variants))
    section.compare("warm", "no-op", targets.FIRST_WARM)
    section.compare(f"warm, {REPEATED}", f"no-op, {REPEATED}", targets.REPEATED_WARM)
    section.compare("cold", "import requests, get", targets.COLD_GET)
    yield section


def sizes(harness: Harness) -> Iterator[Section]:
    for size in dict.fromkeys(harness.settings.reduced(size) for size in (20, 2_000, 20_000)):
        yield _catalog_size(harness, size)


def _catalog_size(harness: Harness, size: int) -> Section:
    harness.serve_catalog(size)
    title = f"d. one evaluation in a fresh fork, {size} offerings, warm"
    name = catalogs.offering_name(size // 2)
    cache = harness.cache_environment(f"of-{size}")
    query = "query('reseller.sendgrid.offerings'"
    templates = {
        "no-op, whole": f"{{{{ query('benchmark.tools.noop', {size}) }}}}",
        "whole": f"{{{{ {query}) }}}}",
        "name by selectattr": f"{{{{ {query}) | selectattr('name', 'eq', '{name}') | list }}}}",
        "name by plugin": f"{{{{ {query}, names=['{name}']) }}}}",
    }
    variants: dict[str, dict[str, Any]] = {
        label: {"template": template, "environment": cache} for label, template in templates.items()
    }
    section = Section(title, _evaluate(harness, title, harness.settings.rounds(5), variants))
    largest = size == 20_000
    section.compare("name by plugin", "name by selectattr", targets.NAME_SELECTATTR if largest else None)
    section.compare("whole", "no-op, whole")
    section.compare("name by selectattr", "whole")
    return section


def _evaluate(harness: Harness, title: str, rounds: int, variants: dict[str, dict[str, Any]]) -> Samples:
    print(f"{title}: {rounds} rounds", file=sys.stderr)
    templates = {f"template_{index}": entry.get("template", "") for index, entry in enumerate(variants.values())}
    plan = {
        name: {"repeats": 0, **entry, "variable": variable}
        for variable, (name, entry) in zip(templates, variants.items())
    }
    result = harness.home / "evaluations.json"
    paths = {"plan": str(harness.write_file("plan.json", {"rounds": rounds, "variants": plan})), "result": str(result)}
    harness.run_playbook(harness.write_playbook("evaluate", [{"benchmark.tools.evaluate": paths}], templates))
    samples: Samples = {}
    for name, rounds_of_variant in json.loads(result.read_text()).items():
        samples[name] = [Sample(times["cpu"][0], times["wall"][0]) for times in rounds_of_variant]
        if plan[name]["repeats"]:
            samples[f"{name}, {REPEATED}"] = [
                Sample(_mean(times["cpu"]), _mean(times["wall"])) for times in rounds_of_variant
            ]
    return samples


def _mean(times: list[float]) -> float:
    """Return the mean of all times but the first. Single times are unreliable, because CPU clocks can be coarse."""
    return sum(times[1:]) / (len(times) - 1)
