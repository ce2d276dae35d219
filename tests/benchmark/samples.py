# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Samples, and comparisons between them.

Only samples of the same round are compared, because the speed of a machine can change during a run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple


class Sample(NamedTuple):
    """One run.

    :param cpu: CPU time in seconds, with all descendants.
    :param wall: elapsed time in seconds.
    :param requests: number of requests that the server received.
    :param memory: peak memory of the largest process, in MB.
    """

    cpu: float
    wall: float
    requests: float = 0
    memory: float = 0

    def minus(self, other: Sample) -> Sample:
        """Subtract the times of another run."""
        return self._replace(cpu=self.cpu - other.cpu, wall=self.wall - other.wall)


# One sample per round, by variant.
Samples = dict[str, list[Sample]]


def interleave(
    title: str, rounds: int, variants: Mapping[str, Callable[[], Sample]], slow: Iterable[str] = ()
) -> Samples:
    """Run all variants in each round, the slow ones only in the first half of the rounds."""
    samples: Samples = {name: [] for name in variants}
    for round_index in range(rounds):
        for name, run in variants.items():
            if name not in slow or round_index < max(1, rounds // 2):
                print(f"{title}: round {round_index + 1} of {rounds}, {name}", file=sys.stderr)
                samples[name].append(run())
    return samples


class Line(NamedTuple):
    """A line of the table. Each column has one value per round."""

    text: str
    columns: dict[str, list[float]]
    # The maximum for the median of ``target_column``, if there is one.
    target: float | None = None
    target_column: str = ""

    def target_met(self) -> bool | None:
        """Return whether the target is met, ``None`` without a target."""
        return None if self.target is None else median(self.columns[self.target_column]) <= self.target


@dataclass
class Section:
    title: str
    samples: Samples
    lines: list[Line] = field(default_factory=list)

    def compare(
        self, numerator: str, denominator: str, target: float | None = None, target_column: str = "CPU"
    ) -> None:
        """Add the ratios of two variants, for each round in which both ran."""
        pairs = list(zip(self.samples[numerator], self.samples[denominator]))
        columns = {
            "CPU": [sample.cpu / base.cpu for sample, base in pairs],
            "wall": [sample.wall / base.wall for sample, base in pairs],
        }
        self.lines.append(Line(f"{numerator} / {denominator}", columns, target, target_column))

    def count(self, variant: str, target: float | None = None) -> None:
        """Add the number of requests of a variant."""
        columns = {"requests": [sample.requests for sample in self.samples[variant]]}
        self.lines.append(Line(f"requests, {variant}", columns, target, "requests"))
