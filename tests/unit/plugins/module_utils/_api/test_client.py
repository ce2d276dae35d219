# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client over real sockets: requests and retries. Only the clock is fake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import (
    ACCOUNTS,
    CATALOG,
    EPOCH,
    ORDER,
    FakeClock,
)
from ansible_collections.reseller.sendgrid.tests.support.fault_matrix import reserve_closed_port
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


def test_a_request_is_authorized_and_accepts_json(client: Callable[..., Client], sandbox: Sandbox) -> None:
    response = client().request("GET", CATALOG)
    assert (response.status, response.attempts) == (200, 1) and response.headers["x-ratelimit-remaining"] == "599"
    assert len(response.data["catalog"]) == 20
    (request,) = sandbox.requests()
    assert request["authorized"] and request["headers"]["accept"] == "application/json"
    assert request["headers"]["user-agent"].startswith("reseller.sendgrid")


def test_the_body_is_sent_as_json_and_an_empty_response_is_none(
    client: Callable[..., Client], sandbox: Sandbox
) -> None:
    created = client().request("POST", ACCOUNTS, ORDER)
    assert created.status == 201
    changed = client().request("PUT", f"{ACCOUNTS}/{created.data['account_id']}/state", {"state": "deactivated"})
    assert (changed.status, changed.data) == (204, None)
    sent = sandbox.requests()[0]
    assert sent["body"] == ORDER and sent["headers"]["content-type"] == "application/json"


def test_a_body_that_is_not_json_is_no_matter_of_the_network(client: Callable[..., Client], sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="JSON"):
        client().request("POST", ACCOUNTS, {"quantity": float("nan")})
    assert sandbox.count() == 0


@pytest.mark.parametrize("status", [202, 203, 206, 299])
def test_an_undocumented_success_status_is_a_failure(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, status: int
) -> None:
    sandbox.fault(status=status, body='{"catalog": []}', times=1)
    assert get_failure().code == "unexpected_response"
    sandbox.fault(status=status, body="{}", apply=True)
    failure = get_failure("POST", ACCOUNTS, ORDER)
    assert failure.details["attempts"] == sandbox.control("GET")["accounts"] == 1
    assert f": {status} " in failure.message and "may have carried it out" in failure.message


def test_retries_wait_as_long_as_the_server_asks(
    client: Callable[..., Client], sandbox: Sandbox, fake_clock: FakeClock
) -> None:
    sandbox.fault(status=429, body="", times=1, headers={"X-RateLimit-Reset": str(int(EPOCH) + 20)})
    sandbox.fault(status=503, times=1)
    assert client().request("GET", CATALOG).attempts == 3
    assert 20 <= fake_clock.slept[0] <= 21 and 1 <= fake_clock.slept[1] <= 2
    assert sandbox.count() == 3


def test_there_is_no_retry_with_zero_retries(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, fake_clock: FakeClock
) -> None:
    sandbox.fault(status=429)
    assert get_failure(retries=0).details["attempts"] == 1
    assert fake_clock.slept == []


@pytest.mark.parametrize(
    "fault",
    [
        {"cut": "before"},
        {"cut": "before", "reset": True},
        {"cut": "headers", "reset": True},
        {"cut": "body"},
        {"cut": "body", "reset": True},
        {"content_length": 100_000},
    ],
    ids=str,
)
def test_a_lost_connection_is_retried(
    get_failure: Callable[..., SendGridError], client: Callable[..., Client], sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.fault(**fault, times=3)
    failure = get_failure()
    assert failure.code == "connection" and failure.details["attempts"] == sandbox.count() == 3
    assert client().request("GET", CATALOG).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_repeatable_methods_are_retried(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, method: str
) -> None:
    sandbox.fault(status=503, times=2)
    failure = get_failure(method, f"{ACCOUNTS}/sg0/offerings" if method != "DELETE" else f"{ACCOUNTS}/sg0", {})
    assert failure.details["status"] in (400, 404)
    assert sandbox.count() == 3


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 502},
        {"status": 503},
        {"status": 504},
        {"cut": "before"},
        {"cut": "headers"},
        {"cut": "body"},
        {"cut": "before", "reset": True},
        {"delay": 2},
        {"status": 201, "body": "<html>"},
    ],
    ids=str,
)
def test_a_post_that_may_have_been_sent_is_not_retried(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.fault(**fault, apply=True)
    failure = get_failure("POST", ACCOUNTS, ORDER, timeout=0.5)
    assert failure.details["attempts"] == sandbox.count() == sandbox.control("GET")["accounts"] == 1
    assert "may have carried it out" in failure.message


def test_a_post_is_retried_after_429(client: Callable[..., Client], sandbox: Sandbox) -> None:
    sandbox.fault(status=429, times=2)
    assert client().request("POST", ACCOUNTS, ORDER).status == 201
    assert sandbox.control("GET")["accounts"] == 1


def test_a_post_is_retried_if_no_connection_was_made(get_failure: Callable[..., SendGridError]) -> None:
    with reserve_closed_port() as port:
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=f"http://127.0.0.1:{port}")
    assert failure.code == "connection" and failure.details["attempts"] == 3
    assert "Connection refused" in failure.message and "may have carried" not in failure.message


@pytest.mark.parametrize(
    ("fault", "next_status"), [({"cut": "before"}, 403), ({"status": 503}, 429), ({"delay": 5}, 400)]
)
def test_a_failure_stays_uncertain_after_an_uncertain_attempt(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, fault: dict[str, Any], next_status: int
) -> None:
    sandbox.fault(**fault, apply=True, times=1)
    sandbox.fault(status=next_status)
    failure = get_failure("DELETE", f"{ACCOUNTS}/sg1", timeout=0.5, retries=1)
    assert failure.details["status"] == next_status
    assert failure.details["uncertain"] and "may have carried it out" in failure.message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 407, 408, 409, 429, 451, 499])
def test_only_statuses_of_the_api_make_a_refused_post_certain(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, status: int
) -> None:
    sandbox.fault(status=status)
    assert get_failure("POST", ACCOUNTS, ORDER, retries=0).details["uncertain"] == (status in (407, 408, 409, 499))
    assert not get_failure("GET", CATALOG, retries=0).details["uncertain"]
