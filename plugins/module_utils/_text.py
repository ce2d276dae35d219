# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Make text from outside fit to print: on one line, without control characters, without the API key."""

from __future__ import annotations

import html
import re
import unicodedata
import urllib.parse

from ._secrets import MINIMUM_SECRET_LENGTH

MASK = "********"
# What can stand in a path or a header as the id of an account. Published ids are ``sg`` and 32 digits.
ACCOUNT_ID_PATTERN = r"[A-Za-z0-9_-]{1,128}"
# The vendor documents this form, but not that every key has it.
SENDGRID_KEY_PATTERN = r"SG\.[\w-]{22}\.[\w-]{43}"
# Masks a key even where it was given in place of something else, such as the region.
KEY_PATTERN = re.compile(rf"\b{SENDGRID_KEY_PATTERN}")


def clean(text: object, secret: str = "", limit: int = 300) -> str:
    """Return ``text`` on one line, without control characters and without ``secret``.

    Servers repeat what they receive, and terminals execute control characters: neither may reach a log.

    :param limit: the greatest length of the result, in characters.
    """
    masked = str(text).replace(secret, MASK) if secret else str(text)
    # Search more than is shown: a key that is cut off in the middle is not found by a plain search.
    if secret and _contains(masked[: 10 * limit + 10 * len(secret)], secret):
        masked = MASK
    # Cut before the pattern too: a name can be as large as a response.
    masked = KEY_PATTERN.sub(MASK, masked[: 10 * limit])
    printable = "".join(" " if _is_hidden(char) else char for char in masked)
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def maskable(key: object) -> str:
    """Return ``key`` if it can be masked in a message, otherwise an empty text."""
    return key if isinstance(key, str) and len(key) >= MINIMUM_SECRET_LENGTH else ""


def shown(value: object, secret: str = "") -> str:
    """Return ``value`` in quotes, or only its length if it is long enough to be a secret in the wrong place."""
    text = str(value)
    return f"'{clean(text, secret)}'" if len(text) < MINIMUM_SECRET_LENGTH else f"a text of {len(text)} characters"


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char)[0] in "CZ"


def _contains(text: str, secret: str) -> bool:
    """Return whether a person could read ``secret`` in ``text``, which may be escaped (even twice) or spaced out."""
    for _level in range(3):
        if secret in "".join(char for char in text if not _is_hidden(char)):
            return True
        text = re.sub(r"\\u([\da-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
        text = re.sub(r"\\(.)", r"\1", html.unescape(urllib.parse.unquote(text)))
    return False


def summary(problems: list[str], separator: str = "; ") -> str:
    """Return the first five of ``problems`` as one text, and how many more there are."""
    more = len(problems) - 5
    return separator.join(problems[:5] + ([f"and {more} more"] if more > 0 else []))


def quoted(text: str, limit: int = 300) -> str:
    """Return ``text`` in quotes. All but printable ASCII is escaped, because it may look like something else.

    :param limit: the greatest number of characters of ``text`` that is shown.
    """
    return ascii(text if len(text) <= limit else text[: limit - 3] + "...")
