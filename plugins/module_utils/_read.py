# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Read the catalog of offerings: what the modules and the lookup have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import Offering, parse, summary, unknown_types
from ansible_collections.reseller.sendgrid.plugins.module_utils._client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import Connection
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import clean

PATH = "/v3/partners/offerings"


class Catalog(NamedTuple):
    """The offerings and where they come from; C(cache_age) is in seconds."""

    offerings: list[Offering]
    endpoint: str
    cached: bool
    cache_age: float
    rate_limit_remaining: int | None

    def origin(self) -> dict[str, Any]:
        """Return the results that say where the offerings come from."""
        return {key: value for key, value in self._asdict().items() if key != "offerings"}


def read_catalog(connection: Connection, warn: Callable[[str], None]) -> Catalog:
    """Read the catalog; what is strange in it, but usable, is a warning.

    :raises SendGridError: it cannot be read or is not what the API promises.
    """
    client = Client(connection)
    answer = client.request("GET", PATH)
    offerings, problems = parse(answer.data)
    if problems:
        what = f"the catalog is not what the API promises: {summary(problems)}"
        raise client.failure(
            "unexpected_response",
            what,
            "GET",
            PATH,
            answer.attempts,
            status=answer.status,
            date=clean(answer.headers.get("Date", ""), connection.api_key) or None,
            problems=problems[:100],
        )
    if warning := unknown_types(offerings):
        warn(warning)
    remaining = answer.headers.get("X-RateLimit-Remaining", "")
    return Catalog(
        offerings=offerings,
        endpoint=connection.endpoint,
        cached=False,
        cache_age=0,
        rate_limit_remaining=int(remaining) if re.fullmatch(r"\d{1,18}", remaining, re.ASCII) else None,
    )
