# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks before each operation, and the request log."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client


def get_error(api: Client, method: str = "GET", path: str = "/offerings", **options: Any) -> tuple[int, str]:
    response = api(method, path, **options)
    (error,) = response.json()["errors"]
    assert error["message"] and error["field"] == ""
    return response.status_code, error["error_id"]


def key_without_reseller_access(sandbox: Sandbox) -> str:
    return next(word for word in sandbox.read_stderr().split() if word.startswith("SG.")).rstrip(";")


@pytest.mark.parametrize("path", ["/offerings", "/accounts/sg0/state", "/nothing"])
def test_credentials_are_checked_first(api: Client, sandbox: Sandbox, path: str) -> None:
    key = sandbox.key
    for authorization in (
        None,
        "",
        "Bearer",
        f"Basic {key}",
        key,
        f"Bearer  {key}",
        f"Bearer {key}x",
        f"Bearer {key[:-1]}é",
    ):
        headers = {"Authorization": None if authorization is None else authorization.encode()}
        assert get_error(api, path=path, headers=headers) == (401, "10-40100")
    headers = {"Authorization": f"Bearer {key_without_reseller_access(sandbox)}".encode()}
    assert get_error(api, path=path, headers=headers) == (403, "10-40300")
    assert sandbox.count() == 9


def test_the_authorization_scheme_is_case_insensitive(api: Client, sandbox: Sandbox) -> None:
    assert api("GET", "/offerings", headers={"Authorization": f"bearer {sandbox.key}"}).status_code == 200


def test_an_unknown_path_returns_404(api: Client, sandbox: Sandbox) -> None:
    for path in ("/offerings/", "/Offerings", "/accounts/sg0", "/accounts/sg0/", "/offering"):
        status = 405 if path == "/accounts/sg0" else 404
        assert get_error(api, path=path) == (status, f"10-{status}00")
    for path in ("/v4/partners/offerings", "/partners/offerings", "/v3"):
        response = api.session.get(f"{sandbox.endpoint}{path}", timeout=10)
        assert (response.status_code, response.json()["errors"][0]["error_id"]) == (404, "10-40400")


def test_a_wrong_method_returns_405(api: Client) -> None:
    response = api("PATCH", "/accounts")
    assert response.status_code == 405
    assert {method.strip() for method in response.headers["Allow"].split(",")} == {"GET", "POST"}
    assert api("HEAD", "/offerings").status_code == 405


def test_a_missing_accept_header_returns_406(api: Client) -> None:
    assert get_error(api, headers={"Accept": None}) == (406, "10-40600")


def test_a_huge_body_returns_413(api: Client) -> None:
    assert get_error(api, "POST", "/accounts", data=b" " * 1024 * 1024 + b"{}") == (413, "10-41300")


def test_the_rate_limit_applies_to_each_window(api: Client, sandbox: Sandbox) -> None:
    sandbox.control("PUT", "/rate-limit", {"limit": 2, "window": 0.8})
    responses = [api("GET", path) for path in ("/offerings", "/nothing", "/offerings")]
    assert [response.status_code for response in responses] == [200, 404, 429]
    assert [response.headers["X-RateLimit-Remaining"] for response in responses] == ["1", "0", "0"]
    assert {response.headers["X-RateLimit-Limit"] for response in responses} == {"2"}
    assert 0 <= int(responses[2].headers["X-RateLimit-Reset"]) - time.time() <= 2
    assert responses[2].json()["errors"][0]["error_id"] == "10-42900"
    time.sleep(0.9)
    assert api("GET", "/offerings").status_code == 200


def test_the_rate_limit_reset_can_be_a_number_of_seconds(api: Client, sandbox: Sandbox) -> None:
    sandbox.control("PUT", "/rate-limit", {"reset": "delta"})
    response = api("GET", "/offerings")
    assert response.headers["X-RateLimit-Reset"] in ("59", "60")
    assert response.headers["X-RateLimit-Limit"] == "600"


def test_there_are_no_rate_limit_headers_without_a_rate_limit(api: Client, sandbox: Sandbox) -> None:
    sandbox.control("PUT", "/rate-limit", {"limit": 0})
    assert not [name for name in api("GET", "/offerings").headers if name.startswith("X-RateLimit")]


