# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API key never appears in what a run prints, returns or writes to files."""

from __future__ import annotations

import base64
import importlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible
from ansible_collections.reseller.sendgrid.tests.support.fault_matrix import (
    read_in_process,
    reserve_closed_port,
    start_listeners,
)
from ansible_collections.reseller.sendgrid.tests.support.fault_server import (
    Behaviour,
    FaultServer,
    http,
    resets,
    sends,
    silent,
)
from ansible_collections.reseller.sendgrid.tests.support.module_runner import ModuleRunner
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

Task = dict[str, Any]
KEY = f"SG.{'a-secret'.ljust(22, 'x')}.{'s' * 43}"
NAME = "a.package.v1"
CATALOG = json.dumps({"catalog": [{"offering": {"name": NAME, "type": "package"}}]}).encode()
ESCAPED = "".join(f"\\u{ord(char):04x}" for char in KEY).encode()


def error_response(message: str, status: int = 401) -> Behaviour:
    return sends(http(status, json.dumps({"errors": [{"message": message, "field": KEY, "help": KEY}]}).encode()))


# By case: behaviour of the server, and text that has to be in the output.
RESPONSES: dict[str, tuple[Behaviour, str]] = {
    "success": (sends(http(200, CATALOG)), NAME),
    "echo in errors": (error_response(f"bad key {KEY}"), "bad key ********"),
    "escaped echo in errors": (
        sends(http(403, b'{"errors": [{"message": "bad key %s"}]}' % ESCAPED)),
        "bad key ********",
    ),
    "echo in text": (sends(http(500, f"bad key {KEY}".encode())), "bad key ********"),
    "echo instead of JSON": (sends(http(200, f"<b>{KEY}</b>".encode())), "<b>********</b>"),
    "echo at the end of the excerpt": (sends(http(400, b"\n" * 1950 + KEY.encode())), "400 Bad Request"),
    "echo in headers": (sends(http(429, headers={"Date": KEY, "Retry-After": KEY, KEY: KEY})), "429"),
    "echo in a redirect": (sends(http(302, headers={"Location": f"https://{KEY}/{KEY}"})), "302 Found"),
    "echo in names": (
        sends(http(200, json.dumps({"catalog": [{"offering": {"name": KEY, "type": KEY, KEY: [KEY]}}]}).encode())),
        "********",
    ),
    "echo in a broken catalog": (
        sends(http(200, json.dumps({"catalog": [{"offering": {"name": KEY, "type": "addon"}}] * 2}).encode())),
        "'********' is already the name",
    ),
    "echo in invalid chunks": (
        sends(http(200, KEY.encode(), {"Content-Length": None, "Transfer-Encoding": "chunked"})),
        "no answer",
    ),
    "echo in invalid gzip": (sends(http(200, KEY.encode(), {"Content-Encoding": "gzip"})), "an encoding that"),
    "echo in place of a response": (sends(f"{KEY} {KEY}\r\n\r\n".encode()), "no answer"),
    "connection reset": (resets(http(200)[:-4]), "no answer"),
}

# By case: options, and text that has to be in the message of a request without a response.
NO_RESPONSE: dict[str, tuple[dict[str, Any], str]] = {
    "self-signed": ({"api_endpoint": "https://127.0.0.1:{self_signed}"}, "no trusted connection: "),
    "not trusted": ({"api_endpoint": "https://127.0.0.1:{unknown_ca}", "ca_path": "{ca}"}, "no trusted connection: "),
    "no such name": ({"api_endpoint": "https://nowhere.invalid"}, "nowhere.invalid"),
    "refused": ({"api_endpoint": "http://127.0.0.1:{closed_port}"}, "Connection refused"),
    "timeout": ({"timeout": 1}, "no complete answer within 1 s"),
}
PASSWORD = "proxy-password"
PROXIES = {
    "refuses": (f"http://reseller:{PASSWORD}@127.0.0.1:{{proxy}}", "through the proxy of the environment: "),
    "down": (f"http://reseller:{PASSWORD}@127.0.0.1:{{closed_port}}", "through the proxy of the environment: "),
    "no port": (f"http://reseller:{PASSWORD}@127.0.0.1:port", "the URL of the proxy in the environment"),
    "no host": (f"http://reseller:{PASSWORD}@", "the URL of the proxy in the environment"),
}
# Replaces the module ``syslog``, so that the test can read what modules and core log.
FAKE_SYSLOG = """
import os

LOG_USER = LOG_INFO = 0


def openlog(*arguments, **_options):
    with open(os.environ["FAKE_SYSLOG"], "a", encoding="utf-8") as stream:
        print(*arguments, file=stream)


syslog = openlog
"""


