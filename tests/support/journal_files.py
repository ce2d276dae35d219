# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and write the files of the creation journal."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.journal import Entry, Journal, encode
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox


def make_journal(sandbox: Sandbox, warnings: list[str] | None = None, key: str = "") -> Journal:
    found = [] if warnings is None else warnings
    return Journal(sandbox.cache_dir, sandbox.endpoint, key or sandbox.key, 0, found.append)


def journal_files(sandbox: Sandbox) -> dict[str, bytes]:
    """Return the content of each file by its name."""
    directory = Path(sandbox.cache_dir, "journal")
    return {path.name: path.read_bytes() for path in directory.iterdir()} if directory.exists() else {}


def put_entry(
    sandbox: Sandbox,
    email: str,
    account_id: str | None,
    age: float,
    is_damaged: bool = False,
    lifetime: float = 600,
    key: str = "",
) -> Path:
    """Write an entry as of ``age`` seconds ago, and return the path of its file."""
    path = Path(make_journal(sandbox, key=key).path(email))
    for directory in (path.parents[1], path.parent):
        directory.mkdir(0o700, exist_ok=True)
    written_at = time.time() - age
    content = encode(Entry(account_id, written_at, written_at + lifetime))
    path.write_bytes(content[:100] if is_damaged else content)
    path.chmod(0o600)
    os.utime(path, (written_at, written_at))
    return path
