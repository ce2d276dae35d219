# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the sandbox, in memory, and the settings that it starts with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts import Accounts
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


class SandboxState:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.reset()

    def reset(self) -> None:
        self.catalog = Catalog(self.settings.catalog)
        self.accounts = Accounts()
        self.accounts.add_examples(self.settings.accounts, self.catalog.packages)
        self.rate_limit = RateLimit(self.settings.rate_limit)
        self.faults: list[Fault] = []
        self.request_log = RequestLog()
