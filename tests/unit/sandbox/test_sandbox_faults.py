# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault that can be injected into a response."""

from __future__ import annotations

import base64
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client

ORDER = {"offerings": [{"name": "org.ei.free.v1", "type": "package", "quantity": 1}]}


def count_accounts(sandbox: Sandbox) -> int:
    return int(sandbox.control("GET")["accounts"])


def send_raw_request(sandbox: Sandbox) -> tuple[bytes, bool]:
    """Return everything received for a request, and whether the connection was reset at the end."""
    url = urlsplit(sandbox.endpoint)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        head = f"GET /v3/partners/offerings HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nAuthorization: Bearer {sandbox.key}"
        connection.sendall(f"{head}\r\n\r\n".encode())
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            return received, True
        return received, False


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 429, 451, 500, 502, 503, 504, 599])
def test_fault_can_set_the_status(api: Client, sandbox: Sandbox, status: int) -> None:
    sandbox.fault(status=status)
    response = api("POST", "/accounts", json=ORDER)
    assert response.status_code == status
    assert response.json()["errors"][0]["error_id"] == f"10-{status}00"
    assert response.headers["X-RateLimit-Remaining"] == "599"
    assert count_accounts(sandbox) == 0
    assert sandbox.control("GET")["by_status"] == {str(status): 1}


def test_fault_can_set_the_status_after_the_operation(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=502, apply=True, times=1)
    assert api("POST", "/accounts", json=ORDER).status_code == 502
    assert count_accounts(sandbox) == 1


def test_fault_can_redirect(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=302, headers={"Location": "/elsewhere"})
    response = api("GET", "/offerings")
    assert (response.status_code, response.headers["Location"], response.content) == (302, "/elsewhere", b"")


def test_fault_with_status_204_sends_no_body(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=204, body="ignored", times=1)
    response = api("GET", "/offerings")
    assert (response.status_code, response.content) == (204, b"")
    assert api("GET", "/offerings").status_code == 200


def test_fault_can_set_the_body_and_headers(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=503, body="<h1>Oops</h1>", headers={"content-type": "text/html", "Retry-After": "7"})
    response = api("GET", "/offerings")
    assert response.text == "<h1>Oops</h1>"
    assert (response.headers["Content-Type"], response.headers["Retry-After"]) == ("text/html", "7")


