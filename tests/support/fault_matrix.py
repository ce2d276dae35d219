# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run fault cases: all of them in this process, and some in one run of ``ansible-playbook`` with a host for each.

In a play, a case takes a hundred times as long.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import create_config
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import CACHE, CONNECTION
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.reader import read_catalog
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError

from .ansible_runner import CHECKOUT, Ansible, ansible
from .client_helpers import silent_port
from .fault_server import Behaviour, FaultServer

Task = dict[str, Any]
# The variables for CA bundles that requests, curl and OpenSSL read.
BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
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
    """The outcomes of a run, by case and by caller (``client``, ``module`` or ``lookup``), its output and its files."""

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
            name: f"{{{{ sendgrid_{name} | default(omit) }}}}" for name in CONNECTION
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
    """Return the API key by which the server recognises the case and the caller."""
    return f"SG.{caller.ljust(22, 'x')}.{case_number:043d}"


def options_of(case: Case, placeholders: Mapping[str, object]) -> dict[str, Any]:
    options = {"api_endpoint": case.endpoint, "timeout": 15, "retries": 1, "retry_max_delay": 0, **case.options}
    return {name: _fill_in(value, placeholders) for name, value in options.items()}


class Setup(NamedTuple):
    """A server with the behaviours of all cases, and what a run needs to reach it."""

    server: FaultServer
    placeholders: Mapping[str, Any]
    environment: Mapping[str, str]
    # By name, the ports of its addresses; without any, no name server responds.
    addresses: Mapping[str, Sequence[int]]


@contextmanager
def serve_cases(
    home: Path, cases: Sequence[Case], callers: Sequence[str], environment: Mapping[str, str] | None
) -> Iterator[Setup]:
    with FaultServer() as server, reserve_closed_port() as closed_port, silent_port() as silent:
        placeholders = {
            **start_listeners(home, server),
            "closed_port": closed_port,
            "closing": server.listen_and_close(),
        }
        server.placeholders = placeholders
        for number, case in enumerate(cases):
            for caller in callers:
                server.behaviours[api_key(number, caller)] = list(case.behaviours)
        variables = {name: _fill_in(value, placeholders) for name, value in (environment or {}).items()}
        addresses = {"half-silent.invalid": [silent, placeholders["https"]], "silent.invalid": [silent] * 2}
        yield Setup(server, placeholders, variables, {**addresses, "no-name-server.invalid": []})


def run_in_process(home: Path, cases: Sequence[Case], environment: Mapping[str, str] | None = None) -> Run:
    """Read the catalog for each case as the module and the lookup do, but in this process.

    :param home: an existing directory.
    :param environment: environment variables, whose values can have placeholders.
    """
    with serve_cases(home, cases, ["client"], environment) as setup, pytest.MonkeyPatch.context() as patch:
        for name in (*PROXY_VARIABLES, *BUNDLE_VARIABLES, "NO_PROXY", "no_proxy"):
            patch.delenv(name, raising=False)
        for name, value in setup.environment.items():
            patch.setenv(name, value)
        patch.setattr(socket, "getaddrinfo", resolver(setup.addresses))
        # Most of the cases only wait.
        with ThreadPoolExecutor(FORKS) as pool:
            numbers = range(len(cases))
            outcomes = list(pool.map(lambda number: _read_catalog(setup, cases[number], number), numbers))
        setup.server.wait_until_idle()
        found = {case.name: {"client": outcome} for case, outcome in zip(cases, outcomes)}
        return Run(found, "", [head.decode() for head in setup.server.proxied], [])


def _read_catalog(setup: Setup, case: Case, number: int) -> Outcome:
    key = api_key(number, "client")
    start = time.monotonic()
    result = read_in_process(api_key=key, **options_of(case, setup.placeholders))
    return Outcome("failure" in result, result, setup.server.requests[key], time.monotonic() - start)


