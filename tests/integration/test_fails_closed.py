# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate fails closed: no failure lets an invalid order become an account.

Each host of a run is a case, and runs all workflows. A workflow checks an order with a gate, and then creates an
account with the names of the case and the workflow. The sandbox would accept all of these accounts, so only the gates
can prevent them. In plays there is one case of each kind; the gate and the cache are tested with all of them in this
process.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, Catalog
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache_update import update_cache
from ansible_collections.reseller.sendgrid.plugins.modules import sendgrid_offerings_gate
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.module_runner import ModuleRunner
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

Task = dict[str, Any]
PACKAGE, ADDON = "org.ei.free.v1", "milne.x.ip.v2"
ORDER = (PACKAGE, ADDON)
PAYLOAD = [{"name": PACKAGE, "type": "package", "quantity": 1}, {"name": ADDON, "type": "addon", "quantity": 1}]
OFFERINGS = "/v3/partners/offerings"


def create_account(workflow: str, offerings: Any = "{{ payload }}", **more: Any) -> Task:
    """Create an account with the names of the host and the workflow.

    The task also runs in check mode, where only the gate can prevent the account.
    """
    return {
        "ansible.builtin.uri": {
            "url": "{{ sandbox_endpoint }}/v3/partners/accounts",
            "method": "POST",
            "headers": {"Accept": "application/json", "Authorization": "Bearer {{ sandbox_key }}"},
            "body_format": "json",
            "body": {
                "profile": {"first_name": "{{ inventory_hostname }}", "last_name": workflow},
                "offerings": offerings,
            },
            "status_code": 201,
        },
        "check_mode": False,
        **more,
    }


def gate(options: Task | None = None, **more: Any) -> Task:
    return {
        "reseller.sendgrid.sendgrid_offerings_gate": {"offerings": "{{ customer.offerings }}", **(options or {})},
        "register": "checked",
        **more,
    }


def lookup_assertion(errors: str) -> Task:
    """Return the assertion in the documentation of the lookup, applied to the order of the host."""
    document = (CHECKOUT / "plugins" / "lookup" / "offerings.py").read_text()
    (text,) = re.findall(r'^EXAMPLES = r"""\n(.*?)"""$', document, re.DOTALL | re.MULTILINE)
    return apply_to_order(yaml.safe_load(text), errors)


def example_assertion(errors: str) -> Task:
    """Return the assertion in the example playbook, applied to the order of the host."""
    (play,) = yaml.safe_load((CHECKOUT / "docs" / "examples" / "assert_only.yml").read_text())
    return apply_to_order(play["tasks"], errors)


def apply_to_order(tasks: list[Task], errors: str) -> Task:
    """Return the only assertion in ``tasks``, without the order in its variables.

    :param errors: the ``errors`` option of the lookup.
    """
    (task,) = (task for task in tasks if "ansible.builtin.assert" in task)
    ordered = {name: value for name, value in task.get("vars", {}).items() if name == "ordered"}
    text = json.dumps({**task, "vars": ordered})
    assert text.count("names=") == 1
    return dict(json.loads(text.replace("names=", f"errors='{errors}', names=")))


GATE_PASSED = "checked.gate.ok"
# Workflows with the gate module. Each ends with an account if the order passes.
GATES: dict[str, list[Task]] = {
    "enforced": [gate(), create_account("enforced")],
    "reported": [gate(options={"enforce": False}), create_account("reported", when=GATE_PASSED)],
    "ignored": [gate(ignore_errors=True), create_account("ignored", when="checked is not failed")],
    "never failed": [gate(failed_when=False), create_account("never failed", when=GATE_PASSED)],
    "payload": [gate(failed_when=False), create_account("payload", "{{ checked.gate.payload }}")],
    "many": [
        gate(options={"offerings": "{{ omit }}", "orders": {"one": "{{ customer.offerings }}"}}),
        create_account("many", "{{ checked.gates.one.payload }}"),
    ],
}
ASSERTIONS: dict[str, list[Task]] = {
    f"{name} {errors}": [documented(errors), create_account(f"{name} {errors}")]
    for name, documented in (("assertion", lookup_assertion), ("example", example_assertion))
    for errors in ("strict", "ignore", "warn")
}


def select_workflows(*names: str) -> dict[str, list[Task]]:
    return {name: {**GATES, **ASSERTIONS}[name] for name in names}


