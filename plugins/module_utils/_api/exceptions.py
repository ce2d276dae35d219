# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""From the exceptions of requests and urllib3 to a failure code: what is known of a request without a response."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator

from .._errors import Code
from .bundles import bundle_problem
from .connections import Attempt
from .libraries import requests, urllib3
from .proxies import Proxy

# Statuses that another attempt may not get.
TEMPORARY = (500, 502, 503, 504)
BUNDLE_HINT = "Correct it, or name another file or directory of CA certificates with ca_path"
NO_TLS_HINT = "What answers there does not speak TLS as expected: check region or api_endpoint, the port, and the proxy"
# By a part of what OpenSSL says of a certificate. Of all others, the authority is not trusted.
CERTIFICATE_HINTS = {
    "not yet valid": "Check the clock of the machine where this ran and, if it is right, who issued the certificate",
    "Missing ": "Have the certificate or its authority issued anew: newer Pythons demand that they follow RFC 5280",
}
PROXY_HINTS = {
    403: "Have the proxy allow the host",
    407: "Check the user and the password in {variable}, with all special characters percent-encoded",
}


class TransportError(Exception):
    """A request got no response; ``code`` and ``reason`` say why.

    :param may_have_been_sent: whether the request may have left this machine.
    :param retryable: whether another attempt may succeed.
    :param hint: what to do next, where more is known than the code says.
    """

    def __init__(
        self, code: Code, reason: str, may_have_been_sent: bool, retryable: bool, hint: str | None = None
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.may_have_been_sent = may_have_been_sent
        self.retryable = retryable
        self.hint = hint


def map_exception(error: Exception, attempt: Attempt, proxy: Proxy | None) -> TransportError:
    """Return the error for what a library has raised.

    :param proxy: the one for the endpoint.
    """
    code, reason, retryable, hint = _classify(error, attempt, proxy)
    return TransportError(code, reason, attempt.stage == "sent", retryable, hint)


def _classify(error: Exception, attempt: Attempt, proxy: Proxy | None) -> tuple[Code, str, bool, str | None]:
    """Return the failure code, the reason as one line, whether to try again, and what to do next."""
    causes = list(_causes(error))
    innermost = causes[-1]
    reason = _text_of(innermost, proxy)
    through, hint = "", None
    # A connection that is cut during the handshake is an SSLError too.
    cut = isinstance(innermost, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
    is_tls = not cut and any(isinstance(cause, (ssl.SSLError, requests.exceptions.SSLError)) for cause in causes)
    if proxy:
        through = f" through the proxy of the environment: {proxy}"
        problem = proxy.problem if attempt.stage in ("preparing", "resolving", "connecting") else None
        if problem := problem or (reason if _is_proxy_refused(causes, attempt, is_tls) else None):
            reason = f"the URL of the proxy in the environment cannot be used: {proxy}: {problem}"
            is_plain = "WRONG_VERSION" in problem
            fix = "Give http:// instead of https:// in {}" if is_plain else "Correct {}, or the proxy"
            return "connection", reason, False, fix.format(proxy.variable)
        if attempt.stage in ("resolving", "connecting", "tunnelling"):
            hint = f"Check the proxy, and its address in {proxy.variable}"
    # requests raises a plain OSError if there is no bundle.
    is_tls = is_tls or error.__class__ is OSError
    tls_hint = _tls_hint(innermost, reason)
    if is_tls and attempt.bundle and tls_hint != NO_TLS_HINT and (problem := bundle_problem(attempt.bundle)):
        return "tls", f"no trusted connection: '{attempt.bundle}' {problem}", False, BUNDLE_HINT
    if attempt.failed_addresses and attempt.stage == "connecting":
        if all(_is_late(failure) for _address, failure in attempt.failed_addresses):
            return "timeout", f"{_delay(attempt)}{through}", True, hint
        return "connection", f"no answer{through}: {_failures(attempt)}", True, hint
    if any(_is_late(cause) for cause in causes):
        return "timeout", f"{_delay(attempt)}{through}", True, hint
    # By its name, because PySocks may not be there.
    if proxy and type(innermost).__name__ == "SOCKS5AuthError":
        return "connection", f"no answer{through}: {reason}", False, PROXY_HINTS[407].format(variable=proxy.variable)
    if refusal := re.search(r"Tunnel connection failed: (\d{3})", str(innermost)):
        status = int(refusal[1])
        # Without the text of the proxy, which may repeat the password.
        reason = f"it refused to connect: {status} {http.client.responses.get(status, 'unknown status')}"
        if proxy and status in PROXY_HINTS:
            hint = PROXY_HINTS[status].format(variable=proxy.variable)
        return "connection", f"no answer{through}: {reason}", status in TEMPORARY, hint
    if is_tls:
        return "tls", f"no trusted connection: {reason}", False, tls_hint
    if isinstance(innermost, urllib3.exceptions.InvalidHeader):
        return "connection", f"the response is not valid HTTP: {reason}", True, None
    # A ValueError is a request that a library refuses to send.
    return "connection", f"no answer{through}: {reason}", not isinstance(error, ValueError), hint


def _text_of(error: BaseException, proxy: Proxy | None = None) -> str:
    """Return what ``error`` says, without what it may repeat of the user and the password of ``proxy``."""
    # Of OpenSSL, or of the kernel or the resolver: these never repeat anything.
    if fixed := getattr(error, "verify_message", None) or getattr(error, "strerror", None):
        return str(fixed)
    text = str(error).rstrip(".") or type(error).__name__
    return proxy.redact(text) if proxy else text


def _is_proxy_refused(causes: list[BaseException], attempt: Attempt, is_tls: bool) -> bool:
    """Return whether a library cannot use the proxy. The endpoint is checked, so it is not the cause."""
    if attempt.stage == "tunnelling" and is_tls:
        return True
    is_wrong = any(isinstance(cause, (ValueError, TypeError)) for cause in causes)
    return attempt.stage not in ("handshake", "sent") and is_wrong


def _tls_hint(innermost: BaseException, reason: str) -> str | None:
    if isinstance(innermost, ssl.SSLCertVerificationError):
        return next((hint for part, hint in CERTIFICATE_HINTS.items() if part in reason), None)
    return NO_TLS_HINT if getattr(innermost, "library", None) == "SSL" else None


def _is_late(error: BaseException) -> bool:
    # One with a number comes from the kernel, after a time of its own.
    late = isinstance(error, (TimeoutError, socket.timeout)) and error.errno is None
    return late or isinstance(error, requests.Timeout)


def _delay(attempt: Attempt) -> str:
    """Return what took too long, and how long that is."""
    limit, count = f"{attempt.limit:g} s", len(attempt.failed_addresses)
    if attempt.stage == "connecting" and count > 1:
        return f"no connection to any of {count} addresses within {attempt.share:.2g} s each"
    return {
        "preparing": f"nothing was sent within {limit}",
        "resolving": f"no name server told the address of the host within {limit}",
        "connecting": f"no connection within {limit}",
        "tunnelling": f"no connection to the host within {limit}",
        "handshake": f"no end of the TLS handshake within {limit}",
        "sent": f"there was no complete answer within {limit}",
    }[attempt.stage]


def _failures(attempt: Attempt) -> str:
    """Return why each address could not be used."""
    late = f"no connection within {attempt.share:.2g} s"
    reasons = [(address, late if _is_late(error) else _text_of(error)) for address, error in attempt.failed_addresses]
    return reasons[0][1] if len(reasons) == 1 else "; ".join(f"{address}: {reason}" for address, reason in reasons[:5])


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Return the error, its cause, and so on. urllib3 2 keeps what goes wrong behind a proxy in the arguments only."""
    while error is not None:
        yield error
        if isinstance(error, http.client.HTTPException):
            # It says what is wrong with a response. Its own cause is a detail, such as a number that is none.
            return
        context = None if error.__suppress_context__ else error.__context__
        given = (argument for argument in error.args if isinstance(argument, BaseException))
        error = error.__cause__ or context or next(given, None)
