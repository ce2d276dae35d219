# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Making a connection: how far a request has got, and how long each address of a name may take."""

from __future__ import annotations

import http.client
import queue
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .libraries import HTTPAdapter, urllib3

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection as _Connection
else:
    _Connection = object

Stage = Literal["preparing", "resolving", "connecting", "tunnelling", "handshake", "sent"]
# As ``socket.getaddrinfo`` returns it: family, type, protocol, canonical name, address.
Address = tuple[Any, ...]
Result = TypeVar("Result")


class Attempt:
    """How far one request has got.

    :param limit: how long it may take, in seconds.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.give_up_at = time.monotonic() + limit
        # Only with "sent" the request may have left this machine.
        self.stage: Stage = "preparing"
        # Of each address that was tried in vain: the text of the address, and the error.
        self.failed_addresses: list[tuple[str, OSError]] = []
        # How long each address may take, in seconds.
        self.share = limit
        # The path of the CA certificates, unless they are those of requests.
        self.bundle: str | None = None
        self._is_abandoned = False
        self._lock = threading.Lock()

    def remaining(self) -> float:
        """Return how many seconds are left. Never 0, which would mean not to wait at all."""
        return max(self.give_up_at - time.monotonic(), 0.001)

    def advance(self, stage: Stage) -> None:
        """Begin ``stage``.

        :raises TimeoutError: nobody waits for it any more.
        """
        with self._lock:
            if self._is_abandoned or time.monotonic() >= self.give_up_at:
                raise TimeoutError("timed out")
            self.stage = stage

    def abandon(self) -> None:
        """Make sure that no other stage begins."""
        with self._lock:
            self._is_abandoned = True


def call_in_thread(function: Callable[[], Result], limit: float) -> Result:
    """Return what ``function`` returns. If that takes longer than ``limit`` seconds, it goes on without effect.

    :raises TimeoutError: it takes longer.
    """
    outcome: queue.SimpleQueue[tuple[Result | None, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((function(), None))
        except Exception as error:
            outcome.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = outcome.get(timeout=limit)
    except queue.Empty:
        raise TimeoutError("timed out") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


class Adapter(HTTPAdapter):
    """Reports to ``attempt`` how far a request has got."""

    # Of the request that runs now: a connection serves several, and asks here. A late thread keeps its own, because
    # each failure ends the use of an adapter.
    attempt: Attempt
    # The last address that has answered. It is tried first: each POST has a connection of its own.
    live_address: Address | None = None

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Prepare a pool of connections, whatever kind of proxy it is for. All versions of requests call this last."""
        self.attempt.bundle = verify if isinstance(verify, str) else None
        super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call,unused-ignore]
        if not issubclass(conn.ConnectionCls, _ReportingConnection):
            bases = (_ReportingConnection, conn.ConnectionCls)
            conn.ConnectionCls = type(conn.ConnectionCls.__name__, bases, {"adapter": self})


class _UnbufferedResponse(http.client.HTTPResponse):
    """Reads no further than its own end: with a page after it, the handshake has to fail as without a proxy."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = sock.makefile("rb", buffering=0)  # type: ignore[assignment]


class _ReportingConnection(_Connection):
    """Extends the connections of urllib3 1.26 and 2, direct ones and those to a proxy."""

    adapter: Adapter

    def _new_conn(self) -> socket.socket:
        attempt = self.adapter.attempt
        connect = self._connect_to_socks if hasattr(self, "_socks_options") else self._connect_to_first_address
        # Here already, so that urllib3 closes it if the time is over.
        self.sock = connect(attempt)
        self.sock.settimeout(attempt.remaining())
        attempt.advance("tunnelling" if getattr(self, "_tunnel_host", None) else "handshake")
        return self.sock

    def _connect_to_socks(self, attempt: Attempt) -> socket.socket:
        attempt.advance("connecting")
        # In a thread, as below: PySocks looks up names too. A late one may still ask for a connection, and closes it.
        return call_in_thread(super()._new_conn, attempt.remaining())

    def _connect_to_first_address(self, attempt: Attempt) -> socket.socket:
        """Give each address a share of the time: with the whole of it, a silent one leaves none for the others."""
        attempt.advance("resolving")
        host, port = self._dns_host.strip("[]"), self.port
        family = urllib3.util.connection.allowed_gai_family()
        # In a thread: nothing can interrupt the C library while a name server is silent.
        addresses: list[Address] = call_in_thread(
            lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM), attempt.remaining()
        )
        addresses.sort(key=lambda address: address != self.adapter.live_address)
        if len(addresses) > 1:
            # One more share is for the response. Not of what remains: messages tell the share, and are compared.
            attempt.share = attempt.limit / (len(addresses) + 1)
        error: OSError = OSError("the name has no address")
        for address in addresses:
            attempt.advance("connecting")
            connection = None
            try:
                connection = socket.socket(*address[:3])
                for option in self.socket_options or ():
                    connection.setsockopt(*option)
                connection.settimeout(min(attempt.share, attempt.remaining()))
                connection.connect(address[4])
            except OSError as caught:
                if connection:
                    connection.close()
                error = caught
                attempt.failed_addresses.append((str(address[4][0]), caught))
            else:
                self.adapter.live_address = address
                return connection
        raise error

    def _tunnel(self) -> None:
        # Again: for some proxies, a handshake of their own comes before this.
        self.adapter.attempt.advance("tunnelling")
        self.response_class = _UnbufferedResponse  # type: ignore[misc,assignment,unused-ignore]
        try:
            super()._tunnel()  # type: ignore[misc,unused-ignore]
        finally:
            del self.response_class
        self.adapter.attempt.advance("handshake")

    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        # http.client would connect while it sends. The two have to be told apart.
        if self.sock is None:
            self.connect()
        self.adapter.attempt.advance("sent")
        super().endheaders(*args, **kwargs)
