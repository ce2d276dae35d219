# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured, and how it is compared: within a round, so that a machine that slows down slows both."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple


class Sample(NamedTuple):
    """One run: seconds, requests that the server counted, MB of the largest process."""

    cpu: float
    wall: float
    requests: float = 0
    memory: float = 0

    def less(self, other: Sample) -> Sample:
        """What this run cost beyond the other."""
        return self._replace(cpu=self.cpu - other.cpu, wall=self.wall - other.wall)


# For each variant, its sample in each round.
Samples = dict[str, list[Sample]]


def interleave(
    title: str, rounds: int, variants: Mapping[str, Callable[[], Sample]], slow: Iterable[str] = ()
) -> Samples:
    """Run all variants in turn, again and again; those that are slow only in the first half of the rounds."""
    samples: Samples = {name: [] for name in variants}
    for round_ in range(rounds):
        for name, run in variants.items():
            if name not in slow or round_ < max(1, rounds // 2):
                print(f"{title}: round {round_ + 1} of {rounds}, {name}", file=sys.stderr)
                samples[name].append(run())
    return samples


class Line(NamedTuple):
    """A line of the table: for each column, one value a round."""

    text: str
    columns: dict[str, list[float]]
    # At most so much, in the column that is named, or nothing.
    target: float | None = None
    judged: str = ""

    def met(self) -> bool | None:
        return None if self.target is None else median(self.columns[self.judged]) <= self.target


@dataclass
class Section:
    title: str
    samples: Samples
    lines: list[Line] = field(default_factory=list)

    def compare(self, over: str, under: str, target: float | None = None, judged: str = "CPU") -> None:
        """Add the ratios of two variants, one for each round in which both ran."""
        pairs = list(zip(self.samples[over], self.samples[under]))
        columns = {
            "CPU": [one.cpu / other.cpu for one, other in pairs],
            "wall": [one.wall / other.wall for one, other in pairs],
        }
        self.lines.append(Line(f"{over} / {under}", columns, target, judged))

    def count(self, variant: str, target: float | None = None) -> None:
        """Add how many requests a variant sent."""
        columns = {"requests": [sample.requests for sample in self.samples[variant]]}
        self.lines.append(Line(f"requests, {variant}", columns, target, "requests"))
