# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the HTML site of the collection below .cache/docs, and follows each link that stays in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .support.ansible_runner import CHECKOUT, ansible

SITE = CHECKOUT / ".cache" / "docs"
REPOSITORY = "https://github.com/reseller-sendgrid/reseller.sendgrid"
# All of Ansible's documentation that the pages of a collection refer to by label. With it the build needs no network.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
LABELS = {
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}


def main() -> int:
    # A page that is gone would still be there to link to.
    shutil.rmtree(SITE, ignore_errors=True)
    # Elsewhere antsibull-docs refuses to write.
    SITE.mkdir(mode=0o700, parents=True)
    with ansible() as runner:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**runner.environment, "PATH": path}
        # Else each page would say that Galaxy has the collection.
        places = {"url": REPOSITORY, "install": f"ansible-galaxy collection install git+{REPOSITORY}.git"}
        settings = "".join(f'collection_{name} = {{\n  * = "{place}"\n}}\n' for name, place in places.items())
        (SITE / "places.cfg").write_text(settings)
        options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir=.")
        names = ("--project=reseller.sendgrid", "--copyright=the reseller.sendgrid contributors", "reseller.sendgrid")
        run(environment, "antsibull-docs", "--config-file=places.cfg", "sphinx-init", *options, *names)
        (SITE / "ansible.inv").write_bytes(inventory())
        with (SITE / "conf.py").open("a") as configuration:
            configuration.write(f"\nintersphinx_mapping = {{'ansible': ({ANSIBLE!r}, '../ansible.inv')}}\n")
        run(environment, "bash", "build.sh")
    html = SITE / "build" / "html"
    dead = list(dead_links(html))
    print(*dead, html / "index.html", sep="\n")
    return 1 if dead else 0


def run(environment: Mapping[str, str], *command: str) -> None:
    """Run a command in the site's folder, and show what it has printed only if it fails."""
    result = subprocess.run(
        command, cwd=SITE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode:
        sys.exit(result.stdout)


def inventory() -> bytes:
    """Return LABELS as Sphinx publishes the labels of a site."""
    lines = "".join(f"{label} std:label -1 {place} -\n" for label, place in LABELS.items())
    header = "# Sphinx inventory version 2\n# Project: Ansible\n# Version:\n# zlib\n"
    return header.encode() + zlib.compress(lines.encode())


class Page(HTMLParser):
    """A page's anchors, and where it leads to."""

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


def dead_links(html: Path) -> Iterator[str]:
    """Yield each link that leads to no page or anchor of the site, or to no file of this checkout."""
    pages = {path.resolve(): Page(path) for path in sorted(html.rglob("*.html"))}
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                own = re.match(rf"{re.escape(REPOSITORY)}/(?:blob|edit|tree)/main/([^?#]+)", link)
                is_dead = own is not None and not (CHECKOUT / unquote(own[1])).exists()
            else:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                is_dead = not target.exists() or (
                    target in pages and unquote(parts.fragment) not in pages[target].anchors
                )
            if is_dead:
                yield f"{path.relative_to(html.resolve())}: {link} leads nowhere"


if __name__ == "__main__":
    sys.exit(main())
