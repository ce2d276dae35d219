# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of requests. Each function returns the checked values, or raises an ``ApiError`` with every problem.

The API's published errors name a field of a profile without a path. How they name a field of a list item is not
documented.
"""

from __future__ import annotations

import json
import re
import zoneinfo
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from multidict import MultiMapping

from accounts import WRITABLE_STATES
from errors import ApiError, Problem

_INT64_MAX = 2**63 - 1


def parse_body(content_type: str, body: bytes) -> Any:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ApiError(400, Problem("The body must be sent as application/json", "Content-Type", "10-40050"))
    try:
        return load_json(body)
    except ValueError:
        raise ApiError(400, Problem("The body is not valid JSON", "", "10-40051")) from None


def load_json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_reject_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def parse_account(
    document: Any, test: str | None, types: Mapping[str, str], *, require_package: bool
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the profile and the offerings of a new account.

    :param test: the value of the header ``T-Test-Account``.
    :param types: the type of each offering in the catalog, by name.
    """
    problems: list[Problem] = []
    if test not in (None, "true"):
        problems.append(Problem('The only value is "true"', "T-Test-Account", "10-40055"))
    body = _parse_object(document, "", problems, required=("offerings",), optional=("profile",))
    profile = _check_profile(body.get("profile", {}), problems)
    offerings = _check_offerings(body, types, problems, require_package=require_package)
    _raise_problems(problems)
    return profile, offerings


