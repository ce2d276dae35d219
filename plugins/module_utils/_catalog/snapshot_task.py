# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The task of ``sendgrid_offerings_snapshot``: read the file, read the catalog, say what has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .._api.config import ClientConfig
from .._errors import SendGridError
from .._text import clean, summary
from .reader import PATH, request_catalog
from .snapshot import compare, invalid_snapshot, read_snapshot, render


class Comparison(NamedTuple):
    """What has changed.

    :param result: of the task, without ``msg``.
    :param before: the content of the file, in the order in which it is written; empty if there is no file.
    :param after: the content that the file has to have, or ``before`` if nothing has changed.
    """

    result: dict[str, Any]
    summary: str
    before: str
    after: str


def compare_with_snapshot(
    config: ClientConfig, path: str, allow_empty: bool, is_written: bool, warn: Callable[[str], None]
) -> Comparison:
    """Compare the catalog with the snapshot in the file, and write nothing.

    :param path: absolute.
    :param is_written: whether the file has to be writable.
    :raises SendGridError: a failure of the API, ``invalid_snapshot`` or ``empty_catalog``.
    """
    snapshot = read_snapshot(path, config.endpoint, is_written)
    response, offerings = request_catalog(config, warn)
    document = snapshot[1] if snapshot else {"catalog": []}
    known = len(document["catalog"])
    if foreign := sorted(document.keys() - {"catalog", "endpoint"} - response.data.keys()):
        reason = f"the file has keys that the API does not send, and is not overwritten: {summary(foreign, ', ')}"
        raise invalid_snapshot(path, f"{clean(reason)}. Remove the keys, or give another path")
    if not offerings and not allow_empty and (known or not snapshot):
        raise _empty_catalog(config, path, known)
    # The first snapshot is no drift: nobody has lost or gained anything.
    drift, report = compare(document, response.data if snapshot else document)
    if known and offerings and len(drift["removed"]) == known:
        warn(
            f"No offering of the snapshot {clean(path)} is in the catalog at {config.host}. Is it the snapshot of "
            "another reseller? Give each reseller a path of its own."
        )
    has_changed = snapshot is None or bool(report)
    before = snapshot[0] if snapshot else ""
    after = render(response.data, config.endpoint) if has_changed else before
    counts = {name: len(entries) for name, entries in drift.items()}
    if snapshot is None:
        found = f"there was no snapshot; the catalog has {_number(len(offerings))}"
    elif has_changed:
        found = f"the catalog has changed: {', '.join(f'{number} {name}' for name, number in counts.items())}"
        if len(report) > sum(counts.values()):
            found += ", and what the API sends beside the offerings"
    else:
        found = f"the catalog has not changed; it has {_number(len(offerings))}"
    result = {
        "changed": has_changed,
        "drift": drift,
        "report": report,
        "count": len(offerings),
        "path": path,
        "endpoint": config.endpoint,
    }
    return Comparison(result, f"{config.host}: {found}.", before, after)


def _number(offerings: int) -> str:
    return "1 offering" if offerings == 1 else f"{offerings} offerings"


def _empty_catalog(config: ClientConfig, path: str, known: int) -> SendGridError:
    snapshot = f"the snapshot {clean(path)} has {_number(known)}" if known else "there is no snapshot yet"
    message = f"GET {config.endpoint}{PATH}: the catalog is empty, and {snapshot}. Nothing was written. Check with the "
    message += "vendor whether the contract has ended. If an empty catalog is right, set allow_empty to true."
    return SendGridError("empty_catalog", message, host=config.host, path=path, count=known)
