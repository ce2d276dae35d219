# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What arrived below /v3 and how it was answered, without any credentials."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_KEPT = 10_000


@dataclass
class Entry:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    authorized: bool
    scheme: str | None
    connection: int
    body: bytes | None
    time: float = field(default_factory=time.time)
    status: int | None = None

    def document(self) -> dict[str, Any]:
        return {**vars(self), "body": _readable(self.body)}


class Journal:
    def __init__(self) -> None:
        # Bounded, as a benchmark may run for hours.
        self.entries: deque[Entry] = deque(maxlen=_KEPT)
        self.requests = 0
        self.by_status: Counter[str] = Counter()

    def arrived(self, request: web.Request, body: bytes | None, connection: int, *, authorized: bool) -> Entry:
        headers = _flat(request.headers)
        authorization = headers.pop("authorization", None)
        entry = Entry(
            method=request.method,
            path=request.path,
            query=_flat(request.query),
            headers=headers,
            authorized=authorized,
            scheme=_scheme(authorization),
            connection=connection,
            body=body,
        )
        self.entries.append(entry)
        self.requests += 1
        return entry

    def answered(self, entry: Entry, status: int | None) -> None:
        entry.status = status
        self.by_status["cut" if status is None else str(status)] += 1


def _flat(pairs: Mapping[str, str]) -> dict[str, str]:
    """One text per name. Header names come in any case, so they are looked up in lower case here."""
    flat: dict[str, str] = {}
    for name, value in pairs.items():
        name = name.lower()
        flat[name] = f"{flat[name]}, {value}" if name in flat else value
    return flat


def _scheme(authorization: str | None) -> str | None:
    """The first word, unless it is the only one: a key without a scheme must not show up as one."""
    scheme, separator, _key = (authorization or "").partition(" ")
    return scheme if separator else None


def _readable(body: bytes | None) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
