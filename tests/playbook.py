# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of Ansible's own commands on this checkout, apart from whatever configuration the user has."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


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
    """Runs C(ansible-playbook) and its siblings, of the core that runs this, in a home of their own."""

    def __init__(self, home: Path) -> None:
        # Core 2.18 and older cannot run modules with an interpreter whose path has spaces, as a checkout's may have.
        (home / "python").symlink_to(sys.prefix, target_is_directory=True)
        (home / "inventory").write_text(
            f"localhost ansible_connection=local ansible_python_interpreter={home / 'python' / 'bin' / 'python'}\n"
        )
        self.configuration = home / "ansible.cfg"
        settings = {
            "inventory": home / "inventory",
            "collections_path": collections_root(),
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
            [sys.executable, "-m", "ansible", command, *map(str, arguments)],
            cwd=self.home,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )


@contextmanager
def ansible() -> Iterator[Ansible]:
    """Give an C(Ansible) whose home is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="reseller-sendgrid-") as home:
        yield Ansible(Path(home))
