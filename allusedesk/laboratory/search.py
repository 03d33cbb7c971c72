"""Searches over rules, and what of their best result survives weeks it was not chosen by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from allusedesk.laboratory.backtest import title_of
from allusedesk.laboratory.bootstrap import (
    Interval,
    bootstrap_interval,
    checked_weeks,
    mean_of,
    sharpe_of,
)
from allusedesk.laboratory.deflated_sharpe import DeflatedSharpe, deflated_sharpe, shape_of
from allusedesk.laboratory.figures import WEEKS_TRUSTED, desk_returns, short_record
from allusedesk.laboratory.folds import Fold, purged_folds, walk_forward
from allusedesk.laboratory.refusals import TrialImpossible
from allusedesk.laboratory.search_model import promising
from allusedesk.laboratory.search_plan import (
    SearchPlan,
    coordinates,
    refuse_search,
    settings_at,
    trial_at,
)
from allusedesk.laboratory.shelf import EmptyShelf, TrialShelf, TryPlan, spread_trials
from allusedesk.laboratory.trial import Setting, TrialOutcome, TrialRefused
from allusedesk.laboratory.wording import with_minus
from allusedesk.laboratory.workers import Told, Workers

Floats = npt.NDArray[np.float64]

# So many are tried at once, whoever works: the order of a search must not hang on its workers.
_BATCH = 4
_OPEN_MAX = 1_024
_TRAINED_MIN = 4
_INTERVAL_STREAM = 1
_EMPTY = EmptyShelf()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One combination; `reason` says why it could not be tried, else it is empty.

    `returns` are the desk's weekly ones, `sharpe` is by the week and 0 where nothing varied.
    """

    point: int
    settings: tuple[tuple[str, Setting], ...]
    reason: str
    returns: tuple[float, ...]
    gain: float
    sharpe: float
    chain_head: str


@dataclass(frozen=True, slots=True)
class FoldResult:
    """The candidate that the training weeks would have chosen, and its weeks of the test.

    `rank` is 1 where it was the best of all candidates in the test.
    """

    starts_on: date
    ends_with: date
    chosen: int
    sharpe_trained: float
    mean_tested: float
    rank: int


@dataclass(frozen=True, slots=True)
class SearchRun:
    """A search done: candidates in the order they were tried, `best` by all weeks together.

    `walk` and `returns_walked` are the honest figure: each test's weeks by the candidate chosen
    before them. `crossed` is the same by purged folds. What cannot be told is None and told in
    `doubts`.
    """

    plan: SearchPlan
    weeks: tuple[date, ...]
    candidates: tuple[Candidate, ...]
    best: int
    deflated: DeflatedSharpe | None
    walk: tuple[FoldResult, ...]
    returns_walked: tuple[float, ...]
    mean_walked: Interval | None
    crossed: tuple[FoldResult, ...]
    doubts: tuple[str, ...]

    @property
    def title(self) -> str:
        """What was searched, in a line."""
        rules = ", ".join(axis.rule for axis in self.plan.axes)
        return f"{self.plan.manner} search over {rules}: {title_of(self.plan.trial)}"

    @property
    def headline(self) -> str:
        """What came of it, in a line; the weeks not chosen by come first."""
        best = self.candidates[self.best]
        said = ", ".join(f"{rule}={value}" for rule, value in best.settings)
        mean = with_minus(f"{np.mean(self.returns_walked):+.3%}") if self.returns_walked else ""
        walked = f"{mean} a week" if mean else "unknown"
        gain = with_minus(f"{best.gain:+.2%}")
        return f"out of sample {walked}; best of {len(self.candidates)} {gain} ({said})"