def parse_offerings(
    document: Any, types: Mapping[str, str], current: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return the offerings that replace those of an account.

    The account may keep offerings that the catalog no longer lists, in the same or a lower quantity.

    :param types: the type of each offering in the catalog, by name.
    :param current: the offerings that the account has.
    """
    problems: list[Problem] = []
    body = _parse_object(document, "", problems, required=("offerings",))
    delisted = {offering["name"]: offering for offering in current if offering["name"] not in types}
    known = {**types, **{name: offering["type"] for name, offering in delisted.items()}}
    offerings = _check_offerings(body, known, problems, require_package=False)
    for index, offering in enumerate(offerings):
        previous = delisted.get(offering["name"]) if isinstance(offering["name"], str) else None
        if previous and _exceeds(offering["quantity"], previous["quantity"]):
            field = f"offerings[{index}].quantity"
            problems.append(
                Problem("No such offering in your catalog, so its quantity cannot be increased", field, "10-40060")
            )
    _raise_problems(problems)
    return offerings


def parse_state(document: Any, *, states: Collection[str] = WRITABLE_STATES) -> str:
    problems: list[Problem] = []
    body = _parse_object(document, "", problems, required=("state",))
    if "state" in body and body["state"] not in states:
        problems.append(Problem(f"Must be one of: {', '.join(states)}", "state", "10-40055"))
    _raise_problems(problems)
    return str(body["state"])


def check_query(query: MultiMapping[str], known: Collection[str] = ()) -> None:
    _raise_problems(
        [Problem("No such parameter", name, "10-40054") for name in dict.fromkeys(query) if name not in known]
    )


def parse_page(
    query: MultiMapping[str], is_known_offset: Callable[[str], bool], maximum: int = 100, item: str = "account"
) -> tuple[int, str | None]:
    check_query(query, known=("limit", "offset"))
    problems: list[Problem] = []
    limits, offsets = query.getall("limit", ["10"]), query.getall("offset", [])
    if len(limits) != 1 or not re.fullmatch(r"[1-9][0-9]{0,3}", limits[0]) or int(limits[0]) > maximum:
        problems.append(Problem(f"Must be one integer from 1 to {maximum}", "limit", "10-40056"))
    if len(offsets) > 1 or not all(map(is_known_offset, offsets)):
        problems.append(Problem(f"Must be the last {item} received", "offset", "10-40057"))
    _raise_problems(problems)
    return int(limits[0]), offsets[0] if offsets else None


def parse_limit(query: MultiMapping[str]) -> int | None:
    """Return the limit of the list of API keys. The vendor documents neither its range nor a default."""
    check_query(query, known=("limit",))
    limits = query.getall("limit", [])
    if len(limits) > 1 or not all(re.fullmatch(r"-?[0-9]+", limit) for limit in limits):
        raise ApiError(400, Problem("Must be one integer", "limit"))
    return max(0, int(limits[0])) if limits else None


def parse_api_key(
    document: Any,
    known_scopes: Collection[str],
    *,
    optional: Collection[str] = ("scopes",),
    require_scopes: bool = False,
) -> tuple[str, list[str] | None]:
    """Return the name and the scopes of an API key, ``None`` for the scopes if there are none.

    :param require_scopes: whether at least one scope is needed.
    """
    problems: list[Problem] = []
    required = ("name", "scopes") if require_scopes else ("name",)
    body = _parse_object(document, "", problems, required=required, optional=optional)
    name, scopes = body.get("name", "-"), body.get("scopes")
    if not isinstance(name, str) or not name.strip():
        problems.append(Problem("Must be a string that is not blank", "name"))
    if "scopes" in body and not isinstance(scopes, list):
        problems.append(Problem("Must be a list", "scopes"))
    elif scopes == [] and require_scopes:
        problems.append(Problem("At least one scope is needed", "scopes"))
    for index, scope in enumerate(scopes if isinstance(scopes, list) else ()):
        if scope not in known_scopes:
            problems.append(Problem("No such scope", f"scopes[{index}]"))
    _raise_problems(problems)
    return name, list(dict.fromkeys(scopes)) if scopes else None


def _raise_problems(problems: list[Problem]) -> None:
    if problems:
        raise ApiError(400, *problems)


def _exceeds(quantity: Any, limit: int) -> bool:
    return isinstance(quantity, int) and not isinstance(quantity, bool) and quantity > limit


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _parse_object(
    value: Any, path: str, problems: list[Problem], *, required: Collection[str] = (), optional: Collection[str] = ()
) -> dict[str, Any]:
    """Return the known members of an object. Append missing and unknown ones to ``problems``."""
    if not isinstance(value, dict):
        problems.append(Problem("Must be an object", path, "10-40052"))
        return {}
    prefix = f"{path}." if path else ""
    problems += [Problem("Required", prefix + key, "10-40053") for key in required if key not in value]
    known = {*required, *optional}
    problems += [Problem("No such field", prefix + key, "10-40054") for key in value if key not in known]
    return {key: member for key, member in value.items() if key in known}


def _check_offerings(
    body: dict[str, Any], types: Mapping[str, str], problems: list[Problem], *, require_package: bool
) -> list[dict[str, Any]]:
    order = body.get("offerings", [])
    if not isinstance(order, list):
        problems.append(Problem("Must be a list", "offerings", "10-40052"))
        return []
    seen: set[str] = set()
    offerings = [
        _check_offering(item, f"offerings[{index}]", types, seen, problems) for index, item in enumerate(order)
    ]
    ordered_types = [offering["type"] for offering in offerings]
    if ordered_types.count("package") > 1:
        problems.append(Problem("An account has at most one package", "offerings", "10-40063"))
    # Report this only if every item is an add-on: a missing list has its own error, and an invalid item may be the
    # package.
    elif require_package and "offerings" in body and ordered_types.count("addon") == len(order):
        problems.append(Problem("A new account needs a package", "offerings", "10-40064"))
    return offerings


def _check_offering(
    item: Any, path: str, types: Mapping[str, str], seen: set[str], problems: list[Problem]
) -> dict[str, Any]:
    members = _parse_object(item, path, problems, required=("name", "type"), optional=("quantity",))
    # The vendor's document does not require a quantity. The sandbox assumes 1.
    name, kind, quantity = members.get("name"), members.get("type"), members.get("quantity", 1)
    catalog_type = types.get(name) if isinstance(name, str) else None
    if "name" in members:
        if not isinstance(name, str):
            problems.append(Problem("Must be a string", f"{path}.name", "10-40052"))
        elif name in seen:
            problems.append(Problem("Named more than once", f"{path}.name", "10-40062"))
        elif catalog_type is None:
            problems.append(Problem("No such offering in your catalog", f"{path}.name", "10-40060"))
        if isinstance(name, str):
            seen.add(name)
    if "type" in members:
        if kind not in ("package", "addon"):
            problems.append(Problem("Must be one of: package, addon", f"{path}.type", "10-40055"))
        elif catalog_type not in (None, kind):
            problems.append(Problem("Not the type this offering has in your catalog", f"{path}.type", "10-40061"))
    kind = catalog_type or kind
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        problems.append(Problem("Must be an integer", f"{path}.quantity", "10-40052"))
    elif kind == "package" and quantity != 1:
        problems.append(Problem("The quantity of a package must be 1", f"{path}.quantity", "10-40065"))
    elif not 1 <= quantity <= _INT64_MAX:
        problems.append(Problem("Must be at least 1 and fit 64 bits", f"{path}.quantity", "10-40066"))
    return {"name": name, "type": kind, "quantity": quantity}


def _check_profile(value: Any, problems: list[Problem]) -> dict[str, str]:
    members = _parse_object(value, "profile", problems, optional=_PROFILE_RULES)
    for key, text in members.items():
        if not isinstance(text, str):
            problems.append(Problem("Must be a string", key, "10-40052"))
        elif (rule := _PROFILE_RULES[key]) and not rule[0](text):
            problems.append(Problem(rule[1], key, rule[2]))
    return members


def _is_email(text: str) -> bool:
    return len(text) <= 254 and bool(re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+", text))


def _is_phone(text: str) -> bool:
    return bool(re.fullmatch(r"\+[1-9][0-9]{1,14}", text))


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def _is_timezone(text: str) -> bool:
    # Without a time zone database on the machine, only the format can be checked.
    known = _timezones()
    return text in known if known else bool(re.fullmatch(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)+", text))


_timezones = cache(zoneinfo.available_timezones)

_PROFILE_RULES: dict[str, tuple[Callable[[str], bool], str, str] | None] = {
    "first_name": None,
    "last_name": None,
    "company_name": None,
    "company_website": (_is_url, "Not a valid URL", "10-40008"),
    "email": (_is_email, "Not a valid email address", "10-40002"),
    "phone": (_is_phone, "Not an E.164 number: +, country code and number, fifteen digits at most", "10-40010"),
    "timezone": (_is_timezone, "Not a name from the IANA time zone database", "10-40058"),
}
