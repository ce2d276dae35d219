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

    def play(*tasks: Any, **more: Any) -> dict[str, Any]:
        # A play that stops must not end the run.
        stopped = [{"block": list(tasks), "rescue": [{"ansible.builtin.debug": {"msg": "stopped"}}]}]
        return {"hosts": "all", "gather_facts": False, "vars": {**variables, **more}, "tasks": stopped}

    # The responses with the first key and the third one are lost.
    sandbox.fault(method="POST", path="/v3/api_keys", cut="before", apply=True, times=1)
    sandbox.fault(method="POST", path="/v3/api_keys", cut="before", apply=True, skip=1, times=1)
    delete = {"account_id": "{{ bakery.account_id }}", "name": "website 2026-01", "state": "absent"}
    rotate = (*FIRST[:1], *ROTATION["tasks"])
    plays = [
        play(*FIRST),
        play(*FIRST),
        play(*FIRST[:1], {"reseller.sendgrid.sendgrid_account_api_key": delete}, *FIRST),
        play(*rotate, **{**ROTATION["vars"], "new_name": "website 2026-01"}),
        # The new key is in the account, but not in the file.
        play(*rotate, **ROTATION["vars"]),
        play(*rotate, **ROTATION["vars"]),
    ]
    output = ansible.play(plays, "-vvvv", environment=environment).stdout.replace("\\n", " ")
    lost, green_before, created, same, _lost_again, stopped = output.split("PLAY [all]")[1:]
    assert "may exist, but nobody knows its secret" in lost and '"msg": "stopped"' in lost
    assert "does not have the key" in green_before and '"msg": "stopped"' in green_before
    assert '"msg": "stopped"' not in created
    assert "Give the new key another name" in same and '"msg": "stopped"' in same
    assert "Delete the key website 2026-07 with the state absent" in stopped and '"msg": "stopped"' in stopped
    names = [key["name"] for key in sandbox.control("GET", "/accounts")[0]["api_keys"]]
    assert names == ["website 2026-01", "website 2026-07"]
    assert (ansible.home / "api-key").read_text() not in output


def test_the_first_playbook_runs_in_check_mode(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"key_file": str(ansible.home / "api-key")}
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    bakery = {"profile": {"email": "owner@harbour-bakery.example"}, "offerings": ["milne.ei.pro-100k.v1"]}
    create = {"reseller.sendgrid.sendgrid_account": bakery, "check_mode": False}
    play = {"hosts": "all", "gather_facts": False, "vars": variables, "tasks": [*FIRST, create, *FIRST]}
    output = ansible.play([play], "--check", environment=environment).stdout
    assert "failed=0" in output, output
    assert "changed=3 " in output, output
