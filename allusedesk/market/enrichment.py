"""Looks at the market: raw quotes put on the board, greeks and indicators put beside them.

What comes out is journaled as it is, so a replay never comes here. Everything computed in floats
is rounded, so that machines agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from allusedesk.domain.commands import Watch
from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.quotes import (
    ChainWish,
    Greeks,
    MarketSnapshot,
    OptionChain,
    Quote,
    Underlying,
)
from allusedesk.market.american import (
    AmericanGreeks,
    OptionTerms,
    american_greeks,
    american_implied_volatility,
)
from allusedesk.market.calendar import NEW_YORK
from allusedesk.market.feeds.feed import Feed
from allusedesk.market.pricing import OptionGreeks, greeks, implied_volatilities
from allusedesk.market.quote_board import QuoteBoard, SeriesFigures
from allusedesk.market.raw_quotes import ChainColumns, QuoteBatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Farther out nothing is ever chosen, and a record need not keep it.
DELTA_MIN, DELTA_MAX = 0.03, 0.97
_DAYS_PER_YEAR = 365.0
# What may be exercised early is worth telling apart only where waiting costs a cent or more, and
# expiry is far; or exercise near, where a recorded price is to imply a volatility. Elsewhere the
# two greeks lead to no other decision.
_CARRY_MIN, _DELTA_NEAR_EXERCISE, _YEARS_FAR = 0.01, 0.8, 60.0 / 365.0
# Digits kept of delta, gamma, theta, vega and volatility.
_SCALES = np.array([1e4, 1e6, 1e6, 1e4, 1e6])[:, None]
_TABLES_KEPT = 32
_SHARES = {flag: SeriesFigures(is_modelled=flag) for flag in (False, True)}


@dataclass(slots=True)
class _Look:
    """One look in the making: what it found, and what it must say about what it did not."""

    board: QuoteBoard
    feed: Feed
    at: datetime
    defects: list[str]


def post_batch(board: QuoteBoard, batch: QuoteBatch) -> tuple[str, ...]:
    """Put a feed's batch on the board; return the ids of the price alarms it crossed."""
    figures, instant = _SHARES[batch.is_modelled], batch.instant.timestamp()
    rung: tuple[str, ...] = ()
    # The few symbols of a batch are faster posted one by one than as columns.
    for symbol, bid, ask, last in zip(
        batch.symbols, batch.bids.tolist(), batch.asks.tolist(), batch.lasts.tolist(), strict=True
    ):
        row = board.row_of_share(symbol)
        board.describe(row, figures)
        rung += board.post_one(row, bid, ask, last, instant)
    return rung


def complete_snapshot(watch: Watch, board: QuoteBoard, feed: Feed, at: datetime) -> MarketSnapshot:
    """Return everything a decision at `at` may see: the parts of the market it asked for.

    Chain rows pass through the board, which drops what cannot be a quote; only rows with a delta
    between 3 and 97 (as the protocol quotes it) go on. Underlyings are those of the watch, of its
    chains and of its held options. What was asked for and is not there is named in `defects`.
    """
    look = _Look(board, feed, at, [])
    dropped_before = sum(board.dropped.values())
    contracts = tuple(each for each in watch.held if isinstance(each, OptionContract))
    tables = feed.tables(watch.chains, contracts, at)
    wished = [columns for columns in tables.chains if columns is not None]
    figures = _figures_together([*wished, *tables.held])
    chains = _chains(look, watch.chains, wished, figures)
    held = _held(look, watch.held, tables.held, figures[len(wished) :])
    underlyings = tuple(
        seen for symbol in _symbols(watch) if (seen := _underlying(look, symbol)) is not None
    )
    trend = feed.trend(at) if watch.needs_trend else None
    if watch.needs_trend and trend is None:
        look.defects.append("There is no price of the trend index.")
    return MarketSnapshot(
        taken_at=at,
        underlyings=underlyings,
        chains=chains,
        held=held,
        volatility=feed.volatility(at),
        trend=trend,
        rate=round(feed.rate(at), 6),
        quotes_dropped=sum(board.dropped.values()) - dropped_before,
        defects=tuple(look.defects),
    )


