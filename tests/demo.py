# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Demonstrate the collection: run example playbooks against the sandbox."""

from __future__ import annotations

import sys

from .support.ansible_runner import CHECKOUT, ansible
from .support.sandbox_client import Sandbox

# An account for a valid order, an audit with invalid orders, and accounts for several customers.
PLAYBOOKS = ("gate_then_create.yml", "audit_orders.yml", "provision_customers.yml")


def main() -> int:
    with Sandbox() as sandbox, ansible() as runner:
        environment = {
            "SENDGRID_API_KEY": sandbox.key,
            "SENDGRID_API_ENDPOINT": sandbox.endpoint,
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        }
        for name in PLAYBOOKS:
            result = runner.run("playbook", CHECKOUT / "docs" / "examples" / name, environment=environment)
            print(f"$ ansible-playbook docs/examples/{name}\n{result.stdout}")
            if result.returncode != 0:
                return result.returncode
        print(f"The sandbox received {sandbox.count()} requests, and stops now.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
