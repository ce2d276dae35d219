# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the plugins matches the code, and the examples run."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api_key_plan import OPTIONS as ACCOUNT_API_KEY
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.options import OPTIONS as ACCOUNT
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.options import OPTIONS_OF_ALL, PROFILE, ROW
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import (
    CACHE,
    CONNECTION,
    FILTERS,
    LIMITS,
    LOOKUP,
    SETTINGS,
    settings_of,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._secrets import MINIMUM_SECRET_LENGTH
from ansible_collections.reseller.sendgrid.plugins.modules.sendgrid_account_info import OPTIONS as ACCOUNT_INFO
from ansible_collections.reseller.sendgrid.plugins.modules.sendgrid_account_sso import OPTIONS as ACCOUNT_SSO
from ansible_collections.reseller.sendgrid.plugins.modules.sendgrid_offerings_gate import OPTIONS as GATE
from ansible_collections.reseller.sendgrid.plugins.modules.sendgrid_offerings_snapshot import OPTIONS as SNAPSHOT
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import ansible as temporary_ansible
from ansible_collections.reseller.sendgrid.tests.support.module_runner import ModuleRunner
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))
LOOKUPS = sorted(path.stem for path in (CHECKOUT / "plugins" / "lookup").glob("*.py"))
PLUGINS = [("module", name) for name in MODULES] + [("lookup", name) for name in LOOKUPS]
OPTIONS: dict[str, dict[str, Any]] = {
    # These check the profiles and the rows themselves.
    "sendgrid_account": {**CONNECTION, **ACCOUNT, "profile": {**ACCOUNT["profile"], "options": PROFILE}},
    "sendgrid_accounts": {
        **CONNECTION,
        **OPTIONS_OF_ALL,
        "accounts": {
            **OPTIONS_OF_ALL["accounts"],
            "options": {**ROW, "profile": {**ROW["profile"], "options": PROFILE}},
        },
    },
    "sendgrid_account_api_key": {**CONNECTION, **ACCOUNT_API_KEY},
    "sendgrid_account_info": {**CONNECTION, **ACCOUNT_INFO},
    "sendgrid_account_sso": {**CONNECTION, **ACCOUNT_SSO},
    "sendgrid_offerings_gate": {**CONNECTION, **GATE},
    "sendgrid_offerings_info": {**CONNECTION, **CACHE, **FILTERS},
    "sendgrid_offerings_snapshot": {**CONNECTION, **SNAPSHOT, **FILE_COMMON_ARGUMENTS},
    "offerings": LOOKUP,
}
VARIABLES = {
    "vault_sendgrid_api_key": "{{ lookup('ansible.builtin.env', 'SENDGRID_API_KEY') }}",
    "price_list": {"milne.ei.pro-100k.v1": 90, "milne.x.ip.v2": 30},
}
# For each example playbook: a part of its output, and the number of accounts that it creates.
OUTCOMES = {
    "assert_only.yml": ("The order of Okafor Logistics can be placed.", 0),
    "audit_orders.yml": ("2 of 5 orders pass.\\nAlpine Airways:\\n- orders['Alpine Airways'][1]: ", 0),
    "catalog.yml": ('"milne.ei.pro-300k.v1",\n        "milne.x.ip.v2",\n        "milne.x.subusers-15.v1"', 0),
    # One more test runs this with accounts.
    "outgrown_packages.yml": ("0 accounts, of which these outgrow their packages:", 0),
    "provision_customers.yml": ('"TOTAL   3 to create, billed at once; 1 unchanged"', 3),
    "provision_csv.yml": ('"TOTAL   3 to create, billed at once"', 3),
    # Two more tests run these two with accounts.
    "approve_plan.yml": ("The ID of this plan is ", 0),
    "offboard_customers.yml": ('"TOTAL   1 unchanged"', 0),
    "gate_then_create.yml": ('"name": "milne.x.ip.v2",\n            "quantity": 2,', 1),
    "gate_with_rescue.yml": ("Jana in sales, please correct the order of Alpine Airways.", 0),
    "gate_customers.yml": ("changed: [localhost]", 0),
    "watch_catalog.yml": ("there was no snapshot; the catalog has 20 offerings.", 0),
    "smallest_package.yml": ('"cheapest": "milne.ei.pro-700k.v1 for 199 a month"', 0),
}


