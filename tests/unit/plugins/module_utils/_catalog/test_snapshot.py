# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of a snapshot, which files are refused, and what has changed."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.snapshot import (
    compare,
    read_snapshot,
    render,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.snapshot_task import compare_with_snapshot
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import as_ordinary_user
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from hypothesis import given
from hypothesis import strategies as st

ENDPOINT = "https://api.sendgrid.com"


def entry(name: str, kind: str = "package", quantity: int | None = 1, **entitlements: Any) -> dict[str, Any]:
    return {"offering": {"name": name, "type": kind, "quantity": quantity}, "entitlements": entitlements}


def test_the_same_catalog_in_another_form_has_not_changed() -> None:
    before = [entry("a", ip_count=1), {"offering": {"name": "b", "type": "addon"}}]
    after = [
        {"entitlements": None, "offering": {"type": "addon", "quantity": None, "name": "b"}},
        entry("a", ip_count=1),
    ]
    no_drift: dict[str, Any] = {"added": [], "removed": [], "changed": []}
    assert compare({"catalog": before}, {"catalog": after, "endpoint": ENDPOINT}) == (no_drift, [])


def test_every_difference_is_reported() -> None:
    before = [
        entry("z.gone"),
        entry("a.gone", "addon"),
        entry("b", ip_count=2, lost=1, same=3),
        entry("c", "package", 1),
        {**entry("d"), "sold_until": "2027"},
        entry("same", ip_count=1),
    ]
    after = [
        entry("b", ip_count=1, same=3, won=[0]),
        entry("c", "addon", None),
        {**entry("d"), "sold_until": "2026\x1b[2J"},
        entry("same", ip_count=1),
        entry("new\n"),
    ]
    drift, report = compare({"catalog": before}, {"catalog": after})
    assert [offering["name"] for offering in drift["removed"]] == ["a.gone", "z.gone"]
    assert drift["added"] == parse({"catalog": [entry("new\n")]})[0]
    assert [sorted(change) for change in drift["changed"]] == [["after", "before", "name"]] * 3
    assert drift["changed"][0]["before"]["entitlements"] == {"ip_count": 2, "lost": 1, "same": 3}
    assert drift["changed"][0]["after"]["entitlements"] == {"ip_count": 1, "same": 3, "won": [0]}
    assert report == [
        "REMOVED  a.gone (addon)",
        "REMOVED  z.gone (package)",
        "CHANGED  b: ip_count 2, now 1, lost 1, now none, won none, now [0]",
        "CHANGED  c: quantity 1, now none, type package, now addon",
        "CHANGED  d: sold_until 2027, now 2026 [2J",
        "ADDED    new (package)",
    ]


def test_what_looks_alike_in_python_or_in_the_results_is_reported_too() -> None:
    """Keys that stand twice, true and 1, null and nothing."""
    before, after = entry("a", flag=True, gone=None, big=1), entry("a", flag=1, big=1.0)
    before |= {"price": 1, "name": "label"}
    after |= {"price": 2, "name": "other"}
    before["offering"]["price"] = after["offering"]["price"] = 5
    drift, report = compare({"catalog": [before], "currency": "USD"}, {"catalog": [after], "currency": None})
    assert [change["name"] for change in drift["changed"]] == ["a"]
    assert report == [
        "CHANGED  a: big 1, now 1.0, flag true, now 1, gone null, now none, name label, now other, price 1, now 2",
        "CHANGED  beside the offerings: currency USD, now null",
    ]


names = st.lists(st.text(min_size=1).filter(str.strip), unique=True, max_size=5)


@given(names, st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.none(), st.lists(st.booleans()))))
def test_the_file_is_the_catalog_in_an_order_that_stays(found: list[str], entitlements: dict[str, Any]) -> None:
    entries = [entry(name, ip_count=1) | {"entitlements": entitlements, "note": "kept"} for name in found]
    content = render({"catalog": entries, "also": "kept"}, ENDPOINT)
    written = json.loads(content.encode("ascii"))
    assert written == {
        "catalog": sorted(entries, key=lambda one: str(one["offering"]["name"])),
        "also": "kept",
        "endpoint": ENDPOINT,
    }
    assert render({**written, "catalog": written["catalog"][::-1]}, ENDPOINT) == content


def test_names_stand_before_entitlements_in_the_file() -> None:
    content = render({"catalog": [entry("a.v1", ip_count=1)]}, ENDPOINT)
    assert content.index('"name"') < content.index('"ip_count"')


# By content of the file: a part of the message.
NO_CATALOGS = {
    "": "it is not JSON",
    "\xff\xfe": "it is not JSON",
    "[" * 100_000: "it is not JSON",
    "<<<<<<< HEAD\n{}": "it is not JSON: Expecting value: line 1 column 1",
    "[]": "catalog: a list is needed",
    '{"catalog": {}}': "catalog: a list is needed",
    '{"customers": []}': "catalog: a list is needed",
    '{"catalog": [{"name": "a"}]}': "catalog[0].offering: an object is needed",
}


