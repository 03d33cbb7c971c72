from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from allusedesk.laboratory.study.premium_fit import ChainTerms, compare_chain, joined
from allusedesk.laboratory.study.premiums import (
    premium_figures,
    premium_part,
    premium_sentences,
)
from allusedesk.market.history import RecordedChain
from allusedesk.market.modelled_chain import SHARES, VolatilityLevel
from allusedesk.market.modelled_prices import RowTerms, SeriesRows, quote_rows

TAKEN = datetime(2019, 5, 6, 15, 0, tzinfo=UTC)
EXPIRIES = (date(2019, 5, 10), date(2019, 6, 21))


def ends_at(day: date) -> datetime:
    return datetime.combine(day, time(20), UTC)


def terms(near: float) -> ChainTerms:
    return ChainTerms(VolatilityLevel(near, near), 0.02, 0.01, ends_at)


def recorded(near: float, spot_told: float = 100.0) -> RecordedChain:
    """A chain that really is the model at this level, its spot told 100 or wrongly."""
    strikes, expiries, is_put = (
        column.ravel()
        for column in np.meshgrid(
            np.arange(80.0, 121.0, 1.0), np.array(EXPIRIES, dtype="datetime64[D]"), [True, False]
        )
    )
    ends = np.array([ends_at(day).timestamp() for day in expiries.astype(object)])
    rows = SeriesRows(ends, strikes, is_put, np.ones(len(strikes)), np.ones(len(strikes)))
    row_terms = RowTerms(
        100.0, 0.02, 0.01, near, near, SHARES.skew, SHARES.smile, SHARES.spread, is_in_cents=True
    )
    bids, asks, _ = quote_rows(rows, TAKEN, row_terms)
    nothing = np.full(len(strikes), np.nan)
    return RecordedChain(
        underlying="XYZ",
        taken_at=TAKEN,
        underlying_price=spot_told,
        expiries=expiries,
        is_put=is_put,
        strikes=strikes,
        bids=bids,
        asks=asks,
        lasts=nothing,
        volumes=nothing,
        open_interests=nothing,
        implied_volatilities=nothing,
        has_standard_deliverable=np.ones(len(strikes), dtype=np.bool_),
        origin="test",
    )


def test_a_chain_that_is_the_model_shows_no_bias() -> None:
    found = compare_chain(recorded(0.3), terms(0.3))
    assert len(found.ratios) > 40
    assert np.abs(found.points).max() < 0.01
    assert abs(float(np.median(found.ratios))) < 0.02
    assert found.deltas.min() >= 0.05
    assert found.deltas.max() <= 0.55


def test_a_level_that_is_too_high_shows_as_premiums_too_dear() -> None:
    found = compare_chain(recorded(0.3), terms(0.36))
    assert float(np.median(found.points)) == pytest.approx(0.06, abs=0.01)
    assert float(np.median(found.ratios)) > 0.2


def test_a_spot_told_minutes_late_is_read_off_parity() -> None:
    found = compare_chain(recorded(0.3, spot_told=101.5), terms(0.3))
    assert abs(float(np.median(found.ratios))) < 0.02


def test_quotes_that_mean_little_are_left_out() -> None:
    chain = recorded(0.3)
    spoilt = chain.bids.copy()
    spoilt[::2] = np.nan
    crossed = chain.asks.copy()
    crossed[1::2] = 0.01
    adjusted = replace(chain, has_standard_deliverable=np.zeros(len(chain), dtype=np.bool_))
    assert len(compare_chain(replace(chain, bids=spoilt, asks=crossed), terms(0.3)).ratios) == 0
    assert len(compare_chain(adjusted, terms(0.3)).ratios) == 0
    late = replace(chain, taken_at=ends_at(EXPIRIES[1]) - timedelta(hours=3))
    assert len(compare_chain(late, terms(0.3)).ratios) == 0


def test_the_tables_say_bias_and_spread() -> None:
    rows = compare_chain(recorded(0.3), terms(0.36))
    whole = joined([rows] * 9, "often")
    assert set(whole.taken_on.tolist()) == {date(2019, 5, 6).toordinal()}
    assert len(whole.ratios) == 9 * len(rows.ratios)
    figures = premium_figures("often", whole, 1)
    assert figures is not None
    assert figures.low <= figures.bias <= figures.high
    assert premium_figures("few", rows.chosen(rows.days < 0), 1) is None
    text = "\n".join(premium_part([("XYZ, May 2019", whole)], 1))
    assert "XYZ, May 2019" in text
    assert "puts, 5 to 15 delta" in text
    sentences = " ".join(premium_sentences([("XYZ, May 2019", whole)], 1))
    assert "above the recorded in the middle" in sentences
    assert "flatter the protocol" in sentences
    assert "rows on 1 day, too few for bounds)" in sentences
    assert figures.bounds is None
    low = compare_chain(recorded(0.3), terms(0.25))
    assert "too low" in " ".join(premium_sentences([("XYZ", joined([low] * 9, "XYZ"))], 1))


def test_bounds_are_of_days_since_quotes_of_one_day_err_together() -> None:
    """Ten days that err by 30% more or less: a thousand rows of them tell no more than ten."""
    rows = compare_chain(recorded(0.3), terms(0.3))
    days = []
    for place in range(10):
        away = 0.3 if place % 2 else -0.3
        taken_on = np.full(len(rows.ratios), 737_000 + place)
        days.append(replace(rows, ratios=rows.ratios + away, taken_on=taken_on))
    found = premium_figures("ten", joined(days, "ten"), 1)
    assert found is not None
    assert found.days == 10
    assert found.bounds is not None
    assert found.bounds[0] < -0.2
    assert found.bounds[1] > 0.2
    assert found == premium_figures("ten", joined(days, "ten"), 1)
    few = premium_figures("few", joined(days[:7], "few"), 1)
    assert few is not None
    assert (few.days, few.bounds) == (7, None)


def test_where_little_of_what_is_sold_was_recorded_the_month_speaks() -> None:
    rows = compare_chain(recorded(0.3), terms(0.36))
    later = rows.chosen(rows.days > 20)
    month = replace(later, days=np.minimum(later.days, 30.0))
    (said, *_) = premium_sentences([("GOOG, 2015", month)], 1)
    assert "up to 30 days (too few of what is sold were recorded) stand" in said