@pytest.fixture(scope="session")
def documents() -> dict[tuple[str, str], Any]:
    """The documentation of each plugin from ``ansible-doc``, which merges the fragments."""
    documents = {}
    with temporary_ansible() as ansible:
        for kind, names in (("module", MODULES), ("lookup", LOOKUPS)):
            output = ansible.run("doc", "--json", "-t", kind, *(f"reseller.sendgrid.{name}" for name in names)).stdout
            documents.update({(kind, name.split(".")[-1]): plugin for name, plugin in json.loads(output).items()})
    return documents


def environment(sandbox: Sandbox) -> dict[str, str]:
    return {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}


def test_options_of_every_plugin_are_compared() -> None:
    assert set(OPTIONS) == {name for _kind, name in PLUGINS}


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_documented_options_match_the_code(documents: dict[Any, Any], kind: str, name: str) -> None:
    documented = documents[kind, name]["doc"]["options"]
    documented.pop("_terms", None)
    assert option_attributes(documented, "suboptions") == option_attributes(OPTIONS[name], "options")


def option_attributes(options: dict[str, dict[str, Any]], nested: str) -> dict[str, Any]:
    """Return the attributes that documentation and argument spec share.

    :param nested: the key of the suboptions, which differs between the two.
    """
    return {
        option: {
            **{key: entry[key] for key in ("type", "elements", "choices", "default", "required") if key in entry},
            "nested": option_attributes(entry.get(nested, {}), nested),
        }
        for option, entry in options.items()
    }


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_documented_sources_match_the_code(documents: dict[Any, Any], kind: str, name: str) -> None:
    for option, entry in documents[kind, name]["doc"]["options"].items():
        # A lookup also reads its options, except for filters, from variables and configuration files.
        if kind == "lookup" and option in SETTINGS:
            assert [source["name"] for source in entry["env"]] == [f"SENDGRID_{option.upper()}"]
            assert [source["name"] for source in entry["vars"]] == [f"sendgrid_{option}"]
            secret = SETTINGS[option].get("no_log", False)
            assert entry.get("ini", []) == ([] if secret else [{"section": "reseller.sendgrid", "key": option}])
        else:
            assert not {"env", "ini", "vars"} & set(entry)
        # ansible-doc shows no sources for modules, so their descriptions name the environment variables.
        if option in settings_of(OPTIONS[name]):
            assert f"E(SENDGRID_{option.upper()})" in " ".join(entry["description"])


@pytest.mark.parametrize("name", MODULES)
def test_the_action_plugin_of_a_module_takes_its_settings(name: str) -> None:
    action = importlib.import_module(f"ansible_collections.reseller.sendgrid.plugins.action.{name}").ActionModule
    assert action.settings == settings_of(OPTIONS[name])


def test_every_module_is_in_the_action_group(documents: dict[Any, Any]) -> None:
    runtime = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["sendgrid"]) == MODULES
    for name in MODULES:
        attributes = documents["module", name]["doc"]["attributes"]
        assert attributes["action_group"]["membership"] == ["reseller.sendgrid.sendgrid"]
        assert {"check_mode", "diff_mode", "idempotent"} <= set(attributes)


def test_module_and_lookup_document_the_same_offerings(documents: dict[Any, Any]) -> None:
    module_return = documents["module", "sendgrid_offerings_info"]["return"]["offerings"]
    lookup_return = documents["lookup", "offerings"]["return"]["_raw"]
    for key in ("type", "elements", "contains", "sample"):
        assert module_return[key] == lookup_return[key]


TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "bool": bool,
    "float": (int, float),
    "dict": dict,
    "list": list,
    "raw": object,
}


# What the documentation says of a key that is there whenever the mapping around it is.
ALWAYS = re.compile(r"in each entry|with RV\([\w.[\]]+\)")


def differences(value: Any, documented: dict[str, Any], path: str) -> Iterator[str]:
    """Yield the differences between a result and ``RETURN``. It cannot describe null, so null is always allowed."""
    if value is None:
        return
    if not isinstance(value, TYPES[documented["type"]]):
        yield f"{path}: {value!r} is not of type {documented['type']}"
    elif "contains" in documented:
        for item in value if documented["type"] == "list" else [value]:
            yield from (f"{path}.{key} is not documented" for key in set(item) - set(documented["contains"]))
            for key, inner in documented["contains"].items():
                if key in item:
                    yield from differences(item[key], inner, f"{path}.{key}")
                elif ALWAYS.fullmatch(inner["returned"]):
                    yield f"{path}.{key} is missing"


