# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what the collection costs, against the sandbox: ``python -m tests.benchmark --help``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..support.ansible_runner import CHECKOUT, ansible
from ..support.sandbox_client import Sandbox
from .chart import chart
from .concurrency import concurrency
from .customers import customers
from .evaluations import evaluations, sizes
from .harness import Harness, Settings
from .memory import memory
from .modules import modules, orders
from .plays import plays
from .report import json_document, table
from .samples import Section

SECTIONS: dict[str, Callable[[Harness], Iterator[Section]]] = {
    "a": plays,
    "b": modules,
    "c": evaluations,
    "d": sizes,
    "e": orders,
    "f": concurrency,
    "g": memory,
    "h": customers,
}


def main() -> int:
    args = _parse_arguments()
    start_time = time.perf_counter()
    sections = []
    with Sandbox() as sandbox, ansible(keep_compiled=False) as runner:
        harness = Harness(Settings(args.hosts, args.rounds, args.quick), runner, sandbox)
        for letter in args.only:
            for section in SECTIONS[letter](harness):
                sections.append(section)
                print("\n".join(table(section)), flush=True)
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(json_document(sections), indent=1) + "\n")
    if args.chart:
        args.chart.write_text(chart(sections[0]))
    results = [line.target_met() for section in sections for line in section.lines]
    seconds = time.perf_counter() - start_time
    print(f"\n{results.count(True)} targets met, {results.count(False)} missed, in {seconds:.0f} s")
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Measure what the collection costs, against the sandbox. Ratios compare runs of the same round.",
        epilog="Sections: a plays, b modules, c evaluations of the lookup, d sizes of the catalog, e orders, "
        "f many processes at once, g memory, h many customers.",
    )
    parser.add_argument("--hosts", type=int, metavar="N", help="number of hosts in the plays (default: 50)")
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="number of rounds, instead of the default of each section"
    )
    parser.add_argument(
        "--only", default="".join(SECTIONS), metavar="SECTIONS", help="run only these sections, such as a,c"
    )
    parser.add_argument("--quick", action="store_true", help="only check that the benchmark works")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw the first section as SVG")
    parser.add_argument("--json", type=Path, metavar="FILE", default=CHECKOUT / ".cache" / "benchmark.json")
    args = parser.parse_args()
    args.only = args.only.replace(",", "")
    if unknown := set(args.only) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    if args.chart and not args.only.startswith("a"):
        parser.error("the chart needs section a")
    return args


if __name__ == "__main__":
    sys.exit(main())
