# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the sandbox in its own process, for tests and benchmarks."""

from __future__ import annotations

import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid
from json import dumps, loads
from pathlib import Path
from typing import Any


class Sandbox:
    """Context manager for a running sandbox: ``with Sandbox("--accounts", "3") as sandbox: ...``.

    :param arguments: command-line arguments of the sandbox.
    """

    def __init__(self, *arguments: str) -> None:
        program = str(Path(__file__).resolve().parents[1] / "sandbox")
        self._command = [sys.executable, program, "--port", "0", "--exit-with-parent", *arguments]
        # Tests give the sandbox certificates of their own authorities. It runs on this machine, so none is verified.
        insecure = ssl.create_default_context()
        insecure.check_hostname = False
        insecure.verify_mode = ssl.CERT_NONE
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=insecure)
        )

    def __enter__(self) -> Sandbox:
        self._directory = tempfile.TemporaryDirectory()
        self._new_cache_dir()
        # A file, because the process would block on a full pipe. In append mode, the process still writes at the end
        # after a test has read the file from the start.
        self._stderr = tempfile.TemporaryFile("a+b")
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, text=True
        )
        assert self._process.stdout is not None
        exports = [self._process.stdout.readline().strip().partition("=")[2] for _count in range(2)]
        if not all(exports):
            self._stop()
            with self._stderr:
                raise RuntimeError(f"the sandbox did not start: {self.read_stderr()}")
        self.endpoint, self.key = exports
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop()
        self._stderr.close()
        self._directory.cleanup()

    def _stop(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def read_stderr(self) -> str:
        """Return what the sandbox has written to standard error so far."""
        self._stderr.seek(0)
        return self._stderr.read().decode()

    def control(self, method: str, path: str = "", json: Any = None) -> Any:
        """Call a control route; ``path`` is relative to ``/_sandbox``."""
        return self._call(method, f"/_sandbox{path}", json, {})

    def _call(self, method: str, path: str, json: Any, headers: dict[str, str]) -> Any:
        data = dumps(json).encode() if method in ("POST", "PUT") else None
        request = urllib.request.Request(f"{self.endpoint}{path}", data, headers, method=method)
        try:
            with self._opener.open(request, timeout=10) as response:
                return loads(response.read())
        except urllib.error.HTTPError as exc:
            with exc:
                raise ValueError(f"{method} {path}: {exc.code} {exc.read().decode()}") from None

    def create(self, profile: dict[str, str], offerings: list[dict[str, Any]]) -> str:
        """Create an account through the API, and return its ID."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        body = {"profile": profile, "offerings": offerings}
        return str(self._call("POST", "/v3/partners/accounts", body, headers)["account_id"])

    def fault(self, **effects: Any) -> None:
        """Add a fault; ``sandbox/README.md`` describes the fields."""
        self.control("POST", "/faults", effects)

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests received below ``/v3``, in order."""
        requests: list[dict[str, Any]] = self.control("GET", "/requests")
        return requests

    def count(self) -> int:
        """Return how many requests were received below ``/v3``."""
        return int(self.control("GET")["requests"])

    def reset(self) -> None:
        """Restore the initial state, and use another ``cache_dir``."""
        self.control("POST", "/reset")
        self._new_cache_dir()

    def _new_cache_dir(self) -> None:
        # For tasks that run inside a test. The creation journal in it must not outlive the accounts.
        self.cache_dir = f"{self._directory.name}/{uuid.uuid4().hex}"
