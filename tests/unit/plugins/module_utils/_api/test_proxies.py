# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies that refuse, that fail, and that the environment names wrongly. Nothing of that reaches the API."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from importlib.metadata import version

import pytest
import trustme
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import ACCOUNTS, ORDER
from ansible_collections.reseller.sendgrid.tests.support.scripted_server import Peer, Script, Server

ENDPOINT = "https://api.invalid"
CREATED = b'HTTP/1.1 201 Created\r\nContent-Length: 21\r\n\r\n{"account_id": "sg1"}'


def port_of(server: Server) -> str:
    return server.endpoint.rpartition(":")[2]


@pytest.fixture
def use_proxy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(server: Server, prefix: str = "http://user:s3cret@", variable: str = "HTTPS_PROXY") -> None:
        monkeypatch.setenv(variable, f"{prefix}127.0.0.1:{port_of(server)}")

    return use


def refuse(status: int) -> Script:
    def script(peer: Peer) -> None:
        peer.read_head()
        # A proxy can repeat what it was sent.
        peer.write(b"HTTP/1.1 %d user:s3cret\r\nContent-Length: 0\r\n\r\n" % status)
        peer.finish()

    return script


def open_tunnel(then: Script, more: bytes = b"") -> Script:
    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(b"HTTP/1.1 200 Connection established\r\n\r\n" + more)
        then(peer)

    return script


def connects(server: Server) -> int:
    return sum(peer.received.startswith(b"CONNECT api.invalid:443 ") for peer in server.peers)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("status", "attempts"), [(502, 3), (503, 3), (504, 3), (403, 1), (407, 1)])
def test_a_refused_tunnel_is_certain_and_retried_only_if_that_helps(
    get_failure: Callable[..., SendGridError],
    use_proxy: Callable[..., None],
    method: str,
    status: int,
    attempts: int,
) -> None:
    with Server(refuse(status)) as proxy:
        use_proxy(proxy, variable="https_proxy")
        failure = get_failure(method, ACCOUNTS, ORDER, endpoint=ENDPOINT)
    assert failure.code == "connection" and not failure.details["uncertain"]
    assert connects(proxy) == len(proxy.peers) == failure.details["attempts"] == attempts
    assert (
        f"through the proxy of the environment: http://127.0.0.1:{port_of(proxy)} in https_proxy: " in failure.message
    )
    assert f"it refused to connect: {status} " in failure.message
    assert "s3cret" not in str(failure.result())
    if status == 407:
        assert "user and the password in https_proxy, with all special characters percent-encoded" in failure.message


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def create_in_tls(authority: trustme.CA) -> Script:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.invalid").configure_cert(context)

    def script(peer: Peer) -> None:
        inner = Peer(context.wrap_socket(peer.connection, server_side=True))
        peer.connection = inner.connection
        inner.read_request()
        peer.received += inner.received
        inner.write(CREATED)
        inner.linger()

    return script


def cut(peer: Peer) -> None:
    peer.connection.recv(1)


def test_an_untrusted_certificate_behind_a_proxy_is_the_same_as_without(
    get_failure: Callable[..., SendGridError], use_proxy: Callable[..., None], create_in_tls: Script
) -> None:
    with Server(open_tunnel(create_in_tls)) as proxy:
        use_proxy(proxy)
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT)
    assert failure.code == "tls" and "ca_path" in failure.message
    assert not failure.details["uncertain"] and connects(proxy) == 1


def test_a_post_is_sent_again_if_the_first_handshake_is_cut(
    client: Callable[..., Client], use_proxy: Callable[..., None], create_in_tls: Script, bundle: str
) -> None:
    with Server(open_tunnel(cut), open_tunnel(create_in_tls)) as proxy:
        use_proxy(proxy)
        assert client(endpoint=ENDPOINT, verify=bundle).request("POST", ACCOUNTS, ORDER).attempts == 2
    assert connects(proxy) == 2
    assert [peer.received.count(b"POST ") for peer in proxy.peers] == [0, 1]


def test_a_page_in_place_of_the_tunnel_is_not_taken_for_a_certificate(
    get_failure: Callable[..., SendGridError], use_proxy: Callable[..., None]
) -> None:
    with Server(open_tunnel(Peer.finish, b"<html>Sign in to the hotel</html>")) as proxy:
        use_proxy(proxy)
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT)
    assert failure.code == "tls" and not failure.details["uncertain"] and connects(proxy) == 1
    assert "does not speak TLS" in failure.message and "Trust the certificate" not in failure.message


def test_a_proxy_that_stays_silent_is_certain(
    get_failure: Callable[..., SendGridError], use_proxy: Callable[..., None]
) -> None:
    with Server(Peer.linger) as proxy:
        use_proxy(proxy)
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT, timeout=0.3, retries=1)
    assert failure.code == "timeout" and "no connection to the host within 0.3 s through the proxy" in failure.message
    assert not failure.details["uncertain"] and connects(proxy) == failure.details["attempts"] == 2


URLLIB3_1 = version("urllib3").startswith("1.")
UNUSABLE = {
    "http://u:Sec[ret@": "HTTPS_PROXY: Invalid IPv6 URL",
    "http://u:Sec€ret@": "HTTPS_PROXY: its user or password has a character that is not in Latin-1",
    "http://u:Sec/ret@": "HTTPS_PROXY: it has /, ? or # before the @",
    "http://u:Sec#ret@": "HTTPS_PROXY: it has /, ? or # before the @",
    # Without a look at the whole URL, this is a proxy with the name u.
    "http://u:12#ret@": "HTTPS_PROXY: it has /, ? or # before the @",
    "socks5://u:Secret@": "HTTPS_PROXY: Missing dependencies for SOCKS support",
    "https://u:Secret@": "check_hostname requires server_hostname" if URLLIB3_1 else "Give http:// instead of https://",
    "http://u:Secret@:port": "HTTPS_PROXY: it has no host",
    "http://u:Secret@[::1": "HTTPS_PROXY: ",
}


def refuse_tls(peer: Peer) -> None:
    peer.connection.recv(1)
    peer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.finish()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("prefix", UNUSABLE)
def test_an_unusable_proxy_is_named_with_the_reason_and_without_its_password(
    get_failure: Callable[..., SendGridError],
    use_proxy: Callable[..., None],
    prefix: str,
    method: str,
) -> None:
    with Server(refuse_tls) as proxy:
        use_proxy(proxy, prefix)
        failure = get_failure(method, ACCOUNTS, ORDER, endpoint=ENDPOINT)
    assert failure.code == "connection" and "the URL of the proxy in the environment cannot be used" in failure.message
    assert UNUSABLE[prefix] in failure.message
    assert not failure.details["uncertain"] and failure.details["attempts"] == 1
    assert connects(proxy) == 0
    assert "in HTTPS_PROXY: " in failure.message
    if prefix.endswith("@"):
        assert f"{prefix.partition('u:')[0]}127.0.0.1:{port_of(proxy)}" in failure.message
    assert not any(secret in str(failure.result()).lower() for secret in ("sec", "ret@", "€", "u20ac"))


@pytest.mark.parametrize("word", ["Invalid", "URL"])
def test_a_reason_that_has_a_word_of_the_password_is_not_shown(
    get_failure: Callable[..., SendGridError], use_proxy: Callable[..., None], word: str
) -> None:
    with Server(cut) as proxy:
        use_proxy(proxy, f"http://u:[%{ord(word[0]):02x}{word[1:]}@")
        failure = get_failure(endpoint=ENDPOINT)
    assert "in HTTPS_PROXY: it cannot be parsed" in failure.message
