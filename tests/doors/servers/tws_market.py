"""Market data of a Trader Workstation for tests: lines, chains and daily bars of a `ShownMarket`.

`TwsMarket(server, market)` teaches a `TwsServer` to answer; `move` and `tick` show something new
to whoever streams it. `kind` is what the account has subscribed: 1 live, 2 frozen, 3 delayed.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.doors.servers.shown_market import Series, Shown, ShownMarket
from tests.doors.servers.tws import TwsServer
from tests.doors.servers.tws_line import Line
from tests.doors.servers.tws_wire import Listing

BID, ASK, LAST, BID_SIZE, ASK_SIZE, VOLUME = 1, 2, 4, 0, 3, 8
CALL_INTEREST, PUT_INTEREST, HALTED = 27, 28, 49
_DELAYED_OF = {BID: 66, ASK: 67, LAST: 68, BID_SIZE: 69, ASK_SIZE: 70, VOLUME: 74}
NOT_SUBSCRIBED = "Requested market data is not subscribed. Delayed market data is available."
TOO_MANY = "Max number of tickers has been reached"


class TwsMarket:
    """What the server shows; every public method is for the test's thread."""

    def __init__(self, server: TwsServer, market: ShownMarket, vix: float = 18.2) -> None:
        self.server, self.market = server, market
        self.kind = 1
        self.lines_max: int | None = None
        self.most_lines = 0
        self.vix = vix
        self.watched: dict[tuple[int, str], int] = {}
        self.numbers: dict[str | Series, int] = {}
        self._named: dict[int, str | Series] = {}
        for symbol in market.shares:
            is_index = symbol in market.indexes
            number = self._list_index(symbol) if is_index else server.list_stock(spaced(symbol))
            self._name(symbol, number)
        self._name("VIX", self._list_index("VIX"))
        for series in market.options:
            number = server.list_option(
                spaced(series.symbol),
                series.expiry,
                series.right,
                Decimal(str(series.strike)),
                trading_class=series.root,
            )
            self._name(series, number)
        server.answers.update(
            {1: self._watch, 2: self._unwatch, 59: self._choose, 78: self._listed, 20: self._bars}
        )
        self._asked_kind = 1

    def close(self) -> None:
        """End the server."""
        self.server.stop()

    # What a test does to the market.

    def move(self, symbol: str, bid: float, ask: float, instant: Any) -> None:
        """Show a share's new quote; the vendor tells no instant, so that is only kept."""
        shown = self.market.show(symbol, bid, ask, instant)
        self.server.do(lambda: self._tell(symbol, self._sides(shown)))

    def tick(self, symbol: str, *ticks: tuple[int, float, float]) -> None:
        """Send single ticks of a share: number, price and size; together where there are more."""
        self.server.do(lambda: self._tell(symbol, [(*tick,) for tick in ticks]))

    def halt(self, symbol: str, value: int) -> None:
        """Say that a share is halted (1) or trades (0)."""

        def tell() -> None:
            for line, request in self._watching(self.numbers[symbol]):
                line.send(45, 6, request, HALTED, value)

        self.server.do(tell)

    def lose_lines(self) -> None:
        """Forget every stream, as after a lost connection upstream."""
        self.server.do(self.watched.clear)

    def is_watched(self, symbol: str) -> bool:
        """Tell whether a share streams."""
        return self.server.do(lambda: bool(self._watching(self.numbers[symbol])))

    # What it answers.

    def _choose(self, _line: Line, fields: list[str]) -> None:
        self._asked_kind = int(fields[2])

    def _watch(self, line: Line, fields: list[str]) -> None:
        request, number = fields[2], int(fields[3])
        named = self._named.get(number)
        if named is None:
            line.error(int(request), 200, "No security definition has been found")
            return
        if self.kind == 3 and self._asked_kind != 3:
            line.error(int(request), 354, NOT_SUBSCRIBED)
            return
        if self.lines_max is not None and len(self.watched) >= self.lines_max:
            line.error(int(request), 101, TOO_MANY)
            return
        self.watched[line.client_id, request] = number
        self.most_lines = max(self.most_lines, len(self.watched))
        line.send(58, 1, request, self.kind)
        self._show(line, request, named, has_interest="101" in fields[16])

    def _unwatch(self, line: Line, fields: list[str]) -> None:
        if self.watched.pop((line.client_id, fields[2]), None) is None:
            line.error(int(fields[2]), 300, "Can't find EId with tickerId")

    def _show(self, line: Line, request: str, named: str | Series, *, has_interest: bool) -> None:
        if named == "VIX":
            self._send(line, request, [(LAST, self.vix, 0)])
            return
        if named in self.market.indexes and isinstance(named, str):
            self._send(line, request, [(LAST, self.market.shares[named].last, 0)])
            return
        if isinstance(named, str):
            self._send(line, request, self._sides(self.market.shares[named]))
            line.send(45, 6, request, HALTED, 0)
            return
        shown = self.market.options[named]
        self._send(line, request, self._sides(shown))
        line.send(2, 6, request, self._number(VOLUME), shown.volume)
        if has_interest:
            kind = PUT_INTEREST if named.right == "P" else CALL_INTEREST
            line.send(2, 6, request, kind, shown.open_interest)

    def _sides(self, shown: Shown) -> list[tuple[int, float, float]]:
        bid = (BID, shown.bid, shown.bid_size) if shown.bid > 0.0 else (BID, -1, 0)
        return [bid, (ASK, shown.ask, shown.ask_size), (LAST, shown.last, 1)]

    def _tell(self, symbol: str, ticks: list[tuple[int, float, float]]) -> None:
        for line, request in self._watching(self.numbers[symbol]):
            self._send(line, request, ticks)

    def _send(self, line: Line, request: str, ticks: list[tuple[int, float, float]]) -> None:
        for number, price, size in ticks:
            line.send(1, 6, request, self._number(number), price, size, 1)

    def _number(self, tick: int) -> int:
        return _DELAYED_OF[tick] if self.kind == 3 else tick

    def _watching(self, number: int) -> list[tuple[Line, str]]:
        lines = {line.client_id: line for line in self.server.sockets}
        return [
            (lines[client], request)
            for (client, request), watched in self.watched.items()
            if watched == number and client in lines
        ]

    def _listed(self, line: Line, fields: list[str]) -> None:
        request, symbol, number = fields[1], fields[2], fields[5]
        series = [each for each in self.market.options if spaced(each.symbol) == symbol]
        expiries = sorted({f"{each.expiry:%Y%m%d}" for each in series})
        strikes = sorted({each.strike for each in series})
        root = symbol.replace(" ", "")
        for exchange in ("SMART", "CBOE"):
            line.send(
                75, request, exchange, number, root, "100",
                len(expiries), *expiries, len(strikes), *strikes,
            )  # fmt: skip
        # A class with another deliverable, as after a merger.
        line.send(75, request, "SMART", number, f"2{symbol}", "100", 1, "20991218", 1, 5.0)
        line.send(76, request)

    def _bars(self, line: Line, fields: list[str]) -> None:
        request, named = fields[1], self._named[int(fields[2])]
        rows: list[object] = []
        for bar in self._bars_of(str(named)):
            rows += [f"{bar[0]:%Y%m%d}", *bar[1:], bar[4], 10]
        line.send(17, request, "20230101", "20250312", len(rows) // 8, *rows)

    def _bars_of(self, symbol: str) -> list[tuple[date, float, float, float, float, int]]:
        if symbol == "VIX":
            first = next(iter(self.market.bars.values()))
            return [(bar.day, 17.5, 19.0, 17.0, 18.0 + bar.day.day / 100, 0) for bar in first]
        return [
            (bar.day, bar.open, bar.high, bar.low, bar.close, bar.volume)
            for bar in self.market.adjusted(symbol)
        ]

    def _list_index(self, symbol: str) -> int:
        number = 13_455_763 + len(self.server.venue.listings)
        self.server.venue.listings[number] = Listing(number, symbol, "IND")
        return number

    def _name(self, named: str | Series, number: int) -> None:
        self.numbers[named] = number
        self._named[number] = named


def spaced(symbol: str) -> str:
    """A share's symbol as this vendor writes it."""
    return symbol.replace(".", " ")
