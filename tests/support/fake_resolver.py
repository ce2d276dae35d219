# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fake the resolution of names in each Python that a run of Ansible starts. Everything else stays real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .ansible_runner import STARTUP

PROGRAM = """
import socket, time
resolve = socket.getaddrinfo
def getaddrinfo(host, port, *more, **named):
    ports = {ports}.get(host)
    if ports is None:
        return resolve(host, port, *more, **named)
    if not ports:
        time.sleep(60)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
socket.getaddrinfo = getaddrinfo
"""


def fake_resolver(folder: Path, ports: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """Return the environment variables that do so.

    :param folder: where to write a file.
    :param ports: by name, the ports of its addresses; without any, no name server responds.
    """
    (folder / "resolver").mkdir()
    # Python runs only one file of this name.
    other_program = (STARTUP / "sitecustomize.py").read_text()
    (folder / "resolver" / "sitecustomize.py").write_text(other_program + PROGRAM.format(ports=ports))
    return {"PYTHONPATH": str(folder / "resolver")}
