"""Profit of a set of legs at expiry, over any prices, and where it is worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, notional
from allusedesk.domain.proposals import Proposal

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PayoffLeg:
    """Signed units of an instrument, held or wanted, and what one share of it traded at."""

    instrument: Instrument
    quantity_signed: int
    price: Price


@dataclass(frozen=True, slots=True)
class Scenario:
    """Profit (or loss, negative) if the underlying stands at `spot` when the options end."""

    name: str
    spot: Price
    profit: Money


def profit_at_expiry(legs: Sequence[PayoffLeg], spot: Price) -> Money:
    """Profit of all legs together at their expiry, before fees, options at intrinsic value."""
    return Money(_profit(legs, spot.per_unit), spot.currency)


def _profit(legs: Sequence[PayoffLeg], spot: Decimal) -> Decimal:
    """As above in bare numbers: each proposal asks for a dozen of these."""
    profit = _ZERO
    for leg in legs:
        instrument = leg.instrument
        worth = spot
        if isinstance(instrument, OptionContract):
            is_put = instrument.right is Right.PUT
            depth = instrument.strike - spot if is_put else spot - instrument.strike
            worth = max(depth, _ZERO)
        units = leg.quantity_signed * instrument.multiplier
        profit += (worth - leg.price.per_unit) * units
    return profit


def scenarios(
    legs: Sequence[PayoffLeg], spot: Price, falls: Sequence[Decimal]
) -> tuple[Scenario, ...]:
    """Profit with the underlying at zero and after each fall (fractions) from `spot`.

    An overnight fall is priced at intrinsic value, so what time value would add is left out.
    """
    zero = Price(_ZERO, spot.currency)
    found = [Scenario("to zero", zero, profit_at_expiry(legs, zero))]
    for fall in falls:
        lower = spot * (1 - fall)
        name = f"-{(fall * 100).normalize():f}% overnight"
        found.append(Scenario(name, lower, profit_at_expiry(legs, lower)))
    return tuple(found)


def worst_case(legs: Sequence[PayoffLeg]) -> Money | None:
    """The smallest profit at any price from zero up; None where the loss has no limit."""
    if not legs:
        return NOTHING
    if _slope_beyond(legs) < 0:
        return None
    return Money(min(_profit(legs, spot) for spot in _kinks(legs)))


def worst_case_asked(proposal: Proposal) -> Money | None:
    """The smallest profit of a proposal's own legs at the net price it asks for.

    Shares that calls cover count at the proposal's spot. None where the loss has no limit.
    """
    nothing = Price(_ZERO)
    legs = []
    for leg in proposal.legs:
        legs.append(PayoffLeg(leg.instrument, leg.side.value * proposal.quantity, nothing))
        if leg.linked_to is not None and proposal.spot is not None:
            shares = proposal.quantity * leg.instrument.multiplier
            legs.append(PayoffLeg(Stock(leg.instrument.underlying), shares, proposal.spot))
    worst = worst_case(legs)
    if worst is None or not proposal.legs or proposal.credit_net is None:
        return worst
    multiplier = proposal.legs[0].instrument.multiplier
    return worst + notional(proposal.credit_net, proposal.quantity, multiplier)


def break_evens(legs: Sequence[PayoffLeg]) -> tuple[Price, ...]:
    """The prices at expiry at which the legs neither earn nor lose, ascending."""
    if not legs:
        return ()
    kinks = _kinks(legs)
    profits = [_profit(legs, kink) for kink in kinks]
    found: list[Decimal] = []
    for (left, low), (right, high) in pairwise(zip(kinks, profits, strict=True)):
        if not low:
            found.append(left)
        elif low * high < 0:
            found.append(left + (right - left) * low / (low - high))
    last, slope = profits[-1], _slope_beyond(legs)
    if not last:
        found.append(kinks[-1])
    elif slope and last * slope < 0:
        found.append(kinks[-1] - last / slope)
    return tuple(Price(point) for point in found)


def _kinks(legs: Sequence[PayoffLeg]) -> tuple[Decimal, ...]:
    """Zero and every strike: the profit is a straight line between neighbours."""
    strikes = {leg.instrument.strike for leg in legs if isinstance(leg.instrument, OptionContract)}
    return tuple(sorted({_ZERO, *strikes}))


def _slope_beyond(legs: Sequence[PayoffLeg]) -> int:
    """Dollars gained for each dollar the price rises above every strike."""
    slope = 0
    for leg in legs:
        instrument = leg.instrument
        if not isinstance(instrument, OptionContract) or instrument.right is Right.CALL:
            slope += leg.quantity_signed * instrument.multiplier
    return slope
