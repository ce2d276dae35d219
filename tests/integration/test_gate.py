# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate module with a thousand orders in one task."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


def test_thousand_orders_need_one_request_for_the_catalog(ansible: Ansible, sandbox: Sandbox) -> None:
    catalog: list[dict[str, Any]] = [{"name": f"a.p-{size}k.v1", "type": "package"} for size in range(1000)]
    catalog += [{"name": f"a.x-{size}.v2", "type": "addon", "quantity": 1} for size in range(1000)]
    sandbox.control("PUT", "/catalog", {"catalog": [{"offering": offering} for offering in catalog]})
    orders = {
        f"customer {number}": [f"a.p-{number}k.v1", {"name": f"a.x-{number}.v{1 if number % 40 == 7 else 2}"}]
        for number in range(1000)
    }
    (ansible.home / "orders.json").write_text(json.dumps({"orders": orders}))
    result = ansible.home / "result.json"
    tasks = [
        {
            "reseller.sendgrid.sendgrid_offerings_gate": {"orders": "{{ orders }}"},
            "register": "checked",
            "ignore_errors": True,
        },
        {"ansible.builtin.copy": {"content": "{{ checked | to_json }}", "dest": str(result)}},
    ]
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    output = ansible.play([play], "-e", "@orders.json", environment=environment).stdout
    assert sandbox.count() == 1, output[-1000:]

    checked = json.loads(result.read_text())
    lines = checked["msg"].splitlines()
    assert lines[:2] == [
        "25 of 1000 orders have 25 violations:",
        f"- orders['customer 7'][1]: 'a.x-7.v1' is not in your catalog (2000 offerings at {sandbox.endpoint[7:]}). "
        "Did you mean 'a.x-7.v2'?",
    ]
    assert lines[6:] == ["- and 20 more"]
    assert list(checked["gates"]) == list(orders)
    assert [name for name, gate in checked["gates"].items() if not gate["ok"]] == checked["failure"]["details"][
        "orders"
    ]
    assert checked["gates"]["customer 999"]["payload"] == [
        {"name": "a.p-999k.v1", "type": "package", "quantity": 1},
        {"name": "a.x-999.v2", "type": "addon", "quantity": 1},
    ]
