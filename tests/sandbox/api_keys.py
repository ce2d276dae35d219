# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API keys of accounts, and the scopes that they can have."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

MAXIMUM_KEYS = 100
# The vendor's document shows these among the scopes of a key that was created without them.
AUTOMATIC = ("sender_verification_eligible", "2fa_required")
_CRUD = ("create", "delete", "read", "update")
# Some of those that the vendor lists.
SCOPES = (
    "mail.send",
    "mail_settings.read",
    "stats.read",
    "stats.global.read",
    "user.account.read",
    "user.credits.read",
    *(f"alerts.{verb}" for verb in _CRUD),
    *(f"api_keys.{verb}" for verb in _CRUD),
    *(f"asm.groups.{verb}" for verb in _CRUD),
    *(f"categories.{verb}" for verb in _CRUD),
    *(f"mail.batch.{verb}" for verb in _CRUD),
    *(f"suppression.{verb}" for verb in _CRUD),
    *(f"templates.{verb}" for verb in _CRUD),
    *(f"user.profile.{verb}" for verb in _CRUD),
    *(f"user.scheduled_sends.{verb}" for verb in _CRUD),
    *(f"user.webhooks.event.settings.{verb}" for verb in _CRUD),
    *(f"whitelabel.{verb}" for verb in _CRUD),
    *AUTOMATIC,
)


@dataclass
class ApiKey:
    """``scopes`` are those that were asked for, all of them if none were."""

    name: str
    scopes: list[str]
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    secret: str = ""

    def __post_init__(self) -> None:
        self.secret = self.secret or f"SG.{self.id}.{secrets.token_urlsafe(32)}"

    @property
    def all_scopes(self) -> list[str]:
        return list(dict.fromkeys([*self.scopes, *AUTOMATIC]))

    def summary(self) -> dict[str, str]:
        """Return the key as the list operation shows it."""
        return {"name": self.name, "api_key_id": self.id}

    def details(self) -> dict[str, object]:
        return {**self.summary(), "scopes": self.all_scopes}
