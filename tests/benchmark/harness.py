# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of a run: a sandbox, a home directory for Ansible, and the collection of the benchmark."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..support.ansible_runner import Ansible, collections_root
from ..support.sandbox_client import Sandbox
from . import catalogs
from .samples import Sample

HERE = Path(__file__).parent


class Settings:
    """How much to measure.

    :param quick: measure so little that the results only show that the benchmark works.
    """

    def __init__(self, hosts: int | None, rounds: int | None, quick: bool) -> None:
        self.hosts = hosts or (3 if quick else 50)
        self._rounds = rounds or (1 if quick else None)
        self.quick = quick

    def rounds(self, default: int) -> int:
        return self._rounds or default

    def reduced(self, number: int) -> int:
        """Return the number, at most 5 with ``quick``."""
        return min(number, 5) if self.quick else number

    def evaluations(self) -> int:
        """Return the number of rounds for evaluations, which take milliseconds."""
        return 2 if self.quick else 8 * self.rounds(5)


class Harness:
    """Run playbooks against the sandbox, and measure them."""

    def __init__(self, settings: Settings, ansible: Ansible, sandbox: Sandbox) -> None:
        self.settings = settings
        self.ansible = ansible
        self.sandbox = sandbox
        self.home = ansible.home
        # For the variants with other clients. The API rejects requests without ``Accept``.
        self.url = f"{sandbox.endpoint}/v3/partners/offerings"
        self.headers = {"Authorization": f"Bearer {sandbox.key}", "Accept": "application/json"}
        self.connection = {"api_key": sandbox.key, "api_endpoint": sandbox.endpoint}
        self.interpreter = self.home / "python" / "bin" / "python"
        collections = self.home / "collections"
        # Use a copy, because core writes byte code next to the plugins.
        shutil.copytree(HERE / "collection", collections / "ansible_collections" / "benchmark" / "tools")
        self.environment = {
            **ansible.environment,
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(map(str, (collections_root(), collections))),
            "ANSIBLE_DISPLAY_OK_HOSTS": "false",
            "SENDGRID_API_ENDPOINT": sandbox.endpoint,
            "SENDGRID_API_KEY": sandbox.key,
        }
        self.serve_catalog(catalogs.SMALL)

    def serve_catalog(self, size: int) -> None:
        """Reset the sandbox, and let it serve a catalog of this size."""
        self.sandbox.reset()
        self.sandbox.control("PUT", "/rate-limit", {"limit": 0})
        self.sandbox.control("PUT", "/catalog", catalogs.api_response(size))

    def cache_directory(self, name: str) -> Path:
        """Return the directory of a cache. It exists when a plugin has filled it."""
        return self.home / "caches" / name

    def remove_cache(self, name: str) -> None:
        shutil.rmtree(self.cache_directory(name), ignore_errors=True)

    def cache_environment(self, name: str) -> dict[str, str]:
        """Return the environment variables that select a cache."""
        return {"SENDGRID_CACHE_DIR": str(self.cache_directory(name)), "SENDGRID_CACHE_TTL": "3600"}

    def write_file(self, name: str, content: Any) -> Path:
        path = self.home / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def inventory(self, count: int) -> Path:
        variables = f"ansible_connection=local ansible_python_interpreter={self.interpreter}"
        return self.write_file(f"hosts-{count}", "".join(f"host{index} {variables}\n" for index in range(count)))

    def write_playbook(
        self, name: str, tasks: list[dict[str, Any]], variables: Mapping[str, Any] | None = None
    ) -> Path:
        play = {"hosts": "all", "gather_facts": False, "vars": variables or {}, "tasks": tasks}
        return self.write_file(f"{name}.yml", [play])

    def start_playbook(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> PlaybookRun:
        return PlaybookRun(self, arguments, {**self.environment, **(environment or {})})

    def run_playbook(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Sample:
        """Run ``ansible-playbook``, and count its requests."""
        requests_before = self.sandbox.count()
        sample = self.start_playbook(*arguments, environment=environment).wait()
        return sample._replace(requests=self.sandbox.count() - requests_before)


class PlaybookRun:
    """A running ``ansible-playbook``."""

    def __init__(self, harness: Harness, arguments: tuple[str | Path, ...], environment: dict[str, str]) -> None:
        run_number = len(list(harness.home.glob("run-*.json")))
        self._report = harness.home / f"run-{run_number}.json"
        self._report.touch()
        self._output = harness.home / f"run-{run_number}.txt"
        wrapper = [sys.executable, "-I", "-S", HERE / "measure_command.py", self._report]
        command = [sys.executable, "-m", "ansible", "playbook", *arguments]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*map(str, wrapper), *map(str, command)],
                cwd=harness.home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> Sample:
        if self._process.wait():
            raise RuntimeError(f"ansible-playbook failed:\n{self._output.read_text()[-3000:]}")
        return Sample(**json.loads(self._report.read_text()))
