from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.modelled_rows import ExpiryCalendar
from allusedesk.market.modelled_volatility import (
    MEDIAN,
    VolatilityRows,
    forward_volatility,
    volatility_expiries,
    volatility_forward,
)
from allusedesk.market.raw_quotes import ChainColumns
from allusedesk.market.recorded_sessions import Standing

DAY = date(2008, 10, 27)
BOTH = (Right.PUT, Right.CALL)


@pytest.fixture
def rows(nyse: ExchangeCalendar) -> VolatilityRows:
    return VolatilityRows(ExpiryCalendar(nyse, DAY, DAY + timedelta(days=400)))


def standing(nyse: ExchangeCalendar, level: float) -> Standing:
    at = datetime(2008, 10, 27, 15, 0, tzinfo=UTC)
    return Standing(level, at, at, nyse.session(DAY))


def chain(rows: VolatilityRows, nyse: ExchangeCalendar, level: float) -> ChainColumns:
    found = rows.chain(ChainWish("VIX", BOTH, 161, 203), DAY, standing(nyse, level), 0.02)
    assert found is not None
    return found


def test_series_end_thirty_days_before_the_next_months_third_friday() -> None:
    # As the exchange listed them: 2008-11-19, 2008-12-17, 2009-01-21, 2009-02-18, 2009-03-18.
    assert volatility_expiries(DAY)[:5] == (
        date(2008, 11, 19), date(2008, 12, 17), date(2009, 1, 21), date(2009, 2, 18),
        date(2009, 3, 18),
    )  # fmt: skip


def test_the_forward_reverts_and_its_volatility_falls_with_time() -> None:
    near, half_a_year = volatility_forward(80.0, 1 / 365), volatility_forward(80.0, 0.5)
    assert near == pytest.approx(80.0, rel=0.01)
    # When VIX closed near 80 in autumn 2008, half-year futures stood in the thirties.
    assert 30.0 < half_a_year < 40.0
    assert volatility_forward(10.0, 0.5) > 10.0
    assert forward_volatility(30 / 365) == pytest.approx(0.85, abs=0.01)
    assert forward_volatility(0.5) < forward_volatility(0.25) < forward_volatility(30 / 365)


@given(st.floats(8.0, 90.0), st.floats(0.01, 2.0))
def test_the_forward_lies_between_the_level_and_its_long_run(level: float, years: float) -> None:
    # The mean of a lognormal lies above its median.
    drift = math.exp(0.5 * 0.92**2 / 4.0)
    forward = volatility_forward(level, years)
    assert min(level, MEDIAN) <= forward <= max(level, MEDIAN) * drift


def test_call_and_put_agree_with_the_forward(rows: VolatilityRows, nyse: ExchangeCalendar) -> None:
    found = chain(rows, nyse, 60.0)
    assert found.is_modelled
    assert len({contract.expiry for contract in found.contracts}) == 1
    mids = (found.bids + found.asks) / 2
    years = float(found.years[0])
    for put in np.flatnonzero(found.is_put & (found.bids > 0.3)):
        call = next(
            row
            for row in range(len(found))
            if found.strikes[row] == found.strikes[put] and not found.is_put[row]
        )
        if found.bids[call] > 0.3:
            parity = (mids[call] - mids[put]) * math.exp(0.02 * years) + found.strikes[put]
            assert parity == pytest.approx(found.spot, abs=0.11)


def test_quotes_of_a_contract_are_those_of_its_chain(
    rows: VolatilityRows, nyse: ExchangeCalendar
) -> None:
    found = chain(rows, nyse, 60.0)
    contract = found.contracts[20]
    other = replace(contract, expiry=date(2008, 12, 17))
    gone = OptionContract("VIX", date(2008, 10, 22), Right.CALL, contract.strike)
    alone = rows.quotes_of((contract, other, gone), standing(nyse, 60.0), 0.02)
    assert [columns.contracts for columns in alone] == [(other,), (contract,)]
    assert (alone[1].bids[0], alone[1].asks[0]) == (found.bids[20], found.asks[20])
    assert np.all((found.asks - np.nan_to_num(found.bids)) >= 0.049)
    assert rows.chain(ChainWish("VIX", BOTH, 900, 930), DAY, standing(nyse, 60.0), 0.02) is None
