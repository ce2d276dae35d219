# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for tests of the client against the sandbox."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.connections import Attempt
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import CATALOG, FakeClock
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(sandbox: Sandbox, fake_clock: FakeClock) -> Callable[..., Client]:
    def build(**settings: Any) -> Client:
        given = {
            "api_key": sandbox.key,
            "endpoint": sandbox.endpoint,
            "timeout": 10.0,
            "retries": 2,
            "retry_max_delay": 60.0,
            "verify": True,
        }
        return Client(ClientConfig(**{**given, **settings}), fake_clock.time, fake_clock.sleep)

    return build


@pytest.fixture
def get_failure(client: Callable[..., Client], sandbox: Sandbox) -> Callable[..., SendGridError]:
    """Send a request that has to fail, and check that the failure does not show the API key."""

    def send(method: str = "GET", path: str = CATALOG, body: Any = None, **settings: Any) -> SendGridError:
        with pytest.raises(SendGridError) as failure:
            client(**settings).request(method, path, body)
        assert sandbox.key not in json.dumps(failure.value.result())
        assert failure.value.message.isprintable()
        return failure.value

    return send


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def bundle(authority: trustme.CA) -> Iterator[str]:
    """The path of the certificate of the authority."""
    with authority.cert_pem.tempfile() as path:
        yield path


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """What a server at 127.0.0.1 needs for TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make each name have addresses with these ports, after so many seconds for each time it is looked up."""

    def set_addresses(*ports: int, seconds: tuple[float, ...] = (), error: OSError | None = None) -> None:
        delays = list(seconds)

        def getaddrinfo(*_arguments: Any, **_more: Any) -> list[Any]:
            # Nothing interrupts the C library while it waits for a name server.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            time.sleep(delays.pop(0) if delays else 0)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
            if error:
                raise error
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return set_addresses


@pytest.fixture
def end_time(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the time of a request be over as soon as ``is_over`` says so. Nothing real is late between two steps."""

    def set_clock(client: Client, is_over: Callable[[Attempt], bool]) -> None:
        now = time.monotonic

        def clock() -> float:
            attempt = getattr(client._transport._adapter, "attempt", None)
            return now() + (60 if attempt and is_over(attempt) else 0)

        monkeypatch.setattr(time, "monotonic", clock)

    return set_clock
