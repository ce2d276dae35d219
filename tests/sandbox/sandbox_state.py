# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the sandbox, in memory, and the settings that it starts with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts import Account
from callers import Reseller
from catalog import Catalog
from faults import Fault
from rate_limit import RateLimit
from request_log import RequestLog


@dataclass(frozen=True)
class Settings:
    catalog: Any
    accounts: int
    rate_limit: int
    require_package: bool
    keys: tuple[str, ...]
    # How long the sandbox runs without a request, None for ever.
    idle_minutes: float | None


class SandboxState:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.reset()

    def all_accounts(self) -> list[Account]:
        return [account for reseller in self.resellers for account in reseller.accounts.all()]

    def reset(self) -> None:
        self.catalog = Catalog(self.settings.catalog)
        self.resellers = [Reseller(key) for key in self.settings.keys]
        for number, reseller in enumerate(self.resellers):
            prefix = f"{number}-" if number else ""
            reseller.accounts.add_examples(self.settings.accounts, self.catalog.packages, prefix)
        self.rate_limit = RateLimit(self.settings.rate_limit)
        self.faults: list[Fault] = []
        self.request_log = RequestLog()
