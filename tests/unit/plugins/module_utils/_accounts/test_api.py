# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on accounts over real sockets, and invalid responses to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import POLL_DELAYS, AccountsApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code, SendGridError
from ansible_collections.reseller.sendgrid.tests.support.accounts_helpers import (
    PATH,
    get_failure,
    make_api,
    paths_of,
    respond,
)
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

FREE = {"name": "org.ei.free.v1", "type": "package", "quantity": 1}
IPS = {"name": "milne.x.ip.v2", "type": "addon", "quantity": 2}
PROFILE = {"email": "owner@bakery.example"}
CODE = "one-time-code"
URL = f"https://app.sendgrid.com/sso?code={CODE}"


@pytest.fixture
def account_id(accounts: AccountsApi, sandbox: Sandbox) -> str:
    created = accounts.create(PROFILE, [FREE], False)
    assert created
    accounts.sent_requests.clear()
    return created


# Whether an account exists


NOT_FOUND = SendGridError("not_found", "404 Not Found.", status=404)


def test_a_404_counts_as_deleted_if_the_account_is_not_listed(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    listing = accounts.confirm_absence("sg0", NOT_FOUND)
    assert [account["id"] for account in listing.accounts] == [account_id]
    before = sandbox.count()
    assert accounts.confirm_absence("sg0", NOT_FOUND, listing) is listing and sandbox.count() == before


def test_a_404_is_a_failure_if_the_account_is_listed(accounts: AccountsApi, account_id: str) -> None:
    failure = get_failure(lambda: accounts.confirm_absence(account_id, NOT_FOUND))
    assert failure.code == "not_found" and "The list of accounts still has it" in failure.message
    assert failure.details["status"] == 404
    assert get_failure(lambda: accounts.confirm_absence(account_id.upper(), NOT_FOUND)).code == "not_found"


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ({"status": 404}, "not_found"),
        ({"status": 503}, "server_error"),
        ({"status": 200, "body": "[]"}, "unexpected_response"),
    ],
)
def test_a_404_is_a_failure_if_the_list_cannot_be_read(
    accounts: AccountsApi, sandbox: Sandbox, response: dict[str, Any], code: str
) -> None:
    sandbox.fault(path=PATH, **response)
    assert get_failure(lambda: accounts.confirm_absence("sg0", NOT_FOUND)).code == code


# State and offerings


@pytest.mark.parametrize("document", [None, [], {}, {"state": None}, {"state": ""}, {"state": ["activated"]}])
def test_invalid_states_are_a_failure(accounts: AccountsApi, sandbox: Sandbox, document: Any) -> None:
    respond(sandbox, document, path=f"{PATH}/sg1/state")
    failure = get_failure(lambda: accounts.get_state("sg1"))
    assert failure.code == "unexpected_response" and "state: text is needed" in failure.message


def test_control_characters_are_removed_from_a_state(accounts: AccountsApi, sandbox: Sandbox) -> None:
    respond(sandbox, {"state": "on\x1b[2J hold"}, path=f"{PATH}/sg1/state")
    assert accounts.get_state("sg1") == "on [2J hold"


def test_a_state_is_set(accounts: AccountsApi, account_id: str) -> None:
    accounts.set_state(account_id, "deactivated")
    assert accounts.get_state(account_id) == "deactivated"


def test_a_missing_quantity_is_1(accounts: AccountsApi, sandbox: Sandbox) -> None:
    given = [{"name": "a", "type": "addon"}, {"name": "b", "type": "addon", "quantity": None, "more": 1}]
    respond(sandbox, {"offerings": given}, path=f"{PATH}/sg1/offerings")
    assert accounts.get_offerings("sg1") == [{"name": name, "type": "addon", "quantity": 1} for name in "ab"]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (None, "offerings: a list is needed"),
        ({"offerings": None}, "offerings: a list is needed"),
        ({"offerings": {}}, "offerings: a list is needed"),
        ({"offerings": [FREE, "milne.x.ip.v2"]}, "offerings[1]: name and type"),
        ({"offerings": [{**FREE, "name": None}]}, "offerings[0]: name and type"),
        ({"offerings": [{**FREE, "name": ""}]}, "offerings[0]: name and type"),
        ({"offerings": [{"name": "a"}]}, "offerings[0]: name and type"),
        ({"offerings": [{**IPS, "quantity": "2"}]}, "offerings[0]: name and type"),
        ({"offerings": [{**IPS, "quantity": 1.5}]}, "offerings[0]: name and type"),
        ({"offerings": [{**IPS, "quantity": True}]}, "offerings[0]: name and type"),
        ({"offerings": [IPS, FREE, IPS]}, "offerings[2]: 'milne.x.ip.v2' is there twice"),
    ],
)
def test_invalid_offerings_are_a_failure(accounts: AccountsApi, sandbox: Sandbox, document: Any, problem: str) -> None:
    """Replacing offerings that were only partly understood would remove the others."""
    respond(sandbox, document, path=f"{PATH}/sg1/offerings")
    failure = get_failure(lambda: accounts.get_offerings("sg1"))
    assert failure.code == "unexpected_response" and problem in failure.message