def cause_failure(sandbox: Sandbox, outcome: str) -> None:
    if outcome == "status":
        sandbox.fault(status=401)
    elif outcome == "no response":
        sandbox.fault(cut="before")
    elif outcome == "html":
        sandbox.fault(status=200, body="<html>Sign in</html>")
    elif outcome == "catalog":
        sandbox.control("PUT", "/catalog", {"catalog": {}})


def create_account(sandbox: Sandbox) -> str:
    order = {"name": "milne.ei.pro-100k.v1", "type": "package", "quantity": 1}
    return sandbox.create({"email": "owner@example.com"}, [order])


VALID_ORDER: Any = ["milne.ei.pro-100k.v1", {"name": "milne.x.ip.v2", "quantity": 2}]
INVALID_ORDER: Any = ["milne.x.ip.v1", {"quantity": 0}]
CATALOG_METADATA = {"endpoint", "cached", "cache_age", "rate_limit_remaining"}
INFO_RESULTS = {"offerings", "missing", "suggestions"} | CATALOG_METADATA
NEW = {"email": "new@example.com"}
KEY_OPTIONS: dict[str, Any] = {"account_id": "THE ACCOUNT", "name": "website", "scopes": ["mail.send"]}
KEY_FAILURE = {"account_id", "name", "requests", "endpoint"}
KEY_RESULTS = {"api_key_id", "scopes", "diff"} | KEY_FAILURE
ACCOUNT_FAILURE = {"account_id", "created", "requests", "endpoint"}
ACCOUNT_RESULTS = {"account_state", "offerings", "kept", "removed", "gate", "ignored", "diff"} | ACCOUNT_FAILURE
ROWS = [
    {"profile": {"email": "bakery@example.com"}, "offerings": VALID_ORDER},
    {"account_id": "THE ACCOUNT", "offerings": VALID_ORDER},
]
ROW_RESULTS = {"accounts", "summary", "endpoint"}
SNAPSHOT_RESULTS = {"drift", "report", "count", "path", "endpoint"}
SNAPSHOT_RESULTS |= {"mode", "owner", "group", "uid", "gid", "size", "state"}
PLAN_RESULTS = {"plan", "plan_id", "unlisted"} | ROW_RESULTS
# Module, options, outcome, and the expected results without ``msg`` and those of core.
RESULTS: list[tuple[str, dict[str, Any], str, set[str]]] = [
    ("offerings_info", {"names": ["milne.x.ip.v2", "x"]}, "success", INFO_RESULTS),
    *[
        ("offerings_info", {"retries": 0}, outcome, {"failure"})
        for outcome in ("status", "no response", "html", "catalog")
    ],
    ("offerings_info", {"timeout": -1}, "options", {"failure"}),
    ("offerings_gate", {"offerings": VALID_ORDER}, "success", {"gate"} | CATALOG_METADATA),
    ("offerings_gate", {"offerings": INVALID_ORDER}, "violations", {"gate", "failure"} | CATALOG_METADATA),
    ("offerings_gate", {"offerings": INVALID_ORDER, "enforce": False}, "success", {"gate"} | CATALOG_METADATA),
    ("offerings_gate", {"orders": {"a": VALID_ORDER, "b": VALID_ORDER}}, "success", {"gates"} | CATALOG_METADATA),
    (
        "offerings_gate",
        {"orders": {"a": VALID_ORDER, "b": INVALID_ORDER}},
        "violations",
        {"gates", "failure"} | CATALOG_METADATA,
    ),
    ("offerings_gate", {"offerings": VALID_ORDER, "enforce": False}, "status", {"failure"}),
    ("offerings_gate", {"orders": {}}, "options", {"failure"}),
    ("account", {"profile": NEW, "offerings": VALID_ORDER}, "success", ACCOUNT_RESULTS),
    (
        "account",
        {"account_id": "THE ACCOUNT", "offerings": VALID_ORDER, "state": "deactivated"},
        "success",
        ACCOUNT_RESULTS,
    ),
    ("account", {"profile": NEW, "offerings": INVALID_ORDER}, "violations", {"gate", "failure"} | ACCOUNT_FAILURE),
    ("account", {"profile": NEW, "offerings": VALID_ORDER}, "status", {"failure"} | ACCOUNT_FAILURE),
    ("account", {"profile": {}}, "options", {"failure"}),
    ("accounts", {"accounts": ROWS}, "success", {"diff"} | PLAN_RESULTS),
    (
        "accounts",
        {"accounts": [{}, "x", {**ROWS[0], "offerings": INVALID_ORDER}]},
        "violations",
        {"failure"} | PLAN_RESULTS,
    ),
    ("accounts", {"accounts": ROWS, "max_creations": 0}, "violations", {"failure"} | PLAN_RESULTS),
    ("accounts", {"accounts": ROWS, "plan_id": "x"}, "violations", {"failure"} | PLAN_RESULTS),
    ("accounts", {"accounts": ROWS}, "status", {"failure"} | ROW_RESULTS),
    ("accounts", {"accounts": []}, "options", {"failure"}),
    ("account_api_key", KEY_OPTIONS, "success", {"api_key"} | KEY_RESULTS),
    ("account_api_key", KEY_OPTIONS, "success", KEY_RESULTS),
    ("account_api_key", KEY_OPTIONS, "status", {"failure"} | KEY_FAILURE),
    ("account_api_key", {**KEY_OPTIONS, "retries": 0}, "no response", {"failure"} | KEY_FAILURE),
    ("account_api_key", {**KEY_OPTIONS, "scopes": []}, "options", {"failure"}),
    (
        "account_info",
        {"include": ["offerings", "state", "ips", "usage"]},
        "success",
        {"accounts", "missing", "endpoint"},
    ),
    ("offerings_snapshot", {"path": "catalog.json"}, "success", {"diff"} | SNAPSHOT_RESULTS),
    ("offerings_snapshot", {"path": "none/catalog.json"}, "violations", {"failure"}),
    ("offerings_snapshot", {"path": "catalog.json"}, "catalog", {"failure"}),
    ("offerings_snapshot", {"path": ""}, "options", {"failure"}),
    ("account_info", {}, "html", {"failure"}),
    ("account_info", {"account_ids": ["/"]}, "options", {"failure"}),
    ("account_sso", {"account_id": "THE ACCOUNT"}, "success", {"account_id", "url", "expires_in", "endpoint"}),
    ("account_sso", {"account_id": "THE ACCOUNT"}, "no response", {"failure"}),
    ("account_sso", {"account_id": "/"}, "options", {"failure"}),
    (
        "account",
        {"account_id": "THE ACCOUNT", "profile": NEW, "state": "absent"},
        "success",
        {"kept", "removed", "ignored", "diff"} | ACCOUNT_FAILURE,
    ),
]


