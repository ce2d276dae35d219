# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to wait before the next attempt."""

from __future__ import annotations

import email.utils

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import delay_before_retry
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

NOW = 1_800_000_000.0


def delay(headers: dict[str, str], attempt: int = 1, longest: float = 60, limited: bool = True) -> float:
    return delay_before_retry(CaseInsensitiveDict(headers), limited, attempt, NOW, longest)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Reset": "20"},
        {"X-RateLimit-Reset": str(int(NOW) + 20)},
        {"X-Ratelimit-Reset": "20"},
        {"x-ratelimit-reset": "20"},
        {"Retry-After": "20"},
        {"Retry-After": email.utils.formatdate(NOW + 20, usegmt=True)},
        {"Retry-After": "20", "X-RateLimit-Reset": "50"},
        {"Retry-After": "garbage", "X-RateLimit-Reset": "20"},
        *(
            {"Retry-After": after, "X-RateLimit-Reset": reset}
            for after in ("20", email.utils.formatdate(NOW + 20, usegmt=True))
            for reset in (str(int(NOW) + 50), "50", str(int(NOW) - 100), "-7", "soon; \xe9", "nan", "")
        ),
        *({"Retry-After": after, "X-RateLimit-Reset": str(int(NOW) + 20)} for after in ("later", "")),
    ],
)
def test_the_delay_is_at_least_what_the_server_asks_for(headers: dict[str, str]) -> None:
    assert 20 <= delay(headers) <= 21
    assert delay(headers, longest=20) == pytest.approx(20, abs=0.1)
    assert 4 <= delay(headers, longest=5) <= 5
    assert delay(headers, longest=0) == 0


def test_the_reset_header_counts_only_with_429() -> None:
    assert delay({"X-RateLimit-Reset": "20"}, limited=False) <= 1
    assert 20 <= delay({"Retry-After": "20"}, limited=False) <= 21


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-RateLimit-Reset": "0"},
        {"X-RateLimit-Reset": "-5"},
        {"X-RateLimit-Reset": str(int(NOW) - 20)},
        {"X-RateLimit-Reset": ""},
        {"X-RateLimit-Reset": "soon"},
        {"X-RateLimit-Reset": "nan"},
        {"X-RateLimit-Reset": "-inf"},
        {"Retry-After": email.utils.formatdate(NOW - 20, usegmt=True)},
        {"Retry-After": "Fri, 99 Foo 2026"},
        *({"Retry-After": "later", "X-RateLimit-Reset": reset} for reset in ("-7", "soon", "nan", "")),
    ],
)
def test_the_delay_grows_exponentially_without_a_usable_header(headers: dict[str, str]) -> None:
    assert 0.5 <= delay(headers, 1) <= 1
    assert 4 <= delay(headers, 4) <= 8
    assert delay(headers, 100) == 60


@given(st.text(), st.text(), st.integers(1, 100), st.floats(0, 3600))
def test_the_delay_is_always_within_bounds(retry_after: str, reset: str, attempt: int, longest: float) -> None:
    headers = {"Retry-After": retry_after, "X-RateLimit-Reset": reset}
    assert 0 <= delay(headers, attempt, longest) <= longest
