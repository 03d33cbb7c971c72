"""Weeks as lessons: shares, what is not known yet, and which week's condition is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allusedesk.domain.forecasts import CONDITION, LABEL, OUTCOMES
from allusedesk.learning.features import FEATURES, MarketPast, WeekAsked, WeekPast, row_of
from allusedesk.learning.lessons import Classes, lessons_of
from tests.learning.worlds import market, weeks

CLASSES = Classes(("Roll", "Calm-Income"), ("P-EW", "P-RO", "W-IDL"))


def rows_of(asked: Sequence[WeekAsked], pasts: Sequence[WeekPast | None]) -> np.ndarray:
    past = MarketPast(market(), None)
    befores = [None, *pasts[:-1]]
    return np.array([row_of(one, past, be) for one, be in zip(asked, befores, strict=True)])


def test_shares_are_of_the_week_itself_and_the_condition_of_the_next() -> None:
    asked = weeks(3)
    pasts = [
        WeekPast("a", "Green", (("Roll", 1), ("Calm-Income", 3)), (("P-EW", 2), ("P-RO", 2))),
        WeekPast("b", "Red", (), (("unheard of", 4),)),
        None,
    ]
    values = rows_of(asked, pasts)
    condition, label, outcomes = lessons_of(asked, pasts, values, CLASSES)
    assert (condition.target, label.target, outcomes.target) == (CONDITION, LABEL, OUTCOMES)
    np.testing.assert_array_equal(condition.shares[0], [0.0, 1.0, 0.0])
    assert np.isnan(condition.shares[1:]).all()
    np.testing.assert_array_equal(label.shares[0], [0.25, 0.75])
    np.testing.assert_array_equal(outcomes.shares[0], [0.5, 0.5, 0.0])
    assert np.isnan(outcomes.shares[1:]).all()
    assert (condition.lead, label.lead, outcomes.lead) == (2, 1, 1)
    # A row tells of the week before it, never of its own.
    calm = FEATURES.index("families calm last week")
    assert np.isnan(values[0, calm])
    assert values[1, calm] == 0.75


def test_a_condition_after_weeks_without_a_desk_is_nobodys_next() -> None:
    """Away for four weeks: what the market was then is not what followed the last week."""
    first, _, _, _, _, back, last = weeks(7)
    asked = (first, back, last)
    pasts = [WeekPast(one.name, "Red", (("Roll", 1),)) for one in asked]
    condition, label, _ = lessons_of(asked, pasts, np.zeros((3, len(FEATURES))), CLASSES)
    assert np.isnan(condition.shares[[0, 2]]).all()
    np.testing.assert_array_equal(condition.shares[1], [0.0, 1.0, 0.0])
    assert np.isfinite(label.shares).all()
