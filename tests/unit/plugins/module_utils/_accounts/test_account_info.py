# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which accounts are selected, what is read about them, and which are reported as missing."""

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
Read = Callable[..., dict[str, Any]]


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
def read(sandbox: Sandbox, warnings: list[str]) -> Read:
    def run(**options: Any) -> dict[str, Any]:
        given = {"account_ids": None, "emails": None, "include": [], **options}
        settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True)
        return read_accounts(lambda: AccountsApi(Client(settings)), given.__getitem__, warnings.append)

    return run


def ids_of(found: dict[str, Any]) -> list[str]:
    return [account["id"] for account in found["accounts"]]


def test_all_accounts_are_returned_as_listed(read: Read, ids: list[str], warnings: list[str]) -> None:
    found = read()
    assert (ids_of(found), found["missing"], warnings) == (ids, [], [])
    assert found["accounts"][0].keys() == {"id", "email", "created_at", "updated_at"}


@pytest.mark.parametrize("options", [{"account_ids": []}, {"emails": []}, {"account_ids": [], "emails": []}])
def test_empty_lists_select_no_accounts(read: Read, options: dict[str, Any]) -> None:
    """A variable that is empty by mistake must not select all customers."""
    assert read(**options) == {"accounts": [], "missing": []}


def test_accounts_are_selected_by_id_and_email(read: Read, ids: list[str], warnings: list[str]) -> None:
    found = read(account_ids=[ids[2], "sg0"], emails=[" CUSTOMER-1@example.com", "nobody@example.com"])
    assert (ids_of(found), found["missing"]) == ([ids[0], ids[2]], ["sg0", "nobody@example.com"])
    assert ids_of(read(account_ids=[ids[1]], emails=["customer-2@example.com"])) == [ids[1]]
    assert ids_of(read(account_ids=[ids[1]])) == ids_of(read(emails=["Customer-2@Example.COM"])) == [ids[1]]
    assert warnings == []


def test_offerings_and_state_are_read_for_selected_accounts_only(read: Read, ids: list[str], sandbox: Sandbox) -> None:
    sandbox.control("PUT", f"/accounts/{ids[1]}", {"state": "banned"})
    before = sandbox.count()
    (account,) = read(account_ids=[ids[1]], include=["offerings", "state"])["accounts"]
    (held,) = account["offerings"]
    assert (account["id"], account["state"], held["type"]) == (ids[1], "banned", "package")
    paths = [request["path"] for request in sandbox.requests()[before:]]
    assert sorted(paths) == [PATH, PATH, f"{PATH}/{ids[1]}/offerings", f"{PATH}/{ids[1]}/state"]
    (account,) = read(account_ids=[ids[1]], include=["state"])["accounts"]
    assert "offerings" not in account


def test_an_account_deleted_meanwhile_has_null_values(read: Read, ids: list[str], sandbox: Sandbox) -> None:
    sandbox.fault(path=f"{PATH}/{ids[0]}/*", status=404)
    deleted, existing = read(account_ids=ids[:2], include=["offerings", "state"])["accounts"]
    assert (deleted["offerings"], deleted["state"]) == (None, None)
    assert existing["offerings"] and existing["state"] == "activated"


@pytest.mark.parametrize("path", [PATH, f"{PATH}/*"])
def test_a_failed_request_is_a_failure(read: Read, sandbox: Sandbox, path: str) -> None:
    sandbox.fault(path=path, status=403)
    with pytest.raises(SendGridError) as failure:
        read(include=["state"])
    assert failure.value.code == "forbidden"


@pytest.mark.parametrize(
    ("emails", "listed", "has_warning"),
    [
        (["a@b.example"], [{"id": "sg1"}, {"id": "sg2", "email": ""}], True),
        (["a@b.example"], [{"id": "sg1"}, {"id": "sg2", "email": "other@b.example"}], False),
        (["a@b.example"], [], False),
        ([], [{"id": "sg1"}], False),
        (None, [{"id": "sg1"}], False),
    ],
)
def test_a_list_without_emails_gives_a_warning(
    read: Read,
    sandbox: Sandbox,
    warnings: list[str],
    emails: list[str] | None,
    listed: list[dict[str, Any]],
    has_warning: bool,
) -> None:
    sandbox.fault(path=PATH, status=200, body=json.dumps({"accounts": listed}), times=1)
    sandbox.fault(path=PATH, status=200, body='{"accounts": []}')
    found = read(emails=emails)
    assert found["missing"] == (emails or [])
    assert ["No account in the list has an email" in warning for warning in warnings] == [True] * has_warning
