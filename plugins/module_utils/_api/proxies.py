# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The proxy that the environment names, in words that do not tell its password."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote

from .libraries import requests

VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
HIDDEN = "the reason is not shown, because it has a word of the user or the password in it"


class Proxy:
    """A proxy for HTTPS.

    :param url: it can have a user and a password.
    """

    def __init__(self, url: str) -> None:
        # A password that is not encoded can have any character, also @.
        scheme, self._user_info, host = re.findall(r"^(?:(\w+)://)?(?:(.*)@)?(.*)", url, re.DOTALL)[0]
        address = re.match(r"(?:[^\s/?#:\[\]]+|\[[^\s/?#\[\]]+\])(?::\d+\b)?", host)
        # Without user and password.
        self.address = f"{scheme or 'http'}://{address[0] if address else ''}"
        self._has_host = bool(address)
        # The setting that names it.
        self.variable = next((name for name in VARIABLES if os.environ.get(name) == url), "the system settings")

    def __str__(self) -> str:
        return f"{self.address} in {self.variable}"

    @property
    def problem(self) -> str | None:
        """What is certainly wrong with the URL, if no connection to the proxy was made."""
        if re.search(r"[/?#]", self._user_info):
            return "it has /, ? or # before the @, which must be percent-encoded (%2F, %3F, %23)"
        if not self._has_host:
            return "it has no host"
        try:
            # PySocks sends UTF-8.
            unquote(self._user_info).encode("utf-8" if self.address.startswith("socks") else "latin-1")
        except UnicodeEncodeError:
            return "its user or password has a character that is not in Latin-1, so requests cannot send it"
        return None

    def redact(self, reason: str) -> str:
        """Return ``reason``, or a text in its place if it has a word of the user or the password."""
        secret_words = _words(self._user_info) | _words(unquote(self._user_info))
        return HIDDEN if secret_words & _words(reason) else reason


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def find_proxy(url: str) -> Proxy | None:
    """Return the proxy that requests uses for ``url``."""
    found = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))  # type: ignore[no-untyped-call,unused-ignore]
    return Proxy(found) if found else None
