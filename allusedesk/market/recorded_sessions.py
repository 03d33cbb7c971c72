"""Recorded daily bars played as sessions: a modelled path through each, and what stands when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.weeks import Session
from allusedesk.market.calendar import NEW_YORK, ExchangeCalendar
from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import DailyBars
from allusedesk.market.intraday import ShareQuotes, ShareTrades
from allusedesk.market.recorded_minutes import recorded_path
from allusedesk.market.session_path import (
    SessionPath,
    generator_of_session,
    path_of_session,
    points_of_session,
)

Floats = NDArray[np.float64]

# An older price is no quote of anything: the symbol has ended, or its data has a hole.
STANDING_DAYS_MAX = 7
# Half the modelled spread of a share, as a part of its price; never under a cent.
_HALF_SPREAD = 0.00005
_PATHS_KEPT = 256
_INSTANTS_KEPT = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """The price of a share that stood at an instant, and since when it was that old.

    `point_at` is the instant the price was reached; the price was still quoted at `quoted_at`.
    `session` is the one it belongs to. Where a split took effect since, the price is divided by
    `split_ratio` already. `bid` and `ask` are NaN where none was recorded.
    """

    price: float
    quoted_at: datetime
    point_at: datetime
    session: Session
    split_ratio: float = 1.0
    is_modelled: bool = True
    bid: float = math.nan
    ask: float = math.nan


def day_ordinals(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return dates as Python's ordinals."""
    return dates.astype("datetime64[D]").astype(np.int64) + date(1970, 1, 1).toordinal()


def exchange_date(instant: datetime) -> date:
    """Return the date in New York at an instant."""
    return instant.astimezone(NEW_YORK).date()


@lru_cache(maxsize=16_384)
def session_on(calendar: ExchangeCalendar, day: date) -> Session | None:
    """Return the session of `day`; None where the exchange is closed or the calendar ends."""
    is_known = calendar.first <= day <= calendar.last and calendar.is_session(day)
    return calendar.session(day) if is_known else None


def minutes_of(session: Session) -> int:
    """Return how long a session is, in minutes."""
    return int((session.closes_at - session.opens_at).total_seconds()) // 60


def sides_around(prices: Floats) -> tuple[Floats, Floats, Floats]:
    """Return bids, asks and lasts around prices of shares, in whole cents.

    The mid is the last price; the spread is a hundredth of a percent of it, at least two cents.
    """
    cents = np.rint(prices * 100.0)
    half = np.maximum(np.rint(prices * (_HALF_SPREAD * 100.0)), 1.0)
    return (cents - half) / 100.0, (cents + half) / 100.0, cents / 100.0


def half_spread_cents(price: float) -> int:
    """Return half the modelled spread of one share in cents, as `sides_around` does."""
    return max(round(price * (_HALF_SPREAD * 100.0)), 1)


