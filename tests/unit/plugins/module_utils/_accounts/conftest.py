# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for tests of the operations on accounts against the sandbox."""

from __future__ import annotations

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.tests.support.accounts_helpers import make_api
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


@pytest.fixture
def accounts(sandbox: Sandbox) -> AccountsApi:
    return make_api(sandbox)
