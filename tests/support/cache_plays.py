# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tasks against the sandbox with a cache, and read the values that the tasks show."""

from __future__ import annotations

import base64
import json
import re
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from .ansible_runner import Ansible
from .sandbox_client import Sandbox

Task = dict[str, Any]


def lookup(arguments: str = "", **variables: Any) -> Task:
    """Show the names of the offerings that the lookup returns."""
    return show(f"query('reseller.sendgrid.offerings', {arguments}) | map(attribute='name') | list", **variables)


def show(expression: str, **variables: Any) -> Task:
    # In base64, because Ansible quotes and wraps text in its output.
    message = f"shown {{{{ inventory_hostname }}}} {{{{ {expression} | to_json | b64encode }}}}."
    return {"ansible.builtin.debug": {"msg": message}, "vars": variables}


def ignore_failure(task: Task) -> list[Task]:
    """Run ``task``, ignore its failure, and show whether it failed and its message."""
    return [{**task, "register": "result", "ignore_errors": True}, show("(result is failed, result.msg)")]


def info(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_offerings_info": options}


def gate(*offerings: Any, **options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_offerings_gate": {"offerings": offerings, **options}}


def show_metadata(task: Task) -> list[Task]:
    """Run a module, and show the metadata of its catalog."""
    keys = ("cached", "cache_age", "rate_limit_remaining", "endpoint")
    return [{**task, "register": "result"}, show(f"[{', '.join(f'result.{key}' for key in keys)}]")]


# Sets the age of all catalogs in a directory, in seconds.
SET_AGE = """
import os, sys, time
directory, seconds = sys.argv[1:]
names = [name for name in os.listdir(directory) if "." not in name]
assert names
for name in names:
    os.utime(os.path.join(directory, name), (time.time() - int(seconds),) * 2)
"""


class Run:
    """The values that the tasks of a run showed, in order."""

    def __init__(self, output: str) -> None:
        self.output = output
        matches = re.findall(r"\bshown (\S+) ([\w+/=]+)\.", output)
        self.by_host = [(host, json.loads(base64.b64decode(text))) for host, text in matches]

    @property
    def shown(self) -> list[Any]:
        return [value for _host, value in self.by_host]


class Plays:
    """Run tasks against the sandbox, with a cache in the home directory of the test."""

    def __init__(self, ansible: Ansible, sandbox: Sandbox) -> None:
        self.ansible = ansible
        self.sandbox = sandbox
        self.directory = ansible.home / ".ansible" / "sendgrid_cache"
        self.options = {"api_key": sandbox.key, "api_endpoint": sandbox.endpoint, "retries": 0}
        (ansible.home / "hosts").write_text("host[01:20] ansible_connection=local\n")
        (ansible.home / "age.py").write_text(SET_AGE)

    def run(
        self,
        *tasks: Task,
        plays: int = 1,
        hosts: int = 0,
        environment: Mapping[str, str] | None = None,
        **variables: Any,
    ) -> Run:
        """Run the tasks on localhost, or on this number of ``hosts``, ten at a time.

        :param plays: how many times the play is repeated.
        :param variables: variables of the play.
        """
        play = {
            "hosts": f"all[0:{hosts - 1}]" if hosts else "all",
            "gather_facts": False,
            "module_defaults": {"group/reseller.sendgrid.sendgrid": self.options},
            "vars": {"sendgrid_api_endpoint": self.sandbox.endpoint, **variables},
            "tasks": tasks,
        }
        arguments = ["--inventory", "hosts", "--forks", "10"] if hosts else []
        merged = {"SENDGRID_API_KEY": self.sandbox.key, **(environment or {})}
        result = self.ansible.play([play] * plays, *arguments, environment=merged)
        assert "Traceback" not in result.stdout and "DEPRECATION" not in result.stdout, result.stdout
        assert "failed=0" in result.stdout and not re.search(r"failed=[1-9]", result.stdout), result.stdout
        return Run(result.stdout)

    def set_age(self, seconds: int) -> Task:
        """Return a task that sets the age of all cached catalogs."""
        command = shlex.join([sys.executable, str(self.ansible.home / "age.py"), str(self.directory), str(seconds)])
        message = f"aged {{{{ lookup('ansible.builtin.pipe', {json.dumps(command)}) }}}}"
        return {"ansible.builtin.debug": {"msg": message}, "run_once": True}

    def serve(self, *documents: Any) -> None:
        """Let the API return one catalog after the other; the last one repeats."""
        for document in documents[:-1]:
            self.sandbox.fault(status=200, body=json.dumps(document), times=1)
        self.sandbox.control("PUT", "/catalog", documents[-1])