def _symbols(watch: Watch) -> tuple[str, ...]:
    """Return each underlying once: watched, then of chains, then of what is held."""
    names = [
        *watch.symbols,
        *(wish.underlying for wish in watch.chains),
        *(instrument.underlying for instrument in watch.held),
    ]
    return tuple(dict.fromkeys(names))


def _underlying(look: _Look, symbol: str) -> Underlying | None:
    quote = look.feed.quote(Stock(symbol), look.at)
    if quote is None:
        look.defects.append(f"There is no quote of {symbol}.")
        return None
    facts = look.feed.facts(symbol, look.at)
    return Underlying(
        symbol=symbol,
        quote=quote,
        indicators=look.feed.indicators(symbol, look.at.astimezone(NEW_YORK).date()),
        earnings_next=facts.earnings_next,
        earnings_estimated=facts.earnings_estimated,
        ex_dividend_next=facts.ex_dividend_next,
        dividend_next=facts.dividend_next,
        is_halted=facts.is_halted,
        is_frozen_for_action=facts.is_frozen_for_action,
    )


def _chains(
    look: _Look,
    wishes: tuple[ChainWish, ...],
    tables: Sequence[ChainColumns],
    figures: Sequence[_Figures],
) -> tuple[OptionChain, ...]:
    """Return the chains wished for, those of one symbol joined into one."""
    parts: dict[str, list[tuple[ChainColumns, _Figures]]] = {wish.underlying: [] for wish in wishes}
    for columns, known in zip(tables, figures[: len(tables)], strict=True):
        parts[columns.underlying].append((columns, known))
    found = [_chain(look, symbol, own) for symbol, own in parts.items()]
    return tuple(chain for chain in found if chain is not None)


def _chain(
    look: _Look, symbol: str, parts: list[tuple[ChainColumns, _Figures]]
) -> OptionChain | None:
    """Join the parts of one symbol's chain by expiry, right and strike."""
    if not parts:
        look.defects.append(f"There is no chain of {symbol}.")
        return None
    expiries: dict[date, None] = {}
    quotes: dict[Instrument, Quote] = {}
    for columns, figures in parts:
        expiries.update(dict.fromkeys(columns.expiries_listed))
        rows = _rows_worth_showing(columns, figures)
        for quote in _posted(look.board, columns, rows, figures):
            quotes[quote.instrument] = quote
    ordered = sorted(quotes.values(), key=_place_in_chain) if len(parts) > 1 else quotes.values()
    is_modelled = any(columns.is_modelled for columns, _ in parts)
    return OptionChain(symbol, tuple(sorted(expiries)), tuple(ordered), is_modelled)


def _place_in_chain(quote: Quote) -> tuple[date, object, bool]:
    contract = quote.instrument
    assert isinstance(contract, OptionContract)  # noqa: S101 - chains hold options alone.
    return contract.expiry, contract.strike, contract.right.value == "P"


def _places(flags: Iterable[bool]) -> list[int]:
    return [place for place, flag in enumerate(flags) if flag]


def _held(
    look: _Look,
    instruments: tuple[Instrument, ...],
    tables: tuple[ChainColumns, ...],
    plain: Sequence[_Figures],
) -> tuple[Quote, ...]:
    """Return the quotes of held instruments in the order asked for, far strikes among them."""
    found: dict[Instrument, Quote] = {}
    for columns, european in zip(tables, plain, strict=True):
        figures = _with_early_exercise(columns, european)
        bids = columns.bids.tolist()
        quotes = _posted(look.board, columns, _places(bid > 0.0 for bid in bids), figures)
        asks = zip(bids, columns.asks.tolist(), strict=True)
        offered = _places(ask > 0.0 and not bid > 0.0 for bid, ask in asks)
        if offered:
            quotes += columns.quotes(offered, [figures.of(row) for row in offered])
        found.update({quote.instrument: quote for quote in quotes})
    for each in instruments:
        if isinstance(each, Stock) and (quote := look.feed.quote(each, look.at)) is not None:
            found[each] = quote
    look.defects.extend(
        f"There is no quote of {each}." for each in instruments if each not in found
    )
    return tuple(found[each] for each in dict.fromkeys(instruments) if each in found)


