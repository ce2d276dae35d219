# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the list shows and what the creation journal says decide together, over real sockets."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.account_task import provision
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.journal import Entry, Journal, decode, encode
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.options import OPTIONS
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.exceptions import TransportError
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.transport import Request, Transport
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.accounts_helpers import PATH
from ansible_collections.reseller.sendgrid.tests.support.accounts_task import (
    LARGE,
    Task,
    customer,
    package,
    seed,
    stored,
    writes,
)
from ansible_collections.reseller.sendgrid.tests.support.journal_files import journal_files, put_entry
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

EMAIL = "owner-1@example.com"
HIDDEN = 86_400
YOUNG, OLD, FUTURE = 30, 601, -3600


def make_account(sandbox: Sandbox) -> str:
    return sandbox.create({"email": EMAIL, "company_name": "Customer 1"}, [package("milne.ei.pro-100k.v1")])


def outcome(task: Task) -> str:
    """Return the failure code of the only row, else its action."""
    (row,) = task.result["accounts"]
    return str(row["failure"]["code"] if row["failure"] else row["action"])


def check_alone(sandbox: Sandbox) -> tuple[str | None, bool]:
    """Return the failure code of a task of ``sendgrid_account`` in check mode, and its result ``created``."""
    row = customer(1)
    options = {name: spec.get("default") for name, spec in OPTIONS.items()}
    options |= {"cache_ttl": 0, "cache_dir": sandbox.cache_dir, "api_key": sandbox.key, "create_unverified": True}
    options |= {name: value for name, value in row.items() if name in options}
    config = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 0, 0.0, True)
    api = AccountsApi(Client(config), check_mode=True, sleep=lambda _seconds: None)
    result: dict[str, Any] = {}
    try:
        provision(api, config, options.__getitem__, lambda _warning: None, result)
    except SendGridError as error:
        return error.code, result["created"]
    return None, result["created"]


# What the list shows, the entry, its age in seconds: what happens, and whether the task reports a creation.
TABLE = [
    ("one", None, 0, "unchanged", False),
    ("one", "sent", YOUNG, "created", True),
    ("one", "sent", OLD, "unchanged", False),
    ("one", "sent", FUTURE, "created", True),
    ("one", "same", YOUNG, "unchanged", False),
    ("one", "other", YOUNG, "ambiguous_account", False),
    ("one", "other", OLD, "unchanged", False),
    ("two", None, 0, "ambiguous_account", False),
    ("two", "sent", YOUNG, "ambiguous_account", False),
    ("two", "same", YOUNG, "ambiguous_account", False),
    ("none", None, 0, "created", True),
    ("none", "sent", YOUNG, "creation_pending", False),
    ("none", "sent", OLD, "created", True),
    ("none", "sent", FUTURE, "creation_pending", False),
    ("none", "same", YOUNG, "unchanged", False),
    ("none", "other", YOUNG, "creation_pending", False),
    ("none", "other", OLD, "created", True),
    ("none", "damaged", YOUNG, "creation_pending", False),
    ("none", "damaged", OLD, "created", True),
    ("none", "damaged", FUTURE, "creation_pending", False),
    ("one", "damaged", YOUNG, "created", True),
]


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "run"])
@pytest.mark.parametrize(("listed", "entry", "age", "expected", "created"), TABLE)
def test_the_list_and_the_journal_decide(
    sandbox: Sandbox, listed: str, entry: str | None, age: float, expected: str, created: bool, check_mode: bool
) -> None:
    ids = [make_account(sandbox) for _number in range({"one": 1, "two": 2, "none": int(entry == "same")}[listed])]
    sandbox.control("PUT", "/list-lag", HIDDEN if listed == "none" else 0)
    if entry:
        put_entry(
            sandbox, EMAIL, {"same": ids[:1], "other": ["sgother"]}.get(entry, [None])[0], age, entry == "damaged"
        )
    before, files, sent = stored(sandbox), journal_files(sandbox), len(writes(sandbox))
    # A reseller whose list shows no emails sets create_unverified always.
    task = Task(sandbox, customer(1), check_mode=check_mode, create_unverified=True, cache_dir=sandbox.cache_dir)
    task.run_anyway()
    (row,) = task.result["accounts"]
    assert outcome(task) == expected and row["created"] == created
    posted = writes(sandbox)[sent:]
    is_new = listed == "none" and expected == "created"
    assert posted == (["POST accounts"] if is_new and not check_mode else [])
    if check_mode:
        code = row["failure"]["code"] if row["failure"] else None
        assert check_alone(sandbox) == (code, created)
        assert stored(sandbox) == before and journal_files(sandbox) == files
    if expected == "creation_pending":
        details = row["failure"]["details"]
        assert details["uncertain"] and Path(details["journal"]).name == next(iter(journal_files(sandbox)))
        assert details["pending_until"] in row["failure"]["message"]
    if created and not check_mode:
        (content,) = journal_files(sandbox).values()
        known = decode(content)
        assert known is not None and known.account_id == row["account_id"]
        # The next task reports no creation.
        again = Task(sandbox, customer(1)).run()
        assert outcome(again) == "unchanged" and not again.result["accounts"][0]["created"]
    if entry in ("sent", "damaged") and age == FUTURE and listed == "none" and not check_mode:
        # It was rewritten, so that it ends.
        (content,) = journal_files(sandbox).values()
        known = decode(content)
        assert known is not None and known.ends_at <= time.time() + 600
    assert task.warnings == []


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "run"])
@pytest.mark.parametrize(
    ("entry", "age", "expected"),
    [
        ("sent", YOUNG, "creation_pending"),
        ("same", YOUNG, "deleted"),
        ("same", OLD, "unchanged"),
        (None, 0, "unchanged"),
    ],
)
def test_a_new_account_is_deleted_by_email_although_the_list_lacks_it(
    sandbox: Sandbox, entry: str | None, age: float, expected: str, check_mode: bool
) -> None:
    account_id = make_account(sandbox)
    sandbox.control("PUT", "/list-lag", HIDDEN)
    if entry:
        put_entry(sandbox, EMAIL, account_id if entry == "same" else None, age)
    task = Task(sandbox, customer(1, state="absent"), check_mode=check_mode, max_deletions=1).run_anyway()
    assert outcome(task) == expected
    assert (EMAIL not in stored(sandbox)) == (expected == "deleted" and not check_mode)
    if expected == "deleted" and not check_mode:
        assert journal_files(sandbox) == {}
        # Created, deleted and created again: that works at once.
        assert outcome(Task(sandbox, customer(1)).run()) == "created"


