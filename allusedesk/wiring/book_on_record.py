"""A desk's book as its journal has it: at one instant, and at the close of each day before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.events import BalancesMarked, Entry
from allusedesk.domain.inputs import CapitalDeposited, CapitalWithdrawn, MarketSampled
from allusedesk.domain.quotes import MarketSnapshot, Volatility
from allusedesk.engine.fold import fold
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.engine.what_if.book import MarketFigures
from allusedesk.engine.what_if.lots import all_held, lot_of
from allusedesk.market.indicators import SESSIONS_PER_YEAR
from allusedesk.risk.backtesting_of_var import VarDay
from allusedesk.risk.revaluation import HeldLot, Shocks, gains_under
from allusedesk.risk.value_at_risk import ReturnTable, historical
from allusedesk.wiring.requests import RequestRefused

_TELL_EVERY = 1_000
# A value at risk looks back on a year, and is not told on less than a hundred days.
WINDOW, DAYS_MIN = 250, 100
# A larger step between two closes is a split: that day tells nothing of the symbol.
_STEP_MAX = 0.6
_BLIND_MAX = 0.05


@dataclass(frozen=True, slots=True)
class Close:
    """One day's end: what was held, what it was worth, and where the market stood.

    `moved` is what was paid in since the close before, less what was taken out.
    """

    on: date
    equity: Decimal
    moved: Decimal
    lots: tuple[HeldLot, ...]
    rate: float
    spots: Mapping[str, float]
    index: float | None
    vix: float | None


@dataclass(frozen=True, slots=True)
class BookOnRecord:
    """The desk after the last entry looked at, what its market last showed, and its closes."""

    state: DeskState
    snapshot: MarketSnapshot
    closes: tuple[Close, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every underlying that is held now or was at a close."""
        held = [lot.underlying for lot in self.state.book.all_positions()]
        were = [lot.underlying for close in self.closes for lot in close.lots]
        return tuple(sorted({*held, *were}))


class Readable(Protocol):
    """Whatever hands out a journal's entries from the first on."""

    def read(self, *, with_chains: bool) -> Iterator[Entry]: ...


def book_on_record(
    reader: Readable,
    at: date | None = None,
    tell: Callable[[int], None] | None = None,
) -> BookOnRecord:
    """Fold a journal up to the end of a day in New York (None: to its end).

    `tell` hears the number of the entry reached. Raises RequestRefused where nothing is on record
    by then.
    """
    state, closes = DeskState(), list[Close]()
    rate, volatility, index, moved = 0.0, None, None, Decimal(0)
    last: datetime | None = None
    for entry in reader.read(with_chains=False):
        if at is not None and entry.recorded_at.astimezone(NEW_YORK).date() > at:
            break
        state = fold(state, entry)
        last = entry.recorded_at
        match entry.event:
            case MarketSampled(snapshot=seen):
                rate = seen.rate
                volatility = seen.volatility or volatility
                mark = seen.trend.quote.mark if seen.trend is not None else None
                index = index if mark is None else float(mark.per_unit)
            case CapitalDeposited(amount=amount):
                moved += amount.amount
            case CapitalWithdrawn(amount=amount):
                moved -= amount.amount
            case BalancesMarked() as marked:
                closes.append(_close(state, marked, moved, rate, volatility, index, last))
                moved = Decimal(0)
            case _:
                pass
        if tell is not None and entry.sequence % _TELL_EVERY == 0:
            tell(entry.sequence)
    if last is None or state.rulebook is None:
        raise RequestRefused(
            "No desk is on record by then: name a later day with --at, or another journal."
        )
    snapshot = MarketSnapshot(taken_at=last, rate=rate, volatility=volatility)
    return BookOnRecord(state, snapshot, tuple(closes))


def _close(
    state: DeskState,
    marked: BalancesMarked,
    moved: Decimal,
    rate: float,
    volatility: Volatility | None,
    index: float | None,
    at: datetime,
) -> Close:
    snapshot = MarketSnapshot(taken_at=at, rate=rate, volatility=volatility)
    return Close(
        on=marked.on,
        equity=sum((mark.equity.amount for mark in marked.marks), Decimal(0)),
        moved=moved,
        lots=tuple(lot_of(one) for one in all_held(state, snapshot)),
        rate=rate,
        spots={symbol: float(spot.per_unit) for symbol, spot in state.spots.items()},
        index=index,
        vix=None if volatility is None else float(volatility.vix),
    )


