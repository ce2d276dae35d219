# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever happens on the way to the API and back: the module and the lookup in runs of ansible-playbook."""

from __future__ import annotations

import collections
import email.utils
import gzip
import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.fault_matrix import TIMED_TASKS, Case, Run, check, run, shared
from ansible_collections.reseller.sendgrid.tests.support.fault_server import (
    Behaviour,
    FaultServer,
    endless,
    http,
    redirects_to,
    resets,
    sends,
    silent,
)

CATALOG = json.dumps({"catalog": [{"offering": {"name": "a.package.v1", "type": "package"}}]}).encode()
WELL = sends(http(200, CATALOG))
MEBIBYTE = 1024 * 1024

# Status: code, what the message says of it, and whether it is tried again.
STATUSES = {
    400: ("bad_request", "400 Bad Request", False),
    401: ("unauthorized", "401 Unauthorized", False),
    403: ("forbidden", "403 Forbidden", False),
    404: ("not_found", "404 Not Found", False),
    406: ("bad_request", "406 Not Acceptable", False),
    429: ("rate_limited", "429 Too Many Requests", True),
    451: ("region_restricted", "451 Unavailable For Legal Reasons", False),
    500: ("server_error", "500 Internal Server Error", False),
    502: ("server_error", "502 Bad Gateway", True),
    503: ("server_error", "503 Service Unavailable", True),
    504: ("server_error", "504 Gateway Timeout", True),
}
BODIES = {
    "JSON": (b'{"errors": [{"message": "Some reason", "field": null, "error_id": "10-1"}]}', "Some reason [10-1]"),
    "HTML": (b"<html><body>\n<h1>Some reason</h1></body></html>", "<h1>Some reason</h1>"),
    "no body": (b"", ""),
    "no UTF-8": (b"Some \xff\xfe\xfa reason", "Some \ufffd\ufffd\ufffd reason"),
}


def statuses() -> list[Case]:
    return [
        Case(
            f"{status} with {kind}",
            [sends(http(status, body, {"Content-Type": "text/html"}))],
            code=code,
            says=[said, reason, "after 2 attempts" if again else ""],
            requests=2 if again else 1,
        )
        for status, (code, said, again) in STATUSES.items()
        for kind, (body, reason) in BODIES.items()
    ]


def successes() -> list[Case]:
    """What is no catalog although the status says success."""
    bodies = {"HTML": b"<html>Sign in to the hotel</html>", "no body": b"", "no UTF-8": b'{"catalog": ["\xff\xfe"]}'}
    unusable = [
        Case(
            f"{status} with {kind}",
            [sends(http(status, body))],
            code="unexpected_response",
            says=["not the JSON that was asked for", f"{status} "],
        )
        for status in (200, 201)
        for kind, body in bodies.items()
    ]
    empty = Case("204", [sends(http(204))], code="unexpected_response", says=["catalog: a list is needed"])
    partial = Case("206", [sends(http(206, CATALOG))], code="unexpected_response", says=["206 Partial Content"])
    unnamed = Case("an empty Content-Encoding", [sends(http(200, CATALOG, {"Content-Encoding": ""}))])
    return [Case("200 with a catalog", [WELL]), *unusable, empty, partial, unnamed]


