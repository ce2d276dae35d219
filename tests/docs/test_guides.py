# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides match the code: messages, codes, defaults, and the files that they mention."""

from __future__ import annotations

import json
import os
import re
import runpy
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import trustme
import yaml
from ansible_collections.reseller.sendgrid.plugins.module_utils._api import libraries
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import CONNECTION
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code
from ansible_collections.reseller.sendgrid.plugins.modules import (
    sendgrid_account,
    sendgrid_account_api_key,
    sendgrid_accounts,
    sendgrid_offerings_gate,
    sendgrid_offerings_info,
    sendgrid_offerings_snapshot,
)
from ansible_collections.reseller.sendgrid.tests.support.accounts_task import Task, seed
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import ansible as temporary_ansible
from ansible_collections.reseller.sendgrid.tests.support.module_runner import ModuleRunner
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from jinja2.sandbox import ImmutableSandboxedEnvironment

GUIDES = CHECKOUT / "docs" / "docsite" / "rst"
ORDER = ["milne.ei.pro-100k.v1"]


def read_guide(name: str) -> str:
    return (GUIDES / f"{name}.rst").read_text()


def block_after(text: str, start: str) -> str:
    """Return the first code block after ``start``."""
    _before, _start, rest = text.partition(start)
    block = re.search(r"^\.\. code-block:: \S+\n\n((?: +[^\n]*\n|\n)+)", rest, re.MULTILINE)
    assert block, start
    return textwrap.dedent(block[1])


def join_lines(text: str) -> str:
    return " ".join(text.split())


CODES = sorted(set(get_args(Code)) - {"unknown_offering"})


def documented_codes() -> set[str]:
    """Return the failure codes in the ``RETURN`` documentation of the modules."""
    codes: set[str] = set()
    with temporary_ansible() as ansible:
        modules = [f"reseller.sendgrid.{path.stem}" for path in (CHECKOUT / "plugins" / "modules").glob("*.py")]
        for entry in json.loads(ansible.run("doc", "--json", *modules).stdout).values():
            description = entry["return"]["failure"]["contains"]["code"]["description"]
            codes |= set(re.findall(r"\bV\((\w+)\)", " ".join(description)))
    return codes


def test_guide_lists_all_failure_codes() -> None:
    guide = read_guide("troubleshooting")
    listed = re.findall(r"^\* `(\w+)`_: ", guide, re.MULTILINE)
    headings = re.findall(r"^(\w+)\n~+$", guide, re.MULTILINE)
    assert listed == headings
    assert sorted(listed) == CODES == sorted(documented_codes())


