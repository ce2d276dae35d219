# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What is known of a request that got no answer."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code

try:
    import requests
    import urllib3
except ImportError:
    # Whoever has not got them loses no request.
    pass


def explain(error: Exception, timeout: float) -> tuple[Code, str]:
    """Return the failure code and what happened, as one line.

    :param timeout: what the request was given, in seconds.
    """
    causes = list(_causes(error))
    # The second is what requests makes a lost connection of, if it happens amid the body.
    late = (requests.Timeout, urllib3.exceptions.ReadTimeoutError)
    if any(isinstance(cause, late) for cause in causes):
        return "timeout", f"there was no complete answer within {timeout:g} s"
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


def never_sent(error: Exception) -> bool:
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
