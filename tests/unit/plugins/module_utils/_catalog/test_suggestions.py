# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names are suggested for an unknown name, and what the messages say."""

from __future__ import annotations

import string

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.offerings import Filter, Offering
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.suggestions import (
    Suggestions,
    missing_names,
    name_problems,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._text import summary
from ansible_collections.reseller.sendgrid.tests.sandbox.catalog import DEFAULT, Catalog
from hypothesis import assume, given, settings
from hypothesis import strategies as st

HOST = "api.example.com"


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("a.b.pro.v1", ["a.b.free.v1", "a.b.pro.v2", "a.b.pro.v10"], ["a.b.pro.v10", "a.b.pro.v2"]),
        ("a.b.pro", ["a.b.pro.v1", "x"], ["a.b.pro.v1"]),
        ("a.b.pro.v3", ["a.b.pro", "a.b.pro.v1"], ["a.b.pro.v1", "a.b.pro"]),
        ("milne.ei.pro-100.v1", ["milne.x.ip.v2", "milne.ei.pro-100k.v1"], ["milne.ei.pro-100k.v1"]),
        ("ABCDEFGH.V1", ["abcdefgh.v1", "zzz"], ["abcdefgh.v1"]),
        (" a.b.pro.v1 ", ["a.b.pro.v1"], ["a.b.pro.v1"]),
        ("a.b.pro.v1", [" a.b.pro.v2 "], [" a.b.pro.v2 "]),
        (" q ", ["q.v12345"], ["q.v12345"]),
        ("a.b\x1b.pro.v1", ["a.b\x1b.pro.v2"], ["a.b\x1b.pro.v2"]),
        ("nothing like it", ["a.b.pro.v1"], []),
        ("", ["a.b.pro.v1"], []),
        ("a.v1", [f"a.v{version}" for version in range(2, 9)], ["a.v8", "a.v7", "a.v6"]),
        ("offering", ["offerings", "offerin", "offers", "offer", "suffering"], ["offerings", "offerin"]),
        ("a.b", [], []),
    ],
)
def test_suggest(name: str, known: list[str], expected: list[str]) -> None:
    assert Suggestions(known).suggest(name) == expected


def test_suggestions_are_the_same_name_then_other_versions_then_close_spellings() -> None:
    version, close, same = "one.two.v1", "ome.two.v2", "ONE.TWO.V2"
    for known in ([version, close], [close, version]):
        assert Suggestions(known).suggest("one.two.v2") == [version, close]
        assert Suggestions([*known, "one.two.v3"]).suggest("one.two.v2") == ["one.two.v3", version, close]
        # Nobody who means this one is helped by close spellings.
        assert Suggestions([*known, same]).suggest("one.two.v2") == [same, version]


def test_the_same_name_with_the_shortest_prefix_comes_first_then_the_newest_version() -> None:
    known = ["b.a.ip.v3", "a.ip.v1", "a.ip.v2", "ips.v1"]
    assert Suggestions(known).suggest("A ip") == ["a.ip.v2", "a.ip.v1", "b.a.ip.v3"]
    assert Suggestions(known).suggest("A-IP-V1") == ["a.ip.v1", "a.ip.v2", "b.a.ip.v3"]


def test_nothing_is_a_suggestion_for_itself() -> None:
    assert Suggestions(["a.ip.v1", "a.ip.v2"]).suggest("a.ip.v1") == ["a.ip.v2"]


