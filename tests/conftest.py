# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the checkout importable as the collection, whatever its directory is called, and provide shared fixtures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .support.ansible_runner import Ansible, collections_root
from .support.sandbox_client import Sandbox

# ``ansible-test units`` sets up the import path itself.
if "ansible_collections" not in sys.modules:
    sys.path.insert(0, str(collections_root()))


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """One sandbox for all tests of a process, because starting it takes longer than most tests."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The shared sandbox, reset to its initial state."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible with its own home directory."""
    return Ansible(tmp_path)
