# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What is wrong with a file or directory of CA certificates. OpenSSL says it without a name, or not at all."""

from __future__ import annotations

import os
import re
from pathlib import Path


def path_problem(path: str) -> str | None:
    """Return why there is nothing at ``path``, or ``None``."""
    try:
        os.stat(path)
    except PermissionError:
        # A link can lead below another directory.
        parents = reversed(Path(os.path.realpath(path)).parents)
        closed = next((f"the directory '{parent}', which" for parent in parents if not _can_enter(parent)), None)
        return f"is below {closed or 'a directory that'} may not be entered"
    except (OSError, ValueError):
        return "does not exist"
    return None


def _can_enter(directory: Path) -> bool:
    try:
        os.stat(f"{directory}/.")
    except OSError:
        return False
    return True


def bundle_problem(path: str) -> str | None:
    """Return why the CA certificates at ``path`` cannot be used, or ``None``."""
    if problem := path_problem(path):
        return problem
    try:
        if os.path.isdir(path):
            names = os.listdir(path)
            if any(re.fullmatch(r"[\da-f]{8}\.\d+", name) for name in names):
                return None
            return f"has no links named by hash, which a directory of certificates needs; run openssl rehash {path}"
        content = Path(path).read_bytes()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if not content.strip():
        return "is empty"
    # Where a certificate in binary form begins: a sequence, with its length in two bytes.
    if content.startswith(b"\x30\x82"):
        return f"is in DER form, and PEM is needed; run openssl x509 -inform der -in {path} -out {path}.pem"
    if not re.search(rb"-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----", content):
        return "has no certificate in PEM form"
    return None
