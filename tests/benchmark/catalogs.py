# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated catalogs of any size."""

from __future__ import annotations

from typing import Any

SMALL = 20


def offering_name(index: int) -> str:
    return f"benchmark.package-{index}.v1"


def api_response(size: int) -> dict[str, Any]:
    """Return the catalog as the API returns it."""
    return {
        "catalog": [
            {
                "offering": {key: entry[key] for key in ("name", "type", "quantity")},
                "entitlements": entry["entitlements"],
            }
            for entry in plugin_result(size)
        ]
    }


def plugin_result(size: int) -> list[dict[str, Any]]:
    """Return the catalog as the plugins return it."""
    return [
        {
            "name": offering_name(index),
            "type": "package",
            "quantity": 1,
            "entitlements": {"email_sends_max_monthly": index, "ip_count": 1, "users_max_total": 15},
        }
        for index in range(size)
    ]