def test_offerings_are_replaced(accounts: AccountsApi, account_id: str) -> None:
    accounts.replace_offerings(account_id, [FREE, IPS])
    assert accounts.get_offerings(account_id) == [FREE, IPS]


def test_the_sequence_of_returned_offerings_does_not_matter(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    respond(sandbox, {"offerings": [IPS, FREE]}, "PUT", f"{PATH}/{account_id}/offerings")
    accounts.replace_offerings(account_id, [FREE, IPS])


@pytest.mark.parametrize(
    ("returned", "shown"),
    [
        ([FREE], "org.ei.free.v1 (1)"),
        ([FREE, {**IPS, "quantity": 1}], "org.ei.free.v1 (1), milne.x.ip.v2 (1)"),
        ([], "none"),
    ],
)
def test_other_offerings_than_requested_are_a_failure(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox, returned: list[dict[str, Any]], shown: str
) -> None:
    respond(sandbox, {"offerings": returned}, "PUT", f"{PATH}/{account_id}/offerings")
    failure = get_failure(lambda: accounts.replace_offerings(account_id, [FREE, IPS]))
    assert failure.code == "unexpected_response" and failure.details["uncertain"]
    assert f"other offerings now than it was given: {shown}" in failure.message


def test_a_response_without_offerings_is_a_failure(accounts: AccountsApi, account_id: str, sandbox: Sandbox) -> None:
    respond(sandbox, {}, "PUT", f"{PATH}/{account_id}/offerings")
    assert get_failure(lambda: accounts.replace_offerings(account_id, [FREE])).code == "unexpected_response"


# Creating


@pytest.mark.parametrize("test", [False, True])
def test_an_account_is_created(accounts: AccountsApi, sandbox: Sandbox, test: bool) -> None:
    created = accounts.create(PROFILE, [FREE, IPS], test)
    (account,) = sandbox.control("GET", "/accounts")
    assert (account["id"], account["profile"], account["offerings"]) == (created, PROFILE, [FREE, IPS])
    assert account["test"] is test
    (request,) = sandbox.requests()
    assert ("t-test-account" in request["headers"]) is test
    body = {"profile": PROFILE, "offerings": [FREE, IPS]}
    headers = {"T-Test-Account": "true"} if test else {}
    assert accounts.sent_requests == [{"method": "POST", "path": PATH, "headers": headers, "body": body}]


UNCERTAIN_FAULTS: dict[str, dict[str, Any]] = {
    "before the response, not carried out": {"cut": "before"},
    "before the response": {"cut": "before", "apply": True},
    "before the response, with RST": {"cut": "before", "apply": True, "reset": True},
    "within the headers": {"cut": "headers"},
    "within the body": {"cut": "body"},
    "gateway timeout": {"status": 504, "apply": True},
    "server error": {"status": 500},
    "no account": {"status": 201, "body": "{}", "apply": True},
    "null": {"status": 201, "body": "null"},
    "an invalid id": {"status": 201, "body": '{"account_id": "../offerings"}'},
    "no JSON": {"status": 201, "body": "<html>"},
    "no content": {"status": 204},
    "not created": {"status": 202, "body": '{"account_id": "sg1"}'},
}


@pytest.mark.parametrize("fault", UNCERTAIN_FAULTS)
def test_an_uncertain_creation_is_not_retried(sandbox: Sandbox, fault: str) -> None:
    sandbox.fault(method="POST", path=PATH, **UNCERTAIN_FAULTS[fault])
    failure = get_failure(lambda: make_api(sandbox, retries=3).create(PROFILE, [FREE], False))
    assert paths_of(sandbox, "POST") == [PATH]
    assert failure.details["uncertain"] and failure.details["attempts"] == 1
    assert "The account may exist, and is billed then." in failure.message
    assert "look for the email 'owner@bakery.example' with reseller.sendgrid.sendgrid_account_info" in failure.message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
def test_a_refused_creation_is_not_uncertain(accounts: AccountsApi, sandbox: Sandbox, status: int) -> None:
    sandbox.fault(method="POST", path=PATH, status=status)
    failure = get_failure(lambda: accounts.create(PROFILE, [FREE], False))
    assert failure.details["status"] == status and not failure.details["uncertain"]
    assert "may exist" not in failure.message


# Deleting


def test_an_account_is_deleted(accounts: AccountsApi, account_id: str, sandbox: Sandbox) -> None:
    accounts.delete(account_id)
    assert sandbox.control("GET", "/accounts") == []


def test_a_deletion_succeeds_if_only_its_response_is_lost(account_id: str, sandbox: Sandbox) -> None:
    sandbox.fault(method="DELETE", cut="before", apply=True, times=1)
    make_api(sandbox, retries=1).delete(account_id)
    assert paths_of(sandbox, "DELETE") == [f"{PATH}/{account_id}"] * 2
    assert sandbox.control("GET", "/accounts") == []


def test_a_deletion_with_404_is_a_failure_if_the_account_exists(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    sandbox.fault(method="DELETE", status=404)
    assert get_failure(lambda: accounts.delete(account_id)).code == "not_found"
    sandbox.fault(path=f"{PATH}/{account_id}/state", status=404)
    assert "The list of accounts still has it" in get_failure(lambda: accounts.delete(account_id)).message
    sandbox.fault(path=PATH, status=503)
    assert get_failure(lambda: accounts.delete(account_id)).code == "server_error"


def test_a_refused_deletion_is_a_failure(accounts: AccountsApi, account_id: str, sandbox: Sandbox) -> None:
    sandbox.fault(method="DELETE", status=403)
    assert get_failure(lambda: accounts.delete(account_id)).code == "forbidden"


# Single sign-on


def test_create_sso_url_returns_the_url_and_does_not_follow_it(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    before = sandbox.count()
    url = accounts.create_sso_url(account_id)
    assert url and url.startswith("https://app.sendgrid.com/sso?code=")
    assert sandbox.count() == before + 1


UNUSABLE_RESPONSES: dict[str, dict[str, Any]] = {
    "no URL": {"status": 303},
    "an empty URL": {"status": 303, "headers": {"Location": ""}},
    "unencrypted": {"status": 303, "headers": {"Location": URL.replace("https", "http")}},
    "without a host": {"status": 303, "headers": {"Location": f"https:///sso?code={CODE}"}},
    "an invalid URL": {"status": 303, "headers": {"Location": f"https://[app/sso?code={CODE}"}},
    "relative": {"status": 303, "headers": {"Location": f"/sso?code={CODE}"}},
    "other redirect": {"status": 302, "headers": {"Location": URL}, "body": f"Moved to {URL}"},
    "no redirect": {"status": 200, "headers": {"Location": URL}, "body": "{}"},
    "in the body": {"status": 200, "body": json.dumps({"location": URL})},
}


@pytest.mark.parametrize("response", UNUSABLE_RESPONSES)
def test_an_unusable_sso_url_is_a_failure_that_does_not_show_the_code(
    accounts: AccountsApi, sandbox: Sandbox, response: str
) -> None:
    sandbox.fault(method="POST", path=f"{PATH}/sg1/sso", **UNUSABLE_RESPONSES[response])
    failure = get_failure(lambda: accounts.create_sso_url("sg1"))
    assert failure.code == "unexpected_response"
    assert CODE not in json.dumps(failure.result())
    assert paths_of(sandbox, "POST") == [f"{PATH}/sg1/sso"]


def test_create_sso_url_is_not_retried(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", cut="headers", headers={"Location": URL})
    failure = get_failure(lambda: make_api(sandbox, retries=3).create_sso_url("sg1"))
    assert sandbox.count() == 1 and CODE not in json.dumps(failure.result())


# Waiting for an account that was just created


class FoundLater:
    """Returns only after a number of failures with ``code``."""

    def __init__(self, failures: int, code: Code = "not_found") -> None:
        self.calls = 0
        self._failures = failures
        self._code = code

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._failures:
            raise SendGridError(self._code, "not yet")
        return "found"


@pytest.mark.parametrize("failures", [0, 1, len(POLL_DELAYS)])
def test_retries_continue_until_the_account_is_found(sandbox: Sandbox, failures: int) -> None:
    slept: list[float] = []
    settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True)
    assert AccountsApi(Client(settings), sleep=slept.append).retry_while_not_found(FoundLater(failures)) == "found"
    assert slept == list(POLL_DELAYS[:failures])


@pytest.mark.parametrize(
    ("code", "calls", "total_delay"), [("not_found", len(POLL_DELAYS) + 1, 30), ("forbidden", 1, 0)]
)
def test_retries_end_after_the_last_delay_or_another_failure(
    sandbox: Sandbox, code: Code, calls: int, total_delay: float
) -> None:
    slept: list[float] = []
    late = FoundLater(100, code)
    settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True)
    with pytest.raises(SendGridError) as failure:
        AccountsApi(Client(settings), sleep=slept.append).retry_while_not_found(late)
    assert (failure.value.code, late.calls, sum(slept)) == (code, calls, total_delay)


# Check mode


def test_check_mode_sends_no_write_requests(account_id: str, sandbox: Sandbox) -> None:
    before = sandbox.count()
    accounts = make_api(sandbox, check_mode=True)
    accounts.replace_offerings(account_id, [FREE, IPS])
    accounts.set_state(account_id, "deactivated")
    assert accounts.create(PROFILE, [FREE], True) is None
    accounts.delete(account_id)
    assert accounts.create_sso_url(account_id) is None
    assert sandbox.count() == before
    assert [(one["method"], one["path"].removeprefix(f"{PATH}/{account_id}")) for one in accounts.sent_requests] == [
        ("PUT", "/offerings"),
        ("PUT", "/state"),
        ("POST", PATH),
        ("DELETE", ""),
        ("POST", "/sso"),
    ]
