# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers for tests of the operations on accounts against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

PATH = "/v3/partners/accounts"


def make_api(sandbox: Sandbox, check_mode: bool = False, retries: int = 0) -> AccountsApi:
    settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, retries, 0.0, True)
    return AccountsApi(Client(settings, sleep=lambda _seconds: None), check_mode)


def get_failure(call: Callable[[], object]) -> SendGridError:
    with pytest.raises(SendGridError) as failure:
        call()
    assert failure.value.message.isprintable()
    return failure.value


def respond(sandbox: Sandbox, document: Any, method: str = "GET", path: str = PATH, **more: Any) -> None:
    sandbox.fault(**{"method": method, "path": path, "status": 200, "body": json.dumps(document), **more})


def paths_of(sandbox: Sandbox, method: str) -> list[str]:
    return [request["path"] for request in sandbox.requests() if request["method"] == method]
