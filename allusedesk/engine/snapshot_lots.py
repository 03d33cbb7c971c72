"""Every lot for the eye: its quote, its profit, its greeks, and how near its strike is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.positions import Position
from allusedesk.domain.quotes import Quote
from allusedesk.engine.sleeve_views import fee_per_contract
from allusedesk.engine.state import DeskState
from allusedesk.risk.probability import probability_in_money

QuoteOf = Callable[[Instrument], Quote | None]


@dataclass(frozen=True, slots=True)
class LotGreeks:
    """Sensitivities of a whole lot: delta in shares, gamma per dollar, theta and vega in dollars.

    Theta is per day, vega per point of volatility.
    """

    delta: float
    gamma: float
    theta: float
    vega: float


@dataclass(frozen=True, slots=True)
class HeldLot:
    """One lot with its quote; without a usable one it stands at cost and `is_marked` is False.

    `value` is what the lot is worth (shorts negative), `unrealised` its profit before fees,
    `earned` that profit over the premium of an option sold. `level` is L0 to L3, empty where none
    was measured. `distance` is how far price must go to reach the strike, as a fraction of price,
    `distance_atr` the same in average true ranges; both negative once the option is in the money.
    `probability_assigned` is an estimate for options sold, from their own implied volatility.
    """

    lot: Position
    quote: Quote | None
    value: Money
    unrealised: Money
    is_marked: bool
    level: str
    spot: Price | None = None
    earned: Decimal | None = None
    greeks: LotGreeks | None = None
    distance: Decimal | None = None
    distance_atr: Decimal | None = None
    probability_assigned: float | None = None
    collateral: Money = NOTHING
    is_busy: bool = False


def held_lots(
    state: DeskState, now: datetime, quoted: QuoteOf, before: tuple[HeldLot, ...] = ()
) -> tuple[HeldLot, ...]:
    """Every lot; one of which nothing changed is the very object of the picture before."""
    known = {held.lot.id: held for held in before}
    busy = {
        leg.closes
        for ticket in state.tickets.values()
        for leg in ticket.proposal.legs
        if leg.closes
    }
    lots = []
    for lot in state.book.all_positions():
        quote, seen = quoted(lot.instrument), quoted(Stock(lot.underlying))
        spot = seen.mark if seen is not None else None
        level, held = state.levels.get(lot.id, ""), known.get(lot.id)
        is_busy = lot.id in busy
        if (
            held is not None
            and held.lot == lot
            and (held.quote is quote or held.quote == quote)
            and held.spot == spot
            and held.level == level
            and held.is_busy is is_busy
        ):
            lots.append(held)
            continue
        lots.append(_held(state, now, lot, quote, spot, level, is_busy=is_busy))
    return tuple(lots)


def _held(
    state: DeskState,
    now: datetime,
    lot: Position,
    quote: Quote | None,
    spot: Price | None,
    level: str,
    *,
    is_busy: bool,
) -> HeldLot:
    mark = quote.mark if quote is not None else None
    cost = lot.value_at(lot.price_average)
    value = cost if mark is None else lot.value_at(mark)
    option = lot.option
    away = _away(option, spot)
    atr = state.ranges.get(lot.underlying)
    is_sold = option is not None and lot.is_short
    return HeldLot(
        lot=lot,
        quote=quote,
        value=value,
        unrealised=value - cost,
        is_marked=mark is not None,
        level=level,
        spot=spot,
        earned=(value - cost).share_of(-cost) if is_sold and cost else None,
        greeks=_greeks(lot, quote),
        distance=None if away is None or spot is None else away / spot.per_unit,
        distance_atr=None if away is None or not atr else away / atr,
        probability_assigned=_likely(option, spot, quote, now) if is_sold else None,
        collateral=_collateral(state, lot),
        is_busy=is_busy,
    )


def _away(option: OptionContract | None, spot: Price | None) -> Decimal | None:
    """Dollars that price must still go to reach the strike; negative beyond it."""
    if option is None or spot is None or not spot.per_unit:
        return None
    gap = spot.per_unit - option.strike
    return gap if option.right is Right.PUT else -gap


def _greeks(lot: Position, quote: Quote | None) -> LotGreeks | None:
    if lot.is_shares:
        return LotGreeks(float(lot.quantity_signed), 0.0, 0.0, 0.0)
    if quote is None or quote.greeks is None:
        return None
    shares, each = float(lot.quantity_signed * lot.instrument.multiplier), quote.greeks
    return LotGreeks(
        each.delta * shares, each.gamma * shares, each.theta * shares, each.vega * shares
    )


def _likely(
    option: OptionContract | None, spot: Price | None, quote: Quote | None, now: datetime
) -> float | None:
    greeks = quote.greeks if quote is not None else None
    if option is None or spot is None or greeks is None:
        return None
    return probability_in_money(option, spot, greeks.implied_volatility, now)


def _collateral(state: DeskState, lot: Position) -> Money:
    if not lot.is_short_put or state.rulebook is None:
        return NOTHING
    return lot.assignment_cost() + fee_per_contract(state) * lot.quantity
