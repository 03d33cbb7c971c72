"""Long work that runs elsewhere, can be stopped, and brings back what it found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

_Found = TypeVar("_Found")


class Operation(QObject):
    """One piece of work; `progressed` gives a fraction and a sentence, `ended` comes always.

    `work` is called elsewhere with this object, tells through `tell` how far it is and looks at
    `is_stopped` now and then. It may not touch a widget.
    """

    progressed = Signal(float, str)
    ended = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self._stopped = threading.Event()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """Ask the work to end early."""
        self._stopped.set()

    def tell(self, fraction: float, sentence: str) -> None:
        """Say from the work how far it is; may be called from any thread."""
        self.progressed.emit(fraction, sentence)


class Operations(QObject):
    """Runs work on threads of its own and hands results to the desk's thread, in order.

    A result is dropped where its operation was stopped meanwhile. What a work or a result's
    taker raises is told by `failed`, one plain sentence, and never stops the rest.
    """

    failed = Signal(str)
    _delivered = Signal(object)

    def __init__(self, lanes: int = 1) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(lanes, thread_name_prefix="desk-work")
        self._running: set[Operation] = set()
        self._is_closed = False
        self._delivered.connect(self._deliver)

    def begin(
        self,
        title: str,
        work: Callable[[Operation], _Found],
        take: Callable[[_Found], None],
        fail: Callable[[str], None] | None = None,
    ) -> Operation:
        """Start work; `take` gets what it found, here; `fail` a sentence where it raised."""
        operation = Operation(title)
        if self._is_closed:
            operation.stop()
            return operation
        self._running.add(operation)

        def run() -> None:
            found: Any = None
            fault: Exception | None = None
            try:
                found = None if operation.is_stopped else work(operation)
            except Exception as raised:  # noqa: BLE001 - an observer is isolated and shown
                fault = raised
            self._delivered.emit((operation, found, fault, take, fail))

        self._threads.submit(run)
        return operation

    @property
    def is_busy(self) -> bool:
        return bool(self._running)

    def close(self) -> None:
        """Stop what runs and wait for none of it; what is begun from now on never runs."""
        self._is_closed = True
        for operation in tuple(self._running):
            operation.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _deliver(self, delivery: tuple[Any, ...]) -> None:
        operation, found, fault, take, fail = delivery
        self._running.discard(operation)
        if fault is not None:
            sentence = f"{operation.title} failed: {fault}"
            (fail or self.failed.emit)(sentence)
        elif not operation.is_stopped:
            try:
                take(found)
            except Exception as raised:  # noqa: BLE001 - an observer is isolated and shown
                self.failed.emit(f"{operation.title} could not be shown: {raised!r}")
        operation.ended.emit()
