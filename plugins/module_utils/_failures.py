# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a refusal of the API means, and what to do about it. Pure functions on status, headers and body."""

from __future__ import annotations

import http
import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code, clean

CODES: dict[int, Code] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    429: "rate_limited",
    451: "region_restricted",
}
# With these the API says itself that it has refused a request.
REFUSALS = (*CODES, 406)
# In place of hints to try again, where a request that changes something may have been carried out.
LOOK = "The API may have carried it out all the same, so look before you send it again"
HINTS: dict[Code, str] = {
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


def describe(
    status: int, headers: Mapping[str, str], content: bytes, secret: str, hide_body: bool = False
) -> tuple[Code, str, dict[str, Any]]:
    """Return the failure code for an answer that is not what was asked for, and what it says, as one line and details.

    The texts of the API hold typing errors and change: callers branch on status and C(error_id) only.

    :param secret: the API key.
    :param hide_body: whether a body that holds no errors may repeat a code for single sign-on.
    """
    phrase = http.HTTPStatus(status).phrase if status in http.HTTPStatus._value2member_map_ else "unknown status"
    errors = [] if 200 <= status < 300 else _api_errors(content, secret)
    said = "; ".join(
        f"{error['message']}{''.join(f' [{error[key]}]' for key in ('field', 'error_id') if error[key])}"
        for error in errors
    )
    if 300 <= status < 400 and "Location" in headers:
        # Its host only: what follows may be a secret, as the code for single sign-on is.
        target = re.match(r"(?:https?:)?//([\w.-]+)(?:[:/?#]|$)", headers["Location"], re.ASCII | re.IGNORECASE)
        said = f"a redirect{f' to {target[1]}' if target else ''}, which is not followed"
    # The body of a redirect repeats where it leads to.
    is_shown = not (errors or hide_body or 300 <= status < 400)
    details = {
        "status": status,
        "errors": errors,
        "excerpt": clean(content.decode("utf-8", "replace"), secret, 200) or None if is_shown else None,
        "date": clean(headers.get("Date", ""), secret) or None,
    }
    shown = said or details["excerpt"]
    code = CODES.get(status) or (
        "server_error" if status >= 500 else "bad_request" if status >= 400 else "unexpected_response"
    )
    return code, f"{status} {phrase}" + (f": {shown}" if shown else ""), details


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
