# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations on accounts over real sockets, and what is made of answers that the API does not promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts import api
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import (
    POLL_DELAYS,
    AccountsApi,
    email_of,
    id_problems,
    is_account_id,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code, SendGridError
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

PATH = "/v3/partners/accounts"
FREE = {"name": "org.ei.free.v1", "type": "package", "quantity": 1}
IPS = {"name": "milne.x.ip.v2", "type": "addon", "quantity": 2}
PROFILE = {"email": "owner@bakery.example"}
CODE = "one-time-code"
URL = f"https://app.sendgrid.com/sso?code={CODE}"


def accounts_of(sandbox: Sandbox, check_mode: bool = False, retries: int = 0) -> AccountsApi:
    settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, retries, 0.0, True)
    return AccountsApi(Client(settings, sleep=lambda _seconds: None), check_mode)


@pytest.fixture
def accounts(sandbox: Sandbox) -> AccountsApi:
    return accounts_of(sandbox)


@pytest.fixture
def account_id(accounts: AccountsApi, sandbox: Sandbox) -> str:
    created = accounts.create(PROFILE, [FREE], False)
    assert created
    accounts.sent_requests.clear()
    return created


def failure_of(call: Callable[[], object]) -> SendGridError:
    with pytest.raises(SendGridError) as failure:
        call()
    assert failure.value.message.isprintable()
    return failure.value


def answers(sandbox: Sandbox, document: Any, method: str = "GET", path: str = PATH, **more: Any) -> None:
    sandbox.fault(**{"method": method, "path": path, "status": 200, "body": json.dumps(document), **more})


def page(*ids: str, **more: Any) -> dict[str, Any]:
    return {"accounts": [{"id": one, "created_at": "2026-01-02T15:04:05Z"} for one in ids], **more}


def numbered(first: int, count: int) -> list[str]:
    return [f"sg{number}" for number in range(first, first + count)]


def sent(sandbox: Sandbox, method: str) -> list[str]:
    return [request["path"] for request in sandbox.requests() if request["method"] == method]


# The list


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 2), (99, 2), (100, 2), (101, 3), (250, 4)])
def test_all_accounts_are_listed_once(count: int, requests: int) -> None:
    with Sandbox("--accounts", str(count)) as sandbox:
        listed = accounts_of(sandbox).list_accounts()
        assert [account["id"] for account in listed] == [one["id"] for one in sandbox.control("GET", "/accounts")]
        assert [account["email"] for account in listed] == [f"customer-{one + 1}@example.com" for one in range(count)]
        queries = [request["query"] for request in sandbox.requests()]
    ids = [account["id"] for account in listed]
    offsets = [None, *(ids[min(end, count) - 1] for end in range(100, 100 * requests, 100))]
    assert queries == [{"limit": "100", **({"offset": offset} if offset else {})} for offset in offsets]


def test_a_lower_limit_of_the_server_is_not_taken_for_the_end(accounts: AccountsApi, sandbox: Sandbox) -> None:
    for ids in (numbered(0, 2), numbered(2, 2), []):
        answers(sandbox, page(*ids), times=1)
    assert [account["id"] for account in accounts.list_accounts()] == numbered(0, 4)


@pytest.mark.parametrize("pages", [{}, {"pages": None}, {"pages": {}}, {"pages": {"last": "../x?y"}}, {"pages": []}])
def test_without_a_usable_cursor_the_last_account_is_it(
    accounts: AccountsApi, sandbox: Sandbox, pages: dict[str, Any]
) -> None:
    answers(sandbox, page("sg1", "sg2", **pages), times=1)
    answers(sandbox, page(**pages))
    assert [account["id"] for account in accounts.list_accounts()] == ["sg1", "sg2"]
    assert [request["query"].get("offset") for request in sandbox.requests()] == [None, "sg2"]