def read_in_process(**options: Any) -> dict[str, Any]:
    """Read the catalog as the module and the lookup do, and return what both of them make their results of."""
    defaults = {name: spec.get("default") for name, spec in {**CONNECTION, **CACHE}.items()}
    option = {**defaults, **options}.__getitem__
    result: dict[str, Any] = {"warnings": []}
    warn = result["warnings"].append
    try:
        config = create_config(option, warn, [])
        catalog, _result, _problems = read_catalog(config, option, warn, lambda _catalog: ((), ()))
        result["offerings"] = catalog.offerings
    except SendGridError as error:
        result |= error.result()
    return result


def run_play(cases: Sequence[Case], tasks: Sequence[Task] = TASKS, environment: Mapping[str, str] | None = None) -> Run:
    """Run ``tasks`` for each case in one play.

    :param environment: environment variables, whose values can have placeholders too.
    """
    callers = ("module", "lookup")
    with ansible() as runner, serve_cases(runner.home, cases, callers, environment) as setup:
        hosts = {
            f"case{number}": {
                **{f"sendgrid_{name}": value for name, value in options_of(case, setup.placeholders).items()},
                # A catalog in the cache would hide that the API fails.
                "sendgrid_cache_ttl": 0,
                "sendgrid_api_key": f"SG.{{{{ key_name.ljust(22, 'x') }}}}.{number:043d}",
            }
            for number, case in enumerate(cases)
        }
        output = _run_play(runner, hosts, tasks, setup.environment)
        outcomes: dict[str, dict[str, Outcome]] = {case.name: {} for case in cases}
        for line in (runner.home / "record").read_text().splitlines():
            record = json.loads(line)
            number = int(record["host"].removeprefix("case"))
            requests = setup.server.requests[api_key(number, record["task"])]
            outcomes[cases[number].name][record["task"]] = Outcome(
                record["failed"], record["result"], requests, record["seconds"]
            )
        files = sorted(str(path.relative_to(runner.home)) for path in runner.home.rglob("*"))
        return Run(outcomes, output, [head.decode() for head in setup.server.proxied], files)


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


def resolver(addresses: Mapping[str, Sequence[int]]) -> Callable[..., Any]:
    """Return a function that resolves these names, and all others as the system does.

    :param addresses: by name, the ports of its addresses; without any, no name server responds.
    """
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host not in addresses:
            return resolve(host, port, *more, **named)
        if not addresses[host]:
            time.sleep(60)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in addresses[host]]

    return getaddrinfo


def _without_quotes(message: str) -> str:
    """Remove quotes and backslashes, because core 2.18 and older escape the quotes in messages."""
    return re.sub(r"[\\'\"]", "", message)


def check_case(case: Case, outcomes: Mapping[str, Outcome]) -> None:
    """Assert that each caller had the expected outcome, with the same message and number of requests."""
    for outcome in outcomes.values():
        assert outcome.failed == bool(case.code), outcome.result
        assert len(outcome.requests) == case.requests, outcome
        if outcome.seconds is not None:
            assert outcome.seconds < (case.time_limit if case.requests else 0) + TASK_OVERHEAD, outcome
        if outcome.requests:
            # A client in this process never closes the connection of a request that it has abandoned.
            assert outcome.requests[-1][-1] - outcome.requests[0][0] < case.time_limit, outcome.requests
        if case.retry_delay:
            assert case.retry_delay[0] <= outcome.requests[1][0] - outcome.requests[0][1] <= case.retry_delay[1], (
                outcome.requests
            )
        if not case.code:
            continue
        assert all(_without_quotes(part) in _without_quotes(outcome.message) for part in case.message_parts)
        assert not re.search(r"Traceback|SG\.(client|module|lookup)", outcome.message)
        # A lookup has only its message.
        if "failure" in outcome.result:
            assert outcome.result["failure"]["code"] == case.code, outcome.message
            assert outcome.message == outcome.result["failure"]["message"]


def check_case_in_play(case: Case, run: Run) -> None:
    """Assert the same for the module and the lookup, and that both have the same message."""
    outcomes = run.outcomes[case.name]
    assert set(outcomes) >= {"module", "lookup"}, run.output[-3000:]
    module, lookup = outcomes["module"], outcomes["lookup"]
    check_case(case, {"module": module, "lookup": lookup})
    if case.code:
        assert "failure" in module.result, module.message
        assert _without_quotes(module.message) in _without_quotes(lookup.message)
