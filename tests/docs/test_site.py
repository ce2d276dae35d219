# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links of the HTML site, and the durations that the guide to the cache mentions."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import CACHE, CACHE_DEFAULT_ON, SETTINGS
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.reader import FRESH
from ansible_collections.reseller.sendgrid.tests.docsite import REPOSITORY, dead_links
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT


def test_dead_links_are_found(tmp_path: Path) -> None:
    good = ["#here", "b.html", "b.html#there", "", "https://example.com/x", f"{REPOSITORY}/blob/main/README.md#try-it"]
    broken = ["#there", "b.html#here", "c.html", f"{REPOSITORY}/tree/main/docs/none"]
    links = "".join(f'<a href="{link}"></a>' for link in good + broken)
    (tmp_path / "a.html").write_text(f'<p id="here">{links}</p>')
    (tmp_path / "b.html").write_text('<p id="there"><img src="none.png"></p>')
    assert list(dead_links(tmp_path)) == [
        *(f"a.html: {link} is broken" for link in sorted(broken)),
        "b.html: none.png is broken",
    ]


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