def test_a_page_goes_on_after_its_own_last_account(accounts: AccountsApi, sandbox: Sandbox) -> None:
    """Whatever the server says is the last one, as that may be the last one of all."""
    answers(sandbox, page("sg1", "sg2", pages={"last": "sg9"}), times=1)
    answers(sandbox, page())
    accounts.list_accounts()
    assert sandbox.requests()[1]["query"]["offset"] == "sg2"


@pytest.mark.parametrize("pages", [{}, {"pages": {"last": "sg0"}}], ids=["offset ignored", "cursor does not move"])
@pytest.mark.parametrize("size", [2, 50, 100])
def test_pages_that_repeat_are_a_failure(
    accounts: AccountsApi, sandbox: Sandbox, size: int, pages: dict[str, Any]
) -> None:
    answers(sandbox, page(*numbered(0, size), **pages))
    failure = failure_of(accounts.list_accounts)
    assert failure.code == "unexpected_response" and "pages of the list repeat" in failure.message
    assert sandbox.count() == 2


def test_a_page_of_the_last_account_alone_is_the_end(accounts: AccountsApi, sandbox: Sandbox) -> None:
    for ids in (numbered(0, 99), numbered(98, 1)):
        answers(sandbox, page(*ids), times=1)
    assert [account["id"] for account in accounts.list_accounts()] == numbered(0, 99)
    assert sandbox.count() == 2


def test_pages_that_overlap_are_told_apart(accounts: AccountsApi, sandbox: Sandbox) -> None:
    for ids in (numbered(0, 100), numbered(50, 100), []):
        answers(sandbox, page(*ids), times=1)
    assert [account["id"] for account in accounts.list_accounts()] == numbered(0, 150)


def test_pages_without_end_are_a_failure(
    accounts: AccountsApi, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MAXIMUM_PAGES", 3)
    for first in range(0, 500, 100):
        answers(sandbox, page(*numbered(first, 100)), times=1)
    failure = failure_of(accounts.list_accounts)
    assert failure.code == "unexpected_response" and "does not end after 3 pages" in failure.message
    assert sandbox.count() == 3


@pytest.mark.parametrize(
    ("document", "what"),
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
def test_pages_that_are_none(accounts: AccountsApi, sandbox: Sandbox, document: Any, what: str) -> None:
    answers(sandbox, document)
    failure = failure_of(accounts.list_accounts)
    assert failure.code == "unexpected_response" and f": {what}." in failure.message


def test_ids_that_can_stand_in_a_path() -> None:
    for good in ("sg2a2bcd3ef4ab5c67d8efab91c01de2fa", "a", "A-b_9", "x" * 128):
        assert is_account_id(good) and id_problems("account_id", good) == []
    bad = ("", ".", "..", "a.b", "a/b", "a b", "a\n", "\na", "a?b", "a#b", "a%2Fb", "a\\b", "\u0661", "é", "x" * 129)
    for one in bad:
        ((option, message),) = id_problems("account_id", one)
        assert option == "account_id" and message.isascii() and message.isprintable()
    assert not is_account_id(None) and not is_account_id(7)


def test_emails_are_compared_without_regard_to_case() -> None:
    assert email_of({"email": " Owner@Bakery.Example "}) == "owner@bakery.example"
    assert [email_of(one) for one in ({}, {"email": None}, {"email": ""}, {"email": " "}, {"email": 5})] == [None] * 5


def test_emails_that_differ_in_more_than_case_are_not_the_same() -> None:
    """Else the account of one customer would be changed for the order of another."""
    assert email_of({"email": "info@stra\u00dfe.example"}) != email_of({"email": "info@strasse.example"})
    assert email_of({"email": "jos\u00e9@b.example"}) == email_of({"email": "jose\u0301@b.example"})


# Whether an account exists


def test_an_account_exists(accounts: AccountsApi, account_id: str, sandbox: Sandbox) -> None:
    assert accounts.accounts_if_absent(account_id) is None
    assert sent(sandbox, "GET") == [f"{PATH}/{account_id}/state"]


def test_a_404_is_believed_if_the_list_lacks_the_account(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    listed = accounts.accounts_if_absent("sg0")
    assert listed is not None and [account["id"] for account in listed] == [account_id]
    assert PATH in sent(sandbox, "GET")


def test_a_404_is_not_believed_of_an_account_in_the_list(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    sandbox.fault(path=f"{PATH}/{account_id}/state", status=404)
    failure = failure_of(lambda: accounts.accounts_if_absent(account_id))
    assert failure.code == "not_found" and "The list of accounts has it all the same" in failure.message
    assert failure.details["status"] == 404
    assert failure_of(lambda: accounts.accounts_if_absent(account_id.upper())).code == "not_found"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 404}, "not_found"),
        ({"status": 503}, "server_error"),
        ({"status": 200, "body": "[]"}, "unexpected_response"),
    ],
)
def test_a_404_is_not_believed_where_the_list_cannot_be_read(
    accounts: AccountsApi, sandbox: Sandbox, answer: dict[str, Any], code: str
) -> None:
    sandbox.fault(path=PATH, **answer)
    assert failure_of(lambda: accounts.accounts_if_absent("sg0")).code == code