@pytest.mark.parametrize("outcome", sorted({case[2] for case in RESULTS}))
def test_results_match_the_documentation(documents: dict[Any, Any], module_runner: ModuleRunner, outcome: str) -> None:
    account = create_account(module_runner.sandbox)
    cause_failure(module_runner.sandbox, outcome)
    for short_name, options, case_outcome, expected in RESULTS:
        if case_outcome != outcome:
            continue
        name = f"sendgrid_{short_name}"
        module = importlib.import_module(f"ansible_collections.reseller.sendgrid.plugins.modules.{name}")
        given = json.loads(json.dumps(options).replace("THE ACCOUNT", account))
        result = module_runner.run(module, **given)
        assert list(result_problems(documents, outcome, name, result, expected)) == [], (name, options, result)


def result_problems(
    documents: dict[Any, Any], outcome: str, module: str, result: dict[str, Any], expected: set[str]
) -> Iterator[str]:
    """Yield the differences between a result and its documentation, and between its keys and ``expected``."""
    documented = dict(documents["module", module]["return"])
    documented.pop("msg", None)
    info_return = documents["module", "sendgrid_offerings_info"]["return"]["failure"]
    gate_return = documents["module", "sendgrid_offerings_gate"]["return"]
    # The other modules refer to the documentation of these two.
    if outcome != "violations":
        documented["failure"] = info_return
    elif module not in ("sendgrid_accounts", "sendgrid_offerings_snapshot"):
        documented["failure"] = gate_return["failure"]
    if "gate" in documented:
        documented["gate"] = gate_return["gate"]
    for key in ("changed", "failed", "msg", "exception", "deprecations", "warnings"):
        result.pop(key, None)
    if not set(result) == expected <= set(documented):
        yield f"the result has {sorted(result)}, the documentation has {sorted(documented)}"
        return
    for key, value in result.items():
        yield from differences(value, documented[key], key)
    for gate in result.get("gates", {}).values():
        yield from differences(gate, documented["gate"], "gates")
    if "failure" in expected and outcome != "violations":
        details = result["failure"]["details"]
        request_details = set(info_return["contains"]["details"]["contains"]) - {"problems", "library", "python"}
        problem_details = {"problems"} if outcome in ("catalog", "options") else set()
        if set(details) != (request_details if outcome != "options" else set()) | problem_details:
            yield f"details are {sorted(details)}"
        elif outcome != "options":
            if details["status"] != {"status": 401, "no response": None}.get(outcome, 200):
                yield f"the status is {details['status']}"
            if (details["date"] is None) != (outcome == "no response"):
                yield f"the date is {details['date']}"


