from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.protocol.long_options import (
    buy_wish,
    cost_of_one,
    days_of,
    is_tradable,
    lots_within,
    options_of,
    sell_wish,
)
from allusedesk.protocol.verdicts import Verdict
from tests.protocol.examples import (
    MONDAY,
    at,
    chain,
    constitution,
    dollars,
    lot,
    market,
    option,
    price,
    quote,
    underlying,
    view,
)

NOW = at(MONDAY, "10:00")


def test_a_band_of_months_is_counted_in_days_rounded_down() -> None:
    assert [days_of(months) for months in (3, 6, 12, 18)] == [91, 182, 365, 547]


def test_what_is_held_for_months_is_bought_on_a_fresh_quote_only() -> None:
    seen = quote(option(85), "1.98", "2.02", now=NOW)
    lasts = timedelta(seconds=float(constitution().quotes.age_seconds_max))
    assert is_tradable(seen, NOW + lasts, constitution())
    assert not is_tradable(seen, NOW + lasts + timedelta(seconds=1), constitution())


@pytest.mark.parametrize(
    ("bid", "ask", "is_taken"),
    [
        # A twentieth of the mid may lie between the sides, and one tick always.
        ("1.98", "2.02", True), ("0.04", "0.05", True), ("1.50", "2.50", False),
        (None, "2.02", False), ("1.98", None, False), ("0", "0", False),
    ],
)  # fmt: skip
def test_what_is_held_for_months_is_bought_between_two_tight_sides(
    bid: str | None, ask: str | None, *, is_taken: bool
) -> None:
    assert is_tradable(quote(option(85), bid, ask, now=NOW), NOW, constitution()) is is_taken


def test_whole_contracts_are_bought_with_their_fees() -> None:
    seen = quote(option(85), "1.98", "2.02")
    assert cost_of_one(seen, constitution()) == dollars("200.65")
    assert lots_within(dollars("401.30"), dollars("200.65")) == 2
    assert lots_within(dollars("401.29"), dollars("200.65")) == 1
    assert lots_within(dollars(-1), dollars("200.65")) == 0


def test_a_lot_without_a_mid_is_not_sold_and_one_with_it_whole() -> None:
    held = lot(option(85), 3, role=PositionRole.HEDGE, price_average=price("1.50"))
    told, verdict = (ProposalKind.ADJUSTMENT, "a reason"), Verdict("sell", "hedge.sell", ())
    seen = quote(option(85), "1.98", "2.02")
    for silent in (replace(seen, bid=None), replace(seen, ask=None)):
        assert sell_wish(view(), held, silent, told, verdict, constitution()) is None
    wish = sell_wish(view(), held, seen, told, verdict, constitution())
    assert wish is not None
    assert (wish.quantity, wish.credit_net, wish.rule) == (3, price("2.00"), "hedge.sell")
    assert (wish.legs[0].side, wish.legs[0].closes) == (Side.SELL, held.id)
    assert [(part.name, part.amount) for part in wish.amounts] == [
        ("paid", dollars(450)),
        ("proceeds", dollars(600)),
    ]


def test_a_wish_to_buy_tells_the_price_of_the_underlying_where_it_is_seen() -> None:
    seen, verdict = quote(option(85), "1.98", "2.02"), Verdict("hedge", "hedge.deploy", ())
    told = (ProposalKind.ADJUSTMENT, PositionRole.HEDGE, "a reason")
    shown = market(underlying("AAPL", "100"))
    wish = buy_wish(view(), seen, 2, told, verdict, shown, constitution())
    assert (wish.spot, wish.credit_net) == (price(100), price("-2.00"))
    assert buy_wish(view(), seen, 2, told, verdict, market(), constitution()).spot is None


def test_an_unseen_chain_has_no_options() -> None:
    seen = quote(option(85))
    assert options_of(market(chains=(chain(seen),)), "AAPL") == [(option(85), seen)]
    assert options_of(market(), "AAPL") == []
