"""Every lot for the eye: its quote, its profit, its greeks, and how near its strike is."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.collateral import held_by_lots
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.quotes import Quote
from allusedesk.engine.sleeve_views import fee_per_contract
from allusedesk.engine.state import DeskState
from allusedesk.risk.probability import probability_in_money

QuoteOf = Callable[[Instrument], Quote | None]
# So many lots are looked at between two pauses of a picture made in parts: about a millisecond.
_LOTS_A_PART = 8


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
    Greeks are those of the quote, or of the last look at the option, which was `greeks_at`.
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
    greeks_at: datetime | None = None
    distance: Decimal | None = None
    distance_atr: Decimal | None = None
    probability_assigned: float | None = None
    collateral: Money = NOTHING
    is_busy: bool = False


def held_lots_in_parts(
    state: DeskState, now: datetime, quoted: QuoteOf, before: tuple[HeldLot, ...] = ()
) -> Generator[None, None, tuple[HeldLot, ...]]:
    """Every lot; one of which nothing changed is the very object of the picture before.

    Pauses after each part, so that whoever makes it can do something else in between.
    """
    known = {held.lot.id: held for held in before}
    busy = {
        leg.closes
        for ticket in state.tickets.values()
        for leg in ticket.proposal.legs
        if leg.closes
    }
    lots: list[HeldLot] = []
    for number, lot in enumerate(state.book.all_positions()):
        if number % _LOTS_A_PART == 0:
            yield
        quote, seen = quoted(lot.instrument), quoted(Stock(lot.underlying))
        spot = seen.mark if seen is not None else None
        level, held = state.levels.get(lot.id, ""), known.get(lot.id)
        is_busy = lot.id in busy
        sensed = _sensed(quote, state.marks.get(lot.instrument))
        if (
            held is not None
            and held.lot == lot
            and (held.quote is quote or held.quote == quote)
            and held.spot == spot
            and held.level == level
            and held.is_busy is is_busy
            and held.greeks_at == (None if sensed is None else sensed.quoted_at)
        ):
            lots.append(held)
            continue
        made = _held(state, lot, quote, spot, level, is_busy=is_busy)
        lots.append(made if sensed is None else _with_greeks(made, sensed, now))
    return tuple(lots)


def _sensed(quote: Quote | None, looked_at: Quote | None) -> Quote | None:
    """The quote that greeks are taken from: the newest one, if it has any, else the last look's."""
    for one in (quote, looked_at):
        if one is not None and one.greeks is not None:
            return one
    return None


def _with_greeks(held: HeldLot, sensed: Quote, now: datetime) -> HeldLot:
    lot, each = held.lot, sensed.greeks
    if each is None:
        return held
    shares = float(lot.quantity_signed * lot.instrument.multiplier)
    option, likely = lot.option, None
    if option is not None and lot.is_short and held.spot is not None:
        likely = probability_in_money(option, held.spot, each.implied_volatility, now)
    return replace(
        held,
        greeks=LotGreeks(
            each.delta * shares, each.gamma * shares, each.theta * shares, each.vega * shares
        ),
        greeks_at=sensed.quoted_at,
        probability_assigned=likely,
    )


def _held(
    state: DeskState,
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
        greeks=LotGreeks(float(lot.quantity_signed), 0.0, 0.0, 0.0) if lot.is_shares else None,
        distance=None if away is None or spot is None else away / spot.per_unit,
        distance_atr=None if away is None or not atr else away / atr,
        collateral=_collateral(state, lot),
        is_busy=is_busy,
    )


def _away(option: OptionContract | None, spot: Price | None) -> Decimal | None:
    """Dollars that price must still go to reach the strike; negative beyond it."""
    if option is None or spot is None or not spot.per_unit:
        return None
    gap = spot.per_unit - option.strike
    return gap if option.right is Right.PUT else -gap


def _collateral(state: DeskState, lot: Position) -> Money:
    if not lot.is_short or lot.option is None or state.rulebook is None:
        return NOTHING
    if lot.role is PositionRole.STRATEGY:
        # What one order opened protects itself; the first of its shorts shows what it holds.
        own = [
            one for one in state.book.positions_of(lot.account) if one.opened_by == lot.opened_by
        ]
        first = min(one.id for one in own if one.is_short)
        return held_by_lots(own, fee_per_contract(state)).cash if lot.id == first else NOTHING
    if not lot.is_short_put:
        return NOTHING
    return lot.assignment_cost() + fee_per_contract(state) * lot.quantity
