# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of Ansible's own commands on this checkout, apart from whatever configuration the user has."""

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


def collections_root() -> Path:
    """Return the folder in which Ansible finds this checkout as a collection, whatever its own folder is called."""
    root = CHECKOUT / ".cache" / "collections"
    link = root / "ansible_collections" / "reseller" / "sendgrid"
    link.parent.mkdir(parents=True, exist_ok=True)
    # Test processes start together, and each may be the first; a checkout that was moved leaves a link to nowhere.
    with suppress(FileExistsError):
        link.symlink_to("../../../..", target_is_directory=True)
    return root


class Ansible:
    """Runs C(ansible-playbook) and its siblings in a home of their own.

    :param prefix: of the Python that runs all of it; by default this one.
    :param collections: the folder in which collections are found; by default one with this checkout only.
    """

    def __init__(self, home: Path, prefix: Path = Path(sys.prefix), collections: Path | None = None) -> None:
        # Core 2.18 and older cannot run modules with an interpreter whose path has spaces, as a checkout's may have.
        (home / "python").symlink_to(prefix, target_is_directory=True)
        self.python = home / "python" / "bin" / "python"
        (home / "inventory").write_text(
            f"localhost ansible_connection=local ansible_python_interpreter={self.python}\n"
        )
        self.configuration = home / "ansible.cfg"
        settings = {
            "inventory": home / "inventory",
            "collections_path": collections or collections_root(),
            # The default is below the home that the user database names, whatever HOME says.
            "remote_tmp": home / "tmp",
            "nocolor": "true",
        }
        lines = [f"{name} = {value}\n" for name, value in settings.items()]
        self.configuration.write_text(f"[defaults]\n{''.join(lines)}")
        self.home = home
        kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START")
        self.environment = {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "HOME": str(home),
            "ANSIBLE_CONFIG": str(self.configuration),
        }

    def run(
        self, command: str, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run C(ansible-<command>); output and errors are in C(stdout) of the result."""
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
        """Run C(ansible-playbook) on I(plays), which are in C(playbook.yml) of the home then."""
        playbook = self.home / "playbook.yml"
        playbook.write_text(json.dumps(plays))
        return self.run("playbook", playbook, *arguments, environment=environment)

    @contextmanager
    def running(
        self, command: str, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run C(ansible-<command>) beside the test, with its output in C(output) of the home, and end it afterwards."""
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
                # Not the group: newer cores give each worker a session of its own.
                for pid in self.processes():
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)

    def processes(self) -> dict[int, str]:
        """Return the titles of all processes that were started in this home, by number. For Linux."""
        home = f"HOME={self.home}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            # Others end while this looks, or are none of ours.
            with suppress(OSError):
                if home in (folder / "environ").read_bytes().split(b"\0"):
                    title = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(folder.name)] = title.decode(errors="replace")
        return found


@contextmanager
def ansible() -> Iterator[Ansible]:
    """Give an C(Ansible) whose home is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="reseller-sendgrid-") as home:
        yield Ansible(Path(home))
