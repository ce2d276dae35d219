# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The middleware in front of the operations: request log, rate limit, faults and credentials."""

from __future__ import annotations

import asyncio
import traceback
from itertools import count
from weakref import WeakKeyDictionary

from aiohttp import web
from aiohttp.typedefs import Handler

from callers import Caller, identify
from errors import ApiError
from fault_response import FaultResponse
from sandbox_state import SandboxState

# The key under which a request stores its body. Operations use it, because reading an invalid body a second time
# raises the same exception again.
BODY = "body"
# The key under which a request stores who has sent it.
CALLER = "caller"
# In bytes. The API documents no limit. An order of thousands of offerings is smaller than this one.
_MAX_BODY = 1024 * 1024


class Gateway:
    def __init__(self, sandbox: SandboxState) -> None:
        self._sandbox = sandbox
        self._connection_numbers = count(1)
        self._connections: WeakKeyDictionary[asyncio.BaseTransport, int] = WeakKeyDictionary()

    @web.middleware
    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/v3" or request.path.startswith("/v3/"):
            return await self._handle_api(request, handler)
        return await _call_handler(request, handler)

    async def _handle_api(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = request[BODY] = await _read_body(request)
        caller = request[CALLER] = identify(request.headers.get("Authorization"), self._sandbox.resellers)
        # Keep the current log: a reset during the delay of a fault replaces it.
        request_log = self._sandbox.request_log
        entry = request_log.add(request, body, self._connection(request), authorized=caller.status == 200)
        within_limit, limit_headers = self._sandbox.rate_limit.take()
        fault = next((fault for fault in self._sandbox.faults if fault.matches(request.method, request.path)), None)
        response = web.Response()
        if fault is None or fault.runs_operation:
            error = _check_request(request, body, caller, within_limit)
            response = error.response() if error else await _call_handler(request, handler)
        response.headers.update(limit_headers)
        if fault is None:
            request_log.set_status(entry, response.status)
            return response
        await asyncio.sleep(fault.delay)
        fault_response = FaultResponse(fault, response)
        request_log.set_status(entry, None if fault.cut else fault_response.status)
        return fault_response

    def _connection(self, request: web.Request) -> int:
        transport = request.transport
        if transport is None:
            return 0
        if transport not in self._connections:
            self._connections[transport] = next(self._connection_numbers)
        return self._connections[transport]


async def _read_body(request: web.Request) -> bytes | None:
    """Return the body, or ``None`` if it is too large."""
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None
    except web.RequestPayloadError:
        # The body does not match its Content-Encoding. The operation reports that it is not JSON.
        return b""
    return body if len(body) <= _MAX_BODY else None


def _check_request(request: web.Request, body: bytes | None, caller: Caller, within_limit: bool) -> ApiError | None:
    """Return the error for a request that must not reach an operation.

    Credentials are checked first, so that a client without a key cannot find out which paths exist.
    """
    if caller.status != 200:
        return ApiError(caller.status)
    if not within_limit:
        return ApiError(429)
    if not request.headers.get("Accept"):
        return ApiError(406)
    if body is None:
        return ApiError(413)
    # What else the key of a customer's account may do is no matter of a reseller.
    if caller.reseller is None and request.path != "/v3/scopes":
        return ApiError(403)
    return None


async def _call_handler(request: web.Request, handler: Handler) -> web.Response:
    try:
        response = await handler(request)
        assert isinstance(response, web.Response)
        return response
    except ApiError as exc:
        return exc.response()
    except web.HTTPException as exc:
        allow = {"Allow": exc.headers["Allow"]} if "Allow" in exc.headers else None
        return ApiError(exc.status, headers=allow).response()
    except Exception:
        traceback.print_exc()
        return ApiError(500).response()
