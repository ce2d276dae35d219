# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where runs take place: a sandbox, a home for Ansible, and the throw-away collection."""

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
from . import offers
from .samples import Sample

HERE = Path(__file__).parent


class Settings:
    """How much to measure; what is smaller with ``quick`` shows that it works, and no more."""

    def __init__(self, hosts: int | None, rounds: int | None, quick: bool) -> None:
        self.hosts = hosts or (3 if quick else 50)
        self._rounds = rounds or (1 if quick else None)
        self.quick = quick

    def rounds(self, default: int) -> int:
        return self._rounds or default

    def few_or(self, many: int) -> int:
        return min(many, 5) if self.quick else many

    def evaluations(self) -> int:
        """Rounds of what takes milliseconds."""
        return 2 if self.quick else 8 * self.rounds(5)


class Stage:
    def __init__(self, settings: Settings, ansible: Ansible, sandbox: Sandbox) -> None:
        self.settings = settings
        self.ansible = ansible
        self.sandbox = sandbox
        self.home = ansible.home
        # What clients other than ours need to be told; the API answers nothing but JSON.
        self.url = f"{sandbox.endpoint}/v3/partners/offerings"
        self.headers = {"Authorization": f"Bearer {sandbox.key}", "Accept": "application/json"}
        self.connection = {"api_key": sandbox.key, "api_endpoint": sandbox.endpoint}
        self.interpreter = self.home / "python" / "bin" / "python"
        collections = self.home / "collections"
        # A copy, as what core compiles would lie in the checkout.
        shutil.copytree(HERE / "collection", collections / "ansible_collections" / "benchmark" / "tools")
        self.environment = {
            **ansible.environment,
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(map(str, (collections_root(), collections))),
            "ANSIBLE_DISPLAY_OK_HOSTS": "false",
            "SENDGRID_API_ENDPOINT": sandbox.endpoint,
            "SENDGRID_API_KEY": sandbox.key,
        }
        self.serve(offers.SMALL)

    def serve(self, size: int) -> None:
        """Start the sandbox anew, with a catalog of this size."""
        self.sandbox.reset()
        self.sandbox.control("PUT", "/rate-limit", {"limit": 0})
        self.sandbox.control("PUT", "/catalog", offers.document(size))

    def cache(self, name: str) -> Path:
        """The folder of a cache, which exists once a plugin has filled it."""
        return self.home / "caches" / name

    def wipe(self, name: str) -> None:
        shutil.rmtree(self.cache(name), ignore_errors=True)

    def cached(self, name: str) -> dict[str, str]:
        """The environment for a cache of this name."""
        return {"SENDGRID_CACHE_DIR": str(self.cache(name)), "SENDGRID_CACHE_TTL": "3600"}

    def file(self, name: str, content: Any) -> Path:
        path = self.home / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def hosts(self, count: int) -> Path:
        variables = f"ansible_connection=local ansible_python_interpreter={self.interpreter}"
        return self.file(f"hosts-{count}", "".join(f"host{index} {variables}\n" for index in range(count)))

    def playbook(self, name: str, tasks: list[dict[str, Any]], variables: Mapping[str, Any] | None = None) -> Path:
        play = {"hosts": "all", "gather_facts": False, "vars": variables or {}, "tasks": tasks}
        return self.file(f"{name}.yml", [play])

    def start(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Running:
        return Running(self, arguments, {**self.environment, **(environment or {})})

    def play(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Sample:
        """Run ``ansible-playbook``."""
        before = self.sandbox.count()
        sample = self.start(*arguments, environment=environment).finish()
        return sample._replace(requests=self.sandbox.count() - before)


class Running:
    """An ``ansible-playbook`` on its way."""

    def __init__(self, stage: Stage, arguments: tuple[str | Path, ...], environment: dict[str, str]) -> None:
        number = len(list(stage.home.glob("run-*.json")))
        self._report = stage.home / f"run-{number}.json"
        self._report.touch()
        self._output = stage.home / f"run-{number}.txt"
        program = [sys.executable, "-I", "-S", HERE / "child.py", self._report]
        command = [sys.executable, "-m", "ansible", "playbook", *arguments]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*map(str, program), *map(str, command)],
                cwd=stage.home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def finish(self) -> Sample:
        if self._process.wait():
            raise RuntimeError(f"ansible-playbook failed:\n{self._output.read_text()[-3000:]}")
        return Sample(**json.loads(self._report.read_text()))
