# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many faults in one run of ansible-playbook, each the trouble of a host of its own.

To start Ansible takes longer than most faults, so that a run for each would take an hour.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
import random
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme

from .ansible_runner import CHECKOUT, Ansible, ansible
from .fault_server import Behaviour, FaultServer

Task = dict[str, Any]
FORKS = 10
# What a single try may take on a machine that is busy with FORKS of them.
PATIENCE = 20.0
# What a task may take beside its requests, while as many others start: twice what a busy machine needs. But less than
# two tries of 15 seconds, so that who waits for a timeout where there is nothing to wait for is found out.
STARTING = 25.0


class Case(NamedTuple):
    """What the server does, and what the module and the lookup are given; texts may name ports and files of a run."""

    name: str
    behaviours: Sequence[Behaviour]
    endpoint: str = "http://127.0.0.1:{http}"
    options: Mapping[str, Any] = {}
    # Of the failure; V(None) for success.
    code: str | None = None
    # Parts of the message.
    says: Sequence[str] = ()
    requests: int = 1
    # The greatest time from the first request to the end of the last one, in seconds.
    bound: float = PATIENCE
    # The least and the greatest time between the first request and the next one, in seconds.
    wait: tuple[float, float] | None = None


class Trial(NamedTuple):
    """What became of a case: the result of the task, when each request began and ended, and the seconds of it all.

    Those are V(None) unless the task is a timed one.
    """

    failed: bool
    result: dict[str, Any]
    requests: list[list[float]]
    seconds: float | None

    @property
    def message(self) -> str:
        # Core 2.18 and older quote what the lookup says.
        return str(self.result["msg"])


class Run(NamedTuple):
    """What a run made of its cases, and of C(module) and C(lookup) in each."""

    trials: dict[str, dict[str, Trial]]
    output: str
    proxied: list[str]
    # Names of files in the home of the run.
    files: list[str]


TASKS: Sequence[Task] = (
    {
        "name": "module",
        "reseller.sendgrid.sendgrid_offerings_info": {
            name: f"{{{{ sendgrid_{name} | default(omit) }}}}"
            for name in (
                "api_key",
                "api_endpoint",
                "timeout",
                "retries",
                "retry_max_delay",
                "ca_path",
                "validate_certs",
            )
        },
        "register": "module",
        "ignore_errors": True,
    },
    {
        "name": "lookup",
        # Not shown, unlike the message of a debug: only what we print is ours.
        "ansible.builtin.set_fact": {"found": "{{ query('reseller.sendgrid.offerings') }}"},
        "register": "lookup",
        "ignore_errors": True,
    },
)
# Only the end of an item is told at once.
TIMED_TASKS: Sequence[Task] = [{**task, "loop": ["once"]} for task in TASKS]


def key_of(case: int, way: str) -> str:
    return f"SG.{way.ljust(22, 'x')}.{case:043d}"


def run(cases: Sequence[Case], tasks: Sequence[Task] = TASKS, environment: Mapping[str, str] | None = None) -> Run:
    """Run I(tasks) for each case, with a server that knows them all.

    :param environment: may name ports and files of the run too.
    """
    with ansible() as core, FaultServer() as server, refusing() as unheard:
        places = {**authorities(core.home, server), "refusing": unheard, "rude": server.listen_rudely()}
        server.places = places
        hosts = {}
        # Else those that wait would do so side by side, and the processors with them.
        mixed = random.Random(1).sample(range(len(cases)), len(cases))
        for number in mixed:
            case = cases[number]
            for way in ("module", "lookup"):
                server.behaviours[key_of(number, way)] = list(case.behaviours)
            options = {"api_endpoint": case.endpoint, "timeout": 15, "retries": 1, "retry_max_delay": 0, **case.options}
            hosts[f"case{number}"] = {
                **{f"sendgrid_{name}": _filled(value, places) for name, value in options.items()},
                # A catalog in the cache would hide that the API fails.
                "sendgrid_cache_ttl": 0,
                "sendgrid_api_key": f"SG.{{{{ way.ljust(22, 'x') }}}}.{number:043d}",
            }
        given = {name: _filled(value, places) for name, value in (environment or {}).items()}
        output = _play(core, hosts, tasks, given)
        trials: dict[str, dict[str, Trial]] = {case.name: {} for case in cases}
        for line in (core.home / "record").read_text().splitlines():
            record = json.loads(line)
            number = int(record["host"].removeprefix("case"))
            requests = server.requests[key_of(number, record["task"])]
            trials[cases[number].name][record["task"]] = Trial(
                record["failed"], record["result"], requests, record["seconds"]
            )
        files = sorted(str(path.relative_to(core.home)) for path in core.home.rglob("*"))
        return Run(trials, output, [head.decode() for head in server.proxied], files)


