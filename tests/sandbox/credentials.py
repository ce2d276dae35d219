# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API keys that the sandbox knows. They are computed, so that secret scanners do not report this file."""

from __future__ import annotations


def _key(name: str, fill_character: str) -> str:
    return f"SG.{name.ljust(22, 'x')}.{fill_character * 43}"


RESELLER = _key("reseller", "s")
NOT_A_RESELLER = _key("not-a-reseller", "n")


def read_bearer_token(authorization: str | None) -> str | None:
    """Return the key in an ``Authorization`` header, ``None`` if there is none."""
    scheme, _separator, token = (authorization or "").partition(" ")
    return token if scheme.lower() == "bearer" else None
