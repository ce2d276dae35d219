# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox refuses invalid requests with 400, and reports all of their problems."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client

FREE = {"name": "org.ei.free.v1", "type": "package", "quantity": 1}
PRO = {"name": "milne.ei.pro-100k.v1", "type": "package", "quantity": 1}
IP = {"name": "milne.x.ip.v2", "type": "addon", "quantity": 1}


def errors(api: Client, method: str, path: str, **options: Any) -> dict[str, str]:
    """Send a request that has to be refused, and return the error ids by field."""
    response = api(method, path, **options)
    assert response.status_code == 400, response.text
    found = response.json()["errors"]
    for error in found:
        assert error.keys() == {"message", "field", "error_id"}
        assert all(isinstance(text, str) for text in error.values())
        assert error["message"]
    by_field = {error["field"]: error["error_id"] for error in found}
    assert len(by_field) == len(found), "more than one error for a field"
    return by_field


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([], {"offerings": "10-40064"}),
        ([IP], {"offerings": "10-40064"}),
        ([FREE, PRO], {"offerings": "10-40063"}),
        ([FREE, FREE], {"offerings[1].name": "10-40062", "offerings": "10-40063"}),
        ([FREE, IP, IP], {"offerings[2].name": "10-40062"}),
        ([{**FREE, "name": "org.ei.fre.v1"}], {"offerings[0].name": "10-40060"}),
        ([FREE, {**IP, "type": "package"}], {"offerings[1].type": "10-40061"}),
        ([{**FREE, "type": "bundle"}], {"offerings[0].type": "10-40055"}),
        ([{**FREE, "quantity": 2}], {"offerings[0].quantity": "10-40065"}),
        ([FREE, {**IP, "quantity": 0}], {"offerings[1].quantity": "10-40066"}),
        ([FREE, {**IP, "quantity": 2**63}], {"offerings[1].quantity": "10-40066"}),
        ([FREE, {**IP, "quantity": "1"}], {"offerings[1].quantity": "10-40052"}),
        ([FREE, {**IP, "quantity": 1.0}], {"offerings[1].quantity": "10-40052"}),
        ([FREE, {**IP, "quantity": True}], {"offerings[1].quantity": "10-40052"}),
        ([FREE, {**IP, "quantity": None}], {"offerings[1].quantity": "10-40052"}),
        ([FREE, {**IP, "entitlements": {}}], {"offerings[1].entitlements": "10-40054"}),
        ([FREE, {}], {"offerings[1].name": "10-40053", "offerings[1].type": "10-40053"}),
        ([FREE, {**IP, "name": {}}], {"offerings[1].name": "10-40052"}),
        (["org.ei.free.v1"], {"offerings[0]": "10-40052"}),
        ("org.ei.free.v1", {"offerings": "10-40052"}),
        (None, {"offerings": "10-40052"}),
    ],
)
def test_invalid_orders_are_refused(api: Client, order: Any, expected: dict[str, str]) -> None:
    assert errors(api, "POST", "/accounts", json={"offerings": order}) == expected
    assert api("GET", "/accounts").json()["accounts"] == []
    if "10-40064" not in expected.values():
        account_id = api.create(PRO)
        assert errors(api, "PUT", f"/accounts/{account_id}/offerings", json={"offerings": order}) == expected
        assert api("GET", f"/accounts/{account_id}/offerings").json() == {"offerings": [PRO]}


def test_the_largest_quantity_is_accepted(api: Client) -> None:
    api.create(FREE, {**IP, "quantity": 2**63 - 1})


@pytest.mark.parametrize(
    ("field", "value", "error_id"),
    [
        ("email", "mail.example.com", "10-40002"),
        ("email", "mail@example", "10-40002"),
        ("email", "", "10-40002"),
        ("phone", "030 1234567", "10-40010"),
        ("phone", "+0301234567", "10-40010"),
        ("phone", "+1234567890123456", "10-40010"),
        ("phone", 491234567, "10-40052"),
        ("company_website", "example.com", "10-40008"),
        ("company_website", "ftp://example.com", "10-40008"),
        ("company_website", "https://[example.com", "10-40008"),
        ("timezone", "Tokyo/Asia/", "10-40058"),
        ("timezone", "JST+9:00", "10-40058"),
        ("first_name", None, "10-40052"),
    ],
)
def test_invalid_profiles_are_refused(api: Client, field: str, value: Any, error_id: str) -> None:
    body = {"profile": {field: value}, "offerings": [FREE]}
    assert errors(api, "POST", "/accounts", json=body) == {field: error_id}


def test_all_problems_are_reported_at_once(api: Client) -> None:
    body = {
        "profile": {"email": "x", "phone": "x", "company_website": "x", "nickname": "x"},
        "offerings": [{**FREE, "quantity": 3}, {"name": "x"}],
        "plan": "x",
    }
    assert errors(api, "POST", "/accounts", json=body, headers={"T-Test-Account": "yes"}) == {
        "T-Test-Account": "10-40055",
        "plan": "10-40054",
        "profile.nickname": "10-40054",
        "email": "10-40002",
        "phone": "10-40010",
        "company_website": "10-40008",
        "offerings[0].quantity": "10-40065",
        "offerings[1].type": "10-40053",
        "offerings[1].name": "10-40060",
    }


def test_a_missing_package_is_reported_with_the_other_problems(api: Client) -> None:
    body = {"profile": {"email": "x"}, "offerings": [{**IP, "quantity": 0}]}
    expected = {"email": "10-40002", "offerings[0].quantity": "10-40066", "offerings": "10-40064"}
    assert errors(api, "POST", "/accounts", json=body) == expected


