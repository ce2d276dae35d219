# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""From the exceptions of requests and urllib3 to a failure code: what is known of a request without a response."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from .._errors import Code

try:
    import requests
    import urllib3
except ImportError:
    # Without them no request is sent, so nothing here is called.
    pass


class TransportError(Exception):
    """A request got no response; ``code`` and ``reason`` say why.

    :param may_have_been_sent: whether the request may have left this machine.
    :param retryable: whether another attempt may succeed.
    """

    def __init__(self, code: Code, reason: str, may_have_been_sent: bool, retryable: bool) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.may_have_been_sent = may_have_been_sent
        self.retryable = retryable


def map_exception(error: Exception, timeout: float) -> TransportError:
    """Return the error for what ``requests`` has raised.

    :param timeout: of the request, in seconds.
    """
    code, reason = _classify(error, timeout)
    # A ValueError is a request that requests refuses to send, for example because the URL of the proxy is wrong.
    retryable = code in ("connection", "timeout") and not isinstance(error, ValueError)
    return TransportError(code, reason, not _never_sent(error), retryable)


def _classify(error: Exception, timeout: float) -> tuple[Code, str]:
    """Return the failure code and the reason, as one line."""
    causes = list(_causes(error))
    # requests turns the second into a ConnectionError if it happens in the middle of the body.
    late = (requests.Timeout, urllib3.exceptions.ReadTimeoutError)
    if any(isinstance(cause, late) for cause in causes):
        return "timeout", f"there was no complete answer within {timeout:g} s"
    if isinstance(error, ValueError):
        # The endpoint is checked, so it is the URL of the proxy. It may hold a password, so it is not shown.
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


def _never_sent(error: Exception) -> bool:
    """Return whether the request cannot have left this machine."""
    causes = list(_causes(error))
    unsent = (
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
        ssl.SSLCertVerificationError,
    )
    # requests raises a plain OSError if the bundle is missing, OpenSSL one of the library X509 if it is invalid.
    unusable_bundle = error.__class__ is OSError or getattr(causes[-1], "library", None) == "X509"
    return unusable_bundle or any(isinstance(cause, unsent) for cause in causes)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
