# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that changes while the sandbox runs, and how it was at the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts import Accounts
from catalog import Catalog
from faults import Fault
from journal import Journal
from ratelimit import RateLimit


@dataclass(frozen=True)
class Settings:
    catalog: Any
    accounts: int
    rate_limit: int
    require_package: bool


class World:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.reset()

    def reset(self) -> None:
        self.catalog = Catalog(self.settings.catalog)
        self.accounts = Accounts()
        self.accounts.make_up(self.settings.accounts, self.catalog.packages)
        self.rate_limit = RateLimit(self.settings.rate_limit)
        self.faults: list[Fault] = []
        self.journal = Journal()