@pytest.mark.parametrize("body", ["", "{", '{"offerings": NaN}', b"\xff", "[" * 100_000, f'{{"n": {"9" * 5_000}}}'])
def test_a_body_that_is_not_json_is_refused(api: Client, body: str | bytes) -> None:
    json_type = {"Content-Type": "application/json"}
    assert errors(api, "POST", "/accounts", data=body, headers=json_type) in (
        {"": "10-40051"},
        # Older Pythons do not limit the digits of integers, and can parse the last body.
        {"offerings": "10-40053", "n": "10-40054"},
    )


def test_a_body_with_a_wrong_content_encoding_is_refused(api: Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert errors(api, "POST", "/accounts", data="{}", headers=headers) == {"": "10-40051"}


@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_a_body_that_is_not_an_object_is_refused(api: Client, body: Any) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    data = "null" if body is None else None
    found = errors(api, "POST", "/accounts", json=body, data=data, headers=headers)
    assert found == {"": "10-40052", "offerings": "10-40053"} or found == {"": "10-40052"}


def test_another_content_type_is_refused(api: Client) -> None:
    for headers in ({}, {"Content-Type": "text/plain"}):
        found = errors(api, "POST", "/accounts", data=b'{"offerings": []}', headers=headers)
        assert found == {"Content-Type": "10-40050"}


@pytest.mark.parametrize("value", ["false", "True", "1", ""])
def test_an_invalid_test_account_header_is_refused(api: Client, value: str) -> None:
    headers = {"T-Test-Account": value}
    found = errors(api, "POST", "/accounts", json={"offerings": [FREE]}, headers=headers)
    assert found == {"T-Test-Account": "10-40055"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"state": "banned"}, {"state": "10-40055"}),
        ({"state": ["activated"]}, {"state": "10-40055"}),
        ({}, {"state": "10-40053"}),
        ({"state": "activated", "reason": "x"}, {"reason": "10-40054"}),
    ],
)
def test_invalid_states_are_refused(api: Client, body: Any, expected: dict[str, str]) -> None:
    assert errors(api, "PUT", f"/accounts/{api.create()}/state", json=body) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=0", {"limit": "10-40056"}),
        ("limit=101", {"limit": "10-40056"}),
        ("limit=ten", {"limit": "10-40056"}),
        ("limit=", {"limit": "10-40056"}),
        ("limit=1&limit=2", {"limit": "10-40056"}),
        ("limit=%D9%A3", {"limit": "10-40056"}),
        ("offset=3", {"offset": "10-40057"}),
        ("offset=", {"offset": "10-40057"}),
        ("page=2", {"page": "10-40054"}),
        ("limit=-1&offset=sg", {"limit": "10-40056", "offset": "10-40057"}),
    ],
)
def test_invalid_queries_are_refused(api: Client, query: str, expected: dict[str, str]) -> None:
    assert errors(api, "GET", f"/accounts?{query}") == expected


def test_the_catalog_accepts_no_query(api: Client) -> None:
    assert errors(api, "GET", "/offerings?limit=100&limit=10") == {"limit": "10-40054"}


def test_an_account_can_keep_delisted_offerings(api: Client, sandbox: Sandbox) -> None:
    account_id, ips = api.create(FREE, {**IP, "quantity": 2}), {**IP, "quantity": 2}
    path = f"/accounts/{account_id}/offerings"
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": PRO}]})
    assert api("PUT", path, json={"offerings": [FREE, ips]}).json() == {"offerings": [FREE, ips]}
    refused = {"offerings": [PRO, {**IP, "quantity": 3}]}
    assert errors(api, "PUT", path, json=refused) == {"offerings[1].quantity": "10-40060"}
    assert errors(api, "PUT", path, json={"offerings": [{**FREE, "type": "addon"}]}) == {
        "offerings[0].type": "10-40061"
    }
    assert errors(api, "POST", "/accounts", json={"offerings": [FREE]}) == {"offerings[0].name": "10-40060"}
    assert api("PUT", path, json={"offerings": [PRO, IP]}).json() == {"offerings": [PRO, IP]}
    assert errors(api, "PUT", path, json={"offerings": [FREE]}) == {"offerings[0].name": "10-40060"}
    assert errors(api, "PUT", path, json={"offerings": [ips]}) == {"offerings[0].quantity": "10-40060"}


def test_an_unknown_account_is_refused(api: Client) -> None:
    """With 404 if the vendor's document has that status for the operation, otherwise with 400."""
    for method, path in (("DELETE", ""), ("GET", "/offerings"), ("GET", "/state"), ("POST", "/sso")):
        response = api(method, f"/accounts/sg0{path}")
        assert response.status_code == 404
        assert response.json()["errors"][0]["error_id"] == "10-40459"
    for path in ("/offerings", "/state"):
        assert errors(api, "PUT", f"/accounts/sg0{path}", json={}) == {"accountID": "10-40059"}


def test_orders_are_checked_against_the_current_catalog(api: Client, sandbox: Sandbox) -> None:
    own = {"name": "own.ei.small.v1", "type": "package", "quantity": 1}
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": own}]})
    api.create(own)
    assert errors(api, "POST", "/accounts", json={"offerings": [FREE]}) == {"offerings[0].name": "10-40060"}


@pytest.mark.parametrize("document", [{}, {"catalog": {}}, {"catalog": [None, {"offering": 1}]}, [], "x", None])
def test_an_invalid_catalog_is_served_unchanged_and_has_no_offerings(
    api: Client, sandbox: Sandbox, document: Any
) -> None:
    sandbox.control("PUT", "/catalog", document)
    assert api("GET", "/offerings").json() == document
    assert errors(api, "POST", "/accounts", json={"offerings": [FREE]}) == {"offerings[0].name": "10-40060"}
