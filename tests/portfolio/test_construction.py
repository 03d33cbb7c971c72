"""What construction refuses in a plain sentence, and what needs no solver."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.money import Money, Price
from allusedesk.portfolio.affording import lots_afforded
from allusedesk.portfolio.construction import (
    CannotConstruct,
    Caps,
    Method,
    Weight,
    conditional_loss,
    construct,
)
from tests.portfolio.return_tables import drawn, table

OPEN = Caps(None, Decimal("0.05"))
NEEDS_COVARIANCE = (Method.MINIMUM_VARIANCE, Method.RISK_BUDGETING, Method.MAXIMUM_SHARPE)


def test_equal_weight_places_all_but_the_buffer_in_equal_parts() -> None:
    found = construct(table(drawn(1)), Method.EQUAL_WEIGHT, OPEN)
    assert [one.weight for one in found.weights] == [Decimal("0.2375")] * 4
    assert found.cash == Decimal("0.05")
    assert not found.notes


def test_caps_that_bind_everywhere_leave_cash_and_say_so() -> None:
    found = construct(
        table(drawn(1, 2)), Method.MINIMUM_VARIANCE, Caps(Decimal("0.25"), Decimal("0.05"))
    )
    assert [(one.weight, one.is_capped) for one in found.weights] == [(Decimal("0.25"), True)] * 2
    assert found.cash == Decimal("0.5")
    assert found.notes == ("2 symbols at 25.00 % each place 50.00 % at most: the rest stays cash.",)


@pytest.mark.parametrize("method", list(Method))
def test_one_asset_takes_all_that_may_be_placed_and_is_told(method: Method) -> None:
    found = construct(table(drawn(1, 1)), method, OPEN)
    assert [one.weight for one in found.weights] == [Decimal("0.95")]
    assert found.notes == ("A is the only asset: there is nothing to choose between.",)


def test_rows_with_a_missing_price_are_left_out_and_counted() -> None:
    values = drawn(1)
    values[3, 1] = values[9, 0] = np.nan
    found = construct(table(values), Method.EQUAL_WEIGHT, OPEN)
    assert found.evidence.rows == 298
    assert found.notes == ("2 of 300 rows lack a price and were left out.",)


def test_few_days_are_called_so() -> None:
    few = construct(table(drawn(1)[:59]), Method.EQUAL_WEIGHT, OPEN)
    assert few.notes == ("59 days are few: weights and figures a year change with each day more.",)
    assert construct(table(drawn(1)[:60]), Method.EQUAL_WEIGHT, OPEN).notes == ()


@pytest.mark.parametrize("method", [one for one in Method if one is not Method.EQUAL_WEIGHT])
def test_a_price_that_never_moves_is_refused(method: Method) -> None:
    values = drawn(1)
    values[:, 2] = 0.0
    with pytest.raises(CannotConstruct, match="The price of C never moves"):
        construct(table(values), method, OPEN)


@pytest.mark.parametrize("method", NEEDS_COVARIANCE)
def test_twins_are_refused_by_what_needs_a_covariance(method: Method) -> None:
    values = drawn(1)
    values[:, 3] = 2.0 * values[:, 1]
    with pytest.raises(CannotConstruct, match="B and D move exactly alike"):
        construct(table(values), method, OPEN)


@pytest.mark.parametrize("method", NEEDS_COVARIANCE)
def test_a_mix_of_the_others_is_refused(method: Method) -> None:
    values = drawn(1)
    values[:, 3] = values[:, 0] + 0.5 * values[:, 1]
    with pytest.raises(CannotConstruct, match="covariance is singular"):
        construct(table(values), method, OPEN)


@pytest.mark.parametrize("method", NEEDS_COVARIANCE)
def test_fewer_rows_than_assets_are_refused(method: Method) -> None:
    with pytest.raises(CannotConstruct, match="4 rows say too little about how 4 assets"):
        construct(table(drawn(1)[:4]), method, OPEN)


def test_spans_without_rows_or_prices_are_refused() -> None:
    with pytest.raises(CannotConstruct, match="The span holds no return"):
        construct(table(drawn(1)[:0]), Method.EQUAL_WEIGHT, OPEN)
    missing = drawn(1)
    missing[:, 1] = np.nan
    with pytest.raises(CannotConstruct, match="No price in the span is known of B"):
        construct(table(missing), Method.EQUAL_WEIGHT, OPEN)
    torn = drawn(1)[:4]
    torn[::2, 0] = torn[1::2, 1] = np.nan
    with pytest.raises(CannotConstruct, match="All 4 symbols have returns on 0 of the days"):
        construct(table(torn), Method.EQUAL_WEIGHT, OPEN)


def test_names_and_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(CannotConstruct, match="named twice"):
        construct(table(drawn(1, 2), ("A", "A")), Method.EQUAL_WEIGHT, OPEN)
    with pytest.raises(CannotConstruct, match="No asset was named"):
        construct(table(np.empty((3, 0)), ()), Method.EQUAL_WEIGHT, OPEN)
    with pytest.raises(CannotConstruct, match="shape"):
        construct(table(drawn(1, 2), ("A", "B", "C")), Method.EQUAL_WEIGHT, OPEN)


def test_caps_that_place_nothing_are_refused() -> None:
    with pytest.raises(CannotConstruct, match="leaves nothing to place"):
        construct(table(drawn(1)), Method.EQUAL_WEIGHT, Caps(None, Decimal(1)))
    with pytest.raises(CannotConstruct, match="places nothing"):
        construct(table(drawn(1)), Method.EQUAL_WEIGHT, Caps(Decimal(0), Decimal("0.05")))


def test_no_sharpe_ratio_where_nothing_beat_cash() -> None:
    with pytest.raises(CannotConstruct, match="No asset earned more than cash"):
        construct(table(drawn(1)), Method.MAXIMUM_SHARPE, OPEN, rate_year=9.0)


def test_the_tail_counts_its_last_row_in_part() -> None:
    # Five per cent of 30 rows is one and a half: the worst whole, the next by half.
    returns = [-0.10, -0.04, *([0.01] * 28)]
    assert conditional_loss(returns) == pytest.approx((0.10 + 0.5 * 0.04) / 1.5, abs=1e-15)


@given(
    equity=st.integers(1, 5_000_000),
    cents=st.lists(st.integers(1, 500_000), min_size=3, max_size=3),
    parts=st.lists(st.integers(0, 250_000), min_size=3, max_size=3),
)
def test_lots_never_cost_more_than_their_weight(
    equity: int, cents: list[int], parts: list[int]
) -> None:
    weights = [
        Weight(name, Decimal(part) / 1_000_000, 0.0, is_capped=False)
        for name, part in zip("ABC", parts, strict=True)
    ]
    prices = {name: Price(Decimal(one) / 100) for name, one in zip("ABC", cents, strict=True)}
    whole = Money(Decimal(equity))
    for one in lots_afforded(weights, whole, prices, Money(Decimal("0.65"))):
        room = whole * one.target
        assert one.tied_up <= room < one.tied_up + one.lot_cost
        assert one.reached <= one.target
        if one.equity_needed is not None:
            assert one.equity_needed * one.target >= one.lot_cost
            assert (one.lots > 0) == (whole >= one.equity_needed)


def test_lots_without_equity_or_price_are_refused() -> None:
    weights = [Weight("A", Decimal("0.5"), 1.0, is_capped=False)]
    with pytest.raises(CannotConstruct, match="nothing can be placed"):
        lots_afforded(weights, Money(Decimal(0)), {"A": Price(Decimal(5))}, Money(Decimal(0)))
    with pytest.raises(CannotConstruct, match="A has no price above zero"):
        lots_afforded(weights, Money(Decimal(1000)), {}, Money(Decimal(0)))


def test_a_cap_that_forces_losers_into_the_mix_leaves_no_sharpe_ratio() -> None:
    values = drawn(3) - np.array([0.0, 0.01, 0.01, 0.01])
    assert values.mean(axis=0).max() > 0.0
    with pytest.raises(CannotConstruct, match=r"Under a cap of 31\.58% .* no mix earned more"):
        construct(table(values), Method.MAXIMUM_SHARPE, Caps(Decimal("0.30"), Decimal("0.05")))


def test_a_mirror_is_no_twin() -> None:
    values = drawn(4)
    values[:, 3] = -values[:, 1]
    with pytest.raises(CannotConstruct, match="B and D move exactly opposite"):
        construct(table(values), Method.MINIMUM_VARIANCE, Caps(None, Decimal(0)))
