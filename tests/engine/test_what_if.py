"""What if these legs were traded: against the payoff, the margin manual and the formulas."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Price
from allusedesk.domain.quotes import Greeks, MarketSnapshot, Quote
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.curve import years_left
from allusedesk.engine.what_if.legs import WhatIf, WhatIfLeg, WhatIfRefused, answer
from allusedesk.market.pricing import probability_of_profit, values
from allusedesk.risk.payoff import PayoffLeg, profit_at_expiry
from tests.trading import FRIDAY, NOON, STOCK, call, classic, dollars, price, put, quote, snapshot

STATE = DeskState(rulebook=classic())
LATER = FRIDAY + timedelta(days=28)


def at_mid(instrument: Instrument, mid: str, **changes: object) -> Quote:
    half = Decimal("0.01")
    low, high = str(Decimal(mid) - half), str(Decimal(mid) + half)
    return replace(quote(instrument, low, high), **changes)


def asked(spot: str, *legs: tuple[Instrument, int, str]) -> WhatIf:
    """Instruments with signed quantities and mids, answered for at a spot."""
    quotes = [at_mid(instrument, mid) for instrument, _, mid in legs if instrument != STOCK]
    seen = snapshot(*quotes, spot=spot)
    return answer(STATE, [WhatIfLeg(instrument, count) for instrument, count, _ in legs], seen)


LEGS = st.lists(
    st.tuples(
        st.sampled_from([Right.PUT, Right.CALL]),
        st.integers(80, 120),
        st.integers(-5, 5).filter(bool),
        st.integers(5, 900),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda leg: leg[:2],
)


@given(LEGS, st.integers(85, 115))
def test_the_curve_at_expiry_is_the_payoff(
    drawn: list[tuple[Right, int, int, int]], spot: int
) -> None:
    legs = [
        (OptionContract("AAPL", FRIDAY, right, Decimal(strike)), count, str(Decimal(cents) / 100))
        for right, strike, count, cents in drawn
    ]
    found = asked(str(spot), *legs)
    plain = [PayoffLeg(instrument, count, price(mid)) for instrument, count, mid in legs]
    for point in found.points[::9]:
        exact = profit_at_expiry(plain, Price(Decimal(repr(point.spot))))
        assert point.at_expiry == pytest.approx(float(exact.amount), abs=1e-6)
    lowest = min(point.at_expiry for point in found.points)
    assert found.worst is None or float(found.worst.amount) <= lowest + 1e-6
    assert (
        found.best is None
        or float(found.best.amount) >= max(point.at_expiry for point in found.points) - 1e-6
    )
    assert found.probability is None or 0.0 <= found.probability <= 1.0


# Worked examples of the Chicago Board Options Exchange's margin manual.
@pytest.mark.parametrize(
    ("spot", "legs", "initial", "deposit"),
    [
        ("95", [(put(80), -1, "2")], "1000", "800"),
        ("19.50", [(put(20), -1, "1.50")], "540", "390"),
        ("128.50", [(call(120), -1, "8.40")], "3410", "2570"),
        ("255", [(put(250), 1, "3"), (put(240), -1, "0.95")], "300", "205"),
        ("128.50", [(call(125), 1, "3.80"), (call(120), -1, "8.40")], "880", "40"),
    ],
)
def test_the_margin_is_that_of_the_manual(
    spot: str, legs: list[tuple[Instrument, int, str]], initial: str, deposit: str
) -> None:
    found = asked(spot, *legs)
    assert found.requirement is not None
    assert found.requirement.initial == dollars(initial)
    assert found.requirement.deposit == dollars(deposit)


def test_a_short_put_alone() -> None:
    found = asked("101", (put(100), -2, "2.00"))
    assert found.brings == dollars(400)
    assert found.brings_least == dollars(398)
    assert found.fees == dollars("1.30")
    assert found.cash_held == dollars("20001.30")
    assert found.worst == dollars(-19_600)
    assert found.best == dollars(400)
    assert found.break_evens == (Decimal(98),)
    assert found.expiry == FRIDAY
    assert found.notes == ()


def test_a_call_sold_alone_can_lose_without_limit() -> None:
    found = asked("101", (call(105), -1, "1.00"))
    assert found.worst is None
    assert found.best == dollars(100)


def test_the_chance_of_a_put_is_the_formulas_at_its_own_volatility() -> None:
    years = years_left(FRIDAY, NOON, classic())
    mid = round(float(values(101.0, 100.0, years, 0.0, 0.0, 0.35, is_put=True)), 2)
    found = asked("101", (put(100), -1, str(mid)))
    assert found.probability is not None
    # The mid is rounded to cents, so the volatility it implies is not quite 0.35.
    exact = probability_of_profit(101.0, 100.0, years, 0.0, 0.0, 0.35, is_put=True, premium=mid)
    assert found.probability == pytest.approx(float(exact), abs=2e-3)


def test_today_a_trade_at_the_mids_has_earned_nothing_yet() -> None:
    found = asked("101", (put(100), -1, "2.00"), (put(95), 1, "0.80"))
    now = next(point for point in found.points if point.spot == 101.0)
    assert now.now == pytest.approx(0.0, abs=0.01)
    half = next(point for point in found.points if point.spot == 100.0)
    assert min(half.at_expiry, half.now) <= half.half_way <= max(half.at_expiry, half.now)


def test_greeks_are_those_of_the_quotes_times_the_contracts() -> None:
    known = Greeks(delta=-0.4, gamma=0.05, theta=-0.1, vega=8.0, implied_volatility=0.3)
    seen = snapshot(at_mid(put(100), "2.00", greeks=known))
    legs = [WhatIfLeg(put(100), -3), WhatIfLeg(STOCK, 100)]
    found = answer(STATE, legs, seen).greeks
    assert found.delta == pytest.approx(220.0)
    assert found.gamma == pytest.approx(-15.0)
    assert found.theta == pytest.approx(30.0)
    assert found.vega == pytest.approx(-24.0)


def test_a_leg_that_outlives_its_cover_is_told() -> None:
    found = asked("101", (put(100, LATER), -1, "4.00"), (put(100), 1, "2.00"))
    assert found.expiry == FRIDAY
    assert "outlives" in found.notes[0]
    assert found.break_evens


def test_the_other_way_round_the_later_leg_keeps_its_time_value() -> None:
    found = asked("101", (put(100, LATER), 1, "4.00"), (put(100), -1, "2.00"))
    at_strike = next(point for point in found.points if point.spot == 100.0)
    assert at_strike.at_expiry > 0.0
    assert found.notes == ()


def test_what_cannot_be_answered_is_refused_in_words() -> None:
    seen = snapshot(at_mid(put(100), "2.00"))
    with pytest.raises(WhatIfRefused, match="No leg is chosen"):
        answer(STATE, [], seen)
    with pytest.raises(WhatIfRefused, match="no common payoff"):
        answer(STATE, [WhatIfLeg(put(100), 1), WhatIfLeg(Stock("IBM"), 1)], seen)
    with pytest.raises(WhatIfRefused, match="Nobody quotes"):
        answer(STATE, [WhatIfLeg(put(90), 1)], seen)
    with pytest.raises(WhatIfRefused, match="no price of AAPL"):
        answer(STATE, [WhatIfLeg(put(100), 1)], MarketSnapshot(NOON))


def test_shares_sold_short_have_no_margin_and_say_so() -> None:
    seen = snapshot(at_mid(put(100), "2.00"))
    found = answer(STATE, [WhatIfLeg(STOCK, -100)], seen)
    assert found.requirement is None
    assert "no shares short" in found.notes[0]
    assert found.probability is None


def test_time_runs_to_the_close_of_the_expiry() -> None:
    noon = datetime(FRIDAY.year, FRIDAY.month, FRIDAY.day, 17, tzinfo=UTC)
    assert years_left(FRIDAY, noon, classic()) == pytest.approx(4.0 / (24 * 365))
    assert years_left(FRIDAY, noon + timedelta(hours=9), classic()) == 0.0
