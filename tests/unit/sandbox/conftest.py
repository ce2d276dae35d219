# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for tests of the sandbox itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client


@pytest.fixture(scope="session", autouse=True)
def no_tracebacks(sandbox_process: Sandbox) -> Iterator[None]:
    """Fail if the sandbox printed a traceback: a test may not notice that a bug caused a response with 500."""
    yield
    assert "Traceback" not in sandbox_process.read_stderr()


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Client]:
    client = Client(sandbox)
    with client.session:
        yield client
