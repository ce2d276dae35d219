# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which endpoints are accepted, and in which form they are used."""

from __future__ import annotations

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._endpoint import parse_endpoint


@pytest.mark.parametrize(
    ("given", "endpoint"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://API.Example.com/", "https://api.example.com"),
        ("https://api.example.com/v3", "https://api.example.com"),
        ("https://api.example.com:8443/v3/", "https://api.example.com:8443"),
        ("http://localhost:8025", "http://localhost:8025"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.8.9.10:1/v3", "http://127.8.9.10:1"),
        ("http://[::1]:8025", "http://[::1]:8025"),
    ],
)
def test_an_endpoint_is_normalized(given: str, endpoint: str) -> None:
    assert parse_endpoint(given) == endpoint


@pytest.mark.parametrize(
    "given",
    [
        "",
        "https://api.example.com/?key=secret",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://api.example.com/v2",
        "https://api.example.com/v3/partners",
        "https://api.example.com//",
        "https://api.example.com?a=b",
        "https://api.example.com/#x",
        "https://user@api.example.com",
        "https://user:secret@api.example.com",
        "https://api.example.com:99999",
        "https://api.example.com:x",
        "https://api.exa mple.com",
        "https://api.éxample.com",
        "http://api.sendgrid.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://127.0.0.1\\@example.com",
        "http://127.0.0.1#@example.com",
        "http://127.1",
        "http://0.0.0.0",
        "http://128.0.0.1",
        "http://[::2]",
        "http://localhost\n.example.com",
        "http://[127.0.0.1]:80",
        "https://[1.2.3.4]",
        "https://[::::]",
        "https://[]",
        "https://api..sendgrid.com",
        "https://.",
        "https://-api.sendgrid.com",
        f"https://{'a' * 64}.example.com",
        "https:/user:secret@api.example.com",
        "user:secret@api.example.com",
    ],
)
def test_an_invalid_endpoint_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_endpoint(given)
    assert not any(secret in str(error.value) for secret in ("secret", "a=b", "99999", "\n"))
