# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The HTTP client of the Account Provisioning API, and the only file that imports requests."""

from __future__ import annotations

import json
import platform
import queue
import signal
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import Connection, is_loopback
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import MASK, SendGridError, clean

try:
    import requests
    import urllib3
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

Exchange = tuple[int, Mapping[str, str], bytes]
# 20,000 offerings are 4 MB. Counted after decompression, so that a small answer cannot fill the memory.
MAXIMUM_BODY = 8 * 1024 * 1024
CHUNK = 16 * 1024
# A catalog has five. Core fails somewhere above 300, in ways that differ between its versions and tell nothing.
MAXIMUM_DEPTH = 64
# What the API answers with. An undocumented one, such as a partial answer, promises nothing about the body.
SUCCESS = (200, 201, 204)
# Not POST: the API knows no idempotency key, and an account that is created twice is billed twice.
REPEATABLE = ("GET", "PUT", "DELETE")


class Answer:
    """A successful answer after C(attempts) requests; C(data) is the decoded JSON, V(None) with status 204 and 303."""

    def __init__(
        self, method: str, path: str, status: int, headers: Mapping[str, str], data: Any, attempts: int
    ) -> None:
        self.method = method
        self.path = path
        self.status = status
        self.headers = headers
        self.data = data
        self.attempts = attempts


