# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which accounts are chosen, what is read of them, and what is told of those that are not there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.account_info import read_accounts
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

PATH = "/v3/partners/accounts"
Survey = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def three_accounts() -> Iterator[Sandbox]:
    with Sandbox("--accounts", "3") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(three_accounts: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    three_accounts.reset()
    return three_accounts


@pytest.fixture
def ids(sandbox: Sandbox) -> list[str]:
    return [account["id"] for account in sandbox.control("GET", "/accounts")]


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def look(sandbox: Sandbox, warnings: list[str]) -> Survey:
    def run(**options: Any) -> dict[str, Any]:
        given = {"account_ids": None, "emails": None, "include": [], **options}
        settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True)
        return read_accounts(AccountsApi(Client(settings)), given.__getitem__, warnings.append)

    return run


def chosen(found: dict[str, Any]) -> list[str]:
    return [account["id"] for account in found["accounts"]]


def test_all_accounts_as_they_are_listed(look: Survey, ids: list[str], warnings: list[str]) -> None:
    found = look()
    assert (chosen(found), found["missing"], warnings) == (ids, [], [])
    assert found["accounts"][0].keys() == {"id", "email", "created_at", "updated_at"}


@pytest.mark.parametrize("options", [{"account_ids": []}, {"emails": []}, {"account_ids": [], "emails": []}])
def test_an_empty_choice_is_none(look: Survey, options: dict[str, Any]) -> None:
    """A variable that turned out empty must not stand for all customers."""
    assert look(**options) == {"accounts": [], "missing": []}


def test_accounts_by_id_and_by_email(look: Survey, ids: list[str], warnings: list[str]) -> None:
    found = look(account_ids=[ids[2], "sg0"], emails=[" CUSTOMER-1@example.com", "nobody@example.com"])
    assert (chosen(found), found["missing"]) == ([ids[0], ids[2]], ["sg0", "nobody@example.com"])
    assert chosen(look(account_ids=[ids[1]], emails=["customer-2@example.com"])) == [ids[1]]
    assert chosen(look(account_ids=[ids[1]])) == chosen(look(emails=["Customer-2@Example.COM"])) == [ids[1]]
    assert warnings == []


def test_offerings_and_state_are_read_of_those_that_are_chosen(look: Survey, ids: list[str], sandbox: Sandbox) -> None:
    sandbox.control("PUT", f"/accounts/{ids[1]}", {"state": "banned"})
    before = sandbox.count()
    (account,) = look(account_ids=[ids[1]], include=["offerings", "state"])["accounts"]
    (held,) = account["offerings"]
    assert (account["id"], account["state"], held["type"]) == (ids[1], "banned", "package")
    read = [request["path"] for request in sandbox.requests()[before:]]
    assert read == [PATH, PATH, f"{PATH}/{ids[1]}/offerings", f"{PATH}/{ids[1]}/state"]
    (account,) = look(account_ids=[ids[1]], include=["state"])["accounts"]
    assert "offerings" not in account


def test_an_account_that_is_gone_since_is_told_by_null(look: Survey, ids: list[str], sandbox: Sandbox) -> None:
    sandbox.fault(path=f"{PATH}/{ids[0]}/*", status=404)
    gone, there = look(account_ids=ids[:2], include=["offerings", "state"])["accounts"]
    assert (gone["offerings"], gone["state"]) == (None, None)
    assert there["offerings"] and there["state"] == "activated"


@pytest.mark.parametrize("path", [PATH, f"{PATH}/*"])
def test_what_cannot_be_read_is_a_failure(look: Survey, sandbox: Sandbox, path: str) -> None:
    sandbox.fault(path=path, status=403)
    with pytest.raises(SendGridError) as failure:
        look(include=["state"])
    assert failure.value.code == "forbidden"


@pytest.mark.parametrize(
    ("emails", "listed", "warned"),
    [
        (["a@b.example"], [{"id": "sg1"}, {"id": "sg2", "email": ""}], True),
        (["a@b.example"], [{"id": "sg1"}, {"id": "sg2", "email": "other@b.example"}], False),
        (["a@b.example"], [], False),
        ([], [{"id": "sg1"}], False),
        (None, [{"id": "sg1"}], False),
    ],
)
def test_where_no_account_has_an_email_there_is_a_warning(
    look: Survey,
    sandbox: Sandbox,
    warnings: list[str],
    emails: list[str] | None,
    listed: list[dict[str, Any]],
    warned: bool,
) -> None:
    sandbox.fault(path=PATH, status=200, body=json.dumps({"accounts": listed}), times=1)
    sandbox.fault(path=PATH, status=200, body='{"accounts": []}')
    found = look(emails=emails)
    assert found["missing"] == (emails or [])
    assert ["No account in the list has an email" in warning for warning in warnings] == [True] * warned
