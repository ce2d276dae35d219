# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes before any operation, and the record of it."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client


def refusal(api: Client, method: str = "GET", path: str = "/offerings", **options: Any) -> tuple[int, str]:
    answer = api(method, path, **options)
    (error,) = answer.json()["errors"]
    assert error["message"] and error["field"] == ""
    return answer.status_code, error["error_id"]


def other_key(sandbox: Sandbox) -> str:
    return next(word for word in sandbox.notes().split() if word.startswith("SG.")).rstrip(";")


@pytest.mark.parametrize("path", ["/offerings", "/accounts/sg0/state", "/nothing"])
def test_credentials_come_first(api: Client, sandbox: Sandbox, path: str) -> None:
    key = sandbox.key
    for value in (None, "", "Bearer", f"Basic {key}", key, f"Bearer  {key}", f"Bearer {key}x", f"Bearer {key[:-1]}é"):
        headers = {"Authorization": value if value is None else value.encode()}
        assert refusal(api, path=path, headers=headers) == (401, "10-40100")
    headers = {"Authorization": f"Bearer {other_key(sandbox)}".encode()}
    assert refusal(api, path=path, headers=headers) == (403, "10-40300")
    assert sandbox.count() == 9


def test_scheme_in_any_case(api: Client, sandbox: Sandbox) -> None:
    assert api("GET", "/offerings", headers={"Authorization": f"bearer {sandbox.key}"}).status_code == 200


def test_unknown_path(api: Client, sandbox: Sandbox) -> None:
    for path in ("/offerings/", "/Offerings", "/accounts/sg0", "/accounts/sg0/", "/offering"):
        status = 405 if path == "/accounts/sg0" else 404
        assert refusal(api, path=path) == (status, f"10-{status}00")
    for path in ("/", "/v4/partners/offerings", "/partners/offerings", "/v3"):
        answer = api.session.get(f"{sandbox.endpoint}{path}", timeout=10)
        assert (answer.status_code, answer.json()["errors"][0]["error_id"]) == (404, "10-40400")


def test_wrong_method(api: Client) -> None:
    answer = api("PATCH", "/accounts")
    assert answer.status_code == 405
    assert {method.strip() for method in answer.headers["Allow"].split(",")} == {"GET", "POST"}
    assert api("HEAD", "/offerings").status_code == 405


def test_no_accept_header(api: Client) -> None:
    assert refusal(api, headers={"Accept": None}) == (406, "10-40600")


def test_huge_body(api: Client) -> None:
    assert refusal(api, "POST", "/accounts", data=b" " * 1024 * 1024 + b"{}") == (413, "10-41300")


def test_rate_limit(api: Client, sandbox: Sandbox) -> None:
    sandbox.control("PUT", "/rate-limit", {"limit": 2, "window": 0.8})
    answers = [api("GET", path) for path in ("/offerings", "/nothing", "/offerings")]
    assert [answer.status_code for answer in answers] == [200, 404, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"2"}
    assert 0 <= int(answers[2].headers["X-RateLimit-Reset"]) - time.time() <= 2
    assert answers[2].json()["errors"][0]["error_id"] == "10-42900"
    time.sleep(0.9)
    assert api("GET", "/offerings").status_code == 200


def test_rate_limit_in_seconds_left(api: Client, sandbox: Sandbox) -> None:
    sandbox.control("PUT", "/rate-limit", {"reset": "delta"})
    answer = api("GET", "/offerings")
    assert answer.headers["X-RateLimit-Reset"] in ("59", "60")
    assert answer.headers["X-RateLimit-Limit"] == "600"


def test_no_rate_limit_no_headers(api: Client, sandbox: Sandbox) -> None:
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
def test_bad_rate_limit(sandbox: Sandbox, limit: Any) -> None:
    with pytest.raises(ValueError, match=r"400 .*(limit|window|reset)"):
        sandbox.control("PUT", "/rate-limit", limit)


def test_date_and_keep_alive(api: Client, sandbox: Sandbox) -> None:
    answers = [api("GET", "/offerings"), api("POST", "/accounts", json={}), api("GET", "/nothing")]
    for answer in answers:
        assert abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()) < 5
        assert "X-RateLimit-Limit" in answer.headers
    assert len({entry["connection"] for entry in sandbox.requests()}) == 1
    api.session.close()
    api("GET", "/offerings")
    assert len({entry["connection"] for entry in sandbox.requests()}) == 2


def test_journal(api: Client, sandbox: Sandbox) -> None:
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
    secret = "SG.somebody-elses-key"
    answers = [
        api("GET", "/offerings"),
        api("GET", "/offerings", headers={"Authorization": f"Bearer {secret}"}),
        api("GET", "/offerings", headers={"Authorization": secret}),
        api("POST", "/accounts", json={}),
        api("POST", f"/accounts/{api.create()}/sso"),
    ]
    # Not even if a request is no HTTP, and the server says what it could not read.
    api.session.headers["Bad name"] = "x"
    answers.append(api("GET", "/offerings", headers={"Authorization": f"Bearer {secret}"}))
    outputs = [f"{answer.headers}{answer.text}" for answer in answers]
    outputs += [str(sandbox.requests()), str(sandbox.control("GET")), str(sandbox.control("GET", "/accounts"))]
    outputs += [sandbox.notes()]
    for output in outputs:
        assert sandbox.key not in output
        assert secret not in output


def test_control_is_no_part_of_the_api(sandbox: Sandbox) -> None:
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


def test_reset(api: Client, sandbox: Sandbox) -> None:
    before = sandbox.control("GET"), api("GET", "/offerings").json()
    api.create()
    sandbox.fault(status=500)
    sandbox.control("PUT", "/catalog", {})
    sandbox.control("PUT", "/rate-limit", {"limit": 1})
    sandbox.reset()
    assert (sandbox.control("GET"), api("GET", "/offerings").json()) == before


def test_control_of_states(api: Client, sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match=r"400.*state"):
        sandbox.control("PUT", f"/accounts/{api.create()}", {"state": "gone"})
