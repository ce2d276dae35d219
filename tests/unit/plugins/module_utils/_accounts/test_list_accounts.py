# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of accounts, page by page."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts import api
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.tests.support.accounts_helpers import get_failure, make_api, respond
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


def make_page(*ids: str, **more: Any) -> dict[str, Any]:
    return {"accounts": [{"id": one, "created_at": "2026-01-02T15:04:05Z"} for one in ids], **more}


def make_ids(first: int, count: int) -> list[str]:
    return [f"sg{number}" for number in range(first, first + count)]


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 2), (99, 2), (100, 2), (101, 3), (250, 4)])
def test_all_accounts_are_listed_once(count: int, requests: int) -> None:
    with Sandbox("--accounts", str(count)) as sandbox:
        listed = make_api(sandbox).list_accounts()
        assert [account["id"] for account in listed] == [one["id"] for one in sandbox.control("GET", "/accounts")]
        assert [account["email"] for account in listed] == [f"customer-{one + 1}@example.com" for one in range(count)]
        queries = [request["query"] for request in sandbox.requests()]
    ids = [account["id"] for account in listed]
    offsets = [None, *(ids[min(end, count) - 1] for end in range(100, 100 * requests, 100))]
    assert queries == [{"limit": "100", **({"offset": offset} if offset else {})} for offset in offsets]


def test_a_page_that_is_not_full_is_not_the_end(accounts: AccountsApi, sandbox: Sandbox) -> None:
    for ids in (make_ids(0, 2), make_ids(2, 2), []):
        respond(sandbox, make_page(*ids), times=1)
    assert [account["id"] for account in accounts.list_accounts()] == make_ids(0, 4)


@pytest.mark.parametrize("pages", [{}, {"pages": None}, {"pages": {}}, {"pages": {"last": "../x?y"}}, {"pages": []}])
def test_the_last_account_is_the_cursor_if_the_page_has_none(
    accounts: AccountsApi, sandbox: Sandbox, pages: dict[str, Any]
) -> None:
    respond(sandbox, make_page("sg1", "sg2", **pages), times=1)
    respond(sandbox, make_page(**pages))
    assert [account["id"] for account in accounts.list_accounts()] == ["sg1", "sg2"]
    assert [request["query"].get("offset") for request in sandbox.requests()] == [None, "sg2"]


def test_the_next_page_follows_the_last_account_of_the_page(accounts: AccountsApi, sandbox: Sandbox) -> None:
    """Not ``pages.last``, which may be the last account of the whole list."""
    respond(sandbox, make_page("sg1", "sg2", pages={"last": "sg9"}), times=1)
    respond(sandbox, make_page())
    accounts.list_accounts()
    assert sandbox.requests()[1]["query"]["offset"] == "sg2"


@pytest.mark.parametrize("pages", [{}, {"pages": {"last": "sg0"}}], ids=["offset ignored", "cursor does not move"])
@pytest.mark.parametrize("size", [2, 50, 100])
def test_repeated_pages_are_a_failure(
    accounts: AccountsApi, sandbox: Sandbox, size: int, pages: dict[str, Any]
) -> None:
    respond(sandbox, make_page(*make_ids(0, size), **pages))
    failure = get_failure(accounts.list_accounts)
    assert failure.code == "unexpected_response" and "pages of the list repeat" in failure.message
    assert sandbox.count() == 2


def test_a_page_with_only_the_last_account_is_the_end(accounts: AccountsApi, sandbox: Sandbox) -> None:
    for ids in (make_ids(0, 99), make_ids(98, 1)):
        respond(sandbox, make_page(*ids), times=1)
    assert [account["id"] for account in accounts.list_accounts()] == make_ids(0, 99)
    assert sandbox.count() == 2


def test_overlapping_pages_list_each_account_once(accounts: AccountsApi, sandbox: Sandbox) -> None:
    for ids in (make_ids(0, 100), make_ids(50, 100), []):
        respond(sandbox, make_page(*ids), times=1)
    assert [account["id"] for account in accounts.list_accounts()] == make_ids(0, 150)


def test_endless_pages_are_a_failure(accounts: AccountsApi, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MAXIMUM_PAGES", 3)
    for first in range(0, 500, 100):
        respond(sandbox, make_page(*make_ids(first, 100)), times=1)
    failure = get_failure(accounts.list_accounts)
    assert failure.code == "unexpected_response" and "does not end after 3 pages" in failure.message
    assert sandbox.count() == 3


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (None, "accounts: a list is needed"),
        ([], "accounts: a list is needed"),
        ({}, "accounts: a list is needed"),
        ({"accounts": None}, "accounts: a list is needed"),
        ({"accounts": {"id": "sg1"}}, "accounts: a list is needed"),
        ({"accounts": ["sg1"]}, "accounts[0].id: the id of an account is needed"),
        ({"accounts": [{"id": "sg1"}, {"created_at": "x"}]}, "accounts[1].id: the id of an account is needed"),
        ({"accounts": [{"id": None}]}, "accounts[0].id: the id of an account is needed"),
        ({"accounts": [{"id": 1}]}, "accounts[0].id: the id of an account is needed"),
        ({"accounts": [{"id": "sg1/state"}]}, "accounts[0].id: the id of an account is needed"),
        ({"accounts": [{"id": "sg1\n"}]}, "accounts[0].id: the id of an account is needed"),
    ],
)
def test_invalid_pages_are_a_failure(accounts: AccountsApi, sandbox: Sandbox, document: Any, problem: str) -> None:
    respond(sandbox, document)
    failure = get_failure(accounts.list_accounts)
    assert failure.code == "unexpected_response" and f": {problem}." in failure.message
