"""Each lot of the book with what is known of it now, ready to be revalued."""

from __future__ import annotations

from dataclasses import dataclass

from allusedesk.domain.instruments import Instrument, OptionContract, Right
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.curve import volatility_of, years_left
from allusedesk.risk.betas import OF_VOLATILITY
from allusedesk.risk.revaluation import HeldLot


@dataclass(frozen=True, slots=True)
class Held:
    """A lot with its quote, its underlying's spot, the years left and its implied volatility."""

    lot: Position
    quote: Quote | None
    spot: float
    years: float
    volatility: float | None


def all_held(state: DeskState, snapshot: MarketSnapshot) -> list[Held]:
    """Every lot of every sleeve, oldest first, by the quotes of `snapshot` or the last ones."""
    return [_held(state, lot, snapshot) for lot in state.book.all_positions()]


def lot_of(one: Held) -> HeldLot:
    """The lot as the revaluation wants it; without a volatility it counts at intrinsic value."""
    units = one.lot.quantity_signed * one.lot.instrument.multiplier
    option = one.lot.option
    if option is None:
        return HeldLot(one.lot.underlying, units, one.spot)
    return HeldLot(
        underlying=option.underlying,
        units=units,
        spot=one.spot,
        strike=float(option.strike),
        is_put=option.right is Right.PUT,
        years=one.years,
        volatility=one.volatility or 0.0,
        is_of_volatility=option.underlying in OF_VOLATILITY,
        is_european=option.is_european,
    )


def _held(state: DeskState, lot: Position, snapshot: MarketSnapshot) -> Held:
    quote = snapshot.quote_of(lot.instrument) or state.marks.get(lot.instrument)
    spot = _spot(state, lot.instrument, snapshot)
    option = lot.option
    if option is None:
        return Held(lot, quote, spot, 0.0, None)
    years = years_left(option.expiry, snapshot.taken_at, state.rules)
    return Held(lot, quote, spot, years, volatility_of(quote, spot, years, snapshot.rate))


def _spot(state: DeskState, instrument: Instrument, snapshot: MarketSnapshot) -> float:
    """The underlying's price: as quoted now, as seen last, or else the strike itself."""
    name = instrument.priced_by if isinstance(instrument, OptionContract) else instrument.symbol
    for symbol in (instrument.underlying, name):
        seen = snapshot.underlying(symbol)
        mark = seen.quote.mark if seen is not None else state.spots.get(symbol)
        if mark is not None:
            return float(mark.per_unit)
    if snapshot.volatility is not None and instrument.underlying in OF_VOLATILITY:
        return float(snapshot.volatility.vix)
    return float(instrument.strike) if isinstance(instrument, OptionContract) else 0.0