def test_fault_can_set_a_binary_body(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(body_base64=base64.b64encode(b"\xff\x00").decode())
    response = api("GET", "/offerings")
    assert (response.status_code, response.content) == (200, b"\xff\x00")


def test_fault_can_remove_headers(api: Client, sandbox: Sandbox) -> None:
    removed = ["X-RateLimit-Limit", "x-ratelimit-reset", "Date", "Content-Type"]
    sandbox.fault(headers=dict.fromkeys(removed))
    response = api("GET", "/offerings")
    assert response.status_code == 200
    assert not [name for name in removed if name in response.headers]
    assert response.headers["X-RateLimit-Remaining"] == "599"


def test_a_body_without_a_length_ends_with_the_connection(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(body="x" * 1000, headers={"Content-Length": None})
    assert len(api("GET", "/offerings").content) == 1000


def test_a_complete_response_keeps_the_connection(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=429, times=2)
    assert [api("GET", "/offerings").status_code for _count in range(3)] == [429, 429, 200]
    assert len({entry["connection"] for entry in sandbox.requests()}) == 1


def test_faults_match_by_method_and_path(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", path="/v3/partners/accounts", status=500)
    sandbox.fault(path="/v3/partners/accounts/*", status=502)
    assert api("GET", "/accounts").status_code == 200
    assert api("POST", "/accounts", json=ORDER).status_code == 500
    assert api("GET", "/accounts/sg0/state").status_code == 502
    assert api("GET", "/offerings").status_code == 200
    assert [fault["hits"] for fault in sandbox.control("GET")["faults"]] == [1, 1]


def test_skipped_requests_do_not_count_as_times(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=500, skip=1, times=2)
    assert [api("GET", "/offerings").status_code for _count in range(4)] == [200, 500, 500, 200]


def test_faults_apply_in_order(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=503, times=1)
    sandbox.fault(status=429, times=1)
    assert [api("GET", "/offerings").status_code for _count in range(3)] == [503, 429, 200]
    sandbox.fault(status=500)
    sandbox.control("DELETE", "/faults")
    assert api("GET", "/offerings").status_code == 200


def test_a_connection_can_be_cut_before_the_response(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(cut="before", times=1)
    sandbox.fault(cut="before", times=1, apply=True)
    for count in (0, 1):
        with pytest.raises(requests.ConnectionError):
            api("POST", "/accounts", json=ORDER)
        assert count_accounts(sandbox) == count
    assert [entry["status"] for entry in sandbox.requests()] == [None, None]
    assert sandbox.control("GET")["by_status"] == {"cut": 2}


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_can_be_cut_at_each_point(sandbox: Sandbox, reset: bool) -> None:
    complete, _status = send_raw_request_with_fault(sandbox, headers={"Connection": "close"})
    assert complete.startswith(b"HTTP/1.1 200 OK\r\n")
    assert send_raw_request_with_fault(sandbox, cut="before", reset=reset) == (b"", reset)
    received, was_reset = send_raw_request_with_fault(sandbox, cut="headers", reset=reset)
    assert b"\r\n\r\n" not in received and was_reset == reset
    assert reset or received.startswith(b"HTTP/1.1 200 OK\r\n")
    received, was_reset = send_raw_request_with_fault(sandbox, cut="body", reset=reset)
    body = received.partition(b"\r\n\r\n")[2]
    assert was_reset == reset
    assert reset or len(body) == len(complete.partition(b"\r\n\r\n")[2]) // 2


def send_raw_request_with_fault(sandbox: Sandbox, **effects: Any) -> tuple[bytes, bool]:
    sandbox.fault(times=1, **effects)
    return send_raw_request(sandbox)


def test_fault_can_set_a_wrong_content_length(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(content_length=10_000, body="short", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="9995 more expected"):
        api("GET", "/offerings")
    sandbox.fault(content_length=3, body="too long", times=1)
    assert api("GET", "/offerings").text == "too"


def test_the_delay_comes_after_the_operation(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(delay=0.5, times=1)
    with pytest.raises(requests.Timeout):
        api("POST", "/accounts", json=ORDER, timeout=0.2)
    assert count_accounts(sandbox) == 1
    sandbox.fault(delay=0.3, times=1)
    started = time.monotonic()
    assert api("GET", "/offerings").status_code == 200
    assert time.monotonic() - started >= 0.3


def test_fault_can_drip_the_body(api: Client, sandbox: Sandbox) -> None:
    sandbox.fault(body="0123456789", drip=0.03, times=1)
    started = time.monotonic()
    with api("GET", "/offerings", stream=True) as response:
        assert time.monotonic() - started < 0.2
        assert response.content == b"0123456789"
    assert time.monotonic() - started >= 9 * 0.03


def test_fault_can_drip_the_headers(api: Client, sandbox: Sandbox) -> None:
    # Each read takes less time than the timeout. Only the whole response takes longer.
    sandbox.fault(drip=0.1, drip_headers=True, times=1)
    url = urlsplit(sandbox.endpoint)
    with socket.create_connection((url.hostname, url.port), timeout=1) as connection:
        connection.sendall(b"GET /v3/partners/offerings HTTP/1.1\r\nHost: x\r\n\r\n")
        assert [connection.recv(100) for _count in range(4)] == [b"H", b"T", b"T", b"P"]


def test_many_slow_connections_are_served_at_once(sandbox: Sandbox) -> None:
    sandbox.fault(delay=0.5)

    def call(_number: int) -> int:
        with Client(sandbox).session as session:
            return session.get(f"{sandbox.endpoint}/v3/partners/offerings", timeout=10).status_code

    started = time.monotonic()
    with ThreadPoolExecutor(96) as pool:
        assert set(pool.map(call, range(96))) == {200}
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"statuz": 500}, "no field statuz"),
        ({"hits": 1}, "no field hits"),
        ({"status": 99}, "status must be"),
        ({"status": "500"}, "status must be"),
        ({"method": "post"}, "method must be"),
        ({"path": "offerings"}, "path must be"),
        ({"times": -1}, "times must be"),
        ({"skip": True}, "skip must be"),
        ({"cut": "accept"}, "cut must be"),
        ({"cut": []}, "cut must be"),
        ({"delay": -1}, "delay must be"),
        ({"drip": "1"}, "drip must be"),
        ({"headers": {"A": 1}}, "headers must be"),
        ({"body": 1}, "body must be"),
        ({"body_base64": "é"}, "body_base64 must be"),
        ({"body": "", "body_base64": ""}, "exclude each other"),
        ({"reset": 1}, "reset must be"),
        ({"content_length": -1, "apply": "yes"}, "apply must be.*content_length must be"),
        ([], "a fault is an object"),
    ],
)
def test_invalid_faults_are_refused(sandbox: Sandbox, fault: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"400.*{message}"):
        sandbox.control("POST", "/faults", fault)
    assert sandbox.control("GET")["faults"] == []
