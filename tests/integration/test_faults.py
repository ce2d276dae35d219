# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of the network, TLS, proxies and responses: all of them in this process, and one of each kind in a play."""

from __future__ import annotations

import collections
import email.utils
import gzip
import itertools
import json
import re
import time
from collections.abc import Callable, Mapping

import pytest
from ansible_collections.reseller.sendgrid.tests.support.fault_matrix import (
    BUNDLE_VARIABLES,
    PROXY_VARIABLES,
    TIMED_TASKS,
    Case,
    Run,
    check_case,
    check_case_in_play,
    run_in_process,
    run_play,
    share_run,
)
from ansible_collections.reseller.sendgrid.tests.support.fault_server import (
    Behaviour,
    endless,
    http,
    redirects_to,
    resets,
    sends,
    silent,
)

CATALOG = json.dumps({"catalog": [{"offering": {"name": "a.package.v1", "type": "package"}}]}).encode()
SUCCESS = sends(http(200, CATALOG))

# By status: code, part of the message, and whether the request is retried.
STATUSES = {
    400: ("bad_request", "400 Bad Request", False),
    401: ("unauthorized", "401 Unauthorized", False),
    403: ("forbidden", "403 Forbidden", False),
    404: ("not_found", "404 Not Found", False),
    406: ("bad_request", "406 Not Acceptable", False),
    407: ("bad_request", "407 Proxy Authentication Required", False),
    408: ("bad_request", "408 Request Timeout", False),
    429: ("rate_limited", "429 Too Many Requests", True),
    451: ("region_restricted", "451 Unavailable For Legal Reasons", False),
    500: ("server_error", "500 Internal Server Error", True),
    502: ("server_error", "502 Bad Gateway", True),
    503: ("server_error", "503 Service Unavailable", True),
    504: ("server_error", "504 Gateway Timeout", True),
    511: ("server_error", "511 Network Authentication Required", False),
}
# By status: part of the message, where something else than the API has answered.
NETWORK_STATUSES = {
    407: "A proxy answered instead of the API",
    408: "What answered did not receive the request in time",
    511: "The network of the machine where this ran demands a sign-in",
}
BODIES = {
    "JSON": (b'{"errors": [{"message": "Some reason", "field": null, "error_id": "10-1"}]}', "Some reason [10-1]"),
    "HTML": (b"<html><body>\n<h1>Some reason</h1></body></html>", "<h1>Some reason</h1>"),
    "no body": (b"", ""),
    "no UTF-8": (b"Some \xff\xfe\xfa reason", "Some \ufffd\ufffd\ufffd reason"),
}


def error_status_cases() -> list[Case]:
    # The unit tests have each status with each body.
    kinds = itertools.cycle(BODIES)
    return [
        Case(
            f"{status} with {kind}",
            [sends(http(status, BODIES[kind][0], {"Content-Type": "text/html"}))],
            code=code,
            message_parts=[
                status_text,
                BODIES[kind][1],
                "after 2 attempts" if retried else "",
                NETWORK_STATUSES.get(status, ""),
            ],
            requests=2 if retried else 1,
        )
        for (status, (code, status_text, retried)), kind in zip(STATUSES.items(), kinds)
    ]


def success_status_cases() -> list[Case]:
    """Responses with a success status, most of them without a usable catalog."""
    bodies = {"HTML": b"<html>Sign in to the hotel</html>", "no body": b"", "no UTF-8": b'{"catalog": ["\xff\xfe"]}'}
    unusable = [
        Case(
            f"{status} with {kind}",
            [sends(http(status, body))],
            code="unexpected_response",
            message_parts=["not the JSON that was asked for", f"{status} "],
        )
        for status in (200, 201)
        for kind, body in bodies.items()
    ]
    empty = Case("204", [sends(http(204))], code="unexpected_response", message_parts=["catalog: a list is needed"])
    partial = Case(
        "206", [sends(http(206, CATALOG))], code="unexpected_response", message_parts=["206 Partial Content"]
    )
    empty_encoding = Case("an empty Content-Encoding", [sends(http(200, CATALOG, {"Content-Encoding": ""}))])
    return [Case("200 with a catalog", [SUCCESS]), *unusable, empty, partial, empty_encoding]


