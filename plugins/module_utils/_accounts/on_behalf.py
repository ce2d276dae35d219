# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The operations of the API on behalf of a customer's account, and what is checked in its responses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .._api.client import Client, Response
from .._api.transport import on_behalf_header
from .._catalog.offerings import as_integer
from .._errors import SendGridError
from .._text import clean, quoted
from .identity import is_account_id

KEYS = "/v3/api_keys"
CREDITS = "/v3/user/credits"
# An account can have no more. The vendor documents neither a limit of a page nor a second page.
MAXIMUM_KEYS = 100
# The vendor's document shows them among the scopes of a key, and other clients report that the API adds them by itself.
AUTOMATIC_SCOPES = {
    "2fa_exempt",
    "2fa_required",
    "sender_verification_eligible",
    "sender_verification_exempt",
    "sender_verification_legacy",
}
CREDIT_NUMBERS = ("remain", "total", "overage", "used")
CREDIT_TEXTS = ("last_reset", "next_reset", "reset_frequency")


class NewKey(NamedTuple):
    """A key that was just created.

    :param secret: the key itself. The API shows it this once.
    :param key_id: ``None`` if the API does not state it, or in another form.
    :param name: as the API has stored it.
    :param scopes: ``None`` if the API does not state them, or in another form.
    """

    secret: str
    key_id: str | None
    name: str
    scopes: list[str] | None


