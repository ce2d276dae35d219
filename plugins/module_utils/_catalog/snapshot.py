# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""A file that keeps the catalog, and what has changed since it was written."""

from __future__ import annotations

import json
import os
import stat
from typing import Any

from .._errors import SendGridError
from .._text import clean, summary
from .offerings import Offering
from .parser import parse

Drift = dict[str, list[dict[str, Any]]]


def invalid_snapshot(path: str, problem: str) -> SendGridError:
    return SendGridError("invalid_snapshot", f"{clean(path)}: {problem}. Nothing was written.", path=path)


def read_snapshot(path: str, endpoint: str, is_written: bool) -> tuple[str, list[Offering]] | None:
    """Return the content of the file as ``render`` would write it, and its offerings, ``None`` if there is no file.

    :param path: absolute.
    :param endpoint: of the catalog that will be compared.
    :param is_written: whether the file has to be writable.
    :raises SendGridError: ``invalid_snapshot``: the file must not be overwritten, or cannot be.
    """
    folder = os.path.dirname(path)
    try:
        if not os.path.isdir(folder):
            raise invalid_snapshot(path, f"there is no directory {clean(folder)}. Create it first")
        is_effective = os.access in os.supports_effective_ids
        if is_written and not os.access(folder, os.W_OK, effective_ids=is_effective):
            raise invalid_snapshot(path, f"this user cannot write to the directory {clean(folder)}")
        content = _read_file(path)
    # ValueError: the path has a null character.
    except (OSError, ValueError) as error:
        raise invalid_snapshot(path, f"the file cannot be read: {clean(error)}") from error
    if content is None:
        return None
    try:
        document = json.loads(content)
        offerings, problems = parse(document)
        rendered = "" if problems else render(document, endpoint)
    except (ValueError, RecursionError) as error:
        problems = [f"it is not JSON: {clean(error)}"]
    if problems:
        reason = f"the file holds no catalog, and is not overwritten: {summary(problems)}"
        raise invalid_snapshot(path, f"{reason}. Move it away, or give another path")
    origin = document.get("endpoint")
    if origin not in (None, endpoint):
        reason = f"the snapshot is of {clean(origin)}, and this task reads {endpoint}"
        raise invalid_snapshot(path, f"{reason}. Give each endpoint and each reseller a path of its own")
    return rendered, offerings


def check_unchanged(path: str, endpoint: str, before: str, after: str) -> None:
    """Raise ``invalid_snapshot`` if the file is neither ``before`` nor ``after``, which a run at the same time writes.

    :param before: the content that was compared, as ``read_snapshot`` returns it; empty if there was no file.
    """
    snapshot = read_snapshot(path, endpoint, False)
    if (snapshot[0] if snapshot else "") not in (before, after):
        raise invalid_snapshot(path, "the file has changed since it was compared. Run the task again")


def _read_file(path: str) -> bytes | None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(mode):
        # It would be replaced by a file, and the file that it points to would stay as it is.
        raise invalid_snapshot(path, "this is a symbolic link. Give the path of the file that it points to")
    if not stat.S_ISREG(mode):
        kind = "a directory" if stat.S_ISDIR(mode) else "no regular file"
        raise invalid_snapshot(path, f"this is {kind}. Give the path of a file")
    with open(path, "rb") as stream:
        return stream.read()


def render(document: dict[str, Any], endpoint: str) -> str:
    """Return the content of the file: what the API sends, in an order that stays, and where it comes from."""
    entries = sorted(document["catalog"], key=lambda entry: str(entry["offering"]["name"]))
    return (
        json.dumps({**document, "endpoint": endpoint, "catalog": [_in_order(one) for one in entries]}, indent=2) + "\n"
    )


def _in_order(entry: dict[str, Any]) -> dict[str, Any]:
    """Return ``entry`` sorted by keys, but with the name of the offering before what it includes."""
    in_order: dict[str, Any] = json.loads(json.dumps(entry, sort_keys=True))
    return {"offering": in_order.pop("offering"), **in_order}


def compare(before: list[Offering], after: list[Offering]) -> Drift:
    """Return what has changed, each part sorted by name."""
    old = {offering["name"]: offering for offering in before}
    new = {offering["name"]: offering for offering in after}
    return {
        "added": [new[name] for name in sorted(new.keys() - old.keys())],
        "removed": [old[name] for name in sorted(old.keys() - new.keys())],
        "changed": [
            {"name": name, "before": old[name], "after": new[name]}
            for name in sorted(old.keys() & new.keys())
            if old[name] != new[name]
        ],
    }


def report(drift: Drift) -> list[str]:
    """Return a line for each difference, for a person: first what orders can no longer have, what is new at the end."""
    return [
        *(f"REMOVED  {clean(offering['name'])} ({clean(offering['type'])})" for offering in drift["removed"]),
        *(f"CHANGED  {clean(one['name'])}: {_changes(one['before'], one['after'])}" for one in drift["changed"]),
        *(f"ADDED    {clean(offering['name'])} ({clean(offering['type'])})" for offering in drift["added"]),
    ]


def _changes(before: Offering, after: Offering) -> str:
    pairs = [
        ({**before, "entitlements": None}, {**after, "entitlements": None}),
        (before["entitlements"], after["entitlements"]),
    ]
    return ", ".join(
        f"{clean(key)} {_shown(old.get(key))}, now {_shown(new.get(key))}"
        for old, new in pairs
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    )


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return clean(value if isinstance(value, str) else json.dumps(value), limit=100)
