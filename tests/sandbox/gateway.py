# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every request passes on its way to an operation: journal, rate limit, faults and credentials."""

from __future__ import annotations

import asyncio
import traceback
from itertools import count
from weakref import WeakKeyDictionary

from aiohttp import web
from aiohttp.typedefs import Handler

import keys
from errors import Refusal
from spoilt import Spoilt
from world import World

# What was read of a request, for the operations: reading a broken body once more would raise once more.
BODY = "body"
# No documented limit; an order of thousands of offerings stays below it.
_MAX_BODY = 1024 * 1024


class Gateway:
    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = count(1)
        self._connections: WeakKeyDictionary[asyncio.BaseTransport, int] = WeakKeyDictionary()

    @web.middleware
    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/v3" or request.path.startswith("/v3/"):
            return await self._api(request, handler)
        return await _answer(request, handler)

    async def _api(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = request[BODY] = await _read(request)
        standing = keys.standing(request.headers.get("Authorization"))
        # The one of now: a reset while a fault delays the answer starts another.
        journal = self._world.journal
        entry = journal.arrived(request, body, self._connection(request), authorized=standing == 200)
        within_limit, limit_headers = self._world.rate_limit.take()
        fault = next((fault for fault in self._world.faults if fault.takes(request.method, request.path)), None)
        answer = web.Response()
        if fault is None or fault.carries_out:
            refusal = _refusal(request, body, standing, within_limit)
            answer = refusal.response() if refusal else await _answer(request, handler)
        answer.headers.update(limit_headers)
        if fault is None:
            journal.answered(entry, answer.status)
            return answer
        await asyncio.sleep(fault.delay)
        spoilt = Spoilt(fault, answer)
        journal.answered(entry, None if fault.cut else spoilt.status)
        return spoilt

    def _connection(self, request: web.Request) -> int:
        transport = request.transport
        if transport is None:
            return 0
        if transport not in self._connections:
            self._connections[transport] = next(self._numbers)
        return self._connections[transport]


async def _read(request: web.Request) -> bytes | None:
    """The body, or None if it is too large."""
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None
    except web.RequestPayloadError:
        # Not what its Content-Encoding says: to an operation as good as a body that is not JSON.
        return b""
    return body if len(body) <= _MAX_BODY else None


def _refusal(request: web.Request, body: bytes | None, standing: int, within_limit: bool) -> Refusal | None:
    """Why the request goes no further. Credentials come first: strangers learn nothing else, not even what exists."""
    if standing != 200:
        return Refusal(standing)
    if not within_limit:
        return Refusal(429)
    if not request.headers.get("Accept"):
        return Refusal(406)
    if body is None:
        return Refusal(413)
    return None


async def _answer(request: web.Request, handler: Handler) -> web.Response:
    try:
        answer = await handler(request)
        assert isinstance(answer, web.Response)
        return answer
    except Refusal as exc:
        return exc.response()
    except web.HTTPException as exc:
        allow = {"Allow": exc.headers["Allow"]} if "Allow" in exc.headers else None
        return Refusal(exc.status, headers=allow).response()
    except Exception:
        traceback.print_exc()
        return Refusal(500).response()
