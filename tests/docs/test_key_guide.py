# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of the guide to API keys stop where nobody would have a key, and show no key."""

from __future__ import annotations

import re
from typing import Any

import yaml
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

GUIDE = (CHECKOUT / "docs" / "docsite" / "rst" / "api_keys.rst").read_text()
BLOCKS = re.findall(r"^\.\. code-block:: yaml\n\n((?: +[^\n]*\n|\n)+)", GUIDE, re.MULTILINE)
(FIRST,) = [yaml.safe_load(block) for block in BLOCKS if "Give the customer a key" in block]
((ROTATION,),) = [yaml.safe_load(block) for block in BLOCKS if "old_name" in block]


def test_no_playbook_goes_on_without_the_key(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"key_file": str(ansible.home / "api-key"), "reload_command": "true"}
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}

    def run(*tasks: Any, **more: Any) -> str:
        play = {"hosts": "all", "gather_facts": False, "vars": {**variables, **more}, "tasks": list(tasks)}
        return ansible.play([play], "-vvvv", environment=environment).stdout.replace("\\n", " ")

    sandbox.fault(method="POST", path="/v3/api_keys", cut="before", apply=True, times=1)
    lost = run(*FIRST)
    assert "may exist, but nobody knows its secret" in lost and "failed=1" in lost, lost[-3000:]
    green_before = run(*FIRST)
    assert "does not have the key" in green_before and "failed=1" in green_before, green_before[-3000:]
    delete = {"account_id": "{{ bakery.account_id }}", "name": "website 2026-01", "state": "absent"}
    created = run(*FIRST[:1], {"reseller.sendgrid.sendgrid_account_api_key": delete}, *FIRST)
    assert "failed=0" in created
    secret = (ansible.home / "api-key").read_text()
    same = run(*FIRST[:1], *ROTATION["tasks"], **{**ROTATION["vars"], "new_name": "website 2026-01"})
    assert "Give the new key another name" in same and "failed=1" in same
    # The new key is in the account, but not in the file.
    sandbox.fault(method="POST", path="/v3/api_keys", cut="before", apply=True, times=1)
    run(*FIRST[:1], *ROTATION["tasks"], **ROTATION["vars"])
    stopped = run(*FIRST[:1], *ROTATION["tasks"], **ROTATION["vars"])
    assert "Delete the key website 2026-07 with the state absent" in stopped and "failed=1" in stopped
    names = [key["name"] for key in sandbox.control("GET", "/accounts")[0]["api_keys"]]
    assert names == ["website 2026-01", "website 2026-07"]
    for output in (created, same, stopped):
        assert secret not in output


def test_the_first_playbook_runs_in_check_mode(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"key_file": str(ansible.home / "api-key")}
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    play = {"hosts": "all", "gather_facts": False, "vars": variables, "tasks": FIRST}
    assert "failed=0" in ansible.play([play], "--check", environment=environment).stdout
    sandbox.create(
        {"email": "owner@harbour-bakery.example"}, [{"name": "milne.ei.pro-100k.v1", "type": "package", "quantity": 1}]
    )
    with_account = ansible.play([play], "--check", environment=environment).stdout
    assert "failed=0" in with_account and "changed=1" in with_account, with_account[-3000:]