class GatePlays:
    """Run workflows for each case, which is a host with its own variables."""

    def __init__(self, ansible: Ansible) -> None:
        self.ansible = ansible

    def run(self, cases: Mapping[str, Mapping[str, Any]], workflows: Mapping[str, list[Task]], *arguments: str) -> str:
        """Return the output of ``ansible-playbook``.

        Each host and workflow has its own ``cache_dir``, so that workflows do not share catalogs.

        :param cases: the variables of each host.
        """
        interpreter = str(self.ansible.home / "python" / "bin" / "python")
        inventory = self.ansible.home / "cases.json"
        common = {"ansible_connection": "local", "ansible_python_interpreter": interpreter}
        inventory.write_text(json.dumps({"all": {"hosts": dict(cases), "vars": common}}))
        options = {
            "api_key": "{{ sandbox_key }}",
            "api_endpoint": "{{ endpoint | default(sandbox_endpoint) }}",
            "timeout": "{{ seconds | default(10) }}",
            "retries": 0,
            "cache_ttl": "{{ ttl | default(0) }}",
            "cache_dir": str(self.cache_dir("{{ inventory_hostname }}", "{{ workflow }}")),
        }
        play = {
            "hosts": "all",
            "gather_facts": False,
            "module_defaults": {"group/reseller.sendgrid.sendgrid": options},
            "vars": {"payload": PAYLOAD, **{f"sendgrid_{name}": value for name, value in options.items()}},
            "tasks": [
                {"block": tasks, "rescue": [{"ansible.builtin.meta": "noop"}], "vars": {"workflow": workflow}}
                for workflow, tasks in workflows.items()
            ],
        }
        # Without pipelining, most of the time is spent on copying the module.
        environment = {"ANSIBLE_PIPELINING": "true", "ANSIBLE_STRATEGY": "host_pinned", "ANSIBLE_FORKS": "3"}
        output = self.ansible.play([play], "--inventory", inventory, *arguments, environment=environment).stdout
        assert "Traceback" not in output and "DEPRECATION" not in output, output
        # All failures are rescued, so any other result means that a case did not run.
        assert len(re.findall(r"unreachable=0 +failed=0 ", output)) == len(cases), output
        return output

    def cache_dir(self, host: str, workflow: str) -> Path:
        return self.ansible.home / "cache" / host / workflow


@pytest.fixture
def plays(ansible: Ansible) -> GatePlays:
    return GatePlays(ansible)


def created_accounts(sandbox: Sandbox) -> dict[str, set[str]]:
    """Return the workflows that created an account, by case."""
    workflows: dict[str, set[str]] = {}
    for account in sandbox.control("GET", "/accounts"):
        workflows.setdefault(account["profile"]["first_name"], set()).add(account["profile"]["last_name"])
    return workflows


def case_variables(sandbox: Sandbox, order: Any = ORDER, **more: Any) -> dict[str, Any]:
    customer = {"company_name": "Harbour Bakery", "offerings": order}
    return {"sandbox_endpoint": sandbox.endpoint, "sandbox_key": sandbox.key, "customer": customer, **more}


def catalog_response(document: Any) -> dict[str, Any]:
    return {"status": 200, "body": json.dumps(document)}


# A catalog without the package.
REDUCED = {"catalog": [{"offering": {"name": name, "type": "addon"}} for name in (ADDON, "milne.x.other.v1")]}
PACKAGE_ENTRY = {"offering": {"name": PACKAGE, "type": "package"}}
FAULTS: dict[str, dict[str, Any]] = {
    "unauthorized": {"status": 401},
    "error with a catalog": {**catalog_response({"catalog": [PACKAGE_ENTRY]}), "status": 503},
    "html": {"status": 200, "body": "<html>Sign in to the hotel</html>"},
    "no content": {"status": 204},
    "empty": catalog_response({"catalog": []}),
    "null": catalog_response({"catalog": None}),
    "reduced": catalog_response(REDUCED),
    "invalid entry": catalog_response(
        {"catalog": [PACKAGE_ENTRY, {"offering": {"name": ADDON, "type": "addon"}}, {"offering": {}}]}
    ),
    "truncated": {"cut": "body"},
    "timeout": {"delay": 5},
}


FAULTS_IN_PLAY = ("error with a catalog", "reduced")


