# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options the account module refuses, and what it reports when it fails between two steps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.account_task import provision
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.options import OPTIONS, account_problems
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

PATH = "/v3/partners/accounts"
ID = "sg2a2bcd3ef4ab5c67d8efab91c01de2fa"
BAKERY = {"email": "owner@harbour-bakery.example"}
SMALL, LARGE = "milne.ei.pro-100k.v1", "milne.ei.pro-300k.v1"


def with_defaults(**options: Any) -> dict[str, Any]:
    return {**{name: spec.get("default") for name, spec in OPTIONS.items()}, "cache_ttl": 0, "api_key": "", **options}


class Task:
    """A task of the account module. ``warnings`` and ``result`` are filled by ``run``."""

    def __init__(self, sandbox: Sandbox, **options: Any) -> None:
        self.warnings: list[str] = []
        self.result: dict[str, Any] = {}
        self._config = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True)
        self._api = AccountsApi(Client(self._config), sleep=lambda _seconds: None)
        self._options = with_defaults(cache_dir=sandbox.cache_dir, **options)

    def run(self) -> dict[str, Any]:
        """Return the diff."""
        return provision(self._api, self._config, self._options.__getitem__, self.warnings.append, self.result)

    def get_failure(self) -> SendGridError:
        with pytest.raises(SendGridError) as failure:
            self.run()
        return failure.value


@pytest.fixture
def account_id(sandbox: Sandbox) -> str:
    task = Task(sandbox, profile=BAKERY, offerings=[SMALL])
    task.run()
    return str(task.result["account_id"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"profile": BAKERY, "offerings": [SMALL]}, []),
        ({"account_id": ID, "purge_offerings": True}, ["purge_offerings"]),
        ({"account_id": ID, "state": "absent"}, []),
        # The row of a customer stays as it is, but for its state.
        ({"profile": BAKERY, "state": "absent", "offerings": [], "purge_offerings": True}, []),
        ({"account_id": ID, "state": "absent", "profile": {"phone": "1"}}, []),
        ({"state": "absent", "profile": {"email": "none", "phone": "1"}}, ["profile.email"]),
        ({"state": "absent", "offerings": []}, ["account_id, profile.email"]),
        ({"profile": {**BAKERY, "first_name": False}, "offerings": [SMALL]}, ["profile.first_name"]),
        ({"profile": {"email": None}, "offerings": [SMALL]}, ["account_id, profile.email"]),
        (
            {"account_id": "a/b", "profile": {"email": "none", "phone": "1"}},
            ["account_id", "profile.email", "profile.phone"],
        ),
    ],
)
def test_all_problems_are_reported_at_once(options: dict[str, Any], expected: list[str]) -> None:
    assert [option for option, _message in account_problems(with_defaults(**options))] == expected


def test_offerings_are_not_reported_after_an_uncertain_change(sandbox: Sandbox, account_id: str) -> None:
    sandbox.fault(method="PUT", cut="before", apply=True)
    task = Task(sandbox, account_id=account_id, offerings=[LARGE])
    failure = task.get_failure()
    assert failure.code == "connection" and failure.details["uncertain"]
    assert task.result["changed"]
    assert "offerings" not in task.result and task.result["account_state"] == "activated"


def test_completed_steps_are_reported_after_a_failure(sandbox: Sandbox) -> None:
    sandbox.fault(method="PUT", status=403)
    task = Task(sandbox, profile=BAKERY, offerings=[SMALL], state="deactivated")
    failure = task.get_failure()
    (created,) = sandbox.control("GET", "/accounts")
    # Whoever starts again without the ID may create another account.
    assert failure.code == "forbidden" and failure.details["uncertain"]
    assert failure.details["account_id"] == created["id"]
    assert failure.message.endswith(f" Go on with it: set account_id to {created['id']}.")
    assert "offerings" in task.result and task.result["created"]
    assert failure.message.startswith(f"{created['id']}: created. What was to follow failed: PUT ")
    assert task.result["changed"] and task.result["account_id"] == created["id"]


