from __future__ import annotations

import pytest

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Stock
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import ProposalKind, Side, TurnedDown
from allusedesk.protocol.closing_orders import close_by_hand, closing_mid, closing_price
from allusedesk.protocol.views import Wish
from tests.protocol.examples import (
    MONDAY,
    at,
    chain,
    classic,
    dollars,
    lot,
    market,
    option,
    price,
    quote,
    shares,
    underlying,
    view,
)


@pytest.mark.parametrize(
    ("bid", "ask", "mid", "bidding"),
    [
        ("0.90", "1.00", "0.95", "0.95"), (None, "0.02", "0.01", "0.01"),
        (None, "0.01", "0.005", "0.01"), ("0.93", "1.00", "0.965", "0.97"),
        ("4.00", "4.05", "4.025", "4.05"),
    ],
)  # fmt: skip
def test_a_short_is_bought_at_mid_on_the_grid_and_never_for_nothing(
    bid: str | None, ask: str, mid: str, bidding: str
) -> None:
    seen = quote(option(95), bid, ask)
    assert closing_mid(seen) == price(mid)
    assert closing_price(lot(option(95)), seen, market(), classic()) == price(bidding)


def test_an_old_quote_is_bought_dearer() -> None:
    seen = quote(option(95), "1.99", "2.01", now=at(MONDAY, "09:59"))
    assert closing_price(lot(option(95)), seen, market(), classic()) == price("2.02")


def test_without_an_ask_there_is_no_price() -> None:
    assert closing_mid(None) is None
    assert closing_mid(quote(option(95), "1.00", None)) is None
    assert closing_mid(quote(option(95), "0", "0")) is None
    assert closing_price(lot(option(95)), None, market(), classic()) is None


def test_shares_closed_by_hand_are_sold_whole_at_mid_to_the_cent() -> None:
    held = shares(150)
    priced = quote(Stock("AAPL"), "100.00", "100.03")
    seen = market(underlying("AAPL", quote=priced))
    wish = close_by_hand(view(lots=(held,)), held, seen, "hand.close", classic())
    assert isinstance(wish, Wish)
    [leg] = wish.legs
    assert (leg.instrument, leg.side, leg.closes) == (held.instrument, Side.SELL, held.id)
    assert (wish.quantity, wish.credit_net) == (150, price("100.02"))
    assert (wish.kind, wish.rule) == (ProposalKind.ADJUSTMENT, "hand.close")
    assert [(part.name, part.amount) for part in wish.amounts] == [("proceeds", dollars(15_003))]
    assert (wish.spot, wish.concerns) == (price("100.015"), (PositionId("shares"),))


@pytest.mark.parametrize(
    ("bid", "ask", "asked"),
    [
        # Above three dollars an option of AAPL trades in nickels; nothing is given away for zero.
        ("4.00", "4.06", "4.05"), ("1.00", "1.03", "1.02"), ("0", "0.01", "0.01"),
        ("0", "0.005", "0.01"),
    ],
)  # fmt: skip
def test_a_long_option_closed_by_hand_is_sold_on_the_options_grid(
    bid: str, ask: str, asked: str
) -> None:
    held = lot(option(95), 2, role=PositionRole.HEDGE)
    seen = market(chains=(chain(quote(option(95), bid, ask, is_modelled=True)),))
    wish = close_by_hand(view(lots=(held,)), held, seen, "hand.close", classic())
    assert isinstance(wish, Wish)
    assert (wish.quantity, wish.credit_net) == (2, price(asked))
    assert (wish.legs[0].side, wish.legs[0].role) == (Side.SELL, PositionRole.HEDGE)
    # No quote of the shares themselves: the price of the day is not made up.
    assert wish.spot is None
    assert wish.is_modelled


@pytest.mark.parametrize(("bid", "ask"), [(None, "0.05"), ("1.00", None), ("0", "0")])
def test_a_long_lot_without_two_sides_worth_something_is_not_sold_by_hand(
    bid: str | None, ask: str | None
) -> None:
    held = lot(option(95), 2)
    seen = market(chains=(chain(quote(option(95), bid, ask)),))
    for look in (seen, market()):
        told = close_by_hand(view(lots=(held,)), held, look, "hand.close", classic())
        assert isinstance(told, TurnedDown)
        assert (told.rule, told.candidate) == ("quote.none", str(held.instrument))


def test_a_short_closed_by_hand_is_bought_back_whole() -> None:
    held = lot(option(95), -2)
    seen = market(underlying(), chains=(chain(quote(option(95), "0.90", "1.00")),))
    wish = close_by_hand(view(lots=(held,)), held, seen, "hand.close", classic())
    assert isinstance(wish, Wish)
    assert (wish.legs[0].side, wish.quantity, wish.credit_net) == (Side.BUY, 2, price("-0.95"))
