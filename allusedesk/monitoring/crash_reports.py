"""Crash reports in a folder of this machine: where it failed, with what versions, after what.

What a fault said, and the values it met, never enter one: either may hold a key or a passphrase.
Nothing is sent anywhere.
"""

from __future__ import annotations

import faulthandler
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from allusedesk.journal.faults import JournalCannotOpen
from allusedesk.journal.writer_lock import WriterLock, lock_of, writer_of

FOLDER = "crashes"
KEPT_AT_MOST = 10
_NEW, _SEEN = ".new.txt", ".txt"
_LIBRARIES = ("PySide6", "qasync", "numpy", "scipy", "pyqtgraph")
_LOG_LINES, _LOG_BYTES = 40, 20_000
# A fault that comes with every frame would push out the one that came first.
_WRITTEN_MAX = 5
_CHAIN_MAX = 8
_PATH_PARTS = 4
_WHERE = (
    "Where (files, lines and functions; what the fault said and every value are left out, for "
    "they might hold a key):"
)
_CRASHED = "--- from here on by Python's fault handler ---\n"


@dataclass(frozen=True, slots=True)
class CrashReport:
    """One report: its file, when it was, what in a sentence, and whether nobody looked yet."""

    path: Path
    at: str
    what: str
    is_new: bool


class CrashFolder:
    """The crash reports of one person's desks, the newest ten.

    `now` tells the instant, UTC; `program` is the name and version of the desk; `log` is the file
    whose last lines go into a report.
    """

    def __init__(self, home: Path, now: Callable[[], datetime], program: str, log: Path) -> None:
        self.folder = home / FOLDER
        self._log = home / log
        self._now = now
        self._program = program
        self._written: set[tuple[str, str]] = set()
        self._running = self.folder / f"running-{os.getpid()}.trace"
        self._trace: IO[str] | None = None
        self._lock: WriterLock | None = None

    def watch(self) -> None:
        """Have hard crashes of this process traced, and report those of processes that are gone.

        A folder that cannot be written goes without; the desk's own look at it says so.
        """
        with suppress(OSError, JournalCannotOpen):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._collect()
            self._lock = WriterLock(self._running)
            self._trace = _private(self._running)
            self._trace.write(f"{self._versions()}\n{_CRASHED}")
            self._trace.flush()
            faulthandler.enable(self._trace, all_threads=True)

    def rest(self) -> None:
        """The process ends as it should: nothing is left of the watch."""
        if self._trace is None or self._lock is None:
            return
        faulthandler.disable()
        self._trace.close()
        self._running.unlink(missing_ok=True)
        self._lock.release()
        self._trace = self._lock = None

    def write(self, fault: BaseException) -> Path | None:
        """Report what nobody caught; None where it was reported before, or cannot be written."""
        name, place = type(fault).__name__, _place_of(fault)
        if (name, place) in self._written or len(self._written) >= _WRITTEN_MAX:
            return None
        self._written.add((name, place))
        what = f"{name} {place}"
        return self._kept(what, self._now(), self._versions(), "\n".join(_lines_of(fault)))

    def reports(self) -> list[CrashReport]:
        """All there are, the newest first."""
        found = []
        for path in sorted(self.folder.glob("crash-*.txt"), reverse=True):
            lines = self.text(path).splitlines()
            told = dict(line.split(": ", 1) for line in lines[:8] if ": " in line)
            at, what = told.get("When", ""), told.get("What", "It cannot be read.")
            found.append(CrashReport(path, at, what, path.name.endswith(_NEW)))
        return found

    def text(self, path: Path) -> str:
        """A report's text; that it cannot be read, where it cannot."""
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError as fault:
            return f"{path} cannot be read: {fault.strerror}."

    def keep(self, path: Path) -> Path:
        """Somebody has looked: the report stays and is not offered again; returns its name."""
        seen = path.with_name(path.name.removesuffix(_NEW).removesuffix(_SEEN) + _SEEN)
        with suppress(OSError):
            path.replace(seen)
        return seen

    def delete(self, path: Path) -> None:
        """Remove a report; one that is gone is no fault."""
        path.unlink(missing_ok=True)

    def _collect(self) -> None:
        """Make reports of what processes left that are gone."""
        for trace in sorted(self.folder.glob("running-*.trace")):
            if writer_of(trace) is not None:
                continue
            versions, _, told = self.text(trace).partition(_CRASHED)
            if told.strip():
                at = datetime.fromtimestamp(trace.stat().st_mtime, UTC)
                self._kept("The program was ended by a hard crash.", at, versions.rstrip(), told)
            trace.unlink(missing_ok=True)
            lock_of(trace).unlink(missing_ok=True)

    def _kept(self, what: str, at: datetime, versions: str, told: str) -> Path | None:
        text = "\n".join(
            (
                "Crash report of ALL-USE Desk. It lies on this machine alone and is sent nowhere.",
                f"When: {at:%Y-%m-%d %H:%M:%S} UTC",
                f"What: {what}",
                versions,
                "",
                _WHERE,
                told.rstrip(),
                "",
                "The last lines of the log:",
                self._log_tail(),
                "",
            )
        )
        stem = f"crash-{at:%Y-%m-%dT%H-%M-%S}-{os.getpid()}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = 1
            while any(self.folder.glob(f"{stem}-{number:02}.*")):
                number += 1
            path = self.folder / f"{stem}-{number:02}{_NEW}"
            with _private(path) as file:
                file.write(text)
            for old in sorted(self.folder.glob("crash-*.txt"))[:-KEPT_AT_MOST]:
                old.unlink(missing_ok=True)
        except OSError:
            return None
        return path

    def _versions(self) -> str:
        # Only what is loaded: looking up what is installed would cost a start its first tenth.
        loaded = ((name, sys.modules.get(name)) for name in _LIBRARIES)
        found = [
            f"{name} {getattr(module, '__version__', '')}"
            for name, module in loaded
            if module is not None
        ]
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        return (
            f"Program: {self._program}\nPython: {platform.python_version()}\n"
            f"Libraries: {', '.join(found) or 'none yet'}\nSystem: {system}\nScreen: {_screen()}"
        )

    def _log_tail(self) -> str:
        try:
            with self._log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return "(there is none)"
        return "\n".join(lines[-_LOG_LINES:])


