# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One exchange over real sockets: proxies, size, time and TLS."""

from __future__ import annotations

import base64
import datetime
import gzip
import ipaddress
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import (
    ACCOUNTS,
    CATALOG,
    ORDER,
    FakeClock,
)
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.support.scripted_server import Peer, Server
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def test_netrc_does_not_replace_the_api_key(
    client: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert client().request("GET", CATALOG).status == 200


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_loopback_address_is_never_reached_through_a_proxy(
    client: Callable[..., Client], sandbox: Sandbox, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    assert client().request("GET", CATALOG).status == 200
    assert client(endpoint=sandbox.endpoint.replace("127.0.0.1", "localhost")).request("GET", CATALOG).status == 200


def test_the_body_of_a_redirect_is_limited(get_failure: Callable[..., SendGridError], sandbox: Sandbox) -> None:
    sandbox.fault(status=302, body=" " * 9 * 1024 * 1024, headers={"Location": "/v3/elsewhere"})
    assert "larger than 8192 KiB" in get_failure().message


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "gzip, gzip", "br", "deflate", "zstd"])
def test_an_encoding_that_was_not_requested_is_refused(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, encoding: str
) -> None:
    bomb = base64.b64encode(gzip.compress(b"[" + b" " * 40 * 1024 * 1024 + b"]")).decode()
    sandbox.fault(status=200, body_base64=bomb, headers={"Content-Encoding": encoding})
    assert "an encoding that was not asked for" in get_failure().message


@pytest.mark.parametrize("status", [204, 303])
def test_the_encoding_of_a_body_that_is_not_read_does_not_matter(
    client: Callable[..., Client], sandbox: Sandbox, status: int
) -> None:
    sandbox.fault(status=status, headers={"Content-Encoding": "gzip", "Location": "https://a.example"})
    assert client().request("DELETE", f"{ACCOUNTS}/sg1", success=(status,)).status == status


def test_an_error_with_an_encoding_keeps_its_status(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox
) -> None:
    sandbox.fault(status=302, body="packed", headers={"Content-Encoding": "gzip", "Location": "https://a.example"})
    failure = get_failure()
    assert failure.details["status"] == 302 and "a redirect to a.example" in failure.message


def test_an_empty_encoding_counts_as_none(client: Callable[..., Client], sandbox: Sandbox) -> None:
    sandbox.fault(status=200, body="[]", headers={"Content-Encoding": ""})
    assert client().request("GET", CATALOG).data == []


