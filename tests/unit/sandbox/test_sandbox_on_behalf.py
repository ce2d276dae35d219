# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on behalf of an account, with the keys of two resellers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

FIRST, SECOND = (f"SG.{name.ljust(22, 'x')}.{'r' * 43}" for name in ("first", "second"))


@pytest.fixture(scope="module")
def two_resellers() -> Iterator[Sandbox]:
    with Sandbox("--key", FIRST, "--key", SECOND, "--accounts", "2", "--rate-limit", "0") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(two_resellers: Sandbox) -> Sandbox:
    two_resellers.reset()
    return two_resellers


@pytest.fixture
def ids(sandbox: Sandbox) -> list[str]:
    return [account["id"] for account in sandbox.control("GET", "/accounts")]


class Caller:
    def __init__(self, sandbox: Sandbox) -> None:
        self._endpoint = sandbox.endpoint

    def __call__(
        self, method: str, path: str, account: str | None = None, key: str = FIRST, json: Any = None
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        acting_as = {} if account is None else {"on-behalf-of": f"account-id {account}"}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{self._endpoint}/v3{path}", headers={**headers, **acting_as}, json=json)


@pytest.fixture
def call(sandbox: Sandbox) -> Caller:
    return Caller(sandbox)


def test_the_life_of_a_key(call: Caller, ids: list[str]) -> None:
    created = call("POST", "/api_keys", ids[0], json={"name": "website", "scopes": ["mail.send"]})
    assert created.status_code == 201 and created.json().keys() == {"api_key", "api_key_id", "name", "scopes"}
    key, path = created.json()["api_key"], f"/api_keys/{created.json()['api_key_id']}"
    assert len(key) == 69
    assert call("GET", "/api_keys", ids[0]).json() == {"result": [{"name": "website", "api_key_id": path[10:]}]}
    (read,) = call("GET", path, ids[0]).json()["result"]
    assert read["scopes"] == ["mail.send", "sender_verification_eligible", "2fa_required"]
    assert call("GET", "/scopes", key=key).json()["scopes"] == read["scopes"]
    renamed = {"name": "shop", "scopes": ["mail.send", "stats.read"]}
    assert call("PUT", path, ids[0], json=renamed).json()["name"] == "shop"
    assert "stats.read" in call("GET", "/scopes", key=key).json()["scopes"]
    assert call("DELETE", path, ids[0]).status_code == 204
    assert call("GET", "/scopes", key=key).status_code == 401
    for method in ("GET", "PUT", "DELETE"):
        assert call(method, path, ids[0], json=renamed).status_code == 404


def test_a_key_without_scopes_has_full_access(call: Caller, ids: list[str]) -> None:
    created = call("POST", "/api_keys", ids[0], json={"name": "website"}).json()
    assert len(call("GET", "/scopes", key=created["api_key"]).json()["scopes"]) > 20


def test_each_reseller_has_its_own_accounts(call: Caller, sandbox: Sandbox, ids: list[str]) -> None:
    assert len(set(ids)) == 4
    for key, own, others in ((FIRST, ids[:2], ids[2:]), (SECOND, ids[2:], ids[:2])):
        assert [account["id"] for account in call("GET", "/partners/accounts", key=key).json()["accounts"]] == own
        assert call("GET", "/user/credits", own[0], key).status_code == 200
        assert call("GET", "/user/credits", others[0], key).status_code == 403
        assert call("GET", f"/partners/accounts/{others[0]}/state", key=key).status_code == 404
        assert call("DELETE", f"/partners/accounts/{others[0]}", key=key).status_code == 404
    page = requests.get(f"{sandbox.endpoint}/", timeout=10).text
    assert [page.count(f"reseller {number}, created") for number in (1, 2, 3)] == [2, 2, 0]


def test_the_key_of_an_account_is_no_key_of_a_reseller(call: Caller, ids: list[str]) -> None:
    key = call("POST", "/api_keys", ids[0], json={"name": "full"}).json()["api_key"]
    for path in ("/partners/offerings", "/partners/accounts", "/api_keys", "/user/credits"):
        assert call("GET", path, key=key).status_code == 403
    assert call("GET", "/api_keys", ids[0], key).status_code == 403


def test_without_the_header_the_account_of_the_reseller_is_used(call: Caller, ids: list[str]) -> None:
    assert call("POST", "/api_keys", json={"name": "own"}).status_code == 201
    assert [len(call("GET", "/api_keys", account).json()["result"]) for account in (None, *ids[:2])] == [1, 0, 0]
    assert call("GET", "/api_keys", key=SECOND).json() == {"result": []}


@pytest.mark.parametrize("end", ["banned", "deleted"])
def test_the_keys_of_an_account_end_with_it(call: Caller, sandbox: Sandbox, ids: list[str], end: str) -> None:
    key = call("POST", "/api_keys", ids[0], json={"name": "website"}).json()["api_key"]
    if end == "banned":
        sandbox.control("PUT", f"/accounts/{ids[0]}", {"state": "banned"})
    else:
        call("DELETE", f"/partners/accounts/{ids[0]}")
    assert call("GET", "/scopes", key=key).status_code == 401
    assert call("GET", "/api_keys", ids[0]).status_code == 403


def test_an_account_has_100_keys_at_most(call: Caller, ids: list[str]) -> None:
    for number in range(100):
        assert call("POST", "/api_keys", ids[0], json={"name": f"{number}"}).status_code == 201
    assert call("POST", "/api_keys", ids[0], json={"name": "100"}).status_code == 403
    assert call("POST", "/api_keys", ids[1], json={"name": "100"}).status_code == 201
    assert [len(call("GET", f"/api_keys?limit={limit}", ids[0]).json()["result"]) for limit in (0, 7, 100)] == [
        0,
        7,
        100,
    ]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": 1, "scopes": "mail.send", "x": 1}, ["x", "name", "scopes"]),
        ({"name": "a", "scopes": ["mail.send", "mail.sned", 1]}, ["scopes[1]", "scopes[2]"]),
    ],
)
def test_invalid_keys_are_refused(call: Caller, ids: list[str], body: Any, fields: list[str]) -> None:
    response = call("POST", "/api_keys", ids[0], json=body)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == fields


