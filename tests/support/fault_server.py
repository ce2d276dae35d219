# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that breaks the rules of HTTP, which the sandbox cannot: it sends whatever bytes a test wants, or none.

Each API key is answered in a way of its own and counted by itself, so that many hosts of one play can be served at
once, whatever port and protocol they use.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType

# Is given the connection, and the ports by name.
Behaviour = Callable[[socket.socket, Mapping[str, object]], None]


def http(status: int, body: bytes = b"", headers: Mapping[str, str | None] | None = None) -> bytes:
    """Return an answer; a header that is V(None) is left out."""
    usual = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    given = {**usual, **(headers or {})}
    lines = [f"{name}: {value}\r\n" for name, value in given.items() if value is not None]
    return f"HTTP/1.1 {status} \r\n{''.join(lines)}\r\n".encode() + body


def sends(*parts: bytes | Callable[[], bytes], pause: float = 0) -> Behaviour:
    """Send I(parts), with a I(pause) in seconds before all but the first, and close."""

    def behave(connection: socket.socket, _places: Mapping[str, object]) -> None:
        for index, part in enumerate(parts):
            time.sleep(pause if index else 0)
            connection.sendall(part if isinstance(part, bytes) else part())

    return behave


def resets(part: bytes = b"") -> Behaviour:
    """Send I(part) and break the connection off with RST."""

    def behave(connection: socket.socket, _places: Mapping[str, object]) -> None:
        connection.sendall(part)
        # Else the reset can overtake what was sent.
        time.sleep(0.2 if part else 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return behave


def endless(head: bytes, part: bytes, pause: float) -> Behaviour:
    """Send I(head), then I(part) again and again until the client has enough."""

    def behave(connection: socket.socket, _places: Mapping[str, object]) -> None:
        connection.sendall(head)
        while True:
            time.sleep(pause)
            connection.sendall(part)

    return behave


def redirects_to(status: int, target: str) -> Behaviour:
    """Redirect to I(target), which may name ports."""

    def behave(connection: socket.socket, places: Mapping[str, object]) -> None:
        location = target.format_map(places)
        connection.sendall(http(status, f"Moved to {location}".encode(), {"Location": location}))

    return behave


def silent(connection: socket.socket, _places: Mapping[str, object]) -> None:
    """Say nothing until the client gives up."""
    connection.recv(1)


class FaultServer:
    """`with FaultServer() as server: port = server.listen()`, on 127.0.0.1."""

    def __init__(self) -> None:
        # What is done to the first request with a key, to the second and so on; the last one is for all that follow.
        self.behaviours: dict[str, list[Behaviour]] = {}
        # When the requests with each key arrived and when the client closed their connections, in seconds.
        self.requests: defaultdict[str, list[list[float]]] = defaultdict(list)
        # For behaviours that have to name a port.
        self.places: Mapping[str, object] = {}
        # What proxies were asked for.
        self.proxied: list[bytes] = []
        self._listening: list[socket.socket] = []

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listening in self._listening:
            listening.close()

    def listen(self, tls: ssl.SSLContext | None = None) -> int:
        """Return the port of one more way in, for http or, with I(tls), for https."""

        def serve(connection: socket.socket) -> None:
            self._serve(tls.wrap_socket(connection, server_side=True) if tls else connection)

        return self._open(serve)

    def listen_as_proxy(self, tls: ssl.SSLContext) -> int:
        """Return the port of a proxy, behind which this server is every host; those named C(refused…) are refused."""

        def serve(connection: socket.socket) -> None:
            head = _head(connection)
            self.proxied.append(head)
            if not head.startswith(b"CONNECT ") or head.startswith(b"CONNECT refused"):
                connection.sendall(http(403))
                return
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._serve(tls.wrap_socket(connection, server_side=True))

        return self._open(serve)

    def listen_rudely(self) -> int:
        """Return a port where connections are closed as soon as something is said."""
        return self._open(lambda connection: connection.recv(65536))

    def _open(self, serve: Callable[[socket.socket], object]) -> int:
        listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listening.append(listening)
        threading.Thread(target=self._accept, args=(listening, serve), daemon=True).start()
        port: int = listening.getsockname()[1]
        return port

    def _accept(self, listening: socket.socket, serve: Callable[[socket.socket], object]) -> None:
        # The listening socket is closed at the end, and clients leave whenever they like.
        with suppress(OSError):
            while True:
                connection, _address = listening.accept()
                threading.Thread(target=self._handle, args=(connection, serve), daemon=True).start()

    def _handle(self, connection: socket.socket, serve: Callable[[socket.socket], object]) -> None:
        connection.settimeout(60)
        with connection, suppress(OSError):
            serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        # A socket for TLS is another one than it was made from.
        with connection:
            found = re.search(rb"(?im)^authorization: bearer (.*?)\r?$", _head(connection))
            if not found:
                connection.sendall(http(401))
                return
            self._answer(connection, found[1].decode("latin-1"))

    def _answer(self, connection: socket.socket, key: str) -> None:
        span = [time.monotonic()]
        requests = self.requests[key]
        requests.append(span)
        behaviours = self.behaviours.get(key, [sends(http(401))])
        try:
            behaviours[min(len(requests), len(behaviours)) - 1](connection, self.places)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        finally:
            span.append(time.monotonic())


def _head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the client has left")
        head += part
        if head.startswith(b"\x16"):
            # The handshake of TLS, which a server for http takes for a request.
            connection.sendall(http(400))
            raise ConnectionError("not http")
    return head
