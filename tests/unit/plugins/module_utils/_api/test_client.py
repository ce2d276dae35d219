# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client over real sockets; only the clock and the sleep are made up."""

from __future__ import annotations

import base64
import gzip
import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

CATALOG = "/v3/partners/offerings"
ACCOUNTS = "/v3/partners/accounts"
ORDER = {"offerings": [{"name": "org.ei.free.v1", "type": "package", "quantity": 1}]}
EPOCH = 1_800_000_000.0


class Sleeper:
    """A clock that moves only when somebody sleeps, and remembers how long."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def clock(self) -> float:
        return EPOCH + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
def client(sandbox: Sandbox, sleeper: Sleeper) -> Callable[..., Client]:
    def build(**settings: Any) -> Client:
        given = {
            "api_key": sandbox.key,
            "endpoint": sandbox.endpoint,
            "timeout": 10.0,
            "retries": 2,
            "retry_max_delay": 60.0,
            "verify": True,
        }
        return Client(ClientConfig(**{**given, **settings}), sleeper.clock, sleeper.sleep)

    return build


@pytest.fixture
def failing(client: Callable[..., Client], sandbox: Sandbox) -> Callable[..., SendGridError]:
    """Send a request that has to fail; whatever happens, the failure must not tell the key."""

    def send(method: str = "GET", path: str = CATALOG, body: Any = None, **settings: Any) -> SendGridError:
        with pytest.raises(SendGridError) as failure:
            client(**settings).request(method, path, body)
        assert sandbox.key not in json.dumps(failure.value.result())
        assert failure.value.message.isprintable()
        return failure.value

    return send


# Requests


def test_request_is_authorized_and_asks_for_json(client: Callable[..., Client], sandbox: Sandbox) -> None:
    answer = client().request("GET", CATALOG)
    assert (answer.status, answer.attempts) == (200, 1) and answer.headers["x-ratelimit-remaining"] == "599"
    assert len(answer.data["catalog"]) == 20
    (request,) = sandbox.requests()
    assert request["authorized"] and request["headers"]["accept"] == "application/json"
    assert request["headers"]["user-agent"].startswith("reseller.sendgrid")


def test_body_is_sent_as_json_and_an_empty_answer_is_none(client: Callable[..., Client], sandbox: Sandbox) -> None:
    created = client().request("POST", ACCOUNTS, ORDER)
    assert created.status == 201
    changed = client().request("PUT", f"{ACCOUNTS}/{created.data['account_id']}/state", {"state": "deactivated"})
    assert (changed.status, changed.data) == (204, None)
    assert sandbox.requests()[0]["body"] == ORDER


def test_netrc_does_not_replace_the_key(
    client: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert client().request("GET", CATALOG).status == 200


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_loopback_is_never_asked_through_a_proxy(
    client: Callable[..., Client], sandbox: Sandbox, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    assert client().request("GET", CATALOG).status == 200
    assert client(endpoint=sandbox.endpoint.replace("127.0.0.1", "localhost")).request("GET", CATALOG).status == 200


def test_other_hosts_are_asked_through_the_proxy_of_the_environment(
    failing: Callable[..., SendGridError], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Listener(b"HTTP/1.1 403 Forbidden\r\n\r\n") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        failure = failing(endpoint="https://api.invalid", retries=0)
    assert proxy.received.startswith(b"CONNECT api.invalid:443 ") and b"Bearer" not in proxy.received
    assert failure.code == "connection" and "proxy" in failure.message


@pytest.mark.parametrize("proxy", ["http://", "socks9://127.0.0.1:9", "http://127.0.0.1:port"])
def test_proxy_that_cannot_be_used_is_not_tried_again(
    failing: Callable[..., SendGridError], proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert failing(endpoint="https://api.invalid").details["attempts"] == 1


@pytest.mark.parametrize(
    "proxy", ["http://user:pa/s3cret@127.0.0.1:9", "http://user:pa#s3cret@127.0.0.1:9", "http://user:s3cret@"]
)
def test_password_of_a_proxy_that_cannot_be_used_is_not_told(
    failing: Callable[..., SendGridError], proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    failure = failing(endpoint="https://api.invalid", retries=0)
    assert failure.code == "connection" and "proxy" in failure.message
    assert "s3cret" not in failure.message and "user" not in failure.message


# Failures


@pytest.mark.parametrize(
    ("status", "code", "attempts"),
    [
        (302, "unexpected_response", 1),
        (400, "bad_request", 1),
        (401, "unauthorized", 1),
        (403, "forbidden", 1),
        (404, "not_found", 1),
        (406, "bad_request", 1),
        (429, "rate_limited", 3),
        (451, "region_restricted", 1),
        (500, "server_error", 1),
        (502, "server_error", 3),
        (503, "server_error", 3),
        (504, "server_error", 3),
        (599, "server_error", 1),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"message": "Some\\u001b[1m reason", "field": "email", "error_id": "10-1", "help": "h"}]}',
        '{"errors": [{"message": "Some reason", "field": "", "extra": 1}, {}, null, 7]}',
        '{"error": "Some reason"}',
        "<html><body>Some\n reason</body></html>",
        "",
    ],
)
def test_status_gives_code_reason_and_attempts(
    failing: Callable[..., SendGridError], sandbox: Sandbox, status: int, code: str, attempts: int, body: str
) -> None:
    sandbox.fault(status=status, body=body, headers={"Content-Type": "text/html"})
    failure = failing()
    assert failure.code == code
    assert failure.details["status"] == status
    assert failure.details["attempts"] == sandbox.count() == attempts
    assert failure.details["host"] == sandbox.endpoint.removeprefix("http://")
    assert (failure.details["method"], failure.details["path"]) == ("GET", CATALOG)
    assert failure.details["date"].endswith("GMT")
    assert failure.details["hint"] in failure.message
    assert failure.message.startswith(f"GET {sandbox.endpoint}{CATALOG}: {status} ")
    if body and status != 302:
        assert "reason" in failure.message
    if body.startswith("{"):
        assert failure.details["excerpt"] is None and "reason" in failure.details["errors"][0]["message"]
        assert set(failure.details["errors"][0]) == {"message", "field", "error_id", "help"}
    else:
        assert failure.details["errors"] == []


def test_errors_of_the_api_are_all_reported(failing: Callable[..., SendGridError]) -> None:
    failure = failing("POST", ACCOUNTS, {"offerings": [], "profile": {"email": "nobody", "phone": "1"}})
    assert failure.code == "bad_request"
    assert {"email", "phone"} <= {error["field"] for error in failure.details["errors"]}
    assert "[10-40002]" in failure.message and "[10-40010]" in failure.message


def test_key_in_a_successful_answer_is_masked(client: Callable[..., Client], sandbox: Sandbox) -> None:
    escaped = sandbox.key.replace("G", "\\u0047")
    sandbox.fault(status=200, body=f'{{"{sandbox.key}": ["{escaped}", "{sandbox.key} twice"]}}')
    assert client().request("GET", CATALOG).data == {"********": ["********", "******** twice"]}


def test_key_that_json_escapes_is_masked_too(client: Callable[..., Client], sandbox: Sandbox) -> None:
    key = 'no-key-of-"sendgrid"-\\-at-all'
    sandbox.fault(status=200, body=json.dumps({"echo": [key, f"Bearer {key}"]}))
    assert client(api_key=key).request("GET", CATALOG).data == {"echo": ["********", "Bearer ********"]}


def test_body_of_a_redirect_is_bounded_too(failing: Callable[..., SendGridError], sandbox: Sandbox) -> None:
    sandbox.fault(status=302, body=" " * 9 * 1024 * 1024, headers={"Location": "/v3/elsewhere"})
    assert "larger than 8192 KiB" in failing().message


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("HTTPS://a.example:8/x", "a.example"),
        ("//a.example", "a.example"),
        ("http://secret@a.example", ""),
        ("/secret", ""),
    ],
)
def test_redirect_tells_the_host_and_no_more(
    failing: Callable[..., SendGridError], sandbox: Sandbox, location: str, host: str
) -> None:
    sandbox.fault(status=302, body=f"secret {location}", headers={"Location": location})
    failure = failing()
    assert f"302 Found: a redirect{f' to {host}' if host else ''}, which is not followed. " in failure.message
    assert "secret" not in str(failure.result())


@pytest.mark.parametrize(
    "location",
    ["{endpoint}/v3/partners/accounts", "http://127.0.0.2:9/", "//other.example.com/", "http://[::1", "/a b"],
)
def test_redirect_is_not_followed(failing: Callable[..., SendGridError], sandbox: Sandbox, location: str) -> None:
    sandbox.fault(status=307, body="", headers={"Location": location.format(endpoint=sandbox.endpoint)}, path=CATALOG)
    failure = failing()
    assert failure.code == "unexpected_response" and "redirect" in failure.message
    assert [request["path"] for request in sandbox.requests()] == [CATALOG]


def test_key_that_the_server_echoes_is_masked(failing: Callable[..., SendGridError], sandbox: Sandbox) -> None:
    for body in (json.dumps({"errors": [{"message": f"bad key {sandbox.key}"}]}), f"bad key {sandbox.key}"):
        sandbox.control("DELETE", "/faults")
        sandbox.fault(status=401, body=body)
        assert "bad key ********" in failing().message
    sandbox.control("DELETE", "/faults")
    sandbox.fault(status=200, body="\n" * 1950 + sandbox.key)
    assert sandbox.key[:10] not in failing().message


@pytest.mark.parametrize(
    "content",
    [
        b"<html>Sign in to the hotel</html>",
        b"",
        b'{"catalog": [',
        b'{"catalog": NaN}',
        b'{"catalog": -Infinity}',
        b'{"half": "\\ud800"}',
        b'{"infinite": 1e999}',
        b"\xff\xfe\xfa not text",
        b"[" * 100_000,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_body_that_is_not_json(failing: Callable[..., SendGridError], sandbox: Sandbox, content: bytes) -> None:
    sandbox.fault(body_base64=base64.b64encode(content).decode(), status=200)
    failure = failing()
    assert failure.code == "unexpected_response" and "not the JSON that was asked for: 200 OK" in failure.message
    assert failure.details["status"] == 200 and failure.details["date"].endswith("GMT")
    assert sandbox.count() == 1


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "gzip, gzip", "br", "deflate", "zstd"])
def test_encoding_that_was_not_asked_for_is_refused(
    failing: Callable[..., SendGridError], sandbox: Sandbox, encoding: str
) -> None:
    bomb = base64.b64encode(gzip.compress(b"[" + b" " * 40 * 1024 * 1024 + b"]")).decode()
    sandbox.fault(status=200, body_base64=bomb, headers={"Content-Encoding": encoding})
    assert "an encoding that was not asked for" in failing().message


def test_empty_encoding_is_none(client: Callable[..., Client], sandbox: Sandbox) -> None:
    sandbox.fault(status=200, body="[]", headers={"Content-Encoding": ""})
    assert client().request("GET", CATALOG).data == []


@pytest.mark.parametrize("status", [202, 203, 206, 299])
def test_success_that_is_not_documented_is_none(
    failing: Callable[..., SendGridError], sandbox: Sandbox, status: int
) -> None:
    sandbox.fault(status=status, body='{"catalog": []}', times=1)
    assert failing().code == "unexpected_response"
    sandbox.fault(status=status, body="{}", apply=True)
    failure = failing("POST", ACCOUNTS, ORDER)
    assert failure.details["attempts"] == sandbox.control("GET")["accounts"] == 1
    assert f": {status} " in failure.message and "may have carried it out" in failure.message


@pytest.mark.parametrize("depth", [65, 200, 400, 900])
def test_nesting_that_core_cannot_take_is_refused(
    failing: Callable[..., SendGridError], sandbox: Sandbox, depth: int
) -> None:
    sandbox.fault(status=200, body='{"a":' * (depth - 1) + "[]" + "}" * (depth - 1))
    assert "nested more than 64 levels deep" in failing().message


def test_nesting_that_core_can_take_is_kept(client: Callable[..., Client], sandbox: Sandbox) -> None:
    sandbox.fault(status=200, body="[" * 64 + "]" * 64)
    assert client().request("GET", CATALOG).status == 200


# Retries


def test_waits_as_told_then_succeeds(client: Callable[..., Client], sandbox: Sandbox, sleeper: Sleeper) -> None:
    sandbox.fault(status=429, body="", times=1, headers={"X-RateLimit-Reset": str(int(EPOCH) + 20)})
    sandbox.fault(status=503, times=1)
    assert client().request("GET", CATALOG).attempts == 3
    assert 20 <= sleeper.slept[0] <= 21 and 1 <= sleeper.slept[1] <= 2
    assert sandbox.count() == 3


def test_no_retry_when_there_are_none(
    failing: Callable[..., SendGridError], sandbox: Sandbox, sleeper: Sleeper
) -> None:
    sandbox.fault(status=429)
    assert failing(retries=0).details["attempts"] == 1
    assert sleeper.slept == []


@pytest.mark.parametrize(
    "fault",
    [
        {"cut": "before"},
        {"cut": "before", "reset": True},
        {"cut": "headers", "reset": True},
        {"cut": "body"},
        {"cut": "body", "reset": True},
        {"content_length": 100_000},
    ],
    ids=str,
)
def test_lost_connection(
    failing: Callable[..., SendGridError], client: Callable[..., Client], sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.fault(**fault, times=3)
    failure = failing()
    assert failure.code == "connection" and failure.details["attempts"] == sandbox.count() == 3
    assert client().request("GET", CATALOG).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_repeatable_methods_are_repeated(failing: Callable[..., SendGridError], sandbox: Sandbox, method: str) -> None:
    sandbox.fault(status=503, times=2)
    failure = failing(method, f"{ACCOUNTS}/sg0/offerings" if method != "DELETE" else f"{ACCOUNTS}/sg0", {})
    assert failure.details["status"] in (400, 404)
    assert sandbox.count() == 3


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 502},
        {"status": 503},
        {"status": 504},
        {"cut": "before"},
        {"cut": "headers"},
        {"cut": "body"},
        {"cut": "before", "reset": True},
        {"delay": 2},
        {"status": 201, "body": "<html>"},
    ],
    ids=str,
)
def test_post_that_may_have_arrived_is_never_repeated(
    failing: Callable[..., SendGridError], sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.fault(**fault, apply=True)
    failure = failing("POST", ACCOUNTS, ORDER, timeout=0.5)
    assert failure.details["attempts"] == sandbox.count() == sandbox.control("GET")["accounts"] == 1
    assert "may have carried it out" in failure.message


def test_post_is_repeated_when_the_rate_is_limited(client: Callable[..., Client], sandbox: Sandbox) -> None:
    sandbox.fault(status=429, times=2)
    assert client().request("POST", ACCOUNTS, ORDER).status == 201
    assert sandbox.control("GET")["accounts"] == 1


def test_post_is_repeated_when_no_connection_was_made(failing: Callable[..., SendGridError]) -> None:
    failure = failing("POST", ACCOUNTS, ORDER, endpoint=f"http://127.0.0.1:{unused_port()}")
    assert failure.code == "connection" and failure.details["attempts"] == 3
    assert "Connection refused" in failure.message and "may have carried" not in failure.message


def test_post_never_uses_a_connection_that_was_kept_alive(client: Callable[..., Client], sandbox: Sandbox) -> None:
    one = client()
    for method, body in (("GET", None), ("GET", None), ("POST", ORDER), ("POST", ORDER)):
        one.request(method, ACCOUNTS, body)
    first, second, third, fourth = (request["connection"] for request in sandbox.requests())
    assert first == second and len({second, third, fourth}) == 3


def test_write_that_times_out_does_not_happen_later(
    failing: Callable[..., SendGridError], client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = client().request("POST", ACCOUNTS, ORDER).data["account_id"]
    resolve = socket.getaddrinfo

    def slowly(*arguments: Any, **more: Any) -> Any:
        time.sleep(1)
        return resolve(*arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    state = f"{ACCOUNTS}/{account}/state"
    try:
        client(timeout=0.3, retries=0).request("PUT", state, {"state": "deactivated"})
    except SendGridError as failure:
        assert failure.code == "timeout" and "may have carried it out" in failure.message
        told = "nothing"
    else:
        told = "deactivated"
    monkeypatch.undo()
    client().request("PUT", state, {"state": "activated"})
    time.sleep(1.2)
    assert client().request("GET", state).data == {"state": "activated"}, f"told {told}, and then it happened late"


def test_write_that_cannot_connect_in_time_does_not_go_on_to_the_next_address(
    failing: Callable[..., SendGridError], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [0, int(sandbox.endpoint.rpartition(":")[2])]
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, ExitStack() as waiting:
        ports[0] = deaf.getsockname()[1]
        # The kernel leaves more of them than these without an answer.
        for _number in range(8):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", ports[0]))
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_more: found)
        failure = failing("POST", ACCOUNTS, ORDER, timeout=0.5, retries=0)
        monkeypatch.undo()
    assert failure.code == "timeout" and failure.details["uncertain"]
    assert sandbox.count() == 0


@pytest.mark.parametrize(("first", "then"), [({"cut": "before"}, 403), ({"status": 503}, 429), ({"delay": 5}, 400)])
def test_what_an_earlier_attempt_may_have_done_is_not_forgotten(
    failing: Callable[..., SendGridError], sandbox: Sandbox, first: dict[str, Any], then: int
) -> None:
    sandbox.fault(**first, apply=True, times=1)
    sandbox.fault(status=then)
    failure = failing("DELETE", f"{ACCOUNTS}/sg1", timeout=0.5, retries=1)
    assert failure.details["status"] == then
    assert failure.details["uncertain"] and "may have carried it out" in failure.message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 407, 408, 409, 429, 451, 499])
def test_which_refusals_of_a_post_are_certain(
    failing: Callable[..., SendGridError], sandbox: Sandbox, status: int
) -> None:
    sandbox.fault(status=status)
    assert failing("POST", ACCOUNTS, ORDER, retries=0).details["uncertain"] == (status in (407, 408, 409, 499))
    assert not failing("GET", CATALOG, retries=0).details["uncertain"]


# Time


@pytest.mark.parametrize(
    "fault", [{"delay": 30}, {"drip": 0.05}, {"drip": 0.05, "drip_headers": True}], ids=["silent", "body", "headers"]
)
def test_timeout_bounds_the_whole_answer(
    failing: Callable[..., SendGridError], sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.fault(**fault)
    started = time.monotonic()
    failure = failing(timeout=0.4, retries=1)
    assert failure.code == "timeout" and "within 0.4 s" in failure.message
    assert failure.details["attempts"] == 2
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("headers", [False, True], ids=["body", "headers"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_timeout_bounds_the_whole_answer_to_a_write(
    failing: Callable[..., SendGridError], sandbox: Sandbox, method: str, headers: bool
) -> None:
    handler = signal.getsignal(signal.SIGALRM)
    sandbox.fault(status=500, body="x" * 200, drip=0.1, drip_headers=headers)
    started = time.monotonic()
    failure = failing(method, ACCOUNTS, timeout=0.5, retries=0)
    assert failure.code == "timeout" and "may have carried it out" in failure.message
    assert time.monotonic() - started < 5
    assert signal.getsignal(signal.SIGALRM) == handler and not signal.getitimer(signal.ITIMER_REAL)[0]


def test_timeout_bounds_a_host_that_accepts_and_says_nothing(failing: Callable[..., SendGridError]) -> None:
    with Listener(b"") as silent:
        assert failing(endpoint=f"https://127.0.0.1:{silent.port}", timeout=0.4, retries=0).code == "timeout"


def test_name_that_does_not_resolve(failing: Callable[..., SendGridError]) -> None:
    failure = failing(endpoint="https://api.invalid", retries=0)
    assert failure.code == "connection" and "api.invalid" in failure.message


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def pem(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def other_pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def tls_sandbox(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    with Sandbox("--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem")) as running:
        yield running


def test_certificate_of_an_unknown_authority(
    failing: Callable[..., SendGridError], tls_sandbox: Sandbox, sleeper: Sleeper
) -> None:
    failure = failing(endpoint=tls_sandbox.endpoint)
    assert failure.code == "tls" and "certificate" in failure.message and "ca_path" in failure.message
    assert sleeper.slept == []


@pytest.mark.parametrize("bundle", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_verification_is_as_asked_for_whatever_the_environment_names(
    client: Callable[..., Client],
    failing: Callable[..., SendGridError],
    tls_sandbox: Sandbox,
    pem: Path,
    other_pem: Path,
    bundle: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = tls_sandbox.endpoint
    if bundle:
        monkeypatch.setenv(bundle, str(other_pem))
    assert client(endpoint=endpoint, verify=str(pem)).request("GET", CATALOG).status == 200
    assert client(endpoint=endpoint, verify=False).request("GET", CATALOG).status == 200
    assert failing(endpoint=endpoint, verify=str(other_pem)).code == "tls"
    if bundle:
        monkeypatch.setenv(bundle, str(pem))
        assert failing(endpoint=endpoint, verify=str(other_pem)).code == "tls"
        assert client(endpoint=endpoint, verify=True).request("GET", CATALOG).status == 200


def test_certificate_for_another_host(failing: Callable[..., SendGridError], tls_sandbox: Sandbox, pem: Path) -> None:
    endpoint = tls_sandbox.endpoint.replace("127.0.0.1", "localhost")
    assert failing(endpoint=endpoint, verify=str(pem)).code == "tls"


def test_bundle_that_is_none(failing: Callable[..., SendGridError], tls_sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    assert failing(endpoint=tls_sandbox.endpoint, verify=str(tmp_path / "empty.pem")).code == "tls"
    assert failing(endpoint=tls_sandbox.endpoint, verify=str(tmp_path / "gone.pem")).code == "tls"


def test_connection_that_is_cut_in_the_handshake_is_tried_again(failing: Callable[..., SendGridError]) -> None:
    with Listener(None) as cutting:
        failure = failing(endpoint=f"https://127.0.0.1:{cutting.port}", retries=1)
    assert failure.code == "connection" and failure.details["attempts"] == 2


class Listener:
    """A server that reads once and answers the same bytes to everybody; b"" keeps silent, None closes at once."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer
        self.received = b""

    def __enter__(self) -> Listener:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.close()
        for connection in self._held:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
                if self._answer == b"":
                    self._held.append(connection)
                    continue
                if self._answer is not None:
                    self.received += connection.recv(65536)
                    connection.sendall(self._answer)
                connection.close()
            except OSError:
                return


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
