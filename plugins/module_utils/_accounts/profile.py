# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The profile of a new account, checked as the API checks it. No I/O except for the time zone database, no Ansible."""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .._settings import kind_of, unknown_option_problems
from .._text import quoted, shown

FIELDS = ("first_name", "last_name", "company_name", "company_website", "email", "phone", "timezone")


def profile_problems(profile: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the API would refuse, as pairs of option and message.

    ``AccountProvisioningProfile`` in the vendor's OpenAPI document asks for E.164 and for a name from the IANA time
    zone database. That email and website are checked follows from the errors in the vendor's documentation.

    :param profile: as it is given. YAML makes a boolean of ``No`` and a number of ``+420123456789``, and a profile
        cannot be changed later.
    """
    problems = [(f"profile.{name}", message) for name, message in unknown_option_problems(profile, FIELDS)]
    for field in FIELDS:
        value = profile.get(field)
        if value is None:
            continue
        if not isinstance(value, str):
            given = f"it is {kind_of(value)}" + (f", {shown(value)}" if isinstance(value, (bool, int, float)) else "")
            problems.append((f"profile.{field}", f"{given}, and text is needed. Write it in quotes"))
        elif field in CHECKS and not CHECKS[field][0](value):
            problems.append((f"profile.{field}", f"{quoted(value, 100)} is no {CHECKS[field][1]}"))
    return problems


def _is_email(text: str) -> bool:
    return len(text) <= 254 and text.isprintable() and bool(re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+", text))


def _is_phone(text: str) -> bool:
    return bool(re.fullmatch(r"\+[1-9]\d{1,14}", text, re.ASCII))


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


@functools.cache
def _known_timezones() -> set[str]:
    # Reads a whole tree of files, and a file of customers has thousands of rows.
    return zoneinfo.available_timezones()


def _is_timezone(text: str) -> bool:
    # On a machine without the database no name is known. Then the form has to do.
    known = _known_timezones()
    return text in known if known else bool(re.fullmatch(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*", text))


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "company_website": (_is_url, "URL such as https://example.com"),
    "email": (_is_email, "email address"),
    "phone": (_is_phone, "number in the form of E.164: +, country code and number, fifteen digits at most"),
    "timezone": (_is_timezone, "name from the IANA time zone database, such as Europe/Prague"),
}
