"""Alpaca's stream of trade updates on a thread of its own; its client connects it anew."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from allusedesk.execution.brokers.alpaca_rest import AlpacaKeys, AlpacaSettings, vendor
from allusedesk.execution.brokers.alpaca_words import Row

_JOIN_SECONDS = 0.1
_JOINS_MAX = 30
_CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told, on the stream's thread: of listening, of a loss, and of each update."""

    listening: Callable[[], None]
    lost: Callable[[], None]
    update: Callable[[Row], None]


class _LeavableStream(Protocol):
    """What this door does with the vendor's stream, once it is made."""

    _loop: asyncio.AbstractEventLoop | None

    def run(self) -> None:
        """Listen, until it is left."""
        ...

    async def leave(self) -> None:
        """End the line, and `run` with it."""
        ...


class UpdateStream:
    """Listens until it is stopped. A line on which even pings stay unanswered counts as lost."""

    def __init__(self, settings: AlpacaSettings, keys: AlpacaKeys, listener: Listener) -> None:
        _silence()
        self._stream = _stream_of(settings, keys, listener)
        self._thread = threading.Thread(target=self._stream.run, name="alpaca stream", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the line and its thread, without waiting longer than a few seconds."""
        for _ in range(_JOINS_MAX):
            if not self._thread.is_alive():
                return
            # Asked again each time: a request that comes while it starts is not heard.
            loop = self._stream._loop  # noqa: SLF001
            if loop is not None and loop.is_running():
                asyncio.run_coroutine_threadsafe(self._stream.leave(), loop)
            self._thread.join(_JOIN_SECONDS)


def _stream_of(settings: AlpacaSettings, keys: AlpacaKeys, listener: Listener) -> _LeavableStream:
    """The vendor's stream, which says when it listens and when it lost its line."""

    class Stream(vendor().TradingStream):  # type: ignore[misc]
        async def _dispatch(self, msg: dict[str, Any]) -> None:
            # Updates come from this word on; what happened before it has to be asked for.
            if msg.get("stream") == "listening":
                listener.listening()
            await super()._dispatch(msg)

        async def close(self) -> None:
            had_line = self._ws is not None
            await super().close()
            if had_line:
                listener.lost()

        async def leave(self) -> None:
            await self.stop_ws()
            await self.close()

    async def tell(message: Row) -> None:
        listener.update(message.get("data") or {})

    stream = Stream(
        keys.id,
        keys.secret,
        paper=settings.paper,
        raw_data=True,
        url_override=settings.stream_url,
        websocket_params={
            "ping_interval": settings.silence_seconds / 2,
            "ping_timeout": settings.silence_seconds / 2,
            "close_timeout": _CLOSE_SECONDS,
            "max_queue": 1024,
            "logger": logging.getLogger("allusedesk.alpaca.frames"),
        },
    )
    stream._reconnect_min_backoff = settings.retry_seconds  # noqa: SLF001
    stream._reconnect_max_backoff = settings.retry_seconds_max  # noqa: SLF001
    stream.subscribe_trade_updates(tell)
    return stream


def _silence() -> None:
    """The frames hold the keys, and the vendor's log repeats what the door tells: both are off."""
    for name in ("allusedesk.alpaca.frames", "alpaca.trading.stream"):
        logging.getLogger(name).disabled = True