def run_search(
    try_plan: TryPlan,
    plan: SearchPlan,
    workers: Workers,
    *,
    told: Told | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
    shelf: TrialShelf = _EMPTY,
) -> SearchRun:
    """Try combinations and judge the choice among them; the same bytes whoever works.

    Each combination runs once over the whole span, and the folds divide its weeks: a test's weeks
    begin with what the weeks before them left. A search by model chooses what to try by the weeks
    before the first test alone. What stands on the shelf is not run again. Raises
    TrialImpossible where nothing could be tried, and what `spread` raises.
    """
    refuse_search(plan)
    tell = told if told is not None else _tell_nobody
    seen: list[tuple[Candidate, tuple[date, ...]]] = []
    gaps: dict[str, None] = {}
    idle = 0
    while True:
        points = _next_points(plan, seen)
        if not points:
            break
        before, whole = len(seen), plan.tries_wanted

        def told_so_far(done: int, _: int, before: int = before, whole: int = whole) -> None:
            tell(before + done, whole)

        found = spread_trials(
            try_plan,
            [trial_at(plan, point) for point in points],
            workers,
            shelf,
            told=told_so_far,
            is_stopped=is_stopped,
        )
        seen += [_candidate(plan, *each) for each in zip(points, found, strict=True)]
        ended = [one for one in found if isinstance(one, TrialOutcome)]
        gaps |= dict.fromkeys(gap for one in ended for gap in one.gaps)
        idle += sum(not one.totals.fills for one in ended)
    if idle:
        gaps[
            f"{idle} of {len(seen)} combinations traded nothing: theirs are the figures of idle "
            "cash, which never loses and is no proof of the rules."
        ] = None
    return _judged(plan, seen, tuple(gaps))


def _tell_nobody(_done: int, _whole: int) -> None:
    return


def _next_points(
    plan: SearchPlan, seen: list[tuple[Candidate, tuple[date, ...]]]
) -> tuple[int, ...]:
    """The combinations to try now; none when the search is over."""
    wanted = plan.tries_wanted
    if len(seen) >= wanted:
        return ()
    if plan.manner == "grid":
        return tuple(range(wanted))
    order = np.random.default_rng(plan.seed).permutation(plan.points)
    if plan.manner == "random":
        return tuple(int(point) for point in order[:wanted])
    scored = [one for one, _ in seen if not one.reason]
    if len(scored) < min(wanted, 2 * len(plan.axes) + 2):
        return tuple(int(point) for point in order[len(seen) : min(wanted, len(seen) + _BATCH)])
    known = {one.point for one, _ in seen}
    open_points = [int(point) for point in order if int(point) not in known][:_OPEN_MAX]
    weeks = len(scored[0].returns)
    trained = np.array(_first_training(plan, weeks))
    scores = sharpe_of(np.array([one.returns for one in scored])[:, trained])
    rows = promising(
        coordinates(plan, [one.point for one in scored]),
        scores,
        coordinates(plan, open_points),
        min(_BATCH, wanted - len(seen)),
        plan.seed,
    )
    return tuple(open_points[row] for row in rows)


def _first_training(plan: SearchPlan, weeks: int) -> tuple[int, ...]:
    trained = walk_forward(weeks, plan.folds, purge=plan.purge)[0].train
    if len(trained) < _TRAINED_MIN:
        raise TrialImpossible(
            f"Only {len(trained)} weeks lie before the first test, too few to lead a search by: "
            "choose a longer span, fewer folds, or search at random."
        )
    return trained


def _candidate(
    plan: SearchPlan, point: int, found: TrialOutcome | TrialRefused
) -> tuple[Candidate, tuple[date, ...]]:
    settings = settings_at(plan, point)
    if isinstance(found, TrialRefused):
        return Candidate(point, settings, found.reason, (), 0.0, 0.0, ""), ()
    returns = desk_returns(found)
    sharpe = float(sharpe_of(returns[np.newaxis, :])[0]) if returns.size > 1 else 0.0
    gain = float(np.prod(1.0 + returns) - 1.0)
    candidate = Candidate(
        point, settings, "", tuple(returns.tolist()), gain, sharpe, found.chain_head
    )
    return candidate, tuple(week.starts_on for week in found.weeks)