class CustomerApi:
    """Sends requests with the key of the reseller that act as the account of a customer.

    :param check_mode: whether write requests are only recorded in ``sent_requests``, not sent.
    """

    def __init__(self, client: Client, account_id: str, check_mode: bool = False) -> None:
        self.sent_requests: list[dict[str, Any]] = []
        self._client = client
        self._account_id = account_id
        self.check_mode = check_mode

    def get_usage(self) -> dict[str, Any]:
        """Return the credits of the account. What the API does not state, or not in its type, is ``None``."""
        response = self._request("GET", CREDITS)
        if not isinstance(response.data, dict):
            raise self._client.unexpected_response(response, "the credits of the account are needed")
        numbers = {name: as_integer(response.data.get(name)) for name in CREDIT_NUMBERS}
        texts = {name: _text_or_none(response.data.get(name)) for name in CREDIT_TEXTS}
        return {**response.data, **numbers, **texts}

    def list_keys(self) -> list[dict[str, str]]:
        """Return ``api_key_id`` and ``name`` of all keys of the account."""
        response = self._request("GET", f"{KEYS}?limit={MAXIMUM_KEYS}")
        entries = response.data.get("result") if isinstance(response.data, dict) else None
        if not isinstance(entries, list):
            raise self._client.unexpected_response(response, "result: a list is needed")
        for index, entry in enumerate(entries):
            given = entry if isinstance(entry, dict) else {}
            # What may stand in a path as the id of an account may stand there as the id of a key.
            if not (is_account_id(given.get("api_key_id")) and isinstance(given.get("name"), str)):
                reason = f"result[{index}]: the id and the name of an API key are needed"
                raise self._client.unexpected_response(response, reason)
        return [{"api_key_id": entry["api_key_id"], "name": entry["name"]} for entry in entries]

    def get_scopes(self, key_id: str) -> list[str] | None:
        """Return the scopes of a key, ``None`` if the API does not state them.

        The vendor publishes a list with the key in it as the response. The key itself is accepted too.
        """
        response = self._request("GET", f"{KEYS}/{key_id}")
        document = response.data if isinstance(response.data, dict) else {}
        found = document.get("result", document)
        entries = found if isinstance(found, list) else [found]
        for entry in entries:
            if isinstance(entry, dict) and entry.get("api_key_id") == key_id:
                return self._read_scopes(response, entry)
        raise self._client.unexpected_response(response, f"the API key {quoted(key_id)} is not in it")

    def create_key(self, name: str, scopes: list[str] | None) -> NewKey | None:
        """Create a key and return it, ``None`` in check mode.

        :param scopes: ``None`` for full access.
        :raises SendGridError: if the key may exist nevertheless, ``uncertain`` is true and the message says what to do.
        """
        body = {"name": name} if scopes is None else {"name": name, "scopes": scopes}

        def before_attempt(is_limited: bool) -> None:
            # A refused request may have created a key all the same, as it is reported of another operation.
            if is_limited and any(key["name"] == name for key in self.list_keys()):
                message = f"POST {KEYS}: 429 Too Many Requests, but the account {self._account_id} has the key now."
                raise SendGridError("rate_limited", message, uncertain=True, status=429)

        try:
            response = self._send_write("POST", KEYS, body, is_secret=True, before_attempt=before_attempt)
            return self._read_new_key(response, name) if response else None
        except SendGridError as error:
            # Nor does 429 prove anything if it was the last attempt, or if the keys cannot be listed after it.
            is_unknown = error.code == "rate_limited" or error.details.get("method") == "GET"
            if not (is_unknown or error.details["uncertain"]):
                raise
            raise SendGridError(
                error.code,
                f"{error.message} The API key {quoted(name)} of the account {self._account_id} may exist, but nobody "
                "knows its secret. It is not created again by itself: run this with the state absent to delete it, and "
                "then with the state present again.",
                **{**error.details, "uncertain": True},
            ) from error

    def _read_new_key(self, response: Response, name: str) -> NewKey:
        given = response.data if isinstance(response.data, dict) else {}
        secret, key_id = given.get("api_key"), given.get("api_key_id")
        if not (isinstance(secret, str) and secret):
            raise self._client.unexpected_response(response, "api_key: text is needed")
        # Nothing else is worth a failure: the secret would be lost with it.
        scopes = _scopes_or_none(given)
        return NewKey(secret, key_id if is_account_id(key_id) else None, str(given.get("name", name)), scopes)

    def replace_scopes(self, key_id: str, name: str, scopes: list[str]) -> None:
        """Replace all scopes of the key.

        :raises SendGridError: also if the API returns a scope that it was not given, or not one that it was given.
        """
        response = self._send_write("PUT", f"{KEYS}/{key_id}", {"name": name, "scopes": scopes})
        given = response.data if response and isinstance(response.data, dict) else {}
        # The vendor does not promise that the response has them.
        if response and given.get("scopes") and chosen(got := self._read_scopes(response, given)) != chosen(scopes):
            reason = f"the key has other scopes now than it was given: {', '.join(got or [])}"
            raise self._client.unexpected_response(response, reason)

    def delete_key(self, key_id: str) -> None:
        """Delete the key. If it is gone meanwhile, that is no failure."""
        try:
            self._send_write("DELETE", f"{KEYS}/{key_id}")
        except SendGridError as error:
            # A 404 may also mean that the account is gone, or the path wrong. Then the keys cannot be listed either.
            if error.code != "not_found" or any(key["api_key_id"] == key_id for key in self.list_keys()):
                raise

    def _read_scopes(self, response: Response, entry: dict[str, Any]) -> list[str] | None:
        scopes = _scopes_or_none(entry)
        if scopes is None and entry.get("scopes") is not None:
            raise self._client.unexpected_response(response, "scopes: a list of texts is needed")
        return scopes

    def _send_write(self, method: str, path: str, body: Any = None, **details: Any) -> Response | None:
        headers = on_behalf_header(self._account_id)
        self.sent_requests.append({"method": method, "path": path, "headers": headers, "body": body})
        return None if self.check_mode else self._request(method, path, body, **details)

    def _request(self, method: str, path: str, body: Any = None, **details: Any) -> Response:
        return self._client.request(method, path, body, on_behalf_of=self._account_id, **details)


def chosen(scopes: Iterable[str] | None) -> set[str]:
    """Return the scopes that a person has chosen, without those that the API adds by itself."""
    return set(scopes or ()) - AUTOMATIC_SCOPES


def _scopes_or_none(entry: dict[str, Any]) -> list[str] | None:
    """Return the scopes of a key, ``None`` if there are none or they are no list of texts."""
    scopes = entry.get("scopes")
    is_valid = isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)
    return [clean(scope) for scope in scopes] if scopes is not None and is_valid else None


def _text_or_none(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None
