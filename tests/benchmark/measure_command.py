# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command and record its resource usage, with all descendants: ``python measure_command.py REPORT COMMAND...``.

The peak memory that the kernel reports for a process includes the memory of the process that started it. So this small
process starts the command. To measure a module, Ansible runs this program in place of the Python interpreter.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> int:
    report, *command = sys.argv[1:]
    start_time = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    _pid, status, usage = os.wait4(pid, 0)
    usage_report = {
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.perf_counter() - start_time,
        # In MB, of the largest process.
        "memory": usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024),
    }
    with open(report, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(usage_report) + "\n")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
