# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""One exchange with the API, bounded in time and size."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from .._endpoint import is_loopback
from .._text import ACCOUNT_ID_PATTERN
from .config import ClientConfig
from .connections import Adapter, Address, Attempt, call_in_thread
from .exceptions import map_exception
from .libraries import check_libraries, requests, urllib3
from .proxies import find_proxy

# Status, headers and body of a response.
Exchange = tuple[int, Mapping[str, str], bytes]
# Both in bytes.
MAXIMUM_BODY = 8 * 1024 * 1024
CHUNK = 16 * 1024
# Below this path the reseller's key manages customers' accounts. Elsewhere it acts on the reseller's own account.
PARTNER_PATH = "/v3/partners/"


class Request:
    """A request to ``path`` below the endpoint.

    :param body: sent as JSON unless ``None``.
    :param headers: in addition to those that every request has.
    :param on_behalf_of: the id of the customer's account that the request acts on. Every path needs it but those of the
        partner API, where the path itself names the account.
    :param is_secret: whether the body of the response holds a secret, so that no message may show a part of it.
    :raises ValueError: the body cannot be JSON, or the request would act on the reseller's own account.
    """

    def __init__(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        on_behalf_of: str = "",
        is_secret: bool = False,
    ) -> None:
        if bool(on_behalf_of) == path.startswith(PARTNER_PATH):
            raise ValueError(
                f"{path}: outside {PARTNER_PATH}, and only there, an account to act on behalf of is needed"
            )
        # Something before the API may resolve "..", and so leave the paths of the partner API.
        if ".." in path.split("/") or any(name.lower() == "on-behalf-of" for name in headers or {}):
            raise ValueError(f"{path}: the path and the account to act on behalf of must be plain")
        self.method = method
        self.path = path
        self.on_behalf_of = on_behalf_of
        self.is_secret = is_secret
        # Here, so that a body that cannot be sent is not taken for a failure of the network.
        self.body = None if body is None else json.dumps(body, allow_nan=False).encode()
        content_type = {} if body is None else {"Content-Type": "application/json"}
        acting_as = on_behalf_header(on_behalf_of) if on_behalf_of else {}
        self.headers = {**content_type, **(headers or {}), **acting_as}
        # Not POST: the API has no idempotency key, and a second account is billed too.
        self.is_repeatable = method in ("GET", "PUT", "DELETE")


def on_behalf_header(account_id: str) -> dict[str, str]:
    """Return the header.

    :raises ValueError: ``account_id`` has not the form of an id.
    """
    if not re.fullmatch(ACCOUNT_ID_PATTERN, account_id, re.ASCII):
        raise ValueError("the account to act on behalf of has not the form of an id")
    return {"on-behalf-of": f"account-id {account_id}"}


class ResponseBodyError(Exception):
    """A response has a body that is too large or encoded. The text says so."""


