# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of the documentation, as ``make docs`` has built them."""

from __future__ import annotations

from ansible_collections.reseller.sendgrid.tests.browser.layout import scrolls_sideways
from ansible_collections.reseller.sendgrid.tests.docsite.__main__ import SITE
from playwright.sync_api import Page


def test_no_page_is_wider_than_its_window(page: Page) -> None:
    pages = sorted((SITE / "build" / "html").rglob("*.html"))
    assert pages
    wide = []
    for path in pages:
        page.goto(path.as_uri())
        if scrolls_sideways(page):
            wide.append(path.name)
    assert wide == []
