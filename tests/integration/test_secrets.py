# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key is in nothing that a run prints, returns or leaves behind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.fault_server import Behaviour, FaultServer, http, resets, sends
from ansible_collections.reseller.sendgrid.tests.playbook import CHECKOUT, Ansible

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
    "echo that is not gzip": (sends(http(200, KEY.encode(), {"Content-Encoding": "gzip"})), "decompressed"),
    "echo in place of an answer": (sends(f"{KEY} {KEY}\r\n\r\n".encode()), "no answer"),
    "lost": (resets(http(200)[:-4]), "no answer"),
}


def info(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_offerings_info": options}


def gate(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_offerings_gate": {"offerings": [NAME], **options}}


def lookup(**_options: Any) -> Task:
    return {"ansible.builtin.debug": {"msg": "{{ query('reseller.sendgrid.offerings') }}"}}


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

    def run(self, *tasks: Task, arguments: tuple[str, ...] = (), environment: Mapping[str, str] | None = None) -> str:
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
        given = {
            "THE_KEY": self.key,
            "ANSIBLE_LOG_PATH": str(self.log),
            "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests" / "callback_plugins"),
            "RECORDER": str(self.ansible.home / "record"),
            "ANSIBLE_ASYNC_DIR": str(self.ansible.home / "async"),
        }
        result = self.ansible.run("playbook", playbook, *arguments, environment={**given, **(environment or {})})
        assert result.returncode == 0, result.stdout[-3000:]
        return result.stdout

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
    "task", [info, gate, lookup, lambda: {**info(), "async": 60, "poll": 1}], ids=["info", "gate", "lookup", "async"]
)
def test_key_is_nowhere(secrets: Callable[[str], Secrets], task: Callable[..., Task]) -> None:
    # As it comes from a file or a prompt: what is sent differs from what core knows as a secret.
    run = secrets(f" {KEY}\n")
    chosen = dict(list(ANSWERS.items())[:4]) if "async" in task() else ANSWERS
    run.server.behaviours[KEY] = [behaviour for behaviour, _said in chosen.values()]
    run.options["cache_ttl"] = 0
    output = run.run(*[task()] * len(chosen), arguments=("-vvvvv", "--diff"))
    assert len(run.server.requests[KEY]) == len(chosen)
    for name, (_behaviour, said) in chosen.items():
        assert said in output or (task is gate and "names" in name), name
    if "async" in task():
        run.wait_for_core()
    nowhere(KEY, {"output": output, **run.left()})
    assert run.log.exists() and (run.ansible.home / "record").exists()


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
    tasks += [{**lookup(), "vars": {f"sendgrid_{name}": value for name, value in options.items()}} for options in wrong]
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
