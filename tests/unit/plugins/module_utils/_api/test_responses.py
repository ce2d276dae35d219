# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made of responses: errors, redirects, JSON, and the API key in any of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import STATUS_HINTS, Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import ACCOUNTS, CATALOG
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


@pytest.mark.parametrize(
    ("status", "code", "attempts"),
    [
        (302, "unexpected_response", 1),
        (400, "bad_request", 1),
        (401, "unauthorized", 1),
        (403, "forbidden", 1),
        (404, "not_found", 1),
        (406, "bad_request", 1),
        (407, "bad_request", 1),
        (408, "bad_request", 1),
        (429, "rate_limited", 3),
        (451, "region_restricted", 1),
        (500, "server_error", 3),
        (502, "server_error", 3),
        (503, "server_error", 3),
        (504, "server_error", 3),
        (511, "server_error", 1),
        (599, "server_error", 1),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"message": "Some\\u001b[1m reason", "field": "email", "error_id": "10-1", "help": "h"}]}',
        '{"errors": [{"message": "Some reason", "field": "", "extra": 1}, {}, null, 7]}',
        '{"error": "Some reason"}',
        "<html><body>Some\n reason</body></html>",
        "",
    ],
)
def test_each_status_has_its_code_reason_and_attempts(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, status: int, code: str, attempts: int, body: str
) -> None:
    sandbox.fault(status=status, body=body, headers={"Content-Type": "text/html"})
    failure = get_failure()
    assert failure.code == code
    assert failure.details["status"] == status
    assert failure.details["attempts"] == sandbox.count() == attempts
    assert failure.details["host"] == sandbox.endpoint.removeprefix("http://")
    assert (failure.details["method"], failure.details["path"]) == ("GET", CATALOG)
    assert failure.details["date"].endswith("GMT")
    assert failure.details["hint"] in failure.message
    assert failure.details["hint"] == STATUS_HINTS.get(status, failure.details["hint"])
    assert failure.message.startswith(f"GET {sandbox.endpoint}{CATALOG}: {status} ")
    if body and status != 302:
        assert "reason" in failure.message
    if body.startswith("{"):
        assert failure.details["excerpt"] is None and "reason" in failure.details["errors"][0]["message"]
        assert set(failure.details["errors"][0]) == {"message", "field", "error_id", "help"}
    else:
        assert failure.details["errors"] == []


def test_all_errors_of_the_api_are_reported(get_failure: Callable[..., SendGridError]) -> None:
    failure = get_failure("POST", ACCOUNTS, {"offerings": [], "profile": {"email": "nobody", "phone": "1"}})
    assert failure.code == "bad_request"
    assert {"email", "phone"} <= {error["field"] for error in failure.details["errors"]}
    assert "[10-40002]" in failure.message and "[10-40010]" in failure.message


def test_the_api_key_in_a_successful_response_is_masked(client: Callable[..., Client], sandbox: Sandbox) -> None:
    escaped = sandbox.key.replace("G", "\\u0047")
    sandbox.fault(status=200, body=f'{{"{sandbox.key}": ["{escaped}", "{sandbox.key} twice"]}}')
    assert client().request("GET", CATALOG).data == {"********": ["********", "******** twice"]}


def test_an_api_key_that_json_escapes_is_masked(client: Callable[..., Client], sandbox: Sandbox) -> None:
    key = 'no-key-of-"sendgrid"-\\-at-all'
    sandbox.fault(status=200, body=json.dumps({"echo": [key, f"Bearer {key}"]}))
    assert client(api_key=key).request("GET", CATALOG).data == {"echo": ["********", "Bearer ********"]}


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("HTTPS://a.example:8/x", "a.example"),
        ("//a.example", "a.example"),
        ("http://secret@a.example", ""),
        ("/secret", ""),
    ],
)
def test_a_redirect_shows_only_the_host(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, location: str, host: str
) -> None:
    sandbox.fault(status=302, body=f"secret {location}", headers={"Location": location})
    failure = get_failure()
    assert f"302 Found: a redirect{f' to {host}' if host else ''}, which is not followed. " in failure.message
    assert "secret" not in str(failure.result())


@pytest.mark.parametrize(
    "location",
    ["{endpoint}/v3/partners/accounts", "http://127.0.0.2:9/", "//other.example.com/", "http://[::1", "/a b"],
)
def test_a_redirect_is_not_followed(get_failure: Callable[..., SendGridError], sandbox: Sandbox, location: str) -> None:
    sandbox.fault(status=307, body="", headers={"Location": location.format(endpoint=sandbox.endpoint)}, path=CATALOG)
    failure = get_failure()
    assert failure.code == "unexpected_response" and "redirect" in failure.message
    assert [request["path"] for request in sandbox.requests()] == [CATALOG]


def test_the_api_key_in_an_error_is_masked(get_failure: Callable[..., SendGridError], sandbox: Sandbox) -> None:
    for body in (json.dumps({"errors": [{"message": f"bad key {sandbox.key}"}]}), f"bad key {sandbox.key}"):
        sandbox.control("DELETE", "/faults")
        sandbox.fault(status=401, body=body)
        assert "bad key ********" in get_failure().message
    sandbox.control("DELETE", "/faults")
    sandbox.fault(status=200, body="\n" * 1950 + sandbox.key)
    assert sandbox.key[:10] not in get_failure().message


@pytest.mark.parametrize(
    "content",
    [
        b"<html>Sign in to the hotel</html>",
        b"",
        b'{"catalog": [',
        b'{"catalog": NaN}',
        b'{"catalog": -Infinity}',
        b'{"half": "\\ud800"}',
        b'{"infinite": 1e999}',
        b"\xff\xfe\xfa not text",
        b"[" * 100_000,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_body_that_is_not_json_is_refused(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, content: bytes
) -> None:
    sandbox.fault(body_base64=base64.b64encode(content).decode(), status=200)
    failure = get_failure()
    assert failure.code == "unexpected_response" and "not the JSON that was asked for: 200 OK" in failure.message
    assert failure.details["status"] == 200 and failure.details["date"].endswith("GMT")
    assert sandbox.count() == 1


@pytest.mark.parametrize("depth", [65, 200, 400, 900])
def test_nesting_too_deep_for_core_is_refused(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, depth: int
) -> None:
    sandbox.fault(status=200, body='{"a":' * (depth - 1) + "[]" + "}" * (depth - 1))
    assert "nested more than 64 levels deep" in get_failure().message


def test_nesting_that_core_supports_is_accepted(client: Callable[..., Client], sandbox: Sandbox) -> None:
    sandbox.fault(status=200, body="[" * 64 + "]" * 64)
    assert client().request("GET", CATALOG).status == 200