def test_a_replacement_needs_a_scope(call: Caller, ids: list[str]) -> None:
    key_id = call("POST", "/api_keys", ids[0], json={"name": "a"}).json()["api_key_id"]
    for body in ({"name": "a"}, {"name": "a", "scopes": []}):
        assert call("PUT", f"/api_keys/{key_id}", ids[0], json=body).status_code == 400


def test_addresses_follow_the_offerings(call: Caller, sandbox: Sandbox) -> None:
    order: list[dict[str, Any]] = [
        {"name": "milne.ei.pro-100k.v1", "type": "package"},
        {"name": "milne.x.ip.v2", "type": "addon", "quantity": 3},
    ]
    account_id = sandbox.create({}, order)
    path = f"/partners/accounts/{account_id}/ips"
    all_ips = [entry["ip"] for entry in call("GET", path).json()["result"]]
    assert len(set(all_ips)) == 4
    first = call("GET", f"{path}?limit=3").json()
    assert [entry["ip"] for entry in first["result"]] == all_ips[:3] and first["pages"]["last"] == all_ips[2]
    second = call("GET", f"{path}?limit=3&offset={all_ips[2]}").json()
    assert [entry["ip"] for entry in second["result"]] == all_ips[3:]
    for query in ("limit=0", "limit=5001", "limit=x", "offset=192.0.2.1", "x=1"):
        assert call("GET", f"{path}?{query}").status_code == 400
    # The newest go first.
    call("PUT", f"/partners/accounts/{account_id}/offerings", json={"offerings": order[:1]})
    assert [entry["ip"] for entry in call("GET", path).json()["result"]] == all_ips[3:]


def test_credits_follow_the_package_and_the_usage(call: Caller, sandbox: Sandbox, ids: list[str]) -> None:
    account_id = sandbox.create({}, [{"name": "milne.ei.pro-100k.v1", "type": "package"}])
    for used, remain, overage in ((0, 100_000, 0), (100_001, 0, 1)):
        sandbox.control("PUT", f"/accounts/{account_id}", {"used": used, "state": "activated"})
        credit = call("GET", "/user/credits", account_id).json()
        assert [credit[name] for name in ("total", "used", "remain", "overage")] == [100_000, used, remain, overage]
    for document in ({"used": -1}, {"used": True}, {"used": "1"}):
        with pytest.raises(ValueError, match="used is a number of mails"):
            sandbox.control("PUT", f"/accounts/{account_id}", document)