def limits() -> list[Case]:
    """429 and then success: what the wait is, which is asked for in whole seconds and has a jitter of up to one."""
    now = time.time
    resets_in: dict[str, tuple[Callable[[], dict[str, str]], float, float]] = {
        "X-RateLimit-Reset as epoch": (lambda: {"X-RateLimit-Reset": str(int(now()) + 3)}, 2, 4),
        "X-RateLimit-Reset as delta": (lambda: {"X-RateLimit-Reset": "2"}, 2, 3),
        "X-RateLimit-Reset in the past": (lambda: {"X-RateLimit-Reset": str(int(now()) - 100)}, 0.5, 1),
        "X-RateLimit-Reset below zero": (lambda: {"X-RateLimit-Reset": "-7"}, 0.5, 1),
        "no X-RateLimit-Reset": (dict, 0.5, 1),
        "garbage in X-RateLimit-Reset": (lambda: {"X-RateLimit-Reset": "soon; \xe9"}, 0.5, 1),
        "X-RateLimit-Reset not a number": (lambda: {"X-RateLimit-Reset": "nan"}, 0.5, 1),
        "X-Ratelimit-Reset in other casing": (lambda: {"x-rateLIMIT-rESET": "2"}, 2, 3),
    }
    retries_after: dict[str, tuple[Callable[[], dict[str, str]], float, float]] = {
        "no Retry-After": (dict, 0, 0),
        "Retry-After in seconds": (lambda: {"Retry-After": "3"}, 3, 4),
        "Retry-After as date": (lambda: {"Retry-After": email.utils.formatdate(now() + 4, usegmt=True)}, 3, 5),
        "garbage in Retry-After": (lambda: {"Retry-After": "later"}, 0, 0),
    }
    cases: list[Case] = []
    for reset, (reset_header, *reset_wait) in resets_in.items():
        for after, (after_header, *after_wait) in retries_after.items():
            least, most = after_wait if any(after_wait) else reset_wait
            kind = ("JSON", "no body")[len(cases) % 2]
            cases.append(
                Case(
                    f"429 with {reset}, {after} and {kind}",
                    [sends(limited(BODIES[kind][0], reset_header, after_header)), WELL],
                    options={"retry_max_delay": 30},
                    requests=2,
                    # Less than what a mistake about the meaning of a number would make.
                    wait=(least, most + 5),
                )
            )
    return cases


def limited(body: bytes, *headers: Callable[[], dict[str, str]]) -> Callable[[], bytes]:
    return lambda: http(429, body, {name: value for given in headers for name, value in given().items()})


def longest_waits() -> list[Case]:
    """Whatever is asked for, the wait is no longer than the user allows."""
    asked = {
        "X-RateLimit-Reset in an hour": {"X-RateLimit-Reset": "3600"},
        "X-RateLimit-Reset in the year 5138": {"X-RateLimit-Reset": "99999999999"},
        "an infinite X-RateLimit-Reset": {"X-RateLimit-Reset": "inf"},
        "Retry-After in a day": {"Retry-After": "86400"},
        "Retry-After in the year 9999": {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"},
    }
    return [
        Case(
            f"429 with {name}",
            [sends(http(429, headers=headers))],
            options={"retry_max_delay": 0.5, "retries": 2},
            code="rate_limited",
            says=["after 3 attempts"],
            requests=3,
            wait=(0.4, 5),
        )
        for name, headers in asked.items()
    ]


def broken() -> list[Case]:
    whole = http(200, CATALOG)
    squeezed = gzip.compress(CATALOG)
    zipped = {"Content-Encoding": "gzip"}
    lost: dict[str, Behaviour] = {
        "closed before the answer": sends(),
        "reset before the answer": resets(),
        "reset in the headers": resets(whole[:40]),
        "closed in the body": sends(whole[:-10]),
        "reset in the body": resets(whole[:-10]),
        "length announced too long": sends(http(200, CATALOG, {"Content-Length": "100000"})),
        "last chunk missing": sends(
            http(200, b'5\r\n{"cat\r\n', {"Content-Length": None, "Transfer-Encoding": "chunked"})
        ),
    }
    again = [
        Case(name, [behaviour], code="connection", says=["no answer"], requests=2) for name, behaviour in lost.items()
    ]
    wrong: dict[str, tuple[Behaviour, str]] = {
        # Python takes the end of the connection for the end of the headers.
        "closed in the headers": (sends(whole[:40]), "not the JSON"),
        "length announced too short": (
            sends(http(200, CATALOG, {"Content-Length": str(len(CATALOG) - 5)})),
            "not the JSON",
        ),
        "gzip": (sends(http(200, squeezed, zipped)), "an encoding that was not asked for"),
        "gzip that is none": (sends(http(200, CATALOG, zipped)), "an encoding that was not asked for"),
    }
    final = [
        Case(name, [behaviour], code="unexpected_response", says=[said]) for name, (behaviour, said) in wrong.items()
    ]
    return [
        *again,
        *final,
        Case("lost once and then well", [resets(whole[:-10]), WELL], requests=2),
        Case("503 once and then well", [sends(http(503)), WELL], requests=2),
        Case("503 in gzip once and then well", [sends(http(503, squeezed, zipped)), WELL], requests=2),
    ]


def slow() -> list[Case]:
    head = http(200, headers={"Content-Length": None})
    slowly: dict[str, Behaviour] = {
        "silent": silent,
        "endless slow body": endless(head, b" ", 0.05),
        "endless slow body in chunks": endless(
            http(200, headers={"Content-Length": None, "Transfer-Encoding": "chunked"}), b"1\r\n \r\n", 0.05
        ),
        "endless slow headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n", 0.05),
        "endless slow status line": endless(b"HTTP/1.1 200 ", b"O", 0.05),
        "endless interim answers": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
    }
    return [
        Case(
            name,
            [behaviour],
            options={"timeout": 1.5},
            code="timeout",
            says=["no complete answer within 1.5 s (after 2 attempts)"],
            requests=2,
        )
        for name, behaviour in slowly.items()
    ]


