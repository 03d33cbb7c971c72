"""What a live feed knows beside quotes: completed daily bars, VIX, rates and announcements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Lock

import numpy as np

from allusedesk.domain.quotes import Indicators, Volatility
from allusedesk.domain.weeks import Session
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import Split, merged_splits, split_factors
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    IndexBars,
    MarketHistory,
)
from allusedesk.market.pricing import to_price
from allusedesk.market.raw_quotes import SymbolFacts
from allusedesk.market.recorded_figures import KnownBars, KnownFacts, KnownVolatility
from allusedesk.market.recorded_sessions import exchange_date, session_on
from allusedesk.market.recorded_symbol import rate_before

# Figures that rest on bars further behind than this are no longer figures of today.
SESSIONS_BEHIND_MAX = 3
_BEFORE_OPEN, _AFTER_CLOSE = timedelta(minutes=10), timedelta(minutes=5)
# Imported bars join a vendor's where their closes of the same days differ by no more than this.
_CLOSES_APART_MAX = 0.02


class LiveFigures:
    """Figures over a vendor's completed daily bars, joined with imported history.

    Imported bars go before the vendor's where the two overlap or touch and agree; rates,
    dividends and earnings are the imported ones. What is too old is missing and stands in
    `notes`. One thread keeps bars; any may ask.
    """

    def __init__(self, history: MarketHistory, calendar: ExchangeCalendar) -> None:
        self._history = history
        self._calendar = calendar
        self._told: dict[str, KnownBars] = {}
        self._last_days: dict[str, date] = {}
        self._kept: dict[tuple[str, date], tuple[KnownBars, Indicators]] = {}
        self._facts: dict[str, KnownFacts] = {}
        self._volatility = KnownVolatility(history.vix)
        self._lock = Lock()
        self._notes: dict[str, str] = {}
        self._halted: frozenset[str] = frozenset()
        for symbol, entry in history.symbols.items():
            self._adopt(symbol, entry.signal_bars, entry.splits)
        if history.trend.symbol not in self._told:
            self._adopt(history.trend.symbol, history.trend, ())

    def keep_bars(self, bars: DailyBars, splits: tuple[Split, ...] = ()) -> None:
        """Take a vendor's completed bars; `splits` are those that bars declared raw lived through.

        Bars declared adjusted for splits are on the scale of their last day.
        """
        if not len(bars):
            return
        told = on_one_scale(bars, splits)
        imported = self._imported(bars.symbol, splits)
        joined = told if imported is None else self._joined(imported, told)
        self._adopt(bars.symbol, joined, ())

    def keep_volatility(self, levels: IndexBars) -> None:
        """Take VIX by its completed closes, in place of the imported ones."""
        if len(levels.dates):
            self._volatility = KnownVolatility(levels)

    def halt(self, symbol: str, *, is_halted: bool) -> None:
        """Note that trading of a symbol stands still, or goes on."""
        self._halted = self._halted | {symbol} if is_halted else self._halted - {symbol}

    def indicators(self, symbol: str, day: date) -> Indicators:
        """Return the figures over bars before `day`; all unknown where the bars are too old."""
        bars, kept = self._told.get(symbol), self._kept.get((symbol, day))
        # Bars that came since, on the other thread, make what was kept obsolete.
        if kept is not None and kept[0] is bars:
            return kept[1]
        behind = self.sessions_behind(symbol, day)
        if bars is None or behind is None or behind > SESSIONS_BEHIND_MAX:
            return Indicators(symbol, 0, *(None,) * 8)
        found = bars.indicators(day)
        # A copy, since the other thread may look something up at the same time.
        others = dict(self._kept)
        self._kept = {
            **{key: each for key, each in others.items() if key[1] == day},
            (symbol, day): (bars, found),
        }
        return found

    def sessions_behind(self, symbol: str, day: date) -> int | None:
        """Return how many completed sessions before `day` have no bar yet; None without bars."""
        last = self._last_days.get(symbol)
        if last is None or not self._covers(last, day):
            return None
        if last >= day:
            return 0
        return len(self._calendar.dates_between(last, day - timedelta(days=1))) - 1

    def volatility(self, at: datetime, printed: tuple[float, datetime] | None) -> Volatility | None:
        """Return VIX: its print of this session where there is one, else its last close."""
        day = exchange_date(at)
        session = session_on(self._calendar, day)
        is_over = session is not None and at >= session.closes_at
        found = self._level(day if is_over else day - timedelta(days=1))
        if found is None or self._is_old(found.as_of, day):
            return None
        if printed is not None and session is not None and _is_within(printed[1], session):
            level = to_price(printed[0]).per_unit
            return Volatility(level, found.average_year, day, printed[1])
        return found

    def facts(self, symbol: str, at: datetime) -> SymbolFacts:
        """Return what imported data announces for a symbol, and whether it is halted now."""
        known = self._facts.get(symbol)
        found = SymbolFacts(symbol) if known is None else known.on(exchange_date(at))
        return replace(found, is_halted=symbol in self._halted)

    def terms(self, symbol: str, day: date) -> tuple[float, float]:
        """Return the short rate and the dividend yield, decimals a year; zero where unknown."""
        known = self._facts.get(symbol)
        yielded = 0.0 if known is None else known.dividend_yield(day)
        return rate_before(self._history.rate, day), yielded

    def realised_volatility(self, symbol: str, day: date) -> float | None:
        """Return the annual volatility of the last month; None where bars are missing or old."""
        return self.indicators(symbol, day).realised_volatility

    def notes(self, symbols: tuple[str, ...], day: date) -> tuple[str, ...]:
        """Say of which symbols the bars are missing or old, and what could not be joined."""
        said = [sentence for _, sentence in sorted(self._notes.items())]
        for symbol in symbols:
            behind = self.sessions_behind(symbol, day)
            if behind is None:
                said.append(f"No daily bars of {symbol}: its averages and true range are missing.")
            elif behind:
                said.append(f"The daily bars of {symbol} are {behind} sessions behind.")
        found = self._level(day)
        if found is None or self._is_old(found.as_of, day):
            said.append("VIX is missing or more than three sessions old: import its closes.")
        return tuple(said)

    def _level(self, day: date) -> Volatility | None:
        """Return the last close of VIX up to a day; what keeps it serves one thread at a time."""
        with self._lock:
            return self._volatility.through(day)

    def _adopt(self, symbol: str, bars: DailyBars, splits: tuple[Split, ...]) -> None:
        if not len(bars):
            return
        known = KnownBars(bars, splits)
        self._told[symbol] = known
        self._last_days[symbol] = bars.dates[-1].astype("datetime64[D]").astype(object)
        entry = self._history.symbols.get(symbol)
        if entry is not None:
            self._facts[symbol] = KnownFacts(entry, known)

    def _imported(self, symbol: str, splits: tuple[Split, ...]) -> DailyBars | None:
        """Return the imported bars of a symbol on the scale of after the last known split."""
        entry = self._history.symbols.get(symbol)
        if entry is not None:
            known = merged_splits(entry.splits, splits)
            return on_one_scale(replace(entry.signal_bars, adjustment=Adjustment.RAW), known)
        return self._history.trend if symbol == self._history.trend.symbol else None

    def _joined(self, imported: DailyBars, told: DailyBars) -> DailyBars:
        """Put imported bars before the vendor's first; the vendor's alone where they disagree."""
        first = told.dates[0].astype("datetime64[D]").astype(object)
        before = imported.bars_before(first)
        if not len(before) or not self._touches(imported, first):
            return told
        _, ours, theirs = np.intersect1d(imported.dates, told.dates, return_indices=True)
        apart = np.abs(imported.close[ours] / told.close[theirs] - 1.0)
        if apart.size and not np.median(apart) <= _CLOSES_APART_MAX:
            self._notes[told.symbol] = (
                f"Imported and told bars of {told.symbol} disagree, so the imported are left out: "
                "check their adjustment."
            )
            return told
        self._notes.pop(told.symbol, None)
        parts = before, told
        return replace(
            told,
            dates=np.concatenate([part.dates for part in parts]),
            open=np.concatenate([part.open for part in parts]),
            high=np.concatenate([part.high for part in parts]),
            low=np.concatenate([part.low for part in parts]),
            close=np.concatenate([part.close for part in parts]),
            volume=np.concatenate([part.volume for part in parts]),
            adjusted_close=None,
        )

    def _touches(self, imported: DailyBars, first: date) -> bool:
        last: date = imported.dates[-1].astype("datetime64[D]").astype(object)
        return self._covers(last, first) and (
            last >= first or len(self._calendar.dates_between(last, first)) <= 2
        )

    def _is_old(self, last: date, day: date) -> bool:
        if not self._covers(last, day):
            return True
        return len(self._calendar.dates_between(last, day)) - 1 > SESSIONS_BEHIND_MAX

    def _covers(self, first: date, last: date) -> bool:
        return self._calendar.first <= min(first, last) and max(first, last) <= self._calendar.last


def on_one_scale(bars: DailyBars, splits: tuple[Split, ...]) -> DailyBars:
    """Return bars on the scale of after the last of these splits; raw ones are divided."""
    if bars.adjustment is not Adjustment.RAW:
        return bars
    factors = split_factors(bars.dates, splits, date.max)
    return replace(
        bars,
        open=bars.open / factors,
        high=bars.high / factors,
        low=bars.low / factors,
        close=bars.close / factors,
        volume=bars.volume * factors,
        adjustment=Adjustment.SPLITS,
        adjusted_close=None,
    )


def told_bars(
    symbol: str,
    rows: list[tuple[date, float, float, float, float, float]],
    *,
    adjustment: Adjustment,
    before: date,
    origin: str,
) -> DailyBars:
    """Return a vendor's bars strictly before a day, by date, the last of a date winning.

    Rows are date, open, high, low, close and volume. `before` is the first day whose session is
    not over yet: its bar is still growing.
    """
    by_day = {row[0]: row[1:] for row in rows if row[0] < before}
    days = sorted(by_day)
    table = np.array([by_day[day] for day in days], dtype=np.float64).reshape(len(days), 5)
    return DailyBars(
        symbol=symbol,
        dates=np.array(days, dtype="datetime64[D]"),
        open=table[:, 0],
        high=table[:, 1],
        low=table[:, 2],
        close=table[:, 3],
        volume=table[:, 4],
        adjustment=adjustment,
        basis=AdjustmentBasis.DECLARED,
        origin=origin,
    )


def told_splits(symbol: str, raw: DailyBars, adjusted: DailyBars) -> tuple[Split, ...]:
    """Return the splits by which a vendor's raw closes differ from its split-adjusted ones."""
    days, rows, others = np.intersect1d(raw.dates, adjusted.dates, return_indices=True)
    if len(days) < 2:
        return ()
    factors = raw.close[rows] / adjusted.close[others]
    ratios = factors[:-1] / factors[1:]
    # The vendor rounds adjusted prices to a cent, and no exchange splits by less than a hundredth.
    found = np.flatnonzero(np.abs(ratios - 1.0) > 0.01)
    return tuple(
        Split(symbol, days[row + 1].astype(object), _plain(float(ratios[row])))
        for row in found.tolist()
    )


def _plain(ratio: float) -> float:
    """Return the ratio without the rounding of the prices it was found in: n for m, m up to 20."""
    for old in range(1, 21):
        new = round(ratio * old)
        if new and abs(ratio * old / new - 1.0) < 2e-3:
            return new / old
    return ratio


def first_unfinished(calendar: ExchangeCalendar, at: datetime) -> date:
    """Return the first day whose session is not over at an instant: today, or the day after."""
    day = exchange_date(at)
    session = session_on(calendar, day)
    is_over = session is not None and at >= session.closes_at
    return day + timedelta(days=1) if is_over else day


def is_open(calendar: ExchangeCalendar, at: datetime) -> bool:
    """Tell whether the exchange is open, opens within ten minutes, or closed five ago at most."""
    session = session_on(calendar, exchange_date(at))
    if session is None:
        return False
    return session.opens_at - _BEFORE_OPEN <= at <= session.closes_at + _AFTER_CLOSE


def _is_within(instant: datetime, session: Session) -> bool:
    return session.opens_at <= instant <= session.closes_at
