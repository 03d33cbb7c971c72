"""A thread with an asyncio loop of its own, on which a live feed keeps its line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

# A cancellation may be swallowed where it meets a message (asyncio.wait_for does so before
# Python 3.12, and vendors use it), so it is repeated.
_CANCEL_SECONDS, _CANCELS_MAX = 0.5, 20


class LineThread:
    """Runs one coroutine until it is stopped; what it raises is handed to `failed`.

    `start`, `call` and `stop` are for other threads; `failed` is called on this one.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Coroutine[Any, Any, None]],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._work = work
        self._failed = failed
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, without waiting for anything."""
        self._thread.start()

    def call(self, act: Callable[[], object]) -> None:
        """Have a function called on the loop; nothing happens before it runs and after it ended."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(act)

    def stop(self) -> None:
        """Cancel the work and wait, for ten seconds at most, until it has ended."""
        self._is_stopping = True
        for _ in range(_CANCELS_MAX):
            with self._lock:
                if self._loop is not None and self._task is not None:
                    self._loop.call_soon_threadsafe(self._task.cancel)
            if not self._thread.is_alive() or self._thread is threading.current_thread():
                return
            self._thread.join(_CANCEL_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._supervised())
        except asyncio.CancelledError:
            return
        except Exception as fault:  # noqa: BLE001 - nobody waits for this thread, so it is told
            self._failed(fault)

    async def _supervised(self) -> None:
        with self._lock:
            if self._is_stopping:
                return
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.create_task(self._work())
        try:
            await self._task
        finally:
            with self._lock:
                self._loop = None


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task until it has ended, and let what it raised go."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_CANCEL_SECONDS)
    if not task.cancelled():
        task.exception()
