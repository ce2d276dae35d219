# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account modules, some of them in plays: which requests they send, and which accounts exist afterwards."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.tests.support.account_plays import (
    ACCOUNTS,
    FREE,
    IPS,
    KEY,
    OFFERINGS,
    PRO,
    AccountModules,
    AccountPlays,
    account,
    accounts,
    customer_options,
    emails,
    info,
    request_counts,
    sso,
)
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import silent_port
from ansible_collections.reseller.sendgrid.tests.support.fake_resolver import fake_resolver
from ansible_collections.reseller.sendgrid.tests.support.module_runner import ModuleRunner
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

CODE = "one-time-code"
PROVISION = {
    **account(profile="{{ customer.profile }}", offerings="{{ customer.offerings }}"),
    "loop": "{{ customers }}",
    "loop_control": {"loop_var": "customer", "label": "{{ customer.profile.email }}"},
}


@pytest.fixture
def plays(ansible: Ansible, sandbox: Sandbox) -> AccountPlays:
    return AccountPlays(ansible, sandbox)


@pytest.fixture
def modules(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> AccountModules:
    return AccountModules(ModuleRunner(sandbox, monkeypatch, capsys, tmp_path))


# A network with an address that does not respond


def test_an_account_is_created_past_a_silent_address(plays: AccountPlays, sandbox: Sandbox) -> None:
    port = int(sandbox.endpoint.rpartition(":")[2])
    with silent_port() as silent:
        plays.ansible.environment |= fake_resolver(plays.ansible.home, {"localhost": [silent, port]})
        plays.options |= {"api_endpoint": f"http://localhost:{port}", "timeout": 2}
        outcome = plays.run(account(**customer_options(1)))
    assert outcome.changed() == 1, outcome.output
    assert request_counts(sandbox) == {f"GET {ACCOUNTS}": 1, f"POST {ACCOUNTS}": 1, f"GET {OFFERINGS}": 1}


# Many customers


def test_customers_are_created_once_and_changed_separately(plays: AccountPlays, sandbox: Sandbox) -> None:
    customers = [customer_options(number) for number in range(2)]
    changed_customers = [customers[0], customer_options(1, FREE["name"])]
    tasks = [PROVISION, PROVISION, {**PROVISION, "loop": changed_customers}]
    outcome = plays.run(*tasks, variables={"customers": customers})
    assert [result["changed"] for result in outcome.results] == [True, True, False, False, False, True], outcome.output
    assert "changed=2 " in outcome.output and outcome.results[-1]["removed"] == [PRO]
    assert emails(sandbox) == [options["profile"]["email"] for options in customers]
    assert [stored["offerings"] for stored in sandbox.control("GET", "/accounts")] == [[PRO, IPS], [FREE, IPS]]
    # Each task lists the accounts. The first list is empty, the others end with an empty page.
    assert request_counts(sandbox) == {
        f"GET {ACCOUNTS}": 3 + 4 + 4,
        f"POST {ACCOUNTS}": 2,
        f"GET {OFFERINGS}": 1,
        "GET ID/state": 4,
        "GET ID/offerings": 4,
        "PUT ID/offerings": 1,
    }


def test_accounts_named_by_id_are_not_listed(modules: AccountModules, sandbox: Sandbox) -> None:
    for number in range(3):
        sandbox.create({"email": f"owner-{number}@example.com"}, [FREE])
    before = sandbox.count()
    (existing,) = modules.run(info()).results
    ids = [found["id"] for found in existing["accounts"]]
    outcome = modules.run(*[account(account_id=one, offerings=[PRO["name"]]) for one in ids])
    assert outcome.changed() == 3
    assert request_counts(sandbox, before) == {
        f"GET {ACCOUNTS}": 2,
        "GET ID/state": 3,
        "GET ID/offerings": 3,
        "PUT ID/offerings": 3,
        f"GET {OFFERINGS}": 1,
    }


def test_check_mode_reports_the_requests_of_a_normal_run(modules: AccountModules, sandbox: Sandbox) -> None:
    sandbox.create({"email": "owner-0@example.com"}, [FREE])
    tasks = [account(**customer_options(number)) for number in range(3)]
    before = sandbox.count()
    predicted = modules.run(*[{**task, "check_mode": True} for task in tasks])
    assert all(request["method"] == "GET" for request in sandbox.requests()[before:])
    actual = modules.run(*tasks)
    assert predicted.changed() == actual.changed() == 3
    for predicted_result, result in zip(predicted.results, actual.results):
        assert predicted_result["requests"] == result["requests"]
        assert predicted_result["offerings"] == result["offerings"]
        assert predicted_result["diff"]["after"]["offerings"] == result["diff"]["after"]["offerings"]
    changes = [request for request in sandbox.requests()[before:] if request["method"] != "GET"]
    reported = [request for result in actual.results for request in result["requests"]]
    assert [(request["method"], request["path"], request["body"]) for request in changes] == [
        (request["method"], request["path"], request["body"]) for request in reported
    ]


def test_one_task_plans_and_applies_what_was_approved(plays: AccountPlays, sandbox: Sandbox) -> None:
    leaving = sandbox.create({"email": "owner-9@example.com"}, [PRO, IPS])
    rows = [
        customer_options(1),
        {**customer_options(2), "test_account": "yes", "state": "deactivated"},
        {"profile": {"email": "owner-9@example.com"}, "state": "absent"},
    ]
    before = sandbox.count()
    planned, changed_world, empty, applied, in_background = plays.run(
        {**accounts(*rows, max_deletions="{{ 1 }}"), "check_mode": True, "register": "planned"},
        accounts(rows[0], plan_id="{{ planned.plan_id }}"),
        accounts(*rows, max_deletions=1, plan_id="{{ none }}"),
        accounts(*rows, max_deletions=1, plan_id="{{ planned.plan_id }}"),
        {**accounts(*rows), "async": 60, "poll": 1},
        arguments=("--diff",),
    ).results
    assert planned["summary"] == applied["summary"] and planned["plan"] == applied["plan"]
    assert [line.split()[0] for line in applied["plan"]] == ["DELETE", "CREATE", "CREATE", "TOTAL"]
    assert [one["before_header"] for one in planned["diff"]] == [
        "Customer 1 (new)",
        "Customer 2 (new)",
        f"owner-9@example.com ({leaving})",
    ]
    assert [result["failure"]["code"] for result in (changed_world, empty)] == ["plan_changed", "invalid_option"]
    assert emails(sandbox) == ["owner-1@example.com", "owner-2@example.com"]
    test_account = sandbox.control("GET", "/accounts")[1]
    assert test_account["test"] and test_account["state"] == "deactivated"
    assert [result["changed"] for result in (planned, applied, in_background)] == [True, True, False]
    assert in_background["summary"]["unchanged"] == 3, in_background
    counts = request_counts(sandbox, before)
    assert {name: number for name, number in counts.items() if not name.startswith("GET")} == {
        f"POST {ACCOUNTS}": 2,
        "PUT ID/state": 1,
        "DELETE ID": 1,
    }


def test_concurrent_runs_create_each_customer_once(sandbox: Sandbox, tmp_path: Path) -> None:
    all_plays = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        all_plays.append(AccountPlays(Ansible(tmp_path / name), sandbox))
    groups = [[customer_options(number) for number in numbers] for numbers in (range(2), range(2, 4))]
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(account_plays.run, PROVISION, variables={"customers": group})
            for account_plays, group in zip(all_plays, groups)
        ]
        outcomes = [run.result(timeout=240) for run in runs]
    assert [outcome.changed() for outcome in outcomes] == [2, 2]
    assert sorted(emails(sandbox)) == sorted(options["profile"]["email"] for group in groups for options in group)


