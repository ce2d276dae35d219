# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The libraries that send requests. Use them only after ``check_libraries``: they may be impossible to import."""

from __future__ import annotations

import platform
import sys

from .._errors import SendGridError
from .._text import clean

__all__ = ["HTTPAdapter", "check_libraries", "requests", "urllib3"]

IMPORT_ERROR: BaseException | None = None
try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except KeyboardInterrupt:
    raise
except BaseException as error:
    # An update that was interrupted can raise anything, and a library in Rust raises what is no Exception.
    IMPORT_ERROR = error
    requests = urllib3 = None  # type: ignore[assignment]
    HTTPAdapter = object  # type: ignore[misc,assignment]


def check_libraries(is_controller: bool) -> None:
    """Check that the libraries can be used.

    :param is_controller: whether this Python is the one of Ansible itself.
    :raises SendGridError: ``missing_library``.
    """
    if IMPORT_ERROR is None:
        return
    where = f"{sys.executable} on {platform.node()}"
    if isinstance(IMPORT_ERROR, ModuleNotFoundError) and IMPORT_ERROR.name == "requests":
        problem = f"The Python library requests is missing for {where}"
        remedy = "Install it there"
    else:
        reason = clean(f"{type(IMPORT_ERROR).__name__}: {IMPORT_ERROR}")
        problem = f"The Python library requests cannot be used by {where} ({reason})"
        remedy = "Install it there again, with what it needs"
    if is_controller:
        remedy += ": this is the Python of Ansible itself. If it was installed by pipx, run pipx inject ansible-core "
        remedy += "requests; if by uv, run uv tool install --with requests ansible-core."
    else:
        remedy += ", or choose a Python that has it with ansible_python_interpreter."
    raise SendGridError("missing_library", f"{problem}. {remedy}", library="requests", python=sys.executable)
