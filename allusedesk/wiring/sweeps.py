"""Python's search for unreachable rings of objects, held back while only values are made."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOMER = 100


class _Pace:
    """The one pace of sweeps all threads share: the first asker slows it, the last restores it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._asking = 0
        self._before = gc.get_threshold()

    def slow(self) -> None:
        with self._guard:
            if not self._asking:
                self._before = gc.get_threshold()
                gc.set_threshold(_SELDOMER * self._before[0], *self._before[1:])
            self._asking += 1

    def restore(self) -> None:
        with self._guard:
            self._asking -= 1
            if not self._asking:
                gc.set_threshold(*self._before)


_PACE = _Pace()


@contextmanager
def seldom_swept() -> Iterator[None]:
    """Have Python look for unreachable rings of objects a hundredth as often.

    Rows of files and the values of a run form no rings and go as soon as nobody holds them;
    looking through all of them again and again took a twentieth of a rehearsal. Threads may
    overlap: the usual pace comes back when the last of them is done.
    """
    _PACE.slow()
    try:
        yield
    finally:
        _PACE.restore()
