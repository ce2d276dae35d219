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
from .._errors import SendGridError
from .._settings import kind_of
from .._text import MASK, clean, maskable, quoted
from .identity import id_problems
from .on_behalf import chosen

OPTIONS: dict[str, dict[str, Any]] = {
    "account_id": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    # Not a list: core would split a text at its commas.
    "scopes": {"type": "raw"},
    "full_access": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "cache_dir": CACHE["cache_dir"],
}
FULL_ACCESS = "full access"


class DesiredKey(NamedTuple):
    """:param scopes: ``None`` for full access."""

    account_id: str
    name: str
    scopes: list[str] | None
    state: str


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
    problems = id_problems("account_id", options["account_id"])
    if not name.strip():
        problems.append(("name", "it is blank"))
    elif name != name.strip() or not name.isprintable():
        reason = "has white space around it or invisible characters. Another run might not find it again"
        problems.append(("name", f"{quoted(name.replace(secret, MASK) if secret else name, 60)} {reason}"))
    # A key that is to be gone keeps its other options, so that a task only changes the state.
    return problems if options["state"] == "absent" else problems + _scopes_problems(options, secret)


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
    return problems


def find_key(desired: DesiredKey, keys: Sequence[Mapping[str, str]], host: str) -> str | None:
    """Return the id of the key with the name, ``None`` if there is none.

    :raises SendGridError: ``ambiguous_api_key``.
    """
    ids = [key["api_key_id"] for key in keys if key["name"] == desired.name]
    if len(ids) > 1:
        message = (
            f"The account {desired.account_id} at {host} has {len(ids)} API keys with the name {quoted(desired.name)}: "
            f"{', '.join(ids)}. Find out which one is in use, and delete the others or rename them."
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
    if desired.scopes is None or chosen(scopes) == chosen(desired.scopes):
        return KeyPlan("none", key_id, before, before)
    return KeyPlan("replace", key_id, before, _shown(desired.name, desired.scopes))


def _shown(name: str, scopes: Sequence[str] | None) -> dict[str, Any]:
    return {"name": name, "scopes": None if scopes is None else sorted(chosen(scopes))}