def figures_on_record(book: BookOnRecord) -> MarketFigures:
    """Returns between the closes the journal itself saw, where no history is at hand."""
    closes = [one for one in book.closes if one.index and one.vix]
    note = "Prices are those the journal saw at its own closes: --data gives a longer history."
    if len(closes) < 2:  # noqa: PLR2004 - one return needs two closes
        return MarketFigures(
            None, (), "The journal has no two closes yet: give a history of prices with --data."
        )
    symbols, trend = book.symbols, book.state.trend_symbol
    # The index's own looks, since a spot of its options is as old as their last look.
    rows = [{**one.spots, trend: one.index or np.nan} for one in closes]
    returns = returns_between(rows, symbols)
    table = ReturnTable(
        dates=tuple(one.on for one in closes[1:]),
        symbols=symbols,
        returns=returns,
        index=trend,
        market=np.diff(np.log([one.index or np.nan for one in closes])),
        volatility=np.diff(np.log([one.vix or np.nan for one in closes])),
    )
    held = {lot.underlying for lot in book.state.book.all_positions()} - {trend}
    table = table.last(len(returns) - _blind(held, table))
    seldom = tuple(
        symbol
        for place, symbol in enumerate(symbols)
        if symbol in held and _is_seldom(table.returns[:, place])
    )
    if _is_seldom(table.market):
        note += (
            f" {trend} itself was looked at on {np.count_nonzero(table.market)} of "
            f"{len(table.market)} days: no beta is measured, and what has no price of its own "
            "moves as it did, several days as one."
        )
        return MarketFigures(table, (), note, tuple(sorted(held)))
    if seldom:
        note += (
            f" {', '.join(seldom)} {'was' if len(seldom) == 1 else 'were'} not looked at on every "
            "day: no beta is measured, and what moved over days counts as one."
        )
    return MarketFigures(table, (), note, seldom)


def returns_between(
    closes: Sequence[Mapping[str, float]], symbols: Sequence[str]
) -> NDArray[np.float64]:
    """Logarithmic returns from close to close, shape (closes - 1, symbols), by the spots seen.

    NaN where a symbol has no spot, and where its step is a split's.
    """
    spots = np.array([[one.get(name, np.nan) for name in symbols] for one in closes])
    steps = np.diff(np.log(spots), axis=0)
    return np.where(np.abs(steps) > _STEP_MAX, np.nan, steps)


def _is_seldom(returns: NDArray[np.float64]) -> bool:
    """Whether a price stood still on more days than a traded one does."""
    return bool(np.count_nonzero(returns == 0.0) > _BLIND_MAX * len(returns))


def _blind(held: AbstractSet[str], table: ReturnTable) -> int:
    """How many of the first days go by before each underlying held was looked at once.

    Where they are few they are left out, so that it moves by its own returns and not by the
    index's.
    """
    columns = [place for place, symbol in enumerate(table.symbols) if symbol in held]
    known = np.isfinite(table.returns[:, columns]).all(axis=1)
    first = int(np.argmax(known)) if known.any() else 0
    return first if first <= _BLIND_MAX * len(table.dates) else 0


@dataclass(frozen=True, slots=True)
class VarHistory:
    """What was told at each close for the next day, and what came of it, two ways.

    `traded` has the change of equity by the next close, with all that was traded in between and
    without what was paid in or out. `held` has the same book left alone and revalued at the next
    day's prices and VIX: the fairer test of the measure, since it knew of no trade to come.
    """

    traded: tuple[VarDay, ...] = ()
    held: tuple[VarDay, ...] = ()


def var_history(
    closes: Sequence[Close], table: ReturnTable | None, confidence: float
) -> VarHistory:
    """The historical way at each close, by at most 250 days known then.

    A close with less than 100 days before it, and one at which nothing was held, tells nothing.
    """
    if table is None:
        return VarHistory()
    traded, held = [], []
    for before, after in pairwise(closes):
        known = table.before(after.on).last(WINDOW)
        if not before.lots or len(known.dates) < DAYS_MIN:
            continue
        told = historical(before.lots, before.rate, known, confidence).value_at_risk
        traded.append(VarDay(after.on, told, float(after.equity - before.equity - after.moved)))
        left = _left_alone(before, after.on, table)
        if left is not None:
            held.append(VarDay(after.on, told, left))
    return VarHistory(tuple(traded), tuple(held))


def _left_alone(before: Close, on: date, table: ReturnTable) -> float | None:
    """What the book of a close gained on one later day; None where its prices are not known."""
    if on not in table.dates:
        return None
    place = table.dates.index(on)
    one = slice(place, place + 1)
    moves = {
        symbol: np.expm1(table.returns[one, column])
        for column, symbol in enumerate(table.symbols)
        if np.isfinite(table.returns[place, column])
    }
    shocks = Shocks(
        moves,
        np.expm1(table.market[one]),
        np.exp(table.volatility[one]),
        np.zeros(1),
        1.0 / SESSIONS_PER_YEAR,
    )
    return float(gains_under(before.lots, before.rate, shocks).sum())