@dataclass(frozen=True, slots=True)
class _Figures:
    """Rounded greeks of every row; NaN where a recorded quote implies no volatility."""

    delta: list[float]
    gamma: list[float]
    theta: list[float]
    vega: list[float]
    volatility: list[float]

    def of(self, row: int) -> Greeks | None:
        """Return the greeks of one row; None where it has none."""
        if math.isnan(self.delta[row]):
            return None
        return Greeks(
            self.delta[row],
            self.gamma[row],
            self.theta[row],
            self.vega[row],
            self.volatility[row],
        )


def _figures_together(tables: Sequence[ChainColumns]) -> list[_Figures]:
    """Compute greeks, those of everything modelled at once.

    NumPy takes as long over five rows as over five hundred.
    """
    modelled = [columns for columns in tables if columns.is_modelled]
    if len(modelled) < 2:
        return [_figures(columns) for columns in tables]
    counts = [len(columns) for columns in modelled]
    alike = np.array([(each.spot, each.rate, each.dividend_yield) for each in modelled])
    spots, rates, yields = np.repeat(alike.T, counts, axis=1)
    volatilities = np.concatenate([columns.volatilities for columns in modelled])
    known = greeks(
        spots,
        np.concatenate([columns.strikes for columns in modelled]),
        np.concatenate([columns.years for columns in modelled]),
        rates,
        yields,
        volatilities,
        np.concatenate([columns.is_put for columns in modelled]),
    )
    rounded = _rounded_figures(known, volatilities)
    spans = pairwise(accumulate(counts, initial=0))
    parts = [_Figures(*(column[start:end] for column in rounded)) for start, end in spans]
    parts.reverse()
    return [parts.pop() if columns.is_modelled else _figures(columns) for columns in tables]


@lru_cache(_TABLES_KEPT)
def _figures(columns: ChainColumns) -> _Figures:
    """Compute greeks by the volatility the chain was modelled with, else by the mid's own.

    Recorded feeds hand over the same table until the next chain was taken.
    """
    years, volatilities = columns.years, columns.volatilities
    terms = columns.spot, columns.strikes, years, columns.rate, columns.dividend_yield
    if not columns.is_modelled:
        is_quoted = (columns.bids > 0.0) & (columns.asks >= columns.bids)
        mids = np.where(is_quoted, (columns.bids + columns.asks) * 0.5, math.nan)
        volatilities = implied_volatilities(mids, *terms, columns.is_put)
    known = greeks(*terms, volatilities, columns.is_put)
    return _Figures(*_rounded_figures(known, volatilities))


def _rounded_figures(
    known: OptionGreeks | AmericanGreeks, volatilities: Floats
) -> list[list[float]]:
    """Round delta, gamma, theta a day, vega and volatility; minus nothing is nothing."""
    table = np.stack(
        (known.delta, known.gamma, known.theta / _DAYS_PER_YEAR, known.vega, volatilities)
    )
    rounded: list[list[float]] = (np.rint(table * _SCALES) / _SCALES + 0.0).tolist()
    return rounded


def _with_early_exercise(columns: ChainColumns, figures: _Figures) -> _Figures:
    """Put American greeks in the rows of held contracts where early exercise matters."""
    years = columns.years
    near = math.inf if columns.is_modelled else _DELTA_NEAR_EXERCISE
    rows = [
        row
        for row, (delta, left) in enumerate(zip(figures.delta, years.tolist(), strict=True))
        if (left > _YEARS_FAR or abs(delta) > near)
        and not columns.contracts[row].is_european
        and _cost_of_waiting(columns, row, left) >= _CARRY_MIN
    ]
    implied = {row: _american_volatility(columns, row) for row in rows}
    rows = [row for row in rows if math.isfinite(implied[row])]
    if not rows:
        return figures
    volatilities = np.array([implied[row] for row in rows])
    known = american_greeks(
        columns.spot,
        columns.strikes[rows],
        years[rows],
        columns.rate,
        columns.dividend_yield,
        volatilities,
        columns.is_put[rows],
    )
    before = figures.delta, figures.gamma, figures.theta, figures.vega, figures.volatility
    after = _rounded_figures(known, volatilities)
    return _Figures(*(_replaced(old, rows, new) for old, new in zip(before, after, strict=True)))


