# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Read the catalog from the cache or from the API, for the modules and the lookup."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .._api.config import ClientConfig
from .._text import clean, maskable, summary
from .cache import CacheEntry, Catalog, read_entry
from .offerings import Offering
from .parser import parse, unknown_types

if TYPE_CHECKING:
    from .._api.client import Response

PATH = "/v3/partners/offerings"
# A cached catalog up to this age, in seconds, counts as fresh.
FRESH = 60

Result = TypeVar("Result")
Problems = TypeVar("Problems")


def cache_problems(option: Callable[[str], Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the cache options, as pairs of option and message."""
    problems = []
    key = maskable(option("api_key"))
    if key and key in option("cache_dir"):
        # The key would become the name of a directory, and appear in warnings.
        problems.append(("cache_dir", "it holds the API key"))
    if "{{" in option("cache_dir"):
        problems.append(("cache_dir", f"'{clean(option('cache_dir'), key)}' is a template that was not evaluated"))
    return problems


def read_catalog(
    config: ClientConfig,
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    evaluate: Callable[[Catalog], tuple[Result, Problems]],
) -> tuple[Catalog, Result, Problems]:
    """Return the catalog, and the result and the problems that ``evaluate`` finds in it.

    An old catalog is no proof of a problem: if there is one, ``evaluate`` is called again with a fresh catalog.

    :param option: maps ``cache_dir`` and ``cache_ttl`` (in seconds) to their values.
    :param warn: takes anomalies that are no failure.
    :raises SendGridError: the catalog cannot be read, or breaks a promise of the API.
    """
    catalog = _read(config, option("cache_dir"), option("cache_ttl"), warn)
    result, problems = evaluate(catalog)
    if problems and catalog.cache_age > FRESH:
        catalog = _read(config, option("cache_dir"), FRESH, warn)
        result, problems = evaluate(catalog)
    return catalog, result, problems


def read_since(option: Callable[[str], Any], start: float) -> Callable[[str], Any]:
    """Return ``option`` with a ``cache_ttl`` that accepts only what was read after ``start``, and is fresh.

    So the rows of a task whose orders the API refuses share one fresh catalog.

    :param start: seconds since the epoch.
    """
    return lambda name: min(max(time.time() - start, 0), FRESH) if name == "cache_ttl" else option(name)


def _read(config: ClientConfig, directory: str, ttl: float, warn: Callable[[str], None]) -> Catalog:
    if not ttl:
        return _fetch(config, warn)
    entry = CacheEntry(directory, ttl, config.endpoint, config.api_key, config.verify is not False)
    if found := read_entry(entry):
        return found
    # Not needed for a cached catalog, and each worker of Ansible compiles what it imports.
    from .cache_update import update_cache

    timeout, retries, delay = config.timeout, config.retries, config.retry_max_delay
    # Ten seconds more, in which the client starts and its failure is shared.
    lock_timeout = (retries + 1) * timeout + retries * delay + 10
    client_settings = [timeout, retries, delay, config.verify]
    return update_cache(entry, client_settings, lock_timeout, lambda: _fetch(config, warn), warn)


def request_catalog(config: ClientConfig, warn: Callable[[str], None]) -> tuple[Response, list[Offering]]:
    """Return the response of the API, and the offerings in it.

    :raises SendGridError: the catalog cannot be read, or breaks a promise of the API.
    """
    # Not needed for a cached catalog: importing requests takes longer than everything else together.
    from .._api.client import Client

    client = Client(config)
    response = client.request("GET", PATH)
    offerings, problems = parse(response.data)
    if problems:
        reason = f"the catalog is not what the API promises: {summary(problems)}"
        raise client.unexpected_response(response, reason, problems=problems)
    if warning := unknown_types(offerings):
        warn(warning)
    return response, offerings


def _fetch(config: ClientConfig, warn: Callable[[str], None]) -> Catalog:
    response, offerings = request_catalog(config, warn)
    remaining = response.headers.get("X-RateLimit-Remaining", "")
    return Catalog(
        offerings=offerings,
        endpoint=config.endpoint,
        cached=False,
        cache_age=0,
        rate_limit_remaining=int(remaining) if re.fullmatch(r"\d{1,18}", remaining, re.ASCII) else None,
    )
