"""Whether what an order opens was shown with quotes that somebody could trade at."""

from __future__ import annotations

from allusedesk.domain.instruments import Stock
from allusedesk.domain.orders import Order
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.protocol.rulebook import Rulebook


def unsound_quote(order: Order, shown: MarketSnapshot | None, rules: Rulebook) -> str:
    """What is wrong with the quotes of an order's legs and of their share; empty for nothing."""
    if shown is None:
        return "no market was ever seen"
    shares = {Stock(leg.instrument.underlying) for leg in order.legs}
    for instrument in (*(leg.instrument for leg in order.legs), *sorted(shares, key=str)):
        quote = shown.quote_of(instrument)
        if quote is None:
            return f"{instrument} was not seen"
        age = (shown.taken_at - quote.quoted_at).total_seconds()
        if age > rules.quotes.age_seconds_max:
            return f"the quote of {instrument} is {age} seconds old"
    return ""
