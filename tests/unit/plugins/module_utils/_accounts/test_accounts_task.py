# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task for all customers, over real sockets: what it refuses, plans, sends and reports."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.options import task_problems
from ansible_collections.reseller.sendgrid.tests.support.accounts_helpers import PATH
from ansible_collections.reseller.sendgrid.tests.support.accounts_task import (
    IPS,
    LARGE,
    SMALL,
    TWO_IPS,
    Task,
    customer,
    ips,
    package,
    seed,
    stored,
    writes,
)
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

# A whole life of customers


def test_customers_are_created_changed_and_deleted_in_the_order_of_work(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1, SMALL, TWO_IPS), customer(2), customer(3))
    before = len(writes(sandbox))
    task = Task(
        sandbox,
        customer(1, LARGE),
        customer(2, state="absent"),
        customer(3, state="deactivated"),
        customer(4, state="deactivated"),
        max_deletions=1,
    ).run()
    assert task.actions() == ["changed", "deleted", "changed", "created"]
    assert writes(sandbox)[before:] == [
        "POST accounts",
        "PUT state",
        "PUT state",
        "PUT offerings",
        f"DELETE {task.ids()[1]}",
    ]
    assert stored(sandbox) == {
        "owner-1@example.com": ("activated", [package(LARGE), ips(2)]),
        "owner-3@example.com": ("deactivated", [package(SMALL)]),
        "owner-4@example.com": ("deactivated", [package(SMALL)]),
    }
    changed, deleted, _deactivated, created = task.result["accounts"]
    assert (changed["kept"], changed["removed"]) == ([ips(2)], [package(SMALL)])
    assert (deleted["removed"], deleted["offerings"], deleted["account_state"]) == ([package(SMALL)], [], None)
    assert created["account_state"] == "deactivated" and created["account_id"]
    assert [request["method"] for request in created["requests"]] == ["POST", "PUT"]
    assert task.result["changed"] and task.result["msg"].endswith(": 1 created, 2 changed, 1 deleted.")


def test_a_second_run_reads_little_and_changes_nothing(sandbox: Sandbox) -> None:
    rows = [customer(number) for number in range(5)]
    seed(sandbox, *rows)
    before = sandbox.count()
    task = Task(sandbox, *rows, {"profile": {"email": "gone@example.com"}, "state": "absent"}).run()
    assert task.actions() == ["unchanged"] * 6 and not task.result["changed"]
    counts = Counter(request["path"].split("/")[-1] for request in sandbox.requests()[before:])
    # The second request for the list says that it has ended.
    assert counts == {"accounts": 2, "offerings": 5 + 1, "state": 5}
    assert all("requests" not in account and "gate" not in account for account in task.result["accounts"])
    assert task.result["plan"] == ["TOTAL   6 unchanged"] and task.diffs == []


def test_a_package_that_is_no_longer_sold_does_not_block_who_keeps_it(sandbox: Sandbox) -> None:
    rows = [customer(1, SMALL), customer(2, LARGE)]
    seed(sandbox, *rows)
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": package(LARGE)}]})
    assert Task(sandbox, *rows).run().actions() == ["unchanged", "unchanged"]
    assert Task(sandbox, *rows, customer(3, SMALL)).get_failure().details["codes"] == {"gate_violations": 1}


def test_a_policy_stops_what_is_new_and_not_what_customers_have(sandbox: Sandbox) -> None:
    three_ips = {"name": IPS, "quantity": 3}
    seed(sandbox, customer(1, SMALL, TWO_IPS), customer(2, SMALL, TWO_IPS))
    rows = customer(1, SMALL, TWO_IPS), customer(2, three_ips), customer(3, LARGE)
    policy: dict[str, Any] = {"allowed_offerings": ["milne.x.*", "milne.y.*"], "maximum_quantities": {"*": 1}}
    task = Task(sandbox, *rows, on_violation="skip", **policy).run_anyway()
    assert task.actions() == ["unchanged", "skipped", "skipped"]
    _kept, raised, created = task.result["accounts"]
    assert "maximum_quantities['*'] allows at most 1" in raised["msg"] and "not allowed" not in raised["msg"]
    assert [found["code"] for found in created["gate"]["violations"]] == ["not_allowed"]
    (warning,) = task.warnings
    assert warning.startswith("allowed_offerings: 'milne.y.*' matches nothing in your catalog (20 offerings at ")