def test_accounts_without_an_email_give_a_warning(sandbox: Sandbox, account_id: str) -> None:
    page = {"accounts": [{"id": account_id, **BAKERY}, {"id": "sg2"}]}
    empty: dict[str, Any] = {"accounts": []}
    for document in (page, empty):
        sandbox.fault(path=PATH, status=200, times=1, body=json.dumps(document))
    task = Task(sandbox, profile={"email": "it@alpine-airways.example"}, offerings=[SMALL])
    task.run()
    assert task.warnings == ["1 of 2 accounts in the list have no email, and were not compared."]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_only_a_404_counts_as_deleted(sandbox: Sandbox, account_id: str, status: int) -> None:
    sandbox.fault(method="GET", path=f"{PATH}/{account_id}/state", status=status)
    failure = Task(sandbox, account_id=account_id, state="absent").get_failure()
    assert failure.details["status"] == status and len(sandbox.control("GET", "/accounts")) == 1


def test_an_id_in_another_case_does_not_count_as_deleted(sandbox: Sandbox, account_id: str) -> None:
    failure = Task(sandbox, account_id=account_id.upper(), state="absent").get_failure()
    assert failure.code == "not_found" and "does not count as deleted" in failure.message
    assert len(sandbox.control("GET", "/accounts")) == 1


def test_a_deletion_by_email_shows_what_is_lost(sandbox: Sandbox, account_id: str) -> None:
    absent = {
        "profile": {**BAKERY, "company_name": "Harbour Bakery"},
        "state": "absent",
        "offerings": ["no such offering"],
    }
    task = Task(sandbox, **absent)
    diff = task.run()
    offerings = [{"name": SMALL, "type": "package", "quantity": 1}]
    assert task.result["removed"] == offerings and task.result["account_id"] == account_id and task.result["changed"]
    assert diff["before_header"] == f"Harbour Bakery ({account_id})" and diff["after"] == {}
    assert diff["before"] == {"account_id": account_id, "state": "activated", "offerings": offerings}
    assert sandbox.control("GET", "/accounts") == []
    again = Task(sandbox, **absent)
    again.run()
    assert not again.result["changed"] and again.result["account_id"] is None
    host = sandbox.endpoint.partition("://")[2]
    assert again.result["msg"].endswith(f"none of the 0 accounts at {host} has this email.")


def test_an_account_is_not_deleted_by_email_if_one_has_none(sandbox: Sandbox, account_id: str) -> None:
    sandbox.create({"company_name": "No email"}, [{"name": SMALL, "type": "package", "quantity": 1}])
    Task(sandbox, profile=BAKERY, state="absent").run()
    failure = Task(sandbox, profile=BAKERY, state="absent").get_failure()
    assert failure.code == "unverified_account" and "1 of the 1 accounts in the list have no email" in failure.message


def test_what_was_read_is_reported_if_the_offerings_cannot_be_read(sandbox: Sandbox, account_id: str) -> None:
    sandbox.fault(method="GET", path=f"{PATH}/{account_id}/offerings", status=403)
    task = Task(sandbox, profile={**BAKERY, "first_name": "Ada"}, offerings=[SMALL])
    assert task.get_failure().code == "forbidden"
    found = {name: task.result[name] for name in ("account_id", "account_state", "ignored")}
    assert found == {"account_id": account_id, "account_state": "activated", "ignored": ["profile.first_name"]}


def test_a_state_of_the_vendor_is_reported_before_offerings_are_read(sandbox: Sandbox, account_id: str) -> None:
    sandbox.fault(method="GET", path=f"{PATH}/{account_id}/state", status=200, body='{"state": "banned"}')
    sandbox.fault(method="GET", path=f"{PATH}/{account_id}/offerings", status=403)
    failure = Task(sandbox, account_id=account_id, state="activated").get_failure()
    assert failure.code == "account_state"
    task = Task(sandbox, account_id=account_id)
    assert task.get_failure().code == "forbidden"
    assert task.warnings == [f"The account {account_id} is banned: only the vendor can lift that."]
