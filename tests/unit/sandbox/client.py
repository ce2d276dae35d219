# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A minimal client of the API."""

from __future__ import annotations

from typing import Any

import requests
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


class Client:
    """Sends requests to paths below ``/v3/partners``, on one connection until the sandbox closes it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.session = requests.Session()
        # A proxy or a netrc file of this machine must not affect the tests.
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {sandbox.key}"
        self._base = f"{sandbox.endpoint}/v3/partners"

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(
            method, f"{self._base}{path}", **{"timeout": 10, "allow_redirects": False, **options}
        )

    def create(self, *offerings: dict[str, Any], **options: Any) -> str:
        order = list(offerings) or [{"name": "org.ei.free.v1", "type": "package"}]
        response = self("POST", "/accounts", json={"offerings": order}, **options)
        assert response.status_code == 201, response.text
        return str(response.json()["account_id"])
