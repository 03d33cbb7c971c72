"""Alpaca's market data for tests: the routes beside the trading ones, and the stream of quotes.

The stream packs its messages as the vendor does, so it has a port of its own. `stall` leaves the
line up and says nothing more; `cut` ends it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgpack
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.doors.servers.alpaca_server import AlpacaServer, Answer, Call
from tests.doors.servers.shown_market import Bar, Series, Shown, ShownMarket

_PAGE = 200


class AlpacaMarket:
    """The vendor's market data: REST on an `AlpacaServer`, and the stream; `close` ends both.

    Where `now` is given, bars of the last quarter of an hour are refused, as to a free plan.
    """

    def __init__(
        self,
        server: AlpacaServer,
        market: ShownMarket,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.server, self.market = server, market
        self.now = now
        self.is_stalled = False
        self.subscribed: set[str] = set()
        self.connections = 0
        self.refusal: tuple[int, str] | None = None
        self._lines: set[ServerConnection] = set()
        self._changed = threading.Condition()
        self._stream: Server = serve(self._meet, "127.0.0.1", 0, compression=None)
        self._thread = threading.Thread(target=self._stream.serve_forever, daemon=True)
        self._thread.start()
        server.serve("GET", "/v2/stocks/snapshots", self._shares)
        server.serve("GET", "/v2/stocks/bars", self._bars)
        server.serve("GET", "/v1beta1/options/snapshots/{symbol}", self._chain)
        server.serve("GET", "/v1beta1/options/snapshots", self._contracts)
        server.serve("GET", "/v2/options/contracts", self._listed)
        server.serve("GET", "/v2/clock", self._clock)

    @property
    def stream_url(self) -> str:
        return f"ws://127.0.0.1:{self._stream.socket.getsockname()[1]}/v2/iex"

    def close(self) -> None:
        """End the stream."""
        self.cut()
        self._stream.shutdown()
        self._thread.join(5)

    def wait_until(self, is_so: Any, seconds: float = 5.0) -> bool:
        """Wait for something to become true at the stream."""
        with self._changed:
            return self._changed.wait_for(is_so, seconds)

    def cut(self) -> None:
        """Every stream is lost at once."""
        with self._changed:
            lines = list(self._lines)
        for line in lines:
            try:
                line.socket.shutdown(2)
            except OSError:
                continue

    def tell(self, *messages: dict[str, Any]) -> None:
        """Send messages to whoever listens, all in one frame."""
        if self.is_stalled:
            return
        with self._changed:
            lines = list(self._lines)
        for line in lines:
            try:
                line.send(msgpack.packb(list(messages)))
            except (ConnectionClosed, OSError):
                continue

    def move(self, symbol: str, bid: float, ask: float, instant: datetime) -> None:
        """Show a new quote and tell it."""
        self.tell(quote_message(symbol, self.market.show(symbol, bid, ask, instant)))

    # The stream.

    def _meet(self, line: ServerConnection) -> None:
        self.connections += 1
        try:
            line.send(msgpack.packb([{"T": "success", "msg": "connected"}]))
            auth = msgpack.unpackb(line.recv())
            if self.refusal is not None or auth.get("key") != self.server.key:
                code, text = self.refusal or (402, "auth failed")
                line.send(msgpack.packb([{"T": "error", "code": code, "msg": text}]))
                return
            line.send(msgpack.packb([{"T": "success", "msg": "authenticated"}]))
            with self._changed:
                self._lines.add(line)
            while True:
                asked = msgpack.unpackb(line.recv())
                with self._changed:
                    if asked["action"] == "subscribe":
                        self.subscribed |= set(asked.get("quotes", ()))
                    else:
                        self.subscribed -= set(asked.get("quotes", ()))
                    self._changed.notify_all()
                line.send(msgpack.packb([{"T": "subscription", "quotes": sorted(self.subscribed)}]))
        except (ConnectionClosed, OSError):
            return
        finally:
            with self._changed:
                self.subscribed = set()
                self._lines.discard(line)
                self._changed.notify_all()

    # The requests.

    def _shares(self, call: Call) -> Answer:
        with self.market.lock:
            return Answer(
                200,
                {
                    symbol: {
                        "latestTrade": {"t": stamp(shown.instant), "p": shown.last, "s": 100},
                        "latestQuote": _quote(shown),
                    }
                    for symbol in call.query["symbols"].split(",")
                    if (shown := self.market.shares.get(symbol)) is not None
                },
            )

    def _bars(self, call: Call) -> Answer:
        is_raw = call.query["adjustment"] == "raw"
        first, last = (datetime.fromisoformat(call.query[end]) for end in ("start", "end"))
        now = None if self.now is None else self.now()
        if call.query["feed"] == "sip" and now and last > now - timedelta(minutes=15):
            text = "subscription does not permit querying recent SIP data"
            return Answer(403, {"message": text})
        with self.market.lock:
            found = {
                symbol: [
                    _bar(bar)
                    for bar in (
                        self.market.bars[symbol] if is_raw else self.market.adjusted(symbol)
                    )
                    if first.date() <= bar.day <= last.date()
                ]
                for symbol in call.query["symbols"].split(",")
                if symbol in self.market.bars
            }
        return Answer(200, {"bars": found, "next_page_token": None})

    def _chain(self, call: Call) -> Answer:
        query = call.query
        low, high = (
            date.fromisoformat(query.get(f"expiration_date_{end}", absent))
            for end, absent in (("gte", "0001-01-01"), ("lte", "9999-12-31"))
        )
        kind = {"put": "P", "call": "C"}.get(query.get("type", ""), "PC")
        with self.market.lock:
            rows = [
                (series, shown)
                for series, shown in sorted(
                    self.market.options.items(), key=lambda item: item[0].occ
                )
                if series.symbol == call.found["symbol"]
                and low <= series.expiry <= high
                and series.right in kind
                and float(query.get("strike_price_gte", 0)) <= series.strike
                and series.strike <= float(query.get("strike_price_lte", 1e9))
            ]
        start = int(query.get("page_token") or 0)
        part = rows[start : start + _PAGE]
        token = str(start + _PAGE) if start + _PAGE < len(rows) else None
        shown_rows = {series.occ: _option(shown) for series, shown in part}
        return Answer(200, {"snapshots": shown_rows, "next_page_token": token})

    def _contracts(self, call: Call) -> Answer:
        wanted = set(call.query["symbols"].split(","))
        with self.market.lock:
            found = {
                series.occ: _option(shown)
                for series, shown in self.market.options.items()
                if series.occ in wanted
            }
        return Answer(200, {"snapshots": found, "next_page_token": None})

    def _listed(self, call: Call) -> Answer:
        low = date.fromisoformat(call.query["expiration_date_gte"])
        high = date.fromisoformat(call.query["expiration_date_lte"])
        with self.market.lock:
            rows = [
                _listing(series, shown)
                for series, shown in self.market.options.items()
                if series.symbol == call.query["underlying_symbols"]
                and low <= series.expiry <= high
            ]
        start = int(call.query.get("page_token") or 0)
        token = str(start + _PAGE) if start + _PAGE < len(rows) else None
        page = rows[start : start + _PAGE]
        return Answer(200, {"option_contracts": page, "next_page_token": token})

    def _clock(self, _call: Call) -> Answer:
        return Answer(200, {"timestamp": self.market.now.isoformat(), "is_open": True})


def stamp(instant: datetime) -> str:
    """An instant as the vendor writes it, to the nanosecond."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z"