# Failures, and other situations in which no account may be created or deleted


def test_creation_without_a_response_is_not_retried(modules: AccountModules, sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", path=ACCOUNTS, times=1, cut="before", apply=True)
    modules.options["retries"] = 3
    # The second task finds the account that the first one has created.
    options = customer_options(1, FREE["name"])
    outcome = modules.run(account(**options), account(**options))
    assert outcome.codes() == ["connection", None]
    failed, repeated = outcome.results
    assert request_counts(sandbox)[f"POST {ACCOUNTS}"] == 1 and emails(sandbox) == ["owner-1@example.com"]
    assert "The account may exist, and is billed then." in failed["msg"]
    assert "look for the email 'owner-1@example.com' with reseller.sendgrid.sendgrid_account_info" in failed["msg"]
    assert failed["failure"]["details"]["uncertain"]
    assert [request["method"] for request in failed["requests"]] == ["POST"]
    # It is the first one that knows of the creation.
    assert repeated["changed"] and repeated["created"] and not failed["created"]
    assert repeated["account_id"] == sandbox.control("GET", "/accounts")[0]["id"]


FAULTS: dict[str, dict[str, Any]] = {
    "unauthorized": {"status": 401},
    "unavailable": {"status": 503},
    "cut": {"cut": "body"},
    "html": {"status": 200, "body": "<html>"},
    "empty": {"status": 200, "body": '{"catalog": []}'},
    "invalid entry": {"status": 200, "body": json.dumps({"catalog": [{"offering": FREE}, {"offering": {}}]})},
}


def test_nothing_is_created_or_changed_if_the_catalog_is_unreadable(modules: AccountModules, sandbox: Sandbox) -> None:
    existing = sandbox.create({"email": "owner-1@example.com"}, [FREE])
    change = account(account_id=existing, offerings=[PRO["name"]], cache_ttl=0)
    new = account(**customer_options(2, FREE["name"]), cache_ttl=0)
    for fault in FAULTS.values():
        sandbox.fault(path=OFFERINGS, times=2, **fault)
    outcome = modules.run(*[change, new] * len(FAULTS))
    assert len(outcome.results) == 2 * len(FAULTS)
    assert all(outcome.codes()) and outcome.changed() == 0, outcome.codes()
    assert request_counts(sandbox)[f"GET {OFFERINGS}"] == 2 * len(FAULTS)
    assert [request["method"] for request in sandbox.requests() if request["method"] != "GET"] == ["POST"]
    assert emails(sandbox) == ["owner-1@example.com"]


def test_damaged_cache_does_not_allow_an_order(modules: AccountModules, sandbox: Sandbox, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    modules.run(account(**customer_options(1, FREE["name"]), cache_dir=cache))
    (file,) = (path for path in Path(cache).iterdir() if path.is_file() and path.suffix != ".lock")
    # The file keeps its length, but names another package.
    content = file.read_bytes()
    file.write_bytes(content.replace(b"org.ei.free.v1", b"org.ei.fake.v1"))
    assert file.read_bytes() != content
    outcome = modules.run(account(**customer_options(2, "org.ei.fake.v1"), cache_dir=cache))
    assert outcome.codes() == ["gate_violations"]
    sandbox.fault(path=OFFERINGS, status=503)
    file.write_bytes(content[:-1])
    outcome = modules.run(account(**customer_options(2, FREE["name"]), cache_dir=cache))
    assert outcome.codes() == ["server_error"]
    assert emails(sandbox) == ["owner-1@example.com"]


def test_order_is_rejected_only_with_a_fresh_catalog(modules: AccountModules, sandbox: Sandbox, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    new = {"name": "org.ei.new.v1", "type": "package", "quantity": 1}
    modules.run(account(**customer_options(1, FREE["name"]), cache_dir=str(cache)))
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": new}]})
    (file,) = (path for path in cache.iterdir() if path.is_file() and path.suffix != ".lock")
    os.utime(file, (time.time() - 120,) * 2)
    outcome = modules.run(account(**customer_options(2, new["name"]), cache_dir=str(cache)))
    assert outcome.codes() == [None] and len(emails(sandbox)) == 2
    assert request_counts(sandbox)[f"GET {OFFERINGS}"] == 2


def test_account_is_not_created_if_the_list_has_no_emails(modules: AccountModules, sandbox: Sandbox) -> None:
    sandbox.create({"company_name": "No email here"}, [FREE])
    options = customer_options(1, FREE["name"])
    outcome = modules.run(account(**options), account(**options, create_unverified=True), account(**options))
    # The second task creates an account with an email, which the third task finds.
    assert outcome.codes() == ["unverified_account", None, None]
    assert [result["changed"] for result in outcome.results] == [False, True, False]
    rejected = outcome.results[0]
    assert "none of the 1 accounts in the list has an email" in rejected["msg"]
    assert "create_unverified" in rejected["msg"] and rejected["requests"] == []
    assert emails(sandbox) == ["", "owner-1@example.com"]


def test_404_does_not_count_as_deleted_unless_the_list_confirms_it(modules: AccountModules, sandbox: Sandbox) -> None:
    existing = sandbox.create({"email": "owner-1@example.com"}, [FREE])
    sandbox.fault(path=f"{ACCOUNTS}/*", status=404)
    listed = modules.run(account(account_id=existing, state="absent"))
    sandbox.fault(path=ACCOUNTS, status=404)
    unlisted = modules.run(account(account_id=existing, state="absent"))
    assert listed.codes() == unlisted.codes() == ["not_found"]
    assert "The list of accounts still has it" in listed.results[0]["msg"]
    assert "DELETE ID" not in request_counts(sandbox)


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("PUT", 1)])
def test_not_found_is_retried_for_a_new_account(
    modules: AccountModules, sandbox: Sandbox, method: str, times: int
) -> None:
    sandbox.fault(method=method, path=f"{ACCOUNTS}/*", status=404, times=times)
    outcome = modules.run(account(**customer_options(1, FREE["name"]), state="deactivated"))
    assert outcome.codes() == [None]
    assert [stored["state"] for stored in sandbox.control("GET", "/accounts")] == ["deactivated"]
    assert request_counts(sandbox)[f"{method} ID/state"] == times + 1


BAKERY = {"company_name": "Harbour Bakery", "email": "owner@harbour-bakery.example"}
REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"offerings": ["milne.x.ip.v2"]}, "no_package"),
    ({"offerings": ["gone.v1"]}, "unknown_offering"),
    ({"offerings": []}, "empty_order"),
    ({"offerings": ""}, "empty_order"),
    ({"offerings": PRO["name"]}, "invalid_item"),
    ({"offerings": [{"name": PRO["name"], "quantity": 2}]}, "package_quantity"),
    ({"offerings": [PRO["name"], FREE["name"]]}, "multiple_packages"),
    ({"offerings": [PRO["name"]], "allowed_offerings": []}, "not_allowed"),
    ({"offerings": [PRO["name"]], "maximum_quantities": {PRO["name"]: 0}}, "quantity_limit"),
]


