# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the sandbox and the collection with tools that use only the vendor's OpenAPI documents.

``SENDGRID_OPENAPI`` is the path of the document about accounts. The others are next to it, under the vendor's names.
They are not part of the project; the vendor publishes them in the repository twilio/sendgrid-oai on GitHub.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

DOCUMENT = os.environ["SENDGRID_OPENAPI"]
PRISM = ["npx", "--yes", "@stoplight/prism-cli@5.14.2"]
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    500: "server_error",
    502: "server_error",
    503: "server_error",
    504: "server_error",
}


def run_schemathesis(sandbox: Sandbox, folder: Path, document: str, *arguments: str) -> None:
    process = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
            *("run", document, "--url", sandbox.endpoint, "-H", f"Authorization: Bearer {sandbox.key}"),
            *("--seed", "7", "--no-color", *arguments),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    assert "Traceback" not in sandbox.read_stderr()


def test_sandbox_conforms_to_the_document(tmp_path: Path) -> None:
    with Sandbox("--rate-limit", "0", "--accounts", "3") as sandbox:
        run_schemathesis(sandbox, tmp_path, DOCUMENT, "--checks", "all", "--max-examples", "25")
        assert sandbox.count() > 200


# Of each document, the operations that the sandbox has, and statuses that must occur.
MORE_DOCUMENTS: dict[str, tuple[list[str], set[int]]] = {
    "tsg_api_keys_v3.yaml": (
        ["ListApiKey", "CreateApiKey", "GetApiKey", "UpdateApiKey", "UpdateApiKeyName", "DeleteApiKey"],
        {200, 201, 204, 400, 401, 404},
    ),
    "tsg_ip_provisioning_v3.yaml": (["ListAccountIps"], {200, 400, 401}),
    "tsg_user_v3.yaml": (["ListCredit"], {200, 401}),
}


@pytest.mark.parametrize("name", MORE_DOCUMENTS)
def test_sandbox_conforms_to_more_documents(tmp_path: Path, name: str) -> None:
    operations, statuses = MORE_DOCUMENTS[name]
    selected = [part for operation in operations for part in ("--include-operation-id", operation)]
    with Sandbox("--rate-limit", "0", "--accounts", "1") as sandbox:
        account_id = sandbox.control("GET", "/accounts")[0]["id"]
        acting_as = ("-H", f"on-behalf-of: account-id {account_id}")
        path = str(Path(DOCUMENT).with_name(name))
        run_schemathesis(sandbox, tmp_path, path, *acting_as, "--max-examples", "10", *selected)
        assert statuses <= {request["status"] for request in sandbox.requests()}


