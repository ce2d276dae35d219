# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which way the code of the collection imports itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[4] / "plugins"
# Each floor may import the floors after it. The file of the last floor imports none.
FLOORS = [
    ["_module"],
    ["_accounts"],
    ["_orders"],
    ["_catalog"],
    ["_api"],
    ["_settings"],
    ["_argspec", "_endpoint", "_errors", "_text"],
    ["_secrets"],
]
FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}
# Inside functions, because a lookup that is answered from the cache needs none of these.
SEAMS = {
    ("lookup/offerings.py", "module_utils._errors"),
    ("lookup/offerings.py", "plugin_utils._read_offerings"),
    ("module_utils/_catalog/reader.py", "module_utils._catalog.cache_update"),
    ("module_utils/_catalog/reader.py", "module_utils._api.client"),
}


def read_imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield each import of a file, and whether it is inside a function. Relative ones are paths below ``plugins``."""
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        package: tuple[str, ...] = ()
        if isinstance(node, ast.ImportFrom):
            package = path.relative_to(PLUGINS).parts[: -node.level] if node.level else ()
            # In "from . import name" the name is a module.
            names = [node.module] if node.module else names
        for name in names:
            yield ".".join([*package, name]), id(node) in inside


def python_files(directory: str = "") -> list[Path]:
    return sorted((PLUGINS / directory).rglob("*.py"))


def floor_of(path: Path) -> int:
    return FLOOR_OF[path.relative_to(PLUGINS / "module_utils").parts[0].removesuffix(".py")]


@pytest.mark.parametrize("path", python_files("module_utils"), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_module_utils_import_only_lower_floors(path: Path) -> None:
    for module, _inside in read_imports(path):
        parts = module.split(".")
        if (PLUGINS / parts[0]).is_dir():
            assert parts[0] == "module_utils", module
            is_same_package = path.parent.name == parts[1]
            assert is_same_package or floor_of(path) < FLOOR_OF[parts[1]], module


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_imports_inside_the_collection_are_relative(path: Path) -> None:
    assert [module for module, _inside in read_imports(path) if module.startswith("ansible_collections")] == []


def test_imports_inside_functions_are_only_at_the_seams() -> None:
    found = {
        (str(path.relative_to(PLUGINS)), module)
        for path in python_files()
        for module, is_inside in read_imports(path)
        if is_inside
    }
    assert found == SEAMS
