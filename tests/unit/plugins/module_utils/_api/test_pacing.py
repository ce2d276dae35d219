# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the client waits because the API says that its limit is reached."""

from __future__ import annotations

import json
import threading

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.pacing import Pacing
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.transport import Request
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import EPOCH, FakeClock
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from requests.structures import CaseInsensitiveDict

STATE = "/v3/partners/accounts/sg1/state"


@pytest.fixture
def pacing(fake_clock: FakeClock) -> Pacing:
    return Pacing(60, fake_clock.time, fake_clock.sleep)


def note(pacing: Pacing, remaining: object, reset: object, path: str = STATE) -> None:
    headers = {"X-RateLimit-Remaining": str(remaining), "X-Ratelimit-Reset": str(reset)}
    pacing.note(Request("GET", path), 200, CaseInsensitiveDict(headers))


@pytest.mark.parametrize("reset", ["20", str(int(EPOCH) + 20)])
def test_the_request_after_the_last_one_waits(pacing: Pacing, fake_clock: FakeClock, reset: str) -> None:
    pacing.wait(Request("GET", STATE))
    note(pacing, 2, reset)
    for _request in range(2):
        pacing.wait(Request("GET", STATE))
    assert fake_clock.slept == []
    pacing.wait(Request("GET", STATE))
    assert fake_clock.slept == [20]
    pacing.wait(Request("GET", STATE))
    assert fake_clock.slept == [20]


def test_a_wait_has_a_limit(fake_clock: FakeClock) -> None:
    pacing = Pacing(5, fake_clock.time, fake_clock.sleep)
    note(pacing, 0, 20)
    pacing.wait(Request("GET", STATE))
    assert fake_clock.slept == [5]


def test_responses_do_not_count_requests_that_are_under_way(pacing: Pacing, fake_clock: FakeClock) -> None:
    note(pacing, 3, 20)
    for _request in range(3):
        pacing.wait(Request("GET", STATE))
    # The responses arrive after all three were sent, and the first of them last.
    for remaining in (0, 1, 2):
        note(pacing, remaining, 21)
    pacing.wait(Request("GET", STATE))
    assert fake_clock.slept == [20]


def test_each_operation_has_its_own_limit(pacing: Pacing, fake_clock: FakeClock) -> None:
    note(pacing, 0, 20)
    pacing.wait(Request("PUT", STATE))
    pacing.wait(Request("GET", "/v3/partners/accounts/sg1/offerings"))
    pacing.wait(Request("GET", "/v3/partners/accounts?limit=100"))
    assert fake_clock.slept == []
    pacing.wait(Request("GET", STATE.replace("sg1", "sg2")))
    assert fake_clock.slept == [20]
    note(pacing, 0, 20, "/v3/partners/accounts?limit=100")
    pacing.wait(Request("GET", "/v3/partners/accounts?limit=100&offset=sg1"))
    assert fake_clock.slept == [20, 20]


@pytest.mark.parametrize(
    ("remaining", "reset"),
    [
        ("", "20"),
        ("-1", "20"),
        ("0.5", "20"),
        ("none", "20"),
        ("\u0660", "20"),
        ("0", ""),
        ("0", "0"),
        ("0", "-5"),
        ("0", str(int(EPOCH) - 1)),
        ("0", "7200"),
        ("0", str(int(EPOCH) + 7200)),
        ("0", "garbage"),
        ("0", "nan"),
        ("0", "inf"),
        ("0", "1" * 400),
    ],
)
def test_headers_that_make_no_sense_do_not_count(
    pacing: Pacing, fake_clock: FakeClock, remaining: str, reset: str
) -> None:
    note(pacing, remaining, reset)
    pacing.wait(Request("GET", STATE))
    assert fake_clock.slept == []


def test_a_header_that_stays_at_0_does_not_count(pacing: Pacing, fake_clock: FakeClock) -> None:
    for _request in range(5):
        pacing.wait(Request("GET", STATE))
        note(pacing, 0, 20)
    assert fake_clock.slept == [20]


def test_the_client_waits_before_a_request_and_not_before_its_retries(sandbox: Sandbox, fake_clock: FakeClock) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(EPOCH) + 20)}
    sandbox.fault(path=STATE, times=1, status=200, headers=headers, body=json.dumps({"state": "activated"}))
    sandbox.fault(path=STATE, times=1, status=429, headers=headers)
    settings = ClientConfig(sandbox.key, sandbox.endpoint, 10.0, 1, 60.0, True)
    client = Client(settings, fake_clock.time, fake_clock.sleep)
    client.request("GET", STATE)
    assert fake_clock.slept == []
    # The sandbox has no such account: 404 ends the request after its retry.
    with pytest.raises(Exception, match="404"):
        client.request("GET", STATE)
    wait, delay = fake_clock.slept
    assert wait == 20 and 0 < delay <= 1


def test_new_requests_wait_for_those_that_were_refused(pacing: Pacing) -> None:
    """Otherwise they use up the limit each time, and a refused request fails after its last attempt."""
    refused, passed = Request("GET", STATE), threading.Event()
    pacing.note(refused, 429, {})

    def wait() -> None:
        pacing.wait(Request("PUT", STATE))
        passed.set()

    thread = threading.Thread(daemon=True, target=wait)
    thread.start()
    pacing.note(Request("GET", STATE), 200, {})
    assert not passed.wait(0.1)
    pacing.finish(refused)
    assert passed.wait(10)
    thread.join(10)
    pacing.note(refused, 429, {})
    pacing.note(refused, 200, {})
    again = threading.Thread(daemon=True, target=lambda: pacing.wait(refused))
    again.start()
    again.join(10)
    assert not again.is_alive()
