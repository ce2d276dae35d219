# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of the API on accounts."""

from __future__ import annotations

import json
import secrets
from ipaddress import IPv4Address
from typing import Any

from aiohttp import web

import validation
from accounts import WRITABLE_STATES, Account, Accounts
from errors import ApiError, Problem
from gateway import BODY, CALLER
from sandbox_state import SandboxState

_FIRST_IP = IPv4Address("10.0.0.0")


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
            web.get(f"{account}/ips", self.list_ips, allow_head=False),
        ]

    async def list_offerings(self, request: web.Request) -> web.Response:
        validation.check_query(request.query)
        return web.Response(body=self._sandbox.catalog.body, content_type="application/json")

    async def list_accounts(self, request: web.Request) -> web.Response:
        accounts = _accounts(request)
        limit, after = validation.parse_page(request.query, accounts.was_issued)
        found = accounts.page(limit, after)
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
        account = _accounts(request).create(profile, offerings, test=test is not None)
        return _json_response({"account_id": account.id}, 201)

    async def delete_account(self, request: web.Request) -> web.Response:
        _accounts(request).delete(_account(request))
        return web.Response(status=204)

    async def read_offerings(self, request: web.Request) -> web.Response:
        return _json_response({"offerings": _account(request).offerings})

    async def write_offerings(self, request: web.Request) -> web.Response:
        account = _account(request, status_if_missing=400)
        account.update(
            offerings=validation.parse_offerings(_parse_body(request), self._sandbox.catalog.types, account.offerings)
        )
        return _json_response({"offerings": account.offerings})

    async def read_state(self, request: web.Request) -> web.Response:
        return _json_response({"state": _account(request).state})

    async def write_state(self, request: web.Request) -> web.Response:
        account = _account(request, status_if_missing=400)
        state = validation.parse_state(_parse_body(request))
        if account.state not in WRITABLE_STATES:
            message = f"A reseller cannot change the state of an account that is {account.state}"
            raise ApiError(400, Problem(message, "state", "10-40067"))
        account.update(state=state)
        return web.Response(status=204)

    async def create_sso_url(self, request: web.Request) -> web.Response:
        _account(request)
        location = f"https://app.sendgrid.com/sso?code={secrets.token_urlsafe(32)}"
        return web.Response(status=303, headers={"Location": location})

    async def list_ips(self, request: web.Request) -> web.Response:
        account = _account(request)
        count = 0 if account.test else self._sandbox.catalog.total("ip_count", account.offerings)
        # The newest first, so that the first ones are the last ones to go.
        ips = [str(_FIRST_IP + (account.number * 8192 + index) % 2**24) for index in reversed(range(count))]
        limit, after = validation.parse_page(request.query, ips.__contains__, 5000, "ip address")
        start = ips.index(after) + 1 if after else 0
        found = ips[start : start + limit]
        last = found[-1] if found else after or ""
        return _json_response({"result": [{"ip": ip, "region": "us"} for ip in found], "pages": {"last": last}})


def _accounts(request: web.Request) -> Accounts:
    """Return the accounts of the reseller who has sent the request."""
    accounts: Accounts = request[CALLER].reseller.accounts
    return accounts


def _account(request: web.Request, status_if_missing: int = 404) -> Account:
    """Return the account in the path.

    :param status_if_missing: 400 for the two PUT operations, which are published without a 404.
    :raises ApiError: no account of the reseller has this id.
    """
    account = _accounts(request).get(request.match_info["account_id"])
    if account is None:
        raise ApiError(status_if_missing, Problem("No such account", "accountID", f"10-{status_if_missing}59"))
    return account


def _parse_body(request: web.Request) -> Any:
    return validation.parse_body(request.headers.get("Content-Type", ""), request[BODY])


def _json_response(document: Any, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")
