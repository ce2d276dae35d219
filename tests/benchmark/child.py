# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a command and notes what it and all its descendants cost: python child.py REPORT COMMAND...

The peak of memory that the kernel reports for a process includes that of the process which started it. Hence this small
one in between; it also stands in for the interpreter of a module.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> int:
    report, *command = sys.argv[1:]
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    _child, status, usage = os.wait4(child, 0)
    document = {
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.perf_counter() - started,
        # Of the largest of the processes.
        "memory": usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024),
    }
    with open(report, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(document) + "\n")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