def unreachable() -> list[Case]:
    endpoints = {
        "connection refused": ("http://127.0.0.1:{refusing}", ["Connection refused", "after 2 attempts"]),
        "connection closed in the handshake": ("https://127.0.0.1:{rude}", ["no answer", "after 2 attempts"]),
        "name that does not resolve": ("https://nowhere.invalid", ["nowhere.invalid", "after 2 attempts"]),
        "http where https is asked for": ("https://127.0.0.1:{http}", ["no trusted connection"]),
        "https where http is asked for": ("http://127.0.0.1:{https}", ["no answer", "after 2 attempts"]),
    }
    return [
        Case(
            name,
            [WELL],
            endpoint,
            code="tls" if "trusted" in says[0] else "connection",
            says=says,
            requests=0,
        )
        for name, (endpoint, says) in endpoints.items()
    ]


def redirects() -> list[Case]:
    """The key is counted wherever it arrives, so that one request says that none went to the target."""
    targets = {
        "the same host": ("https://127.0.0.1:{https}", "/v3/other", "a redirect, which"),
        "another host": ("https://127.0.0.1:{https}", "https://localhost:{https}/v3/other", "a redirect to localhost,"),
        "plain http": ("https://127.0.0.1:{https}", "http://127.0.0.1:{http}/v3/other", "a redirect to 127.0.0.1,"),
        "a name that does not resolve": ("http://127.0.0.1:{http}", "//nowhere.invalid/", "to nowhere.invalid, which"),
        "itself": ("http://127.0.0.1:{http}", "", "which is not followed"),
    }
    return [
        Case(
            f"{status} to {name}",
            [redirects_to(status, target)],
            endpoint,
            options={"ca_path": "{ca}"},
            code="unexpected_response",
            says=[f"{status} ", said, "is not followed"],
        )
        for status in (302, 307)
        for name, (endpoint, target, said) in targets.items()
    ]


def tls() -> list[Case]:
    endpoints = {
        "a certificate": "https://127.0.0.1:{https}",
        "a certificate for another host": "https://127.0.0.1:{elsewhere}",
        "an expired certificate": "https://127.0.0.1:{expired}",
        "a certificate of an unknown authority": "https://127.0.0.1:{strange}",
        "a self-signed certificate": "https://127.0.0.1:{self_signed}",
    }
    trust = {"no ca_path": None, "the right ca_path": "{ca}"}
    cases = []
    for kind, endpoint in endpoints.items():
        for named, ca_path in trust.items():
            options = {"ca_path": ca_path} if ca_path else {}
            cases.append(
                certified(f"{kind} and {named}", endpoint, options, ca_path is not None and kind == "a certificate")
            )
        unverified = {"validate_certs": False, "ca_path": "{other_ca}"}
        cases.append(certified(f"{kind} and validate_certs false", endpoint, unverified, True))
    good = endpoints["a certificate"]
    return [
        *cases,
        certified("a certificate and a wrong ca_path", good, {"ca_path": "{other_ca}"}, False),
        certified("a certificate and a ca_path without any", good, {"ca_path": "{none}"}, False),
    ]


