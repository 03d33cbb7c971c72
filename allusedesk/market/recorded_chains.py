"""Recorded chains laid together: several files of one instant, and the minutes of a day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import numpy as np

from allusedesk.market.calendar import NEW_YORK, ExchangeCalendar
from allusedesk.market.contract_terms import MORNING_SETTLED_ROOTS, Settlement
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    Defect,
    Effect,
    Flags,
    Floats,
    RecordedChain,
)
from allusedesk.market.intraday import MinuteChain, Numbers, contract_keys, merged_minutes

_Chain = TypeVar("_Chain", RecordedChain, MinuteChain)

# Nobody trades at the bell: what was recorded then is played so long before it.
BEFORE_THE_BELL = timedelta(minutes=1)


def chains_laid_together(
    chains: Sequence[RecordedChain], bars: DailyBars | None, calendar: ExchangeCalendar
) -> tuple[tuple[RecordedChain, ...], tuple[str, ...]]:
    """Return the chains of one underlying that can be played, oldest first, and what was done.

    Of the chains of one instant the first with quotes stands; the others fill in what it lacks of
    last prices, volumes, open interests and volatilities. Where it has no price of the underlying,
    that is the close of its day in `bars`, or else another's. A chain without quotes or without
    that price is not played. One of a session's close is played a minute before it, and an expiry
    on a closed day (until 2015 monthly options were dated the Saturday) under its last session.
    """
    chains = [_before_the_bell(_with_last_sessions(chain, calendar), calendar) for chain in chains]
    by_instant: dict[datetime, list[RecordedChain]] = {}
    for chain in sorted(chains, key=lambda chain: (chain.taken_at, chain.origin)):
        by_instant.setdefault(chain.taken_at, []).append(chain)
    played: list[RecordedChain] = []
    told: list[str] = []
    for group in by_instant.values():
        first = next((chain for chain in group if np.isfinite(chain.asks).any()), None)
        if first is None:
            told.extend(_not_played(chain, "it holds no quotes") for chain in group)
            continue
        others = [other for other in group if other is not first]
        spot = _spot(first, others, bars)
        chain = replace(_filled(first, others), underlying_price=spot)
        if math.isnan(spot):
            told.append(_not_played(chain, "the price of its underlying is not known"))
            continue
        played.append(chain)
        told.append(
            f"Recorded chain: {chain.underlying} at {chain.taken_at:%Y-%m-%d %H:%M:%S} UTC from "
            f"{chain.origin}, {len(chain):,} contracts."
        )
    return tuple(played), tuple(told)


def _before_the_bell(chain: RecordedChain, calendar: ExchangeCalendar) -> RecordedChain:
    """Return a chain of a session's close a minute earlier, when its quotes can be traded on.

    Tables of the end of a day do not say when their quotes stood; those of the last minute are
    the latest an order can meet.
    """
    day = _day_of(chain)
    if not calendar.is_session(day) or chain.taken_at < calendar.session(day).closes_at:
        return chain
    return replace(chain, taken_at=calendar.session(day).closes_at - BEFORE_THE_BELL)


def _with_last_sessions(chain: _Chain, calendar: ExchangeCalendar) -> _Chain:
    """Return a chain whose contracts expire on the last session on or before their date."""
    expiries, sessions = chain.expiries.astype("datetime64[D]"), calendar.session_dates
    is_known = (expiries >= sessions[0]) & (expiries <= sessions[-1])
    places = np.maximum(np.searchsorted(sessions, expiries, side="right") - 1, 0)
    return replace(chain, expiries=np.where(is_known, sessions[places], expiries))


def minutes_laid_together(
    chains: Sequence[MinuteChain], calendar: ExchangeCalendar
) -> tuple[tuple[MinuteChain, ...], tuple[str, ...]]:
    """Return one chain of minutes a day, oldest first, and what was done.

    Quotes, trades and open interests come in files of their own; a day without quotes is not
    played, nor a root of an index that settles in the morning of its expiry.
    """
    by_day: dict[tuple[date, str], list[MinuteChain]] = {}
    for chain in sorted(chains, key=lambda chain: (chain.day, chain.origin)):
        group = by_day.setdefault((chain.day, chain.root), [])
        group.append(_with_last_sessions(chain, calendar))
    played: list[MinuteChain] = []
    told: list[str] = []
    for (day, root), group in by_day.items():
        merged = merged_minutes(tuple(group))
        if root in MORNING_SETTLED_ROOTS:
            told.append(
                f"{merged.origin} of {day} is not played: the {len(merged):,} contracts of the "
                f"root {root} settle in the morning of their expiry, and the desk's end with a "
                "close."
            )
            continue
        if not len(merged.quoted_at):
            told.append(f"{merged.origin} of {day} is not played: it holds no quotes.")
            continue
        played.append(merged)
        told.append(
            f"Recorded minutes: {merged.underlying} on {day} from {merged.origin}, "
            f"{len(merged):,} contracts, {len(merged.minutes()):,} minutes."
        )
    return tuple(played), tuple(told)


def repeated_underlyings(chains: Sequence[RecordedChain]) -> tuple[Defect, ...]:
    """Return a defect for each chain whose underlying price is exactly that of the day before it.

    A price rarely stays to the cent overnight; a row copied by a vendor does.
    """
    found: list[Defect] = []
    latest: dict[str, RecordedChain] = {}
    for chain in sorted(chains, key=lambda chain: (chain.underlying, chain.taken_at)):
        before = latest.get(chain.underlying)
        if math.isnan(chain.underlying_price):
            continue
        latest[chain.underlying] = chain
        is_repeated = (
            before is not None
            and before.underlying_price == chain.underlying_price
            and _day_of(before) < _day_of(chain)
        )
        if before is not None and is_repeated:
            reason = (
                f"the underlying's price {chain.underlying_price:g} is that of {_day_of(before)}: "
                "one of the two rows was copied"
            )
            found.append(Defect(chain.origin, 0, "underlying price", reason, Effect.NOTED))
    return tuple(found)


def bars_of_chains(
    symbol: str, chains: Sequence[RecordedChain], known: Sequence[DailyBars]
) -> DailyBars | None:
    """Return an index at the closes of its chains as daily bars without open, high and low.

    None where there are none on days that `known` bars lack. An index has no shares; this is what
    settles its options.
    """
    closes: dict[date, tuple[float, str]] = {}
    for chain in sorted(chains, key=lambda chain: (chain.taken_at, chain.origin)):
        has_bar = any(bars.index_of(_day_of(chain)) is not None for bars in known)
        if chain.settlement is Settlement.CASH and not has_bar:
            closes[_day_of(chain)] = (chain.underlying_price, chain.origin)
    if not closes:
        return None
    prices: Floats = np.array([price for price, _ in closes.values()])
    origins = [origin for _, origin in closes.values()]
    return DailyBars(
        symbol=symbol,
        dates=np.array(list(closes), dtype="datetime64[D]"),
        open=np.full(len(prices), math.nan),
        high=np.full(len(prices), math.nan),
        low=np.full(len(prices), math.nan),
        close=prices,
        volume=np.zeros(len(prices)),
        adjustment=Adjustment.RAW,
        basis=AdjustmentBasis.LAYOUT,
        origin=origins[0] if len(origins) == 1 else f"{origins[0]} to {origins[-1]}",
    )


def with_ranges_of_closes(bars: DailyBars) -> DailyBars:
    """Return bars for averages and true ranges: a day of which a close alone is known is a point.

    Its true range is then the way from the close before, gaps between the recordings included.
    """
    is_close_alone = np.isnan(bars.open) & (bars.close > 0.0)
    if not is_close_alone.any():
        return bars
    open_, high, low = (
        np.where(is_close_alone, bars.close, column) for column in (bars.open, bars.high, bars.low)
    )
    return replace(bars, open=open_, high=high, low=low)


def chain_at(chain: MinuteChain, second: int, underlying_price: float) -> RecordedChain:
    """Return a chain as it stood at a second since 1970: of each contract its last quote by then.

    Volumes are those of the day so far.
    """
    quotes = _last_places(chain.quote_starts, chain.quoted_at, second)
    trades = _last_places(chain.trade_starts, chain.traded_at, second)
    traded = np.concatenate(([0.0], np.cumsum(chain.volumes)))
    begins = chain.trade_starts[:-1]
    return RecordedChain(
        underlying=chain.underlying,
        taken_at=datetime.fromtimestamp(second, UTC),
        underlying_price=underlying_price,
        expiries=chain.expiries,
        is_put=chain.is_put,
        strikes=chain.strikes,
        bids=_taken(chain.bids, quotes),
        asks=_taken(chain.asks, quotes),
        lasts=_taken(chain.lasts, trades),
        volumes=traded[np.where(trades >= 0, trades + 1, begins)] - traded[begins],
        open_interests=chain.open_interests,
        implied_volatilities=np.full(len(chain), math.nan),
        has_standard_deliverable=np.ones(len(chain), dtype=np.bool_),
        origin=chain.origin,
        exercise=chain.exercise,
        settlement=chain.settlement,
        roots=np.full(len(chain), chain.root) if chain.root else None,
        bid_sizes=_taken(chain.bid_sizes, quotes),
        ask_sizes=_taken(chain.ask_sizes, quotes),
    )


def _filled(chain: RecordedChain, others: Sequence[RecordedChain]) -> RecordedChain:
    keys = contract_keys(chain.expiries, chain.is_put, chain.strikes)
    for other in others:
        if chain.roots is not None or other.roots is not None:
            continue
        every, places = np.unique(
            contract_keys(other.expiries, other.is_put, other.strikes), return_index=True
        )
        found = np.minimum(np.searchsorted(every, keys), len(every) - 1)
        rows, has_one = places[found], every[found] == keys
        is_standard = ~has_one | other.has_standard_deliverable[rows]
        chain = replace(
            chain,
            lasts=_lacking(chain.lasts, other.lasts[rows], has_one),
            volumes=_lacking(chain.volumes, other.volumes[rows], has_one),
            open_interests=_lacking(chain.open_interests, other.open_interests[rows], has_one),
            implied_volatilities=_lacking(
                chain.implied_volatilities, other.implied_volatilities[rows], has_one
            ),
            has_standard_deliverable=chain.has_standard_deliverable & is_standard,
            origin=f"{chain.origin} + {other.origin}",
        )
    return chain


def _lacking(own: Floats, offered: Floats, has_one: Flags) -> Floats:
    return np.where(np.isnan(own) & has_one, offered, own)


def _spot(chain: RecordedChain, others: Sequence[RecordedChain], bars: DailyBars | None) -> float:
    """Return the underlying's price: the chain's own, its day's close, or another table's."""
    day = _day_of(chain)
    row = None if bars is None else bars.index_of(day)
    close = math.nan if bars is None or row is None else float(bars.close[row])
    offered = (chain.underlying_price, close, *(other.underlying_price for other in others))
    return next((price for price in offered if not math.isnan(price)), math.nan)


def _day_of(chain: RecordedChain) -> date:
    return chain.taken_at.astimezone(NEW_YORK).date()


def _not_played(chain: RecordedChain, reason: str) -> str:
    return (
        f"{chain.origin} of {chain.underlying} at {chain.taken_at:%Y-%m-%d %H:%M} UTC is not "
        f"played: {reason}."
    )


def _last_places(starts: Numbers, instants: Numbers, second: int) -> Numbers:
    """Return of each contract the place of its last row by a second, -1 where there is none."""
    known = np.concatenate(([0], np.cumsum(instants <= second)))
    counts = known[starts[1:]] - known[starts[:-1]]
    return np.where(counts > 0, starts[:-1] + counts - 1, -1)


def _taken(column: Floats, places: Numbers) -> Floats:
    if not len(column):
        return np.full(len(places), math.nan)
    return np.where(places >= 0, column[np.maximum(places, 0)], math.nan)
