from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.market.pricing import greeks, values
from allusedesk.portfolio.attribution_steps import OptionStretch, divide, settled_spot, years_left

_DAYS = 1 / 365
_SPOT = st.floats(60.0, 160.0)
_SIGMA = st.floats(0.08, 2.5)
_PUT = OptionContract("SPX", date(2019, 6, 3), Right.PUT, Decimal(2725))


def _value(spot: float, years: float, sigma: float, is_put: bool = True) -> float:
    return float(values(spot, 100.0, years, 0.02, 0.0, sigma, is_put))


@given(
    spots=st.tuples(_SPOT, _SPOT),
    sigmas=st.tuples(_SIGMA, _SIGMA),
    years=st.tuples(st.floats(0.0001, 1.5), st.floats(0.0, 1.0)),
    is_put=st.booleans(),
)
def test_the_steps_are_the_whole_change_of_what_the_model_explains(
    spots: tuple[float, float],
    sigmas: tuple[float, float],
    years: tuple[float, float],
    is_put: bool,
) -> None:
    left = (years[0], years[0] * years[1])
    middles = (
        _value(spots[0], left[0], sigmas[0], is_put),
        _value(spots[1], left[1], sigmas[1], is_put),
    )
    stretch = OptionStretch(100.0, is_put, 0.02, spots, left, middles)
    assert divide([stretch]).sum() == pytest.approx(middles[1] - middles[0], abs=1e-8)


def test_small_steps_are_what_the_greeks_say() -> None:
    first, later = (100.0, 20 * _DAYS, 0.25), (100.2, 19.9 * _DAYS, 0.252)
    stretch = OptionStretch(
        100.0,
        is_put=True,
        rate=0.02,
        spots=(first[0], later[0]),
        years=(first[1], later[1]),
        middles=(_value(*first), _value(*later)),
    )
    known = greeks(first[0], 100.0, first[1], 0.02, 0.0, first[2], is_put=True)
    wanted = (
        float(known.delta) * 0.2,
        float(known.gamma) * 0.02,
        float(known.theta) * 0.1 * _DAYS,
        float(known.vega) * 0.002,
    )
    assert divide([stretch])[0].tolist() == pytest.approx(wanted, rel=0.03)


def test_a_last_minute_of_any_volatility_is_worth_what_is_left_of_the_price() -> None:
    # 2019-05-29 to a minute before the end of the SPX put of 2725, as quoted then.
    stretch = OptionStretch(
        2725.0, True, 0.0238, (2752.06, 2740.21), (3 * _DAYS, 1 / 525_600), (8.675, 0.325)
    )
    delta, gamma, theta, vega = divide([stretch])[0].tolist()
    assert delta + gamma + theta + vega == pytest.approx(0.325 - 8.675)
    assert vega == pytest.approx(0.325, abs=1e-6)
    assert delta > 0 < gamma
    assert theta < -8.675


def test_nothing_is_divided_where_there_is_nothing() -> None:
    assert divide([]).shape == (0, 4)


def test_a_price_below_its_bound_counts_as_one_without_volatility() -> None:
    stretch = OptionStretch(100.0, True, 0.05, (80.0, 80.0), (1.0, 0.9), (10.0, 11.0))
    found = divide([stretch])
    assert np.isfinite(found).all()
    # Both ends lie on the bound, which rises as interest has less time to run.
    assert found[0].tolist() == pytest.approx(
        [0.0, 0.0, 100 * (np.exp(-0.045) - np.exp(-0.05)), 0.0]
    )


def test_time_runs_to_the_close_of_the_last_day() -> None:
    assert years_left(_PUT, datetime(2019, 6, 3, 19, 59, tzinfo=UTC)) == pytest.approx(1 / 525_600)
    assert years_left(_PUT, datetime(2019, 6, 4, 19, 59, tzinfo=UTC)) == 0.0


def test_what_it_ended_at_tells_where_the_underlying_was() -> None:
    assert settled_spot(_PUT, Decimal("64.05"), 2800.0) == pytest.approx(2660.95)
    assert settled_spot(_PUT, Decimal(0), 2700.0) == 2725.0
    assert settled_spot(_PUT, Decimal(0), 2800.0) == 2800.0
    assert settled_spot(_PUT, Decimal(0), None) is None
    call = OptionContract("SPX", date(2019, 6, 3), Right.CALL, Decimal(2725))
    assert settled_spot(call, Decimal(10), 2700.0) == 2735.0
    assert settled_spot(call, Decimal(0), 2800.0) == 2725.0
