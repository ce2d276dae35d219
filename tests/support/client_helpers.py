# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake clock, paths, and ports and files that cannot be used, for tests of the client."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

CATALOG = "/v3/partners/offerings"
ACCOUNTS = "/v3/partners/accounts"
ORDER = {"offerings": [{"name": "org.ei.free.v1", "type": "package", "quantity": 1}]}
EPOCH = 1_800_000_000.0


class FakeClock:
    """A clock that only ``sleep`` advances. ``slept`` has the duration of each call, in seconds."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def time(self) -> float:
        return EPOCH + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@contextmanager
def silent_port() -> Iterator[int]:
    """Provide a port that does not answer, as a firewall that drops packets."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        # More connections than the backlog takes, so that the kernel leaves the next one without an answer.
        for _number in range(8):
            connection = waiting.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(full.getsockname())
        yield full.getsockname()[1]


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Root may read everything."""
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
