# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer to a request that a fault hit."""

from __future__ import annotations

import asyncio
import socket
import struct
from email.utils import formatdate

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from errors import error_body
from faults import Fault


class Spoilt(web.StreamResponse):
    """Writes to the connection itself, because aiohttp sends nothing that is not proper HTTP."""

    def __init__(self, fault: Fault, answer: web.Response) -> None:
        super().__init__(status=answer.status if fault.status is None else fault.status, headers=answer.headers)
        self._fault = fault
        self._content = answer.body if isinstance(answer.body, bytes) else b""
        if fault.status is not None:
            self._content = error_body(fault.status) if fault.status >= 400 else b""
            self.headers["Content-Type"] = "application/json"
        if fault.content is not None:
            self._content = fault.content
        if self.status in (204, 304):
            self._content = b""
        else:
            length = len(self._content) if fault.content_length is None else fault.content_length
            self.headers["Content-Length"] = str(length)
        self.headers["Date"] = formatdate(usegmt=True)
        if not fault.keeps_connection:
            self.headers["Connection"] = "close"
        for name, value in fault.headers.items():
            self.headers.popall(name, None)
            if value is not None:
                self.headers[name] = value

    @property
    def keep_alive(self) -> bool:
        return self._fault.keeps_connection

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        transport = request.transport
        if transport is None:
            return None
        fault = self._fault
        lines = [f"HTTP/1.1 {self.status} {self.reason}", *(f"{name}: {value}" for name, value in self.headers.items())]
        head, content = "\r\n".join([*lines, "", ""]).encode(errors="surrogateescape"), self._content
        if fault.cut == "body":
            content = content[: len(content) // 2]
        elif fault.cut is not None:
            head, content = head[: 0 if fault.cut == "before" else len(head) // 2], b""
        await _write(transport, head, fault.drip if fault.drip_headers else 0)
        await _write(transport, content, fault.drip)
        if fault.reset and not transport.is_closing():
            # To linger for no time makes the kernel send RST where it would send FIN.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write: aiohttp closes the connection, or goes on with it."""


async def _write(transport: asyncio.WriteTransport, data: bytes, drip: float) -> None:
    if not drip:
        transport.write(data)
        return
    for index in range(len(data)):
        # The client's patience ends this, not ours.
        if transport.is_closing():
            return
        transport.write(data[index : index + 1])
        await asyncio.sleep(drip)
