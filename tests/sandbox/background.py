# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the sandbox in the background, for shells that use it after the command has returned."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# Whoever starts it cannot be expected to stop it.
IDLE_MINUTES = 30
# For the shell that evaluates what this prints. A playbook must not use the real API because there is no sandbox.
NO_SANDBOX = "unset SENDGRID_API_ENDPOINT SENDGRID_API_KEY SENDGRID_SANDBOX_PID; false"


def start(arguments: Sequence[str], log: Path | None) -> int:
    """Start the sandbox, print its exports once it accepts connections, and return the exit code of this command.

    :param arguments: of the command line.
    :param log: the file for what the process prints, ``None`` to drop it once the process accepts connections.
    """
    program = [sys.executable, str(Path(__file__).resolve().parent)]
    # The process inherits no stream, because a caller that reads one would wait until the process ends. In append
    # mode, it still writes at the end after this one has read its messages.
    with log.open("a+b") if log else tempfile.TemporaryFile("a+b") as messages:
        start_of_messages = messages.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            # In argparse, the last one of several values counts.
            [*program, "--port", "0", "--idle-timeout", str(IDLE_MINUTES), *arguments, "--no-detach"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            start_new_session=True,
        )
        assert process.stdout is not None
        exports = [process.stdout.readline().decode() for _count in range(2)]
        messages.seek(start_of_messages)
        print(messages.read().decode(errors="replace"), end="", file=sys.stderr, flush=True)
    if not all(exports):
        print(NO_SANDBOX)
        return process.wait() or 1
    print(*exports, f"export SENDGRID_SANDBOX_PID={process.pid}", sep="")
    return 0
