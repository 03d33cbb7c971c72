"""A small market that a vendor's server shows: shares, chains and daily bars, moved by a test.

Options are priced once by Black and Scholes around their share, so that a client finds usable
deltas; the server knows nothing of who looks.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

VOLATILITY = 0.32


@dataclass(frozen=True)
class Shown:
    """One quote with what stands beside it; prices in dollars, an aware instant."""

    bid: float
    ask: float
    last: float
    instant: datetime
    bid_size: int = 12
    ask_size: int = 9
    volume: int = 1_500
    open_interest: int = 2_400


@dataclass(frozen=True)
class Series:
    """One listed option."""

    symbol: str
    expiry: date
    right: str
    strike: float

    @property
    def root(self) -> str:
        return self.symbol.replace(".", "")

    @property
    def occ(self) -> str:
        return f"{self.root}{self.expiry:%y%m%d}{self.right}{round(self.strike * 1000):08d}"


@dataclass(frozen=True)
class Bar:
    """One unadjusted day of a share."""

    day: date
    open: float
    high: float
    low: float
    close: float
    volume: int


@dataclass
class ShownMarket:
    """What the vendor shows now; every method is safe from any thread."""

    now: datetime
    shares: dict[str, Shown] = field(default_factory=dict)
    options: dict[Series, Shown] = field(default_factory=dict)
    bars: dict[str, list[Bar]] = field(default_factory=dict)
    splits: dict[str, list[tuple[date, float]]] = field(default_factory=dict)
    indexes: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def list_share(self, symbol: str, price: float, days: tuple[date, ...]) -> None:
        """Show a share around a price, with bars of these days that end near it."""
        with self.lock:
            half = 0.01
            self.shares[symbol] = Shown(
                round(price - half, 2), round(price + half, 2), price, self.now
            )
            self.bars[symbol] = [
                _bar(day, price * (1.0 + 0.0004 * (place - len(days))))
                for place, day in enumerate(days)
            ]

    def list_chain(self, symbol: str, expiries: tuple[date, ...], step: float, count: int) -> None:
        """List puts and calls at strikes a step apart, `count` on either side of the price."""
        with self.lock:
            spot = self.shares[symbol].last
            middle = round(spot / step) * step
            for expiry in expiries:
                for place in range(-count, count + 1):
                    strike = round(middle + place * step, 3)
                    for right in "PC":
                        series = Series(symbol, expiry, right, strike)
                        years = max((expiry - self.now.date()).days, 0.5) / 365.0
                        price = option_price(spot, strike, years, right)
                        bid = max(math.floor(price * 100.0 - 2.0) / 100.0, 0.0)
                        self.options[series] = Shown(
                            bid, round(bid + 0.04, 2), round(bid + 0.02, 2), self.now
                        )

    def show(self, symbol: str, bid: float, ask: float, instant: datetime) -> Shown:
        """Move the quote of a share."""
        with self.lock:
            self.shares[symbol] = replace(self.shares[symbol], bid=bid, ask=ask, instant=instant)
            return self.shares[symbol]

    def adjusted(self, symbol: str) -> list[Bar]:
        """The bars as they look on the scale of after the last split."""
        found = []
        for bar in self.bars[symbol]:
            ratio = math.prod(r for day, r in self.splits.get(symbol, []) if bar.day < day)
            prices = (round(each / ratio, 2) for each in (bar.open, bar.high, bar.low, bar.close))
            found.append(Bar(bar.day, *prices, round(bar.volume * ratio)))
        return found


def option_price(spot: float, strike: float, years: float, right: str) -> float:
    """Black and Scholes without interest."""
    deviation = VOLATILITY * math.sqrt(years)
    first = (math.log(spot / strike) + deviation * deviation / 2.0) / deviation
    call = spot * _normal(first) - strike * _normal(first - deviation)
    return call if right == "C" else call - spot + strike


def _normal(value: float) -> float:
    return 0.5 * (1.0 + math.erf(value / math.sqrt(2.0)))


def _bar(day: date, price: float) -> Bar:
    swing = 1.0 + 0.006 * ((day.toordinal() * 7919) % 11) / 11.0
    close = round(price * (1.0 + 0.004 * math.sin(day.toordinal())), 2)
    opened = round(price, 2)
    high, low = round(max(opened, close) * swing, 2), round(min(opened, close) / swing, 2)
    return Bar(day, opened, high, low, close, 1_000_000 + day.toordinal() % 1_000)


def expiries_after(day: date, weeks: int) -> tuple[date, ...]:
    """The next Fridays."""
    friday = day + timedelta(days=(4 - day.weekday()) % 7 or 7)
    return tuple(friday + timedelta(weeks=place) for place in range(weeks))
