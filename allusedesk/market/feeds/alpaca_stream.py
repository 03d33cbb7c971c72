"""Alpaca's stream of share quotes through its own client, one connection at a time.

This module is imported on first use only, on the feed's own thread.
"""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Sequence
from math import nan
from typing import Any

from websockets.exceptions import WebSocketException

from allusedesk.domain.instruments import Stock
from allusedesk.market.feeds.alpaca_wire import number, seconds
from allusedesk.market.feeds.live_columns import Tick

with warnings.catch_warnings():
    # The client uses a part of websockets that its makers have retired.
    warnings.simplefilter("ignore", DeprecationWarning)
    from alpaca.data.enums import DataFeed
    from alpaca.data.live.stock import StockDataStream

_HALTED = frozenset({"2", "H", "P"})
_TRADING = frozenset({"3", "T"})
_STREAM_TERMS = {
    "ping_interval": 10,
    "ping_timeout": 20,
    "max_queue": 1024,
    "open_timeout": 10,
    "close_timeout": 1,
}


class QuoteStream(StockDataStream):
    """The stream of share quotes, driven one connection at a time.

    The client would reconnect by itself and tell nobody; here `listen` returns or raises when the
    line is lost, and the feed decides.
    """

    def __init__(
        self, key: str, secret: str, feed: str, url: str | None, mute_seconds: float | None
    ) -> None:
        super().__init__(
            key,
            secret,
            raw_data=True,
            feed=DataFeed(feed),
            websocket_params=dict(_STREAM_TERMS),
            url_override=url,
            data_timeout=mute_seconds,
        )
        self._refusals: list[str] = []
        self._takes: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {}

    async def listen(
        self,
        symbols: Sequence[str],
        on_quote: Callable[[Tick], None],
        on_halt: Callable[[str, bool], None],
        on_up: Callable[[], None],
    ) -> None:
        """Connect, subscribe and hand on quotes until the line is lost; raises ConnectionError."""

        async def take_quote(told: dict[str, Any]) -> None:
            on_quote(_stream_tick(told))

        async def take_status(told: dict[str, Any]) -> None:
            code = str(told.get("sc"))
            if code in _HALTED | _TRADING:
                on_halt(str(told["S"]), code in _HALTED)

        self._takes = {"quotes": take_quote, "statuses": take_status}
        for channel, take in self._takes.items():
            self._handlers[channel] = dict.fromkeys(symbols, take)
        try:
            await self._start_ws()
            await self._send_subscribe_msg()
            self._running = True
            on_up()
            await self._consume()
        except ValueError as refused:
            raise ConnectionRefusedError(str(refused)) from None
        except (WebSocketException, TimeoutError) as lost:
            raise ConnectionError("; ".join((*self._refusals, type(lost).__name__))) from lost
        finally:
            await self.close()
        raise ConnectionError("; ".join(self._refusals) or "nothing came for a minute")

    async def follow(self, symbols: Sequence[str]) -> None:
        """Listen to these shares from now on; a line that is just being lost tells so itself."""
        if not self._running:
            return
        before, wanted = set(self._handlers["quotes"]), set(symbols)
        try:
            for channel, take in self._takes.items():
                self._handlers[channel] = dict.fromkeys(symbols, take)
            if wanted - before:
                await self._send_subscribe_msg()
            for channel in self._takes if before - wanted else ():
                await self._send_unsubscribe_msg(channel, sorted(before - wanted))
        except (WebSocketException, OSError, AttributeError):
            return

    async def _dispatch(self, msg: dict[str, Any]) -> None:
        if msg.get("T") == "error":
            self._refusals.append(f"{msg.get('msg')} ({msg.get('code')})")
        await super()._dispatch(msg)


def _stream_tick(told: dict[str, Any]) -> Tick:
    instant = told.get("t")
    # The stream's instants are a type of its packing, those of the requests are text.
    to_unix = getattr(instant, "to_unix", None)
    told_at = seconds(instant) if to_unix is None else float(to_unix())
    symbol = str(told["S"])
    return Tick(Stock(symbol), number(told.get("bp")), number(told.get("ap")), nan, told_at)