def test_no_order_passes_with_an_unreadable_or_incomplete_catalog(plays: GatePlays) -> None:
    with ExitStack() as stack:
        sandboxes = {name: stack.enter_context(Sandbox()) for name in ("good", *FAULTS_IN_PLAY)}
        for name in FAULTS_IN_PLAY:
            sandboxes[name].fault(path=OFFERINGS, **FAULTS[name])
        cases = {name: case_variables(sandbox) for name, sandbox in sandboxes.items()}
        cases["unreachable"] = case_variables(sandboxes["good"], endpoint="http://127.0.0.1:9")
        workflows = select_workflows("enforced", "reported", "assertion warn", "example strict")
        plays.run(cases, workflows)
        accounts = {name: created_accounts(sandbox) for name, sandbox in sandboxes.items()}
        assert accounts.pop("good") == {"good": set(workflows)}
        assert accounts == {name: {} for name in FAULTS_IN_PLAY}


@pytest.fixture
def modules(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> ModuleRunner:
    return ModuleRunner(sandbox, monkeypatch, capsys, tmp_path)


@pytest.mark.parametrize("enforce", [True, False])
@pytest.mark.parametrize("name", FAULTS)
def test_the_gate_gives_no_payload_without_the_whole_catalog(
    modules: ModuleRunner, sandbox: Sandbox, name: str, enforce: bool
) -> None:
    options = {"offerings": list(ORDER), "enforce": enforce, "retries": 0, "timeout": 0.5}
    assert modules.run(sendgrid_offerings_gate, **options)["gate"]["payload"] == PAYLOAD
    sandbox.fault(path=OFFERINGS, **FAULTS[name])
    result = modules.run(sendgrid_offerings_gate, **options)
    if name in ("reduced", "empty"):
        assert not result["gate"]["ok"] and result["gate"]["payload"] is None
        assert bool(result.get("failed")) == enforce
    else:
        assert result["failed"] and "gate" not in result, result


ORDERS: dict[str, Any] = {
    "null": None,
    "empty": [],
    "empty_text": "",
    "null_item": [PACKAGE, None],
    "empty_item": [PACKAGE, ""],
    "unknown": [PACKAGE, "gone.v1"],
    "undefined": "{{ no_such_variable }}",
    "made_null": "{{ no_such_variable | default(none) }}",
    "omitted": "{{ no_such_variable | default(omit) }}",
}


# What core makes of these, and of a missing variable, differs from what is written.
ORDERS_IN_PLAY = ("null", "unknown", "undefined", "made_null", "omitted")


@pytest.mark.parametrize("name", [name for name in ORDERS if name not in ("undefined", "made_null", "omitted")])
def test_the_gate_gives_no_payload_for_an_invalid_order(modules: ModuleRunner, name: str) -> None:
    for options in ({"offerings": ORDERS[name]}, {"orders": {"one": ORDERS[name]}}):
        result = modules.run(sendgrid_offerings_gate, enforce=False, **options)
        found = [result.get("gate"), *result.get("gates", {}).values()]
        assert result.get("failed") or [gate["ok"] for gate in found if gate] == [False], result
        assert not any(gate["payload"] for gate in found if gate)


def test_missing_and_invalid_orders_do_not_pass(plays: GatePlays, sandbox: Sandbox) -> None:
    # The catalog has only one package, so that all of its offerings together are a valid order too.
    sandbox.control("PUT", "/catalog", {"catalog": [PACKAGE_ENTRY, *REDUCED["catalog"]]})
    cases = {
        "good": case_variables(sandbox),
        **{name: case_variables(sandbox, ORDERS[name]) for name in ORDERS_IN_PLAY},
    }
    cases["missing"] = {**case_variables(sandbox), "customer": {}}
    workflows = select_workflows("never failed", "many", "assertion strict", "assertion ignore", "example strict")
    plays.run(cases, workflows)
    assert created_accounts(sandbox) == {"good": set(workflows)}


def test_invalid_orders_do_not_pass_in_check_mode(plays: GatePlays, sandbox: Sandbox) -> None:
    cases = {
        "good": case_variables(sandbox),
        "unknown": case_variables(sandbox, [PACKAGE, "gone.v1"]),
        "null": case_variables(sandbox, None),
    }
    cases["unreachable"] = case_variables(sandbox, endpoint="http://127.0.0.1:9")
    workflows = select_workflows("ignored", "payload", "assertion strict", "example warn")
    plays.run(cases, workflows, "--check")
    assert created_accounts(sandbox) == {"good": set(workflows)}


# The forged catalog, which allows the order.
ALLOWED = [{"name": PACKAGE, "type": "package", "quantity": 1, "entitlements": {}}]
ALLOWED += [{**ALLOWED[0], "name": ADDON, "type": "addon"}]


class ForgedCache:
    """A cache whose catalog allows more than the API, in the format of the collection."""

    def __init__(self, directory: Path, sandbox: Sandbox) -> None:
        self.directory = directory
        self._sandbox = sandbox
        self.file = self.write()

    def write(self, key: str | None = None, verified: bool = True, endpoint: str | None = None) -> Path:
        sandbox, warnings = self._sandbox, list[str]()
        entry = CacheEntry(str(self.directory), 60, endpoint or sandbox.endpoint, key or sandbox.key, verified)
        update_cache(entry, [], 0, lambda: Catalog(ALLOWED, sandbox.endpoint, False, 0), warnings.append)
        assert warnings == []
        return self.directory / entry.name

    def change_content(self, change: Callable[[bytes], bytes]) -> None:
        self.file.write_bytes(change(self.file.read_bytes()))

    def set_age(self, seconds: float) -> None:
        os.utime(self.file, (time.time() - seconds,) * 2)

    def rewrite(self, **changes: Any) -> None:
        self.file.unlink()
        self.write(**changes)

    def replace_file_by_link(self) -> None:
        self.file.rename(self.directory / "elsewhere")
        self.file.symlink_to("elsewhere")

    def replace_directory_by_link(self) -> None:
        real = self.directory.with_name(f"{self.directory.name} target")
        self.directory.rename(real)
        self.directory.symlink_to(real, target_is_directory=True)


VALID_CACHES = ("valid", "valid_old")
CACHES_IN_PLAY = ("valid", "too_old", "corrupt", "directory_world_writable")
CACHES: dict[str, Callable[[ForgedCache], object]] = {
    "valid": lambda forged: None,
    "valid_old": lambda forged: forged.set_age(3500),
    "too_old": lambda forged: forged.set_age(3700),
    "from_the_future": lambda forged: forged.set_age(-3600),
    "truncated": lambda forged: forged.change_content(lambda content: content[:-1]),
    "longer": lambda forged: forged.change_content(lambda content: content + b" "),
    "corrupt": lambda forged: forged.change_content(
        lambda content: content.replace(b'"quantity": 1', b'"quantity": 2', 1)
    ),
    "without_checksum": lambda forged: forged.change_content(lambda content: content.partition(b"\n")[2]),
    "other_format": lambda forged: forged.change_content(lambda content: content.replace(b"catalog", b"account", 1)),
    "empty": lambda forged: forged.change_content(lambda content: b""),
    "oversized": lambda forged: os.truncate(forged.file, 64 * 1024**2),
    "other_key": lambda forged: forged.rewrite(key="SG.another-key"),
    "other_endpoint": lambda forged: forged.rewrite(endpoint="https://api.sendgrid.com"),
    "unverified": lambda forged: forged.rewrite(verified=False),
    "file_world_writable": lambda forged: forged.file.chmod(0o666),
    "directory_world_writable": lambda forged: forged.directory.chmod(0o777),
    "link": ForgedCache.replace_file_by_link,
    "directory_link": ForgedCache.replace_directory_by_link,
}


def test_invalid_cache_does_not_let_an_order_pass(plays: GatePlays, sandbox: Sandbox) -> None:
    # The sandbox creates accounts even with offerings that its catalog does not list.
    sandbox.fault(path=OFFERINGS, **catalog_response(REDUCED))
    workflows = {"enforced": GATES["enforced"], "assertion strict": ASSERTIONS["assertion strict"]}
    for name in CACHES_IN_PLAY:
        for workflow in workflows:
            CACHES[name](ForgedCache(plays.cache_dir(name, workflow), sandbox))
    plays.run({name: case_variables(sandbox, ttl=3600) for name in CACHES_IN_PLAY}, workflows)
    # The accounts of the valid cache prove that the other caches were rejected because of their defects.
    assert created_accounts(sandbox) == {"valid": set(workflows)}


@pytest.mark.parametrize("name", CACHES)
def test_only_a_valid_cache_is_read(modules: ModuleRunner, sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    sandbox.fault(path=OFFERINGS, **catalog_response(REDUCED))
    CACHES[name](ForgedCache(tmp_path / "cache", sandbox))
    options = {"offerings": list(ORDER), "cache_ttl": 3600, "cache_dir": str(tmp_path / "cache")}
    gate = modules.run(sendgrid_offerings_gate, enforce=False, **options)["gate"]
    assert gate["payload"] == (PAYLOAD if name in VALID_CACHES else None), gate
