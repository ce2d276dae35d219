# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run Ansible's commands on this checkout, isolated from the configuration of the user."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
# Python runs the ``sitecustomize.py`` in this folder.
STARTUP = CHECKOUT / "tests" / "support" / "startup"


def collections_root() -> Path:
    """Return a collections path on which Ansible finds this checkout, whatever its directory is called."""
    root = CHECKOUT / ".cache" / "collections"
    link = root / "ansible_collections" / "reseller" / "sendgrid"
    link.parent.mkdir(parents=True, exist_ok=True)
    # Several test processes may create the link at the same time. It is relative, so that a checkout can be moved.
    with suppress(FileExistsError):
        link.symlink_to("../../../..", target_is_directory=True)
    return root


class Ansible:
    """Run ``ansible-playbook`` and the other commands with their own home directory.

    :param home: an existing directory, which becomes ``HOME`` and the working directory.
    :param prefix: the prefix of the Python environment to use; by default the current one.
    :param collections: the collections path; by default one with only this checkout.
    :param keep_compiled: whether tasks share what Python compiles from their archives, which users' tasks do not.
    """

    def __init__(
        self,
        home: Path,
        prefix: Path = Path(sys.prefix),
        collections: Path | None = None,
        keep_compiled: bool = True,
    ) -> None:
        # The path of the checkout can have spaces. Core 2.18 and older cannot use an interpreter with such a path.
        (home / "python").symlink_to(prefix, target_is_directory=True)
        self.python = home / "python" / "bin" / "python"
        (home / "inventory").write_text(
            f"localhost ansible_connection=local ansible_python_interpreter={self.python}\n"
        )
        self.configuration = home / "ansible.cfg"
        settings = {
            "inventory": home / "inventory",
            "collections_path": collections or collections_root(),
            # The default is below the home directory in the user database, which can differ from ``HOME``.
            "remote_tmp": home / "tmp",
            "nocolor": "true",
        }
        lines = [f"{name} = {value}\n" for name, value in settings.items()]
        self.configuration.write_text(f"[defaults]\n{''.join(lines)}")
        self.home = home
        inherited = ("PATH", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START")
        self.environment = {
            **{name: os.environ[name] for name in inherited if name in os.environ},
            "HOME": str(home),
            "ANSIBLE_CONFIG": str(self.configuration),
        }
        if keep_compiled:
            compiled = CHECKOUT / ".cache" / "compiled"
            compiled.mkdir(parents=True, exist_ok=True)
            self.environment |= {"PYTHONPATH": str(STARTUP), "KEEP_COMPILED": str(compiled)}

    def run(
        self, command: str, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``ansible-<command>``; ``stdout`` of the result includes standard error."""
        return subprocess.run(
            [str(self.python), "-m", "ansible", command, *map(str, arguments)],
            cwd=self.home,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )

    def play(
        self,
        plays: Sequence[Mapping[str, Any]],
        *arguments: str | Path,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Write ``plays`` to ``playbook.yml`` in the home directory, and run ``ansible-playbook`` on it."""
        playbook = self.home / "playbook.yml"
        playbook.write_text(json.dumps(plays))
        return self.run("playbook", playbook, *arguments, environment=environment)

    def run_module(self, module: str, arguments: str, environment: Mapping[str, str]) -> dict[str, Any]:
        """Run a module as another program than Ansible would: without its action plugin.

        :param module: its name in Python.
        :param arguments: what core writes to the standard input of a module.
        """
        done = subprocess.run(
            [str(self.python), "-m", module],
            cwd=self.home,
            env={**self.environment, "PYTHONPATH": str(collections_root()), **environment},
            input=arguments,
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    @contextmanager
    def running(
        self, command: str, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run ``ansible-<command>`` in the background, with its output in the file ``output``; kill it at the end."""
        with (
            (self.home / "output").open("wb") as output,
            subprocess.Popen(
                [str(self.python), "-m", "ansible", command, *map(str, arguments)],
                cwd=self.home,
                env={**self.environment, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            try:
                yield process
            finally:
                process.kill()
                # Killing the process group is not enough: newer cores give each worker its own session.
                for pid in self.processes():
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)

    def processes(self) -> dict[int, str]:
        """Return the command lines of all processes with this home directory, by process ID. Works on Linux only."""
        home = f"HOME={self.home}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            # A process can end during this loop, or belong to another user.
            with suppress(OSError):
                if home in (folder / "environ").read_bytes().split(b"\0"):
                    command_line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(folder.name)] = command_line.decode(errors="replace")
        return found


def split_by_task(output: str) -> dict[str, str]:
    """Return the output of each task by its name."""
    parts = [part.partition("] ***") for part in output.split("TASK [")[1:]]
    return {name: text for name, _separator, text in parts}


@contextmanager
def ansible(keep_compiled: bool = True) -> Iterator[Ansible]:
    """Provide an ``Ansible`` with a temporary home directory."""
    with tempfile.TemporaryDirectory(prefix="reseller-sendgrid-") as home:
        yield Ansible(Path(home), keep_compiled=keep_compiled)