def test_a_write_request_that_times_out_is_not_sent_later(
    get_failure: Callable[..., SendGridError], client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
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
        assert failure.code == "timeout" and not failure.details["uncertain"]
        reported = "nothing"
    else:
        reported = "deactivated"
    monkeypatch.undo()
    client().request("PUT", state, {"state": "activated"})
    time.sleep(1.2)
    assert client().request("GET", state).data == {"state": "activated"}, (
        f"reported {reported}, and then it happened late"
    )


def test_a_post_never_uses_a_kept_alive_connection(client: Callable[..., Client], sandbox: Sandbox) -> None:
    api_client = client()
    for method, body in (("GET", None), ("GET", None), ("POST", ORDER), ("POST", ORDER)):
        api_client.request(method, ACCOUNTS, body)
    first, second, third, fourth = (request["connection"] for request in sandbox.requests())
    assert first == second and len({second, third, fourth}) == 3


@pytest.mark.parametrize(
    "fault", [{"delay": 30}, {"drip": 0.05}, {"drip": 0.05, "drip_headers": True}], ids=["silent", "body", "headers"]
)
def test_the_timeout_limits_the_whole_response(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.fault(**fault)
    started = time.monotonic()
    failure = get_failure(timeout=0.4, retries=1)
    assert failure.code == "timeout" and "within 0.4 s" in failure.message
    assert failure.details["attempts"] == 2
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("headers", [False, True], ids=["body", "headers"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_timeout_limits_the_whole_response_to_a_write_request(
    get_failure: Callable[..., SendGridError], sandbox: Sandbox, method: str, headers: bool
) -> None:
    handler = signal.getsignal(signal.SIGALRM)
    sandbox.fault(status=500, body="x" * 200, drip=0.1, drip_headers=headers)
    started = time.monotonic()
    failure = get_failure(method, ACCOUNTS, timeout=0.5, retries=0)
    assert failure.code == "timeout" and "may have carried it out" in failure.message
    assert time.monotonic() - started < 5
    assert signal.getsignal(signal.SIGALRM) == handler and not signal.getitimer(signal.ITIMER_REAL)[0]


def test_the_timeout_limits_a_host_that_accepts_and_stays_silent(get_failure: Callable[..., SendGridError]) -> None:
    with Server(Peer.linger) as silent:
        assert get_failure(endpoint=f"https://127.0.0.1:{silent.port}", timeout=0.4, retries=0).code == "timeout"


def test_a_name_that_does_not_resolve_is_a_connection_failure(get_failure: Callable[..., SendGridError]) -> None:
    failure = get_failure(endpoint="https://api.invalid", retries=0)
    assert failure.code == "connection" and "api.invalid" in failure.message


@pytest.fixture(scope="module")
def other_bundle() -> Iterator[str]:
    with trustme.CA().cert_pem.tempfile() as path:
        yield path


@pytest.fixture(scope="module")
def tls_sandbox(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    with Sandbox("--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem")) as running:
        yield running


def test_a_certificate_of_an_unknown_authority_is_refused(
    get_failure: Callable[..., SendGridError], tls_sandbox: Sandbox, fake_clock: FakeClock
) -> None:
    failure = get_failure(endpoint=tls_sandbox.endpoint)
    assert failure.code == "tls" and "certificate" in failure.message and "ca_path" in failure.message
    assert fake_clock.slept == []


@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_does_not_change_the_verification(
    client: Callable[..., Client],
    get_failure: Callable[..., SendGridError],
    tls_sandbox: Sandbox,
    bundle: str,
    other_bundle: str,
    variable: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = tls_sandbox.endpoint
    if variable:
        monkeypatch.setenv(variable, other_bundle)
    assert client(endpoint=endpoint, verify=bundle).request("GET", CATALOG).status == 200
    assert client(endpoint=endpoint, verify=False).request("GET", CATALOG).status == 200
    assert get_failure(endpoint=endpoint, verify=other_bundle).code == "tls"
    if variable:
        monkeypatch.setenv(variable, bundle)
        assert get_failure(endpoint=endpoint, verify=other_bundle).code == "tls"
        assert client(endpoint=endpoint, verify=True).request("GET", CATALOG).status == 200


def test_a_certificate_for_another_host_is_refused(
    get_failure: Callable[..., SendGridError], tls_sandbox: Sandbox, bundle: str
) -> None:
    endpoint = tls_sandbox.endpoint.replace("127.0.0.1", "localhost")
    assert get_failure(endpoint=endpoint, verify=bundle).code == "tls"


def test_a_certificate_that_is_not_yet_valid_hints_at_the_clock(
    get_failure: Callable[..., SendGridError], authority: trustme.CA, bundle: str
) -> None:
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_before=tomorrow).configure_cert(context)
    with Server(Peer.read_request, tls=context) as server:
        failure = get_failure(endpoint=server.endpoint, verify=bundle)
    assert failure.code == "tls" and "not yet valid" in failure.message and "Check the clock" in failure.message


def test_a_certificate_that_only_newer_pythons_refuse_is_not_called_untrusted(
    get_failure: Callable[..., SendGridError], client: Callable[..., Client], tmp_path: Path
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority of a company")])

    def issue(subject: x509.Name, *extensions: tuple[x509.ExtensionType, bool]) -> bytes:
        builder = x509.CertificateBuilder(name, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "ca.pem").write_bytes(issue(name, (x509.BasicConstraints(True, None), True)))
    (tmp_path / "host.pem").write_bytes(pem + issue(x509.Name([]), (address, True)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "host.pem")

    def answer(peer: Peer) -> None:
        peer.read_request()
        peer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    with Server(answer, tls=context) as server:
        verify = str(tmp_path / "ca.pem")
        if sys.version_info < (3, 13):
            assert client(endpoint=server.endpoint, verify=verify).request("GET", CATALOG).status == 204
            return
        failure = get_failure(endpoint=server.endpoint, verify=verify)
    assert failure.code == "tls" and "no trusted connection: Missing Authority Key Identifier" in failure.message
    assert "newer Pythons" in failure.message and "Trust the certificate" not in failure.message


def test_a_connection_cut_during_the_handshake_is_retried(get_failure: Callable[..., SendGridError]) -> None:
    with Server(lambda _peer: None) as cutting:
        failure = get_failure(endpoint=f"https://127.0.0.1:{cutting.port}", retries=1)
    assert failure.code == "connection" and failure.details["attempts"] == 2
