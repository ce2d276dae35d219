# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said if ``requests`` cannot be imported, whatever its import raises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import collections_root

PROGRAM = """
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
config = ClientConfig("k" * 20, "https://api.invalid", 1.0, 0, 0.0, True, is_controller={controller})
try:
    Client(config).request("GET", "/v3/partners/offerings")
except SendGridError as error:
    print(error.code, error.message)
"""
OLD_OPENSSL = "urllib3 v2 only supports OpenSSL 1.1.1+, currently the 'ssl' module is compiled with 'OpenSSL 1.0.2k'"
REINSTALL = "Install it there again, with what it needs, or choose a Python that has it"
ON_CONTROLLER = (
    "this is the Python of Ansible itself. If it was installed by pipx, run pipx inject ansible-core requests"
)
# By files that replace modules: what they do, whether the Python is Ansible's, and parts of what is printed.
BROKEN: dict[tuple[str, ...], tuple[str, bool, list[str]]] = {
    ("requests",): (
        "raise ModuleNotFoundError(\"No module named 'requests'\", name='requests')",
        True,
        ["The Python library requests is missing for", sys.executable, ON_CONTROLLER],
    ),
    ("urllib3",): (f"raise ImportError({OLD_OPENSSL!r})", False, [f"(ImportError: {OLD_OPENSSL})", REINSTALL]),
    ("idna",): (
        "raise ModuleNotFoundError(\"No module named 'idna'\", name='idna')",
        False,
        ["requests cannot be used by", "(ModuleNotFoundError: No module named 'idna')", REINSTALL],
    ),
    ("charset_normalizer", "chardet"): (
        "raise AttributeError(\"module 'charset_normalizer' has no attribute 'md'\")",
        True,
        ["(AttributeError: module 'charset_normalizer' has no attribute 'md')", ON_CONTROLLER],
    ),
    # As libraries in Rust do.
    ("certifi",): (
        "class PanicException(BaseException): pass\nraise PanicException('Python API call failed')",
        False,
        ["(PanicException: Python API call failed)", REINSTALL],
    ),
    ("socks",): (
        "raise ImportError",
        False,
        ["socks5h://127.0.0.1:9 in ALL_PROXY: Missing dependencies for SOCKS support. Correct ALL_PROXY"],
    ),
}


@pytest.mark.parametrize("modules", BROKEN, ids=lambda modules: modules[0])
def test_the_reason_is_given_if_the_library_cannot_be_imported(tmp_path: Path, modules: tuple[str, ...]) -> None:
    code, controller, parts = BROKEN[modules]
    for module in modules:
        (tmp_path / f"{module}.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(controller=controller)],
        env={"PYTHONPATH": f"{tmp_path}:{collections_root()}", "ALL_PROXY": "socks5h://user:s3cret@127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    failure_code = "connection" if modules == ("socks",) else "missing_library"
    assert done.stdout.startswith(f"{failure_code} ") and not done.stderr, done
    assert all(part in done.stdout for part in parts), done.stdout
