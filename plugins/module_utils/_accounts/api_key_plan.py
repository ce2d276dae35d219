# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What an API key of a customer's account is to be, and what has to be done for that. No I/O, no Ansible."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .._argspec import CACHE
from .._errors import SendGridError, invalid_options
from .._settings import kind_of
from .._text import MASK, clean, maskable, quoted
from .identity import id_problems, is_account_id
from .on_behalf import chosen

OPTIONS: dict[str, dict[str, Any]] = {
    "account_id": {"type": "str", "required": True},
    # Not text: core would make 2026.1 of the number 2026.10.
    "name": {"type": "raw", "required": True},
    "api_key_id": {"type": "str"},
    # Not a list: core would split a text at its commas.
    "scopes": {"type": "raw"},
    "full_access": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "cache_dir": CACHE["cache_dir"],
}
FULL_ACCESS = "full access"


class DesiredKey(NamedTuple):
    """What the options ask for.

    :param scopes: ``None`` for full access. They have no meaning for a key that is to be absent.
    :param key_id: which of several keys with the name is to be absent, ``None`` for the only one.
    """

    account_id: str
    name: str
    scopes: list[str] | None
    state: str
    key_id: str | None = None


class KeyPlan(NamedTuple):
    """What to do. ``before`` and ``after`` are the key as a diff shows it, ``{}`` for none.

    :param key_id: of the key that exists, ``None`` without one.
    """

    action: Literal["create", "replace", "delete", "none"]
    key_id: str | None
    before: dict[str, Any]
    after: dict[str, Any]


def key_problems(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with the options, as pairs of option and message."""
    name, secret = options["name"], maskable(options["api_key"])
    key_id, is_absent = options["api_key_id"], options["state"] == "absent"
    problems = id_problems("account_id", options["account_id"])
    if not isinstance(name, str):
        problems.append(("name", f"it is {kind_of(name)}, and text is needed. Write it in quotes"))
    elif not name.strip():
        problems.append(("name", "it is blank"))
    elif name != name.strip() or not name.isprintable():
        reason = "has white space around it or invisible characters. Another run might not find it again"
        problems.append(("name", f"{quoted(name.replace(secret, MASK) if secret else name, 60)} {reason}"))
    if key_id is not None and not is_absent:
        problems.append(("api_key_id", "it can only be given with the state absent"))
    elif key_id is not None and not is_account_id(key_id):
        shown_id = quoted(clean(key_id, secret), 60)
        problems.append(("api_key_id", f"{shown_id} is no id of an API key, made of letters, digits, - and _"))
    # A key that is to be gone keeps its other options, so that a task only changes the state.
    return problems if is_absent else problems + _scopes_problems(options, secret)


def _scopes_problems(options: Mapping[str, Any], secret: str) -> list[tuple[str, str]]:
    scopes, full_access = options["scopes"], options["full_access"]
    if scopes is None:
        reason = "one of them is needed, because the API gives full access to a key without scopes"
        return [] if full_access else [("scopes, full_access", reason)]
    if full_access:
        return [("full_access", "it is true together with scopes, and only one of them can be given")]
    if not isinstance(scopes, list):
        return [("scopes", f"it is {kind_of(scopes)}, and a list of texts is needed")]
    if not scopes:
        return [("scopes", "it is empty. For a key with full access, leave it out and set full_access to true")]
    problems, seen = [], set()
    for index, scope in enumerate(scopes):
        label = f"scopes[{index}]"
        if not isinstance(scope, str):
            problems.append((label, f"it is {kind_of(scope)}, and text is needed"))
        elif not re.fullmatch(r"[\w.:-]+", scope, re.ASCII):
            form = "no scope, which is made of letters, digits, dots and underscores, such as mail.send"
            problems.append((label, f"{quoted(clean(scope, secret), 60)} is {form}"))
        elif scope in seen:
            problems.append((label, f"{quoted(clean(scope, secret), 60)} is there twice"))
        else:
            seen.add(scope)
    if not problems and not chosen(scopes):
        problems.append(("scopes", "the API adds all of them by itself. Add one that the key is needed for"))
    return problems


def find_key(desired: DesiredKey, keys: Sequence[Mapping[str, str]], host: str) -> str | None:
    """Return the id of the key with the name, ``None`` if there is none.

    :raises SendGridError: ``ambiguous_api_key``; ``invalid_option`` if the id is that of a key with another name.
    """
    ids = [key["api_key_id"] for key in keys if key["name"] == desired.name]
    if desired.key_id:
        names = [key["name"] for key in keys if key["api_key_id"] == desired.key_id]
        if names and desired.key_id not in ids:
            message = f"the API key {desired.key_id} has the name {quoted(clean(names[0]), 60)}"
            raise invalid_options([("api_key_id", f"{message}, not {quoted(desired.name, 60)}")])
        return desired.key_id if names else None
    if len(ids) > 1:
        message = (
            f"The account {desired.account_id} at {host} has {len(ids)} API keys with the name {quoted(desired.name)}: "
            f"{', '.join(ids)}. Find out which one is in use, and delete the others with the state absent and their "
            "api_key_id."
        )
        raise SendGridError("ambiguous_api_key", message, api_key_ids=ids)
    return ids[0] if ids else None


def plan_key(desired: DesiredKey, key_id: str | None, scopes: Sequence[str] | None) -> KeyPlan:
    """Return what to do.

    :param key_id: of the key that exists, ``None`` if there is none.
    :param scopes: those that it has, ``None`` if they are not known.
    """
    if desired.state == "absent":
        return KeyPlan("delete" if key_id else "none", key_id, {"name": desired.name} if key_id else {}, {})
    if key_id is None:
        return KeyPlan("create", None, {}, _shown(desired.name, desired.scopes or [FULL_ACCESS]))
    before = _shown(desired.name, scopes)
    # The vendor does not say how full access looks in the list of scopes, and the API cannot give it to a key that
    # exists. So such a key is never replaced.
    is_same = scopes is not None and chosen(scopes) == chosen(desired.scopes)
    if desired.scopes is None or is_same:
        return KeyPlan("none", key_id, before, before)
    return KeyPlan("replace", key_id, before, _shown(desired.name, desired.scopes))


def _shown(name: str, scopes: Sequence[str] | None) -> dict[str, Any]:
    return {"name": name, "scopes": None if scopes is None else sorted(chosen(scopes))}
