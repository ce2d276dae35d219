# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the sandbox."""

from __future__ import annotations

from ansible_collections.reseller.sendgrid.tests.browser.layout import scrolls_sideways
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from playwright.sync_api import Browser, Locator, Page, expect

PACKAGE = {"name": "milne.ei.pro-100k.v1", "type": "package", "quantity": 1}
HOSTILE = "<script>document.title='a'</script><img src=x onerror=\"document.title='b'\"> & \u202ename"


def test_the_page_shows_what_happens(page: Page, sandbox: Sandbox) -> None:
    page.goto(sandbox.endpoint)
    title = page.title()
    expect(page.locator("#catalog")).to_contain_text("milne.x.email-validation.v1")
    expect(page.locator("#accounts")).to_contain_text("None")
    account_id = sandbox.create({"company_name": HOSTILE, "email": f"{'i' * 200}@example.com"}, [PACKAGE])
    sandbox.create({"company_name": "W" * 500}, [PACKAGE])
    sandbox.control("PUT", f"/accounts/{account_id}", {"state": "suspended"})
    row = page.locator("#accounts tbody tr", has_text=account_id)
    for text in (HOSTILE.replace("\u202e", "\\u202e"), "milne.ei.pro-100k.v1 × 1", "suspended"):
        expect(row).to_contain_text(text)
    expect(page.locator("#requests tbody tr")).to_have_count(2)
    assert page.title() == title
    assert not scrolls_sideways(page)


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return float(box["y"])


def test_updates_do_not_disturb_a_reader(page: Page, sandbox: Sandbox) -> None:
    def create(count: int) -> None:
        for _number in range(count):
            sandbox.create({}, [PACKAGE])

    create(40)
    page.goto(sandbox.endpoint)
    row = page.locator("#requests tbody tr").nth(35)
    row.scroll_into_view_if_needed()
    number, place = row.locator("td").first.inner_text(), top(row)
    create(3)
    expect(page.locator("#requests h2")).to_contain_text("43")
    same = page.locator("#requests tbody tr").nth(38)
    assert same.locator("td").first.inner_text() == number
    assert abs(top(same) - place) < 1

    page.locator("h1").select_text()
    expect(page.locator("#live")).to_have_text("Waits while text is selected")
    create(1)
    page.wait_for_timeout(2500)
    expect(page.locator("#requests h2")).to_contain_text("43")
    page.evaluate("getSelection().empty()")
    expect(page.locator("#requests h2")).to_contain_text("44")


def test_the_page_says_when_the_sandbox_has_ended(browser: Browser) -> None:
    # The browser reports the failed request as an error, so this is not the usual page.
    page = browser.new_page()
    with Sandbox() as sandbox:
        page.goto(sandbox.endpoint)
        expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#live")).to_contain_text("The sandbox does not respond. This is its state at ")
    expect(page.locator("#catalog")).to_contain_text("milne.x.email-validation.v1")
