# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake clock and a simple server, for tests of the client."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

CATALOG = "/v3/partners/offerings"
ACCOUNTS = "/v3/partners/accounts"
ORDER = {"offerings": [{"name": "org.ei.free.v1", "type": "package", "quantity": 1}]}
EPOCH = 1_800_000_000.0


class FakeClock:
    """A clock that only ``sleep`` advances. ``slept`` has the duration of each call, in seconds."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def time(self) -> float:
        return EPOCH + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Listener:
    """A server that reads once from each connection and sends the same bytes.

    :param response: ``b""`` to send nothing and keep the connection open, ``None`` to close each connection at once.
    """

    def __init__(self, response: bytes | None) -> None:
        self._response = response
        self.received = b""

    def __enter__(self) -> Listener:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._silent_connections: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.close()
        for connection in self._silent_connections:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
                if self._response == b"":
                    self._silent_connections.append(connection)
                    continue
                if self._response is not None:
                    self.received += connection.recv(65536)
                    connection.sendall(self._response)
                connection.close()
            except OSError:
                return


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def silent_port() -> Iterator[int]:
    """Provide a port that does not answer, as a firewall that drops packets."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        # More connections than the backlog takes, so that the kernel leaves the next one without an answer.
        for _number in range(8):
            connection = waiting.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(full.getsockname())
        yield full.getsockname()[1]


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Root may read everything."""
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