def rate_limit_cases() -> list[Case]:
    """429 and then success. Headers set the delay, to which the client adds a jitter of up to one second."""
    now = time.time
    reset_headers: dict[str, tuple[Callable[[], dict[str, str]], float, float]] = {
        "X-RateLimit-Reset as epoch": (lambda: {"X-RateLimit-Reset": str(int(now()) + 3)}, 2, 4),
        "X-RateLimit-Reset as delta": (lambda: {"X-RateLimit-Reset": "2"}, 2, 3),
        "X-RateLimit-Reset in the past": (lambda: {"X-RateLimit-Reset": str(int(now()) - 100)}, 0.5, 1),
        "X-RateLimit-Reset below zero": (lambda: {"X-RateLimit-Reset": "-7"}, 0.5, 1),
        "no X-RateLimit-Reset": (dict, 0.5, 1),
        "garbage in X-RateLimit-Reset": (lambda: {"X-RateLimit-Reset": "soon; \xe9"}, 0.5, 1),
        "X-RateLimit-Reset not a number": (lambda: {"X-RateLimit-Reset": "nan"}, 0.5, 1),
        "X-Ratelimit-Reset in other casing": (lambda: {"x-rateLIMIT-rESET": "2"}, 2, 3),
    }
    retry_after_headers: dict[str, tuple[Callable[[], dict[str, str]], float, float]] = {
        "no Retry-After": (dict, 0, 0),
        "Retry-After in seconds": (lambda: {"Retry-After": "3"}, 3, 4),
        "Retry-After as date": (lambda: {"Retry-After": email.utils.formatdate(now() + 4, usegmt=True)}, 3, 5),
        "garbage in Retry-After": (lambda: {"Retry-After": "later"}, 0, 0),
    }
    # The unit tests have each of one kind with each of the other.
    seconds, no_header = reset_headers["X-RateLimit-Reset as delta"], retry_after_headers["no Retry-After"]
    pairs = [
        *((reset, header, "no Retry-After", no_header) for reset, header in reset_headers.items()),
        *(
            ("X-RateLimit-Reset as delta", seconds, after, header)
            for after, header in retry_after_headers.items()
            if header is not no_header
        ),
    ]
    cases: list[Case] = []
    for reset, (reset_header, *reset_delay), after, (after_header, *after_delay) in pairs:
        shortest, longest = after_delay if any(after_delay) else reset_delay
        kind = ("JSON", "no body")[len(cases) % 2]
        cases.append(
            Case(
                f"429 with {reset}, {after} and {kind}",
                [sends(rate_limited(BODIES[kind][0], reset_header, after_header)), SUCCESS],
                options={"retry_max_delay": 30},
                requests=2,
                # A tolerance of 5 s is smaller than the error if a header is misread.
                retry_delay=(shortest, longest + 5),
            )
        )
    return cases


def rate_limited(body: bytes, *headers: Callable[[], dict[str, str]]) -> Callable[[], bytes]:
    return lambda: http(429, body, {name: value for make_headers in headers for name, value in make_headers().items()})


def maximum_delay_cases() -> list[Case]:
    """429 with headers that ask for more than ``retry_max_delay`` allows."""
    long_delays = {
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
            message_parts=["after 3 attempts"],
            requests=3,
            # The client waits at least 0.4 s, but starts to wait before the server sees the end of the connection.
            retry_delay=(0.35, 5),
        )
        for name, headers in long_delays.items()
    ]


