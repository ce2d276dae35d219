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
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import CONNECTION
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import as_ordinary_user

KEY = "SG." + "k" * 22 + "." + "y" * 43
GIVEN = {**{name: spec.get("default") for name, spec in CONNECTION.items()}, "api_key": KEY}


def make_config(warnings: list[str] | None = None, **options: Any) -> ClientConfig:
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


def test_an_endpoint_replaces_that_of_a_region() -> None:
    config = make_config(api_endpoint="https://api.example.com:8443/v3")
    assert (config.endpoint, config.host) == ("https://api.example.com:8443", "api.example.com:8443")


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