def test_rejected_orders_create_nothing(modules: AccountModules, sandbox: Sandbox) -> None:
    tasks = [account(profile=BAKERY, **options) for options, _code in REJECTED]
    results = modules.run(*tasks, {**tasks[0], "check_mode": True}).results
    codes = [code for _options, code in REJECTED]
    for result, code in zip(results, [*codes, codes[0]]):
        assert result["failed"] and not result["changed"] and result["requests"] == []
        (violation,) = result["gate"]["violations"]
        assert (result["failure"]["code"], violation["code"]) == ("gate_violations", code)
        assert result["msg"].splitlines()[1] == f"- {violation['message']}"
    assert all(request["method"] == "GET" for request in sandbox.requests())


def test_without_an_order_no_account_is_created(modules: AccountModules, sandbox: Sandbox) -> None:
    outcome = modules.run(
        *[account(profile=BAKERY, state=state) for state in ("present", "activated", "deactivated")],
        account(account_id="sg0", state="activated", offerings=[FREE["name"]]),
    )
    assert outcome.codes() == ["not_found"] * 4 and emails(sandbox) == []
    assert [result["requests"] for result in outcome.results] == [[]] * 4
    assert outcome.results[0]["failure"]["details"]["account_ids"] == []
    assert "no account has the email 'owner@harbour-bakery.example'" in outcome.results[0]["msg"]


