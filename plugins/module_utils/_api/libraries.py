# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The libraries that send requests. Where they cannot be imported, nothing but ``IMPORT_ERROR`` may be used."""

from __future__ import annotations

__all__ = ["IMPORT_ERROR", "HTTPAdapter", "requests", "urllib3"]

IMPORT_ERROR: BaseException | None = None
try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except KeyboardInterrupt:
    raise
except BaseException as error:
    # An update that was interrupted can raise anything, and a library in Rust raises what is no Exception.
    IMPORT_ERROR = error
    requests = urllib3 = None  # type: ignore[assignment]
    HTTPAdapter = object  # type: ignore[misc,assignment]
