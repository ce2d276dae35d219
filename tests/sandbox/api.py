# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nine operations of the API."""

from __future__ import annotations

import json
import secrets
from typing import Any

from aiohttp import web

import validation
from accounts import WRITABLE_STATES, Account
from errors import ApiError, Problem
from gateway import BODY
from sandbox_state import SandboxState


class Api:
    def __init__(self, sandbox: SandboxState) -> None:
        self._sandbox = sandbox

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
            web.post(f"{account}/sso", self.create_sso_url),
        ]

    async def list_offerings(self, request: web.Request) -> web.Response:
        validation.check_query(request.query)
        return web.Response(body=self._sandbox.catalog.body, content_type="application/json")

    async def list_accounts(self, request: web.Request) -> web.Response:
        limit, after = validation.parse_page(request.query, self._sandbox.accounts.was_issued)
        found = self._sandbox.accounts.page(limit, after)
        # An empty page returns the offset of the request, so that a client can poll with it.
        last = found[-1].id if found else after or ""
        return _json_response({"accounts": [account.summary() for account in found], "pages": {"last": last}})

    async def create_account(self, request: web.Request) -> web.Response:
        sandbox, test = self._sandbox, request.headers.get("T-Test-Account")
        profile, offerings = validation.parse_account(
            _parse_body(request), test, sandbox.catalog.types, require_package=sandbox.settings.require_package
        )
        # The vendor's documents do not say whether emails are unique. The sandbox allows duplicates, because a client
        # has to be able to deal with them.
        account = sandbox.accounts.create(profile, offerings, test=test is not None)
        return _json_response({"account_id": account.id}, 201)

    async def delete_account(self, request: web.Request) -> web.Response:
        self._sandbox.accounts.delete(self._account(request))
        return web.Response(status=204)

    async def read_offerings(self, request: web.Request) -> web.Response:
        return _json_response({"offerings": self._account(request).offerings})

    async def write_offerings(self, request: web.Request) -> web.Response:
        account = self._account(request, status_if_missing=400)
        account.update(
            offerings=validation.parse_offerings(_parse_body(request), self._sandbox.catalog.types, account.offerings)
        )
        return _json_response({"offerings": account.offerings})

    async def read_state(self, request: web.Request) -> web.Response:
        return _json_response({"state": self._account(request).state})

    async def write_state(self, request: web.Request) -> web.Response:
        account = self._account(request, status_if_missing=400)
        state = validation.parse_state(_parse_body(request))
        if account.state not in WRITABLE_STATES:
            message = f"A reseller cannot change the state of an account that is {account.state}"
            raise ApiError(400, Problem(message, "state", "10-40067"))
        account.update(state=state)
        return web.Response(status=204)

    async def create_sso_url(self, request: web.Request) -> web.Response:
        self._account(request)
        location = f"https://app.sendgrid.com/sso?code={secrets.token_urlsafe(32)}"
        return web.Response(status=303, headers={"Location": location})

    def _account(self, request: web.Request, status_if_missing: int = 404) -> Account:
        """Return the account in the path.

        :param status_if_missing: 400 for the two PUT operations, which are published without a 404.
        :raises ApiError: no account has this id.
        """
        account = self._sandbox.accounts.get(request.match_info["account_id"])
        if account is None:
            raise ApiError(status_if_missing, Problem("No such account", "accountID", f"10-{status_if_missing}59"))
        return account


def _parse_body(request: web.Request) -> Any:
    return validation.parse_body(request.headers.get("Content-Type", ""), request[BODY])


def _json_response(document: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")