def test_a_lost_answer_to_a_deletion_keeps_the_entry(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1))
    files = journal_files(sandbox)
    sandbox.fault(method="DELETE", status=500)
    Task(sandbox, customer(1, state="absent"), max_deletions=1).run_anyway()
    assert journal_files(sandbox) == files != {}


@pytest.mark.parametrize(
    ("fault", "is_kept"),
    [
        ({"status": 500}, True),
        ({"status": 418}, True),
        ({"cut": "before"}, True),
        ({"status": 200, "body": "<html>"}, True),
        *(({"status": status}, False) for status in (400, 401, 403, 404, 406, 451)),
    ],
)
def test_only_a_refusal_removes_the_entry(sandbox: Sandbox, fault: dict[str, Any], is_kept: bool) -> None:
    sandbox.fault(method="POST", times=1, **fault)
    task = Task(sandbox, customer(1))
    task.get_failure() if fault.get("status") in (401, 403, 451) else task.run_anyway()
    assert bool(journal_files(sandbox)) == is_kept
    assert outcome(Task(sandbox, customer(1)).run_anyway()) == ("creation_pending" if is_kept else "created")


def test_an_entry_lives_60_s_after_429(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", status=429)
    Task(sandbox, customer(1)).run_anyway()
    (content,) = journal_files(sandbox).values()
    entry = decode(content)
    assert entry is not None and entry.ends_at - entry.written_at == pytest.approx(60)


@pytest.mark.parametrize("lag", [0, HIDDEN])
def test_the_list_is_read_before_a_creation_is_sent_again(sandbox: Sandbox, lag: float) -> None:
    sandbox.control("PUT", "/list-lag", lag)
    sandbox.fault(method="POST", status=429, apply=True, times=1)
    task = Task(sandbox, customer(1), customer(2), retries=1).run()
    assert task.slept and min(task.slept) >= 5
    assert task.actions() == ["created", "created"] and all(row["created"] for row in task.result["accounts"])
    # What a list that lags does not show cannot be known.
    assert len(sandbox.control("GET", "/accounts")) == (2 if not lag else 3)


def test_429_and_then_400_keeps_the_entry(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", status=429, times=1)
    sandbox.fault(method="POST", status=400, times=1)
    Task(sandbox, customer(1), retries=1).run_anyway()
    (content,) = journal_files(sandbox).values()
    entry = decode(content)
    assert entry is not None and entry.ends_at - entry.written_at == pytest.approx(60)


@pytest.mark.parametrize("seconds", [301, -1])
def test_an_old_list_is_read_again_under_the_lock(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    passed = [0.0]
    monkeypatch.setattr(Journal.__init__, "__defaults__", (lambda: time.time() + passed[0], time.sleep))

    def grow_old(task: Task) -> None:
        # Someone else creates the account meanwhile.
        make_account(sandbox)
        passed[0] = seconds

    task = Task(sandbox, customer(1), before_apply=grow_old).run()
    assert outcome(task) == "unchanged" and len(stored(sandbox)) == 1 and not task.result["accounts"][0]["created"]


def test_a_list_from_before_an_entry_ended_is_read_again(sandbox: Sandbox) -> None:
    def send(task: Task) -> None:
        make_account(sandbox)
        put_entry(sandbox, EMAIL, None, 60, lifetime=60)

    task = Task(sandbox, customer(1), before_apply=send).run()
    assert outcome(task) == "unchanged" and len(sandbox.control("GET", "/accounts")) == 1


def test_an_account_that_another_task_has_created_gets_this_order(sandbox: Sandbox) -> None:
    def create(task: Task) -> None:
        seed(sandbox, customer(1))
        sandbox.control("PUT", "/list-lag", HIDDEN)

    task = Task(sandbox, customer(1, LARGE, state="deactivated"), before_apply=create).run()
    assert outcome(task) == "changed"
    assert stored(sandbox) == {EMAIL: ("deactivated", [package(LARGE)])}
    assert task.result["accounts"][0]["removed"] == [package("milne.ei.pro-100k.v1")]


def test_an_approved_plan_does_not_change_what_another_task_has_created(sandbox: Sandbox) -> None:
    row = customer(1, LARGE)
    plan = Task(sandbox, row, check_mode=True).run().result["plan_id"]
    task = Task(sandbox, row, plan_id=plan, before_apply=lambda task: seed(sandbox, customer(1)))
    task.run_anyway()
    assert outcome(task) == "plan_changed"
    assert stored(sandbox)[EMAIL] == ("activated", [package("milne.ei.pro-100k.v1")])


def test_a_new_account_that_is_never_found_says_so(sandbox: Sandbox) -> None:
    sandbox.fault(method="GET", path=f"{PATH}/*", status=404)
    task = Task(sandbox, customer(1, state="activated"))
    task.run_anyway()
    failure = task.result["accounts"][0]["failure"]
    assert "The account is new, and the API may take a while to find it." in failure["message"]
    assert failure["details"]["account_id"] == task.ids()[0] and failure["details"]["uncertain"]


def test_a_refused_order_is_checked_against_a_fresh_catalog(sandbox: Sandbox) -> None:
    options: dict[str, Any] = {"cache_ttl": 3600}
    seed(sandbox, customer(9))
    Task(sandbox, customer(1), check_mode=True, **options).run()
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": package(LARGE)}]})
    since = sandbox.count()
    task = Task(sandbox, customer(1), customer(2), customer(3), **options)
    task.run_anyway()
    assert task.codes() == ["gate_violations"] * 3 and writes(sandbox)[-1] == "POST accounts"
    # All three are checked against one catalog, which is newer than the task.
    paths = [request["path"] for request in sandbox.requests()[since:]]
    assert paths.count("/v3/partners/offerings") == 1
    sandbox.fault(method="POST", status=400)
    assert outcome(Task(sandbox, customer(1, LARGE), **options).run_anyway()) == "bad_request"


def test_two_resellers_have_an_account_each(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1))
    assert len(journal_files(sandbox)) == 1
    put_entry(sandbox, EMAIL, None, YOUNG, key="SG." + "b" * 22 + "." + "b" * 43)
    assert outcome(Task(sandbox, customer(1)).run()) == "unchanged"


def test_a_run_that_creates_nothing_opens_no_file(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.create({"email": EMAIL}, [package("milne.ei.pro-100k.v1")])
    sandbox.create({"email": "owner-2@example.com"}, [package("milne.ei.pro-100k.v1")])
    Task(sandbox, customer(1)).run()
    assert not Path(sandbox.cache_dir).exists()
    seed(sandbox, customer(3))
    opened: list[str] = []
    real = os.open

    def record(path: Any, *rest: Any, **more: Any) -> int:
        opened.append(str(path))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", record)
    Task(sandbox, customer(1), customer(2)).run()
    assert [path for path in opened if path in journal_files(sandbox)] == []


def test_nothing_readable_is_in_the_journal(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1))
    (directory,) = Path(sandbox.cache_dir).iterdir()
    ((name, content),) = journal_files(sandbox).items()
    assert "example" not in name and b"example" not in content and sandbox.key.encode() not in content
    assert (directory.stat().st_mode & 0o777, (directory / name).stat().st_mode & 0o777) == (0o700, 0o600)


def test_an_entry_can_be_read_again() -> None:
    entry = Entry("sg" + "a" * 126, 1_800_000_000.123456, 1_800_000_600.123456)
    assert decode(encode(entry)) == entry and decode(encode(entry)[:-1]) is None
    assert decode(encode(entry).replace(b"1800000600", b"1900000600")) is None


# Attempts, ids and messages that the table does not have


def test_after_429_each_further_attempt_looks(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.control("PUT", "/list-lag", HIDDEN)
    sandbox.fault(method="POST", status=429, apply=True, times=1)
    real, attempts = Transport.send, []

    def send(self: Transport, request: Request) -> Any:
        if request.method == "POST":
            attempts.append(request)
            if len(attempts) == 2:
                sandbox.control("PUT", "/list-lag", 0)
                raise TransportError("connection", "no route", may_have_been_sent=False, retryable=True)
        return real(self, request)

    monkeypatch.setattr(Transport, "send", send)
    task = Task(sandbox, customer(1), retries=3).run()
    assert outcome(task) == "created" and len(stored(sandbox)) == 1 and len(attempts) == 2


def test_accounts_without_an_email_that_are_new_after_429_may_be_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = AccountsApi.list_accounts
    monkeypatch.setattr(
        AccountsApi, "list_accounts", lambda self: [{**account, "email": None} for account in real(self)]
    )
    sandbox.create({"email": "other@example.com"}, [package("milne.ei.pro-100k.v1")])
    sandbox.fault(method="POST", status=429, apply=True, times=1)
    task = Task(sandbox, customer(1), retries=2, create_unverified=True).run_anyway()
    failure = task.result["accounts"][0]["failure"]
    assert (
        failure["code"] == "rate_limited" and failure["details"]["uncertain"] and "set account_id" in failure["message"]
    )
    assert len(stored(sandbox)) == 2
    again = Task(sandbox, customer(1), create_unverified=True).run_anyway()
    assert outcome(again) == "creation_pending" and not again.result["changed"]
    assert "2 accounts are listed without an email" in again.result["accounts"][0]["failure"]["message"]


@pytest.mark.parametrize("with_email", [True, False])
def test_a_new_account_does_not_count_as_gone_by_its_id(sandbox: Sandbox, with_email: bool) -> None:
    sandbox.control("PUT", "/list-lag", HIDDEN)
    account_id = Task(sandbox, customer(1)).run().result["accounts"][0]["account_id"]
    sandbox.fault(method="GET", path=f"{PATH}/*", status=404)
    absent = {"account_id": account_id, "state": "absent", **({"profile": {"email": EMAIL}} if with_email else {})}
    task = Task(sandbox, absent, max_deletions=1).run_anyway()
    assert outcome(task) == "creation_pending" and len(stored(sandbox)) == 1
    sandbox.control("DELETE", "/faults")
    # Nor does a single 404 to the deletion.
    sandbox.fault(method="DELETE", status=404, times=1)
    assert outcome(Task(sandbox, absent, max_deletions=1).run()) == "deleted" and not stored(sandbox)
    assert not journal_files(sandbox) and outcome(Task(sandbox, customer(1)).run()) == "created"


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_deletion_of_an_account_reports_no_creation(sandbox: Sandbox, check_mode: bool) -> None:
    make_account(sandbox)
    put_entry(sandbox, EMAIL, None, YOUNG)
    absent = {"profile": {"email": EMAIL}, "state": "absent"}
    task = Task(sandbox, absent, max_deletions=1, check_mode=check_mode).run()
    assert outcome(task) == "deleted" and not task.result["accounts"][0]["created"]
    if not check_mode:
        assert outcome(Task(sandbox, customer(1)).run()) == "created"


def test_a_deletion_by_id_settles_the_entry_of_the_email(sandbox: Sandbox) -> None:
    account_id = make_account(sandbox)
    put_entry(sandbox, EMAIL, None, YOUNG)
    Task(sandbox, {"account_id": account_id, "state": "absent"}, max_deletions=1).run()
    assert outcome(Task(sandbox, customer(1)).run()) == "created" and len(stored(sandbox)) == 1


def test_an_entry_from_the_future_keeps_its_id(sandbox: Sandbox) -> None:
    account_id = make_account(sandbox)
    sandbox.control("PUT", "/list-lag", HIDDEN)
    put_entry(sandbox, EMAIL, account_id, FUTURE)
    task = Task(sandbox, customer(1)).run()
    assert outcome(task) == "unchanged" and task.result["accounts"][0]["account_id"] == account_id


def test_what_is_known_counts_without_locks(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    put_entry(sandbox, EMAIL, None, YOUNG)

    def flock(_file: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    task = Task(sandbox, customer(1)).run_anyway()
    assert outcome(task) == "creation_pending" and not stored(sandbox) and len(task.warnings) == 1


def test_a_replacement_is_reported_with_the_creation(sandbox: Sandbox) -> None:
    make_account(sandbox)
    put_entry(sandbox, EMAIL, None, YOUNG)
    task = Task(sandbox, customer(1, LARGE)).run()
    (row,) = task.result["accounts"]
    assert row["created"] and row["action"] == "changed"
    assert [offering["name"] for offering in row["removed"]] == ["milne.ei.pro-100k.v1"]
