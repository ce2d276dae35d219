# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docstrings of Python code are plain reST."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

COLLECTION = Path(__file__).parents[4]
ANSIBLE_MARKUP = re.compile(r"\b(?:[CVIBOE]|RV)\([^)]+\)")


def marked_docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if found := ANSIBLE_MARKUP.search(ast.get_docstring(node) or ""):
            yield f"{path.relative_to(COLLECTION)}:{node.body[0].lineno}: {found[0]}"


def test_docstrings_have_no_ansible_markup() -> None:
    # The docstrings of fragments are documentation of Ansible.
    files = [path for folder in ("plugins", "tests") for path in (COLLECTION / folder).rglob("*.py")]
    # ansible-test keeps whole Python environments below tests/output.
    others = (COLLECTION / "plugins" / "doc_fragments", COLLECTION / "tests" / "output")
    ours = [path for path in files if not any(folder in path.parents for folder in others)]
    assert [line for path in ours for line in marked_docstrings(path)] == []
