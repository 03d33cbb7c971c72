"""The crash reports of a person's desks, with this program's name, its clock and its log."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from allusedesk.monitoring.crash_reports import CrashFolder
from allusedesk.wiring.requests import PROGRAM

LOG = Path("logs") / "desk.log"


def crash_folder(home: Path) -> CrashFolder:
    """The reports that lie below a folder of settings."""
    return CrashFolder(home, _now, PROGRAM, LOG)


def _now() -> datetime:
    # The engine's modules are not wanted before the first paint, and seldom is there a report.
    from allusedesk.engine.clock import WallClock

    return WallClock().now()
