# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The client of the Account Provisioning API: attempts, answers and failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import Connection
from ansible_collections.reseller.sendgrid.plugins.module_utils._decode import decode
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code, SendGridError, clean
from ansible_collections.reseller.sendgrid.plugins.module_utils._http import Http, NoAnswerError, Request

# What the API answers with. An undocumented one, such as a partial answer, promises nothing about the body.
SUCCESS = (200, 201, 204)


class Answer:
    """A successful answer after C(attempts) requests; C(data) is the decoded JSON, V(None) with status 204 and 303."""

    def __init__(self, request: Request, status: int, headers: Mapping[str, str], data: Any, attempts: int) -> None:
        self.request = request
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
        self._http = Http(connection)
        self._connection = connection
        self._clock = clock
        self._sleep = sleep

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
        request, uncertain = Request(method, path, body, headers), False
        for attempt in range(1, self._connection.retries + 2):
            answered: Mapping[str, str] = {}
            details: dict[str, Any] = {}
            status, reached = 0, True
            try:
                status, answered, content = self._http.send(request)
                if status in success:
                    return Answer(request, status, answered, decode(status, content, self._connection.api_key), attempt)
                code, what, details = self._describe(status, answered, content, 303 in success)
                again = status == 429 or (status in (502, 503, 504) and request.is_repeatable)
            except NoAnswerError as lost:
                code, what, reached = lost.code, lost.what, lost.reached
                again = lost.passing and (request.is_repeatable or not reached)
            except ValueError as error:
                code, what, again = "unexpected_response", str(error), False
                if status:
                    _code, answer, details = self._describe(status, answered, content, 303 in success)
                    what = f"{error}: {answer}"
            # Whatever comes of later attempts, this one may have done it.
            uncertain = uncertain or (method != "GET" and reached and _is_uncertain(code, status))
            if not again or attempt > self._connection.retries:
                break
            from ansible_collections.reseller.sendgrid.plugins.module_utils._retry import delay_before_retry

            longest = self._connection.retry_max_delay
            self._sleep(delay_before_retry(answered, status == 429, attempt, self._clock(), longest))
        raise self._failure(request, code, what, attempt, uncertain, **details)

    def _describe(
        self, status: int, headers: Mapping[str, str], content: bytes, hide_body: bool
    ) -> tuple[Code, str, dict[str, Any]]:
        # Imported here, as all that only failures need: each worker compiles anew what it imports.
        from ansible_collections.reseller.sendgrid.plugins.module_utils._failures import describe

        return describe(status, headers, content, self._connection.api_key, hide_body)

    def broken(self, answer: Answer, what: str, **details: Any) -> SendGridError:
        """Return the error for a successful answer that is not what the API promises; I(what) says how, as one line."""
        date = clean(answer.headers.get("Date", ""), self._connection.api_key) or None
        return self._failure(
            answer.request,
            "unexpected_response",
            what,
            answer.attempts,
            answer.request.method != "GET",
            **{"status": answer.status, "date": date, **details},
        )

    def _failure(
        self, request: Request, code: Code, what: str, attempts: int, uncertain: bool, **details: Any
    ) -> SendGridError:
        """Return the error for a request.

        :param what: what happened, as one line.
        :param uncertain: whether the API may have done what it was asked to do.
        """
        from ansible_collections.reseller.sendgrid.plugins.module_utils._failures import HINTS, LOOK

        hint = HINTS[code]
        if uncertain:
            hint = LOOK if code in ("rate_limited", "server_error") else f"{LOOK}. {hint}"
        tried = f" (after {attempts} attempts)" if attempts > 1 else ""
        message = f"{request.method} {self._connection.endpoint}{request.path}: {what}{tried}. {hint}."
        return SendGridError(
            code,
            clean(message, self._connection.api_key, 1500),
            **{"status": None, "errors": [], "excerpt": None, "date": None, **details},
            method=request.method,
            host=self._connection.host,
            path=clean(request.path, self._connection.api_key),
            attempts=attempts,
            uncertain=uncertain,
            hint=hint,
        )


def _is_uncertain(code: Code, status: int) -> bool:
    """Return whether the API may have carried out a request that failed with I(code) and I(status), 0 for no answer."""
    from ansible_collections.reseller.sendgrid.plugins.module_utils._failures import REFUSALS

    # TLS can break after the request too.
    if code in ("connection", "timeout", "tls", "server_error", "unexpected_response"):
        return True
    # Others, such as 408, come from whatever stands before the API.
    return status not in REFUSALS
