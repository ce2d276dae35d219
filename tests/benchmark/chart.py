# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chart of the plays, as an SVG file for light and dark backgrounds."""

from __future__ import annotations

from html import escape
from pathlib import Path
from statistics import median

from .samples import Section

ROW_HEIGHT = 26
LABEL_WIDTH = 150
MAX_BAR_WIDTH = 420
BASELINE = "no-op lookup"
# The chart has the same license header as this file.
LICENSE_HEADER = "".join(
    line.removeprefix("# ") for line in Path(__file__).read_text(encoding="utf-8").splitlines(True)[:3]
)
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
rect { fill: #8c959f }
.card { fill: #ffffff; stroke: #d0d7de }
.ours { fill: #1f7ae0 }
@media (prefers-color-scheme: dark) { .card { fill: #0d1117; stroke: #3d444d } text { fill: #f0f6fc } }
</style>
"""


def chart(section: Section) -> str:
    """Return the CPU time of each variant of a section as SVG, relative to the no-op lookup."""
    baseline = section.samples[BASELINE]
    costs = {
        name: median(sample.cpu / base.cpu for sample, base in zip(samples, baseline))
        for name, samples in section.samples.items()
    }
    height = ROW_HEIGHT * (len(costs) + 1) + 10
    total_width = LABEL_WIDTH + MAX_BAR_WIDTH + 70
    title = f"CPU time of a play, no-op lookup = 1: {section.title.partition(' ')[2]}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total_width} {height}" role="img">\n'
        f"<!--\n{LICENSE_HEADER}-->\n<title>{escape(title)}</title>\n{STYLE}"
        # Without a background of its own, the text could have the colour of the page.
        f'<rect class="card" x="0.5" y="0.5" width="{total_width - 1}" height="{height - 1}" rx="6"/>\n'
        f'<text x="8" y="18">{escape(title)}</text>\n'
    ]
    for index, (name, cost) in enumerate(costs.items(), start=1):
        top, width = ROW_HEIGHT * index + 6, MAX_BAR_WIDTH * cost / max(costs.values())
        css_class = ' class="ours"' if name.startswith("lookup") else ""
        parts.append(
            f'<text x="{LABEL_WIDTH - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{LABEL_WIDTH}" y="{top}" width="{width:.1f}" height="{ROW_HEIGHT - 8}"{css_class}/>'
            f'<text x="{LABEL_WIDTH + width + 8:.1f}" y="{top + 14}">{cost:.2f}</text>\n'
        )
    return "".join([*parts, "</svg>\n"])
