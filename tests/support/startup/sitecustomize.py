# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep what Python compiles from archives in the folder that ``KEEP_COMPILED`` names.

Ansible sends each module with its imports as an archive of sources. Each task would compile them again, which takes
almost half of its time. Python runs this file when it starts.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import zipimport

# The function with which Python itself gives a ``.pyc`` file the path of its source.
from _imp import _fix_co_filename  # type: ignore[attr-defined]
from types import CodeType

compile_anew = zipimport._compile_source  # type: ignore[attr-defined]


def compile_or_read(path: str, source: bytes) -> CodeType:
    # The hash differs between versions of Python whose code differs.
    file = os.path.join(os.environ["KEEP_COMPILED"], importlib.util.source_hash(source).hex())
    code: CodeType
    try:
        with open(file, "rb") as stream:
            code = marshal.load(stream)
    except FileNotFoundError:
        code = compile_anew(path, source)
        # Another process must not read half of it.
        with open(f"{file}.{os.getpid()}", "wb") as new:
            marshal.dump(code, new)
        os.replace(new.name, file)
    # Each task has another archive.
    _fix_co_filename(code, path)
    return code


if "KEEP_COMPILED" in os.environ:
    zipimport._compile_source = compile_or_read  # type: ignore[attr-defined]