def quote_message(symbol: str, shown: Shown) -> dict[str, Any]:
    """A quote as the stream tells it."""
    return {
        "T": "q",
        "S": symbol,
        "bx": "V",
        "bp": shown.bid,
        "bs": shown.bid_size,
        "ax": "V",
        "ap": shown.ask,
        "as": shown.ask_size,
        "c": ["R"],
        "z": "C",
        "t": msgpack.Timestamp.from_datetime(shown.instant),
    }


def _quote(shown: Shown) -> dict[str, Any]:
    return {
        "t": stamp(shown.instant),
        "bp": shown.bid,
        "bs": shown.bid_size,
        "ap": shown.ask,
        "as": shown.ask_size,
    }


def _option(shown: Shown) -> dict[str, Any]:
    return {
        "latestQuote": {**_quote(shown), "ax": "C", "bx": "C", "c": " "},
        "latestTrade": {"t": stamp(shown.instant), "p": shown.last, "s": 1, "x": "C"},
        "dailyBar": {"v": shown.volume},
    }


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "t": f"{bar.day}T05:00:00Z",
        "o": bar.open,
        "h": bar.high,
        "l": bar.low,
        "c": bar.close,
        "v": bar.volume,
        "n": 10,
        "vw": bar.close,
    }


def _listing(series: Series, shown: Shown) -> dict[str, Any]:
    return {
        "id": series.occ,
        "symbol": series.occ,
        "status": "active",
        "tradable": True,
        "expiration_date": str(series.expiry),
        "root_symbol": series.symbol,
        "underlying_symbol": series.symbol,
        "type": "put" if series.right == "P" else "call",
        "style": "american",
        "strike_price": str(series.strike),
        "size": "100",
        "open_interest": str(shown.open_interest),
    }
