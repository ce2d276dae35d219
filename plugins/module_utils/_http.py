# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""One exchange with the API, bounded in time and size. Beside what explains its failures, the only user of requests."""

from __future__ import annotations

import platform
import queue
import sys
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import Connection, is_loopback
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code, SendGridError

try:
    import requests
    import urllib3
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

# Status, headers and body.
Exchange = tuple[int, Mapping[str, str], bytes]
# 20,000 offerings are 4 MB. Counted after decompression, so that a small answer cannot fill the memory.
MAXIMUM_BODY = 8 * 1024 * 1024
CHUNK = 16 * 1024


class Request:
    """A request to C(path) below the endpoint; C(body) is sent as JSON unless V(None), C(headers) beside the usual."""

    def __init__(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> None:
        self.method = method
        self.path = path
        self.body = body
        self.headers = headers
        # Not POST: the API knows no idempotency key, and an account that is created twice is billed twice.
        self.is_repeatable = method in ("GET", "PUT", "DELETE")


class NoAnswerError(Exception):
    """A request got no answer; C(code) and C(what) say why.

    C(reached) is whether it may have left this machine, C(passing) whether another attempt may do better.
    """

    def __init__(self, code: Code, what: str, reached: bool, passing: bool) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.reached = reached
        self.passing = passing


class Http:
    """Sends requests, each once.

    :raises SendGridError: C(missing_library).
    """

    def __init__(self, connection: Connection) -> None:
        if not HAS_REQUESTS:
            raise SendGridError(
                "missing_library",
                f"The Python library requests is missing for {sys.executable} on {platform.node()}. Install it there, "
                "or choose a Python that has it with ansible_python_interpreter.",
                library="requests",
                python=sys.executable,
            )
        self._connection = connection
        self._session = requests.Session()
        # A callable, because an entry in ~/.netrc replaces an Authorization header that is set in any other way.
        self._session.auth = self._sign
        # Some endpoints answer 406 without Accept.
        self._session.headers.update(
            {
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "reseller.sendgrid (Ansible collection)",
            }
        )
        # Redirects are not followed; requests would still read the body of one, whatever its size.
        self._session.get_redirect_target = lambda _response: None  # type: ignore[method-assign,assignment]
        host = urlsplit(connection.endpoint).hostname or ""
        # A proxy would look for this on its own machine, and be given the key in clear.
        self._proxies = {"no_proxy": host} if is_loopback(host) else {}
        # What they tell was chosen by the user or fails all the same, and workers of core 2.18 or older cannot print.
        urllib3.disable_warnings()

    def send(self, request: Request) -> Exchange:
        """Send the request once, and return the answer within C(timeout).

        :raises NoAnswerError: there is none.
        :raises ValueError: the body is too large, or not what was asked for.
        """
        try:
            return self._bounded(request)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            # Imported where it is needed, as all that only failures need: each worker compiles anew what it imports.
            from ansible_collections.reseller.sendgrid.plugins.module_utils._lost import explain, never_sent

            code, what = explain(error, self._connection.timeout)
            # A ValueError too is what requests refuses to send, such as to a proxy whose URL is wrong.
            passing = code in ("connection", "timeout") and not isinstance(error, ValueError)
            lost = NoAnswerError(code, what, not never_sent(error), passing)
        # Outside of the handler, as what happened may hold the password of a proxy.
        raise lost

    def _bounded(self, request: Request) -> Exchange:
        """Send the request once, and return the answer within C(timeout) or raise C(requests.Timeout).

        requests bounds single reads only: a silent name server, or headers and a body that arrive byte by byte, would
        take for ever. So a GET runs in a thread, which is left behind when it is late. All others do not: one that is
        late would change an account after it was reported as failed. They are interrupted, which only the main thread
        can be; modules run in it.
        """
        timeout = self._connection.timeout
        deadline = time.monotonic() + timeout
        if request.method != "GET":
            from ansible_collections.reseller.sendgrid.plugins.module_utils._alarm import alarm

            with alarm(timeout, requests.Timeout):
                return self._exchange(request, deadline)
        outcome: queue.SimpleQueue[Exchange | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put(self._exchange(request, deadline))
            except Exception as error:
                outcome.put(error)

        threading.Thread(target=run, daemon=True).start()
        try:
            result = outcome.get(timeout=timeout)
        except queue.Empty:
            raise requests.Timeout from None
        if isinstance(result, Exception):
            raise result
        return result

    def _exchange(self, request: Request, deadline: float) -> Exchange:
        """Send the request once and read the whole answer.

        :param deadline: of C(time.monotonic()); checked between reads of the body.
        :raises ValueError: the body is too large, or not what was asked for.
        """
        if not request.is_repeatable:
            # A connection kept alive may be dead already, and then nobody knows whether the request arrived.
            self._session.close()
        with self._sent(request) as response:
            content, unpacked = bytearray(), _unpacker(response.headers.get("Content-Encoding", "identity"))
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                content += unpacked(chunk, MAXIMUM_BODY + 1 - len(content))
                if len(content) > MAXIMUM_BODY:
                    raise ValueError(f"the body is larger than {MAXIMUM_BODY // 1024} KiB")
                # All others are interrupted in time, and what they have got by then is worth having.
                if request.method == "GET" and time.monotonic() > deadline:
                    raise requests.Timeout
            # urllib3 1, which enterprise distributions still ship, takes a part for the whole.
            if response.raw.length_remaining:
                raise requests.ConnectionError("the body is shorter than announced")
            return response.status_code, response.headers, bytes(content)

    def _sent(self, request: Request) -> requests.Response:
        """Send the request, and return the answer with its body unread."""
        timeout = self._connection.timeout
        try:
            return self._session.request(
                request.method,
                self._connection.endpoint + request.path,
                json=request.body,
                headers=request.headers,
                timeout=(timeout, timeout),
                # Given here, because a bundle named in the environment replaces the session's own.
                verify=self._connection.verify,
                proxies=self._proxies,
                allow_redirects=False,
                stream=True,
            )
        except TypeError as error:
            # What a proxy without a host leads to.
            raise requests.exceptions.InvalidProxyURL from error

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._connection.api_key}"
        return request


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return what unpacks a part of a body, given that part and how many bytes to return at most.

    Not left to urllib3: version 1 unpacks a whole part, however large it becomes, and as often as a header says.

    :raises ValueError: it has an encoding that was not asked for and is not known.
    """
    if encoding.strip().lower() in ("", "identity"):
        return lambda part, _limit: part
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise ValueError("the body has an encoding that was not asked for")
    packed = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def unpack(part: bytes, limit: int) -> bytes:
        try:
            return packed.decompress(part, limit)
        except zlib.error as error:
            raise ValueError(f"the body cannot be decompressed: {error}") from error

    return unpack
