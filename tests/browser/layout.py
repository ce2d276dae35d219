# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of pages measure."""

from __future__ import annotations

from playwright.sync_api import Page


def scrolls_sideways(page: Page) -> bool:
    """Return whether the page is wider than its window."""
    width = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
    return bool(page.evaluate(f"{width} > document.documentElement.clientWidth"))
