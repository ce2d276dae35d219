# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Core 2.22 and newer mask what the collection has told them is secret, also where a playbook prints it later."""

from __future__ import annotations

import importlib.util

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

if importlib.util.find_spec("ansible.module_utils.secrets") is None:
    pytest.skip("core 2.21 and older do not mask what a debug task prints, see the guide", allow_module_level=True)


def test_secrets_do_not_appear_in_what_later_tasks_print(ansible: Ansible, sandbox: Sandbox) -> None:
    log = ansible.home / "log"
    environment = {"THE_KEY": sandbox.key, "ANSIBLE_LOG_PATH": str(log)}
    variables = {
        # Core masks a value that it has decrypted itself, but not one from the environment.
        "sendgrid_api_key": "{{ lookup('ansible.builtin.env', 'THE_KEY') }}",
        "sendgrid_api_endpoint": sandbox.endpoint,
    }
    play = {"hosts": "all", "gather_facts": False, "vars": variables}
    show_key = {"ansible.builtin.debug": {"msg": "key {{ sendgrid_api_key }}."}}
    read = {"ansible.builtin.set_fact": {"catalog": "{{ query('reseller.sendgrid.offerings') }}"}}
    # Core registers the key when it checks the options. These are refused before that.
    refused = {**read, "vars": {"sendgrid_api_endpoint": 5}, "ignore_errors": True}
    account = {"profile": {"email": "owner@bakery.example"}, "offerings": ["org.ei.free.v1"]}
    new_key = {"account_id": "{{ created.account_id }}", "name": "website", "scopes": ["mail.send"]}
    stored = ansible.home / "stored"
    secrets = [
        {"reseller.sendgrid.sendgrid_account": account, "register": "created"},
        {"reseller.sendgrid.sendgrid_account_api_key": new_key, "register": "website"},
        {"ansible.builtin.debug": {"msg": "new key {{ website.api_key }}."}},
        {"ansible.builtin.copy": {"content": "{{ website.api_key }}", "dest": str(stored), "mode": "0600"}},
        {
            "reseller.sendgrid.sendgrid_account_sso": {"account_id": "{{ created.account_id }}"},
            "register": "sign_on",
        },
        {"ansible.builtin.debug": {"msg": "URL {{ sign_on.url }}."}},
    ]
    cold = ansible.play(
        [{**play, "tasks": [refused, show_key, read, *secrets]}], "-vvvvv", environment=environment
    ).stdout
    requests = sandbox.count()
    warm = ansible.play([{**play, "tasks": [read, show_key]}], "-vvvvv", environment=environment).stdout
    assert sandbox.count() == requests
    assert "URL $REDACTED$." in cold and "new key $REDACTED$." in cold
    for output in (cold, warm):
        assert "key $REDACTED$." in output and "failed=0" in output, output[-3000:]
    for text in (cold, warm, log.read_text()):
        assert sandbox.key not in text and stored.read_text() not in text and "sso?code=" not in text
