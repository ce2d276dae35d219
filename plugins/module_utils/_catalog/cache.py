# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The catalog on disk: where it is and how it is read.

The lookup imports this file even for a cached answer, and each worker of Ansible compiles it: keep it short.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import zlib
from typing import Any

# Part of the file name. Increase it when the content changes its meaning: releases may share a directory.
FORMAT = 1


class Catalog:
    """The offerings, and where they come from.

    :param cache_age: in seconds, 0 for a catalog that was just read.
    """

    # Not a NamedTuple: creating such a class takes twenty times as long, in each worker.
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
        # The results that every module returns with a catalog.
        self.metadata: dict[str, Any] = {
            "endpoint": endpoint,
            "cached": cached,
            "cache_age": cache_age,
            "rate_limit_remaining": rate_limit_remaining,
        }


class CacheEntry:
    """The file that keeps the catalog of one endpoint and API key. Its name does not reveal the key.

    :param ttl: the greatest accepted age, in seconds.
    :param verified: whether certificates are verified. A catalog from an unverified server is kept apart.
    """

    def __init__(self, directory: str, ttl: float, endpoint: str, api_key: str, verified: bool) -> None:
        self.directory = directory
        self.ttl = ttl
        self.endpoint = endpoint
        self.name = hashlib.sha256(f"{FORMAT}\n{endpoint}\n{api_key}\n{verified}".encode()).hexdigest()


def open_directory(path: str, parent: int | None = None) -> int:
    """Return a descriptor of the directory, if nobody else can have put files into it.

    :param parent: a descriptor of the directory that ``path`` is relative to.
    :raises OSError: it does not exist, or is not safe.
    """
    # With a slash at the end, a symbolic link would be followed.
    directory = os.open(path.rstrip("/"), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    status = os.fstat(directory)
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        os.close(directory)
        raise PermissionError("it belongs to another user, or others can write to it")
    return directory


def read_entry(entry: CacheEntry) -> Catalog | None:
    """Return the catalog in the cache, ``None`` if there is none that can be used."""
    try:
        directory = open_directory(entry.directory)
        try:
            # Without O_NONBLOCK, opening a pipe would block.
            file = os.open(entry.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
        finally:
            os.close(directory)
        try:
            status = os.fstat(file)
            age = time.time() - status.st_mtime
            # A file from the future means that a clock was or is wrong; up to a second is rounding.
            if not is_private(status) or not -1 < age <= entry.ttl:
                return None
            with open(file, "rb", closefd=False) as stream:
                header, body = stream.read().split(b"\n", 1)
        finally:
            os.close(file)
        offerings = json.loads(body) if header == header_of(body) else None
    # RecursionError: the Python that wrote the file may allow more nesting than this one.
    except (OSError, ValueError, RecursionError):
        return None
    return Catalog(offerings, entry.endpoint, True, max(age, 0.0)) if isinstance(offerings, list) else None


def is_private(status: os.stat_result) -> bool:
    """Return whether it is a file that only this user can read and write."""
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


def header_of(body: bytes) -> bytes:
    """Return the first line of the file. It identifies files of ours and detects damage."""
    return b"reseller.sendgrid catalog %08x" % zlib.crc32(body)
