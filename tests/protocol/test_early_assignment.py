from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import Right, Stock
from allusedesk.domain.quotes import Underlying
from allusedesk.protocol.early_assignment import (
    early_assignment_probability,
    judge_dividend,
    judge_early_assignment,
)
from allusedesk.protocol.verdicts import Verdict
from tests.protocol.examples import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    WEEK,
    D,
    chain,
    classic,
    lot,
    market,
    option,
    price,
    quote,
    session,
    shares,
    short_call,
    underlying,
    week_of,
)


@pytest.mark.parametrize(
    ("spot", "probability"),
    [
        ("105.01", "0.05"), ("105", "0.20"), ("101.01", "0.20"),
        ("101", "0.60"), ("100", "0.60"), ("97", "0.60"), ("96.99", "0.90"),
    ],
)  # fmt: skip
def test_risk_by_moneyness_at_and_beside_each_boundary(spot: str, probability: str) -> None:
    risk = early_assignment_probability(Right.PUT, D(100), D(spot), 5, classic())
    assert risk == D(probability)
    mirrored = 200 - D(spot)
    assert early_assignment_probability(Right.CALL, D(100), mirrored, 5, classic()) == risk


@pytest.mark.parametrize(
    ("days", "spot", "risk"),
    [(4, "100", "0.60"), (3, "100", "0.72"), (2, "100", "0.72"), (1, "100", "0.90"),
     (0, "100", "0.90"), (1, "90", "0.95"), (3, "90", "0.95")],
)  # fmt: skip
def test_risk_rises_near_expiry_and_is_capped(days: int, spot: str, risk: str) -> None:
    found = early_assignment_probability(Right.PUT, D(100), D(spot), days, classic())
    assert found == D(risk)


@given(st.decimals("1", "500", places=2), st.integers(0, 60))
def test_risk_is_a_probability(spot: D, days: int) -> None:
    assert 0 < early_assignment_probability(Right.PUT, D(100), spot, days, classic()) <= D("0.95")


@pytest.mark.parametrize(
    ("ask", "spot", "is_closed"),
    [("1.40", "91", True), ("1.41", "91", False), ("1.40", "97", False)],
)
def test_above_eighty_per_cent_with_thirty_of_profit_a_put_is_closed(
    ask: str, spot: str, is_closed: bool
) -> None:
    seen = market(underlying(spot=spot), held=(quote(option(95), ask, ask),))
    verdict = judge_early_assignment(lot(option(95)), seen, session(MONDAY), classic())
    assert (verdict is not None) is is_closed


@pytest.mark.parametrize(
    ("kept", "is_closed"),
    [(None, True), ("2", True), ("1.50", True), ("1.49", False), ("1", False), ("-3", False)],
)
def test_a_rolled_put_s_profit_is_measured_on_what_its_chain_of_rolls_has_kept(
    kept: str | None, *, is_closed: bool
) -> None:
    """Sold at 2 itself, it costs 1.05: 47% of its own premium, but not of what the rolls left."""
    seen = market(underlying(spot="91"), held=(quote(option(95), "1.05", "1.05"),))
    chain_kept = price(kept) if kept is not None else None
    verdict = judge_early_assignment(
        lot(option(95)), seen, session(MONDAY), classic(), chain_kept=chain_kept
    )
    assert (verdict is not None) is is_closed


def test_a_european_put_is_left_to_its_expiry() -> None:
    held = option(95, symbol="SPX")
    seen = market(underlying(spot="91", symbol="SPX"), held=(quote(held, "1.40", "1.40"),))
    assert seen.underlying("SPX") is not None
    assert judge_early_assignment(lot(held), seen, session(MONDAY), classic()) is None


def test_without_prices_nothing_is_judged() -> None:
    unseen = judge_early_assignment(lot(option(95)), market(), session(MONDAY), classic())
    assert unseen is None
    assert (
        judge_early_assignment(shares(), market(underlying()), session(MONDAY), classic()) is None
    )
    assert judge_dividend(short_call(), market(), WEEK, session(MONDAY)) is None
    assert judge_dividend(shares(), market(underlying()), WEEK, session(MONDAY)) is None


def dividend(
    day: date,
    ex_date: date | None = FRIDAY,
    paid: str | None = "0.51",
    expiry: date = FRIDAY,
    seen: Underlying | None = None,
) -> Verdict | None:
    call = option(100, expiry, Right.CALL)
    spot = seen or underlying(
        spot="102",
        ex_dividend_next=ex_date,
        dividend_next=None if paid is None else D(paid),
    )
    snapshot = market(spot, chains=(chain(quote(call, "2.49", "2.51")),))
    return judge_dividend(short_call(expiry=expiry), snapshot, WEEK, session(day))


@pytest.mark.parametrize(("paid", "is_closed"), [("0.51", True), ("0.50", False), (None, False)])
def test_a12_a_dividend_above_time_value_closes_the_call(paid: str | None, is_closed: bool) -> None:
    verdict = dividend(THURSDAY, paid=paid)
    assert (verdict is not None) is is_closed
    if verdict is not None:
        assert verdict.rule == "dividend.close"


@pytest.mark.parametrize(
    ("day", "ex_date", "is_closed"),
    [
        (THURSDAY, FRIDAY, True),
        (date(2013, 2, 6), FRIDAY, False),
        (FRIDAY, FRIDAY, False),
        (FRIDAY, date(2013, 2, 11), True),
        (FRIDAY, date(2013, 2, 12), True),
        (FRIDAY, date(2013, 2, 13), False),
        (THURSDAY, None, False),
    ],
)
def test_a12_by_the_session_before_the_ex_date(
    day: date, ex_date: date | None, is_closed: bool
) -> None:
    late = FRIDAY + timedelta(days=7)
    assert (dividend(day, ex_date, expiry=late) is not None) is is_closed


def test_an_ex_date_after_expiry_does_not_matter() -> None:
    assert dividend(THURSDAY, FRIDAY, expiry=THURSDAY) is None


def test_a_holiday_before_the_ex_date_moves_the_last_chance_forward() -> None:
    call = option(100, FRIDAY, Right.CALL)
    spot = underlying(spot="102", ex_dividend_next=FRIDAY, dividend_next=D("0.51"))
    snapshot = market(spot, chains=(chain(quote(call, "2.49", "2.51")),))
    holiday = week_of(MONDAY, closed=(THURSDAY,))
    wednesday = holiday.sessions[2]
    assert judge_dividend(short_call(), snapshot, holiday, wednesday) is not None


def test_a_call_without_a_price_is_not_judged_on_its_dividend() -> None:
    silent = underlying(
        quote=quote(Stock("AAPL"), None, None), ex_dividend_next=FRIDAY, dividend_next=D(1)
    )
    assert dividend(THURSDAY, seen=silent) is None
