"""The engine in a thread of its own, with its own asyncio loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from allusedesk.engine.loop import Engine

_Answer = TypeVar("_Answer")


class EngineThread:
    """Builds a desk inside a new thread and runs it there; nothing of it is touched elsewhere.

    `build` makes the engine and the coroutine that runs it; both belong to the thread. What it
    or the engine raises is kept in `fault`, for the thread that waits to tell.
    """

    def __init__(self, build: Callable[[], tuple[Engine, Coroutine[Any, Any, None]]]) -> None:
        self.fault: BaseException | None = None
        self._build = build
        self._engine: Engine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_built = threading.Event()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    @property
    def is_over(self) -> bool:
        """True once the engine has ended."""
        return self._is_over.is_set()

    def begin(self) -> None:
        """Start without waiting for the engine to be built."""
        self._thread.start()

    def start(self) -> Engine | None:
        """Start, and return the engine once it is built; None where building failed."""
        self.begin()
        self._is_built.wait()
        return self._engine

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True once the engine has ended."""
        return self._is_over.wait(seconds)

    def ask(self, question: Callable[[], _Answer]) -> Future[_Answer]:
        """Call a function on the engine's thread, between two facts; its answer or what it raised.

        The future is cancelled at once where no engine runs. The function must change nothing.
        """
        answer: Future[_Answer] = Future()
        loop = self._loop

        def reply() -> None:
            try:
                answer.set_result(question())
            except Exception as fault:  # noqa: BLE001 - handed to whoever asked
                answer.set_exception(fault)

        if loop is None or self._is_over.is_set():
            answer.cancel()
            return answer
        try:
            loop.call_soon_threadsafe(reply)
        except RuntimeError:
            answer.cancel()
        return answer

    def ask_to_stop(self) -> None:
        """Ask the engine to end after the fact it is at, without waiting for it."""
        if self._engine is not None:
            self._engine.stop()

    def stop(self) -> None:
        """Ask the engine to end after the fact it is at, and wait until it has."""
        self.ask_to_stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._engine, work = self._build()
            self._is_built.set()
            asyncio.run(self._work(work))
        except BaseException as fault:  # noqa: BLE001 - handed to the thread that waits
            self.fault = fault
        finally:
            self._is_built.set()
            self._is_over.set()

    async def _work(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop = asyncio.get_running_loop()
        await work
