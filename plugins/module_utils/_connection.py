# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Where the API is and how it is reached: the options of the connection, checked."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable
from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import clean, invalid_options
from ansible_collections.reseller.sendgrid.plugins.module_utils._options import ENDPOINTS

MINIMUM_KEY_LENGTH = 20
ENDPOINT_FORM = r"(https?)://([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(?:/v3)?/?"
# Bounds that only a mistake exceeds: they keep one read of the catalog from blocking a play for days.
LIMITS = {"timeout": 3600, "retries": 100, "retry_max_delay": 3600}


class Connection:
    """Checked settings of the client; C(timeout) and C(retry_max_delay) are in seconds."""

    def __init__(
        self, api_key: str, endpoint: str, timeout: float, retries: int, retry_max_delay: float, verify: bool | str
    ) -> None:
        self.api_key = api_key
        self.endpoint = endpoint
        # With the port if one was given.
        self.host = endpoint.partition("://")[2]
        self.timeout = timeout
        self.retries = retries
        self.retry_max_delay = retry_max_delay
        self.verify = verify


def connection(
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    problems: list[tuple[str, str]],
) -> Connection:
    """Return the connection that the options describe.

    :param option: from the name of an option to its value, of the type that the option table says.
    :param problems: pairs of option and message found elsewhere, to be reported together with those found here.
    :raises SendGridError: C(invalid_option), listing all problems.
    """
    found = list(problems)
    key = endpoint = ""
    try:
        key = _key(option("api_key") or "")
    except ValueError as problem:
        found.append(("api_key", str(problem)))
    try:
        endpoint = _endpoint(option("region"), option("api_endpoint"))
    except ValueError as problem:
        found.append(("api_endpoint", str(problem)))
    found += out_of_bounds(option, LIMITS)
    ca_path = option("ca_path")
    if ca_path and not os.path.exists(ca_path):
        found.append(("ca_path", f"'{clean(ca_path, key)}' does not exist on the machine where this runs"))
    if found:
        raise invalid_options(found)
    # The form is a fact of the vendor's; that every key has it is not, hence no refusal.
    if not re.fullmatch(r"SG\.[\w-]{22}\.[\w-]{43}", key, re.ASCII):
        warn(
            "api_key does not look like a key of SendGrid (SG., 22 characters, a dot, 43 characters). It is used as is."
        )
    return Connection(
        api_key=key,
        endpoint=endpoint,
        timeout=option("timeout"),
        retries=option("retries"),
        retry_max_delay=option("retry_max_delay"),
        verify=(ca_path or True) if option("validate_certs") else False,
    )


def out_of_bounds(option: Callable[[str], Any], limits: dict[str, int]) -> list[tuple[str, str]]:
    """Return what is wrong with the options that I(limits) names, as pairs of option and message."""
    return [
        (name, f"{'more than 0' if name == 'timeout' else '0 or more'} and at most {limit} is needed")
        for name, limit in limits.items()
        if not 0 <= option(name) <= limit or (name == "timeout" and option(name) == 0)
    ]


def _key(given: str) -> str:
    key = given.strip()
    if not key:
        raise ValueError(
            "no API key is given. Set this option, or the environment variable SENDGRID_API_KEY on the machine where "
            "this runs: the target host for a module, the controller for a lookup"
        )
    if not (key.isascii() and key.isprintable()):
        raise ValueError("it holds control characters or characters outside ASCII, which no API key does")
    if len(key) < MINIMUM_KEY_LENGTH:
        raise ValueError(f"it has fewer than {MINIMUM_KEY_LENGTH} characters; an API key of SendGrid has 69")
    return key


def _endpoint(region: str | None, given: str | None) -> str:
    if given is None:
        return ENDPOINTS[region or "global"]
    if region is not None:
        raise ValueError(
            f"it is given together with region ({region}), and only one of them can be. Each may also come from a "
            "variable, from SENDGRID_API_ENDPOINT or SENDGRID_REGION in the environment, or from ansible.cfg"
        )
    # The value is not repeated: who mixes up two options puts the key here.
    match = re.fullmatch(ENDPOINT_FORM, given.strip().lower(), re.ASCII)
    if not match or not _is_host(match[2]) or int(match[3] or 0) > 65535:
        raise ValueError(
            "it is not of the form https://HOST or https://HOST:PORT. A final / or /v3 is accepted, a user, a query or "
            "another path is not"
        )
    if match[1] == "http" and not is_loopback(match[2]):
        raise ValueError("with http the API key would travel in clear over the network; https is needed")
    return f"{match[1]}://{match[2]}" + (f":{match[3]}" if match[3] else "")


def _is_host(host: str) -> bool:
    if not host.startswith("["):
        return all(re.fullmatch(r"\w([\w-]{0,61}\w)?", label, re.ASCII) for label in host.split("."))
    try:
        return bool(ipaddress.IPv6Address(host[1:-1]))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Return whether I(host), without a port, is this machine, compared as parsed: C(127.0.0.1.example.com) is not."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
