"""Statistics of returns against empyrical, figures made by hand, and where nothing can be said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.portfolio.return_statistics import deepest_fall, statistics_of

RETURNS = st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=60)


@pytest.mark.long
@settings(max_examples=50)
@given(RETURNS, st.floats(0.0, 0.001))
def test_they_are_what_empyrical_says_of_the_same_returns(
    returns: list[float], free: float
) -> None:
    empyrical = pytest.importorskip("empyrical")
    found = statistics_of(returns, free, 52)
    series = np.array(returns)
    assert found.compounded == pytest.approx(empyrical.cum_returns_final(series), abs=1e-9)
    assert found.drawdown == pytest.approx(-empyrical.max_drawdown(series), abs=1e-9)
    assert found.volatility == pytest.approx(
        empyrical.annual_volatility(series, annualization=52), abs=1e-9
    )
    assert found.downside == pytest.approx(
        empyrical.downside_risk(series, free, annualization=52), abs=1e-9
    )
    if found.volatility is not None and found.volatility > 1e-6:
        sharpe = empyrical.sharpe_ratio(series, free, annualization=52)
        assert found.sharpe == pytest.approx(sharpe, rel=1e-6, abs=1e-9)
    if found.downside > 1e-6:
        sortino = empyrical.sortino_ratio(series, free, annualization=52)
        assert found.sortino == pytest.approx(sortino, rel=1e-6, abs=1e-9)


def test_they_are_what_they_are_by_hand() -> None:
    found = statistics_of([0.01, -0.02, 0.04], 0.01, 52)
    # Excess 0, -3% and 3%: mean 0; deviations of 0%, -3% and 3% around 1%: variance 9 in 10,000.
    assert found.count == 3
    assert found.compounded == pytest.approx(1.01 * 0.98 * 1.04 - 1)
    assert found.volatility == pytest.approx(0.03 * math.sqrt(52))
    assert found.sharpe == pytest.approx(0.0, abs=1e-12)
    assert found.downside == pytest.approx(math.sqrt(0.0009 / 3) * math.sqrt(52))
    assert found.drawdown == pytest.approx(0.02)


def test_a_sharpe_says_how_uncertain_it_is() -> None:
    # Sixteen returns of +1% and -1%: no excess, so the error is that of a mean alone.
    found = statistics_of([0.01, -0.01] * 8, 0.0, 52)
    assert found.sharpe == pytest.approx(0.0, abs=1e-9)
    assert found.sharpe_error == pytest.approx(math.sqrt(52 / 16))


def test_what_would_divide_by_nothing_is_not_said() -> None:
    one = statistics_of([0.01], 0.0, 52)
    assert (one.volatility, one.sharpe, one.sortino) == (None, None, None)
    same = statistics_of([0.01, 0.01, 0.01], 0.0, 52)
    assert (same.volatility, same.sharpe, same.sortino) == (pytest.approx(0.0), None, None)
    with pytest.raises(ValueError, match="no return"):
        statistics_of([], 0.0, 52)


def test_a_fall_counts_from_the_start_too() -> None:
    assert deepest_fall([-0.1, 0.05]) == pytest.approx(0.1)
    assert deepest_fall([0.1, -0.5, 0.2, -0.1]) == pytest.approx(0.5)
    assert deepest_fall([-1.0, 0.5]) == 1.0
    assert deepest_fall([]) == 0.0