def _screen() -> str:
    named = os.environ.get("QT_QPA_PLATFORM", "")
    if named:
        return named
    if not sys.platform.startswith("linux"):
        return sys.platform
    return "wayland" if os.environ.get("WAYLAND_DISPLAY") else "x11"


def _private(path: Path) -> IO[str]:
    """A new file that only its owner may read."""
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _place_of(fault: BaseException) -> str:
    frames = traceback.extract_tb(fault.__traceback__)
    if not frames:
        return "at no known place"
    last = frames[-1]
    return f"in {Path(last.filename).name}, line {last.lineno}"


def _lines_of(fault: BaseException) -> Iterator[str]:
    """Where a fault and those it came from were raised, the first one first; never what they say.

    A kind that is no part of Python or of this program may be named by whoever wrote it, but a
    name is code, not a value.
    """
    chain: list[BaseException] = []
    one: BaseException | None = fault
    while one is not None and one not in chain and len(chain) < _CHAIN_MAX:
        chain.append(one)
        one = one.__cause__ or one.__context__
    for each in reversed(chain):
        for frame in traceback.extract_tb(each.__traceback__):
            place = "/".join(Path(frame.filename).parts[-_PATH_PARTS:])
            yield f"  {place}, line {frame.lineno}, in {frame.name}"
        number = each.errno if isinstance(each, OSError) else None
        reason = "" if number is None else f" ({os.strerror(number)})"
        yield f"{type(each).__module__}.{type(each).__qualname__}{reason}"
