# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Four nights of watching the catalog, runs at the same time, and the gate of a pull request."""

from __future__ import annotations

import copy
import json
import re
import runpy
import shutil
import subprocess
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

EXAMPLES = CHECKOUT / "docs" / "examples"
GUIDES = CHECKOUT / "docs" / "docsite" / "rst"
CATALOG: dict[str, Any] = runpy.run_path(str(CHECKOUT / "tests" / "sandbox" / "catalog.py"))["DEFAULT"]
PRO, IP = "milne.ei.pro-700k.v1", "milne.x.ip.v2"
IPS = {"name": IP, "type": "addon", "quantity": 3}


def package(name: str) -> dict[str, Any]:
    return {"name": name, "type": "package", "quantity": 1}


def test_four_nights(ansible: Ansible, sandbox: Sandbox) -> None:
    sandbox.create({"email": "mail@alpine-airways.example"}, [package(PRO), IPS])
    sandbox.create({"email": "owner@harbour-bakery.example"}, [package("milne.ei.pro-100k.v1"), IPS])
    deleted = sandbox.create({"email": "it@okafor-logistics.example"}, [package("milne.ei.essentials-50k.v1")])
    playbook = Path(shutil.copy(EXAMPLES / "watch_catalog.yml", ansible.home))
    snapshot = ansible.home / "catalog.json"
    # What the API sends, as somebody has saved it.
    snapshot.write_text(json.dumps(CATALOG))
    catalog = copy.deepcopy(CATALOG)
    host = sandbox.endpoint.partition("//")[2]

    def night() -> tuple[str, int]:
        """Return the output, and the number of requests for offerings and lists of accounts."""
        sandbox.control("PUT", "/catalog", catalog)
        before, environment = (
            sandbox.count(),
            {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint},
        )
        output = ansible.run("playbook", playbook, environment=environment).stdout
        return output, sandbox.count() - before

    catalog["catalog"].reverse()
    output, requests = night()
    assert "changed=0" in output and "HANDLER" not in output, output
    assert requests == 1
    assert json.loads(snapshot.read_text()) == CATALOG

    # An offering is gone. The first attempt to tell somebody fails, so the next one reports it too.
    catalog["catalog"] = [entry for entry in catalog["catalog"] if entry["offering"]["name"] != PRO]
    sandbox.fault(path="/v3/partners/accounts", times=1, status=403)
    output, _requests = night()
    assert "failed=1" in output and json.loads(snapshot.read_text()) == CATALOG, output
    output, requests = night()
    assert lines_of(output) == [
        f"{host}: the catalog has changed: 0 added, 1 removed, 0 changed.",
        f"REMOVED  {PRO} (package)",
        f"AFFECTED mail@alpine-airways.example has {PRO} × 1",
    ]
    # The catalog twice, the list of accounts with the page that ends it, and the offerings of three accounts.
    assert requests == 7

    # An entitlement is lowered, and an account is deleted after the list was read. After the report, there is more.
    (entry,) = (entry for entry in catalog["catalog"] if entry["offering"]["name"] == IP)
    entry["entitlements"]["ip_count"] = 0
    later = {"catalog": [*catalog["catalog"], {"offering": package("milne.ei.late.v1")}]}
    sandbox.fault(path=f"/v3/partners/accounts/{deleted}/offerings", times=1, status=404)
    sandbox.fault(path="/v3/partners/offerings", skip=1, times=1, body=json.dumps(later))
    output, _requests = night()
    assert lines_of(output) == [
        f"{host}: the catalog has changed: 0 added, 0 removed, 1 changed.",
        f"CHANGED  {IP}: ip_count 1, now 0",
        f"AFFECTED mail@alpine-airways.example has {IP} × 3",
        f"AFFECTED owner@harbour-bakery.example has {IP} × 3",
        f"UNKNOWN {deleted}: its offerings could not be read",
    ]
    assert "failed=1" in output and "ADDED    milne.ei.late.v1 (package)" in output, output
    written = snapshot.read_text()
    assert json.loads(written)["endpoint"] == sandbox.endpoint

    catalog["catalog"] = []
    output, requests = night()
    assert f"the catalog is empty, and the snapshot {snapshot} has 20 offerings." in output
    assert "failed=1" in output and "HANDLER" not in output
    assert snapshot.read_text() == written


def lines_of(output: str) -> list[str]:
    """Return the list that the play shows as a message."""
    _before, _separator, rest = output.partition('"msg": ')
    lines: list[str] = json.JSONDecoder().raw_decode(rest)[0]
    return lines


def test_runs_at_the_same_time_replace_the_file_in_one_step(ansible: Ansible, sandbox: Sandbox) -> None:
    path = ansible.home / "catalog.json"
    before = json.dumps({"catalog": [{"offering": package("old.v1")}]})
    path.write_text(before)
    options = {"api_key": sandbox.key, "api_endpoint": sandbox.endpoint, "path": str(path)}
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": options})
    module = "ansible_collections.reseller.sendgrid.plugins.modules.sendgrid_offerings_snapshot"
    with path.open() as reader:
        with ThreadPoolExecutor() as pool:
            results = list(pool.map(lambda _number: ansible.run_module(module, arguments, {}), range(2)))
        # Whoever is reading the old file meanwhile reads all of it, and nothing else.
        assert reader.read() == before
    assert [result["failed"] for result in results if "failed" in result] == []
    assert any(result["changed"] for result in results)
    assert len(json.loads(path.read_text())["catalog"]) == 20
    assert not list(ansible.home.glob(".ansible_tmp*"))


