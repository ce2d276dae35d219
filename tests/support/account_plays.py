# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks of the account modules in real plays and in this process, and the requests and accounts of the sandbox."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .ansible_runner import CHECKOUT, Ansible
from .module_runner import ModuleRunner
from .sandbox_client import Sandbox

Task = dict[str, Any]
ACCOUNTS, OFFERINGS = "/v3/partners/accounts", "/v3/partners/offerings"
FREE = {"name": "org.ei.free.v1", "type": "package", "quantity": 1}
PRO = {"name": "milne.ei.pro-100k.v1", "type": "package", "quantity": 1}
IPS = {"name": "milne.x.ip.v2", "type": "addon", "quantity": 2}
KEY = "{{ lookup('ansible.builtin.env', 'THE_KEY') }}"


def account(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_account": options}


def accounts(*rows: Any, **options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_accounts": {"accounts": list(rows), **options}}


def info(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_account_info": options}


def sso(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_account_sso": options}


def customer_options(number: int, *offerings: Any) -> dict[str, Any]:
    profile = {"company_name": f"Customer {number}", "email": f"owner-{number}@example.com"}
    return {"profile": profile, "offerings": list(offerings) or [PRO["name"], {"name": IPS["name"], "quantity": 2}]}


class Outcome:
    """The output of a run, and the results of its tasks in order, with one result for each loop item."""

    def __init__(self, output: str, records: list[dict[str, Any]]) -> None:
        self.output = output
        self.results: list[dict[str, Any]] = [result for record in records for result in record["items"]]

    def changed(self) -> int:
        """Return the number of results that report a change."""
        return sum(bool(result.get("changed")) for result in self.results)

    def codes(self) -> list[str | None]:
        """Return the failure code of each result, ``None`` for success."""
        return [result["failure"]["code"] if "failure" in result else None for result in self.results]


class AccountPlays:
    """Run tasks on the accounts of a sandbox, and ignore their failures."""

    def __init__(self, ansible: Ansible, sandbox: Sandbox) -> None:
        self.ansible = ansible
        # The playbook must not contain the key, because core prints parts of it.
        self.key = sandbox.key
        self.options: dict[str, Any] = {"api_key": KEY, "api_endpoint": sandbox.endpoint, "retries": 0}

        home = ansible.home
        self.environment = {
            "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests" / "callback_plugins"),
            "THE_KEY": self.key,
            "RECORDER": str(home / "record"),
            "RECORDER_IMPORTS_NOTHING": "true",
            "ANSIBLE_PIPELINING": "true",
            # The default does not depend on ``HOME``.
            "ANSIBLE_ASYNC_DIR": str(home / "async"),
        }

    def play(self, *tasks: Task, **keywords: Any) -> dict[str, Any]:
        """Return a play with the options of the sandbox.

        :param keywords: of the play.
        """
        return {
            "hosts": "localhost",
            "gather_facts": False,
            "vars_files": ["variables.json"],
            "module_defaults": {"group/reseller.sendgrid.sendgrid": self.options},
            "tasks": [{"ignore_errors": True, **task} for task in tasks],
            **keywords,
        }

    def run(self, *tasks: Task, variables: Mapping[str, Any] | None = None, arguments: tuple[str, ...] = ()) -> Outcome:
        return self.run_plays(self.play(*tasks), variables=variables, arguments=arguments)

    def run_plays(
        self, *plays: dict[str, Any], variables: Mapping[str, Any] | None = None, arguments: tuple[str, ...] = ()
    ) -> Outcome:
        home = self.ansible.home
        (home / "variables.json").write_text(json.dumps(variables or {}))
        (home / "record").write_text("")
        output = self.ansible.play(plays, *arguments, environment=self.environment).stdout
        assert "Traceback" not in output and "DEPRECATION" not in output, output
        assert "unreachable=0    failed=0" in output, output
        return Outcome(output, [json.loads(line) for line in (home / "record").read_text().splitlines()])


class AccountModules:
    """Run the same tasks in this process. A task has no templates and no keyword but ``check_mode``."""

    def __init__(self, runner: ModuleRunner) -> None:
        self.runner = runner
        self.options: dict[str, Any] = {"retries": 0}
        # What the modules have written, with their arguments.
        self.output = ""

    def run(self, *tasks: Task) -> Outcome:
        results = []
        for task in tasks:
            (name,) = (key for key in task if key != "check_mode")
            collection, _dot, short_name = name.rpartition(".")
            module = importlib.import_module(f"ansible_collections.{collection}.plugins.modules.{short_name}")
            is_check = task.get("check_mode", False)
            results.append(self.runner.run(module, _ansible_check_mode=is_check, **self.options, **task[name]))
            self.output += self.runner.output
        return Outcome(self.output, [{"items": results}])


def request_counts(sandbox: Sandbox, since: int = 0) -> Counter[str]:
    """Return how many requests each operation got, with ``ID`` for the IDs of accounts.

    :param since: the number of requests to skip.
    """
    counts: Counter[str] = Counter()
    for request in sandbox.requests()[since:]:
        parts = request["path"].removeprefix(ACCOUNTS).split("/")
        name = request["path"] if request["path"] in (ACCOUNTS, OFFERINGS) else "/".join(["ID", *parts[2:]])
        counts[f"{request['method']} {name}"] += 1
    return counts


def emails(sandbox: Sandbox) -> list[str]:
    return [stored["profile"].get("email", "") for stored in sandbox.control("GET", "/accounts")]
