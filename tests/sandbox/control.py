# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routes below /_sandbox, for tests and curious people: they need no key and are not counted as requests."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

import rules
from accounts import STATES
from catalog import Catalog
from errors import Problem, Refusal
from faults import Fault
from world import World


class Control:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sandbox", self.summary),
            web.get("/_sandbox/requests", self.requests),
            web.get("/_sandbox/accounts", self.accounts),
            web.put("/_sandbox/accounts/{account_id}", self.change_account),
            web.post("/_sandbox/faults", self.add_fault),
            web.delete("/_sandbox/faults", self.clear_faults),
            web.put("/_sandbox/catalog", self.replace_catalog),
            web.put("/_sandbox/rate-limit", self.change_rate_limit),
            web.post("/_sandbox/reset", self.reset),
        ]

    async def summary(self, request: web.Request) -> web.Response:
        world = self._world
        return web.json_response(
            {
                "requests": world.journal.requests,
                "by_status": world.journal.by_status,
                "accounts": len(world.accounts),
                "rate_limit": asdict(world.rate_limit),
                "faults": [fault.document() for fault in world.faults],
            }
        )

    async def requests(self, request: web.Request) -> web.Response:
        return web.json_response([entry.document() for entry in self._world.journal.entries])

    async def accounts(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(account) for account in self._world.accounts.all()])

    async def change_account(self, request: web.Request) -> web.Response:
        account = self._world.accounts.get(request.match_info["account_id"])
        if account is None:
            raise Refusal(404)
        account.change(state=rules.new_state(await _document(request), states=STATES))
        return web.json_response(asdict(account))

    async def add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = Fault.parse(await _document(request))
        except ValueError as exc:
            raise _bad(str(exc)) from None
        self._world.faults.append(fault)
        return web.json_response(fault.document(), status=201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._world.faults.clear()
        return await self.summary(request)

    async def replace_catalog(self, request: web.Request) -> web.Response:
        self._world.catalog = Catalog(await _document(request))
        return await self.summary(request)

    async def change_rate_limit(self, request: web.Request) -> web.Response:
        document = await _document(request)
        if not isinstance(document, dict) or not document.keys() <= {"limit", "window", "reset"}:
            raise _bad("a rate limit is an object with limit, window and reset")
        try:
            self._world.rate_limit = replace(self._world.rate_limit, **document)
        except ValueError as exc:
            raise _bad(str(exc)) from None
        return await self.summary(request)

    async def reset(self, request: web.Request) -> web.Response:
        self._world.reset()
        return await self.summary(request)


async def _document(request: web.Request) -> Any:
    try:
        return rules.load_json(await request.read())
    except ValueError as exc:
        raise _bad(f"the body is not JSON: {exc}") from None


def _bad(message: str) -> Refusal:
    return Refusal(400, Problem(message, "", "sandbox"))