def test_present_does_not_activate(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1, state="deactivated"))
    task = Task(sandbox, customer(1)).run()
    assert task.actions() == ["unchanged"] and task.result["accounts"][0]["account_state"] == "deactivated"
    assert Task(sandbox, customer(1, state="activated")).run().actions() == ["changed"]


def test_check_mode_sends_nothing_and_has_the_same_plan(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1, SMALL, TWO_IPS), customer(2))
    rows = [customer(1, LARGE), customer(2, state="absent"), *[customer(n, state="deactivated") for n in (3, 4)]]
    before = writes(sandbox)
    predicted = Task(sandbox, *rows, check_mode=True, max_deletions=1).run()
    assert writes(sandbox) == before
    actual = Task(sandbox, *rows, max_deletions=1, plan_id=predicted.result["plan_id"]).run()
    assert predicted.actions() == actual.actions() == ["changed", "deleted", "created", "created"]
    for one, other in zip(predicted.result["accounts"], actual.result["accounts"]):
        assert [sent["body"] for sent in one["requests"]] == [sent["body"] for sent in other["requests"]]
    for key in ("plan", "plan_id", "summary", "unlisted"):
        assert predicted.result[key] == actual.result[key]
    assert predicted.result["msg"].endswith(": in check mode: 2 created, 1 changed, 1 deleted.")


# The rows


def test_all_rows_that_are_wrong_are_reported_at_once(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1))
    before = writes(sandbox)
    rows = [
        customer(1, LARGE),
        {"profile": {"company_name": "No email"}, "offerings": [SMALL]},
        "Harbour Bakery",
        {"acount_id": "sg1", "state": "activ", "test_account": "perhaps"},
        {"profile": {"email": "a@b.example", "phone": 420123456789, "company_name": False}, "offerings": [SMALL]},
        customer(5, "milne.x.ips.v2"),
        {"account_id": "sg0"},
        {"account_id": "../sg0"},
        {"name": "Old Bakery", "profile": {"email": "new@b.example"}},
        {"profile": "Harbour Bakery"},
    ]
    task = Task(sandbox, *rows)
    failure = task.get_failure()
    assert failure.code == "accounts_failed"
    assert failure.details["codes"] == {"invalid_option": 6, "gate_violations": 1, "not_found": 2}
    assert task.actions() == ["not_attempted", *["failed"] * 9]
    assert writes(sandbox) == before and not task.result["changed"]
    assert task.result["summary"]["failed"] == 9
    lines = task.result["msg"].split("\n- ")
    assert lines[0] == failure.message and lines[0].endswith(": 9 customers have a problem; nothing was changed.")
    expected = [
        "No email (accounts[1]): account_id, profile.email: one of them is needed",
        "accounts[2]: it is a text, and a mapping is needed",
        "accounts[3]: acount_id: there is no such option. Did you mean account_id?; state: 'activ' is none of present,",
        "a@b.example (accounts[4]): profile.company_name: it is a boolean, 'False', and text is needed. Write it in",
        "Customer 5 (accounts[5]): offerings[0]: 'milne.x.ips.v2' is not in your catalog",
        "sg0 (accounts[6]): GET ",
        "../sg0 (accounts[7]): account_id: '../sg0' is no id of an account",
        "Old Bakery (accounts[8]): ",
        "accounts[9]: profile: it is a text, and a mapping is needed",
    ]
    for line, start in zip(lines[1:], expected, strict=True):
        assert line.startswith(start), line
    # The good row is planned, the others are shown with their errors.
    assert [line.split()[0] for line in task.result["plan"]] == ["CHANGE", *["ERROR"] * 9, "TOTAL"]


@pytest.mark.parametrize("on_violation", ["stop", "skip"])
def test_repeated_rows_are_left_out_together(sandbox: Sandbox, on_violation: str) -> None:
    (known,) = seed(sandbox, customer(9))
    rows = [
        customer(1),
        {"profile": {"email": "OWNER-1@Example.com"}, "offerings": [LARGE]},
        customer(2),
        {"name": "By ID", "account_id": known},
        customer(9),
    ]
    task = Task(sandbox, *rows, on_violation=on_violation)
    assert task.get_failure().code == "accounts_failed"
    left = "skipped" if on_violation == "skip" else "failed"
    done = "created" if on_violation == "skip" else "not_attempted"
    assert task.actions() == [left, left, done, left, left]
    messages = [account["failure"]["message"] for account in task.result["accounts"] if account["failure"]]
    assert messages[0] == messages[1]
    assert messages[0].startswith("the email 'owner-1@example.com' is in 2 rows: Customer 1 (accounts[0]), ")
    assert messages[2] == f"the account '{known}' is in 2 rows: By ID (accounts[3]), Customer 9 (accounts[4]). " + (
        "Give each customer one row"
    )
    assert ("owner-2@example.com" in stored(sandbox)) == (on_violation == "skip")
    assert "owner-1@example.com" not in stored(sandbox)