# How to cause each code: a module, its options, and faults of the sandbox.
CATALOG = "/v3/partners/offerings"
ACCOUNTS = "/v3/partners/accounts"
ALPINE: dict[str, Any] = {"profile": {"email": "it@alpine-airways.example"}, "offerings": ORDER}
BAKERY: dict[str, Any] = {"profile": {"email": "owner@harbour-bakery.example"}, "offerings": ORDER}
PAGES = [{"accounts": [{"id": "sg1"}, {"id": "sg2"}]}, {"accounts": []}]
TWO_KEYS = [{"name": "website", "api_key_id": f"key-{number}"} for number in (1, 2)]
CAUSES: dict[str, tuple[Any, dict[str, Any], list[dict[str, Any]]]] = {
    "missing_library": (sendgrid_offerings_info, {}, []),
    "invalid_option": (sendgrid_offerings_info, {"api_key": None, "ca_path": "/etc/pki/reseller.pem"}, []),
    "connection": (sendgrid_offerings_info, {"api_endpoint": "http://127.0.0.1:1", "retries": 0}, []),
    "timeout": (sendgrid_offerings_info, {"timeout": 0.5, "retries": 0}, [{"path": CATALOG, "delay": 5}]),
    "tls": (sendgrid_offerings_info, {"api_endpoint": "THE HTTPS ENDPOINT"}, []),
    "bad_request": (sendgrid_account, {**ALPINE, "offerings": ["milne.x.ip.v2"], "require_package": False}, []),
    "unauthorized": (sendgrid_offerings_info, {"api_key": f"SG.{'a' * 22}.{'b' * 43}"}, []),
    "forbidden": (sendgrid_offerings_info, {"api_key": "THE KEY WITHOUT RESELLER ACCESS"}, []),
    "not_found": (sendgrid_account, {"account_id": "sg2a2bcd3ef4ab5c67d8efab91c01de2fa"}, []),
    "rate_limited": (
        sendgrid_offerings_info,
        {"retries": 1, "retry_max_delay": 0},
        [{"path": CATALOG, "status": 429}],
    ),
    "region_restricted": (sendgrid_offerings_info, {}, [{"path": CATALOG, "status": 451}]),
    "server_error": (sendgrid_account, ALPINE, [{"method": "POST", "path": ACCOUNTS, "status": 500}]),
    "unexpected_response": (
        sendgrid_offerings_info,
        {},
        [{"path": CATALOG, "status": 200, "body": "<html>Sign in</html>"}],
    ),
    "gate_violations": (sendgrid_offerings_gate, {"offerings": ["milne.x.ips.v2"]}, []),
    "ambiguous_account": (sendgrid_account, BAKERY, []),
    "ambiguous_api_key": (
        sendgrid_account_api_key,
        {"account_id": "sg1f0c6a4be5e04a6b8b0a8f1a7d3c9e21", "name": "website", "state": "absent"},
        [{"path": "/v3/api_keys", "status": 200, "body": json.dumps({"result": TWO_KEYS})}],
    ),
    "creation_pending": (sendgrid_account, ALPINE, [{"method": "POST", "path": ACCOUNTS, "status": 500}]),
    "unverified_account": (
        sendgrid_account,
        ALPINE,
        [{"path": ACCOUNTS, "status": 200, "times": 1, "body": json.dumps(page)} for page in PAGES],
    ),
    "account_state": (sendgrid_account, {"account_id": "THE ACCOUNT", "state": "activated"}, []),
    "accounts_failed": (sendgrid_accounts, {"accounts": [{**ALPINE, "offerings": ["milne.x.ips.v2"]}]}, []),
    "limit_exceeded": (sendgrid_accounts, {"accounts": [ALPINE], "max_creations": 0}, []),
    "plan_changed": (sendgrid_accounts, {"accounts": [ALPINE], "plan_id": f"{'0' * 32}-123456"}, []),
    "invalid_snapshot": (sendgrid_offerings_snapshot, {"path": "/srv"}, []),
    "empty_catalog": (
        sendgrid_offerings_snapshot,
        {"path": "/srv/catalog.json"},
        [{"path": CATALOG, "status": 200, "body": '{"catalog": []}'}],
    ),
}


def create_account(sandbox: Sandbox) -> str:
    return sandbox.create(BAKERY["profile"], [{"name": ORDER[0], "type": "package", "quantity": 1}])


