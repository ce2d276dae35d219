# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The response to a request that a fault applies to."""

from __future__ import annotations

import asyncio
import socket
import struct
from email.utils import formatdate

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from errors import error_body
from faults import Fault


class FaultResponse(web.StreamResponse):
    """A response that writes directly to the connection, because aiohttp does not send invalid HTTP.

    :param response: the response without the fault.
    """

    def __init__(self, fault: Fault, response: web.Response) -> None:
        super().__init__(status=response.status if fault.status is None else fault.status, headers=response.headers)
        self._fault = fault
        self._content = response.body if isinstance(response.body, bytes) else b""
        if fault.status is not None:
            self._content = error_body(fault.status) if fault.status >= 400 else b""
            self.headers["Content-Type"] = "application/json"
        if fault.replacement_body is not None:
            self._content = fault.replacement_body
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
        head, body = "\r\n".join([*lines, "", ""]).encode(errors="surrogateescape"), self._content
        if fault.cut == "body":
            body = body[: len(body) // 2]
        elif fault.cut is not None:
            head, body = head[: 0 if fault.cut == "before" else len(head) // 2], b""
        await _write(transport, head, fault.drip if fault.drip_headers else 0)
        await _write(transport, body, fault.drip)
        if fault.reset and not transport.is_closing():
            # With a linger time of 0 s, the kernel sends RST instead of FIN.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: ``prepare`` has written everything."""


async def _write(transport: asyncio.WriteTransport, data: bytes, drip: float) -> None:
    if not drip:
        transport.write(data)
        return
    for index in range(len(data)):
        # Clients close the connection when their timeout ends.
        if transport.is_closing():
            return
        transport.write(data[index : index + 1])
        await asyncio.sleep(drip)
