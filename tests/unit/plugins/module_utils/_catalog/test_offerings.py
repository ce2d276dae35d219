# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog as plain data."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.offerings import Filter, select, select_by_name
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse, unknown_types
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.suggestions import missing_names, name_problems
from ansible_collections.reseller.sendgrid.plugins.module_utils._text import summary
from hypothesis import given, settings
from hypothesis import strategies as st

HOST = "api.example.com"


def entry(name: str = "a.b.c.v1", kind: str = "package", **more: Any) -> dict[str, Any]:
    return {"offering": {"name": name, "type": kind, "quantity": 1}, "entitlements": {}, **more}


def offerings(*entries: dict[str, Any]) -> list[dict[str, Any]]:
    found, problems = parse({"catalog": list(entries)})
    assert problems == []
    return found


def test_parse_gives_one_shape() -> None:
    assert offerings(
        {"offering": {"name": "full", "type": "package", "quantity": 1}, "entitlements": {"ip_count": 2}},
        {"offering": {"name": "bare", "type": "addon"}},
        {"offering": {"name": "null", "type": "addon", "quantity": None}, "entitlements": None},
    ) == [
        {"name": "full", "type": "package", "quantity": 1, "entitlements": {"ip_count": 2}},
        {"name": "bare", "type": "addon", "quantity": None, "entitlements": {}},
        {"name": "null", "type": "addon", "quantity": None, "entitlements": {}},
    ]


def test_parse_keeps_unknown_keys_and_the_offering_wins() -> None:
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
def test_parse_refuses_what_is_no_catalog(document: Any) -> None:
    assert parse(document) == ([], ["catalog: a list is needed"])


