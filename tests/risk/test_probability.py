from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from scipy.stats import norm

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import Price
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Leg, Proposal, Side
from allusedesk.domain.quotes import Greeks, MarketSnapshot, Quote
from allusedesk.risk.probability import probability_in_money, probability_of_proposal
from tests.trading import proposal

NOW = datetime(2013, 2, 14, 15, 0, tzinfo=UTC)
PUT = OptionContract("AAPL", date(2013, 2, 22), Right.PUT, Decimal(450))


def price(text: str) -> Price:
    return Price(Decimal(text))


def snapshot(volatility: float | None = 0.3) -> MarketSnapshot:
    greeks = None if volatility is None else Greeks(-0.3, 0.01, -0.1, 0.2, volatility)
    quote = Quote(PUT, price("4.90"), price("5.10"), None, NOW, greeks=greeks)
    return MarketSnapshot(NOW, held=(quote,), rate=0.01)


def sale(*legs: Leg) -> Proposal:
    return proposal(*legs, credit_net=price("5.00"), spot=price("460"))


SOLD = Leg(PUT, Side.SELL, PositionRole.WEEKLY_PUT)


def test_a_put_sold_profits_above_its_break_even() -> None:
    years = (timedelta(days=8, hours=6).total_seconds()) / (365 * 86_400)
    spread = 0.3 * years**0.5
    distance = (Decimal(460) / Decimal(445)).ln()
    expected = norm.cdf((float(distance) + (0.01 - 0.045) * years) / spread)
    assert float(probability_of_proposal(sale(SOLD), snapshot())) == pytest.approx(
        expected, abs=1e-4
    )


@pytest.mark.parametrize(
    "legs",
    [
        (),
        (Leg(Stock("AAPL"), Side.BUY, PositionRole.SHARES),),
        (Leg(PUT, Side.BUY, PositionRole.WEEKLY_PUT, closes=PositionId("x")),),
        (SOLD, SOLD),
    ],
)
def test_only_an_option_sold_alone_has_one(legs: tuple[Leg, ...]) -> None:
    assert probability_of_proposal(sale(*legs), snapshot()) is None


def test_without_a_volatility_nothing_is_said() -> None:
    assert probability_of_proposal(sale(SOLD), snapshot(None)) is None


@pytest.mark.parametrize(
    ("right", "spot", "likely"),
    [
        (Right.PUT, "449.99", 1.0), (Right.PUT, "450", 0.0), (Right.PUT, "450.01", 0.0),
        (Right.CALL, "450.01", 1.0), (Right.CALL, "450", 0.0), (Right.CALL, "449.99", 0.0),
    ],
)  # fmt: skip
def test_without_volatility_an_option_ends_where_it_stands(
    right: Right, spot: str, likely: float
) -> None:
    option = OptionContract("AAPL", date(2013, 2, 22), right, Decimal(450))
    assert probability_in_money(option, price(spot), 0.0, NOW) == likely


def test_the_chance_to_end_in_the_money_is_that_of_the_normal_curve() -> None:
    years = timedelta(days=8, hours=6).total_seconds() / (365 * 86_400)
    spread = 0.3 * years**0.5
    distance = float((Decimal(460) / Decimal(450)).ln())
    expected = norm.cdf(-(distance / spread - spread / 2))
    assert probability_in_money(PUT, price("460"), 0.3, NOW) == pytest.approx(expected, abs=1e-9)
