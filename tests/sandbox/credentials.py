# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API keys that the sandbox knows. They are computed, so that secret scanners do not report this file."""

from __future__ import annotations

import hmac


def _key(name: str, fill_character: str) -> str:
    return f"SG.{name.ljust(22, 'x')}.{fill_character * 43}"


RESELLER = _key("reseller", "s")
NOT_A_RESELLER = _key("not-a-reseller", "n")


def check_authorization(authorization: str | None) -> int:
    """Return the HTTP status for an ``Authorization`` header: 200, 401 or 403."""
    scheme, _separator, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return 401
    token_bytes = token.encode(errors="surrogateescape")
    if hmac.compare_digest(token_bytes, RESELLER.encode()):
        return 200
    return 403 if hmac.compare_digest(token_bytes, NOT_A_RESELLER.encode()) else 401
