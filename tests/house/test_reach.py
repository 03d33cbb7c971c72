from __future__ import annotations

import ast

from tests.house.sources import package_modules, parsed, shown

# Started from outside, so nobody imports them.
ENTRIES = {"allusedesk.__main__"}


def imported_names(tree: ast.Module) -> set[str]:
    """Every dotted name an import in the tree could mean, at the top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_no_module_is_imported_by_nobody() -> None:
    modules = package_modules()
    imported = {
        name
        for module, path in modules.items()
        for name in imported_names(parsed(path))
        if name != module
    }
    rooms = {module for module, path in modules.items() if path.name == "__init__.py"}
    assert sorted(set(modules) - imported - rooms - ENTRIES) == []


def test_modules_are_imported_by_their_full_names() -> None:
    relative = [
        f"{shown(path)}:{node.lineno}"
        for path in package_modules().values()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []
