# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The client of the Account Provisioning API: attempts, waits between them, and the messages of failures."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import Code, SendGridError
from .._text import clean
from .config import ClientConfig
from .exceptions import TEMPORARY, TransportError
from .pacing import Pacing
from .responses import REFUSALS, decode, parse_error, seconds_from_now
from .transport import Request, ResponseBodyError, Transport

SUCCESS = (200, 201, 204)
# The last sentence of a message: what to do next.
HINTS: dict[Code, str] = {
    "bad_request": "Correct what the API names",
    "unauthorized": "Check that the API key is complete and not revoked, and has full access to the reseller's account",
    "forbidden": "The key was accepted, but its account may not do this: it must be a reseller's, and not be blocked",
    "not_found": "Check region or api_endpoint and, if the path names an account, its id",
    "region_restricted": "Data residency forbids it here: try the other region (global or eu)",
    "rate_limited": "Try again later, run fewer hosts at once, or raise retries or retry_max_delay",
    "server_error": "Try again later; if it lasts, give failure.details to the vendor's support",
    "timeout": "Check the network of the machine where this ran, or raise timeout",
    "connection": "Check region or api_endpoint, and DNS, firewall and proxy on the machine where this ran",
    "tls": "Trust the certificate of the host, or name the bundle that does with ca_path",
    "unexpected_response": "Check that region or api_endpoint names the SendGrid API, and that no proxy answers for it",
}
# The same for a request on behalf of a customer's account. The vendor does not document which of these statuses an
# account gives that is banned, deleted or another reseller's.
ON_BEHALF_HINT = (
    "Check that the account exists, is not banned and is one of this reseller's customers, and that the API key of the "
    "reseller has full access"
)
ON_BEHALF_CODES: tuple[Code, ...] = ("unauthorized", "forbidden", "not_found")
# Statuses that the API does not have: something in front of it answers.
STATUS_HINTS = {
    407: "A proxy answered instead of the API, and wants a user and a password",
    408: "What answered did not receive the request in time: check the network of the machine where this ran",
    511: "The network of the machine where this ran demands a sign-in before it lets a request through",
}
# The shortest wait after 429 before a request that creates something is sent again, in seconds.
CREATION_DELAY = 5
# Replaces hints to try again, where a write request may have been carried out.
UNCERTAIN_HINT = "The API may have carried it out all the same, so look before you send it again"


class Response(NamedTuple):
    """A successful response.

    :param data: the decoded JSON, ``None`` with status 204 and 303.
    :param attempts: how many requests it took.
    """

    request: Request
    status: int
    headers: Mapping[str, str]
    data: Any
    attempts: int