@pytest.mark.parametrize("status", [401, 403, 500])
def test_other_failures_say_nothing_of_whether_it_exists(accounts: AccountsApi, sandbox: Sandbox, status: int) -> None:
    sandbox.fault(path=f"{PATH}/*", status=status)
    assert failure_of(lambda: accounts.accounts_if_absent("sg0")).details["status"] == status
    assert sandbox.count() == 1


# State and offerings


@pytest.mark.parametrize("document", [None, [], {}, {"state": None}, {"state": ""}, {"state": ["activated"]}])
def test_states_that_are_none(accounts: AccountsApi, sandbox: Sandbox, document: Any) -> None:
    answers(sandbox, document, path=f"{PATH}/sg1/state")
    failure = failure_of(lambda: accounts.get_state("sg1"))
    assert failure.code == "unexpected_response" and "state: text is needed" in failure.message


def test_a_state_is_fit_to_print(accounts: AccountsApi, sandbox: Sandbox) -> None:
    answers(sandbox, {"state": "on\x1b[2J hold"}, path=f"{PATH}/sg1/state")
    assert accounts.get_state("sg1") == "on [2J hold"


def test_states_are_written(accounts: AccountsApi, account_id: str) -> None:
    accounts.set_state(account_id, "deactivated")
    assert accounts.get_state(account_id) == "deactivated"


def test_a_quantity_that_is_not_stated_is_one(accounts: AccountsApi, sandbox: Sandbox) -> None:
    given = [{"name": "a", "type": "addon"}, {"name": "b", "type": "addon", "quantity": None, "more": 1}]
    answers(sandbox, {"offerings": given}, path=f"{PATH}/sg1/offerings")
    assert accounts.get_offerings("sg1") == [{"name": name, "type": "addon", "quantity": 1} for name in "ab"]