INVALID: list[tuple[dict[str, Any], list[str]]] = [
    ({"state": "absent", "profile": {"company_name": "Harbour Bakery"}}, ["account_id, profile.email"]),
    # To delete an account, only what identifies it counts.
    (
        {
            "state": "absent",
            "account_id": "../offerings",
            "profile": {"phone": "030 123"},
            "offerings": [FREE["name"]],
            "purge_offerings": True,
            "test_account": True,
            "create_unverified": True,
        },
        ["account_id"],
    ),
    ({"offerings": [FREE["name"]]}, ["account_id, profile.email"]),
    ({"profile": {"first_name": "Hanna"}}, ["account_id, profile.email"]),
    (
        {
            "account_id": "sg1?limit=1",
            "profile": {"email": "a@b", "phone": "030 123", "timezone": "Prague", "company_website": "example.com"},
        },
        ["account_id", "profile.company_website", "profile.email", "profile.phone", "profile.timezone"],
    ),
    # Settings are checked before anything else.
    ({"account_id": "sg1?limit=1", "timeout": 0, "cache_ttl": -1}, ["timeout", "cache_ttl"]),
    # Each of these could change the path of the request.
    ({"account_id": "..", "state": "absent"}, ["account_id"]),
    *[
        ({"account_id": account_id, "state": "deactivated"}, ["account_id"])
        for account_id in ("sg1/state", "sg1\n", "")
    ],
]


