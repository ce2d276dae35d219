# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles, as the API would refuse or take them."""

from __future__ import annotations

import zoneinfo

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.profile import FIELDS, profile_problems

# What is published as an example, and the limits of what is.
GOOD = {
    "first_name": ["Sender", ""],
    "last_name": ["Wiz"],
    "company_name": ["Example Co"],
    "company_website": ["https://example.com", "http://example.com:8080/a?b#c", "https://EXAMPLE.com"],
    "email": ["a@b.c", "first.last+tag@sub.example.com", f"{'x' * 242}@example.com", "öwner@bücher.example"],
    "phone": ["+49301234567", "+12", "+123456789012345"],
    "timezone": ["Europe/Prague", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1"],
}
BAD = {
    "company_website": ["", "example.com", "ftp://example.com", "https://", "https://[example.com", "https://a b.com"],
    "email": ["", " ", "mail", "@example.com", "a@b", "a@b.", "a@.b", "a@b..c", "a b@c.d", "a@b@c.d", "a@b.c\n"],
    "phone": ["", "+", "+1", "030 123", "+0301234567", "+1234567890123456", "+49-30-12", "+49301234567\n", "+٤٩٣٠"],
    "timezone": ["", "Prague", "Europe/Nowhere", "europe/prague", "JST+9:00", "Europe/Prague\n", "../UTC", "/etc"],
}


@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in GOOD.items() for text in texts])
def test_what_the_api_takes_passes(field: str, text: str) -> None:
    assert profile_problems({field: text}) == []


@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in BAD.items() for text in texts])
def test_what_the_api_refuses_is_named(field: str, text: str) -> None:
    ((option, message),) = profile_problems({field: text})
    assert option == f"profile.{field}" and message.startswith(f"{text!a} is no ")
    assert message.isprintable()


def test_an_email_has_254_characters_at_most() -> None:
    ((_option, message),) = profile_problems({"email": f"{'x' * 243}@example.com"})
    assert len(message) < 150


def test_all_problems_are_told_at_once() -> None:
    problems = profile_problems(dict.fromkeys(FIELDS, "x y"))
    assert [option for option, _message in problems] == [f"profile.{field}" for field in BAD]


def test_nothing_is_asked_for() -> None:
    assert profile_problems({}) == []


def test_without_a_time_zone_database_the_shape_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    assert profile_problems({"timezone": "Europe/Nowhere"}) == []
    assert profile_problems({"timezone": "UTC"}) == []
    for bad in ("", "9", "JST+9:00", "Europe/", "Europe/Prague\n", "../UTC"):
        assert len(profile_problems({"timezone": bad})) == 1
