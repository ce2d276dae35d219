# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts are ids, and which emails are the same."""

from __future__ import annotations

from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.identity import (
    email_of,
    id_problems,
    is_account_id,
)


def test_only_ids_that_are_safe_in_a_path_are_valid() -> None:
    for valid in ("sg2a2bcd3ef4ab5c67d8efab91c01de2fa", "a", "A-b_9", "x" * 128):
        assert is_account_id(valid) and id_problems("account_id", valid) == []
    invalid = (
        "",
        ".",
        "..",
        "a.b",
        "a/b",
        "a b",
        "a\n",
        "\na",
        "a?b",
        "a#b",
        "a%2Fb",
        "a\\b",
        "\u0661",
        "é",
        "x" * 129,
    )
    for one in invalid:
        ((option, message),) = id_problems("account_id", one)
        assert option == "account_id" and message.isascii() and message.isprintable()
    assert not is_account_id(None) and not is_account_id(7)


def test_emails_are_compared_case_insensitively() -> None:
    assert email_of({"email": " Owner@Bakery.Example "}) == "owner@bakery.example"
    assert [email_of(one) for one in ({}, {"email": None}, {"email": ""}, {"email": " "}, {"email": 5})] == [None] * 5


def test_emails_are_not_case_folded() -> None:
    """Otherwise the order of one customer could change the account of another."""
    assert email_of({"email": "info@stra\u00dfe.example"}) != email_of({"email": "info@strasse.example"})
    assert email_of({"email": "jos\u00e9@b.example"}) == email_of({"email": "jose\u0301@b.example"})
