# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies that refuse, that fail, and that the environment names wrongly. Nothing of that reaches the API."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from importlib.metadata import version

import pytest
import trustme
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.proxies import HIDDEN
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import ACCOUNTS, ORDER
from ansible_collections.reseller.sendgrid.tests.support.scripted_server import Peer, Script, Server, refuse_tls

ENDPOINT = "https://api.invalid"
CREATED = b'HTTP/1.1 201 Created\r\nContent-Length: 21\r\n\r\n{"account_id": "sg1"}'


@pytest.fixture
def use_proxy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(server: Server, prefix: str = "http://user:s3cret@", variable: str = "HTTPS_PROXY") -> None:
        monkeypatch.setenv(variable, f"{prefix}127.0.0.1:{server.port}")

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
    assert f"through the proxy of the environment: http://127.0.0.1:{proxy.port} in https_proxy: " in failure.message
    assert f"it refused to connect: {status} " in failure.message
    assert "s3cret" not in str(failure.result())
    assert not any(b"Bearer" in peer.received for peer in proxy.peers)
    if status == 407:
        assert "user and the password in https_proxy, with all special characters percent-encoded" in failure.message


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
    "https://u:Secret@": "check_hostname requires server_hostname" if URLLIB3_1 else "Give http:// instead of https://",
    "http://u:Secret@:port": "HTTPS_PROXY: it has no host",
    "http://u:Secret@[::1": "HTTPS_PROXY: ",
}


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
        assert f"{prefix.partition('u:')[0]}127.0.0.1:{proxy.port}" in failure.message
    assert not any(secret in str(failure.result()).lower() for secret in ("sec", "ret@", "€", "u20ac"))


