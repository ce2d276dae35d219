# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog on disk, as it is found there: whatever else is in its place is no catalog and no failure."""

from __future__ import annotations

import errno
import gzip
import json
import os
import pickle
import socket
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import cache
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog, read_entry
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache_update import update_cache
from hypothesis import given, settings
from hypothesis import strategies as st

ENDPOINT = "https://api.example.com"
KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
OFFERINGS = [{"name": "milne.x.ip.v2", "type": "addon", "quantity": None, "entitlements": {"ip_count": 1}}]
TTL = 100.0
WRITTEN = 1_700_000_000.0
IS_ROOT = os.geteuid() == 0


def fill(directory: Path) -> CacheEntry:
    """Return the place of a catalog that the collection has just written."""
    kept = CacheEntry(str(directory), TTL, ENDPOINT, KEY, True)
    warnings: list[str] = []
    update_cache(kept, [], 0, lambda: Catalog(OFFERINGS, ENDPOINT, False, 0, None), warnings.append)
    assert warnings == []
    return kept


@pytest.fixture
def kept(tmp_path: Path) -> CacheEntry:
    return fill(tmp_path / "cache")


@pytest.fixture
def file(kept: CacheEntry) -> Path:
    """The file of the catalog, which can be read until a test does something about that."""
    assert read_entry(kept) is not None
    return Path(kept.directory, kept.name)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Catalog | None]:
    """Load a file with other content in place of the catalog."""
    kept = fill(tmp_path_factory.mktemp("damaged") / "cache")
    file = Path(kept.directory, kept.name)

    def read(content: bytes) -> Catalog | None:
        file.write_bytes(content)
        return read_entry(kept)

    return read


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    kept = fill(tmp_path_factory.mktemp("content") / "cache")
    return Path(kept.directory, kept.name).read_bytes()


def test_what_was_written_is_read(kept: CacheEntry) -> None:
    found = read_entry(kept)
    assert found is not None
    assert found.offerings == OFFERINGS
    # The limit may have changed since.
    assert found.metadata["rate_limit_remaining"] is None


