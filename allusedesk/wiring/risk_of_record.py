"""The risk engines on the book as a journal has it, without folding the whole of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from allusedesk.answers.asking import BookMeasured, BookUnder, LotUnder, NamedLoss, RatiosMeasured
from allusedesk.domain.book import Book, LotChange
from allusedesk.domain.inputs import DeskOpened, MarketSampled
from allusedesk.domain.instruments import Instrument, Stock, with_underlyings
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import MarketSnapshot, Quote, Volatility
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.book import CONFIDENCE
from allusedesk.engine.what_if.legs import greeks_of
from allusedesk.engine.what_if.lots import Held, all_held, lot_of
from allusedesk.engine.what_if.stress import gains
from allusedesk.journal.queries.asked import last_instant, lots_now
from allusedesk.journal.quote_rows import quote_in_sample
from allusedesk.journal.read_side import ReadSide
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.risk.betas import betas_of
from allusedesk.risk.revaluation import HeldLot, with_early_exercise
from allusedesk.risk.scenarios import MarketScenario
from allusedesk.risk.stress import stress
from allusedesk.risk.value_at_risk import (
    CannotMeasure,
    ReturnTable,
    historical,
    parametric,
    simulated,
)
from allusedesk.wiring.book_on_record import returns_between
from allusedesk.wiring.risk_texts import scenarios_shipped

# How far back the last quote of what is held is looked for, in looks at the market.
_LOOKS_BACK = 500
_CLOSES = 251
_LOOKS_A_CLOSE = 6
_CLOSES_LEAST = 30
# The part of days on which an index must have moved, so that a beta is measured on it.
_MOVES_LEAST = 0.9
_SEED = 1
_VIX = re.compile(r'"volatility":\{"vix":"([0-9.]+)"')


@dataclass(frozen=True, slots=True)
class _Close:
    sequence: int
    spots: dict[str, float]
    vix: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is held, by the last quotes on record, and the entry of the newest look."""

    state: DeskState
    snapshot: MarketSnapshot
    seen_in: int
    opened_in: dict[str, int]


