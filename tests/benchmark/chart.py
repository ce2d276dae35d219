# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chart of the plays, as an SVG that needs nothing and can be read on light and dark ground."""

from __future__ import annotations

from html import escape
from pathlib import Path
from statistics import median

from .samples import Section

ROW = 26
LEFT = 150
FULL = 420
BASE = "no-op lookup"
# The header of this file is that of the chart.
HEAD = "".join(line.removeprefix("# ") for line in Path(__file__).read_text(encoding="utf-8").splitlines(True)[:3])
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
rect { fill: #8c959f }
.ours { fill: #1f7ae0 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>
"""


def chart(section: Section) -> str:
    """Draw what each variant of a section costs, in times of the no-op lookup."""
    base = section.samples[BASE]
    costs = {
        name: median(one.cpu / other.cpu for one, other in zip(found, base)) for name, found in section.samples.items()
    }
    height = ROW * (len(costs) + 1) + 10
    title = f"CPU time of a play, no-op lookup = 1: {section.title.partition(' ')[2]}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + FULL + 70} {height}" role="img">\n'
        f'<!--\n{HEAD}-->\n<title>{escape(title)}</title>\n{STYLE}<text x="8" y="18">{escape(title)}</text>\n'
    ]
    for index, (name, cost) in enumerate(costs.items(), start=1):
        top, width = ROW * index + 6, FULL * cost / max(costs.values())
        kind = ' class="ours"' if name.startswith("lookup") else ""
        parts.append(
            f'<text x="{LEFT - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{ROW - 8}"{kind}/>'
            f'<text x="{LEFT + width + 8:.1f}" y="{top + 14}">{cost:.2f}</text>\n'
        )
    return "".join([*parts, "</svg>\n"])
