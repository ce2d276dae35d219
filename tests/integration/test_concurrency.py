# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays that run in every way that Ansible has, side by side: each gets its own catalog, by as few requests as it can.

Each play has a key of its own, by which its requests are counted, so that one run serves many of them.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible

Task = dict[str, Any]
HOSTS = 4


def key(name: str) -> str:
    return f"SG.{name.ljust(22, 'x')}.{'k' * 43}"


class Api:
    """An API with many resellers, where the sandbox has one: the catalog of each names its key, and this server."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: Counter[str] = Counter()
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                reseller = self.headers["Authorization"].removeprefix("Bearer SG.").partition(".")[0].rstrip("x")
                api.asked[reseller] += 1
                # Long enough for all that run at once to find that somebody else is asking.
                time.sleep(0.3)
                entry = {"offering": {"name": f"{name}.{reseller}", "type": "package"}}
                body = json.dumps({"catalog": [entry]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Api:
        threading.Thread(target=self._server.serve_forever).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Plays:
    """Runs plays on some hosts at once; each task asserts that it is shown the right catalog."""

    def __init__(self, ansible: Ansible) -> None:
        self.ansible = ansible
        (ansible.home / "many").write_text(
            f"host[1:{HOSTS}] ansible_connection=local "
            f"ansible_python_interpreter={ansible.home / 'python' / 'bin' / 'python'}\n"
        )

    def run(self, *plays: Task, name: str = "playbook") -> None:
        playbook = self.ansible.home / f"{name}.yml"
        playbook.write_text(json.dumps(plays))
        # Where jobs in the background are looked for does not depend on HOME otherwise.
        environment = {
            "ANSIBLE_ASYNC_DIR": str(self.ansible.home / "jobs"),
            "ANSIBLE_FORKS": str(HOSTS),
            "ANSIBLE_PIPELINING": "1",
        }
        output = self.ansible.run("playbook", playbook, "--inventory", "many", environment=environment).stdout
        assert "Traceback" not in output and "DEPRECATION" not in output, output
        assert len(re.findall(r"ok=[1-9]\d* .* unreachable=0 +failed=0 ", output)) == HOSTS, output


@pytest.fixture
def plays(ansible: Ansible) -> Plays:
    return Plays(ansible)


def play(endpoint: str, secret: str, mine: str, *tasks: Task, ttl: int = 3600, **how: Any) -> Task:
    """Return a play whose catalog has the offering I(mine) and no other."""
    options = {"api_key": secret, "api_endpoint": endpoint, "retries": 0, "cache_ttl": ttl}
    return {
        "hosts": "all",
        "gather_facts": False,
        "module_defaults": {"group/reseller.sendgrid.sendgrid": options},
        "vars": {"mine": mine, **{f"sendgrid_{name}": value for name, value in options.items()}},
        "tasks": tasks,
        **how,
    }


def of(api: Api, reseller: str, *tasks: Task, **how: Any) -> Task:
    return play(api.endpoint, key(reseller), f"{api.name}.{reseller}", *tasks, **how)


def lookup(**how: Any) -> Task:
    that = "query('reseller.sendgrid.offerings') | map(attribute='name') | list == [mine]"
    return {"ansible.builtin.assert": {"that": that}, **how}


def gate(**how: Any) -> list[Task]:
    """Pass the gate, as is possible with the right catalog only."""
    return [
        {
            "reseller.sendgrid.sendgrid_offerings_gate": {"offerings": ["{{ mine }}"]},
            "register": "checked",
            **how,
        },
        {"ansible.builtin.assert": {"that": "checked.gate.payload[0].name == mine"}},
    ]


def started() -> list[Task]:
    """Pass the gate in the background."""
    first, last = gate(**{"async": 60, "poll": 0})
    wait = {
        "ansible.builtin.async_status": {"jid": "{{ checked.ansible_job_id }}"},
        "register": "checked",
        "until": "checked is finished",
        "retries": 100,
        "delay": 0.5,
    }
    return [first, wait, last]


def test_one_request_serves_a_play_however_it_runs(plays: Plays) -> None:
    with Api("one") as api:
        plays.run(
            of(api, "free", lookup(), *gate(), lookup(), strategy="free"),
            of(api, "pinned", lookup(), lookup(), strategy="host_pinned"),
            of(api, "serial", lookup(), *gate(), serial=[1, 2]),
            of(api, "throttle", lookup(throttle=2), *gate(throttle=1)),
            of(api, "once", lookup(run_once=True), *gate(run_once=True)),
            of(api, "async", *gate(**{"async": 60, "poll": 1}), lookup()),
            of(api, "started", *started(), lookup()),
        )
        names = ("free", "pinned", "serial", "throttle", "once", "async", "started")
        assert api.asked == dict.fromkeys(names, 1)


def test_without_a_cache_each_read_is_a_request(plays: Plays) -> None:
    with Api("one") as api:
        plays.run(
            of(api, "free", lookup(), *gate(), ttl=0, strategy="free"),
            of(api, "serial", lookup(), ttl=0, serial=2),
            of(api, "once", lookup(run_once=True), *gate(run_once=True), ttl=0),
            of(api, "started", *started(), ttl=0),
        )
        assert api.asked == {"free": 2 * HOSTS, "serial": HOSTS, "once": 2, "started": HOSTS}
    assert not (plays.ansible.home / ".ansible" / "sendgrid_cache").exists()


@pytest.fixture
def resellers() -> Iterator[list[tuple[Api, str]]]:
    """Two keys at each of two endpoints; both keys are known to both, with catalogs of their own."""
    with Api("one") as one, Api("two") as two:
        yield [(api, reseller) for api in (one, two) for reseller in ("red", "blue")]


def asked(resellers: list[tuple[Api, str]]) -> list[int]:
    return [api.asked[reseller] for api, reseller in resellers]


def test_processes_of_two_resellers_at_two_endpoints_do_not_mix(plays: Plays, resellers: list[tuple[Api, str]]) -> None:
    def run(number: int) -> None:
        # Each process begins with another catalog, so that all four are read at once.
        turns = resellers[number:] + resellers[:number]
        all_of_them = (of(api, reseller, lookup(), strategy="free") for api, reseller in turns * 2)
        plays.run(*all_of_them, name=f"playbook-{number}")

    with ThreadPoolExecutor(len(resellers)) as pool:
        list(pool.map(run, range(len(resellers))))
    assert asked(resellers) == [1] * 4


@pytest.mark.parametrize(("ttl", "requests"), [(3600, 1), (0, 3)])
def test_resellers_side_by_side_in_one_task_do_not_mix(
    plays: Plays, resellers: list[tuple[Api, str]], ttl: int, requests: int
) -> None:
    values = {
        f"host{number}": {"endpoint": api.endpoint, "key": key(reseller), "mine": f"{api.name}.{reseller}"}
        for number, (api, reseller) in enumerate(resellers, 1)
    }
    endpoint, secret, mine = (f"{{{{ its[inventory_hostname].{name} }}}}" for name in ("endpoint", "key", "mine"))
    side_by_side = play(endpoint, secret, mine, lookup(), *gate(), lookup(), ttl=ttl)
    side_by_side["vars"]["its"] = values
    plays.run(side_by_side)
    assert asked(resellers) == [requests] * 4
