"""Ending what still waits on the line's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

_AGAIN_SECONDS = 0.05


async def end_all(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel tasks until they have ended, whatever they end with.

    Once is not enough: on Python 3.11 `asyncio.wait_for`, which the vendor's client waits with,
    loses a cancellation that comes together with what it waited for.
    """
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        over, waiting = await asyncio.wait(waiting, timeout=_AGAIN_SECONDS)
        for task in over:
            with suppress(asyncio.CancelledError):
                task.exception()
