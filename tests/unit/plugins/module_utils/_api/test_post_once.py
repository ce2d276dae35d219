# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request that creates an account arrives once at most, wherever the connection is lost, and nobody is told less.

The server speaks through bare sockets, as no proper one would end a connection at any byte. It counts the requests that
arrived whole, also on a connection that it has given up: each of them may be an account.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
ACCOUNTS = "/v3/partners/accounts"
ORDER = {"offerings": [{"name": "org.ei.free.v1", "type": "package", "quantity": 1}]}
UNCERTAIN = "The API may have carried it out all the same, so look before you send it again."
STATUS_LINE = b"HTTP/1.1 201 Created\r\n"
BODY = b'{"account_id": "sg0123456789abcdef"}'
HEADERS = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
CREATED = STATUS_LINE + HEADERS + BODY

Script = Callable[["Peer"], None]


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = b""

    @property
    def head(self) -> bytes:
        """The request up to its body; nothing as long as it has not arrived whole."""
        head, end, _rest = self.received.partition(b"\r\n\r\n")
        return head + end if end else b""

    @property
    def length(self) -> int:
        """How long the request is, as far as it says."""
        lines = self.head.lower().split(b"\r\n")
        return len(self.head) + sum(int(line[15:]) for line in lines if line.startswith(b"content-length:"))

    @property
    def is_whole(self) -> bool:
        return bool(self.head) and len(self.received) >= self.length

    def read(self, size: int) -> None:
        """Read until so many bytes have arrived in all, and no further."""
        while len(self.received) < size and (data := self.connection.recv(size - len(self.received))):
            self.received += data

    def read_head(self) -> None:
        while not self.head and (data := self.connection.recv(1)):
            self.received += data

    def read_request(self) -> None:
        self.read_head()
        self.read(self.length)

    def write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def finish(self) -> None:
        """End the connection with FIN, and count what comes all the same."""
        self.connection.shutdown(socket.SHUT_WR)
        self.linger()

    def linger(self) -> None:
        """Read on until the client ends the connection."""
        while data := self.connection.recv(65536):
            self.received += data

    def reset(self) -> None:
        """End the connection with RST, as to linger for no time does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class Server:
    """Gives each connection to the next of the scripts; the last one serves all that come later."""

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self._scripts = scripts
        self._tls = tls
        self._threads: list[threading.Thread] = []
        self.peers: list[Peer] = []

    def __enter__(self) -> Server:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http{'s' if self._tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()
        return self

    def stop(self) -> None:
        """Accept no more connections."""
        # To close it alone does not wake up who waits for a connection.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        for peer in self.peers:
            # The client has done what it does; what it has sent can still be read, and is followed by an end.
            with suppress(OSError):
                peer.connection.shutdown(socket.SHUT_RD)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                script = self._scripts[min(len(self.peers), len(self._scripts) - 1)]
                peer = Peer(connection)
                self.peers.append(peer)
                self._threads.append(threading.Thread(target=self._serve, args=(peer, connection, script)))
                self._threads[-1].start()

    def _serve(self, peer: Peer, connection: socket.socket, script: Script) -> None:
        # A client that is gone ends a script; so does one that hangs.
        connection.settimeout(10)
        with connection, suppress(OSError):
            if self._tls:
                peer.connection = self._tls.wrap_socket(connection, server_side=True)
            script(peer)

    def posts(self) -> int:
        """How many requests that create an account have arrived whole, once nobody sends any more."""
        return sum(peer.is_whole and peer.received.startswith(b"POST ") for peer in self.peers)


def client(server: Server, **more: Any) -> Client:
    given = {"timeout": 5.0, "retries": 3, "retry_max_delay": 60.0, "verify": True, "api_key": KEY, **more}
    return Client(ClientConfig(endpoint=server.endpoint, **given), sleep=lambda _seconds: None)


def failing(server: Server, **more: Any) -> SendGridError:
    """Fail to create an account."""
    with pytest.raises(SendGridError) as failure:
        client(server, **more).request("POST", ACCOUNTS, ORDER)
    assert KEY not in str(failure.value.result())
    return failure.value


def up_to(size: int) -> Script:
    return lambda peer: peer.read(size)


def before_the_first_byte(peer: Peer) -> None:
    # Not at once: a connection that is reset before the client has heard of it was never made, and can be tried again.
    peer.connection.recv(1, socket.MSG_PEEK)


def half_of_the_body(peer: Peer) -> None:
    peer.read_head()
    peer.read((len(peer.head) + peer.length) // 2)


def after_all_and(answer: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.write(answer)

    return script


def all_but_one_byte(peer: Peer) -> None:
    peer.read_head()
    peer.read(peer.length - 1)


POINTS: dict[str, Script] = {
    "before the first byte": before_the_first_byte,
    "after a byte": up_to(1),
    "amid the request line": up_to(9),
    "amid the headers": up_to(100),
    "after the head": Peer.read_head,
    "amid the body": half_of_the_body,
    "before the last byte": all_but_one_byte,
    "after the request": Peer.read_request,
    "after a byte of the answer": after_all_and(b"H"),
    "amid the status": after_all_and(b"HTTP/1.1 20"),
    "amid the status line": after_all_and(b"HTTP/1.1 201 Cre"),
    "after the status line": after_all_and(STATUS_LINE),
    "amid a header": after_all_and(STATUS_LINE + HEADERS[:20]),
    "amid the length": after_all_and(STATUS_LINE + HEADERS[: HEADERS.index(b"\r\n\r\n") - 1]),
    "after the headers": after_all_and(STATUS_LINE + HEADERS),
    "amid the body of the answer": after_all_and(CREATED[:-10]),
    "before the last byte of the answer": after_all_and(CREATED[:-1]),
}


@pytest.mark.parametrize("end", [Peer.finish, Peer.reset], ids=["FIN", "RST"])
@pytest.mark.parametrize("point", POINTS)
def test_post_is_sent_once_wherever_the_connection_ends(point: str, end: Script) -> None:
    def script(peer: Peer) -> None:
        POINTS[point](peer)
        end(peer)

    with Server(script) as server:
        failure = failing(server)
    assert len(server.peers) == failure.details["attempts"] == 1
    assert server.posts() <= 1
    # What is left of an answer may look like a whole one, without the account.
    assert failure.code in ("connection", "unexpected_response")
    assert UNCERTAIN in failure.message
    if end is Peer.finish:
        assert server.posts() == 1


def test_get_is_repeated_where_post_is_not() -> None:
    """The server that ends connections is one that the client would ask again."""

    def drop(peer: Peer) -> None:
        peer.read_request()
        peer.finish()

    with Server(drop, drop, after_all_and(CREATED)) as server:
        assert client(server).request("GET", ACCOUNTS).attempts == 3
    assert len(server.peers) == 3


def chunked(body: bytes) -> bytes:
    return STATUS_LINE + b"Transfer-Encoding: chunked\r\n\r\n" + body


ANSWERS: dict[str, tuple[bytes, str]] = {
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


@pytest.mark.parametrize("what", ANSWERS)
def test_post_is_sent_once_whatever_is_answered(what: str) -> None:
    answer, code = ANSWERS[what]

    def script(peer: Peer) -> None:
        after_all_and(answer)(peer)
        peer.finish()

    with Server(script) as server:
        failure = failing(server)
    assert len(server.peers) == server.posts() == failure.details["attempts"] == 1
    assert failure.code == code and UNCERTAIN in failure.message


@pytest.mark.parametrize(("status", "code"), [(400, "bad_request"), (401, "unauthorized"), (403, "forbidden")])
def test_a_refusal_is_not_called_uncertain(status: int, code: str) -> None:
    with Server(after_all_and(b"HTTP/1.1 %d No\r\n\r\n" % status)) as server:
        failure = failing(server)
    assert server.posts() == failure.details["attempts"] == 1
    assert failure.code == code and UNCERTAIN not in failure.message


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.binary(max_size=60) | st.tuples(st.sampled_from([STATUS_LINE, CREATED]), st.binary()).map(b"".join))
def test_post_is_sent_once_whatever_bytes_are_answered(answer: bytes) -> None:
    def script(peer: Peer) -> None:
        after_all_and(answer)(peer)
        peer.finish()

    with Server(script) as server, suppress(SendGridError):
        client(server).request("POST", ACCOUNTS, ORDER)
    assert len(server.peers) == server.posts() == 1


def limited(peer: Peer) -> None:
    after_all_and(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")(peer)
    peer.linger()


def drop(peer: Peer) -> None:
    peer.read_request()
    peer.reset()


def test_post_is_repeated_only_as_long_as_the_api_says_that_nothing_was_done() -> None:
    with Server(limited, limited, after_all_and(CREATED)) as server:
        assert client(server).request("POST", ACCOUNTS, ORDER).attempts == 3
    assert len(server.peers) == server.posts() == 3
    with Server(limited) as server:
        failure = failing(server)
    assert len(server.peers) == server.posts() == failure.details["attempts"] == 4
    assert failure.code == "rate_limited" and UNCERTAIN not in failure.message
    with Server(limited, drop) as server:
        failure = failing(server)
    # One of them was refused.
    assert len(server.peers) == server.posts() == failure.details["attempts"] == 2
    assert failure.code == "connection" and UNCERTAIN in failure.message


# Timeouts


def silent(peer: Peer) -> None:
    peer.read_request()
    peer.linger()


def silent_amid_the_answer(peer: Peer) -> None:
    after_all_and(CREATED[:-10])(peer)
    peer.linger()


def reading_nothing(peer: Peer) -> None:
    # Longer than the patience of the client; what has arrived by then counts all the same.
    time.sleep(0.6)
    peer.linger()


@pytest.mark.parametrize("script", [silent, silent_amid_the_answer, reading_nothing])
def test_post_that_times_out_is_sent_once(script: Script) -> None:
    started = time.monotonic()
    with Server(script) as server:
        failure = failing(server, timeout=0.3)
        assert time.monotonic() - started < 3
    assert len(server.peers) == server.posts() == failure.details["attempts"] == 1
    assert failure.code == "timeout" and UNCERTAIN in failure.message


# Connections that are kept alive


def kept_alive(then: Script) -> Script:
    """Answer a request and keep the connection for another."""

    def script(peer: Peer) -> None:
        after_all_and(CREATED)(peer)
        then(peer)

    return script


def close_when_used(peer: Peer) -> None:
    # The worst moment: the client takes the connection for alive and has begun to send.
    peer.read(len(peer.received) + 1)
    peer.reset()


@pytest.mark.parametrize("then", [Peer.finish, Peer.reset, close_when_used], ids=["FIN", "RST", "RST when used"])
def test_post_does_not_meet_a_connection_that_was_closed_while_idle(then: Script) -> None:
    with Server(kept_alive(then), after_all_and(CREATED)) as server:
        one = client(server)
        assert one.request("GET", ACCOUNTS).attempts == 1
        assert one.request("POST", ACCOUNTS, ORDER).attempts == 1
    assert len(server.peers) == 2 and server.posts() == 1
    assert server.peers[0].received.startswith(b"GET ") and b"POST" not in server.peers[0].received


def test_post_after_post_goes_to_a_connection_of_its_own() -> None:
    with Server(kept_alive(close_when_used), kept_alive(drop)) as server:
        one = client(server)
        for _count in range(2):
            assert one.request("POST", ACCOUNTS, ORDER).attempts == 1
    assert len(server.peers) == server.posts() == 2


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def bundle(authority: trustme.CA) -> Iterator[str]:
    with authority.cert_pem.tempfile() as path:
        yield path


def no_tls(peer: Peer) -> None:
    """Answer in clear where the client has been promised something else."""
    with socket.socket(fileno=peer.connection.detach()) as bare:
        bare.sendall(CREATED)


def test_post_is_sent_once_where_tls_breaks(tls: ssl.SSLContext, bundle: str) -> None:
    for answer in (b"", CREATED[:-10]):

        def script(peer: Peer, answer: bytes = answer) -> None:
            after_all_and(answer)(peer)
            no_tls(peer)

        with Server(script, tls=tls) as server:
            failure = failing(server, verify=bundle)
        assert len(server.peers) == server.posts() == failure.details["attempts"] == 1
        assert failure.code in ("tls", "connection") and UNCERTAIN in failure.message


@pytest.mark.parametrize("what", ["authority", "bundle", "no bundle", "no connection"])
def test_where_nothing_can_have_been_sent_there_is_no_doubt(tls: ssl.SSLContext, tmp_path: Path, what: str) -> None:
    (tmp_path / "bundle").write_text("nothing")
    verify = {"bundle": str(tmp_path / "bundle"), "no bundle": str(tmp_path / "gone")}.get(what, True)
    with Server(Peer.read_request, tls=tls) as server:
        if what == "no connection":
            server.stop()
        failure = failing(server, verify=verify, retries=0)
    assert server.posts() == 0
    assert failure.code == ("connection" if what == "no connection" else "tls")
    assert UNCERTAIN not in failure.message