def _cost_of_waiting(columns: ChainColumns, row: int, years: float) -> float:
    """Return the interest on a put's strike, or the yield on a call's share, until expiry."""
    if columns.is_put[row]:
        return float(columns.strikes[row]) * -math.expm1(-columns.rate * years)
    return columns.spot * -math.expm1(-columns.dividend_yield * years)


def _american_volatility(columns: ChainColumns, row: int) -> float:
    """Return the volatility a row was modelled with, else the one its mid implies; or NaN."""
    if columns.is_modelled:
        return float(columns.volatilities[row])
    bid, ask = float(columns.bids[row]), float(columns.asks[row])
    if not 0.0 < bid <= ask:
        return math.nan
    terms = OptionTerms(
        spot=columns.spot,
        strike=float(columns.strikes[row]),
        years=float(columns.years[row]),
        rate=columns.rate,
        dividend_yield=columns.dividend_yield,
        volatility=math.nan,
        is_put=bool(columns.is_put[row]),
    )
    return american_implied_volatility(terms, 0.5 * (bid + ask))


def _replaced(values: list[float], rows: list[int], by: list[float]) -> list[float]:
    after = list(values)
    for row, value in zip(rows, by, strict=True):
        after[row] = value
    return after


def _rows_worth_showing(columns: ChainColumns, figures: _Figures) -> list[int]:
    """Choose the rows of a useful delta, and between them those whose quote is to be dropped.

    Where a chain is modelled a side nobody quotes is no fault, so such rows are left out. A
    recorded quote that implies no volatility has no delta and is left out too.
    """
    sides = zip(columns.bids.tolist(), columns.asks.tolist(), strict=True)
    is_quoted = [0.0 < bid <= ask for bid, ask in sides]
    is_useful = [DELTA_MIN <= abs(delta) <= DELTA_MAX for delta in figures.delta]
    if columns.is_modelled or not any(is_useful):
        return [row for row, known in enumerate(is_useful) if known and is_quoted[row]]
    strikes = columns.strikes.tolist()
    useful = [strike for strike, known in zip(strikes, is_useful, strict=True) if known]
    low, high = min(useful), max(useful)
    return [
        row
        for row, strike in enumerate(strikes)
        if is_useful[row] or (low <= strike <= high and not is_quoted[row])
    ]


def _posted(
    board: QuoteBoard, columns: ChainColumns, rows: list[int], figures: _Figures
) -> list[Quote]:
    """Return the rows that can stand as two-sided quotes, with their greeks.

    The others are put on the board, which counts what it drops.
    """
    quotes = columns.quotes(rows, [figures.of(row) for row in rows])
    found = [quote for quote in quotes if quote.bid is not None and quote.ask is not None]
    if len(found) < len(rows):
        standing = {quote.instrument for quote in found}
        _count_dropped(board, columns, [r for r in rows if columns.contracts[r] not in standing])
    return found


def _count_dropped(board: QuoteBoard, columns: ChainColumns, rows: list[int]) -> None:
    places = [board.register(columns.contracts[row]) for row in rows]
    # A record writes a last price of zero where there was none; that is no fault of the quote.
    lasts = np.where(columns.lasts[rows] > 0.0, columns.lasts[rows], math.nan)
    instants = np.full(len(rows), columns.quoted_at.timestamp())
    board.post(np.array(places), columns.bids[rows], columns.asks[rows], lasts, instants)
