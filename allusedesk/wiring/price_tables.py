"""Daily returns of some symbols from price files, dividends and splits counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.money import Price
from allusedesk.market.corporate_actions import split_factors
from allusedesk.market.history import MarketHistory, SymbolHistory
from allusedesk.market.indicators import SESSIONS_PER_YEAR
from allusedesk.market.price_jumps import jumps_told
from allusedesk.market.pricing import to_price
from allusedesk.portfolio.construction import SimpleReturns
from allusedesk.resource_files import resource_path
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.histories import history_below
from allusedesk.wiring.requests import RequestRefused

# A larger move over one day is a split nobody told of, or an error in the file.
_MOVE_MAX = 0.8


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Returns by day and symbol, each symbol's last close as traded, and what was chosen.

    `closed_on` is the day of each of these closes.
    `rate_year` is the mean short rate over the span, as a fraction; 0 where none is known.
    """

    returns: SimpleReturns
    closes: tuple[tuple[str, Price], ...]
    closed_on: tuple[tuple[str, date], ...]
    rate_year: float
    notes: tuple[str, ...]


def price_table(
    paths: Sequence[Path], symbols: Sequence[str], first: date | None, last: date | None
) -> PriceTable:
    """The returns of the symbols on the days from `first` to `last` on which any of them traded.

    Raises RequestRefused where a symbol has no prices, FileRefused for a path that is none.
    """
    return table_of(_history(paths, symbols), symbols, first, last)


def table_of(
    history: MarketHistory, symbols: Sequence[str], first: date | None, last: date | None
) -> PriceTable:
    """As `price_table`, of a history that is open already and knows all of the symbols."""
    days = _days(history, symbols, first, last)
    columns = [_levels(history.symbols[one], days) for one in symbols]
    levels = np.array(columns).T if len(days) else np.empty((0, len(symbols)))
    steps = levels[1:] / levels[:-1] - 1.0
    wild = np.abs(steps) > _MOVE_MAX
    ours = tuple(f"{one}{after}" for one in symbols for after in " :")
    notes = [note for note in history.choices if note.startswith(ours) and "earnings" not in note]
    if wild.any():
        notes.append(
            f"{int(wild.sum())} moves of more than {_MOVE_MAX:.0%} in a day count as missing: "
            "a split nobody told of, or an error in the file."
        )
        steps = np.where(wild, np.nan, steps)
    notes.extend(jumps_told(history, days[0], days[-1]))
    closes, closed_on = [], []
    for one in symbols:
        bars = history.symbols[one].bars
        row = int(np.searchsorted(bars.dates, np.datetime64(days[-1], "D"), side="right")) - 1
        closes.append((one, to_price(float(bars.close[row])) if row >= 0 else Price(Decimal(0))))
        if row >= 0:
            closed_on.append((one, bars.dates[row].astype(object)))
    return PriceTable(
        SimpleReturns(tuple(symbols), days[1:], steps),
        tuple(closes),
        tuple(closed_on),
        _rate(history, days),
        tuple(notes),
    )


def volatilities(table: PriceTable) -> dict[str, float]:
    """Each symbol's volatility a year over the rows in which it has a return."""
    found = {}
    for place, name in enumerate(table.returns.names):
        column = table.returns.values[:, place]
        known = column[np.isfinite(column)]
        spread = float(known.std(ddof=1)) if len(known) > 1 else 0.0
        found[name] = spread * math.sqrt(SESSIONS_PER_YEAR)
    return found


def _history(paths: Sequence[Path], symbols: Sequence[str]) -> MarketHistory:
    # Every history has a VIX; returns need none, so the sample market's will do.
    fear = resource_path("sample_market", "volatility")
    none, calendar = (date.max, date.max), exchange_calendar()
    return history_below((*paths, fear), symbols, symbols[0], calendar, days=none)


def _days(
    history: MarketHistory, symbols: Sequence[str], first: date | None, last: date | None
) -> tuple[date, ...]:
    known = np.unique(np.concatenate([history.symbols[one].bars.dates for one in symbols]))
    found: list[date] = known.astype("datetime64[D]").tolist()
    inside = [
        day for day in found if (first is None or day >= first) and (last is None or day <= last)
    ]
    if len(inside) <= 1:
        raise RequestRefused(
            f"The span holds {len(inside)} days with prices of {', '.join(symbols)}, which run "
            f"from {found[0]} to {found[-1]}: choose at least two of them."
        )
    return tuple(inside)


def _levels(entry: SymbolHistory, days: Sequence[date]) -> NDArray[np.float64]:
    """What a share and its dividends are worth on each day; NaN where there is no close."""
    bars = entry.bars
    factors = split_factors(bars.dates, entry.splits, days[-1])
    closes = bars.close / factors
    places = np.searchsorted(bars.dates, np.array(days, dtype="datetime64[D]"))
    inside = np.minimum(places, len(closes) - 1)
    is_there = bars.dates[inside] == np.array(days, dtype="datetime64[D]")
    prices = np.where(is_there, closes[inside], np.nan)
    grown = np.ones(len(days))
    for paid in entry.dividends:
        if not days[0] < paid.ex_date <= days[-1]:
            continue
        later = math.prod(
            one.ratio for one in entry.splits if paid.ex_date < one.effective_on <= days[-1]
        )
        row = int(
            np.searchsorted(np.array(days, dtype="datetime64[D]"), np.datetime64(paid.ex_date))
        )
        before = prices[row - 1]
        if np.isfinite(before) and before > 0.0 and np.isfinite(prices[row]):
            grown[row:] *= 1.0 + paid.amount / later / prices[row]
    return np.asarray(prices * grown, dtype=np.float64)


def _rate(history: MarketHistory, days: Sequence[date]) -> float:
    if history.rate is None:
        return 0.0
    known = [history.rate.last_before(day) for day in days]
    found = [one for one in known if one is not None]
    return math.fsum(found) / len(found) / 100.0 if found else 0.0
