"""The figures of an outcome that a person compares, each with its doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allusedesk.domain.accounts import AccountKind
from allusedesk.laboratory.bootstrap import (
    WEEKS_MIN,
    Interval,
    Statistic,
    bootstrap_interval,
    growth_of,
    mean_of,
)
from allusedesk.laboratory.deflated_sharpe import shape_of
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.trial import SLEEVES, TrialOutcome
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR

Floats = npt.NDArray[np.float64]

# Two years, in which at least one sharp fall is to be expected.
WEEKS_TRUSTED = 104
# Every figure's interval is drawn from a stream of its own, so that one more changes no other.
_MEAN_STREAM, _GROWTH_STREAM, _SLEEVE_STREAM = 1, 2, 3


@dataclass(frozen=True, slots=True)
class SleeveFigures:
    """A tier's mean week beside its target; `reached` counts the weeks that met it."""

    kind: AccountKind
    mean: float
    target: float
    reached: int
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """An outcome in figures; fractions, `sharpe` by the year.

    `drawdown` is the deepest fall from one week's end to a later one's. What cannot be told is
    None, and `doubts` say why.
    """

    weeks: int
    gain: float
    growth: Interval | None
    mean: float
    mean_interval: Interval | None
    sharpe: float | None
    drawdown: float
    worst_week: float
    weeks_up: int
    sleeves: tuple[SleeveFigures, ...]
    doubts: tuple[str, ...]


def desk_returns(outcome: TrialOutcome) -> Floats:
    """The whole desk's return of each week, shape (weeks,), money from outside left aside."""
    found = []
    for week in outcome.weeks:
        income, moved = week.income.amount, week.moved.amount
        # Not the equity of the week listed before, since that week may have been left out.
        worked = float(week.equity.amount - income - moved) + max(float(moved), 0.0)
        found.append(float(income) / worked if worked > 0.0 else 0.0)
    return np.array(found, dtype=np.float64)


def sleeve_returns(outcome: TrialOutcome) -> Floats:
    """Each tier's return of each week, shape (weeks, 3), in the order of `SLEEVES`."""
    rows = [[sleeve.value for sleeve in week.sleeves] for week in outcome.weeks]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(SLEEVES))


def figures_of(outcome: TrialOutcome, seed: int) -> OutcomeFigures:
    """The figures of an outcome, its intervals drawn by a seed; equal seeds compare best."""
    returns = desk_returns(outcome)
    doubts: list[str] = []
    if not returns.size:
        doubts.append("No week was marked in this span, so nothing can be said of it.")
    elif not outcome.totals.fills:
        doubts.append(
            "Nothing was traded in this span, so these are the figures of idle cash: look whether "
            "the capital pays for a lot, the symbols have prices before it, and rules allow them."
        )
    doubts += [*outcome.gaps, *short_record(returns.size)]
    return OutcomeFigures(
        weeks=returns.size,
        gain=float(np.cumprod(1.0 + returns)[-1] - 1.0) if returns.size else 0.0,
        growth=_interval(returns, growth_of, [seed, _GROWTH_STREAM], doubts),
        mean=float(returns.mean()) if returns.size else 0.0,
        mean_interval=_interval(returns, mean_of, [seed, _MEAN_STREAM], doubts),
        sharpe=_sharpe(returns, doubts),
        drawdown=drawdown_of(returns),
        worst_week=float(returns.min()) if returns.size else 0.0,
        weeks_up=int((returns > 0.0).sum()),
        sleeves=tuple(_sleeve(outcome, place, seed, doubts) for place in range(len(SLEEVES))),
        doubts=tuple(dict.fromkeys(doubts)),
    )


def short_record(weeks: int) -> list[str]:
    """What a short span leaves out, which no resampling of its own weeks can show."""
    if not WEEKS_MIN <= weeks < WEEKS_TRUSTED:
        return []
    said = (
        f"{weeks} weeks are a short record: what is short of options gains often and loses "
        "seldom but much, so a span without such a week flatters every ratio and interval here."
    )
    return [said]


def _sleeve(outcome: TrialOutcome, place: int, seed: int, doubts: list[str]) -> SleeveFigures:
    returns = sleeve_returns(outcome)[:, place]
    target = outcome.weeks[0].sleeves[place].target if outcome.weeks else 0.0
    return SleeveFigures(
        SLEEVES[place],
        float(returns.mean()) if returns.size else 0.0,
        target,
        int((returns >= target).sum()) if returns.size else 0,
        _interval(returns, mean_of, [seed, _SLEEVE_STREAM, place], doubts),
    )


def _interval(
    returns: Floats,
    statistic: Statistic,
    stream: list[int],
    doubts: list[str],
) -> Interval | None:
    try:
        return bootstrap_interval(returns, statistic, np.random.default_rng(stream))
    except TrialImpossible as doubt:
        doubts.append(str(doubt))
        return None


def _sharpe(returns: Floats, doubts: list[str]) -> float | None:
    if returns.size < WEEKS_MIN:
        return None
    try:
        return shape_of(returns).sharpe * math.sqrt(WEEKS_OF_A_YEAR)
    except TrialImpossible as doubt:
        doubts.append(str(doubt))
        return None


def drawdown_of(returns: Floats) -> float:
    """The deepest fall from one week's end to a later one's, as a fraction."""
    index = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    return float((1.0 - index / np.maximum.accumulate(index)).max())
