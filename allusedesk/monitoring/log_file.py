"""The desk's log: one line of JSON for each thing worth knowing afterwards, rotated by size.

What it says is chosen from few words and figures; entries, messages and faults' own texts, which
might hold what nobody should read, never enter it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from structlog.typing import EventDict, FilteringBoundLogger

_FIELDS = frozenset(
    {
        "alert",
        "count",
        "entries",
        "fault",
        "function",
        "journal",
        "line",
        "mode",
        "module",
        "pace",
        "program",
        "resumed",
        "rule",
        "seconds",
        "severity",
        "value",
    }
)
_TEXT_MAX = 200


class RotatedFile:
    """A file that begins anew at `bytes_max`, keeping so many of its predecessors.

    The newest is `path` itself, then `path`.1 and so on. Readable by its owner alone. A disk that
    cannot be written loses lines, never stops whoever writes: `lost` counts them.
    """

    def __init__(self, path: Path, bytes_max: int = 1_000_000, kept: int = 5) -> None:
        self.path = path
        self.lost = 0
        self._bytes_max = bytes_max
        self._kept = kept
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        """Append one line, from any thread."""
        text = f"{line}\n".encode()
        with self._lock:
            try:
                self._make_room(len(text))
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
                descriptor = os.open(self.path, flags, 0o600)
                with os.fdopen(descriptor, "wb", buffering=0) as stream:
                    size = stream.seek(0, os.SEEK_END)
                    if stream.write(text) != len(text):
                        # The next line must not continue what a full disk took of this one.
                        stream.truncate(size)
                        self.lost += 1
            except OSError:
                self.lost += 1

    def _make_room(self, size: int) -> None:
        if not self.path.exists() or self.path.stat().st_size + size <= self._bytes_max:
            return
        names = [self.path, *(Path(f"{self.path}.{n}") for n in range(1, self._kept + 1))]
        for older, newer in zip(reversed(names[1:]), reversed(names[:-1]), strict=True):
            if newer.exists():
                newer.replace(older)


def open_log(path: Path, now: Callable[[], datetime]) -> FilteringBoundLogger:
    """A logger into a file; `now` tells the instant of each line.

    Fields it does not know are left out, and texts are cut: what is not foreseen is not written.
    """
    file = RotatedFile(path)

    def stamp(_logger: object, level: str, event: EventDict) -> EventDict:
        known = {name: _short(event[name]) for name in sorted(event) if name in _FIELDS}
        return {"at": now().isoformat(), "level": level, "event": event["event"], **known}

    def as_line(_logger: object, _level: str, event: EventDict) -> str:
        return json.dumps(event, ensure_ascii=True)

    made: FilteringBoundLogger = structlog.wrap_logger(
        _Lines(file),
        processors=[stamp, as_line],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        cache_logger_on_first_use=True,
    )
    return made


def where(fault: BaseException) -> dict[str, str | int]:
    """A fault by its kind and place alone, for a line of the log."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return {"fault": type(fault).__name__}
    code = trace.tb_frame.f_code
    return {
        "fault": type(fault).__name__,
        "module": Path(code.co_filename).name,
        "function": code.co_name,
        "line": trace.tb_lineno,
    }


class _Lines:
    """What structlog writes its finished lines to, whatever their level."""

    def __init__(self, file: RotatedFile) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        """Write one line."""
        self._file.write(line)

    debug = info = warning = error = critical = msg


def _short(value: object) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)[:_TEXT_MAX]