@pytest.mark.parametrize("proxy", ["http://", "socks9://127.0.0.1:9", "http://127.0.0.1:port"])
def test_an_unusable_proxy_is_not_retried(
    get_failure: Callable[..., SendGridError], proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert get_failure(endpoint=ENDPOINT).details["attempts"] == 1


@pytest.mark.parametrize("host", ["übung.invalid", "[fe80::1%25eth0]"])
def test_an_unusual_proxy_is_not_taken_for_a_wrong_one(
    get_failure: Callable[..., SendGridError], resolve: Callable[..., None], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with Server(refuse(503)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://name:s3cret@{host}:{proxy.port}")
        resolve(proxy.port)
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT)
        resolve(error=socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
        unknown = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT)
    through = f"through the proxy of the environment: http://{host}:{proxy.port} in HTTPS_PROXY: "
    assert f"{through}it refused to connect: 503 " in failure.message
    assert f"{through}Name or service not known (after 3 attempts). Check the proxy" in unknown.message
    assert connects(proxy) == failure.details["attempts"] == unknown.details["attempts"] == 3


def test_a_url_that_looks_wrong_is_not_blamed_if_it_leads_to_a_proxy(
    get_failure: Callable[..., SendGridError], resolve: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(refuse(503)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://proxy.invalid:{proxy.port}/a@path")
        resolve(proxy.port)
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT)
    assert "it refused to connect: 503 " in failure.message and connects(proxy) == 3


@pytest.mark.parametrize(
    ("line", "reason"), [(b"HTTP/1.1 none OK", "HTTP/1.1 none OK"), (b"HTTP/1.1 s3cret OK", HIDDEN)]
)
def test_a_response_that_is_not_http_does_not_make_the_url_wrong(
    get_failure: Callable[..., SendGridError], use_proxy: Callable[..., None], line: bytes, reason: str
) -> None:
    def script(peer: Peer) -> None:
        peer.read_head()
        peer.write(line + b"\r\n\r\n")
        peer.finish()

    with Server(script) as proxy:
        use_proxy(proxy)
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT)
    assert failure.code == "connection" and f"in HTTPS_PROXY: {reason} (after 3 attempts)" in failure.message
    assert not failure.details["uncertain"] and connects(proxy) == 3
    assert "s3cret" not in str(failure.result())


@pytest.mark.parametrize("word", ["Invalid", "URL"])
def test_a_reason_that_has_a_word_of_the_password_is_not_shown(
    get_failure: Callable[..., SendGridError], use_proxy: Callable[..., None], word: str
) -> None:
    with Server(cut) as proxy:
        use_proxy(proxy, f"http://u:[%{ord(word[0]):02x}{word[1:]}@")
        failure = get_failure(endpoint=ENDPOINT)
    assert f"in HTTPS_PROXY: {HIDDEN}. Correct HTTPS_PROXY" in failure.message


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("late_after", "connections", "tunnels", "handshakes"),
    [("resolving", 0, 0, 0), ("connecting", 1, 0, 0), ("tunnelling", 1, 1, 0), ("handshake", 1, 1, 1)],
)
def test_a_late_request_goes_no_further(
    client: Callable[..., Client],
    use_proxy: Callable[..., None],
    authority: trustme.CA,
    bundle: str,
    end_time: Callable[..., None],
    method: str,
    late_after: str,
    connections: int,
    tunnels: int,
    handshakes: int,
) -> None:
    late, hellos = threading.Event(), list[int]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.invalid").configure_cert(context)

    def is_late_after(stage: str) -> None:
        if stage == late_after:
            late.set()

    def on_hello(*_arguments: object) -> None:
        hellos.append(1)
        is_late_after("handshake")

    context.sni_callback = on_hello

    def script(peer: Peer) -> None:
        peer.read_head()
        is_late_after("tunnelling")
        peer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        inner = Peer(context.wrap_socket(peer.connection, server_side=True))
        inner.read_request()
        peer.received += inner.received

    with Server(script) as proxy:
        use_proxy(proxy)
        api_client = client(endpoint=ENDPOINT, verify=bundle, retries=0)
        first = ("resolving", "connecting")
        end_time(api_client, lambda attempt: late.is_set() or (attempt.stage == late_after and late_after in first))
        with pytest.raises(SendGridError) as failure:
            api_client.request(method, ACCOUNTS, ORDER)
    assert failure.value.code == "timeout" and not failure.value.details["uncertain"]
    assert len(proxy.peers) <= connections and (connects(proxy), len(hellos)) == (tunnels, handshakes)
    assert not any(b"Bearer" in peer.received for peer in proxy.peers)


def test_no_tunnel_is_wanted_if_the_handshake_with_the_proxy_was_late(
    client: Callable[..., Client],
    use_proxy: Callable[..., None],
    tls: ssl.SSLContext,
    bundle: str,
    end_time: Callable[..., None],
) -> None:
    late = threading.Event()
    tls.sni_callback = lambda *_arguments: late.set()
    with Server(Peer.read_head, tls=tls) as proxy:
        use_proxy(proxy, "https://")
        api_client = client(endpoint=ENDPOINT, verify=bundle, retries=0)
        end_time(api_client, lambda _attempt: late.is_set())
        with pytest.raises(SendGridError) as failure:
            api_client.request("GET", ACCOUNTS)
    assert failure.value.code == ("connection" if URLLIB3_1 else "timeout") and connects(proxy) == 0


def negotiate_socks(then: Script, status: int = 0) -> Script:
    """Accept the user and the password, or refuse them with ``status``. The name of the host comes in the request."""

    def script(peer: Peer) -> None:
        connection = peer.connection
        assert connection.recv(4) == b"\x05\x02\x00\x02"
        peer.write(b"\x05\x02")
        assert connection.recv(64) == b"\x01\x04user\x06s3cret"
        peer.write(bytes([1, status]))
        if not status:
            assert connection.recv(64) == b"\x05\x01\x00\x03\x0bapi.invalid\x01\xbb"
            peer.write(b"\x05\x00\x00\x01" + bytes(6))
            then(peer)

    return script


def test_a_post_goes_through_a_socks_proxy_once(
    client: Callable[..., Client], use_proxy: Callable[..., None], create_in_tls: Script, bundle: str
) -> None:
    with Server(negotiate_socks(cut), negotiate_socks(create_in_tls)) as proxy:
        use_proxy(proxy, "socks5h://user:s3cret@", "ALL_PROXY")
        assert client(endpoint=ENDPOINT, verify=bundle).request("POST", ACCOUNTS, ORDER).attempts == 2
    assert [peer.received.count(b"POST ") for peer in proxy.peers] == [0, 1]


def test_a_socks_proxy_receives_a_wrong_password_once(
    get_failure: Callable[..., SendGridError], use_proxy: Callable[..., None]
) -> None:
    with Server(negotiate_socks(cut, 1)) as proxy:
        use_proxy(proxy, "socks5h://user:s3cret@", "ALL_PROXY")
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT)
    assert failure.code == "connection" and "SOCKS5 authentication failed" in failure.message
    assert "Check the user and the password in ALL_PROXY" in failure.message
    assert len(proxy.peers) == failure.details["attempts"] == 1 and not failure.details["uncertain"]


def test_a_silent_name_server_does_not_delay_a_post_through_socks(
    get_failure: Callable[..., SendGridError], use_proxy: Callable[..., None], resolve: Callable[..., None]
) -> None:
    with Server(cut) as proxy:
        use_proxy(proxy, "socks5h://user:s3cret@", "ALL_PROXY")
        resolve(proxy.port, seconds=(0.8,))
        started = time.monotonic()
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=ENDPOINT, timeout=0.2, retries=0)
        assert time.monotonic() - started < 0.6
    assert failure.code == "timeout" and "no connection within 0.2 s through the proxy" in failure.message
