# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the task of ``sendgrid_accounts`` inside the test, against a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.accounts_task import provision_all
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.options import OPTIONS_OF_ALL
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

SMALL, LARGE, IPS = "milne.ei.pro-100k.v1", "milne.ei.pro-300k.v1", "milne.x.ip.v2"
TWO_IPS = {"name": IPS, "quantity": 2}


def package(name: str) -> dict[str, Any]:
    return {"name": name, "type": "package", "quantity": 1}


def ips(quantity: int) -> dict[str, Any]:
    return {"name": IPS, "type": "addon", "quantity": quantity}


def customer(number: int, *offerings: Any, **row: Any) -> dict[str, Any]:
    profile = {"company_name": f"Customer {number}", "email": f"owner-{number}@example.com"}
    return {"profile": profile, "offerings": list(offerings) or [SMALL], **row}


class Task:
    """A task of ``sendgrid_accounts``. ``run`` fills ``result``, ``warnings``, ``diffs`` and ``slept``, in seconds.

    :param before_apply: is called when the plan is made, before it is carried out.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *accounts: Any,
        check_mode: bool = False,
        retries: int = 0,
        before_apply: Callable[[Task], object] | None = None,
        **options: Any,
    ) -> None:
        defaults = {name: spec.get("default") for name, spec in OPTIONS_OF_ALL.items()}
        given = {"api_key": sandbox.key, "cache_ttl": 0, "cache_dir": sandbox.cache_dir, "accounts": list(accounts)}
        self.options = {**defaults, **given, **options}
        self.check_mode = check_mode
        self.result: dict[str, Any] = {}
        self.warnings: list[str] = []
        self.slept: list[float] = []
        self._config = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, retries, 0.0, True)
        self._before_apply = before_apply

    def run(self) -> Task:
        self.diffs = provision_all(self._create_api, self._config, self._option, self.warnings.append, self.result)
        return self

    def _create_api(self) -> AccountsApi:
        client = Client(self._config, sleep=self.slept.append)
        return AccountsApi(client, self.check_mode, sleep=lambda _seconds: None)

    def _option(self, name: str) -> Any:
        # The approval is the last thing that is checked.
        if name == "plan_id" and self._before_apply:
            before_apply, self._before_apply = self._before_apply, None
            before_apply(self)
        return self.options[name]

    def get_failure(self) -> SendGridError:
        with pytest.raises(SendGridError) as failure:
            self.run()
        assert failure.value.message.isprintable()
        return failure.value

    def run_anyway(self) -> Task:
        """Run, and expect that it fails at most because of single rows."""
        try:
            return self.run()
        except SendGridError as error:
            assert error.code == "accounts_failed", error.message
            return self

    def ids(self) -> list[str]:
        return [account["account_id"] for account in self.result["accounts"]]

    def actions(self) -> list[str]:
        return [account["action"] for account in self.result["accounts"]]

    def codes(self) -> list[str | None]:
        return [account["failure"] and account["failure"]["code"] for account in self.result["accounts"]]


def stored(sandbox: Sandbox) -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Return the state and the offerings of each account by its email."""
    accounts = sandbox.control("GET", "/accounts")
    return {one["profile"]["email"]: (one["state"], one["offerings"]) for one in accounts}


def writes(sandbox: Sandbox) -> list[str]:
    return [f"{one['method']} {one['path'].split('/')[-1]}" for one in sandbox.requests() if one["method"] != "GET"]


def seed(sandbox: Sandbox, *accounts: dict[str, Any]) -> list[str]:
    """Create the accounts of rows, and forget the requests for that."""
    return [str(one["account_id"]) for one in Task(sandbox, *accounts).run().result["accounts"]]
