# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the HTML site of the collection in ``.cache/docs``, and check its internal links."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

from ..support.ansible_runner import CHECKOUT, ansible
from .links import REPOSITORY, link_problems
from .pages import add_pages

SITE = CHECKOUT / ".cache" / "docs"
COLLECTION = "reseller.sendgrid"
# The labels in Ansible's documentation that the pages refer to. A local inventory lets the build work offline.
ANSIBLE_DOCS = "https://docs.ansible.com/projects/ansible/latest/"
LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}
CONFIGURATION = f"""
intersphinx_mapping = {{'ansible': ({ANSIBLE_DOCS!r}, '../ansible.inv')}}
html_static_path = [{str(Path(__file__).parent / "static")!r}]
html_css_files = ["site.css"]
"""


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
        options = ("--use-current", "--squash-hierarchy", "--fail-on-error")
        names = (f"--project={COLLECTION}", f"--copyright=the {COLLECTION} contributors", COLLECTION)
        antsibull_docs = ("antsibull-docs", "--config-file=settings.cfg")
        run_command(environment, *antsibull_docs, "sphinx-init", *options, "--dest-dir=.", *names)
        (SITE / "ansible.inv").write_bytes(inventory())
        with (SITE / "conf.py").open("a") as configuration:
            configuration.write(CONFIGURATION)
        # What build.sh, which sphinx-init writes, does, with add_pages between its two steps.
        (SITE / "rst").chmod(0o700)
        run_command(environment, *antsibull_docs, "collection", *options, "--dest-dir=rst", COLLECTION)
        add_pages(SITE / "rst")
        run_command(environment, "sphinx-build", "-M", "html", "rst", "build", "-c", ".", "-W", "--keep-going")
    html = SITE / "build" / "html"
    problems = list(link_problems(html))
    print(*problems, html / "index.html", sep="\n")
    return 1 if problems else 0


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


if __name__ == "__main__":
    sys.exit(main())