@pytest.mark.parametrize(
    ("broken", "problem"),
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
def test_parse_names_the_field_that_is_wrong(broken: Any, problem: str) -> None:
    assert parse({"catalog": [entry("good"), broken]})[1] == [f"catalog[1].{problem}"]


def test_parse_reports_all_problems_of_which_five_are_shown() -> None:
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


# As promised, with keys that nobody knows and with such as stand elsewhere.
extras = st.dictionaries(st.sampled_from(["x", "quantity", "entitlements", "name", "type"]), anything, max_size=2)
promised = st.builds(
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
broken = anything | extras | st.builds(lambda entry, other: {**entry, "offering": other}, extras, anything)
broken |= st.builds(lambda entry, other: {**entry, "offering": {**entry["offering"], **other}}, promised, changes)


@settings(deadline=None, max_examples=500)
@given(st.lists(promised, max_size=4) | st.lists(promised | broken, max_size=4))
def test_parse_gives_the_documented_shape_or_says_what_is_wrong(catalog: list[Any]) -> None:
    before = repr(catalog)
    found, problems = parse({"catalog": catalog})
    assert repr(catalog) == before
    assert all(problem.isprintable() for problem in problems)
    if problems:
        return
    assert len({offering["name"] for offering in found}) == len(found) == len(catalog)
    for offering, given_entry in zip(found, catalog):
        said = given_entry["offering"]
        shape = {"quantity": said.get("quantity"), "entitlements": given_entry.get("entitlements") or {}}
        extra = {key: value for key, value in given_entry.items() if key != "offering"}
        assert repr(offering) == repr({**dict.fromkeys(offering), **extra, **said, **shape})
        assert list(offering)[:4] == ["name", "type", "quantity", "entitlements"]
        assert all(isinstance(offering[key], str) and offering[key].strip() for key in ("name", "type"))
        assert offering["quantity"] is None or repr(offering["quantity"]).lstrip("-").isdigit()
        assert isinstance(offering["entitlements"], dict)


def test_what_is_no_catalog_at_all_is_not_listed_to_the_end() -> None:
    found, problems = parse({"catalog": [0] * 1_000_000})
    assert found == [] and len(problems) == 101 and problems[-1] == "what follows was not looked at"


def test_unknown_types_are_not_listed_to_the_end() -> None:
    warning = unknown_types(offerings(*[entry(f"name-{number}", f"type-{number:02}") for number in range(50)]))
    assert warning is not None and warning.endswith("type-04, and 45 more")


def test_unknown_types_are_kept_with_a_warning() -> None:
    found = offerings(entry("a", "package"), entry("b", "bun\x1bdle"), entry("c", "addon"))
    assert [offering["name"] for offering in found] == ["a", "b", "c"]
    assert unknown_types(found) == "The catalog has offerings of undocumented types: bun dle"
    assert unknown_types(found[:1]) is None


CATALOG = offerings(
    entry("p.one.v1", "package", entitlements={"sends": 10, "ips": 0}),
    entry("p.two.v1", "package", entitlements={"sends": 20, "ips": True, "words": "many"}),
    entry("x.ip.v2", "addon", entitlements={"ips": 1}),
)


@pytest.mark.parametrize(
    ("names", "wanted", "expected"),
    [
        (None, Filter(), ["p.one.v1", "p.two.v1", "x.ip.v2"]),
        ([], Filter(), []),
        (["x.ip.v2", "p.one.v1", "x.ip.v2", "gone"], Filter(), ["p.one.v1", "x.ip.v2"]),
        (None, Filter("addon"), ["x.ip.v2"]),
        (None, Filter("package", {"sends": 20}), ["p.two.v1"]),
        (None, Filter(None, {"ips": 0}), ["p.one.v1", "x.ip.v2"]),
        (None, Filter(None, {"words": 0}), []),
        (None, Filter(None, {"no_such_key": -1}), []),
        (None, Filter(None, {}), ["p.one.v1", "p.two.v1", "x.ip.v2"]),
    ],
)
def test_select(names: list[str] | None, wanted: Filter, expected: list[str]) -> None:
    assert [offering["name"] for offering in select(CATALOG, names, wanted)] == expected


def test_missing_names_in_order_and_once() -> None:
    assert [one["name"] for one in missing_names(CATALOG, ["z", "p.one.v1", "a", "z"])] == ["z", "a"]


def test_missing_names_come_with_suggestions() -> None:
    assert missing_names(CATALOG, ["x.ip.v1", "z"]) == [
        {"name": "x.ip.v1", "suggestions": ["x.ip.v2"]},
        {"name": "z", "suggestions": []},
    ]
    assert missing_names([], ["x.ip.v1"]) == [{"name": "x.ip.v1", "suggestions": []}]


def test_pick_gives_one_entry_for_each_name_in_order_or_nothing() -> None:
    chosen = select_by_name(CATALOG, ["x.ip.v2", "p.one.v1", "x.ip.v2"], Filter())
    assert chosen is not None
    assert [offering["name"] for offering in chosen] == ["x.ip.v2", "p.one.v1", "x.ip.v2"]
    assert select_by_name(CATALOG, [], Filter()) == []
    assert select_by_name(CATALOG, ["x.ip.v2", "gone"], Filter()) is None
    assert select_by_name(CATALOG, ["x.ip.v2", "p.one.v1"], Filter("addon")) is None


def test_complaints_are_about_every_name_without_an_offering() -> None:
    names, wanted = ["p.ome.v1", "x.ip.v2", "p.two.v1", "p.one.v1"], Filter("package", {"sends": 11})
    assert name_problems(CATALOG, names, wanted, HOST) == [
        f"'p.ome.v1' is not in your catalog (3 offerings at {HOST}). Did you mean 'p.one.v1'?",
        "'x.ip.v2' is filtered out: its type is addon, not package.",
        "'p.one.v1' is filtered out: its sends is 10, less than 11.",
    ]
    assert name_problems(CATALOG, ["x.ip.v2"], Filter(None, {"sends": 1}), HOST) == [
        "'x.ip.v2' is filtered out: it states no sends."
    ]


def test_complaints_suggest_for_the_first_names_only() -> None:
    problems = name_problems(CATALOG, ["x.ip.v1"] * 7, Filter(), HOST)
    message = f"'x.ip.v1' is not in your catalog (3 offerings at {HOST}). Did you mean 'x.ip.v2'?"
    assert problems == [message] * 5 + ["'x.ip.v1'"] * 2
    assert summary(problems, " ").endswith("? and 2 more")
