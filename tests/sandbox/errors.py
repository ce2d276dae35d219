# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error bodies of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus

from aiohttp import web


# Published ids are 10-40002, 10-40008, 10-40010, and 10-<status>00 for 401, 403, 404 and most 5xx. The sandbox invents
# the others: 10-<status>00 for other statuses, and ids whose last two digits are 50 or more for specific problems.
@dataclass(frozen=True)
class Problem:
    message: str
    field: str = ""
    # The operations on API keys are published without it.
    error_id: str | None = None


class ApiError(Exception):
    """Ends a request with an error response."""

    def __init__(self, status: int, *problems: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.problems = problems
        self.headers = headers or {}

    def response(self) -> web.Response:
        return web.Response(
            body=error_body(self.status, *self.problems),
            status=self.status,
            headers=self.headers,
            content_type="application/json",
        )


def error_body(status: int, *problems: Problem) -> bytes:
    """Return the JSON of an error response, with a generic problem if none is given."""
    errors = [asdict(problem) for problem in problems or (_generic_problem(status),)]
    return json.dumps({"errors": [{k: v for k, v in error.items() if v is not None} for error in errors]}).encode()


def _generic_problem(status: int) -> Problem:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown error"
    return Problem(phrase, "", f"10-{status}00")