OFFERINGS = list(Catalog(DEFAULT).types)
MISSPELLINGS = {
    "milne.ei.Pro-100K.v1": "milne.ei.pro-100k.v1",
    "Pro 100k": "milne.ei.pro-100k.v1",
    "\uff50\uff52\uff4f-100\uff4b": "milne.ei.pro-100k.v1",
    "pro-100k": "milne.ei.pro-100k.v1",
    "PRO_100K": "milne.ei.pro-100k.v1",
    "pro100k": "milne.ei.pro-100k.v1",
    "milne ei pro 100k v1": "milne.ei.pro-100k.v1",
    "milne-ei-pro-100k-v1": "milne.ei.pro-100k.v1",
    "milne.ei.pro.100k.v1": "milne.ei.pro-100k.v1",
    "milne.ei.pro-100k.v2": "milne.ei.pro-100k.v1",
    "milne.pro-100k.v1": "milne.ei.pro-100k.v1",
    "milne.ei.pro-10ok.v1": "milne.ei.pro-100k.v1",
    "mline.ei.por-300k.v1": "milne.ei.pro-300k.v1",
    "Pro 1,500k": "milne.ei.pro-1500k.v1",
    "essentails 50k": "milne.ei.essentials-50k.v1",
    "milne.ei.essential-100k": "milne.ei.essentials-100k.v2",
    "\tmilne.x.ip.v2 \n": "milne.x.ip.v2",
    "IP": "milne.x.ip.v2",
    "ipv2": "milne.x.ip.v2",
    "sub users": "milne.x.subusers-15.v1",
    "Teamates": "milne.x.teammates-10.v1",
}


@pytest.mark.parametrize(("name", "meant"), MISSPELLINGS.items())
def test_the_offering_that_is_meant_comes_first(name: str, meant: str) -> None:
    for known in (OFFERINGS, OFFERINGS[::-1]):
        assert Suggestions(known).suggest(name)[0] == meant


@pytest.mark.parametrize(
    ("known", "is_version"),
    [
        ("q.v12345", True),
        ("q.v123456789", True),
        ("q.v1234567890", False),
        ("q.v + 1", False),
        ("q.vwxyz", False),
        ("q.V12345", True),
        ("q.v\u0661\u0662\u0663\u0664", False),
        ("q", True),
    ],
)
def test_up_to_nine_digits_are_a_version(known: str, is_version: bool) -> None:
    assert Suggestions([known]).suggest("q.v6") == ([known] if is_version else [])


def test_the_closest_of_many_similar_names_comes_first() -> None:
    known = [*(f"milne.ei.offering-{number}.v1" for number in range(1000, 1300)), "milne.ei.offering-quick.v1"]
    assert Suggestions(known).suggest("milne.ei.offering-quik.v1")[0] == known[-1]


def test_equally_close_names_keep_the_order_of_the_catalog() -> None:
    name = string.ascii_lowercase + string.digits
    known = [f"{name[:at]}_{name[at + 1 :]}" for at in range(len(name))]
    assert [known.index(found) for found in Suggestions(known).suggest(name)] == [0, 1, 2]


def test_the_same_name_gets_the_same_suggestions() -> None:
    suggestions = Suggestions(["a.b.pro.v1", "a.b.free.v1"])
    assert suggestions.suggest("a.b.pro.v2") == suggestions.suggest("a.b.pro.v2") == ["a.b.pro.v1"]


@pytest.mark.parametrize(
    ("name", "known", "message"),
    [
        ("unknown", [], f"'unknown' is not in your catalog (0 offerings at {HOST})."),
        ("unknown", ["a.v1"], f"'unknown' is not in your catalog (1 offering at {HOST})."),
        ("unknown", ["a.v1", "b.v1"], f"'unknown' is not in your catalog (2 offerings at {HOST})."),
        ("a.v2", ["a.v1"], f"'a.v2' is not in your catalog (1 offering at {HOST}). Did you mean 'a.v1'?"),
        (
            "a.v9",
            [f"a.v{version}" for version in range(5)],
            f"'a.v9' is not in your catalog (5 offerings at {HOST}). Did you mean 'a.v4' or 'a.v3' or 'a.v2'?",
        ),
        (
            " a.v1\n",
            ["a.v1"],
            rf"' a.v1\n' is not in your catalog (1 offering at {HOST}). Did you mean 'a.v1'?",
        ),
        (
            "a.\x1b[31mb.v1",
            ["a.\x1b[31mb.v2"],
            rf"'a.\x1b[31mb.v1' is not in your catalog (1 offering at {HOST}). Did you mean 'a.\x1b[31mb.v2'?",
        ),
        (
            "a.v1\u200b",
            ["a.v1"],
            rf"'a.v1\u200b' is not in your catalog (1 offering at {HOST}). Did you mean 'a.v1'?",
        ),
    ],
)
def test_message_about_an_unknown_name(name: str, known: list[str], message: str) -> None:
    assert Suggestions(known).unknown(name, HOST) == message


