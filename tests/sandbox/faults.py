# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Injected failures. README.md describes every field."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

_FRAMING_HEADERS = {"connection", "content-length", "transfer-encoding"}


@dataclass
class Fault:
    method: str | None = None
    path: str | None = None
    times: int | None = None
    skip: int = 0
    apply: bool = False
    status: int | None = None
    body: str | None = None
    body_base64: str | None = None
    headers: dict[str, str | None] = field(default_factory=dict)
    content_length: int | None = None
    delay: float = 0
    drip: float = 0
    drip_headers: bool = False
    cut: str | None = None
    reset: bool = False
    # How many requests the fault has applied to. Read-only: ``parse`` rejects it.
    hits: int = 0

    @classmethod
    def parse(cls, document: Any) -> Fault:
        """Return the fault that a JSON document describes.

        :raises ValueError: lists every problem of the document.
        """
        if not isinstance(document, dict):
            raise ValueError("a fault is an object")
        problems = [f"there is no field {name}" for name in document if name not in _FIELDS]
        problems += [
            f"{name} must be {requirement}"
            for name, (is_valid, requirement) in _FIELDS.items()
            if name in document and not is_valid(document[name])
        ]
        if "body" in document and "body_base64" in document:
            problems.append("body and body_base64 exclude each other")
        if problems:
            raise ValueError("; ".join(problems))
        return cls(**document)

    def matches(self, method: str, path: str) -> bool:
        """Return whether the fault applies to this request, and count it in ``skip`` or ``hits``."""
        if self.method not in (None, method) or not self._matches_path(path) or self.times == self.hits:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits += 1
        return True

    def _matches_path(self, path: str) -> bool:
        if self.path is not None and self.path.endswith("*"):
            return path.startswith(self.path[:-1])
        return self.path in (None, path)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, and ``hits``."""
        defaults = asdict(Fault())
        return {name: value for name, value in asdict(self).items() if name == "hits" or value != defaults[name]}

    @property
    def runs_operation(self) -> bool:
        """Whether the operation is carried out: the fault requests it, or needs the response of the operation."""
        return self.apply or (self.status is None and self.cut != "before")

    @property
    def keeps_connection(self) -> bool:
        """Whether the client can find the end of the response, so that the connection can be reused."""
        changes_framing = self.content_length is not None or any(
            name.lower() in _FRAMING_HEADERS for name in self.headers
        )
        return self.cut is None and not self.reset and not changes_framing

    @property
    def replacement_body(self) -> bytes | None:
        if self.body_base64 is not None:
            return base64.b64decode(self.body_base64)
        return None if self.body is None else self.body.encode(errors="surrogatepass")


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 86_400


def _is_base64(value: Any) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    return True


def _is_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(text is None or isinstance(text, str) for text in value.values())


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "method": (lambda value: _is_string(value) and value.isupper(), "a method in capitals"),
    "path": (lambda value: _is_string(value) and value.startswith("/v3/"), "a path below /v3"),
    "times": (_is_count, "an integer, 0 or more"),
    "skip": (_is_count, "an integer, 0 or more"),
    "apply": (_is_bool, "true or false"),
    "status": (lambda value: _is_count(value) and 200 <= value <= 599, "an integer from 200 to 599"),
    "body": (_is_string, "a string"),
    "body_base64": (_is_base64, "base64"),
    "headers": (_is_headers, "an object of strings and nulls"),
    "content_length": (_is_count, "an integer, 0 or more"),
    "delay": (_is_seconds, "seconds, a day at most"),
    "drip": (_is_seconds, "seconds, a day at most"),
    "drip_headers": (_is_bool, "true or false"),
    "cut": (lambda value: value in ("before", "headers", "body"), "before, headers or body"),
    "reset": (_is_bool, "true or false"),
}