def test_all_documented_results_are_compared(documents: dict[Any, Any]) -> None:
    for name in MODULES:
        compared = set[str]().union(*(case[3] for case in RESULTS if name == f"sendgrid_{case[0]}"))
        assert compared == set(documents["module", name]["return"]) - {"msg"}


def test_documented_limits_match_the_code(documents: dict[Any, Any]) -> None:
    options = documents["module", "sendgrid_offerings_info"]["doc"]["options"]
    for option, limit in {**LIMITS, "api_key": MINIMUM_SECRET_LENGTH}.items():
        assert re.search(rf"\b{limit}\b", " ".join(options[option]["description"])), option


def nested(documented: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, entry in documented.items():
        for inner, attributes in entry.get("contains", {}).items():
            yield f"{key}.{inner}", attributes
        yield from nested(entry.get("contains", {}))


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_nested_results_say_when_they_are_returned(documents: dict[Any, Any], kind: str, name: str) -> None:
    # Pages show "success" for a key without it, also below failure.
    assert [key for key, entry in nested(documents[kind, name]["return"]) if not entry.get("returned")] == []


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_samples_have_the_documented_types(documents: dict[Any, Any], kind: str, name: str) -> None:
    for key, documented in documents[kind, name]["return"].items():
        assert list(differences(documented["sample"], documented, key)) == []


WRITING_MODULES = ["sendgrid_account", "sendgrid_account_api_key", "sendgrid_accounts"]
# Starting Ansible takes longer than most examples, so those of modules that change nothing run together.
EXAMPLES = {
    **{name: [("module", name)] for name in WRITING_MODULES},
    "reading modules": [("module", name) for name in MODULES if name not in WRITING_MODULES],
    "lookups": [("lookup", name) for name in LOOKUPS],
}


@pytest.mark.parametrize("plugins", EXAMPLES.values(), ids=EXAMPLES)
def test_examples_of_plugins_run(
    documents: dict[Any, Any], ansible: Ansible, sandbox: Sandbox, plugins: list[tuple[str, str]]
) -> None:
    variables = {**VARIABLES, "customer_account_id": create_account(sandbox), "operator_home": str(ansible.home)}
    variables["snapshot_path"] = str(ansible.home / "catalog.json")
    plays = []
    for plugin in plugins:
        examples = documents[plugin]["examples"]
        assert "lookup('reseller" not in examples, "examples use query()"
        plays.append({"hosts": "all", "gather_facts": False, "vars": variables, "tasks": yaml.safe_load(examples)})
    run_playbook(ansible, plays, sandbox)


def test_example_playbooks_without_accounts_run(ansible: Ansible, sandbox: Sandbox) -> None:
    # One of them writes a file beside itself.
    folder = shutil.copytree(CHECKOUT / "docs" / "examples", ansible.home / "examples")
    assert sorted(OUTCOMES) == sorted(path.name for path in folder.glob("*.yml"))
    names = [name for name, (_text, created) in OUTCOMES.items() if not created]
    output = run_playbook(ansible, folder / names[0], sandbox, *(folder / name for name in names[1:]))
    assert [name for name in names if OUTCOMES[name][0] not in output] == []
    assert sandbox.control("GET", "/accounts") == []


@pytest.mark.parametrize("name", [name for name, (_text, created) in OUTCOMES.items() if created])
def test_example_playbooks_with_accounts_run(ansible: Ansible, sandbox: Sandbox, name: str) -> None:
    text, created = OUTCOMES[name]
    path = CHECKOUT / "docs" / "examples" / name
    assert text in run_playbook(ansible, path, sandbox, "--check")
    assert sandbox.control("GET", "/accounts") == []
    assert text in run_playbook(ansible, path, sandbox)
    assert len(sandbox.control("GET", "/accounts")) == created


def test_approved_plan_is_carried_out_unless_it_has_changed(ansible: Ansible, sandbox: Sandbox) -> None:
    path = CHECKOUT / "docs" / "examples" / "approve_plan.yml"
    planned = run_playbook(ansible, path, sandbox)
    found = re.search(r"The ID of this plan is ([0-9a-f-]+)", planned)
    assert found
    approved = f"approved_plan_id={found[1]}"
    sandbox.fault(method="POST", path="/v3/partners/accounts", skip=1, times=1, status=400)
    arguments = ("playbook", path, "-e", approved)
    # The second account fails. The other two are then no longer in the plan.
    assert (
        "1 customer has a problem; the others were carried out."
        in ansible.run(*arguments, environment=environment(sandbox)).stdout
    )
    assert (
        "the plan is not the one that was approved. Nothing was changed."
        in ansible.run(*arguments, environment=environment(sandbox)).stdout
    )
    assert len(sandbox.control("GET", "/accounts")) == 2
    sandbox.reset()
    # Otherwise the creation journal knows accounts that the sandbox has forgotten.
    shutil.rmtree(ansible.home / ".ansible" / "sendgrid_cache" / "journal")
    assert ": 3 created, 1 unchanged." in run_playbook(ansible, path, sandbox, "-e", approved)


def test_customers_are_deleted_only_after_confirmation(ansible: Ansible, sandbox: Sandbox) -> None:
    path = CHECKOUT / "docs" / "examples" / "offboard_customers.yml"
    order = {"name": "milne.ei.essentials-100k.v1", "type": "package", "quantity": 1}
    sandbox.create({"email": "office@lindqvist-dental.example"}, [order])
    create_account(sandbox)
    output = ansible.run("playbook", path, environment=environment(sandbox)).stdout
    assert "the plan deletes 1 account, and max_deletions is 0. Nothing was changed." in output
    assert len(sandbox.control("GET", "/accounts")) == 2
    assert ": 1 deleted." in run_playbook(ansible, path, sandbox, "-e", "confirm_deletions=1")
    assert [account["profile"]["email"] for account in sandbox.control("GET", "/accounts")] == ["owner@example.com"]


def test_customers_who_outgrow_their_packages_are_shown(ansible: Ansible, sandbox: Sandbox) -> None:
    package = {"name": "milne.ei.pro-100k.v1", "type": "package", "quantity": 1}
    # Little, most, more than all, more than any package has; and one whose usage cannot be read.
    for number, used in enumerate((79_000, 81_000, 400_000, 50_000_000, 90_000)):
        account_id = sandbox.create({"email": f"{number}@example.com"}, [package])
        sandbox.control("PUT", f"/accounts/{account_id}", {"used": used, "state": "activated"})
    sandbox.control("PUT", f"/accounts/{account_id}", {"state": "banned"})
    path = CHECKOUT / "docs" / "examples" / "outgrown_packages.yml"
    output = ansible.run("playbook", path, environment=environment(sandbox)).stdout
    assert "usage is null for 1 of 5 accounts" in output
    assert '"Accounts whose usage cannot be read: 1"' in output
    assert [line.strip(' ",') for line in output.splitlines() if " mails of " in line] == [
        f"{number}@example.com: {used} of 100000 mails of milne.ei.pro-100k.v1; fits: {fits}"
        for number, used, fits in (
            (1, 81_000, "milne.ei.pro-300k.v1"),
            (2, 400_000, "milne.ei.pro-700k.v1"),
            (3, 50_000_000, "none"),
        )
    ]


def test_every_operation_of_the_api_has_a_module() -> None:
    guide = (CHECKOUT / "docs" / "docsite" / "rst" / "provisioning.rst").read_text()
    routes = "[*api.Api(None).routes(), *on_behalf.OnBehalf(None).routes()]"
    program = f"import api, on_behalf; print(*(f'{{route.method}} {{route.path}}' for route in {routes}), sep='\\n')"
    routes = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT / "tests" / "sandbox", capture_output=True, text=True, check=True
    ).stdout.replace("{account_id}", "{id}")
    assert sorted(re.findall(r"\* - ``(.*?)``", guide)) == sorted(routes.splitlines())