def test_a_row_that_is_wrong_still_says_whose_account_it_is(sandbox: Sandbox) -> None:
    first, second = seed(sandbox, customer(1), customer(2))
    rows = [
        {"account_id": first, "stat": "activated"},
        customer(1, state="absent"),
        {**customer(2), "stat": "activated"},
        {"account_id": second, "state": "absent"},
    ]
    task = Task(sandbox, *rows, on_violation="skip", max_deletions=2)
    assert task.get_failure().details["codes"] == {"invalid_option": 4}
    assert task.actions() == ["skipped"] * 4 and len(stored(sandbox)) == 2


def test_two_accounts_with_one_email_do_not_stop_other_customers(sandbox: Sandbox) -> None:
    twins = [sandbox.create({"email": "owner-1@example.com"}, [package(SMALL)]) for _number in range(2)]
    task = Task(sandbox, customer(1, LARGE), customer(2), on_violation="skip")
    assert task.get_failure().details["codes"] == {"ambiguous_account": 1}
    assert task.actions() == ["skipped", "created"]
    assert all(twin in task.result["accounts"][0]["failure"]["message"] for twin in twins)
    assert task.result["summary"] == {
        **dict.fromkeys(("changed", "deleted", "unchanged", "failed", "not_attempted"), 0),
        "created": 1,
        "skipped": 1,
    }


def test_accounts_that_no_row_names_are_listed_and_left_alone(sandbox: Sandbox) -> None:
    first, second = seed(sandbox, customer(1), customer(2))
    # The email of the first customer was corrected, so a second account is planned.
    row = customer(1)
    row["profile"]["email"] = "owner@example.com"
    task = Task(
        sandbox, row, {"account_id": second, "profile": {"email": "owner-1@example.com"}}, check_mode=True
    ).run()
    assert task.actions() == ["created", "unchanged"]
    assert task.result["unlisted"] == [{"account_id": first, "email": "owner-1@example.com"}]
    assert task.result["plan"][1] == "OTHERS  1 account is in no row and left alone: <owner-1@example.com>"


def test_an_id_decides_and_the_plan_shows_the_email_of_its_account(sandbox: Sandbox) -> None:
    first, second = seed(sandbox, customer(1), customer(2))
    task = Task(sandbox, {**customer(2, state="absent"), "account_id": first}, check_mode=True, max_deletions=1).run()
    assert task.result["plan"][0].startswith(
        f'DELETE  "Customer 2" <owner-2@example.com> (listed with <owner-1@example.com>) {first}: loses '
    )
    assert task.result["unlisted"] == [{"account_id": second, "email": "owner-2@example.com"}]


def test_a_misspelt_id_does_not_count_as_deleted_if_the_email_is_listed(sandbox: Sandbox) -> None:
    (known,) = seed(sandbox, customer(1))
    task = Task(sandbox, {**customer(1, state="absent"), "account_id": "sg0"}, max_deletions=1)
    assert task.get_failure().details["codes"] == {"ambiguous_account": 1}
    assert task.result["accounts"][0]["failure"]["details"]["account_ids"] == [known]
    assert Task(sandbox, {"account_id": "sg0", "state": "absent"}).run().actions() == ["unchanged"]


def test_an_account_that_has_lost_everything_can_be_deleted(sandbox: Sandbox) -> None:
    (account_id,) = seed(sandbox, customer(1))
    sandbox.fault(method="GET", path=f"{PATH}/{account_id}/offerings", status=404)
    assert Task(sandbox, customer(1, state="absent"), max_deletions=1).run().actions() == ["deleted"]