def test_all_invalid_options_are_reported_and_nothing_is_sent(modules: AccountModules, sandbox: Sandbox) -> None:
    outcome = modules.run(*[account(**options) for options, _names in INVALID])
    assert outcome.codes() == ["invalid_option"] * len(INVALID)
    problems = [result["failure"]["details"]["problems"] for result in outcome.results]
    assert [[one["option"] for one in found] for found in problems] == [names for _options, names in INVALID]
    assert sandbox.count() == 0


def test_only_differences_of_the_state_are_sent(modules: AccountModules, sandbox: Sandbox) -> None:
    existing = sandbox.create({"email": "owner-1@example.com"}, [FREE])
    states = ("activated", "deactivated", "deactivated", "present", "activated")
    results = modules.run(*[account(account_id=existing, state=state) for state in states]).results
    assert [result["changed"] for result in results] == [False, True, False, False, True]
    assert [len(result["requests"]) for result in results] == [0, 1, 0, 0, 1]
    assert [result["account_state"] for result in results][1:] == [*["deactivated"] * 3, "activated"]


def test_a_suspended_account_is_not_changed(modules: AccountModules, sandbox: Sandbox) -> None:
    existing = sandbox.create({"email": "owner-1@example.com"}, [PRO])
    sandbox.control("PUT", f"/accounts/{existing}", {"state": "suspended"})
    order = {"account_id": existing, "offerings": [FREE["name"]]}
    outcome = modules.run(
        account(state="activated", **order), account(state="deactivated", **order), account(account_id=existing)
    )
    assert outcome.codes() == ["account_state", "account_state", None] and outcome.changed() == 0
    *refused, unaffected = outcome.results
    for result, verb in zip(refused, ("activated", "deactivated")):
        assert result["account_state"] == result["failure"]["details"]["state"] == "suspended"
        assert f"is suspended, so it cannot be {verb}" in result["msg"] and result["requests"] == []
    assert unaffected["account_state"] == "suspended"
    assert "is suspended: only the vendor can lift that" in unaffected["warnings"][0]


def test_offerings_that_are_no_longer_sold_are_kept(modules: AccountModules, sandbox: Sandbox) -> None:
    existing = sandbox.create({"email": "owner-1@example.com"}, [PRO, IPS])
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": IPS}, {"offering": FREE}]})
    more = {"account_id": existing, "cache_ttl": 0, "purge_offerings": True, "require_package": False}
    added, rejected, purged = modules.run(
        account(account_id=existing, offerings=[{**IPS, "quantity": 3}], cache_ttl=0),
        account(account_id=existing, offerings=[{"name": PRO["name"], "quantity": 2}], cache_ttl=0),
        {**account(offerings=[{**IPS, "quantity": 3}], **more), "check_mode": True},
    ).results
    assert added["changed"] and added["kept"] == [PRO] and added["offerings"] == [{**IPS, "quantity": 3}, PRO]
    assert rejected["failed"] and not rejected["changed"] and rejected["requests"] == []
    assert purged["changed"] and purged["removed"] == [PRO]


def test_a_deleted_account_is_not_found(modules: AccountModules, sandbox: Sandbox) -> None:
    existing = sandbox.create({"email": "owner-1@example.com"}, [FREE])
    deletion = account(account_id=existing, state="absent")
    outcome = modules.run(deletion, {**deletion, "check_mode": True}, account(account_id=existing, state="deactivated"))
    assert outcome.codes() == [None, None, "not_found"] and outcome.changed() == 1


def test_failure_reports_the_requests_sent_before_it(modules: AccountModules, sandbox: Sandbox) -> None:
    sandbox.fault(method="PUT", path=f"{ACCOUNTS}/*", status=403)
    outcome = modules.run(account(**customer_options(1, FREE["name"]), state="deactivated"))
    (result,) = outcome.results
    assert outcome.codes() == ["forbidden"] and result["changed"]
    assert result["account_id"] == sandbox.control("GET", "/accounts")[0]["id"]
    assert [request["method"] for request in result["requests"]] == ["POST", "PUT"]


# Secrets


