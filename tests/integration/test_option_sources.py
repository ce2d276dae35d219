# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that must not leave the machine, given to a module and to the lookup in real plays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

INFO = "reseller.sendgrid.sendgrid_offerings_info"
QUERY = "{{ query('reseller.sendgrid.offerings') | length }}"
OTHER_KEY = f"SG.{'o' * 22}.{'p' * 43}"
SECRET = "a password that nobody may see"


def run(
    ansible: Ansible,
    tasks: list[dict[str, Any]],
    variables: dict[str, Any],
    *arguments: str,
    environment: dict[str, str] | None = None,
) -> str:
    """Run the tasks, each of which may fail, and return the output, which never holds a secret."""
    play = {"hosts": "all", "gather_facts": False, "ignore_errors": True, "vars": variables, "tasks": tasks}
    output = ansible.play([play], *arguments, environment=environment).stdout
    assert SECRET not in output and OTHER_KEY not in output
    assert "Traceback" not in output and "Unexpected" not in output, output
    return " ".join(output.split())


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a mapping": (
        {"sendgrid_api_key": "{{ kv }}", "kv": {"raw": {}, "secret": {"api_key": OTHER_KEY, "password": SECRET}}},
        "api_key: it is a mapping, and text is needed; name the entry of it that is the key.",
        "the variable sendgrid_api_key",
    ),
    "a list": ({"sendgrid_api_key": [OTHER_KEY]}, "api_key: it is a list", "the variable sendgrid_api_key"),
    "a number": ({"sendgrid_api_key": 12345678901234567890123}, "api_key: it is a number", "sendgrid_api_key"),
    "an environment variable that is not set": (
        {"sendgrid_api_key": "{{ lookup('ansible.builtin.env', 'RESELLER_B_KEY') }}"},
        "api_key: it is blank.",
        "the variable sendgrid_api_key",
    ),
    "a template that is null": (
        {"sendgrid_api_key": "{{ kv.x | default(none) }}", "kv": {}},
        "api_key: it is blank.",
        "the variable sendgrid_api_key",
    ),
    "a blank endpoint": (
        {"sendgrid_api_endpoint": "{{ kv.x | default('') }}", "kv": {}},
        "api_endpoint: it is blank.",
        "the variable sendgrid_api_endpoint",
    ),
    "an undefined key": (
        {"sendgrid_api_key": "{{ vault_sendgrid_api_key }}"},
        "sendgrid_api_key",
        "'vault_sendgrid_api_key' is undefined",
    ),
    "an undefined directory": (
        {"sendgrid_cache_dir": "{{ project_root }}/cache"},
        "sendgrid_cache_dir",
        "'project_root' is undefined",
    ),
    "quotes": ({"sendgrid_api_key": f"'{OTHER_KEY}'"}, "api_key: it is in quotes.", "Remove them"),
    "Bearer": ({"sendgrid_api_key": f"Bearer {OTHER_KEY}"}, "it starts with 'Bearer '.", "Give the key alone"),
    "no number": (
        {"sendgrid_timeout": "soon"},
        "timeout: 'soon' is no number.",
        "It comes from the variable sendgrid_timeout",
    ),
    "a misspelt boolean": (
        {"sendgrid_validate_certs": "ture"},
        "validate_certs: 'ture' is no boolean",
        "the variable sendgrid_validate_certs",
    ),
    "two endpoints": (
        {"sendgrid_region": "eu"},
        "only one of them can be: region from the variable sendgrid_region",
        "api_endpoint from SENDGRID_API_ENDPOINT in the environment",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_variable_is_refused_before_anything_is_sent(ansible: Ansible, sandbox: Sandbox, case: str) -> None:
    variables, problem, source = REFUSED[case]
    tasks = [
        {INFO: {}},
        {"ansible.builtin.debug": {"msg": QUERY}},
        {"ansible.builtin.debug": {"var": "catalog"}, "vars": {"catalog": QUERY}},
        {"name": "Called {{ catalog }}", "ansible.builtin.debug": {}, "vars": {"catalog": QUERY}},
    ]
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    output = run(ansible, tasks, variables, "-vvvvv", environment=environment)
    assert sandbox.count() == 0
    # In the results of the module, of the lookup in a task, and where core only shows a value.
    assert output.count(problem) >= 3 and output.count(source) >= 3, output
    assert '"code": "invalid_option"' in output
    assert not list(ansible.home.rglob("<<*"))


def test_a_refused_task_creates_nothing(ansible: Ansible, sandbox: Sandbox) -> None:
    """With the variables of the sandbox, an account never reaches another endpoint."""
    account = {"profile": {"email": "owner@bakery.example"}, "offerings": ["org.ei.free.v1"]}