def test_all_failure_codes_are_tested() -> None:
    assert sorted(CAUSES) == CODES


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with a certificate of an unknown authority."""
    folder = tmp_path_factory.mktemp("tls")
    certificate = trustme.CA().issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert")
    certificate.private_key_pem.write_to_path(folder / "key")
    with Sandbox("--tls-cert", str(folder / "cert"), "--tls-key", str(folder / "key")) as running:
        yield running


@pytest.fixture
def runner(module_runner: ModuleRunner) -> ModuleRunner:
    """Modules in whose results endpoints, times and IDs are those in the guide."""
    module_runner.replacements = {
        rf"\b{module_runner.sandbox.endpoint.partition('//')[2]}\b": "127.0.0.1:8025",
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ": "2026-11-23T08:00:00Z",
        # The action plugin knows better, but does not run here.
        "the task, a variable or ansible.cfg": "the task",
        r"missing for .+? on \S+\.": "missing for /usr/bin/python3 on mail1.example.",
    }
    return module_runner


def undocumented_details(module: Any, failure: dict[str, Any]) -> Iterator[str]:
    """Yield the details that the module does not document, and those that it documents for this code and lacks."""
    shared, own = (
        yaml.safe_load(one.RETURN)["failure"]["contains"]["details"].get("contains", {})
        for one in (sendgrid_offerings_info, module)
    )
    details = set(failure["details"])
    yield from details - set(shared) - set(own)
    for name, entry in own.items():
        if re.search(rf"V\({failure['code']}\)(,| and|$)", entry["returned"]) and name not in details:
            yield name


@pytest.mark.parametrize("code", CAUSES)
def test_guide_shows_the_message_of_each_code(
    runner: ModuleRunner, https: Sandbox, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    module, options, faults = CAUSES[code]
    accounts = [create_account(runner.sandbox) for _index in range(2)]
    runner.sandbox.control("PUT", f"/accounts/{accounts[1]}", {"state": "suspended"})
    for fault in faults:
        runner.sandbox.fault(**fault)
    values = {
        "THE HTTPS ENDPOINT": https.endpoint,
        "THE KEY WITHOUT RESELLER ACCESS": re.findall(r"SG\.\S+(?=;)", runner.sandbox.read_stderr())[0],
        "THE ACCOUNT": accounts[1],
    }
    runner.replacements |= {
        https.endpoint: "https://127.0.0.1:8025",
        accounts[0]: "sg1f0c6a4be5e04a6b8b0a8f1a7d3c9e21",
        accounts[1]: "sg2a2bcd3ef4ab5c67d8efab91c01de2fa",
    }
    if code == "missing_library":
        monkeypatch.setattr(libraries, "IMPORT_ERROR", ModuleNotFoundError(name="requests"))
    given = {key: values.get(str(value), value) for key, value in options.items()}
    if code == "creation_pending":
        runner.run(module, **given)
    result = runner.run(module, **given)
    assert result["failure"]["code"] == code
    assert join_lines(result["msg"]) == join_lines(block_after(read_guide("troubleshooting"), f"\n{code}\n~"))
    assert list(undocumented_details(module, result["failure"])) == []


def customer(name: str, *offerings: Any, **row: Any) -> dict[str, Any]:
    email = f"mail@{name.lower().replace(' ', '-')}.example"
    return {"profile": {"company_name": name, "email": email}, "offerings": list(offerings), **row}


def ips(quantity: int) -> dict[str, Any]:
    return {"name": "milne.x.ip.v2", "quantity": quantity}


def test_guide_shows_the_plan_for_new_customers(sandbox: Sandbox) -> None:
    block = join_lines(block_after(read_guide("provisioning"), "a dry run with 25 new customers:"))
    rows = []
    for name, gets in re.findall(r'CREATE "([^"]+)" <[^>]+>: gets (.+?) (?=CREATE|TOTAL)', block):
        offerings = [{"name": one, "quantity": int(count)} for one, count in re.findall(r"(\S+) × (\d+)", gets)]
        state = "deactivated" if gets.endswith("deactivated") else "present"
        rows.append(customer(name, *offerings, state=state, test_account="test account" in gets))
    plan = Task(sandbox, *rows, check_mode=True).run().result["plan"]
    assert len(plan) == 26
    assert join_lines(" ".join(plan)) == block


def test_guide_shows_a_plan_with_changes_and_its_refusal(sandbox: Sandbox) -> None:
    small, large, tiny = ORDER[0], "milne.ei.pro-300k.v1", "milne.ei.essentials-50k.v1"
    leaving = customer("Lindqvist Dental", "milne.ei.essentials-100k.v1")
    before = [
        customer("Alpine Airways", small, ips(3)),
        customer("Harbour Bakery", small, ips(2)),
        customer("Okafor Logistics", tiny),
        customer("Juniper Hotel", small, ips(1)),
        customer("Tulip Travel", small, ips(1)),
    ]
    account_id = seed(sandbox, leaving, *before)[0]
    juniper = customer("Juniper Hotel", small, ips(2))
    rows = [
        {**leaving, "state": "absent"},
        customer("Alpine Airways", small, ips(1)),
        customer("Harbour Bakery", large),
        customer("Okafor Logistics", tiny, state="deactivated"),
        juniper,
        customer("Tulip Travel", small),
    ]
    planned = Task(sandbox, *rows, check_mode=True, max_deletions=1).run().result
    shown = join_lines(" ".join(planned["plan"])).replace(account_id, "sg5ce0868aa32d46689dd483d779aeedec")
    guide = read_guide("provisioning")
    assert shown == join_lines(block_after(guide, "one of them is deleted:"))
    seed(sandbox, juniper, customer("Alpine Airways", small, ips(2)))
    failure = Task(sandbox, *rows, max_deletions=1, plan_id=planned["plan_id"]).get_failure()
    message = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8025", join_lines(failure.message))
    assert message == join_lines(block_after(guide, "after the approval:"))


def test_guide_shows_the_warning_of_the_cache(ansible: Ansible, sandbox: Sandbox) -> None:
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    # Core 2.18 and older wrap their output at hyphens, which paths in ``tmp_path`` have.
    with tempfile.TemporaryDirectory(prefix="cache_") as directory:
        os.chmod(directory, 0o777)
        task = {"reseller.sendgrid.sendgrid_offerings_info": {"cache_ttl": 60, "cache_dir": directory}}
        play = {"hosts": "all", "gather_facts": False, "tasks": [task]}
        output = ansible.play([play], environment=environment).stdout.replace(directory, "/srv/sendgrid_cache")
    assert join_lines(block_after(read_guide("troubleshooting"), "\nThe cache is not used\n~")) in join_lines(output)


def test_guide_shows_a_failure_in_yaml(runner: ModuleRunner) -> None:
    block = block_after(read_guide("troubleshooting"), "makes that easier to read:")
    result = runner.run(sendgrid_offerings_info, api_key="*" * 8)
    _head, _arrow, body = block.partition("=>")
    assert yaml.safe_load(body) == {"changed": False, "failure": result["failure"], "msg": result["msg"]}


def test_guide_shows_the_same_violation_for_gate_and_lookup() -> None:
    guide = read_guide("troubleshooting")
    gate_violation = join_lines(block_after(guide, "\ngate_violations\n~")).partition("offerings[0]: ")[2]
    assert gate_violation in join_lines(block_after(guide, "A lookup has no result when it fails"))


def test_testing_guide_shows_the_output_of_the_sandbox(sandbox: Sandbox) -> None:
    minutes = runpy.run_path(str(CHECKOUT / "tests" / "sandbox" / "background.py"))["IDLE_MINUTES"]
    guide = read_guide("testing").replace(":40123", "").splitlines()
    first, *_lines, page, control, _end = re.sub(r":\d+/", "/", sandbox.read_stderr()).splitlines()
    for line in (first, page, control, f"export SENDGRID_API_KEY={sandbox.key}"):
        assert f"   {line}" in guide
    for name in ("docs/docsite/rst/testing.rst", "docs/docsite/rst/getting_started.rst", "tests/sandbox/README.md"):
        assert f"ends after {minutes} minutes without a request" in join_lines((CHECKOUT / name).read_text())


def test_sandbox_accepts_the_catalog_in_the_guide(runner: ModuleRunner, tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    file.write_text(block_after(read_guide("testing"), "\nYou can also write the file yourself."))
    with Sandbox("--catalog", str(file)) as sandbox:
        result = runner.run(sendgrid_offerings_info, api_endpoint=sandbox.endpoint)
    assert [offering["type"] for offering in result["offerings"]] == ["package", "addon"]


def test_awx_guide_lists_the_requirements() -> None:
    metadata = yaml.safe_load((CHECKOUT / "meta" / "execution-environment.yml").read_text())
    lines = (CHECKOUT / metadata["dependencies"]["python"]).read_text().splitlines()
    requirements = [line for line in lines if line and not line.startswith("#")]
    block = yaml.safe_load(
        block_after(read_guide("awx_execution_environments"), "where it is installed:").partition("---")[2]
    )
    assert [line.partition("  # ")[0] for line in block["python"]] == requirements


@pytest.mark.parametrize("region", ["", "eu"])
@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:8025"])
def test_credential_in_awx_guide_never_sets_region_and_endpoint(region: str, endpoint: str) -> None:
    guide = read_guide("awx_execution_environments")
    inputs = yaml.safe_load(block_after(guide, "Input configuration:"))
    given = {"api_key": "SG.key", "region": region, "api_endpoint": endpoint}
    assert [field["id"] for field in inputs["fields"]] == list(given)
    # AWX leaves out the fields that are empty.
    fields = {name: value for name, value in given.items() if value}
    injectors = yaml.safe_load(block_after(guide, "Injector configuration:"))["env"]
    templates = ImmutableSandboxedEnvironment()
    variables = {name: templates.from_string(template).render(fields) for name, template in injectors.items()}
    assert variables == {
        "SENDGRID_API_KEY": "SG.key",
        "SENDGRID_API_ENDPOINT": endpoint,
        "SENDGRID_REGION": "" if endpoint else region,
    }


def test_awx_guide_states_the_longest_time_of_a_request() -> None:
    timeout, retries, delay = (CONNECTION[name]["default"] for name in ("timeout", "retries", "retry_max_delay"))
    assert f" {(retries + 1) * timeout + retries * delay} seconds" in read_guide("awx_execution_environments")


def test_inclusion_page_links_to_existing_files() -> None:
    page = CHECKOUT / "docs" / "inclusion.md"
    targets = re.findall(r"\]\((?!https://)(.*?)\)", page.read_text())
    assert targets
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_inclusion_page_states_the_status_of_each_requirement() -> None:
    page = (CHECKOUT / "docs" / "inclusion.md").read_text()
    states, *tables = re.findall(r"^\|---\|.*\n((?:\|.*\n)+)", page, re.MULTILINE)
    known = {row.split("|")[1].strip() for row in states.splitlines()}
    rows = [row.split(" | ") for table in tables for row in table.splitlines()]
    assert all(len(row) == 3 for row in rows), rows
    assert {row[1].strip() for row in rows} <= known


def test_readme_lists_all_plugins_and_guides() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    plugins = [path.stem for folder in ("modules", "lookup") for path in (CHECKOUT / "plugins" / folder).glob("*.py")]
    assert sorted(re.findall(r"^\| (?:module|lookup) `reseller\.sendgrid\.(\w+)` \|", readme, re.MULTILINE)) == sorted(
        plugins
    )
    listed = re.findall(r"^- \[(.*)\]\(docs/docsite/rst/(\w+)\.rst\): ", readme, re.MULTILINE)
    titles = {path.stem: re.findall(r"^(.+)\n=+$", path.read_text(), re.MULTILINE)[0] for path in GUIDES.glob("*.rst")}
    assert {guide: title for title, guide in listed} == titles


def test_readme_lists_all_examples_and_links_to_existing_files() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    examples = [path.name for path in (CHECKOUT / "docs" / "examples").glob("*.yml")]
    assert sorted(re.findall(r"^- \[(\w+\.yml)\]\(docs/examples/\1\) ", readme, re.MULTILINE)) == sorted(examples)
    local = re.findall(r"\]\((?!https://)([^)#]+)\)", readme)
    assert [target for target in local if not (CHECKOUT / target).exists()] == []
