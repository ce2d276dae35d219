# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nine operations of the API."""

from __future__ import annotations

import json
import secrets
from typing import Any

from aiohttp import web

import rules
from accounts import WRITABLE_STATES, Account
from errors import Problem, Refusal
from gateway import BODY
from world import World


class Api:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        accounts = "/v3/partners/accounts"
        account = accounts + "/{account_id}"
        return [
            web.get("/v3/partners/offerings", self.list_offerings, allow_head=False),
            web.get(accounts, self.list_accounts, allow_head=False),
            web.post(accounts, self.create_account),
            web.delete(account, self.delete_account),
            web.get(f"{account}/offerings", self.read_offerings, allow_head=False),
            web.put(f"{account}/offerings", self.write_offerings),
            web.get(f"{account}/state", self.read_state, allow_head=False),
            web.put(f"{account}/state", self.write_state),
            web.post(f"{account}/sso", self.sign_on),
        ]

    async def list_offerings(self, request: web.Request) -> web.Response:
        rules.no_query(request.query)
        return web.Response(body=self._world.catalog.body, content_type="application/json")

    async def list_accounts(self, request: web.Request) -> web.Response:
        limit, after = rules.page(request.query, self._world.accounts.was_issued)
        found = self._world.accounts.page(limit, after)
        # Past the end nothing is returned, so the last item returned is still the one the client came with.
        last = found[-1].id if found else after or ""
        return _json({"accounts": [account.listed() for account in found], "pages": {"last": last}})

    async def create_account(self, request: web.Request) -> web.Response:
        world, test = self._world, request.headers.get("T-Test-Account")
        profile, offerings = rules.new_account(
            _body(request), test, world.catalog.types, require_package=world.settings.require_package
        )
        # The same email twice makes two accounts: nothing published says otherwise, and it is the worse case.
        account = world.accounts.create(profile, offerings, test=test is not None)
        return _json({"account_id": account.id}, 201)

    async def delete_account(self, request: web.Request) -> web.Response:
        self._world.accounts.delete(self._account(request))
        return web.Response(status=204)

    async def read_offerings(self, request: web.Request) -> web.Response:
        return _json({"offerings": self._account(request).offerings})

    async def write_offerings(self, request: web.Request) -> web.Response:
        account = self._account(request, missing=400)
        account.change(offerings=rules.new_offerings(_body(request), self._world.catalog.types, account.offerings))
        return _json({"offerings": account.offerings})

    async def read_state(self, request: web.Request) -> web.Response:
        return _json({"state": self._account(request).state})

    async def write_state(self, request: web.Request) -> web.Response:
        account = self._account(request, missing=400)
        state = rules.new_state(_body(request))
        if account.state not in WRITABLE_STATES:
            message = f"The state of an account that is {account.state} is not the reseller's to change"
            raise Refusal(400, Problem(message, "state", "10-40067"))
        account.change(state=state)
        return web.Response(status=204)

    async def sign_on(self, request: web.Request) -> web.Response:
        self._account(request)
        location = f"https://app.sendgrid.com/sso?code={secrets.token_urlsafe(32)}"
        return web.Response(status=303, headers={"Location": location})

    def _account(self, request: web.Request, missing: int = 404) -> Account:
        """The account in the path. Both PUT operations are published without a 404, so theirs is a 400."""
        account = self._world.accounts.get(request.match_info["account_id"])
        if account is None:
            raise Refusal(missing, Problem("No such account", "accountID", f"10-{missing}59"))
        return account


def _body(request: web.Request) -> Any:
    return rules.parse_body(request.headers.get("Content-Type", ""), request[BODY])


def _json(document: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")