class Client:
    """Sends requests, retries where that is safe, and turns every failure into a ``SendGridError``.

    :param clock: returns seconds since the epoch.
    :param sleep: takes seconds.
    :param pacing: shared by clients that send requests at the same time; by default the client has its own.
    :raises SendGridError: ``missing_library``.
    """

    def __init__(
        self,
        config: ClientConfig,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        pacing: Pacing | None = None,
    ) -> None:
        self._transport = Transport(config)
        self._pacing = pacing or Pacing(config.retry_max_delay, clock, sleep)
        self._config = config
        self._clock = clock
        self._sleep = sleep

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        success: Sequence[int] = SUCCESS,
        on_behalf_of: str = "",
        is_secret: bool = False,
        before_attempt: Callable[[bool], None] | None = None,
    ) -> Response:
        """Send a request and return its response.

        There are at most 1 + ``retries`` attempts, each bounded by ``timeout``. 429 is retried for every method. It is
        no proof that the API has not carried out the request: where that matters, use ``before_attempt`` to look. 502,
        503, 504, lost connections and timeouts are retried only for methods that can be repeated, or if the request
        cannot have been sent; 500 only for GET.

        :param path: below the endpoint, such as ``/v3/partners/offerings``.
        :param body: sent as JSON unless ``None``.
        :param headers: in addition to those that every request has.
        :param on_behalf_of: see ``Request``, as for ``is_secret``.
        :param before_attempt: is called before each attempt, and told whether the API has refused an earlier one with
            429. Such a refusal is waited out for 5 s or more then. An error that it raises ends the request.
        :raises SendGridError: for every status outside ``success``, and where there is no response.
        :raises ValueError: the body cannot be JSON, or the request would act on the reseller's own account.
        """
        request = Request(method, path, body, headers, on_behalf_of, is_secret)
        self._pacing.wait(request)
        try:
            return self._send(request, success, before_attempt)
        finally:
            self._pacing.finish(request)

    def _send(
        self, request: Request, success: Sequence[int], before_attempt: Callable[[bool], None] | None
    ) -> Response:
        uncertain, is_limited, hide_body = False, False, request.is_secret or 303 in success
        for attempt in range(1, self._config.retries + 2):
            if before_attempt:
                # It may send requests of its own.
                self._pacing.finish(request)
                before_attempt(is_limited)
            received: Mapping[str, str] = {}
            details: dict[str, Any] = {}
            status, may_have_been_sent, hint = 0, True, None
            try:
                status, received, content = self._transport.send(request)
                self._pacing.note(request, status, received)
                if status in success:
                    return Response(request, status, received, decode(status, content, self._config.api_key), attempt)
                code, reason, details = parse_error(status, received, content, self._config.api_key, hide_body)
                hint = STATUS_HINTS.get(status)
                is_temporary = status in TEMPORARY and (status != 500 or request.method == "GET")
                should_retry = status == 429 or (is_temporary and request.is_repeatable)
            except TransportError as error:
                code, reason, hint, may_have_been_sent = error.code, error.reason, error.hint, error.may_have_been_sent
                should_retry = error.retryable and (request.is_repeatable or not may_have_been_sent)
            except (ValueError, ResponseBodyError) as error:
                code, reason, should_retry = "unexpected_response", str(error), False
                if status:
                    _code, shown, details = parse_error(status, received, content, self._config.api_key, hide_body)
                    reason = f"{error}: {shown}"
            # Stays true whatever later attempts return.
            uncertain = uncertain or (request.method != "GET" and may_have_been_sent and _is_uncertain(code, status))
            if not should_retry or attempt > self._config.retries:
                break
            # Whatever later attempts return, what that one may have created is still there.
            is_limited = is_limited or status == 429
            longest = self._config.retry_max_delay
            delay = delay_before_retry(received, status == 429, attempt, self._clock(), longest)
            self._sleep(max(delay, CREATION_DELAY) if before_attempt and status == 429 else delay)
        raise self._failure(request, code, reason, attempt, uncertain, hint, **details)

    def unexpected_response(self, response: Response, reason: str, **details: Any) -> SendGridError:
        """Return the error for a successful response that breaks a promise of the API.

        :param reason: which one, as one line.
        """
        date = clean(response.headers.get("Date", ""), self._config.api_key) or None
        return self._failure(
            response.request,
            "unexpected_response",
            reason,
            response.attempts,
            uncertain=response.request.method != "GET",
            hint=None,
            **{"status": response.status, "date": date, **details},
        )

    def _failure(
        self,
        request: Request,
        code: Code,
        reason: str,
        attempts: int,
        uncertain: bool,
        hint: str | None,
        **details: Any,
    ) -> SendGridError:
        """Return the error for a request.

        :param reason: what happened, as one line.
        :param uncertain: whether the API may have carried out the request.
        :param hint: what to do next, if not what the code says.
        """
        tells_to_try_again = not hint and code in ("rate_limited", "server_error")
        hint = hint or (ON_BEHALF_HINT if request.on_behalf_of and code in ON_BEHALF_CODES else HINTS[code])
        if uncertain:
            hint = UNCERTAIN_HINT if tells_to_try_again else f"{UNCERTAIN_HINT}. {hint}"
        tried = f" (after {attempts} attempts)" if attempts > 1 else ""
        account = f" on behalf of the account {request.on_behalf_of}" if request.on_behalf_of else ""
        message = f"{request.method} {self._config.endpoint}{request.path}{account}: {reason}{tried}. {hint}."
        return SendGridError(
            code,
            clean(message, self._config.api_key, 1500),
            **{"status": None, "errors": [], "excerpt": None, "date": None, **details},
            method=request.method,
            host=self._config.host,
            path=clean(request.path, self._config.api_key),
            attempts=attempts,
            uncertain=uncertain,
            hint=hint,
        )


def _is_uncertain(code: Code, status: int) -> bool:
    """Return whether the API may have carried out a failed request.

    :param status: of the response, 0 if there was none.
    """
    # TLS can fail after the request was sent, too.
    if code in ("connection", "timeout", "tls", "server_error", "unexpected_response"):
        return True
    # A status such as 408 comes from whatever stands before the API.
    return status not in REFUSALS


def delay_before_retry(headers: Mapping[str, str], limited: bool, attempt: int, now: float, longest: float) -> float:
    """Return how many seconds to wait before the next attempt, between 0 and ``longest``.

    ``Retry-After``, which the API does not document, comes first, then ``X-RateLimit-Reset``. If neither has a usable
    value, the wait starts at 1 s and doubles. Jitter separates hosts that failed together. It shortens a wait that the
    server asks for only if that is longer than ``longest``.

    :param headers: of the response, without regard to case; empty if there was none.
    :param limited: whether the status was 429; the API sends ``X-RateLimit-Reset`` with all other statuses too.
    :param attempt: the number of the last attempt, from 1.
    :param now: seconds since the epoch.
    """
    requested = seconds_from_now(headers.get("Retry-After"), now)
    if limited and not requested:
        requested = seconds_from_now(headers.get("X-RateLimit-Reset"), now)
    if requested:
        is_short = requested <= longest
        return min(requested + random.uniform(0, 1), longest) if is_short else longest * random.uniform(0.8, 1)
    return min(2.0 ** min(attempt - 1, 16) * random.uniform(0.5, 1), longest)