class RiskOfRecord:
    """What is held by a record's last entry and what its market last showed, to the engines."""

    def __init__(self, side: ReadSide) -> None:
        self._side = side

    def suppose(self, move: float, factor: float, symbol: str, points: float) -> BookUnder:
        """As `RiskEngines` says."""
        held, vix = self._held, self._vix
        if points and vix:
            factor = max(vix + points, 1.0) / vix
        lots = [lot_of(one) for one in held]
        moves = [move if not symbol or one.lot.underlying == symbol else 0.0 for one in held]
        factors = [factor if not symbol or one.lot.underlying == symbol else 1.0 for one in held]
        gained = [
            float(gains([lot], self._rate, (by,), (times,))[0, 0, 0])
            for lot, by, times in zip(lots, moves, factors, strict=True)
        ]
        found = [
            LotUnder(
                str(one.lot.account),
                str(one.lot.instrument),
                one.lot.quantity_signed,
                self._seen.opened_in[one.lot.id],
                gain,
            )
            for one, gain in zip(held, gained, strict=True)
        ]
        found.sort(key=lambda one: (one.gain, one.instrument, one.account))
        unpriced = tuple(
            str(one.lot.instrument)
            for one in held
            if one.lot.option is not None and one.volatility is None
        )
        return BookUnder(tuple(found), self._seen.seen_in, vix, self._is_modelled, unpriced)

    def ratios(self, until: date) -> RatiosMeasured | None:
        """As `RiskEngines` says."""
        from allusedesk.wiring.ratios_of_record import ratios_of_record

        return ratios_of_record(self._side, until)

    def rates(self, change: float) -> BookMeasured:
        """As `RiskEngines` says."""
        step = MarketScenario("rates", "a step of the rate", 0.0, rate_change=change)
        found = stress(self._lots, self._rate, (step,))[0]
        figures = [NamedLoss(found.scenario.name, found.total, found.by_underlying)]
        return self._measured(figures if self._held else [])

    def scenarios(self) -> BookMeasured:
        """As `RiskEngines` says."""
        found = stress(self._lots, self._rate, scenarios_shipped())
        figures = [
            NamedLoss(one.scenario.name, one.total, one.by_underlying)
            for one in sorted(found, key=lambda one: (one.total, one.scenario.id))
        ]
        return self._measured(figures if self._held else [])

    def value_at_risk(self) -> BookMeasured:
        """As `RiskEngines` says."""
        table = self._table
        if not self._held or table is None:
            return self._measured([])
        try:
            losses = (
                historical(self._lots, self._rate, table, CONFIDENCE),
                simulated(self._lots, self._rate, table, CONFIDENCE, np.random.default_rng(_SEED)),
                parametric(self._lots, self._rate, table, CONFIDENCE),
            )
        except CannotMeasure as refusal:
            return self._measured([], (str(refusal),))
        figures = [
            NamedLoss(one.way, one.value_at_risk, (("expected shortfall", one.expected_shortfall),))
            for one in losses
        ]
        notes = tuple(dict.fromkeys(note for one in losses for note in one.notes))
        days = (
            f"At {CONFIDENCE:.0%}, on {len(table.dates)} closes that the journal itself saw; a "
            "symbol that no look of a day showed stood still that day, which tells too little. "
            "`allusedesk risk JOURNAL --data PATH` measures on a history of prices."
        )
        return self._measured(figures, (days, *notes))

    def greeks(self) -> BookMeasured:
        """As `RiskEngines` says."""
        by_name: dict[str, dict[str, float]] = {}
        betas = self._betas
        for one in self._held:
            if one.quote is None:
                continue
            own, name = greeks_of(one.quote, one.lot.quantity_signed), one.lot.underlying
            for greek, value in (
                ("delta in dollars", own.delta * one.spot),
                *self._by_beta(own.delta * one.spot, betas.get(name)),
                ("gamma in dollars of delta a per cent", own.gamma * one.spot**2 / 100.0),
                ("theta in dollars a day", own.theta),
                ("vega in dollars a point", own.vega),
            ):
                parts = by_name.setdefault(greek, {})
                parts[name] = parts.get(name, 0.0) + value
        figures = [
            NamedLoss(greek, math.fsum(parts.values()), tuple(sorted(parts.items())))
            for greek, parts in by_name.items()
        ]
        told = [f"beta of {name} {betas[name]:.2f}" for name in sorted(betas)]
        notes = (f"Measured on the journal's own closes: {', '.join(told)}.",) if told else ()
        return self._measured(figures, notes)

    def _by_beta(self, delta: float, beta: float | None) -> tuple[tuple[str, float], ...]:
        return () if beta is None else (("delta in dollars of the index", beta * delta),)

    def _measured(self, figures: Iterable[NamedLoss], notes: tuple[str, ...] = ()) -> BookMeasured:
        return BookMeasured(tuple(figures), self._seen.seen_in, self._is_modelled, notes)

    @cached_property
    def _held(self) -> list[Held]:
        return all_held(self._seen.state, self._seen.snapshot)

    @cached_property
    def _lots(self) -> tuple[HeldLot, ...]:
        return with_early_exercise([lot_of(one) for one in self._held], self._rate)

    @property
    def _rate(self) -> float:
        return self._seen.snapshot.rate

    @property
    def _vix(self) -> float | None:
        seen = self._seen.snapshot.volatility
        return None if seen is None else float(seen.vix)

    @property
    def _is_modelled(self) -> bool:
        return any(one.quote is not None and one.quote.is_modelled for one in self._held)

    @cached_property
    def _seen(self) -> _Seen:
        side = self._side
        opened = next(iter(side.journal.read(1, 1))).event
        at = last_instant(side)
        if not isinstance(opened, DeskOpened) or at is None:
            raise TypeError("The journal does not begin with the opening of a desk.")
        lots = [self._lot(one.id) for one in lots_now(side)]
        wanted = with_underlyings(lot.instrument for lot in lots)
        quotes, newest, market = self._quotes(wanted)
        spots = {
            name.symbol: mark
            for name, quote in quotes.items()
            if isinstance(name, Stock) and (mark := quote.mark) is not None
        }
        book = Book()
        positions = book.positions.update({lot.id: lot for lot in lots})
        state = replace(
            DeskState(),
            now=at,
            rulebook=parse_rulebook(opened.rulebook_text),
            trend_symbol=opened.trend_symbol,
            book=replace(book, positions=positions),
        )
        state = replace(state, spots=state.spots.update(spots))
        snapshot = MarketSnapshot(
            taken_at=at,
            held=tuple(quotes.values()),
            volatility=None if market is None else market.volatility,
            rate=0.0 if market is None else market.rate,
        )
        opened_in = {one.id: one.opened_sequence for one in lots_now(side)}
        return _Seen(state, snapshot, newest, opened_in)

    def _lot(self, lot: str) -> Position:
        """A lot as its last booking left it."""
        changed = self._side.column("SELECT max(sequence) FROM lot_changes WHERE lot = ?", (lot,))[
            0
        ]
        event: Any = next(iter(self._side.journal.read(changed, changed))).event
        changes: tuple[LotChange, ...] = event.booking.changes
        found = [one.after for one in changes if one.after is not None]
        return next(one for one in found if one.id == lot)

    def _quotes(
        self, wanted: tuple[Instrument, ...]
    ) -> tuple[dict[Instrument, Quote], int, MarketSnapshot | None]:
        """The last quote of each instrument, the newest look, and its market."""
        found: dict[Instrument, Quote] = {}
        newest, market, volatility = 0, None, None
        looks = self._side.column(
            "SELECT sequence FROM samples ORDER BY rowid DESC LIMIT ?", (_LOOKS_BACK,)
        )
        for sequence in looks:
            row = next(iter(self._side.journal.rows(sequence, sequence)))
            if market is None:
                event = next(iter(self._side.journal.read(sequence, sequence))).event
                market = event.snapshot if isinstance(event, MarketSampled) else None
                newest = sequence
                volatility = None if market is None else market.volatility
            if volatility is None:
                volatility = self._volatility(sequence, row.body)
            for instrument in wanted:
                if instrument not in found:
                    quote = quote_in_sample(row.body, instrument)
                    if quote is not None and quote.mark is not None:
                        found[instrument] = quote
            if len(found) == len(wanted) and volatility is not None:
                break
        return found, newest, None if market is None else replace(market, volatility=volatility)

    def _volatility(self, sequence: int, body: str) -> Volatility | None:
        if _VIX.search(body) is None:
            return None
        event = next(iter(self._side.journal.read(sequence, sequence))).event
        return event.snapshot.volatility if isinstance(event, MarketSampled) else None

    @cached_property
    def _betas(self) -> dict[str, float]:
        symbols = list(dict.fromkeys(one.lot.underlying for one in self._held))
        table = self._table
        if table is None or np.mean(table.market != 0.0) < _MOVES_LEAST:
            # An index that was looked at once a week gives no beta worth telling.
            return {}
        return {one.symbol: one.value for one in betas_of(table, symbols)}

    @cached_property
    def _table(self) -> ReturnTable | None:
        """Returns of what is held between the closes the journal saw; None for too few."""
        index = self._seen.state.trend_symbol
        symbols = tuple(sorted({one.lot.underlying for one in self._held}))
        wanted = (*symbols, index)
        closes = [
            one for one in self._closes(wanted) if one.vix and not set(wanted) - set(one.spots)
        ]
        if len(closes) < _CLOSES_LEAST:
            return None
        days = self._side.rows(
            "SELECT DISTINCT sequence, on_day FROM marks WHERE sequence >= ?",
            (closes[0].sequence,),
        )
        dates = dict(days)
        return ReturnTable(
            dates=tuple(date.fromisoformat(dates[one.sequence]) for one in closes[1:]),
            symbols=symbols,
            returns=returns_between([one.spots for one in closes], symbols),
            index=index,
            market=np.diff(np.log([one.spots[index] for one in closes])),
            volatility=np.diff(np.log([one.vix for one in closes])),
        )

    def _closes(self, symbols: tuple[str, ...]) -> list[_Close]:
        """Where the symbols were last seen at the last closes, oldest first."""
        marked = self._side.column(
            "SELECT DISTINCT sequence FROM marks ORDER BY on_day DESC LIMIT ?", (_CLOSES + 1,)
        )
        closes = []
        for last, first in pairwise([*marked, 0]):
            looks = self._side.column(
                "SELECT sequence FROM samples WHERE sequence > ? AND sequence < ? "
                "ORDER BY sequence DESC LIMIT ?",
                (first, last, _LOOKS_A_CLOSE),
            )
            spots: dict[str, float] = {}
            vix = 0.0
            for sequence in looks:
                body = next(iter(self._side.journal.rows(sequence, sequence))).body
                for symbol in symbols:
                    quote = None if symbol in spots else quote_in_sample(body, Stock(symbol))
                    if quote is not None and quote.mark is not None:
                        spots[symbol] = float(quote.mark.per_unit)
                seen = _VIX.search(body)
                vix = vix or (float(seen[1]) if seen is not None else 0.0)
                if vix and len(spots) == len(set(symbols)):
                    break
            closes.append(_Close(last, spots, vix))
        carried: list[_Close] = []
        for one in reversed(closes):
            before = carried[-1] if carried else _Close(0, {}, 0.0)
            # What no look of a day showed stands where it was seen last.
            carried.append(_Close(one.sequence, before.spots | one.spots, one.vix or before.vix))
        return carried