def test_defaults_of_the_task_apply_to_rows_that_do_not_decide(sandbox: Sandbox) -> None:
    rows = [customer(1, SMALL, TWO_IPS), customer(2, SMALL, TWO_IPS)]
    seed(sandbox, *rows)
    purging = [customer(1), {**customer(2), "purge_offerings": False}]
    task = Task(sandbox, *purging, purge_offerings=True).run()
    assert [account["kept"] for account in task.result["accounts"]] == [[], [ips(2)]]
    assert task.actions() == ["changed", "unchanged"]
    # Explicit for a row, purging needs an order; as the default of the task, it concerns only rows that have one.
    assert Task(sandbox, {**customer(1), "offerings": None}, purge_offerings=True).run().actions() == ["unchanged"]
    assert Task(sandbox, {**customer(1), "offerings": None, "purge_offerings": True}).get_failure()


def test_accounts_without_email_in_the_list(sandbox: Sandbox) -> None:
    nameless = sandbox.create({"company_name": "No email here"}, [package(SMALL)])
    task = Task(sandbox, customer(1), {"profile": {"email": "x@example.com"}, "state": "absent"}, on_violation="skip")
    assert task.get_failure().details["codes"] == {"unverified_account": 2}
    assert task.result["unlisted"] == [{"account_id": nameless, "email": None}]
    task = Task(sandbox, customer(1), customer(2), create_unverified=True).run()
    assert task.actions() == ["created", "created"]
    assert task.warnings == ["1 of 1 accounts in the list have no email, and were not compared."]


# The limits and the approval


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_plan_beyond_a_limit_fails_with_the_plan(sandbox: Sandbox, check_mode: bool) -> None:
    seed(sandbox, customer(1), customer(2))
    before = writes(sandbox)
    rows = [customer(1, state="absent"), customer(2, state="absent"), customer(3), customer(4, state="absent")]
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "the plan deletes 2 accounts, and max_deletions is 0"),
        ({"max_deletions": 1}, "the plan deletes 2 accounts, and max_deletions is 1"),
        ({"max_deletions": 2, "max_creations": 0}, "the plan creates 1 account, and max_creations is 0"),
    ]
    for limits, message in cases:
        task = Task(sandbox, *rows, check_mode=check_mode, **limits)
        failure = task.get_failure()
        assert failure.code == "limit_exceeded" and failure.details["limits"] == [message]
        assert task.actions() == ["not_attempted"] * 3 + ["unchanged"]
        assert [line.split()[0] for line in task.result["plan"]] == ["DELETE", "DELETE", "CREATE", "TOTAL"]
        assert not task.result["changed"] and task.result["unlisted"] == [] and task.result["plan_id"]
    assert writes(sandbox) == before
    # Accounts that are gone already do not count.
    assert Task(sandbox, *rows, check_mode=check_mode, max_deletions=2).run().actions()[3] == "unchanged"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, []),
        ({"accounts": []}, ["accounts"]),
        ({"max_deletions": -1, "max_creations": -1}, ["max_deletions", "max_creations"]),
        ({"plan_id": " "}, ["plan_id"]),
        ({"max_deletions": True, "max_creations": False}, ["max_deletions", "max_creations"]),
    ],
)
def test_options_of_the_task_that_are_wrong(sandbox: Sandbox, options: dict[str, Any], expected: list[str]) -> None:
    given = Task(sandbox, customer(1), **options).options
    assert [option for option, _message in task_problems(given)] == expected


def test_only_the_approved_plan_is_carried_out(sandbox: Sandbox) -> None:
    (first,) = seed(sandbox, customer(1))
    rows = [customer(1, LARGE), customer(2)]
    approved = Task(sandbox, *rows, check_mode=True).run().result["plan_id"]
    # Meanwhile somebody else gives the first customer an add-on.
    Task(sandbox, {"account_id": first, "offerings": [{"name": IPS}]}).run()
    before = writes(sandbox)
    task = Task(sandbox, *rows, plan_id=approved)
    failure = task.get_failure()
    assert failure.code == "plan_changed" and writes(sandbox) == before
    new, gone = failure.details["difference"]
    assert (
        new.startswith('not approved: CHANGE  "Customer 1" <owner-1@example.com>: package ')
        and f"keeps {IPS} × 1" in new
    )
    assert gone == "no longer planned: 1 of the 2 approved changes"
    assert task.actions() == ["not_attempted", "not_attempted"]
    # The order and the names of rows are no difference. A second use is one, because nothing is left to do.
    again = task.result["plan_id"]
    assert Task(sandbox, {**rows[1], "name": "Two"}, rows[0], plan_id=again).run().actions() == ["created", "changed"]
    assert Task(sandbox, *rows, plan_id=again).get_failure().code == "plan_changed"


# Failures halfway