SEVERAL_ACCOUNTS = CHECKOUT / "docs" / "docsite" / "rst" / "several_accounts.rst"
README = CHECKOUT / "README.md"
DOCUMENTS = sorted({*(CHECKOUT / "docs").rglob("*.rst")} - {SEVERAL_ACCOUNTS})


def yaml_blocks(path: Path) -> list[Any]:
    pattern = r"^```yaml\n(.*?)^```" if path.suffix == ".md" else r"^\.\. code-block:: yaml\n\n((?: +[^\n]*\n|\n)+)"
    return [yaml.safe_load(block) for block in re.findall(pattern, path.read_text(), re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_code_blocks_run(ansible: Ansible, sandbox: Sandbox, path: Path) -> None:
    variables = {
        **VARIABLES,
        "bakery": {"account_id": create_account(sandbox)},
        "key_file": str(ansible.home / "api-key"),
        "reload_command": "true",
    }
    plays = []
    for document in yaml_blocks(path):
        assert isinstance(document, list), f"no playbook or list of tasks: {document}"
        if "hosts" not in document[0]:
            document = [{"hosts": "all", "gather_facts": False, "tasks": document}]
        plays += [{**play, "vars": {**variables, **play.get("vars", {})}} for play in document]
    if plays:
        run_playbook(ansible, plays, sandbox)


def test_readme_shows_what_its_tasks_print(ansible: Ansible, sandbox: Sandbox) -> None:
    order, *others = yaml_blocks(README)
    mistakes = {"'milne.x.ip.v2'": "'milne.x.ips.v2'", "'quantity': 2": "'quantity': 0"}
    wrong = str(order)
    for right, mistake in mistakes.items():
        assert right in wrong
        wrong = wrong.replace(right, mistake)
    tasks = [*order, *({**task, "ignore_errors": True} for task in ast.literal_eval(wrong)), *chain(*others)]
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    output = run_playbook(ansible, [play], sandbox).replace(sandbox.endpoint.partition("//")[2], "api.sendgrid.com")
    violations, plan = re.findall(r"^```text\n(.*?)\n```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert json.dumps(violations) in output
    assert plan in output


def test_each_host_of_the_guide_asks_its_own_account(ansible: Ansible) -> None:
    inventory, playbook = yaml_blocks(SEVERAL_ACCOUNTS)
    hosts = inventory["resellers"]["hosts"]
    with ExitStack() as stack:
        sandboxes = {name: stack.enter_context(Sandbox()) for name in hosts}
        for name, variables in hosts.items():
            assert ("sendgrid_region" in variables) != ("sendgrid_api_endpoint" in variables)
            variables.pop("sendgrid_region", None)
            variables["sendgrid_api_endpoint"] = sandboxes[name].endpoint
            # The others stay undefined, so that a play with the variables of another host fails.
            variables[f"vault_{name}_api_key"] = sandboxes[name].key
        (ansible.home / "resellers.yml").write_text(yaml.safe_dump(inventory))
        (ansible.home / "provision.yml").write_text(yaml.safe_dump(playbook))
        # Core looks for the job below the home directory in the user database, which can differ from ``HOME``.
        jobs = {"ANSIBLE_ASYNC_DIR": str(ansible.home / "jobs")}
        files = [ansible.home / "resellers.yml", ansible.home / "provision.yml"]
        output = ansible.run("playbook", "-i", *files, environment=jobs).stdout
        assert output.count("failed=0") == len(hosts) == 3, output
        for name, sandbox in sandboxes.items():
            emails = [account["profile"]["email"] for account in sandbox.control("GET", "/accounts")]
            assert emails == [hosts[name]["customer_email"]]
            # By the gate, and once by the lookup and the account module, which share the cache.
            catalogs = [request for request in sandbox.requests() if request["path"] == "/v3/partners/offerings"]
            assert len(catalogs) == 2


def run_playbook(
    ansible: Ansible, playbook: Path | list[dict[str, Any]], sandbox: Sandbox, *arguments: str | Path
) -> str:
    if not isinstance(playbook, Path):
        path = ansible.home / "playbook.yml"
        # As YAML, because all keys are strings in JSON.
        path.write_text(yaml.safe_dump(playbook))
        playbook = path
    # Core looks for the job below the home directory in the user database, which can differ from ``HOME``.
    variables = {**environment(sandbox), "ANSIBLE_ASYNC_DIR": str(ansible.home / "jobs")}
    output = ansible.run("playbook", playbook, *arguments, environment=variables).stdout
    assert re.search(r"ok=[1-9].* failed=0 ", output), output
    assert "DEPRECATION" not in output and "WARNING" not in output, output
    return output