def test_origin_is_all_but_the_offerings() -> None:
    assert Catalog(OFFERINGS, ENDPOINT, True, 7.5, None).metadata == {
        "endpoint": ENDPOINT,
        "cached": True,
        "cache_age": 7.5,
        "rate_limit_remaining": None,
    }


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Set the clock to so many seconds after the catalog was written."""
    monkeypatch.setattr(time, "time", lambda: WRITTEN + seconds)


@pytest.mark.parametrize("age", [0, 0.5, 59, TTL])
def test_age_is_known_and_accepted_up_to_the_ttl(
    kept: CacheEntry, file: Path, age: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN, WRITTEN))
    at(monkeypatch, age)
    found = read_entry(kept)
    assert found is not None and found.cache_age == age


@pytest.mark.parametrize("age", [TTL + 0.5, TTL + 1, 10 * TTL])
def test_an_older_catalog_is_not_used(
    kept: CacheEntry, file: Path, age: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN, WRITTEN))
    at(monkeypatch, age)
    assert read_entry(kept) is None
    assert read_entry(CacheEntry(kept.directory, age, ENDPOINT, KEY, True)) is not None


def test_time_of_writing_and_not_of_another_use_counts(
    kept: CacheEntry, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN + TTL, WRITTEN))
    at(monkeypatch, TTL + 1)
    assert read_entry(kept) is None


@pytest.mark.parametrize("ahead", [1, 60, 10 * TTL, WRITTEN])
def test_a_catalog_from_the_future_is_not_used(
    kept: CacheEntry, file: Path, ahead: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN + ahead, WRITTEN + ahead))
    at(monkeypatch, 0)
    assert read_entry(kept) is None


def test_a_fraction_of_a_second_ahead_is_rounding(
    kept: CacheEntry, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN, WRITTEN))
    at(monkeypatch, -0.75)
    found = read_entry(kept)
    assert found is not None and found.cache_age == 0


def test_a_clock_that_jumps_costs_the_catalog_only_for_as_long_as_it_is_wrong(
    kept: CacheEntry, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN, WRITTEN))
    for seconds, usable in [(10, True), (86400, False), (11, True), (-86400, False), (12, True)]:
        at(monkeypatch, seconds)
        assert (read_entry(kept) is not None) == usable


def test_a_catalog_truncated_anywhere_is_not_used(content: bytes, damaged: Callable[[bytes], Catalog | None]) -> None:
    assert damaged(content) is not None
    assert [length for length in range(len(content)) if damaged(content[:length])] == []


def test_a_catalog_with_a_flipped_bit_is_not_used(content: bytes, damaged: Callable[[bytes], Catalog | None]) -> None:
    used = []
    for index in range(len(content)):
        for bit in range(8):
            flipped = bytes([content[index] ^ 1 << bit])
            if damaged(content[:index] + flipped + content[index + 1 :]):
                used.append((index, bit))
    assert used == []


BODY = json.dumps(OFFERINGS).encode()
HEADER = b"reseller.sendgrid catalog %08x\n"


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"\n",
        b"\0" * 4096,
        BODY,
        b"\n" + BODY,
        HEADER % 0 + BODY,
        b"another %08x\n" % zlib.crc32(BODY) + BODY,
        HEADER % zlib.crc32(b""),
        HEADER % zlib.crc32(b"null") + b"null",
        HEADER % zlib.crc32(b"[") + b"[",
        HEADER % zlib.crc32(b"\xff") + b"\xff",
        gzip.compress(BODY),
        pickle.dumps(OFFERINGS),
        "größe".encode("latin-1"),
    ],
)
def test_foreign_content_is_not_used(foreign: bytes, damaged: Callable[[bytes], Catalog | None]) -> None:
    assert damaged(foreign) is None


def test_content_after_the_catalog_is_damage(content: bytes, damaged: Callable[[bytes], Catalog | None]) -> None:
    assert damaged(content + b" ") is None
    assert damaged(content + content) is None


# No deadline, here and below: it writes, and a disk can be slow.
@settings(deadline=None)
@given(written=st.binary())
def test_no_bytes_are_taken_for_a_catalog_or_a_failure(
    written: bytes, damaged: Callable[[bytes], Catalog | None]
) -> None:
    assert damaged(written) is None
    assert damaged(HEADER % 0 + written) is None


@settings(deadline=None)
@given(body=st.binary() | st.text(alphabet='[]{}",:0123456789eE.+- nul').map(str.encode))
def test_a_right_checksum_of_bytes_that_are_no_catalog_is_no_failure(
    body: bytes, damaged: Callable[[bytes], Catalog | None]
) -> None:
    try:
        expected = json.loads(body)
    except ValueError:
        expected = None
    if not isinstance(expected, list):
        expected = None
    found = damaged(HEADER % zlib.crc32(body) + body)
    assert (found and found.offerings) == expected


spans = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(sorted)


@settings(deadline=None, max_examples=300)
@given(changes=st.lists(st.tuples(spans, st.binary(max_size=20) | spans), max_size=3))
def test_a_mutated_catalog_is_what_was_stored_or_none(
    changes: list[tuple[list[int], bytes | list[int]]], content: bytes, damaged: Callable[[bytes], Catalog | None]
) -> None:
    mutated = content
    for (start, end), new in changes:
        # Other bytes, or what stands elsewhere in the file, as when blocks of a disk are mixed up.
        mutated = mutated[:start] + (new if isinstance(new, bytes) else content[slice(*new)]) + mutated[end:]
    found = damaged(mutated)
    assert (found and found.offerings) == (OFFERINGS if mutated == content else None)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_a_catalog_that_is_nested_too_deeply_is_no_failure(
    body: bytes, damaged: Callable[[bytes], Catalog | None]
) -> None:
    assert damaged(HEADER % zlib.crc32(body) + body) is None


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        # The path of a socket is short, and that of a temporary folder may be long.
        here = os.getcwd()
        os.chdir(path.parent)
        try:
            listener.bind(path.name)
        finally:
            os.chdir(here)


def make_link(path: Path) -> None:
    """Link to a catalog that could be used where it is."""
    original = path.with_name("original")
    fill(path.parent)
    path.rename(original)
    path.symlink_to(original)


REPLACEMENTS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "a directory": lambda path: path.mkdir(0o700),
    "a pipe": lambda path: os.mkfifo(path, 0o600),
    "a socket": make_socket,
    "a link to a catalog": make_link,
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nowhere": lambda path: path.symlink_to(path.with_name("nowhere")),
    "a link to a device": lambda path: path.symlink_to(os.devnull),
}


@pytest.mark.parametrize("what", REPLACEMENTS)
def test_what_is_no_file_is_not_used(kept: CacheEntry, file: Path, what: str) -> None:
    file.unlink()
    REPLACEMENTS[what](file)
    assert read_entry(kept) is None


@pytest.mark.parametrize("what_it_says", [b"", BODY, HEADER % zlib.crc32(BODY) + BODY])
def test_a_pipe_is_not_used_whatever_it_says(kept: CacheEntry, file: Path, what_it_says: bytes) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)
    # Both ends, as one end alone waits for the other.
    pipe = os.open(file, os.O_RDWR)
    try:
        os.write(pipe, what_it_says)
        assert read_entry(kept) is None
    finally:
        os.close(pipe)


@pytest.mark.parametrize("what", REPLACEMENTS)
def test_nothing_stays_open(kept: CacheEntry, file: Path, what: str) -> None:
    read_entry(kept)
    before = os.listdir("/dev/fd")
    file.unlink()
    REPLACEMENTS[what](file)
    # Processes that wait for a lock do this some thirty times a second.
    for _count in range(3):
        read_entry(kept)
    assert len(os.listdir("/dev/fd")) == len(before)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666, 0o777])
def test_a_file_that_others_can_use_is_not_used(kept: CacheEntry, file: Path, mode: int) -> None:
    file.chmod(mode)
    assert read_entry(kept) is None


@pytest.mark.skipif(IS_ROOT, reason="root can read everything")
def test_a_file_that_cannot_be_read_is_not_used(kept: CacheEntry, file: Path) -> None:
    file.chmod(0)
    assert read_entry(kept) is None


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE, errno.ENOMEM, errno.ESTALE])
@pytest.mark.parametrize("call", ["open", "fstat"])
@pytest.mark.parametrize("successes", [0, 1])
def test_a_disk_that_fails_is_no_failure(
    kept: CacheEntry, file: Path, code: int, call: str, successes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, call)
    left = [successes]

    def fail(*arguments: object, **keywords: object) -> object:
        left[0] -= 1
        if left[0] >= 0:
            return real(*arguments, **keywords)
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        assert read_entry(kept) is None
    assert left[0] < 0
    assert read_entry(kept) is not None


@pytest.mark.skipif(not IS_ROOT, reason="only root can give a file away")
@pytest.mark.parametrize("which", ["file", "directory"])
def test_what_belongs_to_somebody_else_is_not_used(kept: CacheEntry, file: Path, which: str) -> None:
    os.chown(file if which == "file" else file.parent, 54321, -1)
    assert read_entry(kept) is None


def test_somebody_else_does_not_use_it(kept: CacheEntry, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody)
    assert read_entry(kept) is None


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o770, 0o707, 0o777, 0o1777])
def test_a_directory_that_others_can_write_to_is_not_used(kept: CacheEntry, file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    assert read_entry(kept) is None


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o705, 0o755])
def test_a_directory_that_others_can_only_read_is_used(kept: CacheEntry, file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    assert read_entry(kept) is not None


@pytest.mark.parametrize("written", ["{}", "{}/", "{}//"])
def test_a_directory_behind_a_link_is_not_used(kept: CacheEntry, file: Path, written: str) -> None:
    link = file.parent.with_name("link")
    link.symlink_to(file.parent)
    assert read_entry(CacheEntry(written.format(file.parent), TTL, ENDPOINT, KEY, True)) is not None
    assert read_entry(CacheEntry(written.format(link), TTL, ENDPOINT, KEY, True)) is None


@pytest.mark.parametrize("directory", ["", "missing", "missing/missing", "a file", "~", "~/missing", "nul\0", "\ud800"])
def test_a_directory_that_is_none_is_no_failure(
    kept: CacheEntry, tmp_path: Path, directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").touch()
    assert read_entry(CacheEntry(directory, TTL, ENDPOINT, KEY, True)) is None


def names(*places: CacheEntry) -> set[str]:
    return {kept.name for kept in places}


def test_each_endpoint_key_and_way_to_verify_has_its_own_place() -> None:
    first = CacheEntry("directory", 60, ENDPOINT, KEY, True)
    others = [
        CacheEntry("directory", 60, "https://api.example.org", KEY, True),
        CacheEntry("directory", 60, f"{ENDPOINT}:8443", KEY, True),
        CacheEntry("directory", 60, "http://api.example.com", KEY, True),
        CacheEntry("directory", 60, ENDPOINT, f"{KEY}c", True),
        CacheEntry("directory", 60, ENDPOINT, KEY[:-1], True),
        CacheEntry("directory", 60, ENDPOINT, KEY.swapcase(), True),
        CacheEntry("directory", 60, ENDPOINT, KEY, False),
        # The same text, divided in another way.
        CacheEntry("directory", 60, f"{ENDPOINT}{KEY[0]}", KEY[1:], True),
        CacheEntry("directory", 60, ENDPOINT[:-1], f"{ENDPOINT[-1]}{KEY}", True),
    ]
    assert len(names(first, *others)) == 1 + len(others)


def test_place_does_not_depend_on_anything_else() -> None:
    first = CacheEntry("directory", 60, ENDPOINT, KEY, True)
    assert names(
        first, CacheEntry("directory", 7, ENDPOINT, KEY, True), CacheEntry("/other", 60, ENDPOINT, KEY, True)
    ) == {first.name}


def test_a_release_with_another_idea_of_the_content_has_its_own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    first = CacheEntry("directory", 60, ENDPOINT, KEY, True)
    monkeypatch.setattr(cache, "FORMAT", 2)
    assert len(names(first, CacheEntry("directory", 60, ENDPOINT, KEY, True))) == 2


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=20, max_size=80))
def test_name_tells_nothing_of_the_key(key: str) -> None:
    name = CacheEntry("directory", 60, ENDPOINT, key, True).name
    # Always as long, only digits of a hash, and so different for a similar key that no part of it can be told.
    assert len(name) == 64 and set(name) <= set("0123456789abcdef")
    similar = CacheEntry("directory", 60, ENDPOINT, key[:-1] + ("a" if key[-1] != "a" else "b"), True).name
    assert sum(one == other for one, other in zip(name, similar)) < 32
    assert not any(key[start : start + 10] in name for start in range(len(key) - 9))


def test_nothing_is_written_where_it_is_only_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **keywords: object) -> NoReturn:
        raise AssertionError("something was written")

    monkeypatch.setattr(os, "mkdir", refuse)
    monkeypatch.setattr(os, "makedirs", refuse)
    assert read_entry(CacheEntry(str(tmp_path / "cache"), TTL, ENDPOINT, KEY, True)) is None
    assert list(tmp_path.iterdir()) == []