def broken_response_cases() -> list[Case]:
    complete = http(200, CATALOG)
    compressed = gzip.compress(CATALOG)
    gzip_header = {"Content-Encoding": "gzip"}
    connection_lost: dict[str, Behaviour] = {
        "closed before the response": sends(),
        "reset before the response": resets(),
        "reset in the headers": resets(complete[:40]),
        "closed in the body": sends(complete[:-10]),
        "reset in the body": resets(complete[:-10]),
        "length announced too long": sends(http(200, CATALOG, {"Content-Length": "100000"})),
        "last chunk missing": sends(
            http(200, b'5\r\n{"cat\r\n', {"Content-Length": None, "Transfer-Encoding": "chunked"})
        ),
    }
    retried = [
        Case(name, [behaviour], code="connection", message_parts=["no answer"], requests=2)
        for name, behaviour in connection_lost.items()
    ]
    unusable: dict[str, tuple[Behaviour, str]] = {
        # Python treats the end of the connection as the end of the headers.
        "closed in the headers": (sends(complete[:40]), "not the JSON"),
        "length announced too short": (
            sends(http(200, CATALOG, {"Content-Length": str(len(CATALOG) - 5)})),
            "not the JSON",
        ),
        "gzip": (sends(http(200, compressed, gzip_header)), "an encoding that was not asked for"),
        "invalid gzip": (sends(http(200, CATALOG, gzip_header)), "an encoding that was not asked for"),
    }
    not_retried = [
        Case(name, [behaviour], code="unexpected_response", message_parts=[text])
        for name, (behaviour, text) in unusable.items()
    ]
    conflicting = sends(http(200, CATALOG, {"Content-Length": f"{len(CATALOG)}, {len(CATALOG) + 1}"}))
    return [
        *retried,
        *not_retried,
        Case(
            "conflicting lengths",
            [conflicting],
            code="connection",
            message_parts=["the response is not valid HTTP", "multiple unmatching values"],
            requests=2,
        ),
        Case("connection lost once, then success", [resets(complete[:-10]), SUCCESS], requests=2),
        Case("503 once, then success", [sends(http(503)), SUCCESS], requests=2),
        Case("503 in gzip once, then success", [sends(http(503, compressed, gzip_header)), SUCCESS], requests=2),
    ]


def timeout_cases() -> list[Case]:
    head = http(200, headers={"Content-Length": None})
    slow_responses: dict[str, Behaviour] = {
        "silent": silent,
        "endless slow body": endless(head, b" ", 0.05),
        "endless slow body in chunks": endless(
            http(200, headers={"Content-Length": None, "Transfer-Encoding": "chunked"}), b"1\r\n \r\n", 0.05
        ),
        "endless slow headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n", 0.05),
        "endless slow status line": endless(b"HTTP/1.1 200 ", b"O", 0.05),
        "endless interim responses": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
    }
    return [
        Case(
            name,
            [behaviour],
            options={"timeout": 1.5},
            code="timeout",
            message_parts=["no complete answer within 1.5 s (after 2 attempts)"],
            requests=2,
        )
        for name, behaviour in slow_responses.items()
    ]


def unreachable_cases() -> list[Case]:
    endpoints = {
        "connection refused": ("http://127.0.0.1:{closed_port}", ["Connection refused", "after 2 attempts"]),
        "connection closed in the handshake": ("https://127.0.0.1:{closing}", ["no answer", "after 2 attempts"]),
        "name that does not resolve": ("https://nowhere.invalid", ["nowhere.invalid", "after 2 attempts"]),
        "HTTPS to a port for HTTP": ("https://127.0.0.1:{http}", ["no trusted connection"]),
        "HTTP to a port for HTTPS": ("http://127.0.0.1:{https}", ["no answer", "after 2 attempts"]),
    }
    return [
        Case(
            name,
            [SUCCESS],
            endpoint,
            code="tls" if "trusted" in message_parts[0] else "connection",
            message_parts=message_parts,
            requests=0,
        )
        for name, (endpoint, message_parts) in endpoints.items()
    ]


def address_cases() -> list[Case]:
    """Names whose resolution is fake, and whose requests must arrive once or never."""
    unreachable = {
        "silent": "no connection to any of 2 addresses within 1 s each",
        "no-name-server": "no name server told the address of the host within 3 s",
    }
    return [
        Case(
            "a silent and a live address",
            [SUCCESS],
            "https://half-silent.invalid",
            {"ca_path": "{ca}", "timeout": 6, "retries": 0},
        ),
        *(
            Case(
                f"{name} by name",
                [SUCCESS],
                f"https://{name}.invalid",
                {"timeout": 3},
                "timeout",
                [part, "after 2 attempts"],
                0,
            )
            for name, part in unreachable.items()
        ),
    ]


def redirect_cases() -> list[Case]:
    """Redirects are not followed. The server counts the requests to all its ports, and must count only one."""
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
            message_parts=[f"{status} ", text, "is not followed"],
        )
        for status in (302, 307)
        for name, (endpoint, target, text) in targets.items()
    ]


