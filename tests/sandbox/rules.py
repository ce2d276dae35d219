# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API accepts: each function returns what it was asked for, or refuses with every problem at once.

Published errors name a profile field by its bare name; how they name a field inside a list is not known.
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
from errors import Problem, Refusal

_INT64_MAX = 2**63 - 1


def parse_body(content_type: str, body: bytes) -> Any:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, Problem("The body must be sent as application/json", "Content-Type", "10-40050"))
    try:
        return load_json(body)
    except ValueError:
        raise Refusal(400, Problem("The body is not valid JSON", "", "10-40051")) from None


def load_json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def new_account(
    document: Any, test: str | None, types: Mapping[str, str], *, require_package: bool
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    problems: list[Problem] = []
    if test not in (None, "true"):
        problems.append(Problem('The only value is "true"', "T-Test-Account", "10-40055"))
    body = _members(document, "", problems, required=("offerings",), optional=("profile",))
    profile = _profile(body.get("profile", {}), problems)
    offerings = _offerings(body, types, problems, require_package=require_package)
    _refuse(problems)
    return profile, offerings


def new_offerings(
    document: Any, types: Mapping[str, str], current: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """What the account has may stay, in the quantity that it has, although the catalog no longer lists it."""
    problems: list[Problem] = []
    body = _members(document, "", problems, required=("offerings",))
    former = {offering["name"]: offering for offering in current if offering["name"] not in types}
    known = {**types, **{name: offering["type"] for name, offering in former.items()}}
    offerings = _offerings(body, known, problems, require_package=False)
    for index, offering in enumerate(offerings):
        had = former.get(offering["name"]) if isinstance(offering["name"], str) else None
        if had and _is_more(offering["quantity"], had["quantity"]):
            field = f"offerings[{index}].quantity"
            problems.append(Problem("No such offering in your catalog, to have more of it", field, "10-40060"))
    _refuse(problems)
    return offerings


def new_state(document: Any, *, states: Collection[str] = WRITABLE_STATES) -> str:
    problems: list[Problem] = []
    body = _members(document, "", problems, required=("state",))
    if "state" in body and body["state"] not in states:
        problems.append(Problem(f"Must be one of: {', '.join(states)}", "state", "10-40055"))
    _refuse(problems)
    return str(body["state"])


def no_query(query: MultiMapping[str], known: Collection[str] = ()) -> None:
    _refuse([Problem("No such parameter", name, "10-40054") for name in dict.fromkeys(query) if name not in known])


def page(query: MultiMapping[str], is_offset: Callable[[str], bool]) -> tuple[int, str | None]:
    no_query(query, known=("limit", "offset"))
    problems: list[Problem] = []
    limits, offsets = query.getall("limit", ["10"]), query.getall("offset", [])
    if len(limits) != 1 or not re.fullmatch(r"[1-9][0-9]?|100", limits[0]):
        problems.append(Problem("Must be one integer from 1 to 100", "limit", "10-40056"))
    if len(offsets) > 1 or not all(map(is_offset, offsets)):
        problems.append(Problem("Must be the id of the last account received", "offset", "10-40057"))
    _refuse(problems)
    return int(limits[0]), offsets[0] if offsets else None


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Refusal(400, *problems)


def _is_more(quantity: Any, had: int) -> bool:
    return isinstance(quantity, int) and not isinstance(quantity, bool) and quantity > had


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _members(
    value: Any, path: str, problems: list[Problem], *, required: Collection[str] = (), optional: Collection[str] = ()
) -> dict[str, Any]:
    """The object's known members, after noting what is missing or unknown."""
    if not isinstance(value, dict):
        problems.append(Problem("Must be an object", path, "10-40052"))
        return {}
    prefix = f"{path}." if path else ""
    problems += [Problem("Required", prefix + key, "10-40053") for key in required if key not in value]
    known = {*required, *optional}
    problems += [Problem("No such field", prefix + key, "10-40054") for key in value if key not in known]
    return {key: member for key, member in value.items() if key in known}


def _offerings(
    body: dict[str, Any], types: Mapping[str, str], problems: list[Problem], *, require_package: bool
) -> list[dict[str, Any]]:
    order = body.get("offerings", [])
    if not isinstance(order, list):
        problems.append(Problem("Must be a list", "offerings", "10-40052"))
        return []
    seen: set[str] = set()
    offerings = [_offering(item, f"offerings[{index}]", types, seen, problems) for index, item in enumerate(order)]
    ordered = [offering["type"] for offering in offerings]
    if ordered.count("package") > 1:
        problems.append(Problem("An account has at most one package", "offerings", "10-40063"))
    # Not for a list that is missing, nor where a broken item may be the package: those have errors of their own.
    elif require_package and "offerings" in body and ordered.count("addon") == len(order):
        problems.append(Problem("A new account needs a package", "offerings", "10-40064"))
    return offerings


def _offering(
    item: Any, path: str, types: Mapping[str, str], seen: set[str], problems: list[Problem]
) -> dict[str, Any]:
    members = _members(item, path, problems, required=("name", "type"), optional=("quantity",))
    # The document does not require a quantity, and an order without one can only mean one.
    name, kind, quantity = members.get("name"), members.get("type"), members.get("quantity", 1)
    offered = types.get(name) if isinstance(name, str) else None
    if "name" in members:
        if not isinstance(name, str):
            problems.append(Problem("Must be a string", f"{path}.name", "10-40052"))
        elif name in seen:
            problems.append(Problem("Named more than once", f"{path}.name", "10-40062"))
        elif offered is None:
            problems.append(Problem("No such offering in your catalog", f"{path}.name", "10-40060"))
        if isinstance(name, str):
            seen.add(name)
    if "type" in members:
        if kind not in ("package", "addon"):
            problems.append(Problem("Must be one of: package, addon", f"{path}.type", "10-40055"))
        elif offered not in (None, kind):
            problems.append(Problem("Not the type this offering has in your catalog", f"{path}.type", "10-40061"))
    kind = offered or kind
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        problems.append(Problem("Must be an integer", f"{path}.quantity", "10-40052"))
    elif kind == "package" and quantity != 1:
        problems.append(Problem("The quantity of a package must be 1", f"{path}.quantity", "10-40065"))
    elif not 1 <= quantity <= _INT64_MAX:
        problems.append(Problem("Must be at least 1 and fit 64 bits", f"{path}.quantity", "10-40066"))
    return {"name": name, "type": kind, "quantity": quantity}


def _profile(value: Any, problems: list[Problem]) -> dict[str, str]:
    members = _members(value, "profile", problems, optional=_PROFILE)
    for key, text in members.items():
        if not isinstance(text, str):
            problems.append(Problem("Must be a string", key, "10-40052"))
        elif (check := _PROFILE[key]) and not check[0](text):
            problems.append(Problem(check[1], key, check[2]))
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
    # A machine without a time zone database knows no name at all: then the shape has to do.
    known = _timezones()
    return text in known if known else bool(re.fullmatch(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)+", text))


_timezones = cache(zoneinfo.available_timezones)

_PROFILE: dict[str, tuple[Callable[[str], bool], str, str] | None] = {
    "first_name": None,
    "last_name": None,
    "company_name": None,
    "company_website": (_is_url, "Not a valid URL", "10-40008"),
    "email": (_is_email, "Not a valid email address", "10-40002"),
    "phone": (_is_phone, "Not an E.164 number: +, country code and number, fifteen digits at most", "10-40010"),
    "timezone": (_is_timezone, "Not a name from the IANA time zone database", "10-40058"),
}
