# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guides repeat of the code is what the code does, and what they name exists."""

from __future__ import annotations

import json
import os
import re
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import trustme
import yaml
from ansible.module_utils import basic
from ansible_collections.reseller.sendgrid.plugins.module_utils._api import transport
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import CONNECTION
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code
from ansible_collections.reseller.sendgrid.plugins.modules import (
    sendgrid_account,
    sendgrid_offerings_gate,
    sendgrid_offerings_info,
)
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import ansible as ansible_for_a_while
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

GUIDES = CHECKOUT / "docs" / "docsite" / "rst"
ORDER = ["milne.ei.pro-100k.v1"]


def text_of(name: str) -> str:
    return (GUIDES / f"{name}.rst").read_text()


def block_after(text: str, start: str) -> str:
    """The first code block after I(start)."""
    _before, _start, rest = text.partition(start)
    found = re.search(r"^\.\. code-block:: \S+\n\n((?: +[^\n]*\n|\n)+)", rest, re.MULTILINE)
    assert found, start
    return textwrap.dedent(found[1])


def flat(text: str) -> str:
    return " ".join(text.split())


CODES = sorted(set(get_args(Code)) - {"unknown_offering"})


def documented_codes() -> set[str]:
    """What RETURN of the modules says that failure.code can be."""
    found: set[str] = set()
    with ansible_for_a_while() as ansible:
        modules = [f"reseller.sendgrid.{path.stem}" for path in (CHECKOUT / "plugins" / "modules").glob("*.py")]
        for entry in json.loads(ansible.run("doc", "--json", *modules).stdout).values():
            description = entry["return"]["failure"]["contains"]["code"]["description"]
            found |= set(re.findall(r"\bV\((\w+)\)", " ".join(description)))
    return found


def test_guide_lists_the_codes_of_the_code() -> None:
    guide = text_of("troubleshooting")
    listed = re.findall(r"^\* `(\w+)`_: ", guide, re.MULTILINE)
    headings = re.findall(r"^(\w+)\n~+$", guide, re.MULTILINE)
    assert listed == headings
    assert sorted(listed) == CODES == sorted(documented_codes())


# What leads to the code: a module, its options, and what the sandbox is told to answer instead of its own.
CATALOG = "/v3/partners/offerings"
ACCOUNTS = "/v3/partners/accounts"
ALPINE: dict[str, Any] = {"profile": {"email": "it@alpine-airways.example"}, "offerings": ORDER}
BAKERY: dict[str, Any] = {"profile": {"email": "owner@harbour-bakery.example"}, "offerings": ORDER}
PAGES = [{"accounts": [{"id": "sg1"}, {"id": "sg2"}]}, {"accounts": []}]
CAUSES: dict[str, tuple[Any, dict[str, Any], list[dict[str, Any]]]] = {
    "missing_library": (sendgrid_offerings_info, {}, []),
    "invalid_option": (sendgrid_offerings_info, {"api_key": None, "timeout": 0}, []),
    "connection": (sendgrid_offerings_info, {"api_endpoint": "http://127.0.0.1:1", "retries": 0}, []),
    "timeout": (sendgrid_offerings_info, {"timeout": 0.5, "retries": 0}, [{"path": CATALOG, "delay": 5}]),
    "tls": (sendgrid_offerings_info, {"api_endpoint": "THE HTTPS ENDPOINT"}, []),
    "bad_request": (sendgrid_account, {**ALPINE, "offerings": ["milne.x.ip.v2"], "require_package": False}, []),
    "unauthorized": (sendgrid_offerings_info, {"api_key": f"SG.{'a' * 22}.{'b' * 43}"}, []),
    "forbidden": (sendgrid_offerings_info, {"api_key": "THE KEY OF NO RESELLER"}, []),
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
    "unverified_account": (
        sendgrid_account,
        ALPINE,
        [{"path": ACCOUNTS, "status": 200, "times": 1, "body": json.dumps(page)} for page in PAGES],
    ),
    "account_state": (sendgrid_account, {"account_id": "THE ACCOUNT", "state": "activated"}, []),
}


def create(sandbox: Sandbox) -> str:
    return sandbox.create(BAKERY["profile"], [{"name": ORDER[0], "type": "package", "quantity": 1}])