class Transport:
    """Sends each request once, all of them through one session.

    :raises SendGridError: ``missing_library``.
    """

    def __init__(self, config: ClientConfig) -> None:
        check_libraries(config.is_controller)
        self._config = config
        host = urlsplit(config.endpoint).hostname or ""
        # A proxy would resolve a loopback address to itself, and would receive the key in clear.
        self._proxies = {"no_proxy": host} if is_loopback(host) else {}
        # They tell what the user chose or what fails anyway, and workers of core 2.18 or older cannot print them.
        urllib3.disable_warnings()
        self._open_session()

    def _open_session(self, live_address: Address | None = None) -> None:
        self._adapter = Adapter()
        self._adapter.live_address = live_address
        self._session = requests.Session()
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)
        # A callable: an entry in ~/.netrc replaces an Authorization header that is set in any other way.
        self._session.auth = self._authorize
        # Some endpoints answer 406 without Accept.
        self._session.headers.update(
            {
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "reseller.sendgrid (Ansible collection)",
            }
        )
        # Even if it does not follow a redirect, requests would read its body, whatever the size.
        self._session.get_redirect_target = lambda _response: None  # type: ignore[method-assign,assignment]

    def send(self, request: Request) -> Exchange:
        """Send the request once, and return the response within the ``timeout`` of the config.

        :raises TransportError: there is no response.
        :raises ResponseBodyError: the body is too large or has an encoding.
        """
        self._adapter.attempt = attempt = Attempt(self._config.timeout)
        try:
            return self._send_within_timeout(request, attempt)
        except (OSError, ValueError, TypeError, urllib3.exceptions.HTTPError) as error:
            proxy = None if self._proxies else find_proxy(self._config.endpoint)
            mapped = map_exception(error, attempt, proxy)
        # A late thread may still use the session, and would leave its connection there.
        self._session.close()
        self._open_session(self._adapter.live_address)
        # Raised outside of the handler: the original exception, as its context, may hold the password of a proxy.
        raise mapped

    def _send_within_timeout(self, request: Request, attempt: Attempt) -> Exchange:
        """Send the request once, and return the response in time or raise an error.

        requests limits single reads only. A body that arrives byte by byte would take forever. So a GET runs in a
        thread, which is abandoned when it is late. A write request must not go on after it was reported as failed: it
        is interrupted by a signal, which works in the main thread only. Modules run in it.
        """
        if request.method != "GET":
            with deadline(attempt.limit, requests.Timeout):
                return self._exchange(self._session, request, attempt)
        session = self._session
        try:
            return call_in_thread(lambda: self._exchange(session, request, attempt), attempt.limit)
        finally:
            # Another attempt may follow, so this one must not send anything any more.
            attempt.abandon()

    def _exchange(self, session: requests.Session, request: Request, attempt: Attempt) -> Exchange:
        """Send the request once and read the whole response.

        :raises ResponseBodyError: the body is too large or has an encoding.
        """
        if not request.is_repeatable:
            # A connection that was kept alive may be dead. Then nobody knows whether the request arrived.
            session.close()
        with self._open_response(session, request) as response:
            # "identity" is requested. Without decompression a small body cannot become a large one.
            if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
                if 200 <= response.status_code < 300 and response.status_code != 204:
                    raise ResponseBodyError("the body has an encoding that was not asked for")
                # Here the status says all that is needed.
                return response.status_code, response.headers, b""
            content = bytearray()
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                content += chunk
                if len(content) > MAXIMUM_BODY:
                    raise ResponseBodyError(f"the body is larger than {MAXIMUM_BODY // 1024} KiB")
                # Write requests are interrupted by the signal, and their last bytes are worth having.
                if request.method == "GET" and time.monotonic() > attempt.give_up_at:
                    raise requests.Timeout
            # urllib3 1, which enterprise distributions still ship, accepts a body that is cut off.
            if response.raw.length_remaining:
                raise requests.ConnectionError("the body is shorter than announced")
            return response.status_code, response.headers, bytes(content)

    def _open_response(self, session: requests.Session, request: Request) -> requests.Response:
        """Send the request, and return the response with its body unread."""
        timeout = self._config.timeout
        return session.request(
            request.method,
            self._config.endpoint + request.path,
            data=request.body,
            headers=request.headers,
            timeout=(timeout, timeout),
            # With each request: a bundle named in the environment replaces the one of the session.
            verify=self._config.verify,
            proxies=self._proxies,
            allow_redirects=False,
            stream=True,
        )

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._config.api_key}"
        return request


class _DeadlineError(BaseException):
    """Not an Exception: a library would take one for a failure of its own, and go on."""


@contextmanager
def deadline(seconds: float, exception: type[Exception]) -> Iterator[None]:
    """Raise ``exception`` if the block takes longer than ``seconds``. In other threads than the main one: no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: object) -> None:
        raise _DeadlineError

    previous = signal.signal(signal.SIGALRM, interrupt)
    # Once, not at intervals: a second signal could come when nothing handles it any more.
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _DeadlineError:
        raise exception from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous or signal.SIG_DFL)
