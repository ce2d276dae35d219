# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests below ``/v3`` and the statuses of their responses, without credentials."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_MAX_ENTRIES = 10_000


@dataclass
class LogEntry:
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

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "body": _decode_body(self.body)}


class RequestLog:
    def __init__(self) -> None:
        # Bounded, because a benchmark can run for hours.
        self.entries: deque[LogEntry] = deque(maxlen=_MAX_ENTRIES)
        self.requests = 0
        self.by_status: Counter[str] = Counter()

    def add(self, request: web.Request, body: bytes | None, connection: int, *, authorized: bool) -> LogEntry:
        headers = _merge_values(request.headers)
        authorization = headers.pop("authorization", None)
        entry = LogEntry(
            method=request.method,
            path=request.path,
            query=_merge_values(request.query),
            headers=headers,
            authorized=authorized,
            scheme=_scheme(authorization),
            connection=connection,
            body=body,
        )
        self.entries.append(entry)
        self.requests += 1
        return entry

    def set_status(self, entry: LogEntry, status: int | None) -> None:
        """Record the status of the response, or ``None`` if a fault cut it."""
        entry.status = status
        self.by_status["cut" if status is None else str(status)] += 1


def _merge_values(pairs: Mapping[str, str]) -> dict[str, str]:
    """Return one value per lower-case name; repeated values are joined with commas."""
    merged: dict[str, str] = {}
    for name, value in pairs.items():
        name = name.lower()
        merged[name] = f"{merged[name]}, {value}" if name in merged else value
    return merged


def _scheme(authorization: str | None) -> str | None:
    """Return the scheme of an ``Authorization`` header, ``None`` if it is only one word, which could be a key."""
    scheme, separator, _key = (authorization or "").partition(" ")
    return scheme if separator else None


def _decode_body(body: bytes | None) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
