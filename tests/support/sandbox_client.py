# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox as a process of its own, for tests and benchmarks."""

from __future__ import annotations

import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from json import dumps, loads
from pathlib import Path
from types import TracebackType
from typing import Any


class Sandbox:
    """`with Sandbox("--accounts", "3") as sandbox: ...`: arguments are those of the program."""

    def __init__(self, *arguments: str) -> None:
        program = str(Path(__file__).resolve().parents[1] / "sandbox")
        self._command = [sys.executable, program, "--port", "0", "--exit-with-parent", *arguments]
        # The sandbox is always on this machine, and its certificate may be any the test made up.
        insecure = ssl.create_default_context()
        insecure.check_hostname = False
        insecure.verify_mode = ssl.CERT_NONE
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=insecure)
        )

    def __enter__(self) -> Sandbox:
        # A file, as a pipe that nobody reads would stop a talkative process; appended to, so that reading it from the
        # start does not move where the process writes.
        self._stderr = tempfile.TemporaryFile("a+b")
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, text=True
        )
        assert self._process.stdout is not None
        exports = [self._process.stdout.readline().strip().partition("=")[2] for _count in range(2)]
        if not all(exports):
            self._stop()
            with self._stderr:
                raise RuntimeError(f"the sandbox did not start: {self.notes()}")
        self.endpoint, self.key = exports
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._stderr.close()

    def _stop(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def notes(self) -> str:
        """What the sandbox wrote to standard error so far."""
        self._stderr.seek(0)
        return self._stderr.read().decode()

    def control(self, method: str, path: str = "", json: Any = None) -> Any:
        """Call a control route, named without its `/_sandbox`."""
        return self._call(method, f"/_sandbox{path}", json, {})

    def _call(self, method: str, path: str, json: Any, headers: dict[str, str]) -> Any:
        data = dumps(json).encode() if method in ("POST", "PUT") else None
        request = urllib.request.Request(f"{self.endpoint}{path}", data, headers, method=method)
        try:
            with self._opener.open(request, timeout=10) as answer:
                return loads(answer.read())
        except urllib.error.HTTPError as exc:
            with exc:
                raise ValueError(f"{method} {path}: {exc.code} {exc.read().decode()}") from None

    def create(self, profile: dict[str, str], offerings: list[dict[str, Any]]) -> str:
        """Create an account by the API, and return its id."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        body = {"profile": profile, "offerings": offerings}
        return str(self._call("POST", "/v3/partners/accounts", body, headers)["account_id"])

    def fault(self, **effects: Any) -> None:
        """Add a fault; the fields are described in sandbox/README.md."""
        self.control("POST", "/faults", effects)

    def requests(self) -> list[dict[str, Any]]:
        """What arrived below /v3, in order."""
        found: list[dict[str, Any]] = self.control("GET", "/requests")
        return found

    def count(self) -> int:
        """How many requests arrived below /v3."""
        return int(self.control("GET")["requests"])

    def reset(self) -> None:
        """Everything as at the start."""
        self.control("POST", "/reset")