def test_every_code_has_a_cause() -> None:
    assert sorted(CAUSES) == CODES


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with a certificate of an authority that nobody knows."""
    folder = tmp_path_factory.mktemp("tls")
    certificate = trustme.CA().issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert")
    certificate.private_key_pem.write_to_path(folder / "key")
    with Sandbox("--tls-cert", str(folder / "cert"), "--tls-key", str(folder / "key")) as running:
        yield running


class Teller:
    """Runs modules in this process, and says what they say as it would be with the names that the guide uses."""

    def __init__(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.sandbox = sandbox
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.names = {
            rf"\b{sandbox.endpoint.partition('//')[2]}\b": "127.0.0.1:8025",
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ": "2026-11-23T08:00:00Z",
            r"missing for .+? on \S+\.": "missing for /usr/bin/python3 on mail1.example.",
        }

    def result(self, module: Any, **options: Any) -> dict[str, Any]:
        arguments = {"api_key": self.sandbox.key, "api_endpoint": self.sandbox.endpoint, **options}
        given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", given)
        # Core 2.18 and older do not have it.
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit):
            module.main()
        told = flat(self._capsys.readouterr().out)
        for pattern, instead in self.names.items():
            told = re.sub(pattern, instead, told)
        found: dict[str, Any] = json.loads(told)
        return found


@pytest.fixture
def teller(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Teller:
    for name in [name for name in os.environ if name.startswith("SENDGRID_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return Teller(sandbox, monkeypatch, capsys)


@pytest.mark.parametrize("code", CAUSES)
def test_guide_shows_what_the_code_says(
    teller: Teller, https: Sandbox, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    module, given, faults = CAUSES[code]
    accounts = [create(teller.sandbox) for _time in range(2)]
    teller.sandbox.control("PUT", f"/accounts/{accounts[1]}", {"state": "suspended"})
    for fault in faults:
        teller.sandbox.fault(**fault)
    stand_ins = {
        "THE HTTPS ENDPOINT": https.endpoint,
        "THE KEY OF NO RESELLER": re.findall(r"SG\.\S+(?=;)", teller.sandbox.notes())[0],
        "THE ACCOUNT": accounts[1],
    }
    teller.names |= {
        https.endpoint: "https://127.0.0.1:8025",
        accounts[0]: "sg1f0c6a4be5e04a6b8b0a8f1a7d3c9e21",
        accounts[1]: "sg2a2bcd3ef4ab5c67d8efab91c01de2fa",
    }
    monkeypatch.setattr(transport, "HAS_REQUESTS", code != "missing_library")
    result = teller.result(module, **{key: stand_ins.get(str(value), value) for key, value in given.items()})
    assert result["failure"]["code"] == code
    assert flat(result["msg"]) == flat(block_after(text_of("troubleshooting"), f"\n{code}\n~"))


def test_guide_shows_what_the_cache_says(ansible: Ansible, sandbox: Sandbox) -> None:
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    # Core 2.18 and older break what they print at hyphens, which paths below tmp_path have.
    with tempfile.TemporaryDirectory(prefix="cache_") as directory:
        os.chmod(directory, 0o777)
        task = {"reseller.sendgrid.sendgrid_offerings_info": {"cache_ttl": 60, "cache_dir": directory}}
        play = {"hosts": "all", "gather_facts": False, "tasks": [task]}
        output = ansible.play([play], environment=environment).stdout.replace(directory, "/srv/sendgrid_cache")
    assert flat(block_after(text_of("troubleshooting"), "\nThe cache is not used\n~")) in flat(output)


def test_guide_shows_a_failure_in_yaml(teller: Teller) -> None:
    block = block_after(text_of("troubleshooting"), "makes that easier to read:")
    result = teller.result(sendgrid_offerings_info, api_key="*" * 8)
    _head, _arrow, body = block.partition("=>")
    assert yaml.safe_load(body) == {"changed": False, "failure": result["failure"], "msg": result["msg"]}


def test_lookup_says_in_the_guide_what_the_gate_says() -> None:
    guide = text_of("troubleshooting")
    of_gate = flat(block_after(guide, "\ngate_violations\n~")).partition("offerings[0]: ")[2]
    assert of_gate in flat(block_after(guide, "A lookup has no result when it fails"))


def test_guide_to_testing_shows_what_the_sandbox_prints(sandbox: Sandbox) -> None:
    lines = text_of("testing").splitlines()
    assert f"   {sandbox.notes().splitlines()[0]}" in lines
    assert f"   export SENDGRID_API_KEY={sandbox.key}" in lines


def test_catalog_of_the_guide_can_be_used(teller: Teller, tmp_path: Path) -> None:
    file = tmp_path / "catalog.json"
    file.write_text(block_after(text_of("testing"), "\nUse a catalog of your own\n"))
    with Sandbox("--catalog", str(file)) as sandbox:
        result = teller.result(sendgrid_offerings_info, api_endpoint=sandbox.endpoint)
    assert [offering["type"] for offering in result["offerings"]] == ["package", "addon"]


def test_guide_to_awx_says_what_the_collection_needs() -> None:
    metadata = yaml.safe_load((CHECKOUT / "meta" / "execution-environment.yml").read_text())
    lines = (CHECKOUT / metadata["dependencies"]["python"]).read_text().splitlines()
    needed = [line for line in lines if line and not line.startswith("#")]
    block = yaml.safe_load(
        block_after(text_of("awx_execution_environments"), "where it is installed:").partition("---")[2]
    )
    assert [line.partition("  # ")[0] for line in block["python"]] == needed


def test_guide_to_awx_says_how_long_a_request_can_take() -> None:
    timeout, retries, delay = (CONNECTION[name]["default"] for name in ("timeout", "retries", "retry_max_delay"))
    assert f" {(retries + 1) * timeout + retries * delay} seconds" in text_of("awx_execution_environments")


def test_page_on_inclusion_names_what_exists() -> None:
    page = CHECKOUT / "docs" / "inclusion.md"
    targets = re.findall(r"\]\((?!https://)(.*?)\)", page.read_text())
    assert targets
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_page_on_inclusion_states_each_requirement() -> None:
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


def test_readme_and_examples_are_what_there_is() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    examples = [path.name for path in (CHECKOUT / "docs" / "examples").glob("*.yml")]
    assert sorted(re.findall(r"^- \[(\w+\.yml)\]\(docs/examples/\1\) ", readme, re.MULTILINE)) == sorted(examples)
    local = re.findall(r"\]\((?!https://)([^)#]+)\)", readme)
    assert [target for target in local if not (CHECKOUT / target).exists()] == []
