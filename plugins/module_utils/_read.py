# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Read the catalog of offerings, from the cache or from the API: what the modules and the lookup have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from ansible_collections.reseller.sendgrid.plugins.module_utils._cache import LONGEST_TTL, Catalog, Place, load
from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import (
    MINIMUM_KEY_LENGTH,
    Connection,
    out_of_bounds,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import summary
from ansible_collections.reseller.sendgrid.plugins.module_utils._parse import parse, unknown_types

PATH = "/v3/partners/offerings"
# A younger catalog, in seconds, is not read again for a name that it lacks: hosts by the hundred may ask for that name.
FRESH = 60

Result = TypeVar("Result")
Complaint = TypeVar("Complaint")


def cache_problems(option: Callable[[str], Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the options of the cache, as pairs of option and message."""
    problems = out_of_bounds(option, {"cache_ttl": LONGEST_TTL})
    key = (option("api_key") or "").strip()
    if len(key) >= MINIMUM_KEY_LENGTH and key in option("cache_dir"):
        # It would be the name of a directory, and stand in warnings.
        problems.append(("cache_dir", "it holds the API key"))
    return problems


def use_catalog(
    connection: Connection,
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    use: Callable[[Catalog], tuple[Result, Complaint]],
) -> tuple[Catalog, Result, Complaint]:
    """Return the catalog and what I(use) makes of it: a result, and a complaint if something is wrong.

    Nothing is complained about on the word of an old catalog: then I(use) is called again with a fresh one.

    :param option: gives C(cache_dir) and C(cache_ttl).
    :param warn: takes what is strange but no failure.
    :raises SendGridError: the catalog cannot be read or is not what the API promises.
    """
    directory = option("cache_dir")
    catalog = _read(connection, directory, option("cache_ttl"), warn)
    result, complaint = use(catalog)
    if complaint and catalog.cache_age > FRESH:
        catalog = _read(connection, directory, FRESH, warn)
        result, complaint = use(catalog)
    return catalog, result, complaint


def _read(connection: Connection, directory: str, ttl: float, warn: Callable[[str], None]) -> Catalog:
    if not ttl:
        return _ask(connection, warn)
    kept = Place(directory, ttl, connection.endpoint, connection.api_key, connection.verify is not False)
    if found := load(kept):
        return found
    from ansible_collections.reseller.sendgrid.plugins.module_utils._refresh import refresh

    timeout, retries, delay = connection.timeout, connection.retries, connection.retry_max_delay
    # With some seconds on top, in which the client starts, and its failure gets around.
    patience = (retries + 1) * timeout + retries * delay + 10
    manner = [timeout, retries, delay, connection.verify]
    return refresh(kept, manner, patience, lambda: _ask(connection, warn), warn)


def _ask(connection: Connection, warn: Callable[[str], None]) -> Catalog:
    # A cached catalog needs neither this nor requests, which takes longer to import than all the rest.
    from ansible_collections.reseller.sendgrid.plugins.module_utils._client import Client

    client = Client(connection)
    answer = client.request("GET", PATH)
    offerings, problems = parse(answer.data)
    if problems:
        shown = "; ".join([summary(problems[:100]), *problems[100:]])
        what = f"the catalog is not what the API promises: {shown}"
        raise client.broken(answer, what, problems=problems)
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
