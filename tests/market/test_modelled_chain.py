"""Modelled chains: the grid they lie on, the sense they make, and the market they resemble."""

import gzip
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import (
    OptionContract,
    Right,
    read_option_symbol,
    write_option_symbol,
)
from allusedesk.domain.weeks import Session
from allusedesk.market.modelled_chain import (
    INDEX_FUNDS,
    SHARES,
    ModelledChain,
    ModelledSeries,
    VolatilityLevel,
    list_series,
    listed_expiries,
    model_chain,
    rules_of,
    volatility_level,
)
from allusedesk.market.pricing import greeks, implied_volatilities

TODAY = date(2018, 3, 26)
GOOD_FRIDAY = date(2018, 3, 30)
LEVEL = VolatilityLevel(near=0.25, far=0.28)
LOOK = datetime(2018, 3, 26, 13, 45, tzinfo=UTC)
PINNED = (Decimal("167.5"), 11695, 1606, 1.67, 1.71)
BOTH = (Right.PUT, Right.CALL)


def sessions(first: date = TODAY, days: int = 1_200) -> list[Session]:
    found = []
    for offset in range(days):
        day = first + timedelta(days=offset)
        if day.weekday() < 5 and day != GOOD_FRIDAY:
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            hours = timedelta(hours=13.5), timedelta(hours=20)
            found.append(Session(day, start + hours[0], start + hours[1]))
    return found


def near(symbol: str = "AAPL", days: int = 14) -> list[Session]:
    listed = listed_expiries(TODAY, sessions(), rules_of(symbol))
    return [expiry for expiry in listed if (expiry.date - TODAY).days <= days]


def day_of(
    reference: float,
    symbol: str = "AAPL",
    rights: Sequence[Right] = BOTH,
    level: VolatilityLevel = LEVEL,
    seed: int = 7,
) -> ModelledSeries:
    return list_series(symbol, reference, TODAY, near(symbol), rights, level, seed)


def years_of(series: ModelledSeries) -> np.ndarray:
    return (series.expires_at - LOOK.timestamp()) / (365 * 86_400)


def test_weeks_end_on_their_last_session_and_months_on_their_third_friday() -> None:
    listed = [expiry.date for expiry in listed_expiries(TODAY, sessions(), SHARES)]
    assert listed[:3] == [date(2018, 3, 29), date(2018, 4, 6), date(2018, 4, 13)]
    later = [day for day in listed if (day - TODAY).days > 56]
    assert later[:2] == [date(2018, 6, 15), date(2018, 7, 20)]
    assert [day for day in listed if (day - TODAY).days > 370] == [
        date(2019, 6, 21),
        date(2019, 9, 20),
        date(2020, 1, 17),
        date(2021, 1, 15),
    ]
    assert len(set(listed)) == len(listed)


def test_index_funds_list_month_ends_too() -> None:
    funds = {expiry.date for expiry in listed_expiries(TODAY, sessions(), INDEX_FUNDS)}
    shares = {expiry.date for expiry in listed_expiries(TODAY, sessions(), SHARES)}
    assert funds - shares == {date(2018, 4, 30), date(2018, 5, 31)}


@pytest.mark.parametrize(
    ("reference", "step"), [(20.0, 0.5), (100.0, 1.0), (271.0, 2.5), (600.0, 5.0)]
)
def test_strikes_lie_on_the_step_of_their_price(reference: float, step: float) -> None:
    series = day_of(reference)
    assert np.all(np.mod(series.strikes, step) == 0.0)
    inner = series.strikes[np.abs(series.strikes / reference - 1.0) < 0.03]
    assert np.diff(np.unique(inner)).max() == step
    assert series.strikes.min() < 0.93 * reference
    assert series.strikes.max() > 1.07 * reference


@given(
    st.floats(5.0, 2_000.0),
    st.floats(0.95, 1.05),
    st.floats(0.06, 1.5),
    st.sampled_from(["AAPL", "SPY"]),
    st.integers(0, 9),
)
def test_every_quote_is_possible(
    reference: float, move: float, near_level: float, symbol: str, seed: int
) -> None:
    level = VolatilityLevel(near_level, 0.3)
    series = day_of(reference, symbol, level=level, seed=seed)
    spot = reference * move
    chain = model_chain(series, spot, LOOK, level, 0.02, 0.0)
    has_bid = ~np.isnan(chain.bids)
    assert np.all(chain.asks[has_bid] > chain.bids[has_bid])
    assert np.all(chain.bids[has_bid] > 0.0)
    assert np.all(chain.asks > 0.0)
    for prices in (chain.bids[has_bid], chain.asks):
        cents = np.rint(prices * 100.0)
        assert np.all(prices == cents / 100.0)
        if symbol == "AAPL":
            assert np.all(cents[cents >= 300.0] % 5 == 0)
    intrinsic = np.maximum(
        np.where(series.is_put, series.strikes - spot, spot - series.strikes), 0.0
    )
    assert np.all(chain.asks >= intrinsic - 0.025)
    assert np.all((chain.implied_volatilities > 0.0) & (chain.implied_volatilities < 10.0))
    assert chain.is_modelled


