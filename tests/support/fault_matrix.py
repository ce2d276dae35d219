# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run many fault cases in one run of ``ansible-playbook``, with one host for each case.

Starting Ansible takes longer than most faults. With a run for each case, the tests would take an hour.
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
from .client_helpers import silent_port
from .fake_resolver import fake_resolver
from .fault_server import Behaviour, FaultServer

Task = dict[str, Any]
FORKS = 10
# Seconds that the requests of a case may take on a machine that runs FORKS tasks at once.
REQUESTS_TIME_LIMIT = 20.0
# Seconds that a task may take in addition to its requests: twice as long as on a busy machine, and less than two
# attempts with the timeout of 15 seconds. So a task that waits for a timeout without need fails the test.
TASK_OVERHEAD = 25.0


class Case(NamedTuple):
    """Behaviours of the server, options of the module and the lookup, and the expected outcome.

    The endpoint and the options can have placeholders for ports and files of the run.
    """

    name: str
    behaviours: Sequence[Behaviour]
    endpoint: str = "http://127.0.0.1:{http}"
    options: Mapping[str, Any] = {}
    # Code of the failure, ``None`` for success.
    code: str | None = None
    # Parts of the message.
    message_parts: Sequence[str] = ()
    requests: int = 1
    # Longest time from the first request to the end of the last one, in seconds.
    time_limit: float = REQUESTS_TIME_LIMIT
    # Shortest and longest time between the first request and its retry, in seconds.
    retry_delay: tuple[float, float] | None = None


class Outcome(NamedTuple):
    """The outcome of one task for one case."""

    failed: bool
    result: dict[str, Any]
    # When each request began and ended, in seconds.
    requests: list[list[float]]
    # Duration of the task, ``None`` unless it is one of ``TIMED_TASKS``.
    seconds: float | None

    @property
    def message(self) -> str:
        # Core 2.18 and older add text to the message of a lookup, and escape its quotes.
        return str(self.result["msg"])


class Run(NamedTuple):
    """The outcomes of a run, by case and by task (``module`` or ``lookup``), its output and its files."""

    outcomes: dict[str, dict[str, Outcome]]
    output: str
    # The heads of the requests to the proxy.
    proxied: list[str]
    # Paths of the files in the home directory, relative to it.
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
        # Unlike ``debug``, this does not print the value: tests of the output check what the collection prints.
        "ansible.builtin.set_fact": {"found": "{{ query('reseller.sendgrid.offerings') }}"},
        "register": "lookup",
        "ignore_errors": True,
    },
)
# Only a task with a loop can be timed, because core reports the end of an item at once, but the end of a task late.
TIMED_TASKS: Sequence[Task] = [{**task, "loop": ["once"]} for task in TASKS]


def api_key(case_number: int, caller: str) -> str:
    """Return the API key by which the server recognises the case and the task (``module`` or ``lookup``)."""
    return f"SG.{caller.ljust(22, 'x')}.{case_number:043d}"


def run_cases(
    cases: Sequence[Case], tasks: Sequence[Task] = TASKS, environment: Mapping[str, str] | None = None
) -> Run:
    """Run ``tasks`` for each case, against one server.

    :param environment: environment variables, whose values can have placeholders too.
    """
    with ansible() as runner, FaultServer() as server, reserve_closed_port() as closed_port, silent_port() as silent:
        placeholders = {
            **start_listeners(runner.home, server),
            "closed_port": closed_port,
            "closing": server.listen_and_close(),
        }
        server.placeholders = placeholders
        hosts = {}
        # Shuffle the cases: in order, those that only wait would run at the same time, and leave the processors idle.
        shuffled = random.Random(1).sample(range(len(cases)), len(cases))
        for number in shuffled:
            case = cases[number]
            for caller in ("module", "lookup"):
                server.behaviours[api_key(number, caller)] = list(case.behaviours)
            options = {"api_endpoint": case.endpoint, "timeout": 15, "retries": 1, "retry_max_delay": 0, **case.options}
            hosts[f"case{number}"] = {
                **{f"sendgrid_{name}": _fill_in(value, placeholders) for name, value in options.items()},
                # A catalog in the cache would hide that the API fails.
                "sendgrid_cache_ttl": 0,
                "sendgrid_api_key": f"SG.{{{{ key_name.ljust(22, 'x') }}}}.{number:043d}",
            }
        variables = {name: _fill_in(value, placeholders) for name, value in (environment or {}).items()}
        names = {"half-silent.invalid": [silent, placeholders["https"]], "silent.invalid": [silent] * 2}
        variables |= fake_resolver(runner.home, {**names, "no-name-server.invalid": []})
        output = _run_play(runner, hosts, tasks, variables)
        outcomes: dict[str, dict[str, Outcome]] = {case.name: {} for case in cases}
        for line in (runner.home / "record").read_text().splitlines():
            record = json.loads(line)
            number = int(record["host"].removeprefix("case"))
            requests = server.requests[api_key(number, record["task"])]
            outcomes[cases[number].name][record["task"]] = Outcome(
                record["failed"], record["result"], requests, record["seconds"]
            )
        files = sorted(str(path.relative_to(runner.home)) for path in runner.home.rglob("*"))
        return Run(outcomes, output, [head.decode() for head in server.proxied], files)


