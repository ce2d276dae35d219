# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TCP server that runs a script of the test for each connection. A script can end the connection after any byte."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

Script = Callable[["Peer"], None]


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = b""

    @property
    def head(self) -> bytes:
        """The request without its body, empty until the whole head has arrived."""
        head, end, _rest = self.received.partition(b"\r\n\r\n")
        return head + end if end else b""

    @property
    def length(self) -> int:
        """The length of the request according to its headers, in bytes."""
        lines = self.head.lower().split(b"\r\n")
        return len(self.head) + sum(int(line[15:]) for line in lines if line.startswith(b"content-length:"))

    @property
    def is_whole(self) -> bool:
        return bool(self.head) and len(self.received) >= self.length

    def read(self, size: int) -> None:
        """Read until ``size`` bytes have arrived in total, but not more."""
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
        """End the connection with FIN, and read what still arrives."""
        self.connection.shutdown(socket.SHUT_WR)
        self.linger()

    def linger(self) -> None:
        """Read until the client ends the connection."""
        while data := self.connection.recv(65536):
            self.received += data

    def reset(self) -> None:
        """End the connection with RST, which a linger time of 0 causes."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def refuse_tls(peer: Peer) -> None:
    """Answer a TLS handshake as a server for plain HTTP does."""
    peer.connection.recv(1)
    peer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.finish()


class Server:
    """Runs the next script for each connection, and repeats the last one."""

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self._scripts = scripts
        self._tls = tls
        self._threads: list[threading.Thread] = []
        self.peers: list[Peer] = []

    def __enter__(self) -> Server:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.endpoint = f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()
        return self

    def stop(self) -> None:
        """Accept no more connections."""
        # Closing alone does not wake the thread that waits for a connection.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        for peer in self.peers:
            # The client has finished, but its last data may not have been read yet.
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
        # A client that closes the connection, or that hangs, ends the script.
        connection.settimeout(10)
        with connection, suppress(OSError):
            if self._tls:
                peer.connection = self._tls.wrap_socket(connection, server_side=True)
            script(peer)

    def posts(self) -> int:
        """How many complete POST requests have arrived. Call it after the ``with`` block."""
        return sum(peer.is_whole and peer.received.startswith(b"POST ") for peer in self.peers)
