# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the API that sends requests unchanged and returns raw responses."""

from __future__ import annotations

from typing import Any

import requests
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


class Client:
    """Sends requests to paths below ``/v3/partners``, on one connection while the sandbox keeps it open."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.session = requests.Session()
        # A proxy or netrc file of the machine must not change requests.
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {sandbox.key}"
        self._base_url = f"{sandbox.endpoint}/v3/partners"

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(
            method, f"{self._base_url}{path}", **{"timeout": 10, "allow_redirects": False, **options}
        )

    def create(self, *offerings: dict[str, Any], **options: Any) -> str:
        """Create an account, with a free package by default, and return its id."""
        order = list(offerings) or [{"name": "org.ei.free.v1", "type": "package"}]
        response = self("POST", "/accounts", json={"offerings": order}, **options)
        assert response.status_code == 201, response.text
        return str(response.json()["account_id"])
