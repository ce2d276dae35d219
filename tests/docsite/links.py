# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links between the pages of the site, and from them to this checkout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..support.ansible_runner import CHECKOUT

REPOSITORY = "https://github.com/reseller-sendgrid/reseller.sendgrid"


class Page(HTMLParser):
    """The anchors of an HTML page, and its links."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors = {""}
        self.links: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value or "")
            elif name in ("href", "src"):
                self.links.add(value or "")


def link_problems(html: Path) -> Iterator[str]:
    """Yield each link to a missing page, anchor or file of this checkout, and each page that no other page links to."""
    pages = {path.resolve(): Page(path) for path in sorted(html.rglob("*.html"))}
    # The theme submits a form to this page.
    linked = {html.resolve() / "search.html"}
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                repository_path = re.match(rf"{re.escape(REPOSITORY)}/(?:blob|edit|raw|tree)/main/([^?#]+)", link)
                is_dead = repository_path is not None and not (CHECKOUT / unquote(repository_path[1])).exists()
            else:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                is_dead = not target.exists() or (
                    target in pages and unquote(parts.fragment) not in pages[target].anchors
                )
                linked |= {target} - {path}
            if is_dead:
                yield f"{path.relative_to(html.resolve())}: {link} is broken"
    for path in pages.keys() - linked:
        yield f"{path.relative_to(html.resolve())}: no page links to it"
