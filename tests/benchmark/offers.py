# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Catalogs of any size, made up."""

from __future__ import annotations

from typing import Any

SMALL = 20


def name(index: int) -> str:
    return f"benchmark.package-{index}.v1"


def document(size: int) -> dict[str, Any]:
    """What the API answers."""
    return {
        "catalog": [
            {
                "offering": {key: entry[key] for key in ("name", "type", "quantity")},
                "entitlements": entry["entitlements"],
            }
            for entry in offerings(size)
        ]
    }


def offerings(size: int) -> list[dict[str, Any]]:
    """What the plugins return."""
    return [
        {
            "name": name(index),
            "type": "package",
            "quantity": 1,
            "entitlements": {"email_sends_max_monthly": index, "ip_count": 1, "users_max_total": 15},
        }
        for index in range(size)
    ]
