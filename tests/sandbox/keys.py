# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API keys the sandbox knows. They are computed, so that no secret scanner takes this file for a leak."""

from __future__ import annotations

import hmac


def _key(name: str, filler: str) -> str:
    return f"SG.{name.ljust(22, 'x')}.{filler * 43}"


RESELLER = _key("reseller", "s")
NOT_A_RESELLER = _key("not-a-reseller", "n")


def standing(authorization: str | None) -> int:
    """The status the API answers to these credentials, 200 if it would go on."""
    scheme, _space, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return 401
    presented = token.encode(errors="surrogateescape")
    if hmac.compare_digest(presented, RESELLER.encode()):
        return 200
    return 403 if hmac.compare_digest(presented, NOT_A_RESELLER.encode()) else 401
