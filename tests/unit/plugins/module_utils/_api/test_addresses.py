# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names with addresses that do not answer, and name servers that do not. Only the resolution of names is fake."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import (
    ACCOUNTS,
    CATALOG,
    ORDER,
    silent_port,
)
from ansible_collections.reseller.sendgrid.tests.support.fault_matrix import reserve_closed_port
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.support.scripted_server import Peer, Server

REQUESTS: dict[str, tuple[str, Any]] = {"GET": (CATALOG, None), "POST": (ACCOUNTS, ORDER)}


@pytest.fixture(scope="module")
def silent() -> Iterator[int]:
    with silent_port() as port:
        yield port


@pytest.fixture
def live(sandbox: Sandbox) -> int:
    return int(sandbox.endpoint.rpartition(":")[2])


@pytest.mark.parametrize("method", REQUESTS)
def test_a_silent_address_has_a_share_of_the_time(
    client: Callable[..., Client],
    sandbox: Sandbox,
    resolve: Callable[..., None],
    silent: int,
    live: int,
    method: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, body = REQUESTS[method]
    resolve(silent, live)
    api_client, started = client(timeout=1.5, retries=0), time.monotonic()
    api_client.request(method, path, body)
    assert 0.45 < time.monotonic() - started < 1.2
    started = time.monotonic()
    api_client.request("POST", ACCOUNTS, ORDER)
    assert time.monotonic() - started < 0.45, "the address that answered is not tried first"
    monkeypatch.undo()
    assert sandbox.count() == 2
    assert sandbox.control("GET")["accounts"] == (2 if method == "POST" else 1)


@pytest.mark.parametrize(
    ("count", "reason"),
    [(1, "no connection within 0.3 s (after 2"), (2, "no connection to any of 2 addresses within 0.1 s each (after 2")],
)
@pytest.mark.parametrize("method", REQUESTS)
def test_silent_addresses_are_certain(
    get_failure: Callable[..., SendGridError],
    resolve: Callable[..., None],
    silent: int,
    method: str,
    count: int,
    reason: str,
) -> None:
    resolve(*[silent] * count)
    failure = get_failure(method, *REQUESTS[method], timeout=0.3, retries=1)
    assert failure.code == "timeout" and reason in failure.message
    assert not failure.details["uncertain"] and failure.details["attempts"] == 2


def test_the_reason_of_each_address_is_given(
    get_failure: Callable[..., SendGridError], resolve: Callable[..., None], silent: int
) -> None:
    with reserve_closed_port() as closed:
        resolve(silent, closed)
        failure = get_failure("POST", ACCOUNTS, ORDER, timeout=0.6, retries=0)
    assert failure.code == "connection" and not failure.details["uncertain"]
    assert "127.0.0.1: no connection within 0.2 s; 127.0.0.1: Connection refused" in failure.message


def test_an_address_for_which_no_time_is_left_is_not_tried(
    client: Callable[..., Client], resolve: Callable[..., None], silent: int, end_time: Callable[..., None]
) -> None:
    resolve(*[silent] * 3)
    api_client = client(timeout=0.4, retries=0)
    end_time(api_client, lambda attempt: bool(attempt.failed_addresses))
    with pytest.raises(SendGridError) as failure:
        api_client.request("POST", ACCOUNTS, ORDER)
    assert failure.value.code == "timeout" and "no connection within 0.4 s. " in failure.value.message


def test_the_live_address_is_kept_after_a_failure(
    client: Callable[..., Client], sandbox: Sandbox, live: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.fault(cut="before", times=1)
    with Server(Peer.linger) as other:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (other.port, live)]
        answers = [found[1:], found]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_more: answers.pop(0))
        assert client(retries=1).request("GET", CATALOG).attempts == 2
    assert not other.peers


def test_an_error_without_a_text_is_named(
    get_failure: Callable[..., SendGridError], resolve: Callable[..., None]
) -> None:
    resolve(error=OSError())
    assert "no answer: OSError (after 2 attempts). " in get_failure(retries=1).message


def test_an_address_of_an_unsupported_family_is_passed_over(
    client: Callable[..., Client], sandbox: Sandbox, live: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As an IPv6 address on a kernel without IPv6.
    found = [(family, socket.SOCK_STREAM, 6, "", ("127.0.0.1", live)) for family in (255, socket.AF_INET)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_more: list(found))
    assert client(retries=0).request("POST", ACCOUNTS, ORDER).status == 201
    monkeypatch.undo()
    assert sandbox.count() == 1


@pytest.mark.parametrize("method", REQUESTS)
def test_a_silent_name_server_is_certain_and_takes_no_longer_than_the_timeout(
    get_failure: Callable[..., SendGridError],
    sandbox: Sandbox,
    resolve: Callable[..., None],
    live: int,
    method: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve(live, seconds=(0.7, 0.7))
    started = time.monotonic()
    failure = get_failure(method, *REQUESTS[method], timeout=0.2, retries=1)
    assert time.monotonic() - started < 0.6
    assert failure.code == "timeout" and "no name server told the address of the host within 0.2 s" in failure.message
    assert not failure.details["uncertain"] and failure.details["attempts"] == 2
    time.sleep(0.8)
    monkeypatch.undo()
    assert sandbox.count() == 0


@pytest.mark.parametrize("method", REQUESTS)
def test_a_request_is_sent_once_if_the_name_is_resolved_late(
    client: Callable[..., Client],
    sandbox: Sandbox,
    resolve: Callable[..., None],
    live: int,
    method: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve(live, seconds=(0.4,))
    assert client(timeout=0.2, retries=1).request(method, *REQUESTS[method]).attempts == 2
    time.sleep(0.4)
    monkeypatch.undo()
    assert sandbox.count() == 1


def test_the_connection_of_a_late_response_is_not_used(client: Callable[..., Client], sandbox: Sandbox) -> None:
    sandbox.fault(status=503, body="", delay=0.5, times=1)
    api_client = client(timeout=0.3, retries=1)
    assert api_client.request("GET", CATALOG).attempts == 2
    time.sleep(0.4)
    api_client.request("GET", CATALOG)
    late, second, third = (request["connection"] for request in sandbox.requests())
    assert late != second == third
