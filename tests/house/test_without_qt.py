from __future__ import annotations

import subprocess
import sys

from tests.house.sources import ROOT, package_modules

BLOCKED = """
import importlib, sys
for name in ("PySide6", "shiboken6", "pyqtgraph", "qasync"):
    sys.modules[name] = None
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_everything_but_the_desk_runs_without_qt() -> None:
    names = [name for name in package_modules() if not name.startswith("allusedesk.desk")]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCKED, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
