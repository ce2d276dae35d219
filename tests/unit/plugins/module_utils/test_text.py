# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from outside is made safe to print."""

from __future__ import annotations

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._text import clean
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("two\r\n lines\t", "two lines"),
        ("\x1b[31mred\x1b[0m\x07", "[31mred [0m"),
        ("right\u202eleft\u200bto", "right left to"),
        (None, "None"),
        ("naïve – 日本", "naïve – 日本"),
    ],
)
def test_clean_returns_one_line_without_control_characters(text: object, expected: str) -> None:
    assert clean(text) == expected


def test_clean_masks_the_secret_and_shortens_the_text() -> None:
    assert clean("key SECRET, SECRET!", "SECRET") == "key ********, ********!"
    assert clean("x" * 301) == "x" * 299 + "…"
    assert "SECRET" not in clean("x" * 295 + "SECRET", "SECRET")


SECRET = "SG.a/b-c"


@pytest.mark.parametrize(
    "escaped",
    [
        "S\\u0047.a/b-c",
        "SG.a\\/b-c",
        "\\u0053\\u0047\\u002ea\\u002fb-c",
        "SG.a%2Fb-c",
        "%53%47.a/b%2Dc",
        "SG.a%252Fb-c",
        "SG&#46;a/b-c",
        "S G . a / b - c",
        "S\0G\0.\0a\0/\0b\0-\0c",
        "SG\u200b.a/\u2060b-c",
    ],
)
def test_clean_masks_an_escaped_secret(escaped: str) -> None:
    assert clean(f'{{"the key": "{escaped}", "is": "wrong"}}', SECRET) == "********"
    assert clean(f"{' ' * 2990}{escaped}", SECRET) == "********"
    assert clean(f"{escaped[:-1]} is 100 % wrong", SECRET) != "********"


def test_clean_masks_any_text_with_the_form_of_an_api_key() -> None:
    assert clean(f"region: got SG.{'a' * 22}.{'-' * 43}!") == "region: got ********!"


@given(st.text(), st.integers(1, 50))
def test_clean_returns_printable_text_within_the_limit(text: str, limit: int) -> None:
    found = clean(text, limit=limit)
    assert len(found) <= limit and found.isprintable()