def test_an_error_of_the_collection_does_not_hide_what_was_done(
    modules: AccountModules, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise TypeError(f"no good with {sandbox.key}")

    monkeypatch.setattr(AccountsApi, "set_state", fail)
    rows = [
        {"profile": {"email": f"{number}@example.com"}, "offerings": [PRO], "state": state}
        for number, state in enumerate(("present", "deactivated", "deactivated"))
    ]
    many, one = (
        modules.run(task).results[0]
        for task in (
            accounts(*rows),
            account(**{**rows[0], "profile": {"email": "3@example.com"}, "state": "deactivated"}),
        )
    )
    assert [(row["action"], row["created"]) for row in many["accounts"]] == [
        ("created", True),
        ("failed", True),
        ("failed", True),
    ]
    assert many["accounts"][1]["failure"]["details"]["uncertain"] is True
    assert one["created"] and one["account_id"]
    for result in (many, one):
        assert result["failed"] and result["changed"] and sandbox.key not in str(result)
        assert result["msg"].startswith("TypeError: no good with ********. This is an error of the collection.")
    assert len(emails(sandbox)) == 4


def test_key_does_not_appear(plays: AccountPlays, modules: AccountModules, sandbox: Sandbox) -> None:
    existing = sandbox.create({"email": "owner-1@example.com"}, [FREE])
    key = sandbox.key
    echo = json.dumps({"errors": [{"message": f"bad key {key}", "field": key}]})
    sandbox.fault(method="PUT", path=f"{ACCOUNTS}/*", status=400, body=echo)
    sandbox.fault(path=f"{ACCOUNTS}/echo/*", status=403, body=echo)
    # In a play, core prints and records each result and what it was called with.
    outcome = plays.run(
        account(account_id=existing, offerings=[PRO["name"]]),
        account(profile={"email": f"{KEY}@example.com", "phone": KEY}, offerings=[KEY]),
        accounts(customer_options(4, KEY), {KEY: KEY}, KEY, {"name": KEY, "account_id": KEY, "state": KEY}),
        info(account_ids=[KEY, "../x"], emails=[KEY]),
        sso(account_id="echo"),
        arguments=("-vvvvv", "--diff"),
    )
    assert outcome.codes() == ["bad_request", "invalid_option", "accounts_failed", "invalid_option", "forbidden"]
    in_process = modules.run(
        account(**customer_options(2)),
        account(account_id=existing, state="deactivated"),
        account(account_id="echo", state="absent"),
        account(account_id=key, state="absent"),
        account(profile={"email": key, "phone": key}, offerings=[key]),
        account(**customer_options(3, key)),
        accounts(customer_options(4), {"account_id": existing, "offerings": [PRO["name"]]}, plan_id=key),
        accounts({"account_id": existing, "offerings": [PRO["name"]], "name": key}),
        info(include=["state", "offerings"]),
        sso(account_id=existing),
        sso(account_id=key),
    )
    assert in_process.codes()[:3] == [None, "bad_request", "forbidden"]
    assert sum(code is None for code in in_process.codes()) == 3, in_process.codes()
    assert "********" in in_process.output and key not in in_process.output
    assert "********" in outcome.output
    assert key not in outcome.output
    for path in plays.ansible.home.rglob("*"):
        if path.is_file() and path.name not in ("playbook.yml", "variables.json") and "python" not in path.parts:
            assert key.encode() not in path.read_bytes(), path


def test_sso_url_does_not_appear_with_no_log(plays: AccountPlays, sandbox: Sandbox) -> None:
    existing = sandbox.create({"email": "owner-1@example.com"}, [FREE])
    path = f"{ACCOUNTS}/{existing}/sso"
    location = f"https://app.sendgrid.com/sso?code={CODE}"
    sandbox.fault(method="POST", path=path, times=2, status=303, headers={"Location": location})
    sandbox.fault(method="POST", path=path, times=1, status=302, headers={"Location": location}, body=location)
    sandbox.fault(method="POST", path=path, status=303, headers={"Location": location.replace("https", "http")})
    hidden_result = {"register": "signed", "no_log": True}
    outcome = plays.run(
        {**sso(account_id=existing), **hidden_result},
        # Assert that there is a URL to hide.
        {"ansible.builtin.assert": {"that": f"signed.url == '{location}'"}, "ignore_errors": False, "no_log": True},
        sso(account_id=existing),
        sso(account_id=existing),
        sso(account_id=existing),
        arguments=("-vvvvv",),
    )
    hidden, shown = outcome.output.split("TASK [reseller.sendgrid.sendgrid_account_sso]", 2)[1:]
    assert CODE not in hidden
    # A module cannot hide its own result, as its documentation warns.
    done, *failed = shown.split("TASK [reseller.sendgrid.sendgrid_account_sso]")
    assert CODE in done and len(failed) == 2 and CODE not in "".join(failed)
    assert outcome.codes()[-2:] == ["unexpected_response"] * 2
