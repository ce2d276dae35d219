# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which profiles are accepted and which are refused."""

from __future__ import annotations

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts import profile
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.profile import FIELDS, profile_problems

# The published examples, and values at the limits.
VALID = {
    "first_name": ["Sender", ""],
    "last_name": ["Wiz"],
    "company_name": ["Example Co"],
    "company_website": ["https://example.com", "http://example.com:8080/a?b#c", "https://EXAMPLE.com"],
    "email": ["a@b.c", "first.last+tag@sub.example.com", f"{'x' * 242}@example.com", "öwner@bücher.example"],
    "phone": ["+49301234567", "+12", "+123456789012345"],
    "timezone": ["Europe/Prague", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1"],
}
INVALID = {
    "company_website": ["", "example.com", "ftp://example.com", "https://", "https://[example.com", "https://a b.com"],
    "email": ["", " ", "mail", "@example.com", "a@b", "a@b.", "a@.b", "a@b..c", "a b@c.d", "a@b@c.d", "a@b.c\n"],
    "phone": ["", "+", "+1", "030 123", "+0301234567", "+1234567890123456", "+49-30-12", "+49301234567\n", "+٤٩٣٠"],
    "timezone": ["", "Prague", "Europe/Nowhere", "europe/prague", "JST+9:00", "Europe/Prague\n", "../UTC", "/etc"],
}


@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in VALID.items() for text in texts])
def test_valid_fields_pass(field: str, text: str) -> None:
    assert profile_problems({field: text}) == []


@pytest.mark.parametrize(("field", "text"), [(field, text) for field, texts in INVALID.items() for text in texts])
def test_invalid_fields_are_reported(field: str, text: str) -> None:
    ((option, message),) = profile_problems({field: text})
    assert option == f"profile.{field}" and message.startswith(f"{text!a} is no ")
    assert message.isprintable()


def test_an_email_has_at_most_254_characters() -> None:
    ((_option, message),) = profile_problems({"email": f"{'x' * 243}@example.com"})
    assert len(message) < 150


def test_all_problems_are_reported_at_once() -> None:
    problems = profile_problems(dict.fromkeys(FIELDS, "x y"))
    assert [option for option, _message in problems] == [f"profile.{field}" for field in INVALID]


def test_no_field_is_required() -> None:
    assert profile_problems({}) == []


def test_only_the_form_is_checked_without_a_time_zone_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "_known_timezones", set)
    assert profile_problems({"timezone": "Europe/Nowhere"}) == []
    assert profile_problems({"timezone": "UTC"}) == []
    for invalid in ("", "9", "JST+9:00", "Europe/", "Europe/Prague\n", "../UTC"):
        assert len(profile_problems({"timezone": invalid})) == 1


@pytest.mark.parametrize("value", [False, 1.1, 420123456789, [], {}])
def test_only_text_is_accepted(value: object) -> None:
    """YAML makes these of ``No``, ``1.10`` and ``+420123456789``, and a profile cannot be changed later."""
    for field in FIELDS:
        ((option, message),) = profile_problems({field: value})
        assert option == f"profile.{field}" and "text is needed. Write it in quotes" in message
    assert profile_problems(dict.fromkeys(FIELDS)) == []


def test_unknown_fields_are_named_with_a_suggestion() -> None:
    assert profile_problems({"compny_name": "Bakery"}) == [
        ("profile.compny_name", "there is no such option. Did you mean company_name or company_website?")
    ]
