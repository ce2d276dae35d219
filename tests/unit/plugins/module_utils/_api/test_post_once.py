# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request that creates an account arrives at most once, and a failure says if it may have arrived.

The server can end a connection after any byte. It counts the complete requests: each of them may be an account.
"""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import ACCOUNTS, ORDER
from ansible_collections.reseller.sendgrid.tests.support.scripted_server import Peer, Script, Server
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
UNCERTAIN = "The API may have carried it out all the same, so look before you send it again."
STATUS_LINE = b"HTTP/1.1 201 Created\r\n"
BODY = b'{"account_id": "sg0123456789abcdef"}'
HEADERS = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
CREATED = STATUS_LINE + HEADERS + BODY


def make_client(server: Server, **more: Any) -> Client:
    given = {"timeout": 5.0, "retries": 3, "retry_max_delay": 60.0, "verify": True, "api_key": KEY, **more}
    return Client(ClientConfig(endpoint=server.endpoint, **given), sleep=lambda _seconds: None)


def get_failure(server: Server, **more: Any) -> SendGridError:
    """Send a POST that has to fail, and check that the failure does not show the API key."""
    with pytest.raises(SendGridError) as failure:
        make_client(server, **more).request("POST", ACCOUNTS, ORDER)
    assert KEY not in str(failure.value.result())
    return failure.value


def read_up_to(size: int) -> Script:
    return lambda peer: peer.read(size)


def wait_for_the_first_byte(peer: Peer) -> None:
    # A connection that is reset before the client knows of it counts as never made, and is retried.
    peer.connection.recv(1, socket.MSG_PEEK)


def read_half_of_the_body(peer: Peer) -> None:
    peer.read_head()
    peer.read((len(peer.head) + peer.length) // 2)


def respond(response: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.write(response)

    return script


def read_all_but_one_byte(peer: Peer) -> None:
    peer.read_head()
    peer.read(peer.length - 1)


POINTS: dict[str, Script] = {
    "before the first byte": wait_for_the_first_byte,
    "after a byte": read_up_to(1),
    "within the request line": read_up_to(9),
    "within the headers": read_up_to(100),
    "after the head": Peer.read_head,
    "within the body": read_half_of_the_body,
    "before the last byte": read_all_but_one_byte,
    "after the request": Peer.read_request,
    "after a byte of the response": respond(b"H"),
    "within the status": respond(b"HTTP/1.1 20"),
    "within the status line": respond(b"HTTP/1.1 201 Cre"),
    "after the status line": respond(STATUS_LINE),
    "within a header": respond(STATUS_LINE + HEADERS[:20]),
    "within the length": respond(STATUS_LINE + HEADERS[: HEADERS.index(b"\r\n\r\n") - 1]),
    "after the headers": respond(STATUS_LINE + HEADERS),
    "within the body of the response": respond(CREATED[:-10]),
    "before the last byte of the response": respond(CREATED[:-1]),
}


@pytest.mark.parametrize("end", [Peer.finish, Peer.reset], ids=["FIN", "RST"])
@pytest.mark.parametrize("point", POINTS)
def test_a_post_is_sent_once_wherever_the_connection_ends(point: str, end: Script) -> None:
    def script(peer: Peer) -> None:
        POINTS[point](peer)
        end(peer)

    with Server(script) as server:
        failure = get_failure(server)
    assert len(server.peers) == failure.details["attempts"] == 1
    assert server.posts() <= 1
    # A truncated response can be valid HTTP, but without the account.
    assert failure.code in ("connection", "unexpected_response")
    assert UNCERTAIN in failure.message
    if end is Peer.finish:
        assert server.posts() == 1


def test_a_get_is_retried_where_a_post_is_not() -> None:
    """This shows that the client retries after such a lost connection."""

    def reset_after_request(peer: Peer) -> None:
        peer.read_request()
        peer.finish()

    with Server(reset_after_request, reset_after_request, respond(CREATED)) as server:
        assert make_client(server).request("GET", ACCOUNTS).attempts == 3
    assert len(server.peers) == 3


def chunked(body: bytes) -> bytes:
    return STATUS_LINE + b"Transfer-Encoding: chunked\r\n\r\n" + body


INVALID_RESPONSES: dict[str, tuple[bytes, str]] = {
    "longer than announced": (CREATED.replace(b"Length: 36", b"Length: 20"), "unexpected_response"),
    "shorter than announced": (CREATED.replace(b"Length: 36", b"Length: 4000"), "connection"),
    "two lengths": (CREATED.replace(b"Length: 36", b"Length: 36, 37"), "connection"),
    "chunk that ends early": (chunked(b"ff\r\n" + BODY), "connection"),
    "chunk without a length": (chunked(b"xyz\r\n" + BODY), "connection"),
    "no end of the chunks": (chunked(b"24\r\n" + BODY + b"\r\n"), "connection"),
    "no body": (STATUS_LINE + b"Content-Length: 0\r\n\r\n", "unexpected_response"),
    "half of a document": (STATUS_LINE + b"\r\n" + BODY[:-1], "unexpected_response"),
    "HTML": (STATUS_LINE + b"\r\n<html>", "unexpected_response"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", "connection"),
    "no status": (b"HTTP/1.1 abc OK\r\n\r\n", "connection"),
    "too many headers": (STATUS_LINE + b"a: b\r\n" * 200 + b"\r\n" + BODY, "connection"),
    "a header without end": (STATUS_LINE + b"a" * 100_000, "connection"),
    "compressed in name only": (
        STATUS_LINE + b"Content-Encoding: gzip\r\n" + HEADERS + BODY,
        "unexpected_response",
    ),
    "too large": (STATUS_LINE + b"\r\n" + b" " * (9 * 1024**2), "unexpected_response"),
    "100 and no more": (b"HTTP/1.1 100 Continue\r\n\r\n", "connection"),
    "101": (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "unexpected_response"),
    "302": (b"HTTP/1.1 302 Found\r\nLocation: /v3/partners/accounts\r\n\r\n", "unexpected_response"),
    "307": (b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /v3/partners/accounts\r\n\r\n", "unexpected_response"),
    **{str(status): (b"HTTP/1.1 %d No\r\n\r\n" % status, "server_error") for status in (500, 502, 503, 504, 520, 599)},
}


@pytest.mark.parametrize("case", INVALID_RESPONSES)
def test_a_post_is_sent_once_with_any_invalid_response(case: str) -> None:
    response, code = INVALID_RESPONSES[case]

    def script(peer: Peer) -> None:
        respond(response)(peer)
        peer.finish()

    with Server(script) as server:
        failure = get_failure(server)
    assert len(server.peers) == server.posts() == failure.details["attempts"] == 1
    assert failure.code == code and UNCERTAIN in failure.message


@pytest.mark.parametrize(("status", "code"), [(400, "bad_request"), (401, "unauthorized"), (403, "forbidden")])
def test_a_refused_post_is_not_uncertain(status: int, code: str) -> None:
    with Server(respond(b"HTTP/1.1 %d No\r\n\r\n" % status)) as server:
        failure = get_failure(server)
    assert server.posts() == failure.details["attempts"] == 1
    assert failure.code == code and UNCERTAIN not in failure.message


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(response=st.binary(max_size=60) | st.tuples(st.sampled_from([STATUS_LINE, CREATED]), st.binary()).map(b"".join))
def test_a_post_is_sent_once_with_random_bytes_as_the_response(response: bytes) -> None:
    def script(peer: Peer) -> None:
        respond(response)(peer)
        peer.finish()

    with Server(script) as server, suppress(SendGridError):
        make_client(server).request("POST", ACCOUNTS, ORDER)
    assert len(server.peers) == server.posts() == 1


def refuse_with_429(peer: Peer) -> None:
    respond(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")(peer)
    peer.linger()


def reset_after_request(peer: Peer) -> None:
    peer.read_request()
    peer.reset()


def test_a_post_is_retried_only_after_429() -> None:
    with Server(refuse_with_429, refuse_with_429, respond(CREATED)) as server:
        assert make_client(server).request("POST", ACCOUNTS, ORDER).attempts == 3
    assert len(server.peers) == server.posts() == 3
    with Server(refuse_with_429) as server:
        failure = get_failure(server)
    assert len(server.peers) == server.posts() == failure.details["attempts"] == 4
    assert failure.code == "rate_limited" and UNCERTAIN not in failure.message
    with Server(refuse_with_429, reset_after_request) as server:
        failure = get_failure(server)
    # The first one was refused with 429.
    assert len(server.peers) == server.posts() == failure.details["attempts"] == 2
    assert failure.code == "connection" and UNCERTAIN in failure.message


# Timeouts


def stay_silent(peer: Peer) -> None:
    peer.read_request()
    peer.linger()


def stay_silent_within_the_response(peer: Peer) -> None:
    respond(CREATED[:-10])(peer)
    peer.linger()


def read_nothing(peer: Peer) -> None:
    # Longer than the timeout of the client. A request that has arrived by then counts too.
    time.sleep(0.6)
    peer.linger()


@pytest.mark.parametrize("script", [stay_silent, stay_silent_within_the_response, read_nothing])
def test_a_post_that_times_out_is_sent_once(script: Script) -> None:
    started = time.monotonic()
    with Server(script) as server:
        failure = get_failure(server, timeout=0.3)
        assert time.monotonic() - started < 3
    assert len(server.peers) == server.posts() == failure.details["attempts"] == 1
    assert failure.code == "timeout" and UNCERTAIN in failure.message


# Connections that are kept alive


def keep_alive(then: Script) -> Script:
    """Respond, and keep the connection open for the next request."""

    def script(peer: Peer) -> None:
        respond(CREATED)(peer)
        then(peer)

    return script


def close_when_used(peer: Peer) -> None:
    # The worst moment: the client still uses the connection, and has begun to send.
    peer.read(len(peer.received) + 1)
    peer.reset()


@pytest.mark.parametrize("then", [Peer.finish, Peer.reset, close_when_used], ids=["FIN", "RST", "RST when used"])
def test_a_post_does_not_use_an_idle_connection(then: Script) -> None:
    with Server(keep_alive(then), respond(CREATED)) as server:
        client = make_client(server)
        assert client.request("GET", ACCOUNTS).attempts == 1
        assert client.request("POST", ACCOUNTS, ORDER).attempts == 1
    assert len(server.peers) == 2 and server.posts() == 1
    assert server.peers[0].received.startswith(b"GET ") and b"POST" not in server.peers[0].received


def test_each_post_has_a_connection_of_its_own() -> None:
    with Server(keep_alive(close_when_used), keep_alive(reset_after_request)) as server:
        client = make_client(server)
        for _count in range(2):
            assert client.request("POST", ACCOUNTS, ORDER).attempts == 1
    assert len(server.peers) == server.posts() == 2


# TLS


def send_unencrypted(peer: Peer) -> None:
    """Send an unencrypted response through a TLS connection."""
    with socket.socket(fileno=peer.connection.detach()) as bare:
        bare.sendall(CREATED)


def test_a_post_is_sent_once_if_tls_breaks(tls: ssl.SSLContext, bundle: str) -> None:
    for response in (b"", CREATED[:-10]):

        def script(peer: Peer, response: bytes = response) -> None:
            respond(response)(peer)
            send_unencrypted(peer)

        with Server(script, tls=tls) as server:
            failure = get_failure(server, verify=bundle)
        assert len(server.peers) == server.posts() == failure.details["attempts"] == 1
        assert failure.code in ("tls", "connection") and UNCERTAIN in failure.message


@pytest.mark.parametrize("case", ["authority", "bundle", "no bundle", "no connection"])
def test_a_post_that_cannot_have_been_sent_is_not_uncertain(tls: ssl.SSLContext, tmp_path: Path, case: str) -> None:
    (tmp_path / "bundle").write_text("nothing")
    verify = {"bundle": str(tmp_path / "bundle"), "no bundle": str(tmp_path / "gone")}.get(case, True)
    with Server(Peer.read_request, tls=tls) as server:
        if case == "no connection":
            server.stop()
        failure = get_failure(server, verify=verify, retries=0)
    assert server.posts() == 0
    assert failure.code == ("connection" if case == "no connection" else "tls")
    assert UNCERTAIN not in failure.message