def _judged(
    plan: SearchPlan, seen: list[tuple[Candidate, tuple[date, ...]]], gaps: tuple[str, ...]
) -> SearchRun:
    candidates = tuple(one for one, _ in seen)
    places = [place for place, one in enumerate(candidates) if not one.reason]
    if not places:
        raise TrialImpossible(f"Nothing could be tried. {candidates[0].reason}")
    weeks = seen[places[0]][1]
    returns = np.array([candidates[place].returns for place in places], dtype=np.float64)
    sharpes = np.array([candidates[place].sharpe for place in places])
    best = int(np.argmax(sharpes))
    doubts = [*gaps, *short_record(len(weeks))]
    walk = _folds_judged(places, returns, weeks, doubts, plan, is_walk=True)
    walked = tuple(float(r) for fold, row in walk for r in returns[row, list(fold.test)])
    mean: Interval | None = None
    deflated: DeflatedSharpe | None = None
    # What keeps one of the two from being told says nothing about the other.
    try:
        deflated = _deflated(returns[best], sharpes)
    except TrialImpossible as doubt:
        doubts.append(str(doubt))
    if walked:
        try:
            stream = np.random.default_rng([plan.seed, _INTERVAL_STREAM])
            mean = bootstrap_interval(np.array(walked), mean_of, stream)
        except TrialImpossible as doubt:
            doubts.append(str(doubt))
    crossed = _folds_judged(places, returns, weeks, doubts, plan, is_walk=False)
    return SearchRun(
        plan=plan,
        weeks=weeks,
        candidates=candidates,
        best=places[best],
        deflated=deflated,
        walk=tuple(_result(fold, row, places, returns, weeks) for fold, row in walk),
        returns_walked=walked,
        mean_walked=mean,
        crossed=tuple(_result(fold, row, places, returns, weeks) for fold, row in crossed),
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _deflated(returns: Floats, sharpes: Floats) -> DeflatedSharpe:
    """The best held against luck; raises TrialImpossible for a record too short to tell it from.

    What is chosen of many short records of seldom losses is one without its loss, and its own
    skewness, which the ratio's error rests on, knows nothing of it.
    """
    shape = shape_of(checked_weeks(returns))
    if shape.periods < WEEKS_TRUSTED:
        raise TrialImpossible(
            f"How likely the best is no luck cannot be told from {shape.periods} weeks: choose a "
            f"span of at least {WEEKS_TRUSTED}."
        )
    return deflated_sharpe(shape, sharpes)


def _folds_judged(
    places: list[int],
    returns: Floats,
    weeks: tuple[date, ...],
    doubts: list[str],
    plan: SearchPlan,
    *,
    is_walk: bool,
) -> list[tuple[Fold, int]]:
    """Each fold with the row that its training weeks choose; none where the span is too short."""
    try:
        folds = (
            walk_forward(len(weeks), plan.folds, purge=plan.purge)
            if is_walk
            else purged_folds(len(weeks), plan.folds, purge=plan.purge, embargo=plan.embargo)
        )
    except TrialImpossible as doubt:
        doubts.append(str(doubt))
        return []
    if len(places) == 1:
        doubts.append("Only one combination could be tried, so there was nothing to choose.")
    return [(fold, _chosen_by(returns, fold)) for fold in folds]


def _chosen_by(returns: Floats, fold: Fold) -> int:
    trained = returns[:, list(fold.train)]
    if trained.shape[1] < 2:  # noqa: PLR2004 - one week has no spread
        return int(np.argmax(trained.mean(axis=1)))
    return int(np.argmax(sharpe_of(trained)))


def _result(
    fold: Fold, row: int, places: list[int], returns: Floats, weeks: tuple[date, ...]
) -> FoldResult:
    trained = returns[row : row + 1, list(fold.train)]
    tested = returns[:, list(fold.test)].mean(axis=1)
    return FoldResult(
        starts_on=weeks[fold.test[0]],
        ends_with=weeks[fold.test[-1]],
        chosen=places[row],
        sharpe_trained=float(sharpe_of(trained)[0]) if trained.shape[1] > 1 else 0.0,
        mean_tested=float(tested[row]),
        rank=1 + int((tested > tested[row]).sum()),
    )