def certified(name: str, endpoint: str, options: Mapping[str, object], trusted: bool) -> Case:
    if trusted:
        return Case(name, [WELL], endpoint, options)
    return Case(name, [WELL], endpoint, options, "tls", ["no trusted connection: ", "ca_path"], requests=0)


# What requests, curl and OpenSSL heed.
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def trusting() -> list[Case]:
    """The same where the environment names the right bundle, which says something only where the user does not."""
    asked = Case("a certificate and no ca_path", [WELL], "https://127.0.0.1:{https}")
    return [asked if case.name == asked.name else case for case in tls()]


def misled() -> list[Case]:
    """Where the environment names a wrong bundle, and what the user says has to count."""
    asked = ("a certificate and the right ca_path", "a certificate and validate_certs false")
    return [case for case in tls() if case.name in asked]


def distrusting() -> list[Case]:
    """The same where the environment names a wrong bundle, and a proxy."""
    cases = [
        case._replace(code=None, says=[], requests=1)
        if case.name == "a certificate of an unknown authority and no ca_path"
        else case
        for case in tls()
    ]
    proxied = "https://proxied.invalid"
    return [
        *cases,
        Case("loopback by address is not proxied", [WELL]),
        Case("loopback by name is not proxied", [WELL], "http://localhost:{http}"),
        Case("through the proxy", [WELL], proxied, {"ca_path": "{ca}"}),
        Case("through the proxy to who is not trusted", [WELL], f"{proxied}:8443", code="tls", requests=0),
        Case(
            "through the proxy to another host",
            [WELL],
            "https://other.invalid",
            {"ca_path": "{ca}"},
            code="tls",
            requests=0,
        ),
        Case(
            "refused by the proxy",
            [WELL],
            "https://refused.invalid",
            code="connection",
            says=["through the proxy of the environment", "403", "after 2 attempts"],
            requests=0,
        ),
        Case(
            "through the proxy, and lost",
            [sends()],
            proxied,
            {"ca_path": "{ca}"},
            "connection",
            requests=2,
        ),
        Case(
            "through the proxy, and redirected",
            [redirects_to(302, "http://127.0.0.1:{http}/")],
            proxied,
            {"ca_path": "{ca}"},
            "unexpected_response",
            ["a redirect to 127.0.0.1,"],
        ),
        Case(
            "kept from the proxy by NO_PROXY",
            [WELL],
            "https://direct.invalid",
            code="connection",
            says=["Name or service not known"],
            requests=0,
        ),
    ]


GROUPS: dict[str, tuple[Callable[[], list[Case]], dict[str, str]]] = {
    "plain": (
        lambda: [
            case
            for cases in (statuses, successes, limits, longest_waits, broken, slow, unreachable, redirects, tls)
            for case in cases()
        ],
        {},
    ),
    # As users run it, while the others save time.
    "trusting": (trusting, {**dict.fromkeys(BUNDLES, "{ca}"), "RECORDER_IMPORTS_NOTHING": "1"}),
    "distrusting": (
        distrusting,
        {
            **dict.fromkeys(BUNDLES, "{other_ca}"),
            **dict.fromkeys(PROXIES, "http://127.0.0.1:{proxy}"),
            "NO_PROXY": "direct.invalid",
        },
    ),
    # Each alone too, as one of them can hide another.
    **{bundle: (misled, {bundle: "{other_ca}"}) for bundle in BUNDLES},
}


def group_run(factory: pytest.TempPathFactory, group: str) -> Run:
    cases, environment = GROUPS[group]
    return shared(factory, f"faults-{group}", lambda: run(cases(), TIMED_TASKS, environment))