def _play(core: Ansible, hosts: dict[str, Any], tasks: Sequence[Task], environment: Mapping[str, str]) -> str:
    python = core.home / "python" / "bin" / "python"
    shared = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    (core.home / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": shared}}))
    # The key is of the task, so that the server can tell the two ways apart.
    keyed = [{**task, "vars": {"way": task["name"]}} for task in tasks]
    play = {"hosts": "all", "gather_facts": False, "strategy": "ansible.builtin.free", "tasks": keyed}
    given = {
        "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests" / "callback_plugins"),
        "RECORDER": str(core.home / "record"),
        # Saves most of the processes that a task with a module takes.
        "ANSIBLE_PIPELINING": "true",
        **environment,
    }
    return core.play([play], "--inventory", "hosts.json", "--forks", str(FORKS), environment=given).stdout


def _filled(value: Any, places: Mapping[str, object]) -> Any:
    return value.format_map(places) if isinstance(value, str) else value


@contextmanager
def refusing() -> Iterator[int]:
    """Give a port that nobody listens on, and that nobody else is given."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        yield unheard.getsockname()[1]


def authorities(home: Path, server: FaultServer) -> dict[str, Any]:
    """Make certificates, and return where they are and what listens with them."""
    authority, other = trustme.CA(), trustme.CA()
    files = {"ca": home / "ca.pem", "other_ca": home / "other.pem", "none": home / "none.pem"}
    authority.cert_pem.write_to_path(str(files["ca"]))
    other.cert_pem.write_to_path(str(files["other_ca"]))
    files["none"].write_text("no certificate")
    day = datetime.timedelta(days=1)
    expired = datetime.datetime.now(datetime.timezone.utc) - day
    names = ("127.0.0.1", "localhost", "proxied.invalid")
    certificates = {
        "https": authority.issue_cert(*names),
        "elsewhere": authority.issue_cert("elsewhere.invalid"),
        "expired": authority.issue_cert(*names, not_before=expired - day, not_after=expired),
        "strange": other.issue_cert(*names),
    }
    contexts = {}
    for name, certificate in certificates.items():
        contexts[name] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(contexts[name])
    authority.private_key_pem.write_to_path(str(home / "key.pem"))
    contexts["self_signed"] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    contexts["self_signed"].load_cert_chain(files["ca"], home / "key.pem")
    ports = {name: server.listen(context) for name, context in contexts.items()}
    return {**files, **ports, "http": server.listen(), "proxy": server.listen_as_proxy(contexts["https"])}


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[], Run]) -> Run:
    """Return what I(make) returns, called by the first of the test processes that needs it."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    kept = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(make()))
    trials, output, proxied, files = json.loads(kept.read_text())
    return Run(
        {case: {way: Trial(*trial) for way, trial in ways.items()} for case, ways in trials.items()},
        output,
        proxied,
        files,
    )


def _unquoted(message: str) -> str:
    """Return the message without what core 2.18 and older do to quotes in it."""
    return re.sub(r"[\\'\"]", "", message)


def check(case: Case, run: Run) -> None:
    """Whether both ways ended as the case says, in the same words and with as many requests."""
    assert case.name in run.trials and set(run.trials[case.name]) >= {"module", "lookup"}, run.output[-3000:]
    module, lookup = (run.trials[case.name][way] for way in ("module", "lookup"))
    for trial in (module, lookup):
        assert trial.failed == bool(case.code), trial.result
        assert len(trial.requests) == case.requests, trial
        if trial.seconds is not None:
            assert trial.seconds < (case.bound if case.requests else 0) + STARTING, trial
        if trial.requests:
            assert trial.requests[-1][1] - trial.requests[0][0] < case.bound, trial.requests
        if case.wait:
            assert case.wait[0] <= trial.requests[1][0] - trial.requests[0][1] <= case.wait[1], trial.requests
    if not case.code:
        return
    assert module.result["failure"]["code"] == case.code, module.message
    assert module.message == module.result["failure"]["message"]
    assert _unquoted(module.message) in _unquoted(lookup.message)
    assert all(part in module.message for part in case.says), module.message
    assert not re.search(r"Traceback|SG\.(module|lookup)", module.message + lookup.message)
