"""Weeks divided into those to choose by and those to be judged by, nothing of them shared.

Purging and embargo as in López de Prado (2018), Advances in Financial Machine Learning, chapter 7.
"""

from __future__ import annotations

from dataclasses import dataclass

from allusedesk.laboratory.refusals import TrialImpossible

_FOLDS_MIN = 2


@dataclass(frozen=True, slots=True)
class Fold:
    """Places of weeks, counted from 0: `train` to choose by, `test` to be judged by."""

    train: tuple[int, ...]
    test: tuple[int, ...]


def walk_forward(weeks: int, folds: int, *, purge: int = 1) -> tuple[Fold, ...]:
    """Tests one after the other, each with what lay before it to choose by.

    The weeks are cut into `folds` + 1 parts of even length (the first takes what is over): the
    first is only chosen by. `purge` weeks before each test are left out, for what was opened in
    them may end within it. Raises TrialImpossible where nothing is left to choose by.
    """
    part = _part_of(weeks, folds, folds + 1)
    found = []
    for number in range(folds):
        begins = weeks - part * (folds - number)
        last = begins - purge
        if last <= 0:
            raise _too_short(weeks, folds, purge)
        found.append(Fold(tuple(range(last)), tuple(range(begins, begins + part))))
    return tuple(found)


def purged_folds(weeks: int, folds: int, *, purge: int = 1, embargo: int = 1) -> tuple[Fold, ...]:
    """Each part of the weeks is the test once, all others but its neighbours are chosen by.

    `purge` weeks on both sides of a test are left out, and `embargo` more after it. Raises
    TrialImpossible where nothing is left to choose by.
    """
    part = _part_of(weeks, folds, folds)
    over = weeks - part * folds
    found = []
    for number in range(folds):
        begins = over + part * number if number else 0
        ends = over + part * (number + 1)
        before = tuple(range(max(0, begins - purge)))
        after = tuple(range(min(weeks, ends + purge + embargo), weeks))
        if not before and not after:
            raise _too_short(weeks, folds, purge)
        found.append(Fold(before + after, tuple(range(begins, ends))))
    return tuple(found)


def refuse_folds(folds: int) -> None:
    """Raise TrialImpossible for so many folds, however long the span."""
    if folds < _FOLDS_MIN:
        raise TrialImpossible(f"Fewer than {_FOLDS_MIN} folds judge nothing: ask for more.")


def _part_of(weeks: int, folds: int, parts: int) -> int:
    refuse_folds(folds)
    if weeks < _FOLDS_MIN * parts:
        raise _too_short(weeks, folds)
    return weeks // parts


def _too_short(weeks: int, folds: int, purge: int = 0) -> TrialImpossible:
    beside = f" with a purge of {purge} beside each" if purge else ""
    less = ", fewer folds or a smaller purge" if purge else " or fewer folds"
    return TrialImpossible(
        f"{weeks} weeks are too few for {folds} folds{beside}: choose a longer span{less}."
    )
