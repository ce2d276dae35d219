# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on the account that the header ``on-behalf-of`` names: its API keys, scopes and credits."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from aiohttp import web

import validation
from accounts import Account
from api_keys import MAXIMUM_KEYS, SCOPES, ApiKey
from callers import Reseller
from errors import ApiError, Problem
from gateway import BODY, CALLER
from sandbox_state import SandboxState

_PREFIX = "account-id "


class OnBehalf:
    def __init__(self, sandbox: SandboxState) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        key = "/v3/api_keys/{api_key_id}"
        return [
            web.get("/v3/api_keys", self.list_keys, allow_head=False),
            web.post("/v3/api_keys", self.create_key),
            web.get(key, self.read_key, allow_head=False),
            web.put(key, self.update_key),
            web.patch(key, self.rename_key),
            web.delete(key, self.delete_key),
            web.get("/v3/scopes", self.list_scopes, allow_head=False),
            web.get("/v3/user/credits", self.read_credits, allow_head=False),
        ]

    async def list_keys(self, request: web.Request) -> web.Response:
        keys = _owner(request).api_keys
        limit = validation.parse_limit(request.query)
        return _json_response({"result": [key.summary() for key in keys[:limit]]})

    async def create_key(self, request: web.Request) -> web.Response:
        owner = _owner(request)
        name, scopes = validation.parse_api_key(_parse_body(request), SCOPES)
        if len(owner.api_keys) >= MAXIMUM_KEYS:
            raise ApiError(403, Problem("Cannot create more than 100 API Keys"))
        # A key that is created without scopes has full access.
        key = ApiKey(name, list(SCOPES) if scopes is None else scopes)
        owner.api_keys.append(key)
        return _json_response({"api_key": key.secret, **key.details()}, 201)

    async def read_key(self, request: web.Request) -> web.Response:
        return _json_response({"result": [_find_key(request).details()]})

    async def update_key(self, request: web.Request) -> web.Response:
        key = _find_key(request)
        name, scopes = validation.parse_api_key(_parse_body(request), SCOPES, require_scopes=True)
        key.name, key.scopes = name, scopes or key.scopes
        return _json_response(key.details())

    async def rename_key(self, request: web.Request) -> web.Response:
        key = _find_key(request)
        key.name, _scopes = validation.parse_api_key(_parse_body(request), SCOPES, optional=())
        return _json_response(key.summary())

    async def delete_key(self, request: web.Request) -> web.Response:
        _owner(request).api_keys.remove(_find_key(request))
        return web.Response(status=204)

    async def list_scopes(self, request: web.Request) -> web.Response:
        """The scopes of the key in use, which can be the key of an account, or all scopes for a reseller's key."""
        api_key = request[CALLER].api_key
        if api_key is None:
            _owner(request)
        return _json_response({"scopes": api_key.all_scopes if api_key else list(SCOPES)})

    async def read_credits(self, request: web.Request) -> web.Response:
        owner = _owner(request)
        used = owner.used if isinstance(owner, Account) else 0
        total = self._sandbox.catalog.total("email_sends_max_monthly", getattr(owner, "offerings", []))
        today = date.today()
        return _json_response(
            {
                "remain": max(0, total - used),
                "total": total,
                "overage": max(0, used - total),
                "used": used,
                "last_reset": str(today.replace(day=1)),
                "next_reset": str((today.replace(day=1) + timedelta(days=32)).replace(day=1)),
                "reset_frequency": "monthly",
            }
        )


def _owner(request: web.Request) -> Account | Reseller:
    """Return the account that the request acts on: without the header, the reseller's own.

    :raises ApiError: the caller cannot act on behalf of it. The vendor does not document with which status.
    """
    reseller: Reseller | None = request[CALLER].reseller
    header = request.headers.get("on-behalf-of")
    if reseller is None:
        raise ApiError(403)
    if header is None:
        return reseller
    account = reseller.accounts.get(header[len(_PREFIX) :]) if header.startswith(_PREFIX) else None
    if account is None or account.state == "banned":
        raise ApiError(403)
    return account


def _find_key(request: web.Request) -> ApiKey:
    key_id = request.match_info["api_key_id"]
    for key in _owner(request).api_keys:
        if key.id == key_id:
            return key
    raise ApiError(404, Problem("unable to find API Key", "api_key_id"))


def _parse_body(request: web.Request) -> Any:
    return validation.parse_body(request.headers.get("Content-Type", ""), request[BODY])


def _json_response(document: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")