class RecordedSessions:
    """The paths through one symbol's daily bars, or through the trades recorded of a day.

    A bar that is missing, or whose prices are out of order, makes no session: nothing is
    invented for it, and the last price goes on growing old. Of a bar that has a close alone, that
    close stands from then on.
    """

    def __init__(
        self,
        bars: DailyBars,
        splits: tuple[Split, ...],
        calendar: ExchangeCalendar,
        seed: int,
        trades: tuple[ShareTrades, ...] = (),
        quotes: tuple[ShareQuotes, ...] = (),
    ) -> None:
        self._trades = {each.day: each for each in trades}
        self._quotes = {each.day: each for each in quotes}
        self._sides: dict[date, tuple[Floats, Floats]] = {}
        self._bars = bars
        self._splits = splits
        self._calendar = calendar
        self._seed = seed
        self._paths: dict[date, SessionPath] = {}
        # Quote, chain and held options of one look stand on the same price.
        self.standing = lru_cache(_INSTANTS_KEPT)(self._standing_at)
        self._ordinals = day_ordinals(bars.dates)
        self._is_usable = (
            (bars.low > 0.0)
            & (bars.low <= np.minimum(bars.open, bars.close))
            & (np.maximum(bars.open, bars.close) <= bars.high)
            & (bars.high < np.inf)
        )
        self._has_close = self._is_usable | (np.isnan(bars.open) & (bars.close > 0.0))

    def path(self, session: Session) -> SessionPath | None:
        """Return the session's path; None where the day has no bar."""
        known = self._paths.get(session.date)
        if known is not None:
            return known
        recorded = self._recorded(session)
        if recorded is not None:
            return recorded
        row = self._bars.index_of(session.date)
        if row is None or not self._is_usable[row]:
            return None
        bars = self._bars
        volume = float(bars.volume[row])
        path = path_of_session(
            float(bars.open[row]),
            float(bars.high[row]),
            float(bars.low[row]),
            float(bars.close[row]),
            generator_of_session(self._seed, bars.symbol, session.date),
            points_of_session(minutes_of(session)),
            int(volume) if volume > 0.0 else 0,
        )
        if len(self._paths) >= _PATHS_KEPT:
            self._paths.clear()
        self._paths[session.date] = path
        return path

    def _standing_at(self, at: datetime) -> Standing | None:
        """Return the price at `at`: fresh within a session, else the last close of the week."""
        day = exchange_date(at)
        today = session_on(self._calendar, day)
        if today is not None and at >= today.opens_at:
            path = self.path(today)
            if path is not None:
                return _on_path(path, self._sides.get(day), today, at)
            if at >= today.closes_at and self.close_on(day) is not None:
                return self._close_by(day, day)
        return self._close_by(day - timedelta(days=1), day)

    def close_on(self, day: date) -> float | None:
        """Return the close of `day`; None where it has no bar."""
        row = self._bars.index_of(day)
        return float(self._bars.close[row]) if row is not None and self._has_close[row] else None

    def sides(self, session: Session, path: SessionPath) -> tuple[Floats, Floats, Floats]:
        """Return bids, asks and lasts at the points of a recorded path, shape (points, 1).

        Where no two sides were recorded they are modelled around the last price.
        """
        bids, asks, lasts = sides_around(path.prices)
        recorded = self._sides.get(session.date)
        if recorded is not None:
            is_known = np.isfinite(recorded[0]) & np.isfinite(recorded[1])
            bids = np.where(is_known, recorded[0], bids)
            asks = np.where(is_known, recorded[1], asks)
        return bids[:, None], asks[:, None], lasts[:, None]

    def _recorded(self, session: Session) -> SessionPath | None:
        """Return the session's path from recorded trades, its sides kept beside it."""
        trades = self._trades.get(session.date)
        if trades is None:
            return None
        found = recorded_path(trades, self._quotes.get(session.date), session)
        if found is None:
            return None
        self._sides[session.date] = (found.bids, found.asks)
        self._paths[session.date] = found.path
        return found.path

    def _close_by(self, last: date, day: date) -> Standing | None:
        """Return the last close up to `last`, on the scale of `day`."""
        row = int(np.searchsorted(self._ordinals, last.toordinal(), side="right")) - 1
        if row < 0 or day.toordinal() - int(self._ordinals[row]) > STANDING_DAYS_MAX:
            return None
        session = session_on(self._calendar, date.fromordinal(int(self._ordinals[row])))
        if session is None or not self._has_close[row]:
            return None
        ratio = math.prod(
            split.ratio for split in self._splits if session.date < split.effective_on <= day
        )
        price = float(self._bars.close[row]) / ratio
        return Standing(price, session.closes_at, session.closes_at, session, ratio)


def _on_path(
    path: SessionPath, sides: tuple[Floats, Floats] | None, session: Session, at: datetime
) -> Standing:
    quoted_at = min(at, session.closes_at)
    minutes = (quoted_at - session.opens_at).total_seconds() / 60.0
    point = path.point_at(minutes)
    point_at = session.opens_at + timedelta(minutes=path.minutes_per_point * point)
    price = path.price_at(minutes)
    if sides is None or path.is_modelled:
        return Standing(price, quoted_at, point_at, session, is_modelled=path.is_modelled)
    bid, ask = float(sides[0][point]), float(sides[1][point])
    return Standing(price, quoted_at, point_at, session, 1.0, path.is_modelled, bid, ask)