FATAL = {"unauthorized": 401, "forbidden": 403, "region_restricted": 451}


@pytest.mark.parametrize(("code", "status"), FATAL.items())
def test_a_failure_that_concerns_all_requests_ends_the_task(sandbox: Sandbox, code: str, status: int) -> None:
    seed(sandbox, customer(1), customer(2), customer(3))
    sandbox.fault(method="PUT", status=status)
    task = Task(sandbox, customer(0), *[customer(number, LARGE) for number in (1, 2, 3)])
    failure = task.get_failure()
    assert failure.code == code and "This ended the task: what was left was not attempted." in failure.message
    assert task.actions() == ["created", "failed", "not_attempted", "not_attempted"]
    assert task.result["changed"] and task.result["msg"].startswith(failure.message)
    assert failure.message.startswith("Customer 1 (accounts[1]): PUT ")
    # What was not changed is reported as it is.
    assert task.result["accounts"][2]["offerings"] == [package(SMALL)] and task.result["accounts"][2]["removed"] == []


def test_two_temporary_failures_in_a_row_end_the_task(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", status=503, times=1)
    task = Task(sandbox, *[customer(number) for number in range(3)])
    assert task.get_failure().code == "accounts_failed"
    assert task.actions() == ["failed", "created", "created"]
    sandbox.reset()
    sandbox.fault(method="POST", status=503)
    task = Task(sandbox, *[customer(number) for number in range(4)])
    assert task.get_failure().code == "server_error"
    assert task.actions() == ["failed", "failed", "not_attempted", "not_attempted"]


def test_two_creations_with_a_nonsensical_answer_end_the_task(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", status=200, body="<html>", apply=True)
    task = Task(sandbox, *[customer(number) for number in range(4)])
    assert task.get_failure().code == "unexpected_response" and task.result["changed"]
    assert task.actions() == ["failed", "failed", "not_attempted", "not_attempted"]


def test_a_new_account_that_the_vendor_suspends_is_not_activated(sandbox: Sandbox) -> None:
    sandbox.fault(method="GET", path=f"{PATH}/*", status=200, body='{"state": "suspended"}')
    task = Task(sandbox, customer(1, state="activated"))
    assert task.get_failure().details["codes"] == {"account_state": 1}
    assert task.ids() != [None] and task.result["accounts"][0]["msg"].startswith("created. What was to follow failed")


def test_a_package_is_required_unless_the_task_says_otherwise(sandbox: Sandbox) -> None:
    row = customer(1, IPS)
    assert Task(sandbox, row).get_failure().details["codes"] == {"gate_violations": 1}
    assert Task(sandbox, row, check_mode=True, require_package=False).run().actions() == ["created"]


def test_other_failures_do_not_stop_the_next_customer(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", status=400, times=2)
    task = Task(sandbox, *[customer(number) for number in range(4)])
    failure = task.get_failure()
    assert failure.code == "accounts_failed" and failure.details["codes"] == {"bad_request": 2}
    assert failure.message.endswith(": 2 customers have a problem; the others were carried out.")
    assert task.actions() == ["failed", "failed", "created", "created"]


def test_a_new_account_is_reported_even_if_its_state_is_not_set(sandbox: Sandbox) -> None:
    sandbox.fault(method="PUT", status=401)
    task = Task(sandbox, *[customer(number, state="deactivated") for number in range(2)])
    assert task.get_failure().code == "unauthorized"
    assert task.actions() == ["failed", "failed"] and all(task.ids())
    first, second = task.result["accounts"]
    assert first["msg"].startswith("created. What was to follow failed: PUT ")
    assert second["msg"] == "created. What was to follow was not attempted."


def test_new_accounts_wait_for_the_api_together(sandbox: Sandbox) -> None:
    sandbox.fault(method="GET", path=f"{PATH}/*", status=404)
    task = Task(sandbox, *[customer(number, state="deactivated") for number in range(3)])
    assert task.get_failure().details["codes"] == {"not_found": 3}
    # The first one waits as long as is allowed, the others are tried once more.
    assert [request["method"] for request in sandbox.requests()].count("GET") == 2 + 6 + 1 + 1


def test_a_lost_answer_is_uncertain_and_sent_once(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", times=1, cut="before", apply=True)
    task = Task(sandbox, customer(1))
    failure = task.get_failure()
    assert failure.details["uncertain"] and task.result["changed"]
    assert task.result["accounts"][0]["failure"]["details"]["uncertain"]
    assert writes(sandbox) == ["POST accounts"] and len(stored(sandbox)) == 1


def test_an_api_that_gives_other_offerings_is_a_failure(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1), customer(2))
    sandbox.fault(method="PUT", times=1, status=200, body=json.dumps({"offerings": [package(SMALL)]}))
    task = Task(sandbox, customer(1, LARGE), customer(2, LARGE))
    assert task.get_failure().code == "accounts_failed"
    assert task.actions() == ["failed", "changed"] and task.codes() == ["unexpected_response", None]
    assert task.result["accounts"][0]["offerings"] == []


@pytest.mark.parametrize(
    ("fault", "code", "actions"),
    [
        ({"status": 401}, "unauthorized", None),
        ({"status": 503}, "server_error", None),
        ({"status": 503, "times": 1}, "accounts_failed", ["failed", "not_attempted", "unchanged"]),
        ({"status": 404, "times": 1}, "accounts_failed", ["failed", "not_attempted", "unchanged"]),
    ],
)
def test_nothing_is_changed_if_an_account_cannot_be_read(
    sandbox: Sandbox, fault: dict[str, Any], code: str, actions: list[str] | None
) -> None:
    (account_id,) = seed(sandbox, customer(1))
    before = writes(sandbox)
    sandbox.fault(method="GET", path=f"{PATH}/{account_id}/*", **{"times": 1, "status": 503, **fault})
    rows = [customer(1, LARGE), customer(2), {"profile": {"email": "gone@example.com"}, "state": "absent"}]
    if fault["status"] == 503 and "times" not in fault:
        second = sandbox.create({"email": "owner-3@example.com"}, [package(SMALL)])
        sandbox.fault(method="GET", path=f"{PATH}/{second}/*", **fault)
        rows.append(customer(3))
        before = writes(sandbox)
    # Another journal: this one would know that the accounts are new.
    task = Task(sandbox, *rows, cache_dir=f"{sandbox.cache_dir}-other")
    assert task.get_failure().code == code
    assert writes(sandbox) == before and not task.result["changed"]
    if actions:
        assert task.actions() == actions
    else:
        assert "plan" not in task.result and task.actions()[1] == "not_attempted"


@pytest.mark.parametrize("fault", [{"status": 401}, {"status": 503}, {"cut": "before"}, {"status": 200, "body": "{}"}])
@pytest.mark.parametrize("path", [PATH, "/v3/partners/offerings"])
def test_nothing_is_changed_if_the_list_or_the_catalog_cannot_be_read(
    sandbox: Sandbox, fault: dict[str, Any], path: str
) -> None:
    sandbox.fault(method="GET", path=path, **fault)
    task = Task(sandbox, customer(1), {"x": 1})
    assert task.get_failure().code in ("unauthorized", "server_error", "connection", "unexpected_response")
    assert task.actions() == ["not_attempted", "failed"] and writes(sandbox) == []
    # What is known of the rows is reported as well.
    assert "\n- accounts[1]: x: there is no such option." in task.result["msg"]


def test_a_task_that_ends_before_its_plan_has_skipped_nothing(sandbox: Sandbox) -> None:
    sandbox.fault(method="GET", path="/v3/partners/offerings", status=401)
    task = Task(sandbox, customer(1), {"x": 1}, on_violation="skip")
    assert task.get_failure().code == "unauthorized"
    assert task.actions() == ["not_attempted", "failed"]


def test_only_what_a_lost_answer_concerns_is_unknown(sandbox: Sandbox) -> None:
    seed(sandbox, customer(1))
    sandbox.fault(method="PUT", cut="before", apply=True)
    task = Task(sandbox, customer(1, state="deactivated"))
    assert task.get_failure().details["uncertain"]
    (account,) = task.result["accounts"]
    assert (account["account_state"], account["offerings"]) == (None, [package(SMALL)])


def test_states_that_only_the_vendor_can_change(sandbox: Sandbox) -> None:
    first, second = seed(sandbox, customer(1), customer(2))
    for account_id in (first, second):
        sandbox.control("PUT", f"/accounts/{account_id}", {"state": "suspended"})
    task = Task(sandbox, customer(1), customer(2, state="activated"), on_violation="skip")
    assert task.get_failure().details["codes"] == {"account_state": 1}
    assert task.actions() == ["unchanged", "skipped"]
    assert task.warnings == [f"The account {first} is suspended: only the vendor can lift that."]
