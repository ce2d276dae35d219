# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The checked connection settings: where the API is and how it is reached."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from .._argspec import ENDPOINTS
from .._errors import invalid_options
from .._text import MINIMUM_KEY_LENGTH, clean, maskable
from .bundles import path_problem

# The form of a bearer token in section 2.1 of RFC 6750.
KEY_PATTERN = r"[A-Za-z0-9._~+/-]+=*"
ENDPOINT_PATTERN = r"(https?)://([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(?:/v3)?/?"
# Only a mistake exceeds these: they keep one read of the catalog from blocking a play for days.
LIMITS = {"timeout": 3600, "retries": 100, "retry_max_delay": 3600}


class ClientConfig:
    """Checked settings of the client.

    :param timeout: of one attempt, in seconds.
    :param retries: attempts after the first one.
    :param retry_max_delay: the longest wait before a retry, in seconds.
    :param verify: as ``requests`` takes it: whether to verify the certificate, or the path of the CA certificates.
    """

    def __init__(
        self, api_key: str, endpoint: str, timeout: float, retries: int, retry_max_delay: float, verify: bool | str
    ) -> None:
        self.api_key = api_key
        self.endpoint = endpoint
        # Includes the port, if one was given.
        self.host = endpoint.partition("://")[2]
        self.timeout = timeout
        self.retries = retries
        self.retry_max_delay = retry_max_delay
        self.verify = verify
        # Whether this Python is the one of Ansible itself.
        self.is_controller = False


def create_config(
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    problems: list[tuple[str, str]],
) -> ClientConfig:
    """Return the settings that the options describe.

    :param option: maps the name of an option to its value, which has the type that the option table says.
    :param problems: pairs of option and message found elsewhere, reported together with those found here.
    :raises SendGridError: ``invalid_option``, listing all problems.
    """
    found = list(problems)
    key = option("api_key") or ""
    if problem := _key_problem(key):
        found.append(("api_key", problem))
    endpoint = ""
    try:
        endpoint = _checked_endpoint(option("region"), option("api_endpoint"))
    except ValueError as error:
        found.append(("api_endpoint", str(error)))
    found += out_of_range(option, LIMITS)
    ca_path = option("ca_path")
    if ca_path and (problem := path_problem(ca_path)):
        found.append(("ca_path", f"'{clean(ca_path, maskable(key))}' {problem} on the machine where this runs"))
    if found:
        raise invalid_options(found)
    # The vendor documents this form, but not that every key has it: hence a warning.
    if not re.fullmatch(r"SG\.[\w-]{22}\.[\w-]{43}", key, re.ASCII):
        warn(
            "api_key does not look like a key of SendGrid (SG., 22 characters, a dot, 43 characters). It is used as is."
        )
    return ClientConfig(
        api_key=key,
        endpoint=endpoint,
        timeout=option("timeout"),
        retries=option("retries"),
        retry_max_delay=option("retry_max_delay"),
        verify=(ca_path or True) if option("validate_certs") else False,
    )


def out_of_range(option: Callable[[str], Any], limits: dict[str, int]) -> list[tuple[str, str]]:
    """Return a problem for each option of ``limits`` that is out of its range, as pairs of option and message."""
    least = {"timeout": "more than 0"}
    return [
        (name, f"{option(name):g} is out of range, {least.get(name, '0 or more')} and at most {limit} is needed")
        for name, limit in limits.items()
        if not 0 <= option(name) <= limit or (name == "timeout" and option(name) == 0)
    ]


def _key_problem(key: str) -> str | None:
    if not key:
        return (
            "no API key is given. Set this option, the variable sendgrid_api_key, or the environment variable "
            "SENDGRID_API_KEY on the machine where this runs: the target host for a module, the controller for a lookup"
        )
    if key[0] in "\"'":
        return "it is in quotes. Remove them"
    if key.lower().startswith("bearer "):
        return "it starts with 'Bearer '. Give the key alone"
    if not re.fullmatch(KEY_PATTERN, key, re.ASCII):
        return "it is no API key, which is made of letters, digits and -._~+/, with = only at its end"
    if len(key) < MINIMUM_KEY_LENGTH:
        return f"it has fewer than {MINIMUM_KEY_LENGTH} characters; an API key of SendGrid has 69"
    return None


def _checked_endpoint(region: str | None, given: str | None) -> str:
    if given is None:
        return ENDPOINTS[region or "global"]
    # The error does not repeat the value: it may be the key, given for the wrong option.
    match = re.fullmatch(ENDPOINT_PATTERN, given.strip().lower(), re.ASCII)
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
    """Return whether ``host``, without a port, is this machine. ``127.0.0.1.example.com`` is not."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
