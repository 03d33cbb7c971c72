from __future__ import annotations

import ast

import pytest

from tests.house.sources import package_modules, parsed, shown

CLOCK = "allusedesk.engine.clock"

# The last part of a call that asks the machine what time it is.
READS_OF_NOW = {"now", "utcnow", "today", "time_ns", "monotonic", "monotonic_ns", "perf_counter"}
OWNERS_OF_NOW = {"datetime", "date", "time"}
CHANCE = {"random", "secrets", "uuid"}
# Parts of numpy.random that are types or take a seed; everything else there is global state.
SEEDED = {"Generator", "PCG64", "SeedSequence", "default_rng", "BitGenerator"}


def dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id])) if isinstance(node, ast.Name) else ""


def breach(node: ast.AST) -> str:
    """What is wrong with this node, or nothing."""
    if isinstance(node, ast.Import) and {a.name.split(".")[0] for a in node.names} & CHANCE:
        return "imports chance"
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in CHANCE:
        return "imports chance"
    if not isinstance(node, ast.Call):
        return ""
    name = dotted(node.func)
    owner, _, last = name.rpartition(".")
    if last in READS_OF_NOW and owner.rpartition(".")[2] in OWNERS_OF_NOW:
        return f"reads the clock: {name}"
    if name in {"time.time", "time", "monotonic", "perf_counter", "time_ns"}:
        return f"reads the clock: {name}"
    if owner.endswith(("np.random", "numpy.random")) and last not in SEEDED:
        return f"draws from global chance: {name}"
    if last == "default_rng" and not node.args and not node.keywords:
        return "draws a seed from the machine"
    return ""


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "time.time()",
        "perf_counter()",
        "import random",
        "from uuid import uuid4",
        "np.random.normal()",
        "np.random.default_rng()",
    ],
)
def test_the_search_finds_what_it_looks_for(line: str) -> None:
    assert any(breach(node) for node in ast.walk(ast.parse(line)))


def test_only_the_clock_reads_the_clock_and_nobody_draws_lots() -> None:
    found = [
        f"{shown(path)}:{node.lineno} {reason}"
        for module, path in package_modules().items()
        if module != CLOCK
        for node in ast.walk(parsed(path))
        if (reason := breach(node)) and hasattr(node, "lineno")
    ]
    assert found == []