@pytest.mark.parametrize(
    ("document", "what"),
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
def test_offerings_that_are_none(accounts: AccountsApi, sandbox: Sandbox, document: Any, what: str) -> None:
    """To replace all of what is only half understood would take the rest away."""
    answers(sandbox, document, path=f"{PATH}/sg1/offerings")
    failure = failure_of(lambda: accounts.get_offerings("sg1"))
    assert failure.code == "unexpected_response" and what in failure.message


def test_offerings_are_replaced(accounts: AccountsApi, account_id: str) -> None:
    accounts.replace_offerings(account_id, [FREE, IPS])
    assert accounts.get_offerings(account_id) == [FREE, IPS]


def test_the_order_in_which_the_api_returns_them_does_not_matter(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    answers(sandbox, {"offerings": [IPS, FREE]}, "PUT", f"{PATH}/{account_id}/offerings")
    accounts.replace_offerings(account_id, [FREE, IPS])


@pytest.mark.parametrize(
    ("got", "shown"),
    [
        ([FREE], "org.ei.free.v1 (1)"),
        ([FREE, {**IPS, "quantity": 1}], "org.ei.free.v1 (1), milne.x.ip.v2 (1)"),
        ([], "none"),
    ],
)
def test_other_offerings_than_were_wanted_are_a_failure(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox, got: list[dict[str, Any]], shown: str
) -> None:
    answers(sandbox, {"offerings": got}, "PUT", f"{PATH}/{account_id}/offerings")
    failure = failure_of(lambda: accounts.replace_offerings(account_id, [FREE, IPS]))
    assert failure.code == "unexpected_response" and failure.details["uncertain"]
    assert f"other offerings now than it was given: {shown}" in failure.message


def test_an_answer_to_put_without_offerings_is_a_failure(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    answers(sandbox, {}, "PUT", f"{PATH}/{account_id}/offerings")
    assert failure_of(lambda: accounts.replace_offerings(account_id, [FREE])).code == "unexpected_response"


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


FAULTS: dict[str, dict[str, Any]] = {
    "before the answer, and not done": {"cut": "before"},
    "before the answer": {"cut": "before", "apply": True},
    "before the answer, with RST": {"cut": "before", "apply": True, "reset": True},
    "amid the headers": {"cut": "headers"},
    "amid the body": {"cut": "body"},
    "gateway timeout": {"status": 504, "apply": True},
    "server error": {"status": 500},
    "no account": {"status": 201, "body": "{}", "apply": True},
    "null": {"status": 201, "body": "null"},
    "an id that is none": {"status": 201, "body": '{"account_id": "../offerings"}'},
    "no JSON": {"status": 201, "body": "<html>"},
    "no content": {"status": 204},
    "not created": {"status": 202, "body": '{"account_id": "sg1"}'},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nobody_creates_an_account_again_of_which_nothing_is_known(sandbox: Sandbox, fault: str) -> None:
    sandbox.fault(method="POST", path=PATH, **FAULTS[fault])
    failure = failure_of(lambda: accounts_of(sandbox, retries=3).create(PROFILE, [FREE], False))
    assert sent(sandbox, "POST") == [PATH]
    assert failure.details["uncertain"] and failure.details["attempts"] == 1
    assert "The account may exist, and is billed then." in failure.message
    assert "look for the email 'owner@bakery.example' with reseller.sendgrid.sendgrid_account_info" in failure.message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
def test_an_account_that_was_refused_does_not_exist(accounts: AccountsApi, sandbox: Sandbox, status: int) -> None:
    sandbox.fault(method="POST", path=PATH, status=status)
    failure = failure_of(lambda: accounts.create(PROFILE, [FREE], False))
    assert failure.details["status"] == status and not failure.details["uncertain"]
    assert "may exist" not in failure.message


# Deleting


def test_an_account_is_deleted(accounts: AccountsApi, account_id: str, sandbox: Sandbox) -> None:
    accounts.delete(account_id)
    assert sandbox.control("GET", "/accounts") == []


def test_a_deletion_whose_answer_was_lost_has_happened(account_id: str, sandbox: Sandbox) -> None:
    sandbox.fault(method="DELETE", cut="before", apply=True, times=1)
    accounts_of(sandbox, retries=1).delete(account_id)
    assert sent(sandbox, "DELETE") == [f"{PATH}/{account_id}"] * 2
    assert sandbox.control("GET", "/accounts") == []


def test_a_deletion_that_finds_nothing_is_not_believed_while_the_account_is_there(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    sandbox.fault(method="DELETE", status=404)
    assert failure_of(lambda: accounts.delete(account_id)).code == "not_found"
    sandbox.fault(path=f"{PATH}/{account_id}/state", status=404)
    assert "The list of accounts has it all the same" in failure_of(lambda: accounts.delete(account_id)).message
    sandbox.fault(path=PATH, status=503)
    assert failure_of(lambda: accounts.delete(account_id)).code == "server_error"


def test_a_deletion_that_is_refused_fails(accounts: AccountsApi, account_id: str, sandbox: Sandbox) -> None:
    sandbox.fault(method="DELETE", status=403)
    assert failure_of(lambda: accounts.delete(account_id)).code == "forbidden"


# Signing on


def test_sign_on_returns_the_url_and_does_not_follow_it(
    accounts: AccountsApi, account_id: str, sandbox: Sandbox
) -> None:
    before = sandbox.count()
    url = accounts.create_sso_url(account_id)
    assert url and url.startswith("https://app.sendgrid.com/sso?code=")
    assert sandbox.count() == before + 1


SIGN_ON: dict[str, dict[str, Any]] = {
    "nowhere": {"status": 303},
    "an empty URL": {"status": 303, "headers": {"Location": ""}},
    "in clear": {"status": 303, "headers": {"Location": URL.replace("https", "http")}},
    "without a host": {"status": 303, "headers": {"Location": f"https:///sso?code={CODE}"}},
    "no URL": {"status": 303, "headers": {"Location": f"https://[app/sso?code={CODE}"}},
    "below": {"status": 303, "headers": {"Location": f"/sso?code={CODE}"}},
    "other redirect": {"status": 302, "headers": {"Location": URL}, "body": f"Moved to {URL}"},
    "no redirect": {"status": 200, "headers": {"Location": URL}, "body": "{}"},
    "in the body": {"status": 200, "body": json.dumps({"location": URL})},
}


@pytest.mark.parametrize("answer", SIGN_ON)
def test_what_leads_nowhere_is_a_failure_that_does_not_tell_the_code(
    accounts: AccountsApi, sandbox: Sandbox, answer: str
) -> None:
    sandbox.fault(method="POST", path=f"{PATH}/sg1/sso", **SIGN_ON[answer])
    failure = failure_of(lambda: accounts.create_sso_url("sg1"))
    assert failure.code == "unexpected_response"
    assert CODE not in json.dumps(failure.result())
    assert sent(sandbox, "POST") == [f"{PATH}/sg1/sso"]


def test_sign_on_is_not_tried_again(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", cut="headers", headers={"Location": URL})
    failure = failure_of(lambda: accounts_of(sandbox, retries=3).create_sso_url("sg1"))
    assert sandbox.count() == 1 and CODE not in json.dumps(failure.result())


# Waiting for an account that was just created


class Late:
    """Finds the account only after some failures with I(code)."""

    def __init__(self, failures: int, code: Code = "not_found") -> None:
        self.calls = 0
        self._failures = failures
        self._code = code

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._failures:
            raise SendGridError(self._code, "no")
        return "found"


@pytest.mark.parametrize("failures", [0, 1, len(POLL_DELAYS)])
def test_an_account_that_is_late_is_waited_for(sandbox: Sandbox, failures: int) -> None:
    slept: list[float] = []
    settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True)
    assert AccountsApi(Client(settings), sleep=slept.append).retry_while_not_found(Late(failures)) == "found"
    assert slept == list(POLL_DELAYS[:failures])


@pytest.mark.parametrize(("code", "calls", "waited"), [("not_found", len(POLL_DELAYS) + 1, 30), ("forbidden", 1, 0)])
def test_nothing_is_waited_for_without_end(sandbox: Sandbox, code: Code, calls: int, waited: float) -> None:
    slept: list[float] = []
    late = Late(100, code)
    settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True)
    with pytest.raises(SendGridError) as failure:
        AccountsApi(Client(settings), sleep=slept.append).retry_while_not_found(late)
    assert (failure.value.code, late.calls, sum(slept)) == (code, calls, waited)


# Check mode


def test_check_mode_sends_nothing_that_changes_anything(account_id: str, sandbox: Sandbox) -> None:
    before = sandbox.count()
    accounts = accounts_of(sandbox, check_mode=True)
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
