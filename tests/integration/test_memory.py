# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The memory that the module and the lookup need for huge responses."""

from __future__ import annotations

import gzip
import re
import sys
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.fault_server import (
    Behaviour,
    FaultServer,
    endless,
    http,
    sends,
)

MEBIBYTE = 1024 * 1024
# A program that runs Python, and writes the peak memory of Python to a file.
MEASURED_PYTHON = """#!{python}
import resource, subprocess, sys
status = subprocess.call([{python!r}, *sys.argv[1:]])
with open({result!r}, "w") as stream:
    stream.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels report the memory of a process differently")
def test_memory_is_bounded_for_huge_responses(ansible: Ansible) -> None:
    """The responses are 1 GiB, with and without compression, and a body whose JSON needs much memory for its size."""
    huge_responses: dict[str, Behaviour] = {
        "large": endless(http(200, headers={"Content-Length": None}), b" " * MEBIBYTE, 0),
        "bomb": sends(http(200, gzip.compress(b" " * 16 * MEBIBYTE) * 64, {"Content-Encoding": "gzip"})),
        "redirect": endless(http(302, headers={"Content-Length": None, "Location": "/v3/x"}), b" " * MEBIBYTE, 0),
        "dense": sends(http(200, b'{"catalog": [' + b"{}," * (2 * MEBIBYTE) + b"{}]}")),
    }
    python = str(ansible.home / "python" / "bin" / "python")
    interpreter = ansible.home / "measured"
    interpreter.write_text(MEASURED_PYTHON.format(python=python, result=str(ansible.home / "peak")))
    interpreter.chmod(0o755)
    status = "lookup('ansible.builtin.file', '/proc/self/status') | regex_search('VmHWM:.*')"
    tasks: list[dict[str, Any]] = []
    with FaultServer() as server:
        endpoint = f"http://127.0.0.1:{server.listen()}"
        for name, behaviour in huge_responses.items():
            key = f"SG.{name.ljust(22, 'x')}.{'k' * 43}"
            server.behaviours[key] = [behaviour]
            options = f"api_key='{key}', api_endpoint='{endpoint}', cache_ttl=0"
            query = f"query('reseller.sendgrid.offerings', {options}, errors='ignore')"
            tasks += [
                {
                    "reseller.sendgrid.sendgrid_offerings_info": {"api_key": key, "api_endpoint": endpoint},
                    "vars": {"ansible_python_interpreter": str(interpreter)},
                    "ignore_errors": True,
                },
                {"ansible.builtin.debug": {"msg": "VmHWM: {{ lookup('file', '%s') }} kB" % (ansible.home / "peak")}},
                {"ansible.builtin.debug": {"msg": f"{{{{ {query} | length }}}} {{{{ {status} }}}}"}},
            ]
        output = ansible.play([{"hosts": "all", "gather_facts": False, "tasks": tasks}]).stdout
        assert all(len(requests) == 2 for requests in server.requests.values()), output
    assert output.count("the body is larger than 8192 KiB") >= 4, output
    assert output.count("an encoding that was not asked for") >= 2, output
    peaks = [int(peak) for peak in re.findall(r"VmHWM:\D*(\d+) kB", output)]
    assert len(peaks) == 8 and max(peaks) < 400 * 1024, peaks
