# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup reads from the cache without a full check only where the full check gives the same answer."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.lookup.offerings import LookupModule, read_from_cache
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache_update import update_cache
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.plugins.plugin_utils._options import Options
from ansible_collections.reseller.sendgrid.plugins.plugin_utils._read_offerings import read_offerings
from ansible_collections.reseller.sendgrid.tests.support.cache_processes import KEY
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

# Nothing listens there, so a catalog that is not in the cache is a failure.
ENDPOINT = "http://127.0.0.1:9"
OFFERINGS: list[dict[str, Any]] = [
    {"name": "small", "type": "package", "quantity": 1, "entitlements": {"mails": 10, "ips": 0}},
    {"name": "large", "type": "package", "quantity": 1, "entitlements": {"mails": 10**15, "ips": 4}},
    {"name": "ip", "type": "addon", "quantity": None, "entitlements": {"ips": 1, "1": 7, "odd": "many", "yes": True}},
    {"name": "strange", "type": "bundle", "quantity": None, "entitlements": {}},
]


def fill(
    directory: Path, endpoint: str = ENDPOINT, offerings: list[dict[str, Any]] | None = None, verified: bool = True
) -> Path:
    """Write a catalog, and return its file."""
    entry = CacheEntry(str(directory), 3600, endpoint, KEY, verified)
    update_cache(entry, [], 0, lambda: Catalog(offerings or OFFERINGS, endpoint, False, 0, None), pytest.fail)
    return directory / entry.name


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory with the catalog in it."""
    path = tmp_path_factory.mktemp("given") / "cache"
    fill(path)
    return str(path)


def plain(directory: str, **more: Any) -> dict[str, Any]:
    # Without retries, since they would wait.
    return {"api_key": KEY, "api_endpoint": ENDPOINT, "cache_dir": directory, **more}


def options_of(given: dict[str, Any]) -> Options:
    options = Options()
    options.values, options.kinds = given, dict.fromkeys(given, "task")
    return options


def from_cache(given: dict[str, Any], terms: list[Any]) -> list[dict[str, Any]] | None:
    """Return the answer from the cache alone, ``None`` if a full check is needed."""
    return read_from_cache(given, terms)


def with_full_check(given: dict[str, Any], terms: list[Any]) -> list[dict[str, Any]] | None:
    """Return the answer after a full check, ``None`` for a failure."""
    try:
        given = {"retries": 0, **given}
        return read_offerings(options_of(given), given, terms, lambda message: None)
    except SendGridError:
        return None


FROM_CACHE: list[tuple[list[Any], dict[str, Any], list[str]]] = [
    ([], {}, ["small", "large", "ip", "strange"]),
    (["ip", "small", "ip"], {}, ["ip", "small", "ip"]),
    ([], {"names": ["ip", "small"]}, ["ip", "small"]),
    ([], {"names": []}, []),
    ([], {"type": "package"}, ["small", "large"]),
    (["ip"], {"type": "addon"}, ["ip"]),
    ([], {"minimum_entitlements": {"ips": 1}}, ["large", "ip"]),
    ([], {"minimum_entitlements": {"ips": 1, "mails": 1}}, ["large"]),
    ([], {"minimum_entitlements": {}}, ["small", "large", "ip", "strange"]),
    ([], {"minimum_entitlements": {"ips": -1}}, ["small", "large", "ip"]),
    (["ip"], {"cache_ttl": "3600"}, ["ip"]),
    (["ip"], {"cache_ttl": 604800}, ["ip"]),
    # As templates and environment variables give them.
    ([], {"names": "ip"}, ["ip"]),
    ([], {"names": "ip,small"}, ["ip", "small"]),
    # Equal to the defaults.
    (["ip"], {"timeout": "30"}, ["ip"]),
    (["ip"], {"retries": 4}, ["ip"]),
    (["ip"], {"retry_max_delay": 60}, ["ip"]),
    (["ip"], {"validate_certs": "yes"}, ["ip"]),
]


@pytest.mark.parametrize(("terms", "more", "expected"), FROM_CACHE)
def test_plain_options_are_answered_from_the_cache(
    directory: str, terms: list[Any], more: dict[str, Any], expected: list[str]
) -> None:
    found = from_cache(plain(directory, **more), terms)
    assert found is not None and [offering["name"] for offering in found] == expected
    assert with_full_check(plain(directory, **more), terms) == found


FULL_CHECK: list[tuple[list[Any], dict[str, Any]]] = [
    # Not in the catalog, or filtered out: to be reported, perhaps after a fresh read.
    (["missing"], {}),
    (["ip", "missing"], {}),
    ([], {"names": ["missing"]}),
    (["ip"], {"type": "package"}),
    (["ip"], {"minimum_entitlements": {"ips": 2}}),
    # Wrong, or possibly wrong.
    (["ip"], {"names": ["ip"]}),
    (["ip"], {"names": []}),
    ([7], {}),
    ([["ip"]], {}),
    ([None], {}),
    ([], {"names": [7]}),
    ([], {"names": ""}),
    ([], {"type": "bundle"}),
    ([], {"type": ["addon"]}),
    ([], {"minimum_entitlements": {"ips": "1"}}),
    ([], {"minimum_entitlements": {1: 7}}),
    ([], {"minimum_entitlements": "ips=1"}),
    ([], {"minimum_entitlements": {"ips": 1.5}}),
    ([], {"minimum_entitlements": {"ips": True}}),
    ([], {"minimum_entitlements": {"ips": None}}),
    ([], {"minimum_entitlements": {"ips": 10**18}}),
    ([], {"minimum_entitlements": {"ips": -(10**18)}}),
    ([], {"minimum_entitlements": ["ips"]}),
    ([], {"minimum": 3}),
    ([], {"cache_ttl": 0}),
    ([], {"cache_ttl": "0"}),
    ([], {"cache_ttl": -1}),
    ([], {"cache_ttl": 604801}),
    ([], {"cache_ttl": float("nan")}),
    ([], {"cache_ttl": float("inf")}),
    ([], {"cache_ttl": "soon"}),
    ([], {"cache_ttl": []}),
    ([], {"cache_dir": 7}),
    ([], {"cache_dir": ["cache"]}),
    ([], {"cache_dir": ""}),
    ([], {"timeout": -1}),
    ([], {"timeout": 31}),
    ([], {"retries": 101}),
    ([], {"retries": 4.5}),
    ([], {"retry_max_delay": "long"}),
    ([], {"validate_certs": "ture"}),
    ([], {"validate_certs": False}),
    ([], {"ca_path": "/missing"}),
    ([], {"region": "eu"}),
    ([], {"api_endpoint": f"{ENDPOINT}/v3"}),
    ([], {"api_endpoint": 7}),
    ([], {"api_key": KEY[:-1]}),
    ([], {"api_key": 7}),
    ([], {"api_key": ""}),
    ([], {"api_key": None}),
    ([], {"api_endpoint": None}),
    ([], {"region": None}),
    ([], {"api_key": f"{KEY}\udcff"}),
    ([], {"api_endpoint": f"{ENDPOINT}\udcff"}),
]


@pytest.mark.parametrize(("terms", "more"), FULL_CHECK)
def test_other_options_need_the_full_check(directory: str, terms: list[Any], more: dict[str, Any]) -> None:
    assert from_cache(plain(directory, **more), terms) is None


def test_a_number_that_is_too_large_is_an_error(directory: str) -> None:
    for name in ("cache_ttl", "retries"):
        with pytest.raises(SendGridError, match=f"{name}: a text of 401 characters is"):
            given = plain(directory, **{name: 10**400})
            assert from_cache(given, []) is None
            read_offerings(options_of(given), given, [], pytest.fail)


def test_a_directory_whose_path_contains_the_key_is_not_used(tmp_path: Path) -> None:
    fill(tmp_path / KEY)
    assert from_cache(plain(str(tmp_path / KEY)), []) is with_full_check(plain(str(tmp_path / KEY)), []) is None


def test_the_full_check_needs_no_lock_for_a_cached_catalog(tmp_path: Path) -> None:
    # As on a disk that can only be read.
    lock = Path(f"{fill(tmp_path / 'cache')}.lock")
    lock.unlink()
    lock.mkdir()
    given = plain(str(tmp_path / "cache"), timeout=30)
    assert read_offerings(options_of(given), given, [], pytest.fail) == OFFERINGS


@pytest.mark.parametrize("absent", ["api_key", "api_endpoint", "cache_dir"])
def test_an_option_that_is_not_given_selects_another_cache_entry(
    directory: str, absent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    given = plain(directory)
    del given[absent]
    assert from_cache(given, []) is None


@pytest.mark.parametrize(
    ("region", "host"),
    [(None, "api.sendgrid.com"), ("global", "api.sendgrid.com"), ("eu", "api.eu.sendgrid.com")],
)
def test_a_region_has_the_catalog_of_its_endpoint(tmp_path: Path, region: str | None, host: str) -> None:
    for number, endpoint in enumerate(["https://api.sendgrid.com", "https://api.eu.sendgrid.com"]):
        fill(tmp_path / "cache", endpoint, [{**OFFERINGS[number], "name": endpoint}])
    given = {"api_key": KEY, "cache_dir": str(tmp_path / "cache"), "region": region}
    found = from_cache({name: value for name, value in given.items() if value is not None}, [])
    assert found is not None and [offering["name"] for offering in found] == [f"https://{host}"]


@pytest.mark.parametrize("option", ["region", "api_endpoint"])
@pytest.mark.parametrize("value", ["", False, [], 0])
def test_a_wrong_endpoint_does_not_mean_the_default(tmp_path: Path, option: str, value: Any) -> None:
    fill(tmp_path / "cache", endpoint="https://api.sendgrid.com")
    given = {"api_key": KEY, "cache_dir": str(tmp_path / "cache")}
    assert from_cache(given, []) == OFFERINGS
    assert from_cache({**given, option: value}, []) is None


def test_the_directory_is_expanded_as_in_a_module(directory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", os.path.dirname(directory))
    monkeypatch.setenv("THE_CACHE", directory)
    monkeypatch.setenv("BELOW", "~/cache")
    for written in ("~/cache", "$HOME/cache", "${THE_CACHE}", "$BELOW", f"{directory}/"):
        assert from_cache(plain(written), []) == with_full_check(plain(written), []) == OFFERINGS


def test_the_default_directory_is_below_the_home(directory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(directory).with_name("home")
    (home / ".ansible").mkdir(parents=True)
    os.rename(directory, home / ".ansible" / "sendgrid_cache")
    try:
        monkeypatch.setenv("HOME", str(home))
        given = plain(directory)
        del given["cache_dir"]
        assert from_cache(given, []) == with_full_check(given, []) == OFFERINGS
    finally:
        os.rename(home / ".ansible" / "sendgrid_cache", directory)


def test_a_catalog_read_without_verification_is_not_used(tmp_path: Path) -> None:
    fill(tmp_path / "cache", verified=False)
    assert from_cache(plain(str(tmp_path / "cache")), []) is None
    assert from_cache(plain(str(tmp_path / "cache"), validate_certs=False), []) is None
    assert with_full_check(plain(str(tmp_path / "cache"), validate_certs=False), []) == OFFERINGS


def test_with_ttl_0_even_a_catalog_of_this_moment_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = fill(tmp_path / "cache").stat().st_mtime
    monkeypatch.setattr(time, "time", lambda: written)
    assert from_cache(plain(str(tmp_path / "cache"), cache_ttl=0), []) is None
    assert from_cache(plain(str(tmp_path / "cache"), cache_ttl=0.001), []) == OFFERINGS


def test_the_ttl_is_one_hour_unless_given(tmp_path: Path) -> None:
    file = fill(tmp_path / "cache")
    given = plain(str(tmp_path / "cache"))
    now = file.stat().st_mtime
    for age, default, longer in [(3500, OFFERINGS, OFFERINGS), (3700, None, OFFERINGS)]:
        os.utime(file, (now - age, now - age))
        assert from_cache(given, []) == default
        assert from_cache({**given, "cache_ttl": 7200}, []) == longer


NAMES = st.lists(st.sampled_from(["small", "large", "ip", "missing", 7, None, ["ip"]]), max_size=3)
MINIMUMS = st.dictionaries(
    st.sampled_from(["ips", "mails", "odd", "yes", "1", 1, True, None]),
    st.sampled_from([0, 1, 10**15, 10**18, 10**30, -(10**30), "1", " 1", "", 1.0, True, None, [1]]),
    max_size=2,
)
VALUES = {
    "names": st.none() | NAMES | st.sampled_from(["", "ip", "ip,small"]),
    "type": st.sampled_from(["package", "addon", "bundle", "", 7, ["addon"], {}]),
    "minimum_entitlements": MINIMUMS | st.sampled_from(["", "ips=1", [], 7]),
    "cache_ttl": st.sampled_from([3600, "3600", "1e3", "1_0", " 60 ", True, "", "soon", [], -1, 604801]),
    "retries": st.just(0),
    "timeout": st.sampled_from([30, -1, "30"]),
    "validate_certs": st.sampled_from([True, False, "yes", "ture"]),
    "region": st.sampled_from(["eu", "", 7]),
    "api_key": st.sampled_from([KEY, f"{KEY} ", f"{KEY}\n{KEY}", "short", 7, ["list"]]),
    "nonsense": st.just(1),
}
# Few at a time: one that is wrong needs the full check, whatever the others are.
GIVEN = st.lists(st.one_of([st.tuples(st.just(name), values) for name, values in VALUES.items()]), max_size=2).map(dict)


@settings(deadline=None)
@examples(given=GIVEN, terms=NAMES)
def test_both_ways_give_the_same_answer(directory: str, given: dict[str, Any], terms: list[Any]) -> None:
    # Null counts as not given.
    whole = plain(directory, **{name: value for name, value in given.items() if value is not None})
    if "region" in given:
        del whole["api_endpoint"]
    found = from_cache(whole, terms)
    if found is not None:
        assert with_full_check(whole, terms) == found


def test_a_loop_without_items_has_none() -> None:
    """Core 2.18 and older say that a lookup is called by a loop. The whole catalog would be a surprise."""
    assert LookupModule().run([], {}, wantlist=True) == []
