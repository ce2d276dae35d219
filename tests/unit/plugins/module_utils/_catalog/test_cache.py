# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files of the cache are used. Anything else is neither a catalog nor a failure."""

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
from ansible_collections.reseller.sendgrid.tests.support.cache_processes import ENDPOINT, KEY
from hypothesis import given, settings
from hypothesis import strategies as st

OFFERINGS = [{"name": "milne.x.ip.v2", "type": "addon", "quantity": None, "entitlements": {"ip_count": 1}}]
TTL = 100.0
WRITTEN = 1_700_000_000.0
IS_ROOT = os.geteuid() == 0


def store(directory: Path) -> CacheEntry:
    """Store a catalog, and return its entry."""
    entry = CacheEntry(str(directory), TTL, ENDPOINT, KEY, True)
    warnings: list[str] = []
    update_cache(entry, [], 0, lambda: Catalog(OFFERINGS, ENDPOINT, False, 0, None), warnings.append)
    assert warnings == []
    return entry


@pytest.fixture
def entry(tmp_path: Path) -> CacheEntry:
    return store(tmp_path / "cache")


@pytest.fixture
def file(entry: CacheEntry) -> Path:
    """The file of a catalog that can be read."""
    assert read_entry(entry) is not None
    return Path(entry.directory, entry.name)


@pytest.fixture(scope="module")
def read_damaged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Catalog | None]:
    """Replace the content of the file, and read it."""
    entry = store(tmp_path_factory.mktemp("damaged") / "cache")
    file = Path(entry.directory, entry.name)

    def read(content: bytes) -> Catalog | None:
        file.write_bytes(content)
        return read_entry(entry)

    return read


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    entry = store(tmp_path_factory.mktemp("content") / "cache")
    return Path(entry.directory, entry.name).read_bytes()


def test_a_stored_catalog_is_read(entry: CacheEntry) -> None:
    found = read_entry(entry)
    assert found is not None
    assert found.offerings == OFFERINGS
    # Not stored, because it changes with each request.
    assert found.metadata["rate_limit_remaining"] is None


def test_metadata_has_everything_but_the_offerings() -> None:
    assert Catalog(OFFERINGS, ENDPOINT, True, 7.5, None).metadata == {
        "endpoint": ENDPOINT,
        "cached": True,
        "cache_age": 7.5,
        "rate_limit_remaining": None,
    }


