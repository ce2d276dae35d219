# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the catalog of the API is brought into one shape."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse, unknown_types
from ansible_collections.reseller.sendgrid.plugins.module_utils._text import summary
from hypothesis import given, settings
from hypothesis import strategies as st


def entry(name: str = "a.b.c.v1", kind: str = "package", **more: Any) -> dict[str, Any]:
    return {"offering": {"name": name, "type": kind, "quantity": 1}, "entitlements": {}, **more}


def offerings(*entries: dict[str, Any]) -> list[dict[str, Any]]:
    found, problems = parse({"catalog": list(entries)})
    assert problems == []
    return found


def test_parse_returns_one_shape() -> None:
    assert offerings(
        {"offering": {"name": "full", "type": "package", "quantity": 1}, "entitlements": {"ip_count": 2}},
        {"offering": {"name": "bare", "type": "addon"}},
        {"offering": {"name": "null", "type": "addon", "quantity": None}, "entitlements": None},
    ) == [
        {"name": "full", "type": "package", "quantity": 1, "entitlements": {"ip_count": 2}},
        {"name": "bare", "type": "addon", "quantity": None, "entitlements": {}},
        {"name": "null", "type": "addon", "quantity": None, "entitlements": {}},
    ]


def test_parse_keeps_unknown_keys() -> None:
    found = offerings(
        {
            "offering": {"name": "n", "type": "addon", "both": 1, "offering": "inner", "entitlements": "odd"},
            "both": 2,
            "quantity": 7,
            "of_entry": [3],
        }
    )
    assert found == [
        {
            "name": "n",
            "type": "addon",
            "quantity": None,
            "entitlements": {},
            "both": 1,
            "of_entry": [3],
            "offering": "inner",
        }
    ]


def test_parse_empty_catalog() -> None:
    assert offerings() == []


@pytest.mark.parametrize("document", [None, [], "text", 3, {}, {"catalog": None}, {"catalog": {}}, {"catalog": "x"}])
def test_parse_refuses_a_document_without_a_catalog(document: Any) -> None:
    assert parse(document) == ([], ["catalog: a list is needed"])


@pytest.mark.parametrize(
    ("invalid_entry", "problem"),
    [
        (None, "offering: an object is needed"),
        ([], "offering: an object is needed"),
        ({}, "offering: an object is needed"),
        ({"offering": []}, "offering: an object is needed"),
        ({"offering": {"type": "addon"}}, "offering.name: text is needed"),
        ({"offering": {"name": "", "type": "addon"}}, "offering.name: text is needed"),
        ({"offering": {"name": 5, "type": "addon"}}, "offering.name: text is needed"),
        ({"offering": {"name": "n"}}, "offering.type: text is needed"),
        ({"offering": {"name": "n", "type": None}}, "offering.type: text is needed"),
        ({"offering": {"name": "n", "type": "addon", "quantity": "1"}}, "offering.quantity: an integer is needed"),
        ({"offering": {"name": "n", "type": "addon", "quantity": True}}, "offering.quantity: an integer is needed"),
        ({"offering": {"name": "n", "type": "addon", "quantity": 1.5}}, "offering.quantity: an integer is needed"),
        ({"offering": {"name": "n", "type": "addon"}, "entitlements": []}, "entitlements: an object is needed"),
        ({"offering": {"name": "n", "type": "addon"}, "entitlements": 0}, "entitlements: an object is needed"),
        (entry("good"), "offering.name: 'good' is already the name of catalog[0]"),
    ],
)
def test_parse_reports_the_wrong_field(invalid_entry: Any, problem: str) -> None:
    assert parse({"catalog": [entry("good"), invalid_entry]})[1] == [f"catalog[1].{problem}"]


