# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links, sections and pictures of the HTML site, and the durations that the guide to the cache mentions."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import yaml
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import CACHE, CACHE_DEFAULT_ON, SETTINGS
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.reader import FRESH
from ansible_collections.reseller.sendgrid.tests.docsite.links import REPOSITORY, link_problems
from ansible_collections.reseller.sendgrid.tests.docsite.pages import add_sections, link_inside
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT

GUIDES = sorted((CHECKOUT / "docs" / "docsite" / "rst").glob("*.rst"))
# "make bench" draws it.
CHART = "benchmark.svg"
PICTURES = {path.name: path for path in (CHECKOUT / "docs" / "images").iterdir() if path.name != CHART}


def test_dead_links_are_found(tmp_path: Path) -> None:
    good = ["#here", "b.html", "b.html#there", "", "https://example.com/x", f"{REPOSITORY}/blob/main/README.md#try-it"]
    broken = ["#there", "b.html#here", "c.html", f"{REPOSITORY}/raw/main/none", f"{REPOSITORY}/tree/main/docs/none"]
    links = "".join(f'<a href="{link}"></a>' for link in good + broken)
    (tmp_path / "a.html").write_text(f'<p id="here">{links}</p>')
    (tmp_path / "b.html").write_text('<p id="there"><a href="a.html"><img src="none.png"></p>')
    (tmp_path / "lonely.html").write_text('<a href="lonely.html"></a>')
    assert list(link_problems(tmp_path)) == [
        *(f"a.html: {link} is broken" for link in sorted(broken)),
        "b.html: none.png is broken",
        "lonely.html: no page links to it",
    ]


def test_pages_link_to_pictures_and_examples_of_the_site() -> None:
    guide = f"`a\nb <{REPOSITORY}/blob/main/docs/examples/ci/x.yml>`_ `c <{REPOSITORY}/tree/main/docs/examples>`_"
    assert link_inside(guide) == ":doc:`a\nb </examples/ci/x.yml>` :doc:`c </examples/index>`"
    assert link_inside(f".. image:: {REPOSITORY}/raw/main/docs/images/x.svg") == ".. image:: /images/x.svg"


def test_headings_of_the_index_are_sections_of_the_sidebar() -> None:
    guides = "Communication\n-----\n\n{0}\nFirst steps\n-----\n\n{0}\n    docsite/a\n    docsite/b\n\n"
    modules = "Modules\n~~~~~\n\n* x\n\n{0}    :hidden:\n\n    x_module\n"
    label = ".. _plugin_index_for_reseller.sendgrid:\n\n"
    index = add_sections(f"{guides}{label}{modules}".format(".. toctree::\n    :maxdepth: 1\n"))
    sections = re.findall(r":caption: (.*)\n(?:    :hidden:\n)?\n((?:    .*\n)+)", index)
    assert [(caption, entries.split("\n")[0].strip()) for caption, entries in sections] == [
        ("First steps", "docsite/a"),
        ("Examples and index", "examples/index"),
        ("Modules", "x <x_module>"),
    ]


def test_index_names_each_guide_and_says_what_it_is_for() -> None:
    index = yaml.safe_load((CHECKOUT / "docs" / "docsite" / "extra-docs.yml").read_text())
    entries = {entry["ref"]: entry["title"] for section in index["sections"] for entry in section["toctree"]}
    assert sorted(entries) == [guide.stem for guide in GUIDES]
    for guide in GUIDES:
        title = re.findall(r"^(.+)\n=+$", guide.read_text(), re.MULTILINE)[0]
        assert re.fullmatch(rf"{title}: .+", entries[guide.stem])


def test_guides_show_all_pictures_with_their_descriptions_as_text() -> None:
    pattern = rf"^\.\. image:: {re.escape(REPOSITORY)}/raw/main/docs/images/(\S+)\n   :alt: (.+\n(?:      .+\n)*)"
    shown = dict(image for guide in GUIDES for image in re.findall(pattern, guide.read_text(), re.MULTILINE))
    assert sorted(shown) == sorted([*PICTURES, CHART])
    for name, path in PICTURES.items():
        assert ElementTree.parse(path).findtext("{*}desc") == " ".join(shown[name].split())


def test_pictures_look_alike_and_are_legible_on_a_phone() -> None:
    styles = set()
    for path in PICTURES.values():
        picture = ElementTree.parse(path).getroot()
        assert picture.get("width") == "360" and picture.get("viewBox") == f"0 0 360 {picture.get('height')}"
        assert picture.get("role") == "img" and picture.findtext("{*}title")
        styles.add(picture.findtext("{*}style"))
    (style,) = styles
    # On a dark page, text without a background of its own would vanish.
    assert "@media (prefers-color-scheme: dark)" in (style or "") and ".card" in (style or "")
    assert min(map(int, re.findall(r"(\d+)px", style or ""))) >= 12


def test_site_links_to_the_repository() -> None:
    links = yaml.safe_load((CHECKOUT / "docs" / "docsite" / "links.yml").read_text())
    galaxy = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())
    assert f"https://github.com/{links['edit_on_github']['repository']}" == galaxy["repository"] == REPOSITORY


def test_cache_guide_states_the_durations_in_the_code() -> None:
    guide = " ".join((CHECKOUT / "docs" / "docsite" / "rst" / "caching.rst").read_text().split())
    assert "sendgrid_offerings_gate#module` request the catalog each time" in guide
    assert CACHE["cache_ttl"]["default"] == 0
    assert "accept up to an hour" in guide
    assert SETTINGS["cache_ttl"]["default"] == CACHE_DEFAULT_ON["cache_ttl"]["default"] == 3600
    assert "of up to a minute counts as fresh" in guide
    assert FRESH == 60
