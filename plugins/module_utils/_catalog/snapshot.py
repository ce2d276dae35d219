# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""A file that keeps the catalog, and what has changed since it was written."""

from __future__ import annotations

import json
import os
import stat
from typing import Any, NamedTuple

from .._errors import SendGridError
from .._text import clean, summary
from .offerings import Offering
from .parser import parse

Drift = dict[str, list[dict[str, Any]]]


def invalid_snapshot(path: str, problem: str) -> SendGridError:
    return SendGridError("invalid_snapshot", f"{clean(path)}: {problem}. Nothing was written.", path=path)


def read_snapshot(path: str, endpoint: str, is_written: bool) -> tuple[str, dict[str, Any]] | None:
    """Return the content of the file as ``render`` would write it, and its JSON, ``None`` if there is no file.

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
        _offerings, problems = parse(document)
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
    return rendered, document


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
    ordered = {**document, "endpoint": endpoint, "catalog": [_in_order(entry) for entry in entries]}
    return json.dumps(ordered, indent=2) + "\n"


def _in_order(entry: dict[str, Any]) -> dict[str, Any]:
    """Return ``entry`` sorted by keys, but with the name of the offering before what it includes."""
    in_order: dict[str, Any] = json.loads(json.dumps(entry, sort_keys=True))
    return {"offering": in_order.pop("offering"), **in_order}


def compare(before: dict[str, Any], after: dict[str, Any]) -> tuple[Drift, list[str]]:
    """Return what has changed, each part sorted by name, and a line for each difference, for a person.

    The first lines say what orders can no longer have, the last ones what is new.

    :param before: what the API has sent. ``parse`` accepts it.
    """
    old, new = _by_name(before), _by_name(after)
    added = [new[name].offering for name in sorted(new.keys() - old.keys())]
    removed = [old[name].offering for name in sorted(old.keys() - new.keys())]
    changes = {name: _entry_changes(old[name].entry, new[name].entry) for name in sorted(old.keys() & new.keys())}
    changed = [
        {"name": name, "before": old[name].offering, "after": new[name].offering}
        for name, found in changes.items()
        if found
    ]
    others = _changes(_without(before, "catalog", "endpoint"), _without(after, "catalog", "endpoint"))
    report = [
        *(f"REMOVED  {clean(offering['name'])} ({clean(offering['type'])})" for offering in removed),
        *(f"CHANGED  {clean(name)}: {', '.join(found)}" for name, found in changes.items() if found),
        *(f"CHANGED  beside the offerings: {', '.join(found)}" for found in [others] if found),
        *(f"ADDED    {clean(offering['name'])} ({clean(offering['type'])})" for offering in added),
    ]
    return {"added": added, "removed": removed, "changed": changed}, report


class _Pair(NamedTuple):
    """An entry of the catalog, and its offering in the shape of the results, which hides a key that stands twice."""

    entry: dict[str, Any]
    offering: Offering


def _by_name(document: dict[str, Any]) -> dict[str, _Pair]:
    offerings, _problems = parse(document)
    return {offering["name"]: _Pair(entry, offering) for entry, offering in zip(document["catalog"], offerings)}


def _without(mapping: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in keys}


def _entry_changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [change for old, new in zip(_parts(before), _parts(after)) for change in _changes(old, new)]


def _parts(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the three objects of ``entry`` in which the API may send keys. A null that means absent is left out."""
    offering = entry["offering"]
    if offering.get("quantity") is None:
        offering = _without(offering, "quantity")
    return [offering, entry.get("entitlements") or {}, _without(entry, "offering", "entitlements")]


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    # In Python, true equals 1.
    old, new = (
        {key: json.dumps(value, sort_keys=True) for key, value in mapping.items()} for mapping in (before, after)
    )
    return [
        f"{clean(key)} {_shown(before, key)}, now {_shown(after, key)}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _shown(mapping: dict[str, Any], key: str) -> str:
    value = mapping.get(key, "none")
    return clean(value if isinstance(value, str) else json.dumps(value), limit=100)