def _run_play(runner: Ansible, hosts: dict[str, Any], tasks: Sequence[Task], environment: Mapping[str, str]) -> str:
    python = runner.home / "python" / "bin" / "python"
    common = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    (runner.home / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": common}}))
    # Each task has its own key, so that the server can tell the module from the lookup.
    keyed_tasks = [{**task, "vars": {"key_name": task["name"]}} for task in tasks]
    play = {"hosts": "all", "gather_facts": False, "strategy": "ansible.builtin.free", "tasks": keyed_tasks}
    variables = {
        "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests" / "callback_plugins"),
        "RECORDER": str(runner.home / "record"),
        # Without pipelining, a module needs several more processes.
        "ANSIBLE_PIPELINING": "true",
        **environment,
    }
    return runner.play([play], "--inventory", "hosts.json", "--forks", str(FORKS), environment=variables).stdout


def _fill_in(value: Any, placeholders: Mapping[str, object]) -> Any:
    return value.format_map(placeholders) if isinstance(value, str) else value


@contextmanager
def reserve_closed_port() -> Iterator[int]:
    """Reserve a port that refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def start_listeners(home: Path, server: FaultServer) -> dict[str, Any]:
    """Let the server listen for HTTP, as a proxy, and for HTTPS with good and bad certificates.

    :return: the ports and the paths of the certificate files, by the names of their placeholders.
    """
    authority, other_authority = trustme.CA(), trustme.CA()
    files = {"ca": home / "ca.pem", "wrong_ca": home / "wrong.pem", "invalid_ca": home / "invalid.pem"}
    authority.cert_pem.write_to_path(str(files["ca"]))
    other_authority.cert_pem.write_to_path(str(files["wrong_ca"]))
    files["invalid_ca"].write_text("no certificate")
    day = datetime.timedelta(days=1)
    expired = datetime.datetime.now(datetime.timezone.utc) - day
    names = ("127.0.0.1", "localhost", "proxied.invalid", "half-silent.invalid")
    certificates = {
        "https": authority.issue_cert(*names),
        "wrong_host": authority.issue_cert("wrong-host.invalid"),
        "expired": authority.issue_cert(*names, not_before=expired - day, not_after=expired),
        "unknown_ca": other_authority.issue_cert(*names),
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


def share_run(factory: pytest.TempPathFactory, name: str, make: Callable[[], Run]) -> Run:
    """Return the result of ``make``. Only the first test process calls it; the others read its result from a file."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    file = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            file.write_text(json.dumps(make()))
    outcomes, output, proxied, files = json.loads(file.read_text())
    return Run(
        {case: {caller: Outcome(*fields) for caller, fields in callers.items()} for case, callers in outcomes.items()},
        output,
        proxied,
        files,
    )


def _without_quotes(message: str) -> str:
    """Remove quotes and backslashes, because core 2.18 and older escape the quotes in messages."""
    return re.sub(r"[\\'\"]", "", message)


def check_case(case: Case, run: Run) -> None:
    """Assert that the module and the lookup had the expected outcome, with the same message and number of requests."""
    assert case.name in run.outcomes and set(run.outcomes[case.name]) >= {"module", "lookup"}, run.output[-3000:]
    module, lookup = (run.outcomes[case.name][caller] for caller in ("module", "lookup"))
    for outcome in (module, lookup):
        assert outcome.failed == bool(case.code), outcome.result
        assert len(outcome.requests) == case.requests, outcome
        if outcome.seconds is not None:
            assert outcome.seconds < (case.time_limit if case.requests else 0) + TASK_OVERHEAD, outcome
        if outcome.requests:
            assert outcome.requests[-1][1] - outcome.requests[0][0] < case.time_limit, outcome.requests
        if case.retry_delay:
            assert case.retry_delay[0] <= outcome.requests[1][0] - outcome.requests[0][1] <= case.retry_delay[1], (
                outcome.requests
            )
    if not case.code:
        return
    assert module.result["failure"]["code"] == case.code, module.message
    assert module.message == module.result["failure"]["message"]
    assert _without_quotes(module.message) in _without_quotes(lookup.message)
    assert all(part in module.message for part in case.message_parts), module.message
    assert not re.search(r"Traceback|SG\.(module|lookup)", module.message + lookup.message)
