# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people do with playbooks that create accounts, where the list shows a new account late: one account each."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from contextlib import suppress

import pytest
from ansible_collections.reseller.sendgrid.tests.support.account_plays import (
    ACCOUNTS,
    FREE,
    AccountPlays,
    account,
    accounts,
    customer_options,
    emails,
)
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

# Longer than the test, in seconds.
NEVER = 86_400
RETRIES = {"retries": 2, "delay": 0.1, "register": "outcome", "until": "outcome is success"}


@pytest.fixture
def plays(ansible: Ansible, sandbox: Sandbox) -> AccountPlays:
    sandbox.control("PUT", "/list-lag", NEVER)
    return AccountPlays(ansible, sandbox)


def test_each_customer_has_one_account_whatever_a_play_repeats(plays: AccountPlays, sandbox: Sandbox) -> None:
    lost, followed_up, shared, rows = (customer_options(number, FREE["name"]) for number in range(1, 5))
    for fault in (
        {"method": "POST", "path": ACCOUNTS, "times": 1, "status": 502, "apply": True},
        {"method": "GET", "path": f"{ACCOUNTS}/*", "times": 1, "status": 503},
    ):
        sandbox.fault(**fault)
    hosts = [f"host{number}" for number in range(3)]
    for host in hosts:
        with (plays.ansible.home / "inventory").open("a") as inventory:
            inventory.write(f"{host} ansible_connection=local ansible_python_interpreter={plays.ansible.python}\n")
    all_rows = accounts(rows, {**customer_options(5, FREE["name"]), "name": "Five"})
    outcome = plays.run_plays(
        plays.play(
            {**account(**lost), **RETRIES},
            {**account(**followed_up, state="deactivated"), **RETRIES},
            all_rows,
            all_rows,
        ),
        # With this strategy, core runs the task on each host in spite of "run_once".
        plays.play(
            {**account(**shared), "delegate_to": "localhost", "run_once": True},
            hosts=",".join(hosts),
            strategy="ansible.builtin.free",
        ),
    )
    assert Counter(emails(sandbox)) == dict.fromkeys((f"owner-{number}@example.com" for number in range(1, 6)), 1)
    lost_result, followed_up_result, created, repeated, *shared_results = outcome.results
    assert lost_result["failure"]["code"] == "creation_pending" and lost_result["failure"]["details"]["uncertain"]
    assert "until" in lost_result["msg"] and os.path.exists(lost_result["failure"]["details"]["journal"])
    assert followed_up_result["account_state"] == "deactivated" and "failure" not in followed_up_result
    assert created["summary"]["created"] == 2 and repeated["summary"]["unchanged"] == 2 and not repeated["changed"]
    # The task of one host has created the account; the others use it.
    assert [result["created"] for result in shared_results].count(True) == 1
    assert len({result["account_id"] for result in shared_results}) == 1
    sandbox.control("PUT", "/list-lag", 0)
    (found,) = plays.run(account(**lost)).results
    assert found["created"] and found["changed"]
    assert len(emails(sandbox)) == 5


def test_a_creation_that_was_answered_with_429_is_looked_for(plays: AccountPlays, sandbox: Sandbox) -> None:
    # Less than the shortest wait.
    sandbox.control("PUT", "/list-lag", 3)
    sandbox.fault(method="POST", path=ACCOUNTS, times=1, status=429, apply=True, headers={"X-RateLimit-Reset": "0"})
    outcome = plays.run(account(**customer_options(1, FREE["name"]), retries=2))
    assert len(emails(sandbox)) == 1 and outcome.results[0]["created"] and outcome.results[0]["changed"]


def test_a_killed_run_leaves_one_account(plays: AccountPlays, sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", path=ACCOUNTS, delay=120, apply=True)
    task = account(**customer_options(1, FREE["name"]))
    home = plays.ansible.home
    (home / "variables.json").write_text("{}")
    (home / "playbook.yml").write_text(json.dumps([plays.play(task)]))
    with plays.ansible.running("playbook", home / "playbook.yml", environment=plays.environment) as process:
        give_up_at = time.monotonic() + 60
        while not emails(sandbox) and time.monotonic() < give_up_at:
            time.sleep(0.05)
        # As Ctrl-C does, which each process of the terminal gets.
        for pid in plays.ansible.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        process.wait(60)
    sandbox.control("DELETE", "/faults")
    assert plays.run(task).codes() == ["creation_pending"] and len(emails(sandbox)) == 1
