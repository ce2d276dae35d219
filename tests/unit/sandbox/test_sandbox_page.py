# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page for a browser: what it shows of what clients send, and how much of it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
import requests
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client


class Reader(HTMLParser):
    """Collects the tags and the text of a page, without its style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] not in ("style", "script"):
            self.text += data


def show(sandbox: Sandbox) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        response = session.get(f"{sandbox.endpoint}/", timeout=10)
    assert response.status_code == 200, response.text
    return response


HOSTILE = "</b><script>alert(1)</script><img src=x onerror='alert(2)'>\" & 'x'"


def test_all_text_of_clients_is_escaped(api: Client, sandbox: Sandbox) -> None:
    entitlements = {HOSTILE: HOSTILE, "right": "\u202eleft\u0000 \ud800", "nested": [HOSTILE] * 9}
    offering = {"name": HOSTILE, "type": "package", "quantity": 1}
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": offering, "entitlements": entitlements}]})
    profile = {"company_name": HOSTILE, "email": f'"{HOSTILE.replace(" ", "")}"@example.com'}
    sandbox.create(profile, [offering])
    sandbox.create({"first_name": "without a name that is shown"}, [offering])
    api("GET", f"/offerings/{HOSTILE}", params={HOSTILE: HOSTILE})
    api(HOSTILE.partition(">")[0].replace("<", "X").replace("/", "Y"), "/offerings")
    page = Reader(show(sandbox).text)
    assert page.text.count(HOSTILE) >= 4 and profile["email"][:99] in page.text
    assert "\\u202eleft\\u0000 \\ud800" in page.text and "no name or email" in page.text
    assert page.tags.count("script") == 1 and "img" not in page.tags


def test_scripts_of_others_are_forbidden(sandbox: Sandbox) -> None:
    policy = show(sandbox).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    assert all(sources.split()[1:] for sources in policy.split("; "))


def test_long_lists_and_texts_are_cut(api: Client, sandbox: Sandbox) -> None:
    sandbox.control("PUT", "/rate-limit", {"limit": 0})
    long = "W" * 1_000
    package = {"name": f"package {long}", "type": "package"}
    addons = [{"name": f"{number} {long[:number]}", "type": "addon"} for number in range(20)]
    entitlements = {addon["name"]: 1 for addon in addons}
    entries: list[Any] = [{"offering": offering, "entitlements": entitlements} for offering in (package, *addons)]
    sandbox.control("PUT", "/catalog", {"catalog": entries * 1_000})
    for number in range(120):
        sandbox.create({"company_name": f"customer {number} {long}"}, [package, *addons])
    page = show(sandbox)
    text = Reader(page.text).text
    assert len(page.content) < 300_000
    assert page.elapsed.total_seconds() < 2
    assert text.count("120, of which the newest 100 are shown") == 2
    assert "21,000, of which the first 100 are shown" in text and text.count("and 13 more") == 100
    assert "customer 119 W" in text and "customer 20 W" in text and "customer 19 W" not in text


@pytest.mark.parametrize(
    "document",
    [None, [], {"catalog": {}}, {"catalog": [None, 1, {"offering": []}, {"offering": {}, "entitlements": 1}]}],
)
def test_a_catalog_that_is_none_is_shown(sandbox: Sandbox, document: Any) -> None:
    sandbox.control("PUT", "/catalog", document)
    entries = document["catalog"] if isinstance(document, dict) else []
    assert f"Catalog {len(entries)}" in Reader(show(sandbox).text).text


def test_the_page_is_no_request_and_shows_no_key(api: Client, sandbox: Sandbox) -> None:
    api("GET", "/offerings")
    sandbox.fault(cut="before")
    with pytest.raises(requests.ConnectionError):
        api("GET", "/offerings")
    page = show(sandbox).text
    text = Reader(page).text
    assert "Requests 2; 1 × 200, 1 × cut; 1 fault" in text and text.count("GET/v3/partners/offerings") == 2
    assert sandbox.key not in page
    assert sandbox.count() == 2
