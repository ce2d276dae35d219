# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The URLs at which the API can be."""

from __future__ import annotations

import ipaddress
import re

DEFAULT_PORTS = {"http": 80, "https": 443}
ENDPOINT_PATTERN = r"(https?)://([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(?:/v3)?/?"


def parse_endpoint(given: str) -> str:
    """Return ``given`` as scheme, host and port.

    :raises ValueError: it cannot be used. The message does not repeat it: it may be the key, given for another option.
    """
    match = re.fullmatch(ENDPOINT_PATTERN, given.lower(), re.ASCII)
    if not match or not _is_host(match[2]) or int(match[3] or 0) > 65535:
        raise ValueError(
            "it is not of the form https://HOST or https://HOST:PORT. A final / or /v3 is accepted, a user, a query or "
            "another path is not"
        )
    if match[1] == "http" and not is_loopback(match[2]):
        raise ValueError("with http the API key would travel in clear over the network; https is needed")
    # One API has one cache and one creation journal, however its port is written.
    is_default = int(match[3] or 0) in (0, DEFAULT_PORTS[match[1]])
    return f"{match[1]}://{match[2]}" + ("" if is_default else f":{match[3]}")


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
