# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control routes, below ``/_sandbox``. They need no key and are not counted as requests."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

import validation
from accounts import STATES
from callers import find_account
from catalog import Catalog
from errors import ApiError, Problem
from faults import Fault
from sandbox_state import SandboxState


class Control:
    def __init__(self, sandbox: SandboxState) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sandbox", self.summary),
            web.get("/_sandbox/requests", self.requests),
            web.get("/_sandbox/accounts", self.accounts),
            web.put("/_sandbox/accounts/{account_id}", self.update_account),
            web.post("/_sandbox/faults", self.add_fault),
            web.delete("/_sandbox/faults", self.remove_faults),
            web.put("/_sandbox/catalog", self.replace_catalog),
            web.put("/_sandbox/rate-limit", self.update_rate_limit),
            web.put("/_sandbox/list-lag", self.update_list_lag),
            web.post("/_sandbox/reset", self.reset),
        ]

    async def summary(self, request: web.Request) -> web.Response:
        sandbox = self._sandbox
        return web.json_response(
            {
                "requests": sandbox.request_log.requests,
                "by_status": sandbox.request_log.by_status,
                "accounts": len(sandbox.all_accounts()),
                "rate_limit": asdict(sandbox.rate_limit),
                "faults": [fault.to_dict() for fault in sandbox.faults],
            }
        )

    async def requests(self, request: web.Request) -> web.Response:
        return web.json_response([entry.to_dict() for entry in self._sandbox.request_log.entries])

    async def accounts(self, request: web.Request) -> web.Response:
        return web.json_response([account.to_dict() for account in self._sandbox.all_accounts()])

    async def update_account(self, request: web.Request) -> web.Response:
        account = find_account(request.match_info["account_id"], self._sandbox.resellers)
        if account is None:
            raise ApiError(404)
        document = await _read_json(request)
        used = document.pop("used", account.used) if isinstance(document, dict) else account.used
        if isinstance(used, bool) or not isinstance(used, int) or used < 0:
            raise _bad_request("used is a number of mails")
        if document or used == account.used:
            account.update(state=validation.parse_state(document, states=STATES))
        account.used = used
        return web.json_response(account.to_dict())

    async def add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = Fault.parse(await _read_json(request))
        except ValueError as exc:
            raise _bad_request(str(exc)) from None
        self._sandbox.faults.append(fault)
        return web.json_response(fault.to_dict(), status=201)

    async def remove_faults(self, request: web.Request) -> web.Response:
        self._sandbox.faults.clear()
        return await self.summary(request)

    async def replace_catalog(self, request: web.Request) -> web.Response:
        self._sandbox.catalog = Catalog(await _read_json(request))
        return await self.summary(request)

    async def update_rate_limit(self, request: web.Request) -> web.Response:
        document = await _read_json(request)
        if not isinstance(document, dict) or not document.keys() <= {"limit", "window", "reset"}:
            raise _bad_request("a rate limit is an object with limit, window and reset")
        try:
            self._sandbox.rate_limit = replace(self._sandbox.rate_limit, **document)
        except ValueError as exc:
            raise _bad_request(str(exc)) from None
        return await self.summary(request)

    async def update_list_lag(self, request: web.Request) -> web.Response:
        seconds = await _read_json(request)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
            raise _bad_request("a number of seconds, 0 or more, is needed")
        for reseller in self._sandbox.resellers:
            reseller.accounts.list_lag = seconds
        return await self.summary(request)

    async def reset(self, request: web.Request) -> web.Response:
        self._sandbox.reset()
        return await self.summary(request)


async def _read_json(request: web.Request) -> Any:
    try:
        return validation.load_json(await request.read())
    except ValueError as exc:
        raise _bad_request(f"the body is not JSON: {exc}") from None


def _bad_request(message: str) -> ApiError:
    return ApiError(400, Problem(message, "", "sandbox"))
