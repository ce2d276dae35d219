# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the integration targets like ``ansible-test``, but with the ansible-core and the Python of this run."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible

TARGETS = Path(__file__).with_name("targets")


@pytest.mark.parametrize(
    "target", sorted(path.name for path in TARGETS.iterdir() if not path.name.startswith("setup_"))
)
def test_target(target: str, ansible: Ansible) -> None:
    playbook = ansible.home / "target.yml"
    playbook.write_text(f"- hosts: localhost\n  gather_facts: false\n  roles: [{target}]\n")
    result = ansible.run("playbook", playbook, environment={"ANSIBLE_ROLES_PATH": str(TARGETS)})
    assert result.returncode == 0, result.stdout
    assert "failed=0" in result.stdout and "ok=0" not in result.stdout
    for unwanted in ("Traceback", "DEPRECATION WARNING"):
        assert unwanted not in result.stdout, result.stdout
