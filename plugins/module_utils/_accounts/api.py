# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The operations of the API on customers' accounts, and what is checked in its responses."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from .._api.client import SUCCESS, Client, Response
from .._catalog.offerings import Offering, as_integer, quantities
from .._errors import SendGridError
from .._text import clean, quoted
from .identity import Listing, is_account_id
from .on_behalf import CustomerApi

PATH = "/v3/partners/accounts"
PAGE_SIZE = 100
IPS_PAGE_SIZE = 5000
# A million accounts. Only a server that invents accounts without end has more pages.
MAXIMUM_PAGES = 10_000
# Seconds before each further look for accounts that were just created, 30 s in all.
POLL_DELAYS = (1, 2, 4, 8, 15)
# Of a URL for single sign-on, in seconds.
SSO_LIFETIME = 60

Result = TypeVar("Result")


class AccountsApi:
    """Sends the requests of one task and records the write requests in ``sent_requests``.

    :param check_mode: whether write requests are only recorded, not sent.
    :param sleep: takes seconds.
    """

    def __init__(self, client: Client, check_mode: bool = False, sleep: Callable[[float], None] = time.sleep) -> None:
        self.sent_requests: list[dict[str, Any]] = []
        self.check_mode = check_mode
        self._client = client
        self._sleep = sleep
        # Of the whole task: accounts that are created together become known together.
        self._poll_delays = list(POLL_DELAYS)

    def list_accounts(self) -> list[dict[str, Any]]:
        """Return all accounts as the API lists them, each once.

        ``offset`` of ``GET /v3/partners/accounts`` is the id of the last account seen. The vendor does not document how
        the last page is recognised. Here it is an empty page, or one with nothing but that last account. That costs one
        request more than to stop at a page that is not full, but a server with a lower limit cannot end the list early.

        :raises SendGridError: ``unexpected_response``, also if the pages repeat or do not end.
        """
        return self._list_pages(f"{PATH}?limit={PAGE_SIZE}", "id", self._read_page)

    def get_ips(self, account_id: str) -> list[dict[str, Any]]:
        """Return ``ip`` and ``region`` of the IP addresses of the account, the newest first."""
        return self._list_pages(f"{PATH}/{account_id}/ips?limit={IPS_PAGE_SIZE}", "ip", self._read_ips_page)

    def get_usage(self, account_id: str) -> dict[str, Any]:
        """Return the credits of the account."""
        return CustomerApi(self._client, account_id).get_usage()

    def _list_pages(
        self, first_path: str, key: str, read_page: Callable[[Response], list[dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        """Return the entries of all pages, each once. See ``list_accounts``.

        :param key: identifies an entry, and is the ``offset`` of the page after it.
        """
        found: dict[str, dict[str, Any]] = {}
        path, last = first_path, None
        for _page in range(MAXIMUM_PAGES):
            response = self._client.request("GET", path)
            page = read_page(response)
            if [entry[key] for entry in page] in ([], [last]):
                return list(found.values())
            new = {entry[key]: entry for entry in page if entry[key] not in found}
            if not new:
                reason = "the pages of the list repeat, so that its end cannot be reached"
                raise self._client.unexpected_response(response, reason)
            found.update(new)
            last = page[-1][key]
            path = f"{first_path}&offset={last}"
        reason = f"the list does not end after {MAXIMUM_PAGES} pages"
        raise self._client.unexpected_response(response, reason)

    def _read_ips_page(self, response: Response) -> list[dict[str, Any]]:
        entries = response.data.get("result") if isinstance(response.data, dict) else None
        if not isinstance(entries, list):
            raise self._client.unexpected_response(response, "result: a list is needed")
        for index, entry in enumerate(entries):
            given = entry if isinstance(entry, dict) else {}
            if not (_is_ip(given.get("ip")) and isinstance(given.get("region"), str)):
                reason = f"result[{index}]: an IP address and a region are needed"
                raise self._client.unexpected_response(response, reason)
        return entries

    def _read_page(self, response: Response) -> list[dict[str, Any]]:
        accounts = response.data.get("accounts") if isinstance(response.data, dict) else None
        if not isinstance(accounts, list):
            raise self._client.unexpected_response(response, "accounts: a list is needed")
        for index, account in enumerate(accounts):
            if not isinstance(account, dict) or not is_account_id(account.get("id")):
                reason = f"accounts[{index}].id: the id of an account is needed"
                raise self._client.unexpected_response(response, reason)
        return accounts

    def confirm_absence(self, account_id: str, not_found: SendGridError, listing: Listing | None = None) -> Listing:
        """Return all accounts, if none of them is the one that the API has not found.

        A wrong path gives 404 too. An account that counts as deleted by mistake would still be billed.

        :param listing: what the API has listed before; ``None`` to list it now.
        :raises SendGridError: ``not_found``, if the account is listed.
        """
        listing = listing or Listing(self.list_accounts())
        if listing.has_id(account_id):
            message = f"{not_found.message} The list of accounts still has it, so it does not count as deleted."
            raise SendGridError(not_found.code, message, **not_found.details) from not_found
        return listing

    def get_state(self, account_id: str) -> str:
        response = self._client.request("GET", f"{PATH}/{account_id}/state")
        state = response.data.get("state") if isinstance(response.data, dict) else None
        if not isinstance(state, str) or not state:
            raise self._client.unexpected_response(response, "state: text is needed")
        return clean(state)

    def get_offerings(self, account_id: str) -> list[Offering]:
        """Return ``name``, ``type`` and ``quantity`` of what the account has. A quantity that is not stated is 1."""
        return self._read_offerings(self._client.request("GET", f"{PATH}/{account_id}/offerings"))

    def _read_offerings(self, response: Response) -> list[Offering]:
        entries = response.data.get("offerings") if isinstance(response.data, dict) else None
        if not isinstance(entries, list):
            raise self._client.unexpected_response(response, "offerings: a list is needed")
        offerings: dict[str, Offering] = {}
        for index, entry in enumerate(entries):
            given = entry if isinstance(entry, dict) else {}
            name, offering_type, quantity = given.get("name"), given.get("type"), given.get("quantity")
            number = 1 if quantity is None else as_integer(quantity)
            is_text = isinstance(name, str) and isinstance(offering_type, str)
            if not (is_text and name and offering_type and number is not None):
                reason = f"offerings[{index}]: name and type as text and an integer quantity are needed"
                raise self._client.unexpected_response(response, reason)
            if name in offerings:
                raise self._client.unexpected_response(response, f"offerings[{index}]: {quoted(name)} is there twice")
            offerings[name] = {"name": name, "type": offering_type, "quantity": number}
        return list(offerings.values())

    def replace_offerings(self, account_id: str, offerings: list[Offering]) -> None:
        """Replace **all** offerings of the account.

        :raises SendGridError: also if the API returns other offerings than it was given.
        """
        response = self._send_write("PUT", f"{PATH}/{account_id}/offerings", {"offerings": offerings})
        if response and quantities(got := self._read_offerings(response)) != quantities(offerings):
            shown = ", ".join(f"{clean(one['name'])} ({one['quantity']})" for one in got) or "none"
            reason = f"the account has other offerings now than it was given: {shown}"
            raise self._client.unexpected_response(response, reason)

    def set_state(self, account_id: str, state: str) -> None:
        """:param state: one of ``WRITABLE_STATES``."""
        self._send_write("PUT", f"{PATH}/{account_id}/state", {"state": state})

    def create(
        self,
        profile: dict[str, str],
        offerings: list[Offering],
        test_account: bool,
        before_attempt: Callable[[bool], None] | None = None,
    ) -> str | None:
        """Create an account and return its id, ``None`` in check mode.

        :param before_attempt: see ``Client.request``.
        :raises SendGridError: if the account may exist nevertheless, the message says how to find out.
        """
        headers = {"T-Test-Account": "true"} if test_account else {}
        try:
            body = {"profile": profile, "offerings": offerings}
            response = self._send_write("POST", PATH, body, headers, before_attempt=before_attempt)
            account_id = response.data.get("account_id") if response and isinstance(response.data, dict) else None
            if response and not is_account_id(account_id):
                raise self._client.unexpected_response(response, "account_id: the id of an account is needed")
        except SendGridError as error:
            if not error.details.get("uncertain"):
                raise
            email = quoted(profile["email"])
            raise SendGridError(
                error.code,
                f"{error.message} The account may exist, and is billed then. Run this again with the same cache_dir: "
                "that uses the account once it is listed, and creates none within 10 minutes. Without that directory, "
                f"look for the email {email} with reseller.sendgrid.sendgrid_account_info first.",
                **error.details,
            ) from error
        return account_id

    def delete(self, account_id: str, is_new: bool = False) -> None:
        """Delete the account. If it is gone meanwhile, that is no failure.

        :param is_new: whether the list may lack it, so that a 404 is a failure.
        """
        try:
            self._send_write("DELETE", f"{PATH}/{account_id}")
        except SendGridError as error:
            # If only the response to the first attempt was lost, the second one does not find the account.
            if error.code != "not_found" or is_new:
                raise
            self.confirm_absence(account_id, error)

    def create_sso_url(self, account_id: str) -> str | None:
        """Return a URL for single sign-on, ``None`` in check mode. It works once, within ``SSO_LIFETIME``."""
        response = self._send_write("POST", f"{PATH}/{account_id}/sso", success=(303,))
        if response is None:
            return None
        url = response.headers.get("Location", "")
        if not _is_https(url):
            raise self._client.unexpected_response(response, "the redirect does not lead to an https URL")
        return url

    def retry_while_not_found(self, call: Callable[[], Result]) -> Result:
        """Return what ``call`` returns, and repeat it for a limited time while an account just created is not found."""
        while self._poll_delays:
            try:
                return call()
            except SendGridError as error:
                if error.code != "not_found":
                    raise
            self._sleep(self._poll_delays.pop(0))
        return call()

    def _send_write(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        success: tuple[int, ...] = SUCCESS,
        before_attempt: Callable[[bool], None] | None = None,
    ) -> Response | None:
        request = {"method": method, "path": path, "headers": headers or {}, "body": body}
        # Once, even if it is repeated until an account just created is found. In check mode, where new accounts have no
        # ids yet, those of two accounts can be equal.
        if self.check_mode or self.sent_requests[-1:] != [request]:
            self.sent_requests.append(request)
        if self.check_mode:
            return None
        return self._client.request(method, path, body, headers, success, before_attempt=before_attempt)


def _is_ip(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def _is_https(url: str) -> bool:
    try:
        return urlsplit(url).scheme == "https" and bool(urlsplit(url).hostname)
    except ValueError:
        return False