@pytest.mark.parametrize(("reference", "is_any"), [(98_000.0, True), (650_000.0, False)])
def test_no_strike_is_listed_that_no_option_symbol_can_name(reference: float, is_any: bool) -> None:
    series = day_of(reference)
    chain = model_chain(series, reference, LOOK, LEVEL, 0.02, 0.0)
    assert bool(series.strikes.size) is is_any
    assert chain.bids.size == series.strikes.size
    for row in range(series.strikes.size):
        contract = series.contract(row)
        assert read_option_symbol(write_option_symbol(contract)) == contract


@pytest.mark.parametrize("symbol", ["AAPL", "SPY"])
@pytest.mark.parametrize("level", [0.12, 0.3, 0.8])
def test_a_higher_strike_never_makes_a_put_cheaper(symbol: str, level: float) -> None:
    wide = VolatilityLevel(level, level)
    series = list_series(symbol, 270.0, TODAY, near(symbol, 60), (Right.PUT,), wide, 7)
    chain = model_chain(series, 268.0, LOOK, wide, 0.02, 0.01)
    for ordinal in np.unique(series.expiry_ordinals):
        rows = series.expiry_ordinals == ordinal
        middles = (np.nan_to_num(chain.bids[rows]) + chain.asks[rows]) / 2.0
        # Rounding to the tick may turn a near equality round by one tick.
        assert np.diff(middles).min() >= -0.05
        assert (np.diff(middles) / np.diff(series.strikes[rows])).max() < 1.06