class Relay(BaseHTTPRequestHandler):
    """Forward requests to Prism, and tell it which of the documented responses to return."""

    status = 200
    target = ""

    def do_GET(self) -> None:
        headers = {**self.headers, "Prefer": f"code={self.status}"}
        try:
            response = urllib.request.urlopen(urllib.request.Request(self.target + self.path, headers=headers))
        except urllib.error.HTTPError as error:
            response = error
        with response:
            body = response.read()
        self.send_response(response.status)
        self.send_header("Content-Type", response.headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def prism(*arguments: str) -> Iterator[str]:
    """Run Prism, and yield its URL. It returns an error for each message that violates the document."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*PRISM, *arguments, "--errors", "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, 15)
        process.wait()


@pytest.fixture(scope="module")
def relay() -> Iterator[str]:
    with prism("mock", DOCUMENT) as Relay.target, ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "Prism has not started"
            time.sleep(0.2)


@pytest.mark.parametrize("status", [200, *CODES])
def test_module_and_lookup_work_with_a_mock_of_the_api(ansible: Ansible, relay: str, status: int) -> None:
    Relay.status = status
    options = {"api_key": f"SG.{'k' * 22}.{'y' * 43}", "api_endpoint": relay, "retries": 0}
    module = {
        "reseller.sendgrid.sendgrid_offerings_info": options,
        "register": "result",
        "ignore_errors": True,
    }
    lookup = {
        "ansible.builtin.debug": {"msg": "{{ query('reseller.sendgrid.offerings') }}"},
        "register": "looked_up",
        "ignore_errors": True,
    }
    path = ansible.home / "results.json"
    results = {"ansible.builtin.copy": {"content": "{{ [result, looked_up] | to_json }}", "dest": str(path)}}
    variables = {f"sendgrid_{name}": value for name, value in options.items()}
    play = {"hosts": "all", "gather_facts": False, "vars": variables, "tasks": [module, lookup, results]}
    output = ansible.play([play]).stdout
    assert "failed=0" in output, output
    module_result, lookup_result = json.loads(path.read_text())
    if status == 200:
        assert module_result["offerings"] == lookup_result["msg"]
        assert module_result["offerings"][0]["name"] == "org.ei.free.v1"
        return
    assert module_result["failure"]["code"] == CODES[status]
    assert module_result["failure"]["details"]["status"] == status
    assert module_result["failure"]["details"]["errors"][0]["error_id"].startswith("10-")
    assert module_result["msg"] in lookup_result["msg"]


ORDER = [{"name": "milne.ei.pro-100k.v1"}, {"name": "milne.x.ip.v2", "quantity": 2}]
PROFILE = {
    "first_name": "Jana",
    "last_name": "Novak",
    "company_name": "Alpine Airways",
    "company_website": "https://alpine-airways.example",
    "email": "it@alpine-airways.example",
    "phone": "+420123456789",
    "timezone": "Europe/Prague",
}
ID = {"account_id": "{{ created.account_id }}"}
# The life cycle of an account: module, options, and whether the step reports a change.
# It does not include single sign-on, because the proxy would follow the redirect.
LIFE_CYCLE: list[tuple[str, dict[str, object], bool]] = [
    ("account", {"profile": PROFILE, "offerings": ORDER, "test_account": True}, True),
    ("account", {"profile": PROFILE, "offerings": ORDER}, False),
    ("account", {**ID, "offerings": ["milne.ei.pro-300k.v1"], "purge_offerings": True, "state": "deactivated"}, True),
    ("account_info", {"include": ["offerings", "state"]}, False),
    ("account", {**ID, "state": "absent"}, True),
    ("account", {**ID, "state": "absent"}, False),
]


def run_life_cycle(
    ansible: Ansible, document: str, sandbox: Sandbox, steps: list[tuple[str, dict[str, object], bool]]
) -> set[tuple[str, str]]:
    """Run modules through a proxy, and return the operations that have reached the sandbox: it rejected no request."""
    tasks: list[dict[str, object]] = []
    for index, (module, options, changed) in enumerate(steps):
        name = "created" if index == 0 else "result"
        tasks += [
            {f"reseller.sendgrid.sendgrid_{module}": options, "register": name},
            {"ansible.builtin.assert": {"that": f"{name} is {'' if changed else 'not '}changed"}},
        ]
    with prism("proxy", document, sandbox.endpoint) as endpoint:
        settings = {"api_key": sandbox.key, "api_endpoint": endpoint, "retries": 0}
        defaults = {"group/reseller.sendgrid.sendgrid": settings}
        play = {"hosts": "all", "gather_facts": False, "module_defaults": defaults, "tasks": tasks}
        output = ansible.play([play]).stdout
    assert f"ok={len(tasks)} " in output and "failed=0" in output, output
    return {
        (request["method"], re.sub(r"sg\w+|(?<=keys/).*", "{id}", request["path"])) for request in sandbox.requests()
    }


def test_account_modules_conform_to_the_document(ansible: Ansible) -> None:
    with Sandbox() as sandbox:
        operations = run_life_cycle(ansible, DOCUMENT, sandbox, LIFE_CYCLE)
        assert len(operations) == 8, operations


def test_module_for_api_keys_conforms_to_the_document(ansible: Ansible) -> None:
    with Sandbox("--accounts", "1") as sandbox:
        key = {"account_id": sandbox.control("GET", "/accounts")[0]["id"], "name": "website"}
        steps: list[tuple[str, dict[str, object], bool]] = [
            ("account_api_key", {**key, "scopes": ["mail.send"]}, True),
            ("account_api_key", {**key, "scopes": ["mail.send"]}, False),
            ("account_api_key", {**key, "scopes": ["mail.send", "stats.read"]}, True),
            ("account_api_key", {**key, "full_access": True}, False),
            ("account_api_key", {**key, "state": "absent"}, True),
            ("account_api_key", {**key, "full_access": True}, True),
        ]
        document = str(Path(DOCUMENT).with_name("tsg_api_keys_v3.yaml"))
        operations = run_life_cycle(ansible, document, sandbox, steps)
        assert len(operations) == 5, operations
