# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The catalog on disk: where it is and how it is read. Little code, since each worker of Ansible compiles it anew."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import zlib
from typing import Any

# A week, in seconds. More is a mistake: the contract may have changed long since.
LONGEST_TTL = 604800


class Catalog:
    """The offerings and where they come from; C(cache_age) is in seconds."""

    # Not a NamedTuple: to make that class takes twenty times as long, and each worker makes it anew.
    def __init__(
        self,
        offerings: list[dict[str, Any]],
        endpoint: str,
        cached: bool,
        cache_age: float,
        rate_limit_remaining: int | None = None,
    ) -> None:
        self.offerings = offerings
        self.cache_age = cache_age
        # The results that say where the offerings come from.
        self.origin: dict[str, Any] = {
            "endpoint": endpoint,
            "cached": cached,
            "cache_age": cache_age,
            "rate_limit_remaining": rate_limit_remaining,
        }


class Place:
    """Where the catalog of one reseller is kept, and C(ttl), the greatest age in seconds that is accepted.

    The key cannot be found from the name of the file. What was read without a verified certificate may come from
    anybody, so it is kept apart.
    """

    def __init__(self, directory: str, ttl: float, endpoint: str, api_key: str, verified: bool) -> None:
        self.directory = directory
        self.ttl = ttl
        self.endpoint = endpoint
        self.name = hashlib.sha256(f"{endpoint}\n{api_key}\n{verified}".encode()).hexdigest()


def open_directory(path: str) -> int:
    """Return a descriptor of the directory, if nobody else can have put anything into it.

    :raises OSError: there is none, or it is not safe.
    """
    # A symbolic link would be followed if there were a slash at its end.
    directory = os.open(path.rstrip("/") or "/", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    status = os.fstat(directory)
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        os.close(directory)
        raise PermissionError("it belongs to another user, or others can write to it")
    return directory


def load(kept: Place) -> Catalog | None:
    """Return the catalog that is kept, or V(None) if there is none that can be used."""
    try:
        directory = open_directory(kept.directory)
        try:
            # Without O_NONBLOCK, a pipe in place of the file would block.
            file = os.open(kept.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
        finally:
            os.close(directory)
        try:
            status = os.fstat(file)
            age = time.time() - status.st_mtime
            mine = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
            # A file from the future says that a clock was wrong, then or now; up to a second is rounding.
            if not mine or not -1 < age <= kept.ttl:
                return None
            with open(file, "rb", closefd=False) as stream:
                header, body = stream.read().split(b"\n", 1)
        finally:
            os.close(file)
        offerings = json.loads(body) if header == header_of(body) else None
    except (OSError, ValueError, RecursionError):
        return None
    return None if offerings is None else Catalog(offerings, kept.endpoint, True, max(age, 0.0), None)


def header_of(body: bytes) -> bytes:
    """Return the first line of the file, by which a damaged file and one of another format are told."""
    # The number changes with the meaning of the content: releases of the collection may share a directory.
    return b"reseller.sendgrid catalog 1 %08x" % zlib.crc32(body)
