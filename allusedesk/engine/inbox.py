"""The single queue of facts from outside; the loop gives each its sequence and its instant."""

from __future__ import annotations

import asyncio
from collections import deque

from allusedesk.domain.inputs import Input


class Inbox:
    """Facts waiting to be journaled, oldest first; `admit` may be called from any thread."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Input, int | None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.wake = asyncio.Event()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop that is to be woken by facts from other threads."""
        self._loop = loop

    def detach(self) -> None:
        """The loop is over: facts that still come wait for the next one."""
        self._loop = None

    def admit(self, event: Input, cause: int | None = None) -> None:
        """Queue a fact; `cause` is the sequence of the entry that asked for it, if any."""
        self._waiting.append((event, cause))
        self.nudge()

    def nudge(self) -> None:
        """Wake the loop without a fact."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.wake.set)

    @property
    def waiting(self) -> int:
        """How many facts wait; may be read from any thread."""
        return len(self._waiting)

    def take(self) -> tuple[Input, int | None] | None:
        """The oldest fact, or None; clears the wake-up once nothing waits."""
        if self._waiting:
            return self._waiting.popleft()
        self.wake.clear()
        return None
