# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key is in nothing that a run prints, returns or leaves behind."""

from __future__ import annotations

import base64
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
from ansible_collections.reseller.sendgrid.tests.support.fault_matrix import authorities, refusing
from ansible_collections.reseller.sendgrid.tests.support.fault_server import (
    Behaviour,
    FaultServer,
    http,
    resets,
    sends,
    silent,
)

Task = dict[str, Any]
KEY = f"SG.{'a-secret'.ljust(22, 'x')}.{'s' * 43}"
NAME = "a.package.v1"
CATALOG = json.dumps({"catalog": [{"offering": {"name": NAME, "type": "package"}}]}).encode()
ESCAPED = "".join(f"\\u{ord(char):04x}" for char in KEY).encode()


def complaint(message: str, status: int = 401) -> Behaviour:
    return sends(http(status, json.dumps({"errors": [{"message": message, "field": KEY, "help": KEY}]}).encode()))


# What happens, and what has to be said of it.
ANSWERS: dict[str, tuple[Behaviour, str]] = {
    "well": (sends(http(200, CATALOG)), NAME),
    "echo in errors": (complaint(f"bad key {KEY}"), "bad key ********"),
    "escaped echo in errors": (
        sends(http(403, b'{"errors": [{"message": "bad key %s"}]}' % ESCAPED)),
        "bad key ********",
    ),
    "echo in text": (sends(http(500, f"bad key {KEY}".encode())), "bad key ********"),
    "echo where JSON was asked for": (sends(http(200, f"<b>{KEY}</b>".encode())), "<b>********</b>"),
    "echo at the end of what is shown": (sends(http(400, b"\n" * 1950 + KEY.encode())), "400 Bad Request"),
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
    "echo in chunks that are none": (
        sends(http(200, KEY.encode(), {"Content-Length": None, "Transfer-Encoding": "chunked"})),
        "no answer",
    ),
    "echo that is not gzip": (sends(http(200, KEY.encode(), {"Content-Encoding": "gzip"})), "an encoding that"),
    "echo in place of an answer": (sends(f"{KEY} {KEY}\r\n\r\n".encode()), "no answer"),
    "lost": (resets(http(200)[:-4]), "no answer"),
}

