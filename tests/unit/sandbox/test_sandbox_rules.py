# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused with 400, and every problem at once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client

FREE = {"name": "org.ei.free.v1", "type": "package", "quantity": 1}
PRO = {"name": "milne.ei.pro-100k.v1", "type": "package", "quantity": 1}
IP = {"name": "milne.x.ip.v2", "type": "addon", "quantity": 1}


def errors(api: Client, method: str, path: str, **options: Any) -> dict[str, str]:
    """The error ids by field, of an answer that is a proper refusal."""
    answer = api(method, path, **options)
    assert answer.status_code == 400, answer.text
    found = answer.json()["errors"]
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
def test_orders(api: Client, order: Any, expected: dict[str, str]) -> None:
    assert errors(api, "POST", "/accounts", json={"offerings": order}) == expected
    assert api("GET", "/accounts").json()["accounts"] == []
    if "10-40064" not in expected.values():
        account_id = api.create(PRO)
        assert errors(api, "PUT", f"/accounts/{account_id}/offerings", json={"offerings": order}) == expected
        assert api("GET", f"/accounts/{account_id}/offerings").json() == {"offerings": [PRO]}


def test_largest_quantity(api: Client) -> None:
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
def test_profile(api: Client, field: str, value: Any, error_id: str) -> None:
    body = {"profile": {field: value}, "offerings": [FREE]}
    assert errors(api, "POST", "/accounts", json=body) == {field: error_id}


def test_every_problem_is_reported_at_once(api: Client) -> None:
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


def test_a_missing_package_is_reported_along_with_the_rest(api: Client) -> None:
    body = {"profile": {"email": "x"}, "offerings": [{**IP, "quantity": 0}]}
    expected = {"email": "10-40002", "offerings[0].quantity": "10-40066", "offerings": "10-40064"}
    assert errors(api, "POST", "/accounts", json=body) == expected


@pytest.mark.parametrize("body", ["", "{", '{"offerings": NaN}', b"\xff", "[" * 100_000, f'{{"n": {"9" * 5_000}}}'])
def test_bodies_that_are_not_json(api: Client, body: str | bytes) -> None:
    json_type = {"Content-Type": "application/json"}
    assert errors(api, "POST", "/accounts", data=body, headers=json_type) in (
        {"": "10-40051"},
        # Before it limited the digits of integers, Python read the last one.
        {"offerings": "10-40053", "n": "10-40054"},
    )


def test_a_body_that_is_not_compressed_as_it_says(api: Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert errors(api, "POST", "/accounts", data="{}", headers=headers) == {"": "10-40051"}


@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_bodies_that_are_not_objects(api: Client, body: Any) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    data = "null" if body is None else None
    found = errors(api, "POST", "/accounts", json=body, data=data, headers=headers)
    assert found == {"": "10-40052", "offerings": "10-40053"} or found == {"": "10-40052"}


def test_content_type(api: Client) -> None:
    for headers in ({}, {"Content-Type": "text/plain"}):
        found = errors(api, "POST", "/accounts", data=b'{"offerings": []}', headers=headers)
        assert found == {"Content-Type": "10-40050"}


@pytest.mark.parametrize("value", ["false", "True", "1", ""])
def test_test_account_header(api: Client, value: str) -> None:
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
def test_state(api: Client, body: Any, expected: dict[str, str]) -> None:
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
def test_page(api: Client, query: str, expected: dict[str, str]) -> None:
    assert errors(api, "GET", f"/accounts?{query}") == expected


def test_the_catalog_takes_no_query(api: Client) -> None:
    assert errors(api, "GET", "/offerings?limit=100&limit=10") == {"limit": "10-40054"}


def test_what_an_account_has_may_stay_although_the_catalog_no_longer_lists_it(api: Client, sandbox: Sandbox) -> None:
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


def test_unknown_account(api: Client) -> None:
    """404 where the vendor's document has one for the operation, else 400."""
    for method, path in (("DELETE", ""), ("GET", "/offerings"), ("GET", "/state"), ("POST", "/sso")):
        answer = api(method, f"/accounts/sg0{path}")
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["error_id"] == "10-40459"
    for path in ("/offerings", "/state"):
        assert errors(api, "PUT", f"/accounts/sg0{path}", json={}) == {"accountID": "10-40059"}


def test_rules_follow_the_catalog_that_is_served(api: Client, sandbox: Sandbox) -> None:
    own = {"name": "own.ei.small.v1", "type": "package", "quantity": 1}
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": own}]})
    api.create(own)
    assert errors(api, "POST", "/accounts", json={"offerings": [FREE]}) == {"offerings[0].name": "10-40060"}


@pytest.mark.parametrize("document", [{}, {"catalog": {}}, {"catalog": [None, {"offering": 1}]}, [], "x", None])
def test_a_broken_catalog_is_served_as_it_is_and_offers_nothing(api: Client, sandbox: Sandbox, document: Any) -> None:
    sandbox.control("PUT", "/catalog", document)
    assert api("GET", "/offerings").json() == document
    assert errors(api, "POST", "/accounts", json={"offerings": [FREE]}) == {"offerings[0].name": "10-40060"}
