from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.laboratory.folds import Fold, purged_folds, walk_forward
from allusedesk.laboratory.refusals import TrialImpossible


def test_a_walk_of_ten_weeks() -> None:
    assert walk_forward(10, 3, purge=1) == (
        Fold((0, 1, 2), (4, 5)),
        Fold((0, 1, 2, 3, 4), (6, 7)),
        Fold((0, 1, 2, 3, 4, 5, 6), (8, 9)),
    )


def test_purged_folds_of_nine_weeks() -> None:
    assert purged_folds(9, 3, purge=1, embargo=1) == (
        Fold((5, 6, 7, 8), (0, 1, 2)),
        Fold((0, 1, 8), (3, 4, 5)),
        Fold((0, 1, 2, 3, 4), (6, 7, 8)),
    )


@given(weeks=some.integers(12, 200), folds=some.integers(2, 4), purge=some.integers(0, 2))
def test_no_week_is_chosen_by_that_touches_a_test(weeks: int, folds: int, purge: int) -> None:
    for fold in walk_forward(weeks, folds, purge=purge):
        assert max(fold.train) + purge < min(fold.test)
    every = purged_folds(weeks, folds, purge=purge, embargo=1)
    assert sorted(week for fold in every for week in fold.test) == list(range(weeks))
    for fold in every:
        first, last = min(fold.test), max(fold.test)
        assert not [w for w in fold.train if first - purge <= w <= last + purge + 1]


@pytest.mark.parametrize(("weeks", "folds"), [(0, 2), (5, 2), (10, 9), (30, 1)])
def test_too_few_weeks_are_refused_plainly(weeks: int, folds: int) -> None:
    with pytest.raises(TrialImpossible, match="folds"):
        walk_forward(weeks, folds)


def test_folds_that_leave_nothing_to_choose_by_are_refused() -> None:
    # There are weeks enough for two folds, but not with so many left out beside each.
    said = "with a purge of 2 beside each: choose a longer span, fewer folds or a smaller purge"
    with pytest.raises(TrialImpossible, match=said):
        walk_forward(6, 2, purge=2)
    with pytest.raises(TrialImpossible, match=said):
        purged_folds(4, 2, purge=2)
