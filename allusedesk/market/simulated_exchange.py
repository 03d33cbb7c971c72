"""The simulated exchange: one order against the quotes of one look, and what fills of it.

It crosses part of the spread by a seeded draw and never fills on a quote that is locked, crossed,
stale, or absent on the side it needs. The model and what it leaves out stand in
resources/handbook/models.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum
from typing import TYPE_CHECKING

from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import Money, Price, total
from allusedesk.domain.orders import Fill, Order, OrderType, TimeInForce
from allusedesk.domain.proposals import Leg, Side
from allusedesk.domain.quotes import Quote
from allusedesk.market.pricing import to_price_tick

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np


class Concession(Enum):
    """How much of half the spread a fill gives up: none, a drawn part, all of it."""

    MID = "mid"
    DRAWN = "default"
    FULL_SPREAD = "full spread"


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """How the exchange fills and what it charges; commissions per contract and per share.

    The minimum for shares holds for the whole of an order's leg, not for each partial fill.
    """

    concession: Concession
    commission_per_contract: Money
    commission_per_share: Money
    commission_shares_min: Money
    quote_age_seconds_max: float


@dataclass(frozen=True, slots=True)
class DisplayedQuote:
    """A leg's quote with the sizes shown beside it, in units of the instrument.

    A size of None is unlimited. `tick` is the step the leg trades in at this price.
    """

    quote: Quote
    tick: Decimal
    bid_size: int | None = None
    ask_size: int | None = None


def match(
    order: Order,
    displayed: Sequence[DisplayedQuote],
    rng: np.random.Generator,
    settings: ExchangeSettings,
    looked_at: datetime,
) -> tuple[Fill, ...]:
    """Fill what can be filled at this look; one Fill a leg, all legs in the same units, or none.

    `displayed` holds one quote a leg, in order. Each look draws k once, uniform on [0, 1): a sale
    is executable at mid - k x half the spread, a purchase at mid + k x half the spread, rounded
    to the tick against us and never outside bid and ask. A limit order fills at those prices when
    their net is at least its limit; a market order gives up all of the half spread. The smallest
    displayed size bounds the units; the rest stays open (nothing fills of a FOK order then).
    Raises ValueError for an order the exchange does not take.
    """
    _refuse_order(order, displayed)
    drawn = float(rng.random())
    units = min([order.quantity_open, *_sizes(order.legs, displayed)])
    if units <= 0 or (order.time_in_force is TimeInForce.FOK and units < order.quantity_open):
        return ()
    sides = [
        _tradable_sides(leg.side, each.quote, looked_at, settings)
        for leg, each in zip(order.legs, displayed, strict=True)
    ]
    share = _share_conceded(drawn, order.type, settings.concession)
    prices = [
        _executable(leg.side, *bid_and_ask, each.tick, share)
        for leg, each, bid_and_ask in zip(order.legs, displayed, sides, strict=True)
        if bid_and_ask is not None
    ]
    if len(prices) < len(order.legs):
        return ()
    if order.limit is not None and _net_credit(order.legs, prices) < order.limit:
        return ()
    return tuple(
        Fill(
            id=f"{order.id}/{len(order.fills) + place + 1}",
            order=order.id,
            leg=place,
            quantity=units,
            price=price,
            commission=_commission(order, place, units, settings),
            filled_at=looked_at,
        )
        for place, price in enumerate(prices)
    )


def _refuse_order(order: Order, displayed: Sequence[DisplayedQuote]) -> None:
    if [leg.instrument for leg in order.legs] != [each.quote.instrument for each in displayed]:
        message = f"Order {order.id} needs the quotes of its legs, one each and in their order."
        raise ValueError(message)
    if order.type not in {OrderType.MARKET, OrderType.LIMIT}:
        message = (
            f"The simulated exchange takes market and limit orders, no {order.type.value} order: "
            f"{order.id} was not accepted."
        )
        raise ValueError(message)
    if (order.limit is None) is (order.type is OrderType.LIMIT):
        message = f"Order {order.id} must carry a limit if, and only if, it is a limit order."
        raise ValueError(message)
    if len({leg.instrument.multiplier for leg in order.legs}) != 1:
        message = f"The legs of order {order.id} deliver different numbers of shares: no net price."
        raise ValueError(message)


def _sizes(legs: Sequence[Leg], displayed: Sequence[DisplayedQuote]) -> list[int]:
    """Return the sizes shown on the side each leg trades against, where one is shown."""
    met = [
        each.bid_size if leg.side is Side.SELL else each.ask_size
        for leg, each in zip(legs, displayed, strict=True)
    ]
    return [size for size in met if size is not None]


def _tradable_sides(
    side: Side, quote: Quote, looked_at: datetime, settings: ExchangeSettings
) -> tuple[Price, Price] | None:
    """Return bid and ask of a quote one can trade on; None where it is not one.

    Where only the side traded against stands, there is no spread to share: it is taken as it is.
    """
    if not 0.0 <= quote.age_seconds(looked_at) <= settings.quote_age_seconds_max:
        return None
    if quote.bid is None or quote.ask is None:
        alone = quote.ask if side is Side.BUY else quote.bid
        return (alone, alone) if alone is not None and alone.per_unit > 0 else None
    is_open = Decimal(0) < quote.bid.per_unit < quote.ask.per_unit
    return (quote.bid, quote.ask) if is_open else None


def _share_conceded(drawn: float, kind: OrderType, concession: Concession) -> float:
    if concession is Concession.MID:
        return 0.0
    is_whole = kind is OrderType.MARKET or concession is Concession.FULL_SPREAD
    return 1.0 if is_whole else drawn


def _executable(side: Side, bid: Price, ask: Price, tick: Decimal, share: float) -> Price:
    middle = float(bid.per_unit + ask.per_unit) / 2.0
    conceded = share * float(ask.per_unit - bid.per_unit) / 2.0
    if side is Side.SELL:
        return max(Price(to_price_tick(middle - conceded, tick, ROUND_FLOOR), bid.currency), bid)
    return min(Price(to_price_tick(middle + conceded, tick, ROUND_CEILING), ask.currency), ask)


def _net_credit(legs: Sequence[Leg], prices: Sequence[Price]) -> Price:
    net = Price(Decimal(0), prices[0].currency)
    for leg, price in zip(legs, prices, strict=True):
        net = net + price if leg.side is Side.SELL else net - price
    return net


def _commission(order: Order, place: int, units: int, settings: ExchangeSettings) -> Money:
    """Charge the leg's commission to date, less what earlier partial fills of it paid."""
    earlier = [fill for fill in order.fills if fill.leg == place]
    filled = units + sum(fill.quantity for fill in earlier)
    due = _commission_of(order.legs[place].instrument, filled, settings)
    return due - total([fill.commission for fill in earlier])


def _commission_of(instrument: Instrument, filled: int, settings: ExchangeSettings) -> Money:
    if isinstance(instrument, Stock):
        return max(settings.commission_per_share * filled, settings.commission_shares_min)
    return settings.commission_per_contract * filled
