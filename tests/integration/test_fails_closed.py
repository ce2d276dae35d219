# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No order passes that the catalog would refuse, whatever fails: what counts are the accounts that exist afterwards.

Each host of a run is a case, and goes all ways from a gate to an account. An account bears the names of both, and the
sandbox would create any of them: only the gates are in the way.
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
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

Task = dict[str, Any]
PACKAGE, ADDON = "org.ei.free.v1", "milne.x.ip.v2"
ORDER = (PACKAGE, ADDON)
PAYLOAD = [{"name": PACKAGE, "type": "package", "quantity": 1}, {"name": ADDON, "type": "addon", "quantity": 1}]
OFFERINGS = "/v3/partners/offerings"


def create(way: str, offerings: Any = "{{ payload }}", **more: Any) -> Task:
    """Create the account that shows which host went which way; in check mode too, which the gate must not rely on."""
    return {
        "ansible.builtin.uri": {
            "url": "{{ sandbox_endpoint }}/v3/partners/accounts",
            "method": "POST",
            "headers": {"Accept": "application/json", "Authorization": "Bearer {{ sandbox_key }}"},
            "body_format": "json",
            "body": {
                "profile": {"first_name": "{{ inventory_hostname }}", "last_name": way},
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


def assertion(errors: str) -> Task:
    """Return the assertion that the documentation of the lookup shows, about the order of this host."""
    document = (CHECKOUT / "plugins" / "lookup" / "offerings.py").read_text()
    (text,) = re.findall(r'^EXAMPLES = r"""\n(.*?)"""$', document, re.DOTALL | re.MULTILINE)
    return about_the_order(yaml.safe_load(text), errors)


def example(errors: str) -> Task:
    """Return the assertion of the example playbook, about the order of this host."""
    (play,) = yaml.safe_load((CHECKOUT / "docs" / "examples" / "assert_only.yml").read_text())
    return about_the_order(play["tasks"], errors)


def about_the_order(tasks: list[Task], errors: str) -> Task:
    (task,) = (task for task in tasks if "ansible.builtin.assert" in task)
    ordered = {name: value for name, value in task.get("vars", {}).items() if name == "ordered"}
    text = json.dumps({**task, "vars": ordered})
    assert text.count("names=") == 1
    return dict(json.loads(text.replace("names=", f"errors='{errors}', names=")))


PASSED = "checked.gate.ok"
# What a playbook may do between an order and an account; each way ends with the account if the order passes.
GATES: dict[str, list[Task]] = {
    "enforced": [gate(), create("enforced")],
    "reported": [gate(options={"enforce": False}), create("reported", when=PASSED)],
    "ignored": [gate(ignore_errors=True), create("ignored", when="checked is not failed")],
    "never failed": [gate(failed_when=False), create("never failed", when=PASSED)],
    "payload": [gate(failed_when=False), create("payload", "{{ checked.gate.payload }}")],
    "many": [
        gate(options={"offerings": "{{ omit }}", "orders": {"one": "{{ customer.offerings }}"}}),
        create("many", "{{ checked.gates.one.payload }}"),
    ],
}
ASSERTIONS: dict[str, list[Task]] = {
    f"{name} {errors}": [documented(errors), create(f"{name} {errors}")]
    for name, documented in (("assertion", assertion), ("example", example))
    for errors in ("strict", "ignore", "warn")
}


def some(*names: str) -> dict[str, list[Task]]:
    return {name: {**GATES, **ASSERTIONS}[name] for name in names}


class Desk:
    """Runs all ways for each case, a host with variables of its own."""

    def __init__(self, ansible: Ansible) -> None:
        self.ansible = ansible

    def run(self, cases: Mapping[str, Mapping[str, Any]], ways: Mapping[str, list[Task]], *arguments: str) -> str:
        """Return the output of ansible-playbook.

        C(cache_dir) is a folder of each host and way, so that no way is shown what another has read.
        """
        interpreter = str(self.ansible.home / "python" / "bin" / "python")
        inventory = self.ansible.home / "cases.json"
        everywhere = {"ansible_connection": "local", "ansible_python_interpreter": interpreter}
        inventory.write_text(json.dumps({"all": {"hosts": dict(cases), "vars": everywhere}}))
        options = {
            "api_key": "{{ sandbox_key }}",
            "api_endpoint": "{{ endpoint | default(sandbox_endpoint) }}",
            "timeout": "{{ seconds | default(10) }}",
            "retries": 0,
            "cache_ttl": "{{ ttl | default(0) }}",
            "cache_dir": str(self.folder("{{ inventory_hostname }}", "{{ way }}")),
        }
        play = {
            "hosts": "all",
            "gather_facts": False,
            "module_defaults": {"group/reseller.sendgrid.sendgrid": options},
            "vars": {"payload": PAYLOAD, **{f"sendgrid_{name}": value for name, value in options.items()}},
            "tasks": [
                {"block": tasks, "rescue": [{"ansible.builtin.meta": "noop"}], "vars": {"way": way}}
                for way, tasks in ways.items()
            ],
        }
        # What a module costs is mostly how it gets to its place.
        environment = {"ANSIBLE_PIPELINING": "true", "ANSIBLE_STRATEGY": "host_pinned", "ANSIBLE_FORKS": "3"}
        output = self.ansible.play([play], "--inventory", inventory, *arguments, environment=environment).stdout
        assert "Traceback" not in output and "DEPRECATION" not in output, output
        # Whatever fails is rescued: another end would be that of a case that was never tried.
        assert len(re.findall(r"unreachable=0 +failed=0 ", output)) == len(cases), output
        return output

    def folder(self, host: str, way: str) -> Path:
        return self.ansible.home / "cache" / host / way


@pytest.fixture
def desk(ansible: Ansible) -> Desk:
    return Desk(ansible)


def created(sandbox: Sandbox) -> dict[str, set[str]]:
    """Return the ways on which there are accounts, by host."""
    found: dict[str, set[str]] = {}
    for account in sandbox.control("GET", "/accounts"):
        found.setdefault(account["profile"]["first_name"], set()).add(account["profile"]["last_name"])
    return found


def case(sandbox: Sandbox, order: Any = ORDER, **more: Any) -> dict[str, Any]:
    customer = {"company_name": "Harbour Bakery", "offerings": order}
    return {"sandbox_endpoint": sandbox.endpoint, "sandbox_key": sandbox.key, "customer": customer, **more}


def answer(document: Any) -> dict[str, Any]:
    return {"status": 200, "body": json.dumps(document)}


# What the catalog is without the package.
REDUCED = {"catalog": [{"offering": {"name": name, "type": "addon"}} for name in (ADDON, "milne.x.other.v1")]}
TWICE = {"offering": {"name": PACKAGE, "type": "package"}}
FAULTS: dict[str, dict[str, Any]] = {
    "unauthorized": {"status": 401},
    "error with a catalog": {**answer({"catalog": [TWICE]}), "status": 503},
    "html": {"status": 200, "body": "<html>Sign in to the hotel</html>"},
    "no content": {"status": 204},
    "empty": answer({"catalog": []}),
    "null": answer({"catalog": None}),
    "reduced": answer(REDUCED),
    "spoilt": answer({"catalog": [TWICE, {"offering": {"name": ADDON, "type": "addon"}}, {"offering": {}}]}),
    "half": {"cut": "body"},
    "late": {"delay": 5},
}


def test_no_order_passes_where_the_catalog_cannot_be_read_or_does_not_allow_it(desk: Desk) -> None:
    with ExitStack() as stack:
        sandboxes = {name: stack.enter_context(Sandbox()) for name in ("good", *FAULTS)}
        for name, fault in FAULTS.items():
            sandboxes[name].fault(path=OFFERINGS, **fault)
        cases = {name: case(sandbox) for name, sandbox in sandboxes.items()}
        cases["late"]["seconds"] = 0.5
        cases["unreachable"] = case(sandboxes["good"], endpoint="http://127.0.0.1:9")
        ways = some("enforced", "reported", "assertion ignore", "assertion warn", "example strict")
        desk.run(cases, ways)
        accounts = {name: created(sandbox) for name, sandbox in sandboxes.items()}
        assert accounts.pop("good") == {"good": set(ways)}
        assert accounts == {name: {} for name in FAULTS}


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


def test_no_order_passes_that_is_none(desk: Desk, sandbox: Sandbox) -> None:
    # With one package, all of the catalog would be an order too.
    sandbox.control("PUT", "/catalog", {"catalog": [TWICE, *REDUCED["catalog"]]})
    cases = {"good": case(sandbox), **{name: case(sandbox, order) for name, order in ORDERS.items()}}
    cases["missing"] = {**case(sandbox), "customer": {}}
    ways = some("ignored", "never failed", "many", "assertion strict", "assertion ignore", "example strict")
    desk.run(cases, ways)
    assert created(sandbox) == {"good": set(ways)}


def test_no_order_passes_in_check_mode(desk: Desk, sandbox: Sandbox) -> None:
    cases = {"good": case(sandbox), "unknown": case(sandbox, [PACKAGE, "gone.v1"]), "null": case(sandbox, None)}
    cases["unreachable"] = case(sandbox, endpoint="http://127.0.0.1:9")
    ways = some("enforced", "payload", "assertion strict", "example warn")
    desk.run(cases, ways, "--check")
    assert created(sandbox) == {"good": set(ways)}


# What somebody leaves in the cache who wants the order to pass.
ALLOWED = [{"name": PACKAGE, "type": "package", "quantity": 1, "entitlements": {}}]
ALLOWED += [{**ALLOWED[0], "name": ADDON, "type": "addon"}]


class Forged:
    """A catalog in a cache that allows what the API does not, as the collection itself would have written it."""

    def __init__(self, directory: Path, sandbox: Sandbox) -> None:
        self.directory = directory
        self._sandbox = sandbox
        self.file = self.write()

    def write(self, key: str | None = None, verified: bool = True, endpoint: str | None = None) -> Path:
        sandbox, warnings = self._sandbox, list[str]()
        kept = CacheEntry(str(self.directory), 60, endpoint or sandbox.endpoint, key or sandbox.key, verified)
        update_cache(kept, [], 0, lambda: Catalog(ALLOWED, sandbox.endpoint, False, 0), warnings.append)
        assert warnings == []
        return self.directory / kept.name

    def replace(self, change: Callable[[bytes], bytes]) -> None:
        self.file.write_bytes(change(self.file.read_bytes()))

    def aged(self, seconds: float) -> None:
        os.utime(self.file, (time.time() - seconds,) * 2)

    def instead(self, **other: Any) -> None:
        self.file.unlink()
        self.write(**other)

    def behind_a_link(self) -> None:
        self.file.rename(self.directory / "elsewhere")
        self.file.symlink_to("elsewhere")

    def directory_behind_a_link(self) -> None:
        real = self.directory.with_name(f"{self.directory.name} itself")
        self.directory.rename(real)
        self.directory.symlink_to(real, target_is_directory=True)


UNTOUCHED = ("used", "used_old")
CACHES: dict[str, Callable[[Forged], object]] = {
    "used": lambda forged: None,
    "used_old": lambda forged: forged.aged(3500),
    "too_old": lambda forged: forged.aged(3700),
    "from_the_future": lambda forged: forged.aged(-3600),
    "truncated": lambda forged: forged.replace(lambda content: content[:-1]),
    "longer": lambda forged: forged.replace(lambda content: content + b" "),
    "corrupt": lambda forged: forged.replace(lambda content: content.replace(b'"quantity": 1', b'"quantity": 2', 1)),
    "without_checksum": lambda forged: forged.replace(lambda content: content.partition(b"\n")[2]),
    "other_format": lambda forged: forged.replace(lambda content: content.replace(b"catalog", b"account", 1)),
    "empty": lambda forged: forged.replace(lambda content: b""),
    "oversized": lambda forged: os.truncate(forged.file, 64 * 1024**2),
    "other_key": lambda forged: forged.instead(key="SG.another-key"),
    "other_endpoint": lambda forged: forged.instead(endpoint="https://api.sendgrid.com"),
    "unverified": lambda forged: forged.instead(verified=False),
    "file_for_all": lambda forged: forged.file.chmod(0o666),
    "directory_for_all": lambda forged: forged.directory.chmod(0o777),
    "link": Forged.behind_a_link,
    "directory_link": Forged.directory_behind_a_link,
}


def test_no_order_passes_because_of_what_lies_in_the_cache(desk: Desk, sandbox: Sandbox) -> None:
    # It creates accounts with offerings that it does not list.
    sandbox.fault(path=OFFERINGS, **answer(REDUCED))
    ways = {"enforced": GATES["enforced"], "assertion strict": ASSERTIONS["assertion strict"]}
    for name, change in CACHES.items():
        for way in ways:
            change(Forged(desk.folder(name, way), sandbox))
    desk.run({name: case(sandbox, ttl=3600) for name in CACHES}, ways)
    # That it is used where nothing is wrong with it shows that it was refused for its fault elsewhere.
    assert created(sandbox) == {name: set(ways) for name in UNTOUCHED}
