"""What no screen may do: wait for a dialog, ask with a box that stops all, or leave its thread."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.sources import PACKAGE, package_modules, parsed, shown

# Loops of their own inside Qt's: the engine's heartbeat, timers and deadlines stop behind them.
_NESTED_LOOPS = frozenset({"exec", "exec_", "processEvents"})
# Functions of Qt that open a modal window and come back only once it is closed.
_WAITING_BOXES = {
    "QMessageBox": None,
    "QErrorMessage": None,
    "QFileDialog": (
        "getOpenFileName",
        "getOpenFileNames",
        "getSaveFileName",
        "getExistingDirectory",
        "getOpenFileUrl",
        "getSaveFileUrl",
    ),
    "QInputDialog": ("getText", "getItem", "getInt", "getDouble", "getMultiLineText"),
    "QColorDialog": ("getColor",),
    "QFontDialog": ("getFont",),
}
# Work leaves the screen's thread through operations alone, and faults hears what threads raise.
_THREAD_DOORS = frozenset({"allusedesk.desk.operations", "allusedesk.desk.faults"})
_THREADS = frozenset({"threading", "multiprocessing", "_thread"})
_THREAD_NAMES = frozenset(
    {"QThread", "QThreadPool", "QRunnable", "ThreadPoolExecutor", "ProcessPoolExecutor", "Thread"}
)


def desk_trees() -> Iterator[tuple[str, str, ast.Module]]:
    for name, path in package_modules().items():
        if path.is_relative_to(PACKAGE / "desk"):
            yield name, shown(path), parsed(path)


def test_no_screen_waits_inside_a_loop_of_its_own() -> None:
    found = [
        f"{file}:{node.lineno}: {node.func.attr}"
        for _, file, tree in desk_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _NESTED_LOOPS
    ]
    assert found == []


def test_no_box_stops_everything() -> None:
    found = []
    for _, file, tree in desk_trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and _WAITING_BOXES.get(node.id, ()) is None:
                found.append(f"{file}:{node.lineno}: {node.id}")
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                waiting = _WAITING_BOXES.get(node.value.id) or ()
                if node.attr in waiting:
                    found.append(f"{file}:{node.lineno}: {node.value.id}.{node.attr}")
    assert found == []


def test_only_operations_leave_the_thread_of_the_screen() -> None:
    found = []
    for name, file, tree in desk_trees():
        if name in _THREAD_DOORS:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                taken = {alias.name.partition(".")[0] for alias in node.names} & _THREADS
            elif isinstance(node, ast.ImportFrom):
                taken = {(node.module or "").partition(".")[0]} & _THREADS
                taken |= {alias.name for alias in node.names} & _THREAD_NAMES
            else:
                continue
            found += [f"{file}:{node.lineno}: {one}" for one in sorted(taken)]
    assert found == []


def test_no_button_is_a_default() -> None:
    """`setDefault(True)` and `setAutoDefault(True)` would let Enter press a button."""
    found = [
        f"{file}:{node.lineno}: {node.func.attr}"
        for _, file, tree in desk_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("setDefault", "setAutoDefault")
        and any(isinstance(one, ast.Constant) and one.value is True for one in node.args)
    ]
    assert found == []


def test_no_global_style_sheet() -> None:
    """A sheet on the application or the window costs half of each table's frame again."""
    found = [
        f"{file}:{node.lineno}"
        for _, file, tree in desk_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "setStyleSheet"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("application", "app", "window", "table")
    ]
    assert found == []
