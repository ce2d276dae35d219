# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values of settings are refused as they are given."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import SETTINGS
from ansible_collections.reseller.sendgrid.plugins.module_utils._settings import (
    setting_problems,
    unknown_option_problems,
)

KEY = f"SG.{'k' * 22}.{'s' * 43}"
SECRET = "a password"


def problems_of(**values: Any) -> list[tuple[str, str]]:
    return setting_problems(values, dict.fromkeys(values, "variable"))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "api_key",
            {"secret": {"key": KEY}},
            "it is a mapping, and text is needed; name the entry of it that is the key",
        ),
        ("api_key", [KEY, SECRET], "it is a list, and text is needed"),
        ("api_key", 12345678901234567890, "it is a number, and text is needed"),
        ("api_key", True, "it is a boolean, and text is needed"),
        ("api_key", None, "it is null. Correct it, or leave it out with omit"),
        ("api_key", "", "it is blank. Correct it, or leave it out with omit"),
        ("api_key", f"{KEY}\n{SECRET}", "it has a line break in it. Give the key alone, on one line"),
        ("api_key", "k" * 19, "it has fewer than 20 characters"),
        *(
            ("api_key", key, "it is no API key")
            for key in (f"{SECRET}é", f"{SECRET}\x00", f"{{'raw': '{SECRET}'}}", f"{KEY}=k")
        ),
        ("api_endpoint", f"https://api.example.com/?key={KEY}", "it is not of the form https://HOST"),
        (
            "api_key",
            "<< error 1 - 'vault_key' is undefined >>",
            "it refers to something that is undefined: 'vault_key' is",
        ),
        (
            "cache_dir",
            "<< error 12 - 'root' is undefined >>/cache",
            "it refers to something that is undefined: 'root' is",
        ),
        ("cache_dir", {"password": SECRET}, "it is a mapping, and text is needed"),
        ("cache_dir", "", "it is blank"),
        ("region", "mars", "'mars' is none of global, eu"),
        ("region", {"password": SECRET}, "it is a mapping, and text is needed"),
        ("region", None, "it is null"),
        ("timeout", "soon", "'soon' is no number"),
        ("timeout", [SECRET], "a list is no number"),
        ("retries", 1.5, "'1.5' is no integer"),
        ("validate_certs", "ture", "'ture' is no boolean, such as true or false"),
        ("validate_certs", {"password": SECRET}, "a mapping is no boolean"),
        ("timeout", 0, "'0' is out of range, more than 0 and at most 3600 is needed"),
        *(("timeout", number, f"'{number}' is out of range") for number in (float("nan"), float("inf"), -1, 3600.5)),
        ("retries", "101", "'101' is out of range, 0 or more and at most 100 is needed"),
        ("retries", float("inf"), "'inf' is no integer"),
        ("retries", "9" * 400, "a text of 400 characters is out of range"),
        ("cache_ttl", 604801, "'604801' is out of range, 0 or more and at most 604800 is needed"),
        ("retries", -1, "'-1' is out of range"),
        *(("retry_max_delay", number, f"'{number}' is out of range") for number in (-0.1, 3601)),
    ],
)
def test_a_wrong_value_is_refused_with_its_source(name: str, value: Any, message: str) -> None:
    ((option, found),) = problems_of(**{name: value})
    assert (
        option == name and found.startswith(message) and found.endswith(f". It comes from the variable sendgrid_{name}")
    )
    assert KEY not in found and SECRET not in found


def test_values_that_core_can_convert_are_accepted() -> None:
    good = {"timeout": "7.5", "retries": "3", "validate_certs": "no", "region": "eu", "ca_path": None, "cache_ttl": 60}
    assert problems_of(api_key="of.another-form_but-long-enough~+/==", **good) == []
    assert problems_of(api_key="k" * 20, timeout=0.1, retries=0, retry_max_delay=0.0) == []


def test_all_problems_are_found_and_the_key_is_masked() -> None:
    found = problems_of(api_key=KEY, **dict.fromkeys(("region", "timeout", "retries", "validate_certs"), KEY))
    assert [name for name, _message in found] == ["region", "timeout", "retries", "validate_certs"]
    assert all("a text of 69 characters is no" in message and KEY not in message for _name, message in found)


def test_the_key_is_masked_in_the_reason_why_a_setting_has_no_value() -> None:
    key = f"another.form-of-a-key.{'k' * 20}"
    found = setting_problems({"api_key": key}, {"api_key": "task"}, [("region", f"cannot be evaluated: {key}")])
    assert found == [("region", "cannot be evaluated: ********")]


def test_two_endpoints_are_refused_with_both_sources() -> None:
    ((option, message),) = problems_of(region="eu", api_endpoint="https://api.example.com")
    assert option == "api_endpoint"
    assert message.endswith(
        "there is region from the variable sendgrid_region and api_endpoint from the variable sendgrid_api_endpoint"
    )


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("tmieout", "Did you mean timeout?"),
        ("key", "Did you mean api_key?"),
        ("x", f"There are: {', '.join(sorted(SETTINGS))}"),
    ],
)
def test_an_unknown_option_is_named_with_those_that_may_be_meant(given: str, hint: str) -> None:
    ((name, message),) = unknown_option_problems(["timeout", given], SETTINGS)
    assert name == given and message == f"there is no such option. {hint}"