def set_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Set the clock to ``seconds`` after the time of writing."""
    monkeypatch.setattr(time, "time", lambda: WRITTEN + seconds)


@pytest.mark.parametrize("age", [0, 0.5, 59, TTL])
def test_a_catalog_is_used_up_to_the_ttl(
    entry: CacheEntry, file: Path, age: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN, WRITTEN))
    set_clock(monkeypatch, age)
    found = read_entry(entry)
    assert found is not None and found.cache_age == age


@pytest.mark.parametrize("age", [TTL + 0.5, TTL + 1, 10 * TTL])
def test_a_catalog_older_than_the_ttl_is_not_used(
    entry: CacheEntry, file: Path, age: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN, WRITTEN))
    set_clock(monkeypatch, age)
    assert read_entry(entry) is None
    assert read_entry(CacheEntry(entry.directory, age, ENDPOINT, KEY, True)) is not None


def test_the_age_counts_from_the_modification_time(
    entry: CacheEntry, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN + TTL, WRITTEN))
    set_clock(monkeypatch, TTL + 1)
    assert read_entry(entry) is None


@pytest.mark.parametrize("ahead", [1, 60, 10 * TTL, WRITTEN])
def test_a_catalog_from_the_future_is_not_used(
    entry: CacheEntry, file: Path, ahead: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN + ahead, WRITTEN + ahead))
    set_clock(monkeypatch, 0)
    assert read_entry(entry) is None


def test_a_fraction_of_a_second_in_the_future_counts_as_rounding(
    entry: CacheEntry, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN, WRITTEN))
    set_clock(monkeypatch, -0.75)
    found = read_entry(entry)
    assert found is not None and found.cache_age == 0


def test_a_catalog_is_used_again_once_a_wrong_clock_is_corrected(
    entry: CacheEntry, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(file, (WRITTEN, WRITTEN))
    for seconds, usable in [(10, True), (86400, False), (11, True), (-86400, False), (12, True)]:
        set_clock(monkeypatch, seconds)
        assert (read_entry(entry) is not None) == usable


def test_a_truncated_catalog_is_not_used(content: bytes, read_damaged: Callable[[bytes], Catalog | None]) -> None:
    assert read_damaged(content) is not None
    assert [length for length in range(len(content)) if read_damaged(content[:length])] == []


def test_a_catalog_with_a_flipped_bit_is_not_used(
    content: bytes, read_damaged: Callable[[bytes], Catalog | None]
) -> None:
    used = []
    for index in range(len(content)):
        for bit in range(8):
            flipped = bytes([content[index] ^ 1 << bit])
            if read_damaged(content[:index] + flipped + content[index + 1 :]):
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
def test_foreign_content_is_not_used(foreign: bytes, read_damaged: Callable[[bytes], Catalog | None]) -> None:
    assert read_damaged(foreign) is None


def test_a_catalog_with_trailing_content_is_not_used(
    content: bytes, read_damaged: Callable[[bytes], Catalog | None]
) -> None:
    assert read_damaged(content + b" ") is None
    assert read_damaged(content + content) is None


# No deadline, here and below: the test writes to a disk, which can be slow.
@settings(deadline=None)
@given(random=st.binary())
def test_random_bytes_are_not_used(random: bytes, read_damaged: Callable[[bytes], Catalog | None]) -> None:
    assert read_damaged(random) is None
    assert read_damaged(HEADER % 0 + random) is None


@settings(deadline=None)
@given(body=st.binary() | st.text(alphabet='[]{}",:0123456789eE.+- nul').map(str.encode))
def test_random_bytes_with_a_correct_checksum_are_no_failure(
    body: bytes, read_damaged: Callable[[bytes], Catalog | None]
) -> None:
    try:
        expected = json.loads(body)
    except ValueError:
        expected = None
    if not isinstance(expected, list):
        expected = None
    found = read_damaged(HEADER % zlib.crc32(body) + body)
    assert (found and found.offerings) == expected


spans = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(sorted)


@settings(deadline=None, max_examples=300)
@given(changes=st.lists(st.tuples(spans, st.binary(max_size=20) | spans), max_size=3))
def test_a_mutated_catalog_is_not_used(
    changes: list[tuple[list[int], bytes | list[int]]], content: bytes, read_damaged: Callable[[bytes], Catalog | None]
) -> None:
    mutated = content
    for (start, end), new in changes:
        # Other bytes, or those from elsewhere in the file, as if blocks of the disk were mixed up.
        mutated = mutated[:start] + (new if isinstance(new, bytes) else content[slice(*new)]) + mutated[end:]
    found = read_damaged(mutated)
    assert (found and found.offerings) == (OFFERINGS if mutated == content else None)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_a_catalog_that_is_nested_too_deeply_is_not_used(
    body: bytes, read_damaged: Callable[[bytes], Catalog | None]
) -> None:
    assert read_damaged(HEADER % zlib.crc32(body) + body) is None


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        # The path of a socket must be short, and that of a temporary directory may be long.
        here = os.getcwd()
        os.chdir(path.parent)
        try:
            listener.bind(path.name)
        finally:
            os.chdir(here)


def make_link(path: Path) -> None:
    """Make a link to a catalog that can be used."""
    original = path.with_name("original")
    store(path.parent)
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


@pytest.mark.parametrize("kind", REPLACEMENTS)
def test_anything_but_a_regular_file_is_not_used(entry: CacheEntry, file: Path, kind: str) -> None:
    file.unlink()
    REPLACEMENTS[kind](file)
    assert read_entry(entry) is None


@pytest.mark.parametrize("data", [b"", BODY, HEADER % zlib.crc32(BODY) + BODY])
def test_a_pipe_is_not_used(entry: CacheEntry, file: Path, data: bytes) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)
    # Both ends: to open one end alone waits for the other.
    pipe = os.open(file, os.O_RDWR)
    try:
        os.write(pipe, data)
        assert read_entry(entry) is None
    finally:
        os.close(pipe)


@pytest.mark.parametrize("kind", REPLACEMENTS)
def test_no_file_descriptor_stays_open(entry: CacheEntry, file: Path, kind: str) -> None:
    read_entry(entry)
    before = os.listdir("/dev/fd")
    file.unlink()
    REPLACEMENTS[kind](file)
    # Processes that wait for a lock read the entry some thirty times a second.
    for _count in range(3):
        read_entry(entry)
    assert len(os.listdir("/dev/fd")) == len(before)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666, 0o777])
def test_a_file_that_other_users_can_access_is_not_used(entry: CacheEntry, file: Path, mode: int) -> None:
    file.chmod(mode)
    assert read_entry(entry) is None


@pytest.mark.skipif(IS_ROOT, reason="root can read everything")
def test_a_file_that_cannot_be_read_is_not_used(entry: CacheEntry, file: Path) -> None:
    file.chmod(0)
    assert read_entry(entry) is None


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE, errno.ENOMEM, errno.ESTALE])
@pytest.mark.parametrize("call", ["open", "fstat"])
@pytest.mark.parametrize("successes", [0, 1])
def test_a_disk_error_is_no_failure(
    entry: CacheEntry, file: Path, code: int, call: str, successes: int, monkeypatch: pytest.MonkeyPatch
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
        assert read_entry(entry) is None
    assert left[0] < 0
    assert read_entry(entry) is not None


@pytest.mark.skipif(not IS_ROOT, reason="only root can give a file away")
@pytest.mark.parametrize("which", ["file", "directory"])
def test_a_file_or_directory_of_another_user_is_not_used(entry: CacheEntry, file: Path, which: str) -> None:
    os.chown(file if which == "file" else file.parent, 54321, -1)
    assert read_entry(entry) is None


def test_another_user_does_not_use_the_catalog(entry: CacheEntry, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other_user = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other_user)
    assert read_entry(entry) is None


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o770, 0o707, 0o777, 0o1777])
def test_a_directory_that_other_users_can_write_to_is_not_used(entry: CacheEntry, file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    assert read_entry(entry) is None


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o705, 0o755])
def test_a_directory_that_other_users_can_only_read_is_used(entry: CacheEntry, file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    assert read_entry(entry) is not None


@pytest.mark.parametrize("path", ["{}", "{}/", "{}//"])
def test_a_symbolic_link_to_a_directory_is_not_used(entry: CacheEntry, file: Path, path: str) -> None:
    link = file.parent.with_name("link")
    link.symlink_to(file.parent)
    assert read_entry(CacheEntry(path.format(file.parent), TTL, ENDPOINT, KEY, True)) is not None
    assert read_entry(CacheEntry(path.format(link), TTL, ENDPOINT, KEY, True)) is None


@pytest.mark.parametrize("directory", ["", "missing", "missing/missing", "a file", "~", "~/missing", "nul\0", "\ud800"])
def test_an_unusable_directory_is_no_failure(
    entry: CacheEntry, tmp_path: Path, directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").touch()
    assert read_entry(CacheEntry(directory, TTL, ENDPOINT, KEY, True)) is None


def names(*entries: CacheEntry) -> set[str]:
    return {entry.name for entry in entries}


def test_each_endpoint_key_and_verification_has_its_own_entry() -> None:
    first = CacheEntry("directory", 60, ENDPOINT, KEY, True)
    others = [
        CacheEntry("directory", 60, "https://api.example.org", KEY, True),
        CacheEntry("directory", 60, f"{ENDPOINT}:8443", KEY, True),
        CacheEntry("directory", 60, "http://api.example.com", KEY, True),
        CacheEntry("directory", 60, ENDPOINT, f"{KEY}c", True),
        CacheEntry("directory", 60, ENDPOINT, KEY[:-1], True),
        CacheEntry("directory", 60, ENDPOINT, KEY.swapcase(), True),
        CacheEntry("directory", 60, ENDPOINT, KEY, False),
        # The same text, divided differently.
        CacheEntry("directory", 60, f"{ENDPOINT}{KEY[0]}", KEY[1:], True),
        CacheEntry("directory", 60, ENDPOINT[:-1], f"{ENDPOINT[-1]}{KEY}", True),
    ]
    assert len(names(first, *others)) == 1 + len(others)


def test_the_name_depends_on_neither_the_directory_nor_the_ttl() -> None:
    first = CacheEntry("directory", 60, ENDPOINT, KEY, True)
    assert names(
        first, CacheEntry("directory", 7, ENDPOINT, KEY, True), CacheEntry("/other", 60, ENDPOINT, KEY, True)
    ) == {first.name}


def test_each_format_has_its_own_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    first = CacheEntry("directory", 60, ENDPOINT, KEY, True)
    monkeypatch.setattr(cache, "FORMAT", 2)
    assert len(names(first, CacheEntry("directory", 60, ENDPOINT, KEY, True))) == 2


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=20, max_size=80))
def test_the_name_reveals_nothing_about_the_key(key: str) -> None:
    name = CacheEntry("directory", 60, ENDPOINT, key, True).name
    # A hash: of fixed length, and completely different for a similar key.
    assert len(name) == 64 and set(name) <= set("0123456789abcdef")
    similar = CacheEntry("directory", 60, ENDPOINT, key[:-1] + ("a" if key[-1] != "a" else "b"), True).name
    assert sum(one == other for one, other in zip(name, similar)) < 32
    assert not any(key[start : start + 10] in name for start in range(len(key) - 9))


def test_reading_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **keywords: object) -> NoReturn:
        raise AssertionError("something was written")

    monkeypatch.setattr(os, "mkdir", refuse)
    monkeypatch.setattr(os, "makedirs", refuse)
    assert read_entry(CacheEntry(str(tmp_path / "cache"), TTL, ENDPOINT, KEY, True)) is None
    assert list(tmp_path.iterdir()) == []
