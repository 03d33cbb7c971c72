"""From the start of a process to its first painted window, and the memory a desk at rest holds.

Each kind of window runs in a process of its own, in turn, and the best of several counts: a ratio
of bests hardly changes with the load of the machine. PEER_PYTHON may name an interpreter that has
vnpy; without one its published ratio to a bare window stands in, and the row says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.desk_figures import told
from tests.house.sources import ROOT

ROUNDS = 5
DRIVER = ROOT / "tests" / "benchmarks" / "first_paint.py"
# 610 ms against 89 ms for a bare window, on one machine with Python 3.11.
PEER_OVER_BARE = 610 / 89
LIBRARIES = ("PySide6.QtWidgets", "numpy", "scipy.special", "pyqtgraph", "sqlite3", "asyncio")
LATER = ("QuantLib", "pandas", "sklearn.linear_model", "reportlab.pdfgen.canvas", "pypdfium2")


def started(kind: str, home: Path, interpreter: str = sys.executable) -> dict[str, float]:
    """Milliseconds to the first paint, by the wall and by the processor, and what was loaded."""
    options = ["--out", str(home / "out")] if kind == "desk" else []
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "ALLUSEDESK_HOME": str(home),
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }
    began = time.monotonic_ns()
    done = subprocess.run(
        [interpreter, str(DRIVER), kind, *options],
        cwd=home,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    return {
        "wall": (found["at"] - began) / 1e6,
        "processor": found["processor_seconds"] * 1e3,
        "megabytes": found["megabytes"],
        "modules": found["modules"],
    }


@pytest.mark.benchmark(group="process start to first painted window (goals 3x bare, 0.8x vnpy)")
def test_first_paint(benchmark: Any, tmp_path: Path) -> None:
    peer = os.environ.get("PEER_PYTHON")
    kinds = {"bare": sys.executable, "desk": sys.executable, **({"vnpy": peer} if peer else {})}
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for number in range(ROUNDS):
        for kind, interpreter in kinds.items():
            home = tmp_path / f"{kind}-{number}"
            home.mkdir()
            found[kind].append(started(kind, home, interpreter))
    best = {
        kind: {name: min(one[name] for one in runs) for name in runs[0]}
        for kind, runs in found.items()
    }
    bare, desk = best["bare"], best["desk"]
    over_peer: dict[str, object] = {
        "wall_over_peer_as_published": (desk["wall"] / bare["wall"] / PEER_OVER_BARE, 0.8)
    }
    if peer:
        over_peer = {
            f"{name}_over_peer": (desk[name] / best["vnpy"][name], 0.8)
            for name in ("wall", "processor")
        }
    last = tmp_path / "last"
    last.mkdir()
    benchmark.pedantic(started, args=("desk", last), rounds=1)
    told(
        benchmark,
        "first painted window",
        wall_over_bare=(desk["wall"] / bare["wall"], 3.0),
        processor_over_bare=(desk["processor"] / bare["processor"], 3.0),
        **over_peer,
        desk_ms=desk["wall"],
        bare_ms=bare["wall"],
        desk_processor_ms=desk["processor"],
        bare_processor_ms=bare["processor"],
        megabytes=desk["megabytes"],
        modules=int(desk["modules"]),
    )


REST = """
import asyncio, json, os, sys
from pathlib import Path
from allusedesk.desk.launch import choose_platform, run_application

async def sit(application):
    from allusedesk.desk.session import DeskSession
    from allusedesk.wiring.sample_desk import sample_request

    application.setQuitOnLastWindowClosed(False)
    session = DeskSession(application, sample_request(Path(sys.argv[1]), speed=60.0), lambda: None)
    session.open()
    while session.context.bridge.latest is None:
        await asyncio.sleep(0.05)
    found = {}
    await asyncio.sleep(2.0)
    found["first panels"] = megabytes()
    for name in session.window.frames:
        session.window.open_dock(name)
        await asyncio.sleep(0.4)
    await asyncio.sleep(2.0)
    found["every panel"] = megabytes()
    found["not yet"] = [name for name in ("QuantLib", "sklearn") if name not in sys.modules]
    print(json.dumps(found), flush=True)
    os._exit(0)

def megabytes():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

choose_platform()
run_application(sit)
"""
COST = """
import os
from pathlib import Path
def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
import {before}
began = megabytes()
import {name}
print(megabytes() - began)
"""


@pytest.mark.benchmark(group="resident memory at rest (goal 250 MB; vnpy 208)")
def test_memory_at_rest(benchmark: Any, tmp_path: Path) -> None:
    environment = {**os.environ, "ALLUSEDESK_HOME": str(tmp_path / "home")}

    def run(code: str, *arguments: str) -> str:
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout

    found = json.loads(
        benchmark.pedantic(run, args=(REST, str(tmp_path / "out")), rounds=1).splitlines()[-1]
    )
    costs = {}
    for name in (*LIBRARIES, *LATER):
        before = "numpy" if name in ("scipy.special", *LATER) else "sys"
        costs[name] = round(float(run(COST.format(before=before, name=name))))
    told(
        benchmark,
        "memory at rest, MB",
        every_panel=(found["every panel"], 250.0),
        first_panels=found["first panels"],
        not_loaded=found["not yet"],
        of_each_import=costs,
        peer=208,
    )
