# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which connection options are accepted, which are refused, and with which messages."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig, create_config
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError, invalid_options
from ansible_collections.reseller.sendgrid.plugins.module_utils._settings import setting_problems
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import as_ordinary_user

KEY = "SG." + "k" * 22 + "." + "y" * 43
GIVEN: dict[str, Any] = {
    "api_key": KEY,
    "region": None,
    "api_endpoint": None,
    "timeout": 30.0,
    "retries": 4,
    "retry_max_delay": 60.0,
    "validate_certs": True,
    "ca_path": None,
}


def make_config(warnings: list[str] | None = None, **options: Any) -> ClientConfig:
    # As the modules and the lookup do before.
    given = {name: value for name, value in options.items() if value is not None and (name, value) != ("api_key", "")}
    problems = setting_problems(given, dict.fromkeys(given, "task"))
    if problems:
        raise invalid_options(problems)
    return create_config({**GIVEN, **options}.__getitem__, (warnings if warnings is not None else []).append, [])


def problems_of(**options: Any) -> list[dict[str, str]]:
    with pytest.raises(SendGridError) as failure:
        make_config(**options)
    assert failure.value.code == "invalid_option"
    assert KEY not in str(failure.value.result())
    found: list[dict[str, str]] = failure.value.details["problems"]
    assert all(problem["message"] in failure.value.message for problem in found)
    return found


def test_the_api_key_is_not_shown() -> None:
    warnings: list[str] = []
    config = make_config(warnings)
    assert config.api_key == KEY
    assert KEY not in repr(config)
    assert warnings == []


@pytest.mark.parametrize("key", [None, ""])
def test_a_missing_api_key_names_its_sources(key: str | None) -> None:
    (problem,) = problems_of(api_key=key)
    assert problem["option"] == "api_key" and "SENDGRID_API_KEY" in problem["message"]


@pytest.mark.parametrize(
    "key",
    ["k" * 19, "SG.é" + "k" * 65, "SG.\n" + "k" * 65, "SG.\x00" + "k" * 65, "{'raw': 'k'}" + "k" * 20, "k" * 20 + "=k"],
)
def test_an_invalid_api_key_is_refused_and_not_shown(key: str) -> None:
    (problem,) = problems_of(api_key=key)
    assert problem["option"] == "api_key" and key not in problem["message"]


@pytest.mark.parametrize(
    "key", ["k" * 20, "a-Z._~+/" + "9" * 20 + "==", KEY[:-1], KEY + "x", KEY.replace("SG.", "sg.")]
)
def test_an_unusual_api_key_gives_only_a_warning(key: str) -> None:
    warnings: list[str] = []
    assert make_config(warnings, api_key=key).api_key == key
    assert len(warnings) == 1 and "does not look like" in warnings[0] and key not in warnings[0]


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [(None, "https://api.sendgrid.com"), ("global", "https://api.sendgrid.com"), ("eu", "https://api.eu.sendgrid.com")],
)
def test_each_region_has_its_endpoint(region: str | None, endpoint: str) -> None:
    assert make_config(region=region).endpoint == endpoint


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
    assert make_config(api_endpoint=given).endpoint == endpoint


@pytest.mark.parametrize(
    "given",
    [
        "",
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
def test_an_invalid_endpoint_is_refused(given: str) -> None:
    (problem,) = problems_of(api_endpoint=given)
    assert problem["option"] == "api_endpoint"
    assert "secret" not in problem["message"] and "\n" not in problem["message"]


def test_an_api_key_in_the_endpoint_is_not_shown() -> None:
    found = problems_of(api_endpoint=f"https://api.example.com/?key={KEY}")
    assert [problem["option"] for problem in found] == ["api_endpoint"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("timeout", 0.0),
        ("timeout", -1.0),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("timeout", 3600.5),
        ("retries", -1),
        ("retries", 101),
        ("retry_max_delay", -0.1),
        ("retry_max_delay", 3601.0),
        ("ca_path", "/no/such/bundle.pem"),
    ],
)
def test_a_number_or_path_out_of_bounds_is_refused(option: str, value: Any) -> None:
    (problem,) = problems_of(**{option: value})
    assert problem["option"] == option


@pytest.mark.parametrize(("option", "value"), [("timeout", 0.1), ("retries", 0), ("retry_max_delay", 0.0)])
def test_a_number_at_the_bound_is_accepted(option: str, value: Any) -> None:
    assert getattr(make_config(**{option: value}), option) == value


@pytest.mark.parametrize("way", ["closed", "link"])
def test_the_directory_that_may_not_be_entered_is_named(way: str) -> None:
    # The folders of pytest may not be entered either.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        closed = Path(folder, f"closed-{KEY}")
        (closed / "deep").mkdir(parents=True)
        Path(folder, "link").symlink_to(closed)
        closed.chmod(0o600)
        with as_ordinary_user():
            path = closed if way == "closed" else Path(folder, "link")
            (problem,) = problems_of(ca_path=str(path / "deep" / "ca.pem"))
        closed.chmod(0o700)
    shown = str(closed).replace(KEY, "********")
    assert f"is below the directory '{shown}', which may not be entered on the machine" in problem["message"]


def test_verify_follows_validate_certs_and_ca_path(tmp_path: Path) -> None:
    assert make_config().verify is True
    assert make_config(ca_path=str(tmp_path)).verify == str(tmp_path)
    assert make_config(validate_certs=False, ca_path=str(tmp_path)).verify is False


def test_all_problems_are_reported_with_those_found_elsewhere() -> None:
    with pytest.raises(SendGridError) as failure:
        create_config(
            {**GIVEN, "api_key": "", "ca_path": "/nowhere/ca.pem"}.__getitem__,
            print,
            [("names", "are wrong")],
        )
    found = [problem["option"] for problem in failure.value.details["problems"]]
    assert found == ["names", "api_key", "ca_path"]
