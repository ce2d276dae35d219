# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the site has and docs.ansible.com has not: its own pictures, pages of examples, sections in the sidebar.

antsibull-docs copies only the guides. Therefore the guides refer to pictures and examples in the repository.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ..support.ansible_runner import CHECKOUT
from .links import REPOSITORY

DOCS = CHECKOUT / "docs"
PICTURE = re.compile(rf"{re.escape(REPOSITORY)}/raw/main/docs/(images/\w+\.svg)")
EXAMPLE = re.compile(rf"`([^`<]+?)\s+<{re.escape(REPOSITORY)}/(?:blob|tree)/main/docs/examples(?:/([\w/]+\.yml))?>`_")


def add_pages(rst: Path) -> None:
    """Add pictures and examples to the pages that antsibull-docs has written."""
    for folder in ("images", "examples"):
        shutil.copytree(DOCS / folder, rst / folder)
    for guide in (rst / "docsite").glob("*.rst"):
        guide.write_text(link_inside(guide.read_text()))
    examples = sorted((rst / "examples").glob("**/*.yml"))
    for path in examples:
        path.with_name(f"{path.name}.rst").write_text(example_page(path))
    (rst / "examples" / "index.rst").write_text(list_of_examples(rst / "examples", examples))
    index = rst / "index.rst"
    index.write_text(add_sections(index.read_text()))
    # Core shows no environment variables of modules, so the page names only the lookup.
    variables = rst / "environment_variables.rst"
    variables.write_text(variables.read_text().replace("\n.. envvar::", f"\n{MODULES_TOO}\n.. envvar::", 1))


def link_inside(guide: str) -> str:
    """Return a guide whose pictures and examples are those of the site."""
    return EXAMPLE.sub(lambda link: f":doc:`{link[1]} </examples/{link[2] or 'index'}>`", PICTURE.sub(r"/\1", guide))


def example_page(path: Path) -> str:
    # The first lines are the licence.
    page = f"{path.name}\n{'=' * len(path.name)}\n\n" + include(path.name, "yaml+jinja") + "   :lines: 6-\n"
    for table in sorted(set(re.findall(r"\bvars/\w+\.csv", path.read_text()))):
        page += f"\n``{table}``:\n\n" + include(table, "text")
    return page


def include(path: str, language: str) -> str:
    return f".. literalinclude:: {path}\n   :language: {language}\n"


def purpose(path: Path) -> str:
    """Return the first sentence of the comment in a file of YAML."""
    comment = " ".join(re.findall(r"^# ?(.*)", path.read_text().split("\n\n")[1], re.MULTILINE))
    return re.split(r"(?<=[.:])\s", comment)[0].rstrip(":.") + "."


def list_of_examples(folder: Path, examples: list[Path]) -> str:
    names = [f"{path.relative_to(folder)}" for path in examples]
    items = [f"* :doc:`{name} <{name}>`: {purpose(folder / name)}\n" for name in names]
    title = "Example playbooks"
    entries = "".join(f"   {name}\n" for name in names)
    return f"{title}\n{'=' * len(title)}\n\n{''.join(items)}\n.. toctree::\n   :hidden:\n\n{entries}"


MORE = """\
Examples and index
------------------

.. toctree::
    :maxdepth: 1

    examples/index
    Environment variables <environment_variables>

"""
MODULES_TOO = """\
The modules read these variables too, see :ref:`where an option comes from
<ansible_collections.reseller.sendgrid.docsite.several_accounts.sources>`.
"""


def add_sections(index: str) -> str:
    """Return the page of the collection with more links, and with its headings as sections of the sidebar."""
    guides, label, plugins = index.partition(".. _plugin_index_for_reseller.sendgrid:\n")
    text = (
        guides + MORE + label + re.sub(r"^    (\w+)_(module|lookup)$", r"    \1 <\1_\2>", plugins, flags=re.MULTILINE)
    )

    def add_caption(toctree: re.Match[str]) -> str:
        heading = re.findall(r"^(.+)\n[-~]{3,}$", text[: toctree.start()], re.MULTILINE)[-1]
        return toctree[0].replace("1\n", f"1\n    :caption: {heading}\n", 1)

    return re.sub(
        r"^\.\. toctree::\n    :maxdepth: 1\n(    :hidden:\n)?\n    \S", add_caption, text, flags=re.MULTILINE
    )
