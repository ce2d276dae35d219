# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a refusal of the API means, and what to do about it. Pure functions on status, headers and body."""

from __future__ import annotations

import http
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import MASK, clean

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    429: "rate_limited",
    451: "region_restricted",
}
HINTS = {
    "bad_request": "Correct what the API names",
    "unauthorized": "Check that the API key is complete and not revoked, and has full access to the reseller's account",
    "forbidden": "The key was accepted, but its account may not do this: it must be a reseller's, and not be blocked",
    "not_found": "Check region or api_endpoint and, if the path names an account, its id",
    "region_restricted": "Data residency forbids it here: try the other region (global or eu)",
    "rate_limited": "Try again later, run fewer hosts at once, or raise retries or retry_max_delay",
    "server_error": "Try again later; if it lasts, give failure.details to the vendor's support",
    "timeout": "Check the network of the machine where this ran, or raise timeout",
    "connection": "Check region or api_endpoint, and DNS, firewall and proxy on the machine where this ran",
    "tls": "Trust the certificate of the host, or name the bundle that does with ca_path",
    "unexpected_response": "Check that region or api_endpoint names the SendGrid API, and that no proxy answers for it",
}


def code_of(status: int) -> str:
    """Return the failure code for an HTTP status that is not 2xx."""
    return CODES.get(status) or (
        "server_error" if status >= 500 else "bad_request" if status >= 400 else "unexpected_response"
    )


def describe(status: int, headers: Mapping[str, str], content: bytes, secret: str) -> tuple[str, dict[str, Any]]:
    """Return what an answer that is not 2xx says, as one line and as details.

    The texts of the API hold typing errors and change: callers branch on status and C(error_id) only.
    """
    phrase = http.HTTPStatus(status).phrase if status in http.HTTPStatus._value2member_map_ else "unknown status"
    errors = _api_errors(content, secret)
    said = "; ".join(
        f"{error['message']}{''.join(f' [{error[key]}]' for key in ('field', 'error_id') if error[key])}"
        for error in errors
    )
    if 300 <= status < 400:
        target = urlsplit(headers.get("Location", "")).hostname or "the same host"
        said = f"a redirect to {clean(target)}, which is not followed"
    excerpt = None if errors else _excerpt(content, secret) or None
    details = {"status": status, "errors": errors, "excerpt": excerpt, "date": clean(headers.get("Date", "")) or None}
    return f"{status} {phrase}" + (f": {said or excerpt}" if said or excerpt else ""), details


def decode(status: int, content: bytes, secret: str) -> Any:
    """Return the JSON document in the body of a successful answer, V(None) where there is none by design (204).

    :raises ValueError: it is none; the text says what is there instead.
    """
    if status == 204:
        return None
    try:
        return json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError(f"the body is not JSON: {_excerpt(content, secret) or 'it is empty'}") from None


def _excerpt(content: bytes, secret: str) -> str:
    # Masked before it is cut, or else the first half of a key could be left.
    masked = content.replace(secret.encode(), MASK.encode())
    return clean(masked[:2000].decode("utf-8", "replace"), limit=200)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _api_errors(content: bytes, secret: str) -> list[dict[str, str | None]]:
    """Return the errors in the two shapes that the API has: C({"errors": [{...}]}) and C({"error": "..."})."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return []
    if not isinstance(document, dict):
        return []
    given = document.get("errors", document.get("error"))
    entries = given[:20] if isinstance(given, list) else [given]
    errors = [entry if isinstance(entry, dict) else {"message": entry} for entry in entries]
    return [
        {key: clean(error[key], secret) if error.get(key) else None for key in ("message", "field", "error_id", "help")}
        for error in errors
        if error.get("message")
    ]