@given(st.lists(st.text(st.characters()), unique=True, max_size=9), st.text(st.characters()))
@settings(deadline=None)
def test_at_most_three_names_of_the_catalog_are_suggested(known: list[str], name: str) -> None:
    for candidate in (name, *known[:1], *(f" {one.swapcase()}.v1" for one in known)):
        found = Suggestions(known).suggest(candidate)
        assert len(found) <= 3 and len(set(found)) == len(found) and set(found) <= set(known)
        assert Suggestions(known).unknown(candidate, HOST).isprintable()


# No typo of one character turns one of these words into another.
WORDS = ["free", "essentials", "premier", "subusers", "teammates", "marketing", "validation", "dedicated"]
names = st.builds(
    lambda line, word, size, version: f"milne.{line}.{word}-{size}k.v{version}",
    st.sampled_from(["ei", "x"]),
    st.sampled_from(WORDS),
    st.sampled_from([5, 10, 50, 100, 300, 700, 1500, 2500]),
    st.integers(1, 12),
)


def family(name: str) -> str:
    return name.rpartition(".v")[0]


@given(st.lists(names, unique=True, min_size=1, max_size=60), st.data())
@settings(deadline=None, derandomize=True, max_examples=200)
def test_a_typo_suggests_the_intended_name_or_another_version_of_it(known: list[str], data: st.DataObject) -> None:
    intended = data.draw(st.sampled_from(known))
    # Not in the size: another size may be as close to the typo, or equal to it.
    positions = [at for at in range(len(intended)) if not intended[at].isdigit() or at >= len(family(intended))]
    at = data.draw(st.sampled_from(positions))
    typed = data.draw(st.sampled_from(["", *string.ascii_lowercase, *(f"{c}{intended[at]}" for c in "aiox-.")]))
    typo = intended[:at] + typed + intended[at + 1 :]
    assume(typo not in known)
    found = Suggestions(known).suggest(typo)
    assert family(intended) in map(family, found)


def test_missing_names_are_listed_once_in_order(offerings: list[Offering]) -> None:
    assert [one["name"] for one in missing_names(offerings, ["z", "p.one.v1", "a", "z"])] == ["z", "a"]


def test_missing_names_have_suggestions(offerings: list[Offering]) -> None:
    assert missing_names(offerings, ["x.ip.v1", "z"]) == [
        {"name": "x.ip.v1", "suggestions": ["x.ip.v2"]},
        {"name": "z", "suggestions": []},
    ]
    assert missing_names([], ["x.ip.v1"]) == [{"name": "x.ip.v1", "suggestions": []}]


def test_name_problems_have_a_message_for_each_name(offerings: list[Offering]) -> None:
    names, filters = ["p.ome.v1", "x.ip.v2", "p.two.v1", "p.one.v1"], Filter("package", {"sends": 11})
    assert name_problems(offerings, names, filters, HOST) == [
        f"'p.ome.v1' is not in your catalog (3 offerings at {HOST}). Did you mean 'p.one.v1'?",
        "'x.ip.v2' is filtered out: its type is addon, not package.",
        "'p.one.v1' is filtered out: its sends is 10, less than 11.",
    ]
    assert name_problems(offerings, ["x.ip.v2"], Filter(None, {"sends": 1}), HOST) == [
        "'x.ip.v2' is filtered out: it states no sends."
    ]


def test_name_problems_have_suggestions_for_the_first_five_names_only(offerings: list[Offering]) -> None:
    problems = name_problems(offerings, ["x.ip.v1"] * 7, Filter(), HOST)
    message = f"'x.ip.v1' is not in your catalog (3 offerings at {HOST}). Did you mean 'x.ip.v2'?"
    assert problems == [message] * 5 + ["'x.ip.v1'"] * 2
    assert summary(problems, " ").endswith("? and 2 more")
