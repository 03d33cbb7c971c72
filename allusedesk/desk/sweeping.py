"""Unreachable objects are found on the screen's thread alone, and a little at a time."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

_LOOK_MILLISECONDS = 100
# Python's own proportions: so many new objects, then so many sweeps of each generation.
_NEW_MAX, _SWEEPS_MAX = 700, 10
# A sweep of everything may take one part in so many of the time, and comes no oftener than this.
_SHARE, _WHOLE_MILLISECONDS = 500, 30_000


class Sweeping(QObject):
    """Takes the garbage collector over from Python while a window and an engine share a process.

    Python collects on whichever thread happens to allocate. On the engine's thread it would
    destroy widgets and timers there, which kills the process.
    """

    _at_work: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self._is_over: Callable[[], bool] = lambda: False
        self._whole_took = 0
        self._since_whole = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Collect here from now on."""
        Sweeping._at_work += 1
        gc.disable()
        self._since_whole.start()
        self._timer.start()

    def settle(self, *_: object) -> None:
        """All is loaded: what there is stays, and no later sweep looks at it again."""
        if self._timer.isActive():
            gc.collect()
            gc.freeze()
            self._since_whole.restart()

    def end_when(self, is_over: Callable[[], bool]) -> None:
        """Leave it to Python again once this says that no other thread needs care any more."""
        self._is_over = is_over

    def end(self) -> None:
        """Leave it to Python again, unless another window still sweeps."""
        if not self._timer.isActive():
            return
        self._timer.stop()
        Sweeping._at_work -= 1
        if not Sweeping._at_work:
            gc.unfreeze()
            gc.enable()

    def look(self) -> None:
        """Sweep what is due; called by the timer."""
        if self._is_over():
            self.end()
            return
        new, young, middle = gc.get_count()
        wait = max(_WHOLE_MILLISECONDS, _SHARE * self._whole_took)
        if middle > _SWEEPS_MAX and self._since_whole.elapsed() > wait:
            self._since_whole.restart()
            gc.collect()
            self._whole_took = self._since_whole.elapsed()
        elif young > _SWEEPS_MAX:
            gc.collect(1)
        elif new > _NEW_MAX:
            gc.collect(0)
