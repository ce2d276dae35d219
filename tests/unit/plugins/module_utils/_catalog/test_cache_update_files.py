# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files of the cache contain, and who can read them."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog, read_entry
from ansible_collections.reseller.sendgrid.tests.support.cache_processes import (
    ENDPOINT,
    KEY,
    OLD,
    fail_to_fetch,
    fetch_new,
    make_catalog,
    raise_os_error,
    read_files,
    store,
    update,
    with_ttl,
)
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
@pytest.mark.parametrize("fetch", [fetch_new, fail_to_fetch])
def test_other_users_cannot_read_the_files(entry: CacheEntry, mask: int, fetch: Callable[[], Catalog]) -> None:
    before = os.umask(mask)
    try:
        update(entry, fetch)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(entry.directory).st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in Path(entry.directory).iterdir()}
    lock = {f"{entry.name}.lock": 0o600}
    assert modes == (lock if fetch is fail_to_fetch else {entry.name: 0o600, **lock})


def test_other_users_cannot_read_a_file_while_it_is_written(entry: CacheEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    real = os.rename

    def rename(source: str, target: str, **keywords: Any) -> None:
        modes.append(stat.S_IMODE(os.stat(source, dir_fd=keywords["src_dir_fd"]).st_mode))
        real(source, target, **keywords)

    monkeypatch.setattr(os, "rename", rename)
    before = os.umask(0)
    try:
        update(entry, fetch_new)
    finally:
        os.umask(before)
    assert modes == [0o600]


def test_the_api_key_is_in_no_file_and_no_file_name(entry: CacheEntry) -> None:
    update(entry, fail_to_fetch)
    store(entry)
    written = read_files(entry)
    assert any(b"server_error" in text for text in written.values())
    for name, text in written.items():
        for part in KEY.split("."):
            assert part == "SG" or (part not in name and part.encode() not in text)


def test_the_file_starts_with_a_header(entry: CacheEntry) -> None:
    store(entry, OLD)
    assert read_files(entry)[entry.name].startswith(b"reseller.sendgrid catalog ")
    assert json.loads(read_files(entry)[entry.name].partition(b"\n")[2]) == OLD


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)


# No deadline: it writes to a disk, which can be slow.
@settings(max_examples=50, deadline=None)
@given(st.lists(st.dictionaries(st.text(), json_values, max_size=4), max_size=4))
def test_a_catalog_is_read_back_unchanged(offerings: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        entry = CacheEntry(f"{directory}/cache", 3600, ENDPOINT, KEY, True)
        assert update(entry, lambda: make_catalog(offerings)).warnings == []
        stored = read_entry(entry)
        assert stored is not None and stored.offerings == offerings
        # 1 and 1.0 are equal, and not the same in a template.
        assert json.dumps(stored.offerings) == json.dumps(offerings)


@pytest.mark.parametrize("name", ["lone \ud800 surrogate", "nul \0", "line\nfeed", "\u2028"])
def test_unusual_names_are_read_back_unchanged(entry: CacheEntry, name: str) -> None:
    offerings = [{"name": name}]
    store(entry, offerings)
    assert update(entry, pytest.fail).offerings == offerings


@pytest.mark.parametrize("fetch", [fetch_new, fail_to_fetch])
def test_no_file_descriptor_stays_open(
    entry: CacheEntry, fetch: Callable[[], Catalog], monkeypatch: pytest.MonkeyPatch
) -> None:
    update(with_ttl(entry, -1), fetch)
    before = os.listdir("/dev/fd")
    update(with_ttl(entry, -1), fetch)
    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", raise_os_error(errno.ENOLCK))
        update(with_ttl(entry, -1), fetch)
    Path(entry.directory).chmod(0o777)
    update(with_ttl(entry, -1), fetch)
    assert len(os.listdir("/dev/fd")) == len(before)
