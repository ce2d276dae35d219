# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The accounts of a reseller's customers: the operations of the API on them, and what is checked of its answers."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import Offering, as_integer, quantities
from ansible_collections.reseller.sendgrid.plugins.module_utils._client import SUCCESS, Answer, Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError, clean, quoted

PATH = "/v3/partners/accounts"
PAGE = 100
# A million accounts. Only a server that makes up accounts without end has more pages.
MAXIMUM_PAGES = 10_000
# How long, in seconds, to wait before an account that was just created is looked for again; 30 s in all.
LAG = (1, 2, 4, 8, 15)
# Of a URL that signs on, in seconds.
SSO_LIFETIME = 60
WRITABLE_STATES = ("activated", "deactivated")

Result = TypeVar("Result")


class Accounts:
    """Sends the requests of one task. With I(check_mode), those that change something are only noted in C(sent).

    :param sleep: takes seconds.
    """

    def __init__(self, client: Client, check_mode: bool = False, sleep: Callable[[float], None] = time.sleep) -> None:
        self.sent: list[dict[str, Any]] = []
        self._client = client
        self.check_mode = check_mode
        self._sleep = sleep

    def listed(self) -> list[dict[str, Any]]:
        """Return all accounts as the API lists them, each once.

        C(offset) of C(GET /v3/partners/accounts) is the id of the last account seen. How the last page is told is not
        documented: here it is one that is empty, or has nothing but that last account. That costs a request more than
        to believe any page that is not full, and does not take a lower limit of the server's for the end.

        :raises SendGridError: C(unexpected_response), also where the pages repeat or do not end.
        """
        found: dict[str, dict[str, Any]] = {}
        path, last = f"{PATH}?limit={PAGE}", None
        for _page in range(MAXIMUM_PAGES):
            answer = self._client.request("GET", path)
            page = self._page(answer)
            if [account["id"] for account in page] in ([], [last]):
                return list(found.values())
            new = {account["id"]: account for account in page if account["id"] not in found}
            if not new:
                raise self._client.broken(answer, "the pages of the list repeat, so that its end cannot be reached")
            found.update(new)
            last = page[-1]["id"]
            path = f"{PATH}?limit={PAGE}&offset={last}"
        raise self._client.broken(answer, f"the list of accounts does not end after {MAXIMUM_PAGES} pages")

    def _page(self, answer: Answer) -> list[dict[str, Any]]:
        accounts = answer.data.get("accounts") if isinstance(answer.data, dict) else None
        if not isinstance(accounts, list):
            raise self._client.broken(answer, "accounts: a list is needed")
        for index, account in enumerate(accounts):
            if not isinstance(account, dict) or not is_account_id(account.get("id")):
                raise self._client.broken(answer, f"accounts[{index}].id: the id of an account is needed")
        return accounts

    def others(self, account_id: str) -> list[dict[str, Any]] | None:
        """Return V(None) if the account exists, else the accounts that do.

        :raises SendGridError: that it does not exist is said of an account that is listed.
        """
        try:
            self.state(account_id)
        except SendGridError as missing:
            if missing.code != "not_found":
                raise
            # A path that is wrong gives 404 too, and billing would go on for an account that is taken for gone.
            listed = self.listed()
            if all(account["id"].lower() != account_id.lower() for account in listed):
                return listed
            message = f"{missing.message} The list of accounts has it all the same, so it is not taken for gone."
            raise SendGridError(missing.code, message, **missing.details) from missing
        return None

    def state(self, account_id: str) -> str:
        answer = self._client.request("GET", f"{PATH}/{account_id}/state")
        state = answer.data.get("state") if isinstance(answer.data, dict) else None
        if not isinstance(state, str) or not state:
            raise self._client.broken(answer, "state: text is needed")
        return clean(state)

    def offerings(self, account_id: str) -> list[Offering]:
        """Return C(name), C(type) and C(quantity) of what the account has; a quantity that is not stated is 1."""
        return self._offerings(self._client.request("GET", f"{PATH}/{account_id}/offerings"))

    def _offerings(self, answer: Answer) -> list[Offering]:
        entries = answer.data.get("offerings") if isinstance(answer.data, dict) else None
        if not isinstance(entries, list):
            raise self._client.broken(answer, "offerings: a list is needed")
        offerings: dict[str, Offering] = {}
        for index, entry in enumerate(entries):
            given = entry if isinstance(entry, dict) else {}
            name, kind, quantity = given.get("name"), given.get("type"), given.get("quantity")
            number = 1 if quantity is None else as_integer(quantity)
            if not (isinstance(name, str) and isinstance(kind, str) and name and kind and number is not None):
                what = f"offerings[{index}]: name and type as text and an integer quantity are needed"
                raise self._client.broken(answer, what)
            if name in offerings:
                raise self._client.broken(answer, f"offerings[{index}]: {quoted(name)} is there twice")
            offerings[name] = {"name": name, "type": kind, "quantity": number}
        return list(offerings.values())

    def replace_offerings(self, account_id: str, offerings: list[Offering]) -> None:
        """Replace B(all) offerings of the account.

        :raises SendGridError: also if the API returns others than those it was given.
        """
        answer = self._change("PUT", f"{PATH}/{account_id}/offerings", {"offerings": offerings})
        if answer and quantities(got := self._offerings(answer)) != quantities(offerings):
            shown = ", ".join(f"{clean(one['name'])} ({one['quantity']})" for one in got) or "none"
            raise self._client.broken(answer, f"the account has other offerings now than it was given: {shown}")

    def write_state(self, account_id: str, state: str) -> None:
        self._change("PUT", f"{PATH}/{account_id}/state", {"state": state})

    def create(self, profile: dict[str, str], offerings: list[Offering], test: bool) -> str | None:
        """Create an account and return its id, V(None) in check mode.

        :raises SendGridError: if the account may have been created all the same, with how to find out.
        """
        headers = {"T-Test-Account": "true"} if test else {}
        try:
            answer = self._change("POST", PATH, {"profile": profile, "offerings": offerings}, headers)
            account_id = answer.data.get("account_id") if answer and isinstance(answer.data, dict) else None
            if answer and not is_account_id(account_id):
                raise self._client.broken(answer, "account_id: the id of an account is needed")
        except SendGridError as error:
            if not error.details["uncertain"]:
                raise
            email = quoted(profile["email"])
            raise SendGridError(
                error.code,
                f"{error.message} The account may exist, and is billed then. It is not created again by itself: wait a "
                f"minute, look for the email {email} with reseller.sendgrid.sendgrid_account_info, and run this again "
                "only then.",
                **error.details,
            ) from error
        return account_id

    def delete(self, account_id: str) -> None:
        """Delete the account. It is no failure if that has happened in the meantime."""
        try:
            self._change("DELETE", f"{PATH}/{account_id}")
        except SendGridError as error:
            # A second attempt finds nothing if only the answer to the first one was lost.
            if error.code != "not_found" or self.others(account_id) is None:
                raise

    def sign_on(self, account_id: str) -> str | None:
        """Return a URL that signs on, V(None) in check mode. It is valid once, for C(SSO_LIFETIME)."""
        answer = self._change("POST", f"{PATH}/{account_id}/sso", success=(303,))
        if answer is None:
            return None
        url = answer.headers.get("Location", "")
        if not _is_secure(url):
            raise self._client.broken(answer, "the redirect does not lead to an https URL")
        return url

    def patiently(self, call: Callable[[], Result]) -> Result:
        """Return what I(call) returns, called again for a bounded time while an account just created is not found."""
        for delay in LAG:
            try:
                return call()
            except SendGridError as error:
                if error.code != "not_found":
                    raise
            self._sleep(delay)
        return call()

    def _change(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        success: tuple[int, ...] = SUCCESS,
    ) -> Answer | None:
        request = {"method": method, "path": path, "headers": headers or {}, "body": body}
        # Once, also where an account that was just created is waited for.
        if request not in self.sent:
            self.sent.append(request)
        return None if self.check_mode else self._client.request(method, path, body, headers, success)


def is_account_id(value: object) -> bool:
    """Return whether I(value) can stand in a path as the id of an account. Those in examples are sg and 32 digits."""
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9_-]{1,128}", value, re.ASCII))


def id_problems(option: str, account_id: str) -> list[tuple[str, str]]:
    """Return what is wrong with I(account_id), as pairs of option and message."""
    if is_account_id(account_id):
        return []
    message = f"{quoted(account_id, 60)} is no id of an account, which is made of letters, digits, - and _"
    return [(option, message)]


def email_of(account: dict[str, Any]) -> str | None:
    """Return the email of a listed account to compare it with others. The API does not promise that it lists one."""
    email = account.get("email")
    return lowered(email) if isinstance(email, str) and email.strip() else None


def lowered(email: str) -> str:
    """Return I(email) to compare it with others. To fold its case would take strasse.example for straße.example."""
    return unicodedata.normalize("NFC", email).strip().lower()


def _is_secure(url: str) -> bool:
    try:
        return urlsplit(url).scheme == "https" and bool(urlsplit(url).hostname)
    except ValueError:
        return False
