"""Runs of the laboratory, begun and kept for whoever asks: the command line or a panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from allusedesk.engine.clock import WallClock
from allusedesk.journal.results import RESULTS_NAME, ResultsFile, RunKept
from allusedesk.laboratory.backtest import BacktestRun, run_backtest
from allusedesk.laboratory.outcome_text import TextUnreadable, text_of, value_of
from allusedesk.laboratory.search import SearchRun, run_search
from allusedesk.laboratory.search_plan import SearchPlan
from allusedesk.laboratory.shelf import EmptyShelf, TrialShelf
from allusedesk.laboratory.trial import FILLS, TrialPlan
from allusedesk.laboratory.workers import Cluster, Processes, Serial, Workers
from allusedesk.settings import desk_home
from allusedesk.wiring.laboratory.trial_days import Moved, Passed, TrialWatch, trials_watched
from allusedesk.wiring.laboratory.trial_shelf import ShelfOfResults
from allusedesk.wiring.requests import RequestRefused
from allusedesk.wiring.strategies import strategy_of

ALL_FILLS = "all"
_DAYS_A_WEEK = 7

_EMPTY = EmptyShelf()
_Run = TypeVar("_Run", BacktestRun, SearchRun)

_KINDS: dict[str, type[BacktestRun | SearchRun]] = {"backtest": BacktestRun, "search": SearchRun}


def _tell_nobody(_passed: Passed) -> None:
    return


def results_in(folder: Path | None) -> ResultsFile:
    """The file of results in a folder, the person's own where none is named."""
    return ResultsFile((folder if folder is not None else desk_home()) / RESULTS_NAME)


def workers_of(count: int, cluster: str = "") -> Workers:
    """A cluster where one is named, else so many processes, one being this process itself."""
    if cluster:
        return Cluster(cluster)
    return Processes(count) if count > 1 else Serial()


def fills_of(name: str) -> tuple[str, ...]:
    """The kinds of fill a name stands for: itself, or `all` for every one.

    Raises RequestRefused for a kind there is not.
    """
    if name == ALL_FILLS:
        return FILLS
    if name not in FILLS:
        raise RequestRefused(
            f"There is no kind of fill {name!r}; there are: {', '.join(FILLS)} and {ALL_FILLS}."
        )
    return (name,)


def backtest(
    plan: TrialPlan,
    fills: str,
    workers: Workers,
    moved: Moved = _tell_nobody,
    is_stopped: Callable[[], bool] = lambda: False,
    shelf: TrialShelf = _EMPTY,
) -> BacktestRun:
    """Run a plan at the kinds of fill named; raises as `run_backtest` does, and RequestRefused.

    `moved` hears several times a second how far it is; what stands on the shelf is not run again.
    """
    names = fills_of(fills)
    with trials_watched(len(names), moved) as watch:
        asked = looking(watch, is_stopped)
        trial = watch.try_here if isinstance(workers, Serial) else watch.trial
        return run_backtest(
            trial, plan, names, workers, told=watch.take, is_stopped=asked, shelf=shelf
        )


def search(
    plan: SearchPlan,
    workers: Workers,
    moved: Moved = _tell_nobody,
    is_stopped: Callable[[], bool] = lambda: False,
    shelf: TrialShelf = _EMPTY,
) -> SearchRun:
    """Search as planned; raises as `run_search` does.

    `moved` hears how far it is; what stands on the shelf is not run again.
    """
    with trials_watched(max(plan.tries_wanted, 1), moved) as watch:
        asked = looking(watch, is_stopped)
        trial = watch.try_here if isinstance(workers, Serial) else watch.trial
        run = run_search(trial, plan, workers, told=watch.take, is_stopped=asked, shelf=shelf)
    return replace(run, doubts=(*run.doubts, *purged_too_little(plan)))


def purged_too_little(plan: SearchPlan) -> tuple[str, ...]:
    """Strategies whose options may live on both sides of the weeks left out beside a test."""
    found = []
    for wanted in plan.trial.strategies:
        definition = strategy_of(wanted.partition("=")[0]).definition
        lives = [
            int(leg.days.high) - (part.exit.days_left or 0)
            for part in definition.parts
            for leg in part.legs
            if leg.days is not None
        ]
        weeks = -(-max(lives, default=0) // _DAYS_A_WEEK)
        if weeks > plan.purge:
            found.append(
                f"What {definition.id} opens may be held for {weeks} weeks, and {plan.purge} "
                "beside each test are left out: the purged folds know a little of their tests, "
                f"unless the purge is {weeks}."
            )
    return tuple(found)


def looking(watch: TrialWatch, is_stopped: Callable[[], bool]) -> Callable[[], bool]:
    """The question whether to stop, which is asked often, with a look at how far it is."""

    def asked() -> bool:
        watch.look()
        return is_stopped()

    return asked


def run_and_keep(file: ResultsFile, run_with: Callable[[TrialShelf], _Run]) -> tuple[int, _Run]:
    """Run, keep what came of it, and return its number with it.

    Trials are kept one by one as they end, until the whole is: the same run, stopped or broken
    off, goes on from them. Raises what `run_with` raises, and ResultsUnusable before it begins.
    """
    file.check()
    shelf = ShelfOfResults(file)
    run = run_with(shelf)
    number = keep_run(file, run)
    shelf.clear()
    return number, run


def keep_run(file: ResultsFile, run: BacktestRun | SearchRun) -> int:
    """Keep a run and return its number; raises ResultsUnusable."""
    kind = "backtest" if isinstance(run, BacktestRun) else "search"
    return file.keep(kind, WallClock().now(), run.title, run.headline, text_of(run))


def run_of(kept: RunKept) -> BacktestRun | SearchRun:
    """A kept run as it was; raises TextUnreadable for a kind or a text there is not."""
    kind = _KINDS.get(kept.line.kind)
    if kind is None:
        raise TextUnreadable(f"There is no kind of run {kept.line.kind!r}.")
    return value_of(kind, kept.body)
