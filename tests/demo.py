# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Demonstrate the collection: run example playbooks against the sandbox."""

from __future__ import annotations

import re
import sys

from .support.ansible_runner import CHECKOUT, ansible
from .support.sandbox_client import Sandbox

# Plan the accounts of the customers, carry out this plan, find nothing more to do, and check orders of which some are
# wrong. THE PLAN is the ID in the output of the first one.
RUNS = (
    ("approve_plan.yml",),
    ("approve_plan.yml", "-e", "approved_plan_id=THE PLAN"),
    ("provision_customers.yml",),
    ("audit_orders.yml",),
)


def main() -> int:
    with Sandbox() as sandbox, ansible() as runner:
        environment = {
            "SENDGRID_API_KEY": sandbox.key,
            "SENDGRID_API_ENDPOINT": sandbox.endpoint,
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            # Tasks that are skipped tell a reader nothing.
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        }
        plan_id = ""
        for name, *arguments in RUNS:
            arguments = [argument.replace("THE PLAN", plan_id) for argument in arguments]
            path = CHECKOUT / "docs" / "examples" / name
            result = runner.run("playbook", path, *arguments, environment=environment)
            print(" ".join(["$ ansible-playbook", f"docs/examples/{name}", *arguments]), result.stdout, sep="\n")
            if result.returncode != 0:
                return result.returncode
            if found := re.search(r"The ID of this plan is ([0-9a-f-]+)", result.stdout):
                plan_id = found[1]
        print(f"The sandbox received {sandbox.count()} requests, and stops now.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
