# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results as a table and as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from statistics import median
from typing import Any

from .samples import Line, Section

WIDTH = 48


def table(section: Section) -> Iterator[str]:
    yield ""
    yield section.title
    has_requests = any(sample.requests for samples in section.samples.values() for sample in samples)
    yield f"  {'medians':{WIDTH}}{'CPU ms':>12}{'wall ms':>12}" + "    requests" * has_requests
    for name, samples in section.samples.items():
        cpu, wall, requests = (
            median(getattr(sample, key) for sample in samples) for key in ("cpu", "wall", "requests")
        )
        yield f"  {name:{WIDTH}}{cpu * 1000:12.1f}{wall * 1000:12.1f}" + f"{requests:12g}" * has_requests
    header: list[str] = []
    for line in section.lines:
        if header != (header := list(line.columns)):
            headings = "".join(f"{column:>24}" for column in header)
            yield f"  {'medians of rounds (lowest–highest)':{WIDTH}}{headings}   at most"
        yield _line(line)


def _line(line: Line) -> str:
    cells = "".join(f"{_cell(values):>24}" for values in line.columns.values())
    target = ""
    if line.target is not None:
        target = f"   {line.target:g} ({line.target_column}), {'met' if line.target_met() else 'MISSED'}"
    return f"  {line.text:{WIDTH}}{cells}{target}"


def _cell(values: list[float]) -> str:
    digits = 0 if all(value == int(value) for value in values) else 1 if min(values) > 20 else 3
    middle, low, high = (f"{value:.{digits}f}" for value in (median(values), min(values), max(values)))
    return f"{middle} ({low}–{high})"


def json_document(sections: list[Section]) -> dict[str, Any]:
    """Return all measurements and the versions that they depend on, but not the name of the machine."""
    return {
        "environment": {
            "ansible-core": version("ansible-core"),
            "requests": version("requests"),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "processors": os.cpu_count(),
        },
        "sections": [
            {
                "title": section.title,
                "rounds": {name: [sample._asdict() for sample in samples] for name, samples in section.samples.items()},
                "lines": [line._asdict() for line in section.lines],
            }
            for section in sections
        ],
    }