@pytest.mark.parametrize("content", NO_CATALOGS, ids=lambda content: repr(content[:20]))
def test_a_file_that_holds_no_catalog_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "catalog.json"
    path.write_bytes(content.encode("latin-1"))
    message = refusal(path)
    assert "the file holds no catalog, and is not overwritten: " in message
    assert NO_CATALOGS[content] in message


def refusal(path: str | Path, is_written: bool = True) -> str:
    """Return the message about a file that is refused."""
    with pytest.raises(SendGridError) as failure:
        read_snapshot(str(path), ENDPOINT, is_written)
    assert failure.value.code == "invalid_snapshot"
    assert failure.value.message.endswith(" Nothing was written.")
    assert failure.value.message.isprintable()
    return failure.value.message


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(render({"catalog": []}, ENDPOINT))
    (tmp_path / "link").symlink_to(catalog)
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
    for name, message in {
        ".": "this is a directory",
        "link": "this is a symbolic link",
        "dangling": "this is a symbolic link",
        "pipe": "this is no regular file",
        "socket": "this is no regular file",
        "none/catalog.json": f"there is no directory {tmp_path}/none. Create it first",
        "catalog.json/catalog.json": f"there is no directory {catalog}.",
        "x" * 300: "File name too long",
        "a\0b": "null",
    }.items():
        assert message in refusal(f"{tmp_path}/{name}"), name
    assert read_snapshot(str(tmp_path / "new.json"), ENDPOINT, True) is None


def test_a_file_must_be_readable_and_its_directory_writable() -> None:
    # Not in ``tmp_path``, into which only the user of the tests can look.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "catalog.json")
        path.write_text(render({"catalog": []}, ENDPOINT))
        os.chmod(folder, 0o555)
        with as_ordinary_user():
            assert f"this user cannot write to the directory {folder}" in refusal(path)
            # Check mode does not write.
            assert read_snapshot(str(path), ENDPOINT, False)
        path.chmod(0)
        with as_ordinary_user():
            assert "the file cannot be read: [Errno 13] Permission denied" in refusal(path, False)
        os.chmod(folder, 0o700)


def test_a_snapshot_of_another_endpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    for origin in ("https://api.eu.sendgrid.com", 7, ["\x1b"]):
        path.write_text(render({"catalog": []}, origin))  # type: ignore[arg-type]
        message = refusal(path)
        assert ": the snapshot is of " in message
        assert ", and this task reads https://api.sendgrid.com. Give each endpoint" in message
    # A copy of what the API sends does not say where it comes from.
    path.write_text('{"catalog": []}')
    assert read_snapshot(str(path), ENDPOINT, True) == (render({"catalog": []}, ENDPOINT), {"catalog": []})


def test_a_catalog_that_turns_empty_needs_a_decision(sandbox: Sandbox, tmp_path: Path) -> None:
    config, path = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True), tmp_path / "catalog.json"
    warnings: list[str] = []

    def changed(allow_empty: bool = False) -> bool:
        found = compare_with_snapshot(config, str(path), allow_empty, True, warnings.append)
        path.write_text(found.after)
        return bool(found.result["changed"])

    sandbox.control("PUT", "/catalog", {"catalog": []})
    with pytest.raises(SendGridError, match="the catalog is empty, and there is no snapshot yet"):
        changed()
    sandbox.control("PUT", "/catalog", {"catalog": [entry("a")]})
    assert changed() and not changed()
    sandbox.control("PUT", "/catalog", {"catalog": []})
    with pytest.raises(SendGridError, match=r"the snapshot .* has 1 offering\. Nothing was written") as failure:
        changed()
    assert failure.value.code == "empty_catalog"
    assert failure.value.details["count"] == 1
    # From then on it is what the snapshot says.
    assert changed(allow_empty=True) and not changed()
    assert warnings == []


def test_a_file_with_keys_of_somebody_else_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    config, path = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True), tmp_path / "catalog.json"
    warnings: list[str] = []
    path.write_text(json.dumps({"catalog": [], "currency": "USD", "passwords": {}, "notes": "mine"}))
    sandbox.control("PUT", "/catalog", {"catalog": [entry("a")], "currency": "EUR"})
    with pytest.raises(SendGridError, match=r"is not overwritten: notes, passwords\. Remove the keys") as failure:
        compare_with_snapshot(config, str(path), False, False, warnings.append)
    assert failure.value.code == "invalid_snapshot"
    path.write_text(json.dumps({"catalog": [entry("a")], "currency": "USD"}))
    found = compare_with_snapshot(config, str(path), False, False, warnings.append)
    assert found.summary.endswith("0 added, 0 removed, 0 changed, and what the API sends beside the offerings.")
    assert found.result["report"] == ["CHANGED  beside the offerings: currency USD, now EUR"]
    assert json.loads(found.after)["currency"] == "EUR"


def test_a_catalog_without_anything_known_causes_a_warning(sandbox: Sandbox, tmp_path: Path) -> None:
    config, path = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True), tmp_path / "catalog.json"
    path.write_text(render({"catalog": [entry("a"), entry("b")]}, sandbox.endpoint))
    warnings: list[str] = []
    found = compare_with_snapshot(config, str(path), False, True, warnings.append)
    assert len(found.result["drift"]["removed"]) == 2
    (warning,) = warnings
    assert "Is it the snapshot of another reseller?" in warning
