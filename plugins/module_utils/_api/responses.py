# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a response says: its JSON, or the error in it. Pure functions."""

from __future__ import annotations

import email.utils
import http.client
import json
import re
from collections.abc import Mapping
from typing import Any

from .._errors import Code
from .._text import MASK, clean

CODES: dict[int, Code] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    429: "rate_limited",
    451: "region_restricted",
}
# With these statuses the API itself says that it has not carried out the request.
REFUSALS = (*CODES, 406)
# Greater numbers in a header are seconds since the epoch, smaller ones are seconds from now.
EPOCH_THRESHOLD = 10**8
# A catalog has five levels. Core fails above some 300, in ways that depend on its version and explain nothing.
MAXIMUM_DEPTH = 64


def decode(status: int, content: bytes, secret: str) -> Any:
    """Return the JSON document in the body of a successful response, with a mask in place of ``secret``.

    ``None`` with status 204, which has no body, and 303, whose body may repeat the secret URL that it leads to.

    :raises ValueError: the body is no JSON that can be passed on.
    """
    if status in (204, 303):
        return None
    try:
        document = json.loads(content, parse_constant=_refuse_constant)
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        # JSON can hold half of a surrogate pair. Core 2.19 and newer refuse it without saying where it is.
        text.encode()
        # Core 2.19 and newer read an object with this key as one of their own types, or fail without a reason.
        reserved = '"__ansible_type": ' in text
        too_deep = _is_too_deep(document)
    except (ValueError, RecursionError):
        raise ValueError("not the JSON that was asked for") from None
    if reserved:
        raise ValueError("it has a key that Ansible keeps for itself, __ansible_type")
    if too_deep:
        raise ValueError(f"it is nested more than {MAXIMUM_DEPTH} levels deep")
    escaped = json.dumps(secret)[1:-1]
    return json.loads(text.replace(escaped, MASK)) if escaped in text else document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_too_deep(document: Any) -> bool:
    level = [document]
    for _depth in range(MAXIMUM_DEPTH):
        parents = [value for value in level if isinstance(value, (dict, list))]
        level = [child for parent in parents for child in (parent.values() if isinstance(parent, dict) else parent)]
    return any(isinstance(value, (dict, list)) for value in level)


def parse_error(
    status: int, headers: Mapping[str, str], content: bytes, secret: str, hide_body: bool = False
) -> tuple[Code, str, dict[str, Any]]:
    """Return the failure code of an unsuccessful response, what it says on one line, and details.

    Texts of the API contain typing errors and change, so callers branch on the status and ``error_id`` only.

    :param secret: the API key.
    :param hide_body: whether the body may hold a secret, such as a code for single sign-on, so that it is not shown.
    """
    errors = [] if 200 <= status < 300 else _api_errors(content, secret)
    message = "; ".join(
        f"{error['message']}{''.join(f' [{error[key]}]' for key in ('field', 'error_id') if error[key])}"
        for error in errors
    )
    if 300 <= status < 400 and "Location" in headers:
        # Only the host: what follows may be a secret, such as the code for single sign-on.
        target = re.match(r"(?:https?:)?//([\w.-]+)(?:[:/?#]|$)", headers["Location"], re.ASCII | re.IGNORECASE)
        message = f"a redirect{f' to {target[1]}' if target else ''}, which is not followed"
    # The body of a redirect repeats its target.
    is_shown = not (errors or hide_body or 300 <= status < 400)
    details = {
        "status": status,
        "errors": errors,
        "excerpt": clean(content.decode("utf-8", "replace"), secret, 200) or None if is_shown else None,
        "date": clean(headers.get("Date", ""), secret) or None,
    }
    shown = message or details["excerpt"]
    code = CODES.get(status) or (
        "server_error" if status >= 500 else "bad_request" if status >= 400 else "unexpected_response"
    )
    phrase = http.client.responses.get(status, "unknown status")
    return code, f"{status} {phrase}" + (f": {shown}" if shown else ""), details


def _api_errors(content: bytes, secret: str) -> list[dict[str, str | None]]:
    """Return the errors in the two shapes that the API has: ``{"errors": [{...}]}`` and ``{"error": "..."}``."""
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


def seconds_from_now(value: str | None, now: float) -> float:
    """Return the wait that a header asks for, in seconds; 0 if it is absent, past or unreadable."""
    try:
        seconds = float(value or 0)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(str(value)).timestamp()
        except (TypeError, ValueError, OverflowError):
            return 0
    return max(0, seconds - now if seconds > EPOCH_THRESHOLD else seconds)
