"""Kept runs as a screen shows them: curves, intervals and rows, computed away from the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from allusedesk.journal.results import ResultsFile
from allusedesk.laboratory.backtest import BacktestRun
from allusedesk.laboratory.bootstrap import WEEKS_MIN, Interval, block_indices, usual_block
from allusedesk.laboratory.comparison import compared, differences
from allusedesk.laboratory.figures import OutcomeFigures, desk_returns
from allusedesk.laboratory.search import Candidate, FoldResult, SearchRun
from allusedesk.laboratory.trial import TrialOutcome
from allusedesk.laboratory.wording import (
    CASH_WORDS,
    modelled_words,
    outcome_rows,
    percent,
    ranged,
    ratio,
    settings_words,
    sureness,
)
from allusedesk.wiring.laboratory.runs import run_of

Floats = npt.NDArray[np.float64]

_PATHS = 1_000
_FAN = (0.025, 0.975)
_FAN_STREAM = 6
_TRIED_MAX = 40


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Growth by the end of each week, a fraction, beginning at 0 before the first.

    `low` and `high` hold 95 of 100 block-bootstrapped paths at each week; None where too few.
    """

    name: str
    days: tuple[date, ...]
    growth: Floats
    low: Floats | None
    high: Floats | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A mean week with its interval, and the target it is held against (None: there is none)."""

    name: str
    value: float
    low: float | None
    high: float | None
    target: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of figures: its name and a text for each column."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """One run, or several side by side. `columns` name the cells of `rows`."""

    title: str
    curves: tuple[Curve, ...]
    bars: tuple[Bar, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]


def view_of(file: ResultsFile, numbers: Sequence[int]) -> RunView:
    """The runs of these numbers as one view; a search is shown alone.

    Raises ResultsUnusable and TextUnreadable.
    """
    runs = [(number, run_of(file.read(number))) for number in numbers]
    search = next(((number, run) for number, run in runs if isinstance(run, SearchRun)), None)
    if search is not None:
        return _search_view(*search, is_alone=len(runs) == 1)
    return _backtest_view([(n, run) for n, run in runs if isinstance(run, BacktestRun)])


def _backtest_view(runs: list[tuple[int, BacktestRun]]) -> RunView:
    told = [
        (outcome.plan.fills if len(runs) == 1 else f"{number} {outcome.plan.fills}", outcome, found)
        for number, run in runs
        for outcome, found in zip(run.outcomes, run.figures, strict=True)
    ]
    tables = [outcome_rows(outcome, found) for _, outcome, found in told]
    remarks = [doubt for _, _, found in told for doubt in found.doubts]
    title = runs[0][1].title
    if len(runs) > 1:
        title = " against ".join(f"run {number}" for number, _ in runs)
        backtests = [run for _, run in runs]
        differ = [f"{name}: {' | '.join(cells)}" for name, cells in differences(backtests)]
        remarks = [*differ, *(one.sentence for one in compared(backtests)), *remarks]
    remarks += [modelled_words(told[0][1]), CASH_WORDS]
    usual = [run.usual for _, run in runs]
    chosen = [one for one in told if any(one[1] is outcome for outcome in usual)]
    others = [one for one in told if one not in chosen] if len(runs) == 1 else []
    return RunView(
        title=title,
        curves=tuple(
            _curve_of(name, desk_returns(outcome), _days(outcome), outcome.plan.seed)
            for name, outcome, _ in (*chosen, *others)
        ),
        bars=tuple(bar for name, _, found in chosen for bar in _bars(name, found, len(told))),
        columns=tuple(name for name, _, _ in told),
        rows=tuple(
            Row(rows[0][0], tuple(text for _, text in rows)) for rows in zip(*tables, strict=True)
        ),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _search_view(number: int, run: SearchRun, *, is_alone: bool) -> RunView:
    best = run.candidates[run.best]
    seed = run.plan.seed
    curves = [_curve_of("best by all weeks", np.array(best.returns), run.weeks, seed)]
    if run.returns_walked:
        days = run.weeks[-len(run.returns_walked) :]
        curves.append(_curve_of("out of sample", np.array(run.returns_walked), days, seed))
    rows = [
        Row("combinations tried", (f"{len(run.candidates)}",)),
        Row("best by all weeks", (settings_words(best.settings),)),
        Row("its Sharpe ratio by the week", (ratio(best.sharpe),)),
    ]
    if run.deflated is not None:
        rows += [
            Row("best to be expected by luck", (ratio(run.deflated.threshold),)),
            Row("probability that it is no luck", (sureness(run.deflated.probability),)),
        ]
    if run.mean_walked is not None:
        walked = run.mean_walked
        rows.insert(0, Row("out of sample, mean week", (ranged(walked.value, walked),)))
    rows += [
        Row(
            f"test from {fold.starts_on}",
            (_fold_words(fold, run.candidates[fold.chosen]),),
        )
        for fold in run.walk
    ]
    rows += [_tried(one) for one in _best_first(run.candidates)[:_TRIED_MAX]]
    remarks = (
        () if is_alone else (f"Run {number} is a search and is shown alone: compare backtests.",)
    )
    return RunView(
        run.title,
        tuple(curves),
        _walked_bars(run),
        ("found",),
        tuple(rows),
        (*remarks, *run.doubts),
    )


def _fold_words(fold: FoldResult, chosen: Candidate) -> str:
    said = settings_words(chosen.settings)
    return f"{percent(fold.mean_tested)} a week, rank {fold.rank}: {said}"


def _walked_bars(run: SearchRun) -> tuple[Bar, ...]:
    returns = run.candidates[run.best].returns
    bars = [Bar("best", float(np.mean(returns)) if returns else 0.0, None, None, None)]
    if run.mean_walked is not None:
        bars.append(_bar("out of sample", run.mean_walked.value, run.mean_walked, None))
    return tuple(bars)


def _best_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda one: (bool(one.reason), -one.sharpe))


def _tried(one: Candidate) -> Row:
    found = one.reason or f"{percent(one.gain)}, Sharpe ratio {ratio(one.sharpe)} by the week"
    return Row(settings_words(one.settings), (found,))


def _days(outcome: TrialOutcome) -> tuple[date, ...]:
    return tuple(week.starts_on for week in outcome.weeks)


def _curve_of(name: str, returns: Floats, days: tuple[date, ...], seed: int) -> Curve:
    growth = np.concatenate(([0.0], np.cumprod(1.0 + returns) - 1.0))
    low: Floats | None = None
    high: Floats | None = None
    if returns.size >= WEEKS_MIN:
        rng = np.random.default_rng([seed, _FAN_STREAM])
        places = block_indices(returns.size, _PATHS, usual_block(returns.size), rng)
        paths = np.cumprod(1.0 + returns[places], axis=1) - 1.0
        found = np.quantile(paths, _FAN, axis=0)
        low, high = (np.concatenate(([0.0], one)) for one in found)
    return Curve(name, days, growth, low, high)


def _bars(name: str, found: OutcomeFigures, columns: int) -> list[Bar]:
    behind = f" {name}" if columns > 1 else ""
    return [
        _bar(f"Desk{behind}", found.mean, found.mean_interval, None),
        *(
            _bar(f"{one.kind.label}{behind}", one.mean, one.interval, one.target)
            for one in found.sleeves
        ),
    ]


def _bar(name: str, value: float, interval: Interval | None, target: float | None) -> Bar:
    if interval is None:
        return Bar(name, value, None, None, target)
    return Bar(name, value, interval.low, interval.high, target)
