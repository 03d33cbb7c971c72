"""Two runs side by side: what differs in their plans, and whether their weeks really do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from allusedesk.domain.inputs import SymbolList
from allusedesk.laboratory.backtest import BacktestRun
from allusedesk.laboratory.bootstrap import Interval, bootstrap_interval, mean_of
from allusedesk.laboratory.figures import desk_returns
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.trial import TrialOutcome
from allusedesk.laboratory.wording import ranged

_STREAM = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the second run's mean week was better at one kind of fill; None: unknown."""

    fills: str
    weeks: int
    interval: Interval | None
    sentence: str


def differences(runs: Sequence[BacktestRun]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The parts of the plans that are not the same, with what each run has; fills left aside."""
    plans = [run.outcomes[0].plan for run in runs]
    found = []
    for field in fields(plans[0]):
        told = tuple(_in_words(getattr(plan, field.name)) for plan in plans)
        if len(set(told)) > 1 and field.name != "fills":
            found.append((field.name.replace("_", " "), told))
    return tuple(found)


def _in_words(value: object) -> str:
    match value:
        case SymbolList():
            return f"{value.kind.value}={','.join(value.symbols)}"
        case Path():
            return str(value)
        case tuple():
            return "; ".join(_in_words(one) for one in value) or "none"
    return str(value)


def compared(runs: Sequence[BacktestRun]) -> tuple[Difference, ...]:
    """The last run's weeks less the first one's, at each kind of fill that both have.

    Weeks are paired by their name, so that what moved both markets falls out of the difference.
    """
    first, last = runs[0], runs[-1]
    others = {outcome.plan.fills: outcome for outcome in last.outcomes}
    return tuple(
        _difference(outcome, others[outcome.plan.fills])
        for outcome in first.outcomes
        if outcome.plan.fills in others
    )


def _difference(one: TrialOutcome, other: TrialOutcome) -> Difference:
    ours, theirs = (
        dict(zip((week.week for week in each.weeks), desk_returns(each).tolist(), strict=True))
        for each in (one, other)
    )
    shared = [week for week in ours if week in theirs]
    fills = one.plan.fills
    gaps = np.array([theirs[week] - ours[week] for week in shared], dtype=np.float64)
    try:
        interval = bootstrap_interval(
            gaps, mean_of, np.random.default_rng([one.plan.seed, _STREAM])
        )
    except TrialImpossible as doubt:
        return Difference(fills, len(shared), None, f"At {fills} fills: {doubt}")
    is_told = interval.low > 0.0 or interval.high < 0.0
    said = (
        f"At {fills} fills the last run's mean week differs by "
        f"{ranged(interval.value, interval)} over {len(shared)} shared weeks: "
        f"{'more than chance would do' if is_told else 'chance alone could do as much'}."
    )
    return Difference(fills, len(shared), interval, said)