def tls_cases() -> list[Case]:
    endpoints = {
        "a certificate": "https://127.0.0.1:{https}",
        "a certificate for another host": "https://127.0.0.1:{wrong_host}",
        "an expired certificate": "https://127.0.0.1:{expired}",
        "a certificate of an unknown authority": "https://127.0.0.1:{unknown_ca}",
        "a self-signed certificate": "https://127.0.0.1:{self_signed}",
    }
    ca_paths = {"no ca_path": None, "the right ca_path": "{ca}"}
    cases = []
    for kind, endpoint in endpoints.items():
        for ca_name, ca_path in ca_paths.items():
            options = {"ca_path": ca_path} if ca_path else {}
            cases.append(
                tls_case(f"{kind} and {ca_name}", endpoint, options, ca_path is not None and kind == "a certificate")
            )
        unverified = {"validate_certs": False, "ca_path": "{wrong_ca}"}
        cases.append(tls_case(f"{kind} and validate_certs false", endpoint, unverified, True))
    valid = endpoints["a certificate"]
    return [
        *cases,
        tls_case("a certificate and a wrong ca_path", valid, {"ca_path": "{wrong_ca}"}, False),
        tls_case("a certificate and a ca_path without certificates", valid, {"ca_path": "{invalid_ca}"}, False),
    ]


def tls_case(name: str, endpoint: str, options: Mapping[str, object], trusted: bool) -> Case:
    if trusted:
        return Case(name, [SUCCESS], endpoint, options)
    return Case(name, [SUCCESS], endpoint, options, "tls", ["no trusted connection: ", "ca_path"], requests=0)


def is_about_bundles(case: Case) -> bool:
    """Return whether the bundle of the environment decides, or must not decide."""
    overriding = ("a certificate and the right ca_path", "a certificate and validate_certs false")
    return case.name.endswith(" and no ca_path") or case.name in overriding


def right_bundle_cases() -> list[Case]:
    """TLS cases with the right bundle in the environment. It applies only if the task does not set TLS options."""
    trusted = Case("a certificate and no ca_path", [SUCCESS], "https://127.0.0.1:{https}")
    cases = [case for case in tls_cases() if is_about_bundles(case)]
    wrong = next(case for case in tls_cases() if case.name == "a certificate and a wrong ca_path")
    return [trusted if case.name == trusted.name else case for case in [*cases, wrong]]


def overridden_bundle_cases() -> list[Case]:
    """TLS cases with a wrong bundle in the environment. The options of the task take precedence."""
    return [case for case in tls_cases() if is_about_bundles(case) and not case.code]


def proxy_cases() -> list[Case]:
    """TLS cases with a wrong bundle and a proxy in the environment, and cases for the proxy."""
    cases = [
        case._replace(code=None, message_parts=[], requests=1)
        if case.name == "a certificate of an unknown authority and no ca_path"
        else case
        for case in tls_cases()
        if is_about_bundles(case)
    ]
    proxied = "https://proxied.invalid"
    return [
        *cases,
        Case("loopback by address is not proxied", [SUCCESS]),
        Case("loopback by name is not proxied", [SUCCESS], "http://localhost:{http}"),
        Case("through the proxy", [SUCCESS], proxied, {"ca_path": "{ca}"}),
        Case("through the proxy to an untrusted certificate", [SUCCESS], f"{proxied}:8443", code="tls", requests=0),
        Case(
            "through the proxy to another host",
            [SUCCESS],
            "https://other.invalid",
            {"ca_path": "{ca}"},
            code="tls",
            requests=0,
        ),
        *(
            Case(
                f"refused by the proxy with {status}",
                [SUCCESS],
                f"https://refused-{status}.invalid",
                code="connection",
                message_parts=["through the proxy of the environment: http://127.0.0.1:", f"connect: {status} ", part],
                requests=0,
            )
            for status, part in {503: "after 2 attempts", 407: "Check the user and the password in https_proxy"}.items()
        ),
        Case(
            "through the proxy, connection lost",
            [sends()],
            proxied,
            {"ca_path": "{ca}"},
            "connection",
            requests=2,
        ),
        Case(
            "through the proxy, redirected",
            [redirects_to(302, "http://127.0.0.1:{http}/")],
            proxied,
            {"ca_path": "{ca}"},
            "unexpected_response",
            ["a redirect to 127.0.0.1,"],
        ),
        Case(
            "not through the proxy because of NO_PROXY",
            [SUCCESS],
            "https://direct.invalid",
            code="connection",
            message_parts=["Name or service not known"],
            requests=0,
        ),
    ]