@pytest.mark.parametrize("reference", [90.0, 170.0, 271.0, 520.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_protocols_liquidity_gates_open_near_the_money_and_shut_far_out(
    reference: float, seed: int
) -> None:
    series = day_of(reference, seed=seed, rights=(Right.PUT,))
    chain = model_chain(series, reference, LOOK, LEVEL, 0.02, 0.0)
    delta = 100 * np.abs(
        greeks(
            reference,
            series.strikes,
            years_of(series),
            0.02,
            0.0,
            chain.implied_volatilities,
            is_put=True,
        ).delta
    )
    middle = (chain.bids + chain.asks) / 2.0
    width = chain.asks - chain.bids
    tick = np.where(chain.bids < 3.0, 0.01, 0.05)
    passes = (
        (width <= np.maximum(0.05 * middle, tick) + 1e-9)
        & (series.open_interest >= 500)
        & (series.volume_average >= 100)
    )
    assert passes[(delta >= 20) & (delta <= 55)].all()
    assert not passes[delta < 1].any()


def test_a_series_has_the_same_figures_whatever_else_is_listed() -> None:
    both = day_of(170.0)
    shifted = day_of(172.0, rights=(Right.PUT,))
    row, other = (
        int(
            np.flatnonzero(
                (series.strikes == 167.5)
                & series.is_put
                & (series.expiry_ordinals == date(2018, 4, 6).toordinal())
            )[0]
        )
        for series in (both, shifted)
    )
    assert both.volatility_factors[row] == shifted.volatility_factors[other]
    assert both.spread_factors[row] == shifted.spread_factors[other]
    assert both.open_interest[row] == pytest.approx(shifted.open_interest[other], rel=0.25)


def test_quotes_move_with_the_spot_and_no_faster() -> None:
    series = day_of(170.0)
    middles = []
    for cents in range(101):
        chain = model_chain(series, 169.5 + cents / 100, LOOK, LEVEL, 0.02, 0.0)
        middles.append((np.nan_to_num(chain.bids) + chain.asks) / 2.0)
    steps = np.abs(np.diff(np.array(middles), axis=0))
    assert steps.max() <= 0.01 + 0.05 + 1e-9


def test_seed_and_day_change_the_oddities_and_nothing_else_does() -> None:
    assert np.array_equal(day_of(170.0).open_interest, day_of(170.0).open_interest)
    assert not np.array_equal(day_of(170.0).open_interest, day_of(170.0, seed=8).open_interest)
    tomorrow = list_series("AAPL", 170.0, TODAY + timedelta(days=1), near(), BOTH, LEVEL, 7)
    assert not np.array_equal(tomorrow.spread_factors[:20], day_of(170.0).spread_factors[:20])


def test_the_drawn_figures_are_pinned_for_every_version() -> None:
    series = day_of(170.0)
    chain = model_chain(series, 171.0, LOOK, LEVEL, 0.02, 0.01)
    row = int(np.flatnonzero((series.strikes == 167.5) & series.is_put)[1])
    drawn = (
        series.contract(row).strike,
        int(series.open_interest[row]),
        int(series.volume_average[row]),
        float(chain.bids[row]),
        float(chain.asks[row]),
    )
    assert drawn == PINNED


def test_a_held_contract_stays_quoted_wherever_its_strike_has_gone() -> None:
    gone = OptionContract("AAPL", date(2018, 4, 6), Right.PUT, Decimal("645.71"))
    ends_at = datetime(2018, 4, 6, 20, tzinfo=UTC)
    series = list_series("AAPL", 170.0, TODAY, near(), (Right.PUT,), LEVEL, 7, [(gone, ends_at)])
    row = int(np.flatnonzero(series.strikes == 645.71)[0])
    assert series.contract(row) == gone
    chain = model_chain(series, 170.0, LOOK, LEVEL, 0.02, 0.0)
    assert (chain.bids[row] + chain.asks[row]) / 2 == pytest.approx(475.71, abs=2.0)


def test_a_worthless_option_has_no_bid() -> None:
    series = day_of(170.0, rights=(Right.PUT,))
    chain = model_chain(series, 230.0, LOOK, LEVEL, 0.0, 0.0)
    assert np.isnan(chain.bids[0])
    assert 0.01 <= chain.asks[0] <= 0.03


def test_the_level_follows_vix_and_the_underlyings_own_history() -> None:
    calm = volatility_level(0.2, 0.25, 15.0, 15.0)
    feared = volatility_level(0.2, 0.25, 45.0, 15.0)
    assert calm.near == pytest.approx(1.1 * np.sqrt((0.2**2 + 0.25**2) / 2))
    assert feared.near > 2 * calm.near
    assert feared.far == calm.far == pytest.approx(0.275)


def smile_of(years: np.ndarray, strikes: np.ndarray, spot: float, iv: np.ndarray) -> list[float]:
    order = np.argsort(strikes)
    strikes, iv = strikes[order], iv[order]
    at_money = np.interp(spot, strikes, iv)
    moneyness = np.log(strikes / spot) / (at_money * np.sqrt(years[0]))
    return [np.interp(place, moneyness, iv) / at_money for place in (-2.0, -1.0, 1.0, 2.0)]


@pytest.mark.parametrize("symbol", ["AAPL", "SPY"])
def test_the_smile_resembles_a_recorded_one(shared_data: Path, symbol: str) -> None:
    source = shared_data / "options_snapshots_2026_02" / f"{symbol}_options_2.csv.gz"
    with gzip.open(source, "rt") as file:
        table = pd.read_csv(file)
    table = table[(table["expirationDate"] == "2026-03-20") & (table["bid"] > 0)]
    table = table[table["ask"] > table["bid"]]
    spot = float(table["underlyingPrice"].iloc[0])
    is_put = (table["optionType"].str.lower().str[0] == "p").to_numpy()
    strikes = table["strike"].to_numpy(dtype=float)
    years = np.full(len(table), 36.2 / 365)
    middle = ((table["bid"] + table["ask"]) / 2).to_numpy()
    iv = implied_volatilities(middle, spot, strikes, years, 0.037, 0.004, is_put)
    keep = ((strikes < spot) == is_put) & ~np.isnan(iv)
    recorded = smile_of(years[keep], strikes[keep], spot, iv[keep])
    level = VolatilityLevel(0.245, 0.245) if symbol == "AAPL" else VolatilityLevel(0.15, 0.15)
    look = datetime(2026, 2, 12, 15, 10, tzinfo=UTC)
    day = Session(date(2026, 3, 20), look, look + timedelta(days=36.2))
    series = list_series(symbol, spot, look.date(), [day], (Right.PUT,), level, 7)
    chain: ModelledChain = model_chain(series, spot, look, level, 0.037, 0.004)
    modelled = smile_of(years, series.strikes, spot, chain.implied_volatilities)
    assert modelled == pytest.approx(recorded, abs=0.12)
