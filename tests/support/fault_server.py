# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that can violate HTTP, unlike the sandbox: it sends any bytes, or none.

It has separate behaviours and request counts for each API key. So one server can serve many hosts of a play at the same
time, on any of its ports.
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

# Called with the connection and the server's ``placeholders``.
Behaviour = Callable[[socket.socket, Mapping[str, object]], None]


def http(status: int, body: bytes = b"", headers: Mapping[str, str | None] | None = None) -> bytes:
    """Return the bytes of a response; a header with the value ``None`` is left out."""
    defaults = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    merged = {**defaults, **(headers or {})}
    lines = [f"{name}: {value}\r\n" for name, value in merged.items() if value is not None]
    return f"HTTP/1.1 {status} \r\n{''.join(lines)}\r\n".encode() + body


def sends(*parts: bytes | Callable[[], bytes], pause: float = 0) -> Behaviour:
    """Send ``parts``, waiting ``pause`` seconds between them, and close the connection."""

    def behave(connection: socket.socket, _placeholders: Mapping[str, object]) -> None:
        for index, part in enumerate(parts):
            time.sleep(pause if index else 0)
            connection.sendall(part if isinstance(part, bytes) else part())

    return behave


def resets(part: bytes = b"") -> Behaviour:
    """Send ``part`` and reset the connection."""

    def behave(connection: socket.socket, _placeholders: Mapping[str, object]) -> None:
        connection.sendall(part)
        # Without a pause, the reset can discard data that the client has not read.
        time.sleep(0.2 if part else 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return behave


def endless(head: bytes, part: bytes, pause: float) -> Behaviour:
    """Send ``head``, then ``part`` every ``pause`` seconds until the client closes the connection."""

    def behave(connection: socket.socket, _placeholders: Mapping[str, object]) -> None:
        connection.sendall(head)
        while True:
            time.sleep(pause)
            connection.sendall(part)

    return behave


def redirects_to(status: int, target: str) -> Behaviour:
    """Redirect to ``target``, which can have placeholders."""

    def behave(connection: socket.socket, placeholders: Mapping[str, object]) -> None:
        location = target.format_map(placeholders)
        connection.sendall(http(status, f"Moved to {location}".encode(), {"Location": location}))

    return behave


def silent(connection: socket.socket, _placeholders: Mapping[str, object]) -> None:
    """Send nothing until the client closes the connection."""
    connection.recv(1)


class FaultServer:
    """Context manager for a server on 127.0.0.1: ``with FaultServer() as server: port = server.listen()``."""

    def __init__(self) -> None:
        # By API key: the behaviour for each request in order. The last one repeats.
        self.behaviours: dict[str, list[Behaviour]] = {}
        # By API key: for each request, when it arrived and when the client closed its connection, in seconds.
        self.requests: defaultdict[str, list[list[float]]] = defaultdict(list)
        # Values such as ports, for behaviours whose text has placeholders.
        self.placeholders: Mapping[str, object] = {}
        # The heads of the requests to proxies.
        self.proxied: list[bytes] = []
        self._listening: list[socket.socket] = []
        self._responding: set[socket.socket] = set()

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(self, *_exc: object) -> None:
        for listening in self._listening:
            listening.close()
        # A client in the process of the test may never close those that it has abandoned.
        for connection in list(self._responding):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def listen(self, tls: ssl.SSLContext | None = None) -> int:
        """Open one more port, for HTTP or, with ``tls``, for HTTPS, and return it."""

        def serve(connection: socket.socket) -> None:
            self._serve(tls.wrap_socket(connection, server_side=True) if tls else connection)

        return self._open(serve)

    def listen_as_proxy(self, tls: ssl.SSLContext) -> int:
        """Open a port for a proxy that connects each host name to this server.

        It refuses host names that start with ``refused``, with the status that follows, by default 403.
        """

        def serve(connection: socket.socket) -> None:
            head = _receive_head(connection)
            self.proxied.append(head)
            refused = re.match(rb"CONNECT refused-?(\d*)|(?!CONNECT )", head)
            if refused:
                connection.sendall(http(int(refused[1] or 403)))
                return
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._serve(tls.wrap_socket(connection, server_side=True))

        return self._open(serve)

    def listen_and_close(self) -> int:
        """Open a port that closes each connection as soon as it receives data."""
        return self._open(lambda connection: connection.recv(65536))

    def wait_until_idle(self) -> None:
        """Wait until the connections of all requests are closed, but those that a client in this process abandoned."""
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline and any(len(span) < 2 for spans in self.requests.values() for span in spans):
            time.sleep(0.01)

    def _open(self, serve: Callable[[socket.socket], object]) -> int:
        listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listening.append(listening)
        threading.Thread(target=self._accept, args=(listening, serve), daemon=True).start()
        port: int = listening.getsockname()[1]
        return port

    def _accept(self, listening: socket.socket, serve: Callable[[socket.socket], object]) -> None:
        # The listening socket is closed at the end, and a client can disconnect at any time.
        with suppress(OSError):
            while True:
                connection, _address = listening.accept()
                threading.Thread(target=self._handle, args=(connection, serve), daemon=True).start()

    def _handle(self, connection: socket.socket, serve: Callable[[socket.socket], object]) -> None:
        connection.settimeout(60)
        with connection, suppress(OSError):
            serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        # Wrapping for TLS makes a new socket, which has to be closed too.
        with connection:
            authorization = re.search(rb"(?im)^authorization: bearer (.*?)\r?$", _receive_head(connection))
            if not authorization:
                connection.sendall(http(401))
                return
            self._respond(connection, authorization[1].decode("latin-1"))

    def _respond(self, connection: socket.socket, key: str) -> None:
        span = [time.monotonic()]
        requests = self.requests[key]
        requests.append(span)
        self._responding.add(connection)
        behaviours = self.behaviours.get(key, [sends(http(401))])
        try:
            behaviours[min(len(requests), len(behaviours)) - 1](connection, self.placeholders)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        finally:
            span.append(time.monotonic())
            self._responding.discard(connection)


def _receive_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the client has disconnected")
        head += part
        if head.startswith(b"\x16"):
            # A TLS handshake on a port for HTTP.
            connection.sendall(http(400))
            raise ConnectionError("not HTTP")
    return head