PROXY_AND_WRONG_BUNDLE = {
    **dict.fromkeys(BUNDLE_VARIABLES, "{wrong_ca}"),
    **dict.fromkeys(PROXY_VARIABLES, "http://127.0.0.1:{proxy}"),
    "NO_PROXY": "direct.invalid",
}
GROUPS: dict[str, tuple[Callable[[], list[Case]], dict[str, str]]] = {
    "plain": (
        lambda: [
            case
            for cases in (
                error_status_cases,
                success_status_cases,
                rate_limit_cases,
                maximum_delay_cases,
                broken_response_cases,
                timeout_cases,
                unreachable_cases,
                address_cases,
                redirect_cases,
                tls_cases,
            )
            for case in cases()
        ],
        {},
    ),
    "right bundle": (right_bundle_cases, dict.fromkeys(BUNDLE_VARIABLES, "{ca}")),
    "proxy and wrong bundle": (proxy_cases, PROXY_AND_WRONG_BUNDLE),
    # Also each variable alone, because one can hide another.
    **{bundle: (overridden_bundle_cases, {bundle: "{wrong_ca}"}) for bundle in BUNDLE_VARIABLES},
}
# One case of each kind. The bundles and the proxy of the environment must not matter to those of the group "plain".
IN_PLAY = {
    "plain": (
        "401 with HTML",
        "200 with HTML",
        "429 with X-RateLimit-Reset as delta, Retry-After in seconds and JSON",
        "reset in the body",
        "silent",
        "connection refused",
        "302 to another host",
        "a certificate and the right ca_path",
        "an expired certificate and validate_certs false",
        "a self-signed certificate and no ca_path",
    ),
    "proxy and wrong bundle": ("through the proxy", "refused by the proxy with 407"),
}
PLAY_CASES = [case for group, names in IN_PLAY.items() for case in GROUPS[group][0]() if case.name in names]


def run_group(factory: pytest.TempPathFactory, group: str) -> Run:
    cases, environment = GROUPS[group]
    return share_run(factory, f"faults-{group}", lambda: run_in_process(factory.mktemp("faults"), cases(), environment))


@pytest.fixture
def group_run(group: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_group(tmp_path_factory, group)


@pytest.fixture
def play_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    # Without the shortcut of the recorder, which users do not have.
    environment = {**PROXY_AND_WRONG_BUNDLE, "RECORDER_IMPORTS_NOTHING": "1"}
    return share_run(tmp_path_factory, "faults-in-play", lambda: run_play(PLAY_CASES, TIMED_TASKS, environment))


@pytest.mark.parametrize(
    ("group", "case"),
    [
        pytest.param(group, case, id=f"{group}: {case.name}")
        for group, (cases, _env) in GROUPS.items()
        for case in cases()
    ],
)
def test_fault(group_run: Run, case: Case) -> None:
    check_case(case, group_run.outcomes[case.name])


@pytest.mark.parametrize("case", PLAY_CASES, ids=lambda case: case.name)
def test_fault_in_a_play(play_run: Run, case: Case) -> None:
    check_case_in_play(case, play_run)
    # Core 2.18 and older report no item when a lookup fails.
    assert play_run.outcomes[case.name]["module"].seconds


def test_proxy_gets_only_requests_for_other_hosts_and_no_key(tmp_path_factory: pytest.TempPathFactory) -> None:
    heads = run_group(tmp_path_factory, "proxy and wrong bundle").proxied
    connect_counts = collections.Counter(head.split()[1] for head in heads if head.startswith("CONNECT "))
    assert connect_counts == {
        "proxied.invalid:443": 1 + 2 + 1,
        "proxied.invalid:8443": 1,
        "other.invalid:443": 1,
        "refused-503.invalid:443": 2,
        "refused-407.invalid:443": 1,
    }
    assert sum(connect_counts.values()) == len(heads)
    assert not any("authorization" in head.lower() or "SG." in head for head in heads)


def test_play_has_no_traceback_no_warning_and_no_key_for_the_proxy(play_run: Run) -> None:
    assert len(PLAY_CASES) == sum(map(len, IN_PLAY.values()))
    # With ``validate_certs: false`` no warning from urllib3 may appear.
    assert not re.search("Traceback|DEPRECATION|InsecureRequest|does not look like", play_run.output), play_run.output
    # One request each by the module and the lookup.
    assert [head.split()[0] for head in play_run.proxied] == ["CONNECT"] * 4
    assert not any("authorization" in head.lower() or "SG." in head for head in play_run.proxied)
