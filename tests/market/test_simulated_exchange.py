"""The exchange: what it fills, at which price, in which parts, and what it must never fill."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import ApprovalId, OrderId, ProposalId
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import Fill, Order, OrderStatus, OrderType, TimeInForce
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Leg, ProposalKind, Side
from allusedesk.domain.quotes import Quote
from allusedesk.market.simulated_exchange import (
    Concession,
    DisplayedQuote,
    ExchangeSettings,
    match,
)

NOW = datetime(2020, 3, 12, 14, 0, tzinfo=UTC)
NEAR = OptionContract("AAPL", date(2020, 3, 13), Right.PUT, Decimal(250))
LATER = OptionContract("AAPL", date(2020, 3, 20), Right.PUT, Decimal(245))
CENT = Decimal("0.01")
SETTINGS = ExchangeSettings(
    concession=Concession.DRAWN,
    commission_per_contract=Money(Decimal("0.65")),
    commission_per_share=Money(Decimal("0.005")),
    commission_shares_min=Money(Decimal("1.00")),
    quote_age_seconds_max=30.0,
)


def priced(text: str | None) -> Price | None:
    return None if text is None else Price(Decimal(text))


def shown(
    instrument: Instrument = NEAR,
    bid: str | None = "2.00",
    ask: str | None = "2.10",
    sizes: tuple[int | None, int | None] = (None, None),
    tick: Decimal = CENT,
    age: float = 0.0,
) -> DisplayedQuote:
    quoted_at = NOW - timedelta(seconds=age)
    quote = Quote(instrument, priced(bid), priced(ask), None, quoted_at)
    return DisplayedQuote(quote, tick, *sizes)


def order(*legs: tuple[Instrument, Side], limit: str | None = None, quantity: int = 1) -> Order:
    return Order(
        id=OrderId("O1"),
        proposal=ProposalId("P1"),
        approval=ApprovalId("P1/A"),
        account=AccountId("gen"),
        kind=ProposalKind.ENTRY,
        legs=tuple(Leg(what, side, PositionRole.WEEKLY_PUT) for what, side in legs),
        quantity=quantity,
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit=priced(limit),
        limit_worst=None,
        time_in_force=TimeInForce.DAY,
        good_until=NOW + timedelta(hours=6),
        written_at=NOW,
    )


def look(
    wanted: Order,
    *displayed: DisplayedQuote,
    seed: int = 1,
    concession: Concession = Concession.DRAWN,
) -> tuple[Fill, ...]:
    settings = replace(SETTINGS, concession=concession)
    return match(wanted, displayed, np.random.default_rng(seed), settings, NOW)


SELL = order((NEAR, Side.SELL), limit="0.01")
BUY = order((NEAR, Side.BUY), limit="-99.00")


@pytest.mark.parametrize(
    ("concession", "sold", "bought"),
    [(Concession.MID, "2.05", "2.05"), (Concession.FULL_SPREAD, "2.00", "2.10")],
)
def test_mid_gives_up_nothing_and_full_spread_all(
    concession: Concession, sold: str, bought: str
) -> None:
    assert look(SELL, shown(), concession=concession)[0].price == priced(sold)
    assert look(BUY, shown(), concession=concession)[0].price == priced(bought)


@given(st.integers(0, 500), st.integers(1, 400), st.integers(1, 60), st.sampled_from([1, 5]))
def test_a_drawn_fill_lies_between_mid_and_the_far_side_on_the_tick(
    seed: int, bid_ticks: int, width_ticks: int, tick_cents: int
) -> None:
    tick = Decimal(tick_cents) / 100
    bid, ask = bid_ticks * tick, (bid_ticks + width_ticks) * tick
    quote = shown(bid=str(bid), ask=str(ask), tick=tick)
    sold = look(SELL, quote, seed=seed)[0].price.per_unit
    bought = look(BUY, quote, seed=seed)[0].price.per_unit
    assert bid <= sold <= (bid + ask) / 2 <= bought <= ask
    assert sold % tick == 0
    assert bought % tick == 0
    # Rounding goes against us: at most one tick worse than the draw asks for.
    drawn = np.random.default_rng(seed).random()
    conceded = float(ask + bid) / 2 - drawn * float(ask - bid) / 2
    assert conceded - float(tick) - 1e-9 <= float(sold) <= conceded + 1e-9


def test_the_same_seed_fills_the_same_and_the_draws_spread_over_the_half() -> None:
    wide = shown(bid="1.00", ask="3.00")
    assert look(SELL, wide, seed=5) == look(SELL, wide, seed=5)
    rng = np.random.default_rng(5)
    fills = [match(SELL, [wide], rng, SETTINGS, NOW)[0] for _ in range(1_000)]
    prices = [float(fill.price.per_unit) for fill in fills]
    assert np.mean(prices) == pytest.approx(1.5, abs=0.05)
    assert min(prices) < 1.05
    assert max(prices) > 1.95


def test_a_market_order_gives_up_the_whole_half_spread() -> None:
    assert look(order((NEAR, Side.SELL)), shown())[0].price == priced("2.00")
    assert look(order((NEAR, Side.BUY)), shown())[0].price == priced("2.10")


def test_a_limit_on_its_boundary_fills_and_a_cent_beyond_does_not() -> None:
    full = Concession.FULL_SPREAD
    assert look(order((NEAR, Side.SELL), limit="2.00"), shown(), concession=full)
    assert not look(order((NEAR, Side.SELL), limit="2.01"), shown(), concession=full)
    assert look(order((NEAR, Side.BUY), limit="-2.10"), shown(), concession=full)
    assert not look(order((NEAR, Side.BUY), limit="-2.09"), shown(), concession=full)


@pytest.mark.parametrize(
    "quote",
    [
        shown(bid=None, ask=None),
        shown(bid="2.10", ask="2.10"),
        shown(bid="0.00", ask="0.05"),
        shown(age=30.1),
        shown(age=-1.0),
        shown(sizes=(0, 0)),
    ],
    ids=["none", "locked", "bid of zero", "stale", "from later", "no size"],
)
@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
def test_nothing_fills_without_a_quote_one_can_trade_on(quote: DisplayedQuote, side: Side) -> None:
    assert look(order((NEAR, side)), quote) == ()


def test_a_side_that_stands_alone_is_taken_as_it_is_by_those_who_meet_it() -> None:
    unwanted, unoffered = shown(bid=None), shown(ask=None)
    assert look(order((NEAR, Side.BUY), limit="-2.10"), unwanted)[0].price == priced("2.10")
    assert not look(order((NEAR, Side.BUY), limit="-2.09"), unwanted)
    assert not look(order((NEAR, Side.SELL)), unwanted)
    assert look(order((NEAR, Side.SELL)), unoffered)[0].price == priced("2.00")
    assert not look(order((NEAR, Side.BUY)), unoffered)


def test_a_crossed_quote_cannot_even_be_made_and_one_at_the_age_limit_trades() -> None:
    with pytest.raises(ValueError, match="above the ask"):
        shown(bid="2.20", ask="2.10")
    assert look(SELL, shown(age=30.0))


def test_a_fill_is_bounded_by_the_size_on_the_side_it_meets() -> None:
    sizes = (3, 7)
    ten = order((NEAR, Side.SELL), limit="0.01", quantity=10)
    assert look(ten, shown(sizes=sizes))[0].quantity == 3
    bought = look(replace(ten, legs=BUY.legs, limit=BUY.limit), shown(sizes=sizes))
    assert bought[0].quantity == 7


def test_partial_fills_complete_an_order_and_no_more() -> None:
    wanted = order((NEAR, Side.SELL), limit="0.01", quantity=7)
    rng, fills = np.random.default_rng(3), []
    for _ in range(5):
        now = match(wanted, [shown(sizes=(3, 3))], rng, SETTINGS, NOW)
        fills.extend(now)
        wanted = replace(wanted, fills=wanted.fills + now)
    assert [fill.quantity for fill in fills] == [3, 3, 1]
    assert len({fill.id for fill in fills}) == 3
    assert wanted.quantity_open == 0


def test_fill_or_kill_takes_no_part() -> None:
    wanted = replace(
        order((NEAR, Side.SELL), limit="0.01", quantity=4), time_in_force=TimeInForce.FOK
    )
    assert look(wanted, shown(sizes=(3, 3))) == ()
    assert look(wanted, shown(sizes=(4, 4)))[0].quantity == 4


def test_an_order_that_is_over_fills_no_more() -> None:
    assert look(replace(SELL, status=OrderStatus.CANCELLED), shown()) == ()


ROLL = ((NEAR, Side.BUY), (LATER, Side.SELL))


def test_two_legs_fill_together_at_their_net_or_not_at_all() -> None:
    full = Concession.FULL_SPREAD
    near, later = shown(NEAR, "2.00", "2.10"), shown(LATER, "2.40", "2.50")
    fills = look(order(*ROLL, limit="0.30"), near, later, concession=full)
    assert [(fill.leg, fill.price) for fill in fills] == [(0, priced("2.10")), (1, priced("2.40"))]
    assert look(order(*ROLL, limit="0.31"), near, later, concession=full) == ()
    assert look(order(*ROLL, limit="0.30"), near, shown(LATER, None, "2.50")) == ()
    assert look(order(*ROLL, limit="-5"), near, shown(LATER, "2.40", "2.50", (0, 9))) == ()


@given(
    st.integers(0, 99),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(1, 9),
    st.integers(-60, 60),
)
def test_legs_never_drift_apart(
    seed: int, near_size: int, later_size: int, quantity: int, limit_cents: int
) -> None:
    wanted = order(*ROLL, limit=str(Decimal(limit_cents) / 100), quantity=quantity)
    near = shown(NEAR, "2.00", "2.10", (9, near_size))
    later = shown(LATER, "2.10", "2.30", (later_size, 9))
    fills = look(wanted, near, later, seed=seed)
    assert len(fills) in {0, 2}
    if fills:
        assert fills[0].quantity == fills[1].quantity == min(near_size, later_size, quantity)
        net = fills[1].price.per_unit - fills[0].price.per_unit
        assert net >= Decimal(limit_cents) / 100


def test_contracts_pay_each_and_shares_pay_a_minimum_once() -> None:
    put = look(order((NEAR, Side.SELL), limit="0.01", quantity=3), shown())
    assert put[0].commission == Money(Decimal("1.95"))
    stock = Stock("AAPL")
    wanted = order((stock, Side.BUY), quantity=300)
    rng, paid = np.random.default_rng(1), []
    for size in (100, 150, 50):
        quote = shown(stock, "250.00", "250.02", (size, size))
        now = match(wanted, [quote], rng, SETTINGS, NOW)
        paid.append(now[0].commission.amount)
        wanted = replace(wanted, fills=wanted.fills + now)
    assert paid == [Decimal("1.00"), Decimal("0.25"), Decimal("0.25")]


def test_an_order_it_does_not_take_is_refused_in_a_sentence() -> None:
    stop = replace(SELL, type=OrderType.STOP, stop=priced("3.00"))
    with pytest.raises(ValueError, match="takes market and limit orders, no stop order"):
        look(stop, shown())
    with pytest.raises(ValueError, match="must carry a limit"):
        look(replace(SELL, limit=None), shown())
    with pytest.raises(ValueError, match="the quotes of its legs"):
        look(SELL, shown(LATER))
    with pytest.raises(ValueError, match="different numbers of shares"):
        look(order((NEAR, Side.SELL), (Stock("AAPL"), Side.BUY)), shown(), shown(Stock("AAPL")))
