# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent plays with all strategies of Ansible: each gets its own catalog, with as few requests as possible.

Each play has its own key, and the server counts requests by key. So one run can test many plays.
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


def make_key(name: str) -> str:
    return f"SG.{name.ljust(22, 'x')}.{'k' * 43}"


class Api:
    """An API with several resellers, unlike the sandbox. Each catalog has the names of the server and the reseller."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.request_counts: Counter[str] = Counter()
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                reseller = self.headers["Authorization"].removeprefix("Bearer SG.").partition(".")[0].rstrip("x")
                api.request_counts[reseller] += 1
                # Give concurrent workers time to find that another one is already sending the request.
                time.sleep(0.3)
                entry = {"offering": {"name": f"{name}.{reseller}", "type": "package"}}
                body = json.dumps({"catalog": [entry]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                """Do not log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Api:
        threading.Thread(target=self._server.serve_forever).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Plays:
    """Run plays on several hosts at once."""

    def __init__(self, ansible: Ansible) -> None:
        self.ansible = ansible
        (ansible.home / "hosts").write_text(
            f"host[1:{HOSTS}] ansible_connection=local "
            f"ansible_python_interpreter={ansible.home / 'python' / 'bin' / 'python'}\n"
        )

    def run(self, *plays: Task, name: str = "playbook") -> None:
        playbook = self.ansible.home / f"{name}.yml"
        playbook.write_text(json.dumps(plays))
        # The default directory for asynchronous jobs does not depend on ``HOME``.
        environment = {
            "ANSIBLE_ASYNC_DIR": str(self.ansible.home / "jobs"),
            "ANSIBLE_FORKS": str(HOSTS),
            "ANSIBLE_PIPELINING": "1",
        }
        output = self.ansible.run("playbook", playbook, "--inventory", "hosts", environment=environment).stdout
        assert "Traceback" not in output and "DEPRECATION" not in output, output
        assert len(re.findall(r"ok=[1-9]\d* .* unreachable=0 +failed=0 ", output)) == HOSTS, output


@pytest.fixture
def plays(ansible: Ansible) -> Plays:
    return Plays(ansible)


def make_play(endpoint: str, key: str, expected: str, *tasks: Task, ttl: int = 3600, **keywords: Any) -> Task:
    """Return a play whose catalog must have only the offering ``expected``.

    :param ttl: the TTL of the cache, in seconds.
    :param keywords: keywords of the play.
    """
    options = {"api_key": key, "api_endpoint": endpoint, "retries": 0, "cache_ttl": ttl}
    return {
        "hosts": "all",
        "gather_facts": False,
        "module_defaults": {"group/reseller.sendgrid.sendgrid": options},
        "vars": {"expected": expected, **{f"sendgrid_{name}": value for name, value in options.items()}},
        "tasks": tasks,
        **keywords,
    }


def reseller_play(api: Api, reseller: str, *tasks: Task, **keywords: Any) -> Task:
    return make_play(api.endpoint, make_key(reseller), f"{api.name}.{reseller}", *tasks, **keywords)


def lookup(**keywords: Any) -> Task:
    condition = "query('reseller.sendgrid.offerings') | map(attribute='name') | list == [expected]"
    return {"ansible.builtin.assert": {"that": condition}, **keywords}


def gate(**keywords: Any) -> list[Task]:
    """Check an order that is valid only with the right catalog."""
    return [
        {
            "reseller.sendgrid.sendgrid_offerings_gate": {"offerings": ["{{ expected }}"]},
            "register": "checked",
            **keywords,
        },
        {"ansible.builtin.assert": {"that": "checked.gate.payload[0].name == expected"}},
    ]


def asynchronous_gate() -> list[Task]:
    """Check the order in an asynchronous job, and wait for the job."""
    first, last = gate(**{"async": 60, "poll": 0})
    wait = {
        "ansible.builtin.async_status": {"jid": "{{ checked.ansible_job_id }}"},
        "register": "checked",
        "until": "checked is finished",
        "retries": 100,
        "delay": 0.5,
    }
    return [first, wait, last]


def test_play_needs_one_request_with_any_strategy(plays: Plays) -> None:
    with Api("one") as api:
        plays.run(
            reseller_play(api, "free", lookup(), *gate(), lookup(), strategy="free"),
            reseller_play(api, "pinned", lookup(), lookup(), strategy="host_pinned"),
            reseller_play(api, "serial", lookup(), lookup(), serial=[1, 2]),
            reseller_play(api, "throttle", lookup(throttle=2), lookup(throttle=1)),
            reseller_play(api, "once", lookup(run_once=True), *gate(run_once=True)),
            reseller_play(api, "background", *asynchronous_gate(), lookup()),
        )
        names = ("free", "pinned", "serial", "throttle", "once", "background")
        assert api.request_counts == dict.fromkeys(names, 1)


def test_each_read_is_a_request_without_the_cache(plays: Plays) -> None:
    with Api("one") as api:
        plays.run(
            reseller_play(api, "free", lookup(), *gate(), ttl=0, strategy="free"),
            reseller_play(api, "serial", lookup(), ttl=0, serial=2),
            reseller_play(api, "once", lookup(run_once=True), *gate(run_once=True), ttl=0),
        )
        assert api.request_counts == {"free": 2 * HOSTS, "serial": HOSTS, "once": 2}
    assert not (plays.ansible.home / ".ansible" / "sendgrid_cache").exists()


@pytest.fixture
def resellers() -> Iterator[list[tuple[Api, str]]]:
    """Two resellers at each of two endpoints, with four different catalogs."""
    with Api("one") as one, Api("two") as two:
        yield [(api, reseller) for api in (one, two) for reseller in ("red", "blue")]


def request_counts(resellers: list[tuple[Api, str]]) -> list[int]:
    return [api.request_counts[reseller] for api, reseller in resellers]


def test_concurrent_processes_do_not_mix_catalogs(plays: Plays, resellers: list[tuple[Api, str]]) -> None:
    def run(number: int) -> None:
        # Each process starts with another catalog, so that all four are read at the same time.
        rotated = resellers[number:] + resellers[:number]
        reseller_plays = (reseller_play(api, reseller, lookup(), strategy="free") for api, reseller in rotated)
        plays.run(*reseller_plays, name=f"playbook-{number}")

    with ThreadPoolExecutor(len(resellers)) as pool:
        list(pool.map(run, range(len(resellers))))
    assert request_counts(resellers) == [1] * 4


def test_hosts_with_different_resellers_do_not_mix_catalogs(plays: Plays, resellers: list[tuple[Api, str]]) -> None:
    host_values = {
        f"host{number}": {"endpoint": api.endpoint, "key": make_key(reseller), "expected": f"{api.name}.{reseller}"}
        for number, (api, reseller) in enumerate(resellers, 1)
    }
    endpoint, key, expected = (
        f"{{{{ host_values[inventory_hostname].{name} }}}}" for name in ("endpoint", "key", "expected")
    )
    mixed_play = make_play(endpoint, key, expected, lookup(), *gate(), lookup())
    mixed_play["vars"]["host_values"] = host_values
    plays.run(mixed_play)
    assert request_counts(resellers) == [1] * 4
