# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection: it can change at any time.
"""The section of ansible.cfg that is ours."""

from __future__ import annotations

import configparser
import io

from ansible.parsing.quoting import unquote
from ansible.utils.path import unfrackpath
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import LOOKUP_SETTINGS

SECTION = "reseller.sendgrid"


def section(content: bytes, file: str) -> dict[str, str]:
    """Return the options in I(content) of I(file), without secrets, which do not belong there."""
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None)
    parser.read_file(io.StringIO(content.decode(errors="surrogateescape")))
    if not parser.has_section(SECTION):
        return {}
    found = {name: unquote(value) for name, value in parser.items(SECTION)}
    for name, spec in LOOKUP_SETTINGS.items():
        if spec.get("no_log"):
            found.pop(name, None)
        elif spec["type"] == "path" and found.get(name):
            # Relative to the file, as for core.
            found[name] = unfrackpath(found[name], follow=False, basedir=file)
    return found
