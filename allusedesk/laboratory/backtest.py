"""One plan run at one or all kinds of fill, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from allusedesk.laboratory.figures import OutcomeFigures, figures_of
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.shelf import EmptyShelf, TrialShelf, TryPlan, spread_trials
from allusedesk.laboratory.trial import TrialOutcome, TrialPlan, TrialRefused
from allusedesk.laboratory.wording import with_minus
from allusedesk.laboratory.workers import Told, Workers

_EMPTY = EmptyShelf()


@dataclass(frozen=True, slots=True)
class BacktestRun:
    """The outcomes of one plan, one for each kind of fill, with their figures."""

    outcomes: tuple[TrialOutcome, ...]
    figures: tuple[OutcomeFigures, ...]

    @property
    def usual(self) -> TrialOutcome:
        """The outcome at default fills, or the first where these were not tried."""
        return next((one for one in self.outcomes if one.plan.fills == "default"), self.outcomes[0])

    @property
    def title(self) -> str:
        """What was tried, in a line."""
        first = self.outcomes[0]
        plan = replace(first.plan, strategies=first.strategies or first.plan.strategies)
        return f"{title_of(plan)}, fills {', '.join(one.plan.fills for one in self.outcomes)}"

    @property
    def headline(self) -> str:
        """What came of it, in a line."""
        parts = [
            with_minus(f"{outcome.plan.fills} {figures.gain:+.2%}")
            for outcome, figures in zip(self.outcomes, self.figures, strict=True)
        ]
        return f"{self.figures[0].weeks} weeks: {', '.join(parts)}"


def title_of(plan: TrialPlan) -> str:
    """A plan in a line: rules, span and what differs from the rules as written."""
    strategies = f" with {', '.join(plan.strategies)}" if plan.strategies else ""
    changed = "".join(f", {rule}={value}" for rule, value in plan.overrides)
    return f"{plan.rulebook}{strategies}{changed}, {plan.first} to {plan.last}"


def run_backtest(
    try_plan: TryPlan,
    plan: TrialPlan,
    fills: Sequence[str],
    workers: Workers,
    *,
    told: Told | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
    shelf: TrialShelf = _EMPTY,
) -> BacktestRun:
    """Run a plan at each kind of fill; the same seed draws all, so that only the fills differ.

    `try_plan` is a function of a module; what stands on the shelf is not run again. Raises
    TrialImpossible where the plan is refused, and what `spread` raises.
    """
    plans = [replace(plan, fills=each) for each in fills]
    outcomes = []
    tried = spread_trials(try_plan, plans, workers, shelf, told=told, is_stopped=is_stopped)
    for found in tried:
        if isinstance(found, TrialRefused):
            raise TrialImpossible(found.reason)
        outcomes.append(found)
    return BacktestRun(
        tuple(outcomes), tuple(figures_of(outcome, plan.seed) for outcome in outcomes)
    )