def info(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_offerings_info": options}


def gate(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_offerings_gate": {"offerings": [NAME], **options}}


def lookup(**options: Any) -> Task:
    return {
        "ansible.builtin.debug": {"msg": "{{ query('reseller.sendgrid.offerings') }}"},
        "vars": {f"sendgrid_{name}": value for name, value in options.items()},
    }


def async_info() -> Task:
    return {**info(), "async": 60, "poll": 1}


def async_gate() -> Task:
    return {**gate(), "async": 60, "poll": 1}


def async_lookup() -> Task:
    echo = "echo {{ query('reseller.sendgrid.offerings') | map(attribute='name') | join }}"
    return {"ansible.builtin.command": echo, "async": 60, "poll": 1}


class SecretRun:
    """Run plays with ``key`` from the environment, and read the files that they leave."""

    def __init__(self, ansible: Ansible, server: FaultServer, key: str) -> None:
        self.ansible = ansible
        self.server = server
        self.options = {
            "api_key": "{{ lookup('ansible.builtin.env', 'THE_KEY') }}",
            "api_endpoint": f"http://127.0.0.1:{server.listen()}",
            "retries": 0,
        }
        self.key = key
        self.log = ansible.home / "log"
        self.record = ansible.home / "record"
        self.environment = {
            "THE_KEY": self.key,
            "ANSIBLE_LOG_PATH": str(self.log),
            "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests" / "callback_plugins"),
            "RECORDER": str(self.record),
            "ANSIBLE_ASYNC_DIR": str(ansible.home / "async"),
        }

    def playbook(self, *tasks: Task) -> Path:
        show_result = {"ansible.builtin.debug": {"msg": "{{ result }}"}}
        steps = [
            step
            for task in tasks
            for step in ({"no_log": False, "register": "result", "ignore_errors": True, **task}, show_result)
        ]
        play = {
            "hosts": "all",
            "gather_facts": False,
            "module_defaults": {"group/reseller.sendgrid.sendgrid": self.options},
            "vars": {f"sendgrid_{name}": value for name, value in self.options.items()},
            "tasks": steps,
        }
        playbook = self.ansible.home / "playbook.yml"
        playbook.write_text(json.dumps([play]))
        return playbook

    def run(self, *tasks: Task, arguments: tuple[str, ...] = (), environment: Mapping[str, str] | None = None) -> str:
        merged = {**self.environment, **(environment or {})}
        result = self.ansible.run("playbook", self.playbook(*tasks), *arguments, environment=merged)
        assert result.returncode == 0, result.stdout[-3000:]
        return result.stdout

    def failure_messages(self) -> list[str]:
        """Return the messages of all failed tasks."""
        records = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [str(record["result"]["msg"]) for record in records if record["failed"]]

    def wait_for_cleanup(self) -> None:
        """Wait until core has removed the arguments of asynchronous modules, some seconds after they have ended."""
        deadline = time.monotonic() + 30
        while list((self.ansible.home / "tmp").glob("*/*")) and time.monotonic() < deadline:
            time.sleep(0.2)

    def files(self) -> dict[str, str]:
        """Return the contents of all files in the home directory, by path."""
        files = (path for path in self.ansible.home.rglob("*") if path.is_file() and not path.is_symlink())
        return {str(path): path.read_bytes().decode(errors="replace") for path in files}


@pytest.fixture
def make_run(ansible: Ansible) -> Any:
    with FaultServer() as server:
        yield lambda key: SecretRun(ansible, server, key)


# What core prints of a result differs between these, and each has its own way to the result.
RESPONSES_IN_PLAY = ("echo in errors", "echo in names")
NO_RESPONSE_IN_PLAY = ("self-signed", "timeout")
REFUSED = "https://refused.invalid"


def test_key_and_proxy_password_do_not_appear(make_run: Callable[[str], SecretRun]) -> None:
    """One play with all plugins and each kind of outcome, with the most verbose output."""
    # With white space, as from a file or a prompt. Core then knows another form of the key than the request contains.
    run = make_run(f" {KEY}\n")
    responses = {name: RESPONSES[name] for name in RESPONSES_IN_PLAY}
    answered = [task(cache_ttl=0) for task in (info, gate, lookup) for _name in responses]
    answered += [async_info(), async_gate(), async_lookup()]
    run.server.behaviours[KEY] = [behaviour for behaviour, _text in responses.values()] * 3
    run.server.behaviours[KEY] += [RESPONSES[name][0] for name in ("echo in errors", "success", "success")] + [silent]
    with reserve_closed_port() as closed_port:
        placeholders = {**start_listeners(run.ansible.home, run.server), "closed_port": closed_port}
        failing = [
            task(cache_ttl=0, **{name: str(value).format_map(placeholders) for name, value in options.items()})
            for task in (info, lookup)
            for options in [NO_RESPONSE[name][0] for name in NO_RESPONSE_IN_PLAY]
        ]
        proxied = [task(api_endpoint=REFUSED) for task in (info, gate, lookup)]
        # The other endpoints are loopback addresses, and so not proxied.
        environment = {"HTTPS_PROXY": PROXIES["refuses"][0].format_map(placeholders)}
        output = run.run(
            *answered,
            *failing,
            *proxied,
            arguments=("-vvvvv", "--diff"),
            environment=environment,
        )
    assert len(run.server.requests[KEY]) == len(answered) + 2
    assert all(RESPONSES[name][1] in output for name in ("success", *RESPONSES_IN_PLAY))
    *_others, self_signed, timeout, _self_signed, _timeout, by_info, by_gate, by_lookup = run.failure_messages()
    assert NO_RESPONSE["self-signed"][1] in self_signed and NO_RESPONSE["timeout"][1] in timeout
    for message in (by_info, by_gate, by_lookup):
        assert PROXIES["refuses"][1] in message
    run.wait_for_cleanup()
    heads = b"".join(run.server.proxied).decode()
    encoded = base64.b64encode(f"reseller:{PASSWORD}".encode()).decode()
    assert encoded in heads
    assert_absent(KEY, {"output": output, "proxy": heads, **run.files()})
    for secret in (PASSWORD, encoded):
        assert_absent(secret, {"output": output, **run.files()})
    assert run.log.exists() and run.record.exists()


@pytest.fixture
def modules(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> ModuleRunner:
    return ModuleRunner(sandbox, monkeypatch, capsys, tmp_path)


PLUGINS = "ansible_collections.reseller.sendgrid.plugins.modules.sendgrid_offerings"


def read(modules: ModuleRunner, **options: Any) -> str:
    """Return what the modules write, with their arguments, and what the lookup gets, which core does not mask."""
    written = ""
    for name, more in (("info", {}), ("gate", {"offerings": [NAME], "enforce": False})):
        given: dict[str, Any] = {"api_key": f" {KEY}\n", "retries": 0, **more, **options}
        modules.run(importlib.import_module(f"{PLUGINS}_{name}"), **given)
        written += modules.output
    return written + json.dumps(read_in_process(**{"api_key": KEY, "retries": 0, **options}))


def test_key_does_not_appear_in_any_result(modules: ModuleRunner) -> None:
    with FaultServer() as server:
        endpoint = f"http://127.0.0.1:{server.listen()}"
        for name, (behaviour, text) in RESPONSES.items():
            server.behaviours[KEY] = [behaviour]
            written = read(modules, api_endpoint=endpoint)
            assert text in written, name
            assert_absent(KEY, {name: written})
        assert len(server.requests[KEY]) == 3 * len(RESPONSES)


def test_key_does_not_appear_without_a_response(modules: ModuleRunner, tmp_path: Path) -> None:
    with FaultServer() as server, reserve_closed_port() as closed_port:
        placeholders = {**start_listeners(tmp_path, server), "closed_port": closed_port}
        server.behaviours[KEY] = [silent]
        for name, (options, text) in NO_RESPONSE.items():
            given = {
                option: value.format_map(placeholders) if isinstance(value, str) else value
                for option, value in options.items()
            }
            written = read(modules, **{"api_endpoint": f"http://127.0.0.1:{placeholders['http']}", **given})
            assert written.count(text) >= 3, written
            assert_absent(KEY, {name: written})


@pytest.mark.parametrize(("proxy", "text"), PROXIES.values(), ids=PROXIES)
def test_proxy_password_does_not_appear(
    modules: ModuleRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, proxy: str, text: str
) -> None:
    with FaultServer() as server, reserve_closed_port() as closed_port:
        placeholders = {**start_listeners(tmp_path, server), "closed_port": closed_port}
        monkeypatch.setenv("HTTPS_PROXY", proxy.format_map(placeholders))
        written = read(modules, api_endpoint=REFUSED)
    assert written.count(text) >= 3, written
    for secret in (KEY, PASSWORD, base64.b64encode(f"reseller:{PASSWORD}".encode()).decode()):
        assert_absent(secret, {"output": written})


@pytest.mark.skipif(sys.platform != "linux", reason="other systems report the command lines of processes differently")
def test_key_is_in_no_command_line(make_run: Callable[[str], SecretRun]) -> None:
    run = make_run(KEY)
    request_received, processes_read = threading.Semaphore(0), threading.Semaphore(0)

    def wait_then_respond(connection: socket.socket, placeholders: Mapping[str, object]) -> None:
        request_received.release()
        processes_read.acquire(timeout=60)
        RESPONSES["success"][0](connection, placeholders)

    run.server.behaviours[KEY] = [wait_then_respond]
    run.options.update({"timeout": 60, "cache_ttl": 0})
    playbook = run.playbook(info(), gate(), lookup())
    with run.ansible.running("playbook", playbook, environment=run.environment) as process:
        for part in ("sendgrid_offerings_info", "sendgrid_offerings_gate", "playbook.yml"):
            assert request_received.acquire(timeout=60)
            command_lines = run.ansible.processes()
            processes_read.release()
            assert any(part in line for line in command_lines.values()), command_lines
            assert_absent(KEY, {str(pid): line for pid, line in command_lines.items()})
        assert process.wait(timeout=60) == 0
    assert run.failure_messages() == []
    assert_absent(KEY, run.files())


def test_key_is_not_in_syslog(make_run: Callable[[str], SecretRun]) -> None:
    run = make_run(f"{KEY} \n")
    run.server.behaviours[KEY] = [RESPONSES["success"][0]]
    fake_modules, log = run.ansible.home / "fakes", run.ansible.home / "syslog"
    fake_modules.mkdir()
    (fake_modules / "syslog.py").write_text(FAKE_SYSLOG)
    # In other options, core masks only the exact form of the key that it knows as a secret.
    trimmed = "{{ lookup('ansible.builtin.env', 'THE_KEY') | trim }}"
    tasks = [info(names=[trimmed]), info(names=[trimmed], api_key=trimmed), gate(offerings=[trimmed])]
    run.run(*tasks, environment={"PYTHONPATH": str(fake_modules), "FAKE_SYSLOG": str(log)})
    for module in ("info", "gate"):
        assert f"sendgrid_offerings_{module}" in log.read_text()
    assert log.read_text().count("Invoked with ") == 3
    assert_absent(KEY, {"syslog": log.read_text(), **run.files()})


def test_key_is_not_left_behind_with_become(make_run: Callable[[str], SecretRun]) -> None:
    if os.geteuid() != 0 or not shutil.which("su"):
        pytest.skip("only root can use su without a password")
    probe = subprocess.run(["su", "root", "-c", "true"], stdin=subprocess.DEVNULL, timeout=30, check=False)
    if probe.returncode:
        pytest.skip("su does not work here")
    run = make_run(f" {KEY}\n")
    run.server.behaviours[KEY] = [RESPONSES["success"][0]]
    become = {"become": True, "become_method": "ansible.builtin.su", "become_user": "root"}
    tasks = [{**task, **become} for task in (info(), gate(), lookup())]
    # Otherwise core skips become, because the user is root already.
    environment = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "true"}
    output = run.run(*tasks, arguments=("-vvvvv", "--diff"), environment=environment)
    assert run.failure_messages() == [] and "BECOME-SUCCESS" in output
    run.wait_for_cleanup()
    assert list((run.ansible.home / "tmp").glob("*")) == []
    assert_absent(KEY, {"output": output, **run.files()})


def test_rejected_key_does_not_appear(make_run: Callable[[str], SecretRun]) -> None:
    run = make_run(KEY)
    keys = [f"{KEY}\n{KEY}", f"{KEY}\xe9", f"{KEY}\u200b", f"\ufeff{KEY}"]
    environment = {f"KEY_{number}": key for number, key in enumerate(keys)}
    given = [{"api_key": f"{{{{ lookup('ansible.builtin.env', '{name}') }}}}"} for name in environment]
    tasks = [task(**options) for options in given for task in (info, lookup)]
    output = run.run(*tasks, gate(**given[0]), arguments=("-vvvvv",), environment=environment)
    messages = run.failure_messages()
    assert len(messages) == 9 and all("api_key: it " in message for message in messages), messages
    assert run.server.requests == {}
    # A message can escape the other characters of the key, but not this part.
    assert_absent(KEY, {"output": output, **run.files()})


def test_key_in_wrong_option_does_not_appear(make_run: Callable[[str], SecretRun]) -> None:
    """A user may confuse variables, and put the key into an option that is not secret."""
    run = make_run(f"{KEY} \n")
    key = "{{ lookup('ansible.builtin.env', 'THE_KEY') | trim }}"
    misplaced: list[dict[str, Any]] = [
        {"api_endpoint": key},
        {"region": key, "api_endpoint": None},
        {"ca_path": key},
        {"timeout": key},
        {"cache_dir": f"{run.ansible.home}/file/{key}", "cache_ttl": 60},
        {"retries": [key]},
        {"retries": [run.options["api_key"]]},
        {"names": [key], "nmaes": [key]},
    ]
    (run.ansible.home / "file").write_text("no directory")
    run.server.behaviours[KEY] = [RESPONSES["success"][0]]
    tasks = [info(**options) for options in misplaced]
    tasks += [lookup(**options) for options in misplaced]
    output = run.run(*tasks, arguments=("-vvvvv",))
    assert_absent(KEY, {"output": output, **run.files()})


def test_new_key_of_a_customer_appears_only_in_its_result(ansible: Ansible) -> None:
    secrets = []
    with Sandbox("--accounts", "1", "--rate-limit", "0") as sandbox, FaultServer() as server:
        run = SecretRun(ansible, server, sandbox.key)
        run.options["api_endpoint"] = sandbox.endpoint
        account_id = sandbox.control("GET", "/accounts")[0]["id"]

        def key(name: str, **options: Any) -> Task:
            given = {"account_id": account_id, "name": name, "scopes": ["mail.send"], **options}
            return {"reseller.sendgrid.sendgrid_account_api_key": given}

        # A response that cannot be read, and one that has the key in another place. Their keys are lost.
        for number, body in enumerate(['{"api_key": "%s"', '{"api_key": ["%s"]}']):
            secrets.append(f"lost-key-{number}-{'x' * 40}")
            sandbox.fault(method="POST", path="/v3/api_keys", times=1, status=201, body=body % secrets[-1])
        store = {
            "ansible.builtin.copy": {
                "content": "{{ created.api_key }}",
                "dest": str(ansible.home / "new"),
                "mode": "0600",
            },
            "no_log": True,
        }
        quiet = {**key("website"), "no_log": True, "register": "created"}
        tasks = [key("lost"), key("lost"), quiet, store, key("website"), key("website", scopes=["stats.read"])]
        # Not the results of the first task of these that has the key: a debug task would print it.
        steps = [{"ignore_errors": True, **task} for task in tasks]
        play = {
            "hosts": "all",
            "gather_facts": False,
            "module_defaults": {"group/reseller.sendgrid.sendgrid": run.options},
            "tasks": steps,
        }
        playbook = ansible.home / "playbook.yml"
        playbook.write_text(json.dumps([play]))
        output = ansible.run("playbook", playbook, "-vvvvv", "--diff", environment=run.environment).stdout
        stored = ansible.home / "new"
        secrets.append(stored.read_text())
        stored.unlink()
        assert output.count("but nobody knows its secret") >= 2, output[-3000:]
        assert "exists already" in output and "given other scopes" in output
        assert len(secrets[-1]) == 69 and run.log.exists() and run.record.exists()
        for secret in [*secrets, sandbox.key]:
            assert_absent(secret, {"output": output, **run.files()})


def test_debug_mode_of_core_shows_the_key_at_most_in_one_line_per_module(
    make_run: Callable[[str], SecretRun],
) -> None:
    """With older cores, neither the collection nor ``no_log`` can prevent this; the documentation warns of it."""
    run = make_run(KEY)
    run.server.behaviours[KEY] = [RESPONSES["success"][0], RESPONSES["echo in errors"][0]]
    tasks = [lookup(), info(), gate(), {**info(), "no_log": True}]
    output = run.run(*tasks, environment={"ANSIBLE_DEBUG": "true"})
    lines = [line for line in output.splitlines() if KEY in line]
    assert "entering _queue_task() for" in output
    # Core 2.22 and newer print no such lines, and mask what is registered.
    count = 3 if importlib.util.find_spec("ansible.module_utils.secrets") is None else 0
    assert ["done with _execute_module (reseller.sendgrid." in line for line in lines] == [True] * count
    assert_absent(KEY, run.files())


def assert_absent(secret: str, texts: Mapping[str, str]) -> None:
    """Assert that the secret is neither in the texts nor in their names."""
    for name, text in texts.items():
        assert secret not in name
        assert secret not in text, f"{name}: {text[: text.index(secret) + 100][-2000:]}"
