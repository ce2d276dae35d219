# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which accounts are selected, what is read about them, and which are reported as missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.account_info import Tolerance, read_accounts
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

PATH = "/v3/partners/accounts"
PACKAGE = "milne.ei.pro-100k.v1"
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


def test_addresses_and_usage_are_read(read: Read, ids: list[str], sandbox: Sandbox, warnings: list[str]) -> None:
    ips = {"name": "milne.x.ip.v2", "type": "addon", "quantity": 5001}
    account_id = sandbox.create(
        {"email": "many@example.com"}, [{**ips, "name": PACKAGE, "type": "package", "quantity": 1}, ips]
    )
    sandbox.control("PUT", f"/accounts/{account_id}", {"used": 120_000})
    (account,) = read(account_ids=[account_id], include=["ips", "usage"])["accounts"]
    # One more of the package. Two pages, and one to see that there are no more.
    assert len({entry["ip"] for entry in account["ips"]}) == 5002 and account["ips"][0]["region"] == "us"
    assert [request["query"] for request in sandbox.requests() if request["path"].endswith("/ips")] == [
        {"limit": "5000", **offset}
        for offset in ({}, {"offset": account["ips"][4999]["ip"]}, {"offset": account["ips"][-1]["ip"]})
    ]
    usage = account["usage"]
    assert (usage["total"], usage["used"], usage["remain"], usage["overage"]) == (100_000, 120_000, 0, 20_000)
    sent = [request["headers"] for request in sandbox.requests() if request["path"] == "/v3/user/credits"]
    assert [headers["on-behalf-of"] for headers in sent] == [f"account-id {account_id}"]
    assert warnings == []


def test_usage_without_some_fields_has_null_values(read: Read, ids: list[str], sandbox: Sandbox) -> None:
    stated = {"remain": 5, "used": "7", "overage": True, "last_reset": 2026, "plan": "x"}
    sandbox.fault(path="/v3/user/credits", status=200, body=json.dumps(stated))
    (account,) = read(account_ids=[ids[0]], include=["usage"])["accounts"]
    nothing = dict.fromkeys(["total", "used", "overage", "last_reset", "next_reset", "reset_frequency"])
    assert account["usage"] == {"remain": 5, "plan": "x", **nothing}


@pytest.mark.parametrize("document", [[], None, "x"])
def test_usage_that_is_no_object_is_a_failure(read: Read, ids: list[str], sandbox: Sandbox, document: Any) -> None:
    sandbox.fault(path="/v3/user/credits", status=200, body=json.dumps(document))
    with pytest.raises(SendGridError, match="the credits of the account are needed"):
        read(account_ids=[ids[0]], include=["usage"])


@pytest.mark.parametrize(
    "entries", [None, {}, [1], [{"ip": "192.0.2.1"}], [{"ip": "x", "region": "us"}], [{"ip": 1, "region": "us"}]]
)
def test_invalid_addresses_are_a_failure(read: Read, ids: list[str], sandbox: Sandbox, entries: Any) -> None:
    sandbox.fault(path=f"{PATH}/*", status=200, body=json.dumps({"result": entries}))
    with pytest.raises(SendGridError) as failure:
        read(account_ids=[ids[0]], include=["ips"])
    assert failure.value.code == "unexpected_response"


def test_of_250_accounts_three_fail_and_the_others_are_kept(warnings: list[str]) -> None:
    with Sandbox("--accounts", "250", "--rate-limit", "0") as sandbox:
        ids = [account["id"] for account in sandbox.control("GET", "/accounts")]
        banned = [ids[0], ids[100], ids[249]]
        for account_id in banned:
            sandbox.control("PUT", f"/accounts/{account_id}", {"state": "banned"})
        sandbox.fault(path="/v3/user/credits", status=500, skip=90, times=1)
        settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 1, 0.0, True)
        options = {"account_ids": None, "emails": None, "include": ["usage"]}
        found = read_accounts(lambda: AccountsApi(Client(settings)), options.__getitem__, warnings.append)
    assert [account["id"] for account in found["accounts"] if account["usage"] is None] == banned
    assert len(found["accounts"]) == 250
    (warning,) = warnings
    assert warning.startswith("usage is null for 3 of 250 accounts")
    assert all(f"on behalf of the account {account_id}: 403" in warning for account_id in banned)


def test_many_failures_in_a_row_end_the_task(read: Read, ids: list[str], sandbox: Sandbox) -> None:
    for number in range(40):
        sandbox.create({"email": f"{number}@example.com"}, [{"name": PACKAGE, "type": "package"}])
    sandbox.fault(path="/v3/user/credits", status=500, skip=1)
    before = sandbox.count()
    with pytest.raises(SendGridError) as failure:
        read(include=["usage"])
    assert failure.value.code == "server_error"
    # Seven before the success, if its thread is the slowest, then eight, and those that other threads have begun.
    assert sandbox.count() - before < 2 + 7 + 1 + 8 + 8


@pytest.mark.parametrize(
    ("codes", "is_accepted"),
    [
        (["server_error"] * 7, True),
        (["server_error"] * 8, False),
        (["unauthorized"] * 7 + ["timeout"], False),
        # A row of banned accounts says nothing about the others, and what follows it is the first of its kind.
        (["forbidden"] * 20 + ["server_error"], True),
        ((["server_error"] * 7 + ["forbidden"]) * 3, True),
        ((["server_error"] * 7 + [None]) * 3, True),
        (["tls"], False),
    ],
)
def test_failures_of_single_accounts_are_tolerated(codes: list[Any], is_accepted: bool) -> None:
    tolerance = Tolerance()
    *before, last = [tolerance.accepts(SendGridError(code, "x.") if code else None) for code in codes]
    assert all(before) and last == is_accepted


def test_usage_that_fails_for_all_accounts_is_a_failure(read: Read, sandbox: Sandbox, warnings: list[str]) -> None:
    sandbox.fault(path="/v3/user/credits", status=403)
    with pytest.raises(SendGridError, match="has full access"):
        read(include=["state", "usage"])
    assert read(account_ids=[], include=["usage"])["accounts"] == [] and warnings == []


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