def test_parse_reports_all_problems_and_the_summary_shows_five() -> None:
    _found, problems = parse({"catalog": [{"offering": {}} for _count in range(4)]})
    assert len(problems) == 8 and problems[7] == "catalog[3].offering.type: text is needed"
    assert summary(problems).endswith("catalog[2].offering.name: text is needed; and 3 more")
    assert summary(problems[:5]) == "; ".join(problems[:5])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["catalog", "offering", "name", "type"]), inner),
)


@given(json_values)
def test_parse_never_raises(document: Any) -> None:
    for whole in (document, {"catalog": document}):
        found, problems = parse(whole)
        assert problems or all(list(one)[:4] == ["name", "type", "quantity", "entitlements"] for one in found)


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.just([]), st.just({"a": [1]})
)


# Valid, with keys that are unknown or belong in another place.
extras = st.dictionaries(st.sampled_from(["x", "quantity", "entitlements", "name", "type"]), anything, max_size=2)
valid_entries = st.builds(
    lambda extra, more, offering: {**extra, **more, "offering": offering},
    extras,
    st.fixed_dictionaries(
        {"entitlements": st.none() | st.dictionaries(st.text(max_size=3), anything, max_size=2)},
    ),
    st.builds(
        lambda extra, offering: {**extra, **offering},
        st.dictionaries(st.sampled_from(["x", "offering", "entitlements"]), anything, max_size=2),
        st.fixed_dictionaries(
            {"name": st.sampled_from("abcde"), "type": st.sampled_from(["package", "addon", "bundle"])},
            optional={"quantity": st.none() | st.integers()},
        ),
    ),
)
changes = st.dictionaries(st.sampled_from(["name", "type", "quantity"]), anything, min_size=1)
invalid_entries = anything | extras | st.builds(lambda entry, other: {**entry, "offering": other}, extras, anything)
invalid_entries |= st.builds(
    lambda entry, other: {**entry, "offering": {**entry["offering"], **other}}, valid_entries, changes
)


@settings(deadline=None, max_examples=500)
@given(st.lists(valid_entries, max_size=4) | st.lists(valid_entries | invalid_entries, max_size=4))
def test_parse_returns_the_documented_shape_or_problems(catalog: list[Any]) -> None:
    before = repr(catalog)
    found, problems = parse({"catalog": catalog})
    assert repr(catalog) == before
    assert all(problem.isprintable() for problem in problems)
    if problems:
        return
    assert len({offering["name"] for offering in found}) == len(found) == len(catalog)
    for offering, given_entry in zip(found, catalog):
        offering_of_entry = given_entry["offering"]
        shape = {"quantity": offering_of_entry.get("quantity"), "entitlements": given_entry.get("entitlements") or {}}
        extra = {key: value for key, value in given_entry.items() if key != "offering"}
        assert repr(offering) == repr({**dict.fromkeys(offering), **extra, **offering_of_entry, **shape})
        assert list(offering)[:4] == ["name", "type", "quantity", "entitlements"]
        assert all(isinstance(offering[key], str) and offering[key].strip() for key in ("name", "type"))
        assert offering["quantity"] is None or repr(offering["quantity"]).lstrip("-").isdigit()
        assert isinstance(offering["entitlements"], dict)


def test_parse_stops_after_a_hundred_problems() -> None:
    found, problems = parse({"catalog": [0] * 1_000_000})
    assert found == [] and len(problems) == 101 and problems[-1] == "catalog[99] is the last entry that was checked"


def test_at_most_five_unknown_types_are_shown() -> None:
    warning = unknown_types(offerings(*[entry(f"name-{number}", f"type-{number:02}") for number in range(50)]))
    assert warning is not None and warning.endswith("type-04, and 45 more")


def test_unknown_types_give_a_warning() -> None:
    found = offerings(entry("a", "package"), entry("b", "bun\x1bdle"), entry("c", "addon"))
    assert [offering["name"] for offering in found] == ["a", "b", "c"]
    assert unknown_types(found) == "The catalog has offerings of undocumented types: bun dle"
    assert unknown_types(found[:1]) is None