def test_a_file_that_changes_while_the_task_runs_is_not_overwritten(ansible: Ansible, sandbox: Sandbox) -> None:
    path = ansible.home / "catalog.json"
    path.write_text(json.dumps({"catalog": [{"offering": package("old.v1")}]}))
    options = {"api_key": sandbox.key, "api_endpoint": sandbox.endpoint, "path": str(path)}
    module = "ansible_collections.reseller.sendgrid.plugins.modules.sendgrid_offerings_snapshot"
    sandbox.fault(path="/v3/partners/offerings", times=1, status=429, headers={"Retry-After": "1"})
    with ThreadPoolExecutor() as pool:
        task = pool.submit(ansible.run_module, module, json.dumps({"ANSIBLE_MODULE_ARGS": options}), {})
        while not sandbox.count() and not task.done():
            time.sleep(0.05)
        path.write_text(json.dumps({"catalog": [{"offering": package("other.v1")}]}))
        result = task.result()
    assert result["failure"]["code"] == "invalid_snapshot"
    assert "the file has changed since it was compared. Run the task again. Nothing was written." in result["msg"]
    assert "other.v1" in path.read_text() and not list(ansible.home.glob(".ansible_tmp*"))


WORKFLOW = yaml.safe_load((EXAMPLES / "ci" / "github_actions.yml").read_text())
LINES: str = WORKFLOW["jobs"]["gate"]["steps"][-1]["run"]


class Shell:
    """Runs lines of the documentation where the collection is installed, in a folder for a repository."""

    def __init__(self, ansible: Ansible) -> None:
        collections = ansible.home / ".ansible" / "collections" / "ansible_collections" / "reseller"
        collections.mkdir(parents=True)
        (collections / "sendgrid").symlink_to(CHECKOUT)
        self.folder = ansible.home / "repository"
        shutil.copytree(EXAMPLES / "vars", self.folder / "vars")
        path = f"{ansible.python.parent}:{ansible.environment['PATH']}"
        self._environment = {**ansible.environment, "PATH": path, "TMPDIR": str(ansible.home)}
        self._ansible = ansible

    def run(self, lines: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [shell, "-c", lines],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        end = time.monotonic() + 20
        while self._ansible.processes():
            # The shell does not wait for the sandbox that it ends.
            assert time.monotonic() < end
            time.sleep(0.05)
        return done


def test_pull_requests_are_gated_with_a_snapshot(ansible: Ansible) -> None:
    """The lines of the workflow, three times in one folder, which a shell of another CI has to run too."""
    shell = Shell(ansible)
    shutil.copy(EXAMPLES / "gate_customers.yml", shell.folder)
    (shell.folder / "catalog.json").write_text(json.dumps({**CATALOG, "endpoint": "https://api.sendgrid.com"}))
    customers = shell.folder / "vars" / "customers.yml"
    done = shell.run(LINES)
    assert done.returncode == 0 and "failed=0" in done.stdout, (done.stdout, done.stderr)
    wrong = customers.read_text().replace("milne.x.subusers-15.v1", "milne.x.subuser-15.v1")
    customers.write_text(wrong.replace("    state: absent", "    state: absent\n    account_id: sg1"))
    done = shell.run(LINES, "bash")
    assert done.returncode == 2
    assert "Alpine Airways (accounts[2]): offerings[1]: 'milne.x.subuser-15.v1' is not in your catalog" in done.stdout
    assert "1 customer has a problem" in done.stdout
    (shell.folder / "catalog.json").write_text("[]")
    done = shell.run(LINES, "bash")
    assert done.returncode != 0 and done.stdout == ""
    assert done.stderr.startswith("sandbox: catalog.json is no catalog: an object with the list")
    assert sorted(path.name for path in shell.folder.iterdir()) == ["catalog.json", "gate_customers.yml", "vars"]
    assert not list(ansible.home.glob("tmp?*"))


def test_the_guide_shows_the_lines_of_the_workflow() -> None:
    lines = LINES.replace(" --catalog catalog.json", "").replace("gate_customers.yml", "test.yml")
    assert textwrap.indent(lines, "   ") in (GUIDES / "testing.rst").read_text()


USE = "python -c \"import os, urllib.request as r; r.urlopen(os.environ['SENDGRID_API_ENDPOINT'])\""


def test_the_guides_start_the_sandbox(ansible: Ansible) -> None:
    guide = (GUIDES / "testing.rst").read_text()
    (pass_on,) = re.findall(r"^   (printf .* >> \"\$GITHUB_ENV\")$", guide, re.MULTILINE)
    starts = [
        "\n".join(re.findall(r"^   \$ (sandbox=.*|eval .* --detach\)\")$", text, re.MULTILINE))
        for text in (guide, (GUIDES / "getting_started.rst").read_text())
    ]
    lines, _trap, _rest = LINES.replace(" --catalog catalog.json", "").partition("trap ")
    # The next step of a job gets these variables, and nothing else.
    next_step = f"unset SENDGRID_API_ENDPOINT SENDGRID_SANDBOX_PID; set -a; . ./env; {USE}"
    starts.append(f"{lines}GITHUB_ENV=env\n{pass_on}\n{next_step}")
    shell = Shell(ansible)
    for start in starts:
        done = shell.run(f'set -eu\n{start}\n{USE}\nkill "$SENDGRID_SANDBOX_PID"')
        assert done.returncode == 0 and "Stop it with kill" in done.stderr, (start, done.stderr)
