# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lookup that returns a constant catalog, to measure the cost that every lookup has."""

from __future__ import annotations

DOCUMENTATION = """
name: noop
short_description: Return a constant list
description: Returns a list in the shape of a catalog.
options:
  _terms:
    description: The number of entries.
    type: int
"""

from typing import Any

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": f"benchmark.package-{index}.v1",
                "type": "package",
                "quantity": 1,
                "entitlements": {"email_sends_max_monthly": index, "ip_count": 1, "users_max_total": 15},
            }
            for index in range(terms[0])
        ]