# The same where there is no answer.
FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "self-signed": ({"api_endpoint": "https://127.0.0.1:{self_signed}"}, "no trusted connection: "),
    "not trusted": ({"api_endpoint": "https://127.0.0.1:{strange}", "ca_path": "{ca}"}, "no trusted connection: "),
    "no such name": ({"api_endpoint": "https://nowhere.invalid"}, "nowhere.invalid"),
    "refused": ({"api_endpoint": "http://127.0.0.1:{refusing}"}, "Connection refused"),
    "timeout": ({"timeout": 1}, "no complete answer within 1 s"),
}
PASSWORD = "word-of-the-proxy"
PROXIES = {
    "refuses": (f"http://reseller:{PASSWORD}@127.0.0.1:{{proxy}}", "through the proxy of the environment: "),
    "down": (f"http://reseller:{PASSWORD}@127.0.0.1:{{refusing}}", "through the proxy of the environment: "),
    "no port": (f"http://reseller:{PASSWORD}@127.0.0.1:port", "the URL of the proxy in the environment"),
    "no host": (f"http://reseller:{PASSWORD}@", "the URL of the proxy in the environment"),
}
# Comes first for the modules and for core, which log to the system otherwise.
SYSLOG = """
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


class Secrets:
    """Runs of ansible-playbook with I(key), which is given in the environment, and what they leave."""

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
        shown = {"ansible.builtin.debug": {"msg": "{{ result }}"}}
        steps = [
            step
            for task in tasks
            for step in ({"no_log": False, "register": "result", "ignore_errors": True, **task}, shown)
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
        given = {**self.environment, **(environment or {})}
        result = self.ansible.run("playbook", self.playbook(*tasks), *arguments, environment=given)
        assert result.returncode == 0, result.stdout[-3000:]
        return result.stdout

    def failures(self) -> list[str]:
        """Return the messages of all tasks that failed."""
        records = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [str(record["result"]["msg"]) for record in records if record["failed"]]

    def wait_for_core(self) -> None:
        """Wait until core has removed the arguments of modules, which it does some seconds after those have ended."""
        deadline = time.monotonic() + 30
        while list((self.ansible.home / "tmp").glob("*/*")) and time.monotonic() < deadline:
            time.sleep(0.2)

    def left(self) -> dict[str, str]:
        """Return the names and contents of all files below the home."""
        files = (path for path in self.ansible.home.rglob("*") if path.is_file() and not path.is_symlink())
        return {str(path): path.read_bytes().decode(errors="replace") for path in files}


@pytest.fixture
def secrets(ansible: Ansible) -> Any:
    with FaultServer() as server:
        yield lambda key: Secrets(ansible, server, key)


@pytest.mark.parametrize(
    "task",
    [info, gate, lookup, async_info, async_gate, async_lookup],
    ids=["info", "gate", "lookup", "async info", "async gate", "async lookup"],
)
def test_key_is_nowhere(secrets: Callable[[str], Secrets], task: Callable[..., Task]) -> None:
    # As it comes from a file or a prompt: what is sent differs from what core knows as a secret.
    run = secrets(f" {KEY}\n")
    chosen = dict(list(ANSWERS.items())[:2]) if "async" in task() else ANSWERS
    run.server.behaviours[KEY] = [behaviour for behaviour, _said in chosen.values()]
    run.options["cache_ttl"] = 0
    output = run.run(*[task()] * len(chosen), arguments=("-vvvvv", "--diff"))
    assert len(run.server.requests[KEY]) == len(chosen)
    for name, (_behaviour, said) in chosen.items():
        assert said in output or (task is gate and "names" in name), name
    if "async" in task():
        run.wait_for_core()
    nowhere(KEY, {"output": output, **run.left()})
    assert run.log.exists() and run.record.exists()


@pytest.mark.parametrize("task", [info, gate, lookup])
def test_key_is_nowhere_without_an_answer(secrets: Callable[[str], Secrets], task: Callable[..., Task]) -> None:
    run = secrets(f" {KEY}\n")
    run.server.behaviours[KEY] = [silent]
    with refusing() as unheard:
        places = {**authorities(run.ansible.home, run.server), "refusing": unheard}
        tasks = [
            task(**{name: str(value).format_map(places) for name, value in given.items()})
            for given, _said in FAILURES.values()
        ]
        output = run.run(*tasks, arguments=("-vvvvv", "--diff"))
    said = [part for _given, part in FAILURES.values()]
    assert [part in message for part, message in zip(said, run.failures())] == [True] * len(said), run.failures()
    nowhere(KEY, {"output": output, **run.left()})


@pytest.mark.parametrize(("proxy", "said"), PROXIES.values(), ids=PROXIES)
def test_neither_key_nor_password_of_a_proxy_is_anywhere(
    secrets: Callable[[str], Secrets], proxy: str, said: str
) -> None:
    run = secrets(f" {KEY}\n")
    run.options["api_endpoint"] = "https://refused.invalid"
    with refusing() as unheard:
        places = {**authorities(run.ansible.home, run.server), "refusing": unheard}
        environment = {"HTTPS_PROXY": proxy.format_map(places)}
        output = run.run(info(), gate(), lookup(), arguments=("-vvvvv", "--diff"), environment=environment)
    assert [said in message for message in run.failures()] == [True] * 3, run.failures()
    heads = b"".join(run.server.proxied).decode()
    encoded = base64.b64encode(f"reseller:{PASSWORD}".encode()).decode()
    assert (encoded in heads) == ("{proxy}" in proxy)
    nowhere(KEY, {"output": output, "proxy": heads, **run.left()})
    for secret in (PASSWORD, encoded):
        nowhere(secret, {"output": output, **run.left()})


@pytest.mark.skipif(sys.platform != "linux", reason="others tell the titles of processes otherwise")
def test_key_is_in_no_title_of_a_process(secrets: Callable[[str], Secrets]) -> None:
    run = secrets(KEY)
    arrived, looked = threading.Semaphore(0), threading.Semaphore(0)

    def holds(connection: socket.socket, places: Mapping[str, object]) -> None:
        arrived.release()
        looked.acquire(timeout=60)
        ANSWERS["well"][0](connection, places)

    run.server.behaviours[KEY] = [holds]
    run.options.update({"timeout": 60, "cache_ttl": 0})
    playbook = run.playbook(info(), gate(), lookup())
    with run.ansible.running("playbook", playbook, environment=run.environment) as process:
        for part in ("sendgrid_offerings_info", "sendgrid_offerings_gate", "playbook.yml"):
            assert arrived.acquire(timeout=60)
            titles = run.ansible.processes()
            looked.release()
            assert any(part in title for title in titles.values()), titles
            nowhere(KEY, {str(pid): title for pid, title in titles.items()})
        assert process.wait(timeout=60) == 0
    assert run.failures() == []
    nowhere(KEY, run.left())


@pytest.mark.parametrize("around", ["", " \n"], ids=["as it is", "with white space"])
def test_key_is_not_in_the_log_of_the_system(secrets: Callable[[str], Secrets], around: str) -> None:
    run = secrets(f"{KEY}{around}")
    run.server.behaviours[KEY] = [ANSWERS["well"][0]]
    fakes, log = run.ansible.home / "fakes", run.ansible.home / "syslog"
    fakes.mkdir()
    (fakes / "syslog.py").write_text(SYSLOG)
    # Also where it does not belong, and is masked only if core knows it in this very form.
    misplaced = ["{{ lookup('ansible.builtin.env', 'THE_KEY') | trim }}"]
    tasks = [info(names=misplaced), gate(offerings=misplaced)]
    run.run(*tasks, environment={"PYTHONPATH": str(fakes), "FAKE_SYSLOG": str(log)})
    for module in ("info", "gate"):
        assert f"sendgrid_offerings_{module}" in log.read_text()
    assert log.read_text().count("Invoked with ") == 2
    nowhere(KEY, {"log of the system": log.read_text(), **run.left()})


def test_key_is_not_left_where_another_user_runs_the_module(secrets: Callable[[str], Secrets]) -> None:
    if os.geteuid() != 0 or not shutil.which("su"):
        pytest.skip("without a password, su is for root only")
    tried = subprocess.run(["su", "root", "-c", "true"], stdin=subprocess.DEVNULL, timeout=30, check=False)
    if tried.returncode:
        pytest.skip("su does not let root become root here")
    run = secrets(f" {KEY}\n")
    run.server.behaviours[KEY] = [ANSWERS["well"][0]]
    become = {"become": True, "become_method": "ansible.builtin.su", "become_user": "root"}
    tasks = [{**task, **become} for task in (info(), gate(), lookup())]
    # Else core sees that it is root already.
    environment = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "true"}
    output = run.run(*tasks, arguments=("-vvvvv", "--diff"), environment=environment)
    assert run.failures() == [] and "BECOME-SUCCESS" in output
    run.wait_for_core()
    assert list((run.ansible.home / "tmp").glob("*")) == []
    nowhere(KEY, {"output": output, **run.left()})


@pytest.mark.parametrize(
    "given",
    [f"{KEY}\n{KEY}", f"{KEY}\xe9", f"{KEY}\u200b", f"\ufeff{KEY}"],
    ids=["two lines", "letter", "nothing that is seen", "byte order mark"],
)
def test_key_that_is_refused_is_nowhere(secrets: Callable[[str], Secrets], given: str) -> None:
    run = secrets(given)
    output = run.run(info(), gate(), lookup(), arguments=("-vvvvv",))
    assert "characters outside ASCII" in output
    # However it is quoted, this part of it is left as it is.
    nowhere(KEY, {"output": output, **run.left()})


@pytest.mark.parametrize("around", ["", " \n"], ids=["as it is", "with white space"])
def test_key_in_options_is_nowhere(secrets: Callable[[str], Secrets], around: str) -> None:
    """Who mixes up variables gives the key to what is no secret."""
    run = secrets(f"{KEY}{around}")
    key = "{{ lookup('ansible.builtin.env', 'THE_KEY') | trim }}"
    wrong: list[dict[str, Any]] = [
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
    run.server.behaviours[KEY] = [ANSWERS["well"][0]]
    tasks = [info(**options) for options in wrong]
    tasks += [lookup(**options) for options in wrong]
    output = run.run(*tasks, arguments=("-vvvvv",))
    nowhere(KEY, {"output": output, **run.left()})


def test_debugging_of_core_shows_the_key_in_one_line_for_each_module(secrets: Callable[[str], Secrets]) -> None:
    """Neither our code nor C(no_log) can prevent it; the documentation has to tell."""
    run = secrets(KEY)
    run.server.behaviours[KEY] = [ANSWERS["well"][0], ANSWERS["echo in errors"][0]]
    tasks = [lookup(), info(), gate(), {**info(), "no_log": True}]
    output = run.run(*tasks, environment={"ANSIBLE_DEBUG": "true"})
    lines = [line for line in output.splitlines() if KEY in line]
    assert ["done with _execute_module (reseller.sendgrid." in line for line in lines] == [True] * 3
    nowhere(KEY, run.left())


def nowhere(secret: str, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        assert secret not in name
        assert secret not in text, f"{name}: {text[: text.index(secret) + 100][-2000:]}"
