# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on accounts with valid requests."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client

PACKAGE = {"name": "org.ei.free.v1", "type": "package", "quantity": 1}
IPS = {"name": "milne.x.ip.v2", "type": "addon", "quantity": 2}


def test_the_catalog_has_all_kinds_of_entries_that_clients_must_support(api: Client) -> None:
    response = api("GET", "/offerings")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    catalog = response.json()["catalog"]
    names = [entry["offering"]["name"] for entry in catalog]
    assert len(set(names)) == len(names)
    assert {"org.ei.free.v1", "milne.ei.pro-100k.v1", "milne.ei.free-100.v1", "milne.x.ip.v2"} < set(names)
    assert sum(entry["offering"]["type"] == "package" for entry in catalog) >= 12
    assert sum(entry["offering"]["type"] == "addon" for entry in catalog) >= 5
    assert any("entitlements" not in entry for entry in catalog)
    assert any("quantity" not in entry["offering"] for entry in catalog)
    assert {"milne.ei.essentials-100k.v1", "milne.ei.essentials-100k.v2"} < set(names)


def test_a_created_account_can_be_read(api: Client, sandbox: Sandbox) -> None:
    profile = {
        "first_name": "Sender",
        "last_name": "Wiz",
        "company_name": "Example Co",
        "company_website": "https://example.com",
        "email": "mail@example.com",
        "phone": "+49301234567",
        "timezone": "Asia/Tokyo",
    }
    response = api("POST", "/accounts", json={"profile": profile, "offerings": [PACKAGE, IPS]})
    assert response.status_code == 201
    account_id = response.json()["account_id"]
    assert re.fullmatch(r"sg[0-9a-f]{32}", account_id)
    assert api("GET", f"/accounts/{account_id}/offerings").json() == {"offerings": [PACKAGE, IPS]}
    assert api("GET", f"/accounts/{account_id}/state").json() == {"state": "activated"}
    (listed,) = api("GET", "/accounts").json()["accounts"]
    assert listed["id"] == account_id and listed["email"] == "mail@example.com"
    assert datetime.strptime(listed["created_at"], "%Y-%m-%dT%H:%M:%SZ")
    (stored,) = sandbox.control("GET", "/accounts")
    assert stored["profile"] == profile and stored["test"] is False


def test_the_default_quantity_is_1(api: Client) -> None:
    account_id = api.create({"name": "org.ei.free.v1", "type": "package"})
    assert api("GET", f"/accounts/{account_id}/offerings").json() == {"offerings": [PACKAGE]}


def test_two_accounts_can_have_the_same_email(api: Client) -> None:
    order = {"profile": {"email": "mail@example.com"}, "offerings": [PACKAGE]}
    ids = {api("POST", "/accounts", json=order).json()["account_id"] for _count in range(2)}
    assert len(ids) == 2


def test_a_header_creates_a_test_account(api: Client, sandbox: Sandbox) -> None:
    api.create(headers={"T-Test-Account": "true"})
    assert [account["test"] for account in sandbox.control("GET", "/accounts")] == [True]


def test_replacing_offerings_replaces_all_of_them(api: Client) -> None:
    account_id = api.create(PACKAGE, IPS)
    larger_package = {"name": "milne.ei.pro-100k.v1", "type": "package", "quantity": 1}
    for _count in range(2):
        response = api("PUT", f"/accounts/{account_id}/offerings", json={"offerings": [larger_package]})
        assert (response.status_code, response.json()) == (200, {"offerings": [larger_package]})
    assert api("PUT", f"/accounts/{account_id}/offerings", json={"offerings": []}).json() == {"offerings": []}


def test_an_account_can_be_deleted(api: Client) -> None:
    account_id, other = api.create(), api.create()
    response = api("DELETE", f"/accounts/{account_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert api("GET", f"/accounts/{account_id}/state").status_code == 404
    assert api("DELETE", f"/accounts/{account_id}").status_code == 404
    assert [account["id"] for account in api("GET", "/accounts").json()["accounts"]] == [other]


def test_the_state_of_an_account_can_be_changed(api: Client) -> None:
    account_id = api.create()
    for state in ("deactivated", "deactivated", "activated"):
        response = api("PUT", f"/accounts/{account_id}/state", json={"state": state})
        assert (response.status_code, response.content) == (204, b"")
        assert api("GET", f"/accounts/{account_id}/state").json() == {"state": state}


@pytest.mark.parametrize("state", ["suspended", "banned", "indeterminate"])
def test_an_account_in_a_state_set_by_the_vendor_cannot_be_changed(api: Client, sandbox: Sandbox, state: str) -> None:
    account_id = api.create()
    assert sandbox.control("PUT", f"/accounts/{account_id}", {"state": state})["state"] == state
    assert api("GET", f"/accounts/{account_id}/state").json() == {"state": state}
    response = api("PUT", f"/accounts/{account_id}/state", json={"state": "activated"})
    assert response.status_code == 400
    assert state in response.json()["errors"][0]["message"]


def test_single_sign_on_redirects_with_a_new_code(api: Client) -> None:
    account_id = api.create()
    responses = [api("POST", f"/accounts/{account_id}/sso") for _count in range(2)]
    assert [response.status_code for response in responses] == [303, 303]
    locations = [urlsplit(response.headers["Location"]) for response in responses]
    assert [(part.scheme, part.hostname) for part in locations] == [("https", "app.sendgrid.com")] * 2
    assert locations[0].query != locations[1].query


def test_accounts_are_listed_in_pages(api: Client) -> None:
    ids = [api.create() for _count in range(12)]

    def page(**query: object) -> tuple[list[str], str]:
        response = api("GET", "/accounts", params=query).json()
        return [account["id"] for account in response["accounts"]], response["pages"]["last"]

    assert page() == (ids[:10], ids[9])
    assert page(limit=100) == (ids, ids[11])
    assert page(limit=5, offset=ids[4]) == (ids[5:10], ids[9])
    assert page(offset=ids[9]) == (ids[10:], ids[11])
    assert page(offset=ids[11]) == ([], ids[11])


def test_paging_continues_after_a_deleted_account(api: Client) -> None:
    ids = [api.create() for _count in range(3)]
    api("DELETE", f"/accounts/{ids[0]}")
    response = api("GET", "/accounts", params={"offset": ids[0]}).json()
    assert [account["id"] for account in response["accounts"]] == ids[1:]


def test_the_list_can_be_empty(api: Client) -> None:
    assert api("GET", "/accounts").json() == {"accounts": [], "pages": {"last": ""}}
