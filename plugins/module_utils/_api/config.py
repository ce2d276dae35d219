# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The checked connection settings: where the API is and how it is reached."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .._argspec import ENDPOINTS
from .._endpoint import parse_endpoint
from .._errors import invalid_options
from .._text import SENDGRID_KEY_PATTERN, clean, maskable, shown
from .bundles import path_problem


class ClientConfig:
    """Checked settings of the client.

    :param timeout: of one attempt, in seconds.
    :param retries: attempts after the first one.
    :param retry_max_delay: the longest wait before a retry, in seconds.
    :param verify: as ``requests`` takes it: whether to verify the certificate, or the path of the CA certificates.
    :param is_controller: whether this Python is the one of Ansible itself.
    """

    def __init__(
        self,
        api_key: str,
        endpoint: str,
        timeout: float,
        retries: int,
        retry_max_delay: float,
        verify: bool | str,
        is_controller: bool = False,
    ) -> None:
        self.api_key = api_key
        self.endpoint = endpoint
        # Includes the port, if one was given.
        self.host = endpoint.partition("://")[2]
        self.timeout = timeout
        self.retries = retries
        self.retry_max_delay = retry_max_delay
        self.verify = verify
        self.is_controller = is_controller


def create_config(
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    problems: list[tuple[str, str]],
    is_controller: bool = False,
) -> ClientConfig:
    """Return the settings that the options describe. All of them have passed ``setting_problems``.

    :param option: maps the name of an option to its value, which has the type that the option table says.
    :param problems: pairs of option and message found elsewhere, reported together with those found here.
    :raises SendGridError: ``invalid_option``, listing all problems.
    """
    found = list(problems)
    key = option("api_key") or ""
    if not key:
        message = "no API key is given. Set this option, the variable sendgrid_api_key, or the environment variable "
        message += (
            "SENDGRID_API_KEY on the machine where this runs: the target host for a module, the controller for a lookup"
        )
        found.append(("api_key", message))
    ca_path = option("ca_path")
    if ca_path and (problem := path_problem(ca_path)):
        # A secret in the wrong place is rarely a path.
        path = f"'{clean(ca_path, maskable(key))}'" if "/" in ca_path else shown(ca_path)
        found.append(("ca_path", f"{path} {clean(problem, maskable(key))} on the machine where this runs"))
    if found:
        raise invalid_options(found)
    if not re.fullmatch(SENDGRID_KEY_PATTERN, key, re.ASCII):
        warn(
            "api_key does not look like a key of SendGrid (SG., 22 characters, a dot, 43 characters). It is used as is."
        )
    given = option("api_endpoint")
    return ClientConfig(
        api_key=key,
        endpoint=parse_endpoint(given) if given else ENDPOINTS[option("region") or "global"],
        timeout=option("timeout"),
        retries=option("retries"),
        retry_max_delay=option("retry_max_delay"),
        verify=(ca_path or True) if option("validate_certs") else False,
        is_controller=is_controller,
    )
