"""Quotes of single instruments, as an exchange shows them: sides, sizes and the tick."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal

import numpy as np

from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import CENT, Price
from allusedesk.domain.quotes import Quote
from allusedesk.market.feeds.feed import ChainColumns
from allusedesk.market.feeds.recorded_sessions import sides_around
from allusedesk.market.modelled_chain import rules_of
from allusedesk.market.pricing import to_price
from allusedesk.market.simulated_exchange import DisplayedQuote

_NICKEL = Decimal("0.05")
_NICKELS_FROM = Decimal(3)


def option_tick(underlying: str, price: Decimal) -> Decimal:
    """Return the step an option's price moves in: a cent, or five from three dollars up."""
    is_in_cents = rules_of(underlying).is_in_cents or price < _NICKELS_FROM
    return CENT if is_in_cents else _NICKEL


def displayed_share(stock: Stock, price: float, quoted_at: datetime) -> DisplayedQuote:
    """Return a share's quote around its price, of unlimited size."""
    bids, asks, lasts = sides_around(np.array([price]))
    quote = Quote(
        instrument=stock,
        bid=_side(float(bids[0])),
        ask=_side(float(asks[0])),
        last=_side(float(lasts[0])),
        quoted_at=quoted_at,
        is_modelled=True,
    )
    return DisplayedQuote(quote, CENT)


def displayed_option(columns: ChainColumns, row: int) -> DisplayedQuote | None:
    """Return a row as a quote; None where it is crossed or has neither side nor a last price."""
    bid, ask = _side(float(columns.bids[row])), _side(float(columns.asks[row]))
    last = _side(float(columns.lasts[row]))
    is_crossed = bid is not None and ask is not None and bid > ask
    if is_crossed or (bid is None and ask is None and last is None):
        return None
    interest, volume = float(columns.open_interests[row]), float(columns.volumes[row])
    quote = Quote(
        instrument=columns.contracts[row],
        bid=bid,
        ask=ask,
        last=last,
        quoted_at=columns.quoted_at,
        is_modelled=columns.is_modelled,
        open_interest=None if math.isnan(interest) else int(interest),
        volume_average=None if math.isnan(volume) else volume,
        volume_is_of_day=columns.volume_is_of_day,
    )
    price = bid or ask or last or Price(CENT)
    return DisplayedQuote(
        quote,
        option_tick(columns.underlying, price.per_unit),
        None if columns.bid_sizes is None else int(columns.bid_sizes[row]),
        None if columns.ask_sizes is None else int(columns.ask_sizes[row]),
    )


def _side(value: float) -> Price | None:
    """Return a side's price; zero, negative and missing ones are absent."""
    return to_price(value) if 0.0 < value < math.inf else None
