"""What this process takes of the machine, and what the disk has left."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """Memory held and processor time used so far; None where the system does not tell."""

    memory_bytes: int | None
    cpu_seconds: float | None


def read_process(pid: int | None = None) -> ProcessReading:
    """Read a process, our own if none is named; one that has ended tells nothing."""
    if not sys.platform.startswith("linux"):
        return ProcessReading(None, sum(os.times()[:2]) if pid is None else None)
    folder = Path("/proc") / ("self" if pid is None else str(pid))
    try:
        pages = int((folder / "statm").read_text(encoding="ascii").split()[1])
        # The name in parentheses may hold anything, so fields are counted from behind it.
        fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ProcessReading(None, None)
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return ProcessReading(pages * os.sysconf("SC_PAGE_SIZE"), seconds)


def free_bytes(folder: Path) -> int | None:
    """Room left on the disk of a folder; None where it cannot be asked."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def size_bytes(file: Path) -> int:
    """How large a file is; nothing where there is none."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def thread_count() -> int:
    """Threads of Python in this process."""
    return threading.active_count()
