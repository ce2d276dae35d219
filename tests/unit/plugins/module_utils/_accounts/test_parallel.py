# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading several accounts at the same time, and when that ends early."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api import AccountsApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.breaker import Breaker
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.parallel import THREADS, read_each
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import Code, SendGridError
from ansible_collections.reseller.sendgrid.tests.support.accounts_helpers import PATH, make_api
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

ACCOUNTS = 120


@pytest.fixture(scope="module")
def many_accounts() -> Any:
    with Sandbox("--accounts", str(ACCOUNTS)) as sandbox:
        yield sandbox


def test_no_two_threads_share_a_connection(many_accounts: Sandbox) -> None:
    """Each response belongs to its request, under load and with answers that take different times."""
    sandbox = many_accounts
    expected = {one["id"]: one["offerings"] for one in sandbox.control("GET", "/accounts")}
    for account_id in list(expected)[::10]:
        sandbox.fault(path=f"{PATH}/{account_id}/offerings", delay=0.05)
    threads_of_sessions = defaultdict(set)

    def read(api: AccountsApi, account_id: str) -> Any:
        threads_of_sessions[id(api)].add(threading.get_ident())
        return api.get_offerings(account_id)

    before = sandbox.count()
    found = read_each(list(expected), lambda: make_api(sandbox), read, lambda _error: False)
    assert found == list(expected.values())
    requests = sandbox.requests()[before:]
    assert len(requests) == ACCOUNTS
    assert 1 < len({request["connection"] for request in requests}) <= THREADS
    assert all(len(threads) == 1 for threads in threads_of_sessions.values())


def test_nothing_more_is_read_after_the_end(sandbox: Sandbox) -> None:
    sandbox.fault(status=401)
    breaker = Breaker()
    found = read_each(
        [f"sg{number}" for number in range(200)], lambda: make_api(sandbox), AccountsApi.get_state, breaker.ends
    )
    failed = [outcome for outcome in found if outcome is not None]
    # One for each thread that had sent its request already.
    assert 1 <= len(failed) == sandbox.count() <= THREADS
    assert len(found) == 200
    assert breaker.error is not None and breaker.error.code == "unauthorized"


def test_nothing_to_read_needs_no_session() -> None:
    assert read_each([], lambda: pytest.fail("not needed"), AccountsApi.get_state, lambda _error: False) == []


def error(code: Code) -> SendGridError:
    return SendGridError(code, code)


@pytest.mark.parametrize(
    ("codes", "ends"),
    [
        ([None, None], False),
        (["timeout"], False),
        (["timeout", "server_error"], True),
        (["rate_limited", None, "connection"], False),
        (["connection", "bad_request", "connection"], False),
        (["bad_request", "not_found", "unexpected_response"], False),
        *[([code], True) for code in ("unauthorized", "forbidden", "region_restricted", "tls", "missing_library")],
        (["timeout", "timeout", None, None], True),
    ],
)
def test_failures_that_others_would_follow_end_a_task(codes: list[Code | None], ends: bool) -> None:
    breaker = Breaker()
    assert [breaker.ends(error(code) if code else None) for code in codes][-1] is ends