class Client:
    """Sends requests, again where that is safe, and turns every failure into a C(SendGridError).

    :param clock: returns seconds since the epoch.
    :param sleep: takes seconds.
    :raises SendGridError: C(missing_library).
    """

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not HAS_REQUESTS:
            raise SendGridError(
                "missing_library",
                f"The Python library requests is missing for {sys.executable} on {platform.node()}. Install it there, "
                "or choose a Python that has it with ansible_python_interpreter.",
                library="requests",
                python=sys.executable,
            )
        self._connection = connection
        self._clock = clock
        self._sleep = sleep
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

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        success: Sequence[int] = SUCCESS,
    ) -> Answer:
        """Send a request and return its answer.

        There are at most 1 + C(retries) attempts, each bounded by C(timeout). 429 is tried again for every method,
        since the API has done nothing then; 502, 503, 504, lost connections and timeouts only for methods that can be
        repeated.

        :param path: below the endpoint, such as C(/v3/partners/offerings).
        :param body: sent as JSON unless V(None).
        :param headers: beside those that every request has.
        :raises SendGridError: for every answer but I(success), and where there is none.
        """
        uncertain = False
        for attempt in range(1, self._connection.retries + 2):
            answered: Mapping[str, str] = {}
            details: dict[str, Any] = {}
            status, reached = 0, True
            try:
                status, answered, content = self._bounded(method, path, body, headers)
                if status in success:
                    data = decode(status, content, self._connection.api_key)
                    return Answer(method, path, status, answered, data, attempt)
                code, what, details = self._describe(status, answered, content, 303 in success)
                again = status == 429 or (status in (502, 503, 504) and method in REPEATABLE)
            except (OSError, urllib3.exceptions.HTTPError) as error:
                code, what = self._explain(error)
                reached = not _never_sent(error)
                # A ValueError too is what requests refuses to send, such as to a proxy whose URL is wrong.
                again = code in ("connection", "timeout") and not isinstance(error, ValueError)
                again = again and (method in REPEATABLE or not reached)
            except ValueError as error:
                code, what, again = "unexpected_response", str(error), False
                if status:
                    _code, answer, details = self._describe(status, answered, content, 303 in success)
                    what = f"{error}: {answer}"
            # Whatever comes of later attempts, this one may have done it.
            uncertain = uncertain or (method != "GET" and reached and is_uncertain(code, status))
            if not again or attempt > self._connection.retries:
                break
            from ansible_collections.reseller.sendgrid.plugins.module_utils._retry import delay_before_retry

            longest = self._connection.retry_max_delay
            self._sleep(delay_before_retry(answered, status == 429, attempt, self._clock(), longest))
        raise self.failure(code, what, method, path, attempt, uncertain, **details)

    def _bounded(self, method: str, path: str, body: Any, headers: Mapping[str, str] | None) -> Exchange:
        """Send the request once, and return the answer within C(timeout) or raise C(requests.Timeout).

        requests bounds single reads only: a silent name server, or headers and a body that arrive byte by byte, would
        take for ever. So a GET runs in a thread, which is left behind when it is late. All others do not: one that is
        late would change an account after it was reported as failed. They are interrupted, which only the main thread
        can be; modules run in it.
        """
        timeout = self._connection.timeout
        deadline = time.monotonic() + timeout
        if method != "GET":
            with _alarm(timeout):
                return self._exchange(method, path, body, headers, deadline)
        outcome: queue.SimpleQueue[Exchange | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put(self._exchange(method, path, body, headers, deadline))
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

    def _exchange(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None, deadline: float
    ) -> Exchange:
        """Send the request once and read the whole answer.

        :param deadline: of C(time.monotonic()); checked between reads of the body.
        :raises ValueError: the body is too large, or not what was asked for.
        """
        if method not in REPEATABLE:
            # A connection kept alive may be dead already, and then nobody knows whether the request arrived.
            self._session.close()
        with self._sent(method, path, body, headers) as response:
            content, unpacked = bytearray(), _unpacker(response.headers.get("Content-Encoding", "identity"))
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                content += unpacked(chunk, MAXIMUM_BODY + 1 - len(content))
                if len(content) > MAXIMUM_BODY:
                    raise ValueError(f"the body is larger than {MAXIMUM_BODY // 1024} KiB")
                # All others are interrupted in time, and what they have got by then is worth having.
                if method == "GET" and time.monotonic() > deadline:
                    raise requests.Timeout
            # urllib3 1, which enterprise distributions still ship, takes a part for the whole.
            if response.raw.length_remaining:
                raise requests.ConnectionError("the body is shorter than announced")
            return response.status_code, response.headers, bytes(content)

    def _sent(self, method: str, path: str, body: Any, headers: Mapping[str, str] | None) -> requests.Response:
        """Send the request, and return the answer with its body unread."""
        timeout = self._connection.timeout
        try:
            return self._session.request(
                method,
                self._connection.endpoint + path,
                json=body,
                headers=headers,
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

    def _describe(
        self, status: int, headers: Mapping[str, str], content: bytes, is_secret: bool
    ) -> tuple[str, str, dict[str, Any]]:
        # Imported where it is needed, as all that only failures need: each worker compiles anew what it imports.
        from ansible_collections.reseller.sendgrid.plugins.module_utils._failures import describe

        return describe(status, headers, content, self._connection.api_key, is_secret)

    def _explain(self, error: Exception) -> tuple[str, str]:
        """Return the code and the description of a failure to get any answer."""
        causes = list(_causes(error))
        # The second is what requests makes a lost connection of, if it happens amid the body.
        late = (requests.Timeout, urllib3.exceptions.ReadTimeoutError)
        if any(isinstance(cause, late) for cause in causes):
            return "timeout", f"there was no complete answer within {self._connection.timeout:g} s"
        if isinstance(error, ValueError):
            # Our own URL is checked. That of the proxy is not repeated, since it may hold a password.
            return "connection", "the URL of the proxy in the environment cannot be used"
        innermost = causes[-1]
        reason = getattr(innermost, "verify_message", None) or getattr(innermost, "strerror", None) or str(innermost)
        unusable_bundle = isinstance(error, OSError) and not isinstance(error, requests.RequestException)
        # A connection that is cut during the handshake is an SSLError too.
        cut = isinstance(innermost, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
        if unusable_bundle or (isinstance(error, requests.exceptions.SSLError) and not cut):
            return "tls", f"no trusted connection: {reason}"
        proxied = isinstance(error, requests.exceptions.ProxyError)
        return "connection", f"no answer{' through the proxy of the environment' if proxied else ''}: {reason}"

    def broken(self, answer: Answer, what: str, **details: Any) -> SendGridError:
        """Return the error for a successful answer that is not what the API promises; I(what) says how, as one line."""
        date = clean(answer.headers.get("Date", ""), self._connection.api_key) or None
        return self.failure(
            "unexpected_response",
            what,
            answer.method,
            answer.path,
            answer.attempts,
            answer.method != "GET",
            **{"status": answer.status, "date": date, **details},
        )

    def failure(
        self, code: str, what: str, method: str, path: str, attempts: int, uncertain: bool, **details: Any
    ) -> SendGridError:
        """Return the error for a request.

        :param what: what happened, as one line.
        :param uncertain: whether the API may have done what it was asked to do.
        """
        from ansible_collections.reseller.sendgrid.plugins.module_utils._failures import HINTS

        hint = HINTS[code]
        if uncertain:
            hint = f"The API may have carried it out all the same, so look before you send it again. {hint}"
        tried = f" (after {attempts} attempts)" if attempts > 1 else ""
        message = f"{method} {self._connection.endpoint}{path}: {what}{tried}. {hint}."
        return SendGridError(
            code,
            clean(message, self._connection.api_key, 1500),
            **{"status": None, "errors": [], "excerpt": None, "date": None, **details},
            method=method,
            host=self._connection.host,
            path=clean(path, self._connection.api_key),
            attempts=attempts,
            uncertain=uncertain,
            hint=hint,
        )


class _LateError(Exception):
    """Not an OSError: urllib3 takes one for an address that does not answer, and goes on to the next."""


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise C(requests.Timeout) in the main thread if what follows takes longer than I(seconds)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise _LateError

    former = signal.signal(signal.SIGALRM, ring)
    # Once: one that rings again could do so where nobody expects it.
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _LateError:
        raise requests.Timeout from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former or signal.SIG_DFL)


def is_uncertain(code: str, status: int) -> bool:
    """Return whether the API may have carried out a request that failed with I(code) and I(status), 0 for no answer."""
    # TLS can break after the request too.
    if code in ("connection", "timeout", "tls", "server_error", "unexpected_response"):
        return True
    # Others, such as 408, come from whatever stands before the API. With these it says itself that it has refused.
    return status not in (400, 401, 403, 404, 406, 429, 451)


def _never_sent(error: Exception) -> bool:
    """Return whether the request cannot have left this machine."""
    causes = list(_causes(error))
    unsent = (
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
        ssl.SSLCertVerificationError,
    )
    # What requests raises for a bundle that is missing, and OpenSSL for one that is none.
    unusable_bundle = error.__class__ is OSError or getattr(causes[-1], "library", None) == "X509"
    return unusable_bundle or any(isinstance(cause, unsent) for cause in causes)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


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


def decode(status: int, content: bytes, secret: str) -> Any:
    """Return the JSON document in the body of a successful answer, V(None) where there is none by design (204).

    So it is with 303, whose body may repeat where it leads to. Where the document holds I(secret), a mask stands in its
    place: nobody looks for a key in a catalog.

    :raises ValueError: it is no JSON that can be passed on.
    """
    if status in (204, 303):
        return None
    try:
        document = json.loads(content, parse_constant=_no_constant)
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        # JSON can name half of a character, which core 2.19 and newer refuse without saying where it is.
        text.encode()
        # Core 2.19 and newer read an object with this key as one of their own types, or fail without a word about it.
        marked = '"__ansible_type": ' in text
        deep = _is_deep(document)
    except (ValueError, RecursionError):
        raise ValueError("not the JSON that was asked for") from None
    if marked:
        raise ValueError("it has a key that Ansible keeps for itself, __ansible_type")
    if deep:
        raise ValueError(f"it is nested more than {MAXIMUM_DEPTH} levels deep")
    escaped = json.dumps(secret)[1:-1]
    return json.loads(text.replace(escaped, MASK)) if escaped in text else document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_deep(document: Any) -> bool:
    level = [document]
    for _depth in range(MAXIMUM_DEPTH):
        parents = [value for value in level if isinstance(value, (dict, list))]
        level = [child for parent in parents for child in (parent.values() if isinstance(parent, dict) else parent)]
    return any(isinstance(value, (dict, list)) for value in level)
