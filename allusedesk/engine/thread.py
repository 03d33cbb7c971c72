"""The engine in a thread of its own, with its own asyncio loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from allusedesk.engine.loop import Engine


class EngineThread:
    """Builds a desk inside a new thread and runs it there; nothing of it is touched elsewhere.

    `build` makes the engine and the coroutine that runs it; both belong to the thread. What it
    or the engine raises is kept in `fault`, for the thread that waits to tell.
    """

    def __init__(self, build: Callable[[], tuple[Engine, Coroutine[Any, Any, None]]]) -> None:
        self.fault: BaseException | None = None
        self._build = build
        self._engine: Engine | None = None
        self._is_built = threading.Event()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> Engine | None:
        """Start, and return the engine once it is built; None where building failed."""
        self._thread.start()
        self._is_built.wait()
        return self._engine

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True once the engine has ended."""
        return self._is_over.wait(seconds)

    def stop(self) -> None:
        """Ask the engine to end after the fact it is at, and wait until it has."""
        if self._engine is not None:
            self._engine.stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._engine, work = self._build()
            self._is_built.set()
            asyncio.run(work)
        except BaseException as fault:  # noqa: BLE001 - handed to the thread that waits
            self.fault = fault
        finally:
            self._is_built.set()
            self._is_over.set()
