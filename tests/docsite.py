# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the HTML site of the collection in ``.cache/docs``, and check its internal links."""

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
# The labels in Ansible's documentation that the pages refer to. A local inventory lets the build work offline.
ANSIBLE_DOCS = "https://docs.ansible.com/projects/ansible/latest/"
LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}


def main() -> int:
    # A page of an earlier build would hide broken links to it.
    shutil.rmtree(SITE, ignore_errors=True)
    # antsibull-docs refuses to write to a directory that others can write to.
    SITE.mkdir(mode=0o700, parents=True)
    with ansible() as runner:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**runner.environment, "PATH": path}
        # By default, each page says that the collection is on Galaxy.
        collection_settings = {"url": REPOSITORY, "install": f"ansible-galaxy collection install git+{REPOSITORY}.git"}
        config = "".join(
            f'collection_{name} = {{\n  * = "{value}"\n}}\n' for name, value in collection_settings.items()
        )
        (SITE / "settings.cfg").write_text(config)
        options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir=.")
        names = ("--project=reseller.sendgrid", "--copyright=the reseller.sendgrid contributors", "reseller.sendgrid")
        run_command(environment, "antsibull-docs", "--config-file=settings.cfg", "sphinx-init", *options, *names)
        (SITE / "ansible.inv").write_bytes(inventory())
        with (SITE / "conf.py").open("a") as configuration:
            configuration.write(f"\nintersphinx_mapping = {{'ansible': ({ANSIBLE_DOCS!r}, '../ansible.inv')}}\n")
        run_command(environment, "bash", "build.sh")
    html = SITE / "build" / "html"
    broken = list(dead_links(html))
    print(*broken, html / "index.html", sep="\n")
    return 1 if broken else 0


def run_command(environment: Mapping[str, str], *command: str) -> None:
    """Run a command in the directory of the site; exit with its output if it fails."""
    result = subprocess.run(
        command, cwd=SITE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode:
        sys.exit(result.stdout)


def inventory() -> bytes:
    """Return ``LABELS`` in the format of a Sphinx inventory (``objects.inv``)."""
    lines = "".join(f"{label} std:label -1 {location} -\n" for label, location in LABELS.items())
    header = "# Sphinx inventory version 2\n# Project: Ansible\n# Version:\n# zlib\n"
    return header.encode() + zlib.compress(lines.encode())


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


def dead_links(html: Path) -> Iterator[str]:
    """Yield each link to a missing page or anchor of the site, or to a missing file of this checkout."""
    pages = {path.resolve(): Page(path) for path in sorted(html.rglob("*.html"))}
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                repository_path = re.match(rf"{re.escape(REPOSITORY)}/(?:blob|edit|tree)/main/([^?#]+)", link)
                is_dead = repository_path is not None and not (CHECKOUT / unquote(repository_path[1])).exists()
            else:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                is_dead = not target.exists() or (
                    target in pages and unquote(parts.fragment) not in pages[target].anchors
                )
            if is_dead:
                yield f"{path.relative_to(html.resolve())}: {link} is broken"


if __name__ == "__main__":
    sys.exit(main())
