"""Quotes of single instruments, as an exchange shows them: sides, sizes and the tick."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import CENT, Price
from allusedesk.domain.quotes import Quote
from allusedesk.market.modelled_chain import rules_of
from allusedesk.market.raw_quotes import ChainColumns
from allusedesk.market.recorded_sessions import half_spread_cents
from allusedesk.market.simulated_exchange import DisplayedQuote

_NICKEL = Decimal("0.05")
_NICKELS_FROM = Decimal(3)


def option_tick(underlying: str, price: Decimal) -> Decimal:
    """Return the step an option's price moves in: a cent, or five from three dollars up."""
    is_in_cents = rules_of(underlying).is_in_cents or price < _NICKELS_FROM
    return CENT if is_in_cents else _NICKEL


def displayed_share(
    stock: Stock,
    price: float,
    quoted_at: datetime,
    sides: tuple[float, float] | None = None,
    *,
    is_modelled: bool = True,
) -> DisplayedQuote:
    """Return a share's quote, of unlimited size, its sides modelled where none were recorded.

    No bid is below a cent. The recorded level of an index has no sides.
    """
    if stock.is_index and not is_modelled:
        return DisplayedQuote(
            Quote(stock, None, None, _cents(round(price * 100.0)), quoted_at), CENT
        )
    if sides is None:
        cents, half = round(price * 100.0), half_spread_cents(price)
        low, high = cents - half, cents + half
    else:
        cents, low, high = (round(value * 100.0) for value in (price, *sides))
    quote = Quote(
        instrument=stock,
        bid=_cents(low) if low > 0 else None,
        ask=_cents(high),
        last=_cents(cents),
        quoted_at=quoted_at,
        is_modelled=is_modelled,
    )
    return DisplayedQuote(quote, CENT)


def displayed_option(columns: ChainColumns, row: int) -> DisplayedQuote | None:
    """Return a row as a quote; None where it is crossed or has neither side nor a last price."""
    quote = columns.quote(row)
    if quote is None:
        return None
    price = quote.bid or quote.ask or quote.last or Price(CENT)
    return DisplayedQuote(
        quote,
        option_tick(columns.underlying, price.per_unit),
        None if columns.bid_sizes is None else int(columns.bid_sizes[row]),
        None if columns.ask_sizes is None else int(columns.ask_sizes[row]),
    )


def _cents(cents: int) -> Price:
    return Price(Decimal(cents).scaleb(-2))