@pytest.fixture
def outcome(group: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return group_run(tmp_path_factory, group)


@pytest.mark.parametrize(
    ("group", "case"),
    [
        pytest.param(group, case, id=f"{group}: {case.name}")
        for group, (cases, _env) in GROUPS.items()
        for case in cases()
    ],
)
def test_fault(outcome: Run, case: Case) -> None:
    check(case, outcome)
    # Core 2.18 and older tell of no item where a lookup fails.
    assert outcome.trials[case.name]["module"].seconds


def test_proxy_is_asked_for_other_hosts_only_and_not_given_the_key(tmp_path_factory: pytest.TempPathFactory) -> None:
    heads = group_run(tmp_path_factory, "distrusting").proxied
    asked = collections.Counter(head.split()[1] for head in heads if head.startswith("CONNECT "))
    # Each by the module and by the lookup, and twice where a lost connection is tried again.
    assert asked == {
        "proxied.invalid:443": 2 + 4 + 2,
        "proxied.invalid:8443": 2,
        "other.invalid:443": 2,
        "refused.invalid:443": 4,
    }
    assert sum(asked.values()) == len(heads)
    assert not any("authorization" in head.lower() or "SG." in head for head in heads)


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_else_is_said(outcome: Run) -> None:
    # A certificate that the user does not want verified is no news to the user.
    assert not re.search("Traceback|DEPRECATION|InsecureRequest|does not look like", outcome.output), outcome.output


# Runs Python, and writes down how much memory it took at most.
MEASURED = """#!{python}
import resource, subprocess, sys
status = subprocess.call([{python!r}, *sys.argv[1:]])
with open({result!r}, "w") as stream:
    stream.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of others tells the memory of a process otherwise")
def test_memory_is_bounded(ansible: Ansible) -> None:
    """A gibibyte, packed and unpacked, and what takes most memory for its size."""
    huge: dict[str, Behaviour] = {
        "large": endless(http(200, headers={"Content-Length": None}), b" " * MEBIBYTE, 0),
        "bomb": sends(http(200, gzip.compress(b" " * 16 * MEBIBYTE) * 64, {"Content-Encoding": "gzip"})),
        "redirect": endless(http(302, headers={"Content-Length": None, "Location": "/v3/x"}), b" " * MEBIBYTE, 0),
        "dense": sends(http(200, b'{"catalog": [' + b"{}," * (2 * MEBIBYTE) + b"{}]}")),
    }
    python = str(ansible.home / "python" / "bin" / "python")
    measured = ansible.home / "measured"
    measured.write_text(MEASURED.format(python=python, result=str(ansible.home / "peak")))
    measured.chmod(0o755)
    status = "lookup('ansible.builtin.file', '/proc/self/status') | regex_search('VmHWM:.*')"
    tasks: list[dict[str, Any]] = []
    with FaultServer() as server:
        endpoint = f"http://127.0.0.1:{server.listen()}"
        for name, behaviour in huge.items():
            key = f"SG.{name.ljust(22, 'x')}.{'k' * 43}"
            server.behaviours[key] = [behaviour]
            settings = f"api_key='{key}', api_endpoint='{endpoint}', cache_ttl=0"
            query = f"query('reseller.sendgrid.offerings', {settings}, errors='ignore')"
            tasks += [
                {
                    "reseller.sendgrid.sendgrid_offerings_info": {"api_key": key, "api_endpoint": endpoint},
                    "vars": {"ansible_python_interpreter": str(measured)},
                    "ignore_errors": True,
                },
                {"ansible.builtin.debug": {"msg": "VmHWM: {{ lookup('file', '%s') }} kB" % (ansible.home / "peak")}},
                {"ansible.builtin.debug": {"msg": f"{{{{ {query} | length }}}} {{{{ {status} }}}}"}},
            ]
        output = ansible.play([{"hosts": "all", "gather_facts": False, "tasks": tasks}]).stdout
        assert all(len(requests) == 2 for requests in server.requests.values()), output
    assert output.count("the body is larger than 8192 KiB") >= 4, output
    assert output.count("an encoding that was not asked for") >= 2, output
    peaks = [int(peak) for peak in re.findall(r"VmHWM:\D*(\d+) kB", output)]
    assert len(peaks) == 8 and max(peaks) < 400 * 1024, peaks