@pytest.mark.parametrize(
    "limit",
    [
        [],
        {"limits": 1},
        {"limit": -1},
        {"limit": "1"},
        {"limit": True},
        {"window": 0},
        {"reset": "now"},
        {"window": 1e99},
    ],
)
def test_an_invalid_rate_limit_is_refused(sandbox: Sandbox, limit: Any) -> None:
    with pytest.raises(ValueError, match=r"400 .*(limit|window|reset)"):
        sandbox.control("PUT", "/rate-limit", limit)


def test_responses_have_a_date_and_keep_the_connection(api: Client, sandbox: Sandbox) -> None:
    responses = [api("GET", "/offerings"), api("POST", "/accounts", json={}), api("GET", "/nothing")]
    for response in responses:
        assert abs(parsedate_to_datetime(response.headers["Date"]).timestamp() - time.time()) < 5
        assert "X-RateLimit-Limit" in response.headers
    assert len({entry["connection"] for entry in sandbox.requests()}) == 1
    api.session.close()
    api("GET", "/offerings")
    assert len({entry["connection"] for entry in sandbox.requests()}) == 2


def test_requests_are_logged(api: Client, sandbox: Sandbox) -> None:
    api("GET", "/accounts?limit=5&limit=6", headers={"X-Mark": "1"})
    api("POST", "/accounts", json={"offerings": []}, headers={"Authorization": "Basic eDp5"})
    api("POST", "/accounts", data="text")
    first, second, third = sandbox.requests()
    assert (first["method"], first["path"], first["status"]) == ("GET", "/v3/partners/accounts", 400)
    assert (first["query"], first["body"], first["headers"]["x-mark"]) == ({"limit": "5, 6"}, None, "1")
    assert (first["authorized"], first["scheme"]) == (True, "Bearer")
    assert (second["authorized"], second["scheme"], second["body"]) == (False, "Basic", {"offerings": []})
    assert third["body"] == "text"
    summary = sandbox.control("GET")
    assert (summary["requests"], summary["by_status"]) == (3, {"400": 2, "401": 1})


def test_keys_appear_in_no_output(api: Client, sandbox: Sandbox) -> None:
    secret = "SG.another-key"
    responses = [
        api("GET", "/offerings"),
        api("GET", "/offerings", headers={"Authorization": f"Bearer {secret}"}),
        api("GET", "/offerings", headers={"Authorization": secret}),
        api("POST", "/accounts", json={}),
        api("POST", f"/accounts/{api.create()}/sso"),
    ]
    # An invalid request: the server reports the line that it cannot parse.
    api.session.headers["Bad name"] = "x"
    responses.append(api("GET", "/offerings", headers={"Authorization": f"Bearer {secret}"}))
    outputs = [f"{response.headers}{response.text}" for response in responses]
    outputs += [str(sandbox.requests()), str(sandbox.control("GET")), str(sandbox.control("GET", "/accounts"))]
    outputs += [sandbox.read_stderr()]
    for output in outputs:
        assert sandbox.key not in output
        assert secret not in output


def test_control_requests_are_not_part_of_the_api(sandbox: Sandbox) -> None:
    for _count in range(3):
        sandbox.control("GET", "/requests")
    assert sandbox.count() == 0
    for method, path, json, message in (
        ("GET", "/nothing", None, "404"),
        ("PUT", "/accounts/sg0", {"state": "banned"}, "404"),
        ("DELETE", "/requests", None, "405"),
    ):
        with pytest.raises(ValueError, match=message):
            sandbox.control(method, path, json)


def test_reset_restores_the_initial_state(api: Client, sandbox: Sandbox) -> None:
    before = sandbox.control("GET"), api("GET", "/offerings").json()
    api.create()
    sandbox.fault(status=500)
    sandbox.control("PUT", "/catalog", {})
    sandbox.control("PUT", "/rate-limit", {"limit": 1})
    sandbox.reset()
    assert (sandbox.control("GET"), api("GET", "/offerings").json()) == before


def test_an_invalid_state_is_refused(api: Client, sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match=r"400.*state"):
        sandbox.control("PUT", f"/accounts/{api.create()}", {"state": "gone"})
