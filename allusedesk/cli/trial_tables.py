"""Runs of the laboratory as tables for a person."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from allusedesk.cli.printing import print_pairs, print_table
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

if TYPE_CHECKING:
    from allusedesk.laboratory.backtest import BacktestRun
    from allusedesk.laboratory.figures import OutcomeFigures
    from allusedesk.laboratory.search import FoldResult, SearchRun
    from allusedesk.laboratory.trial import TrialOutcome

_SHOWN_MAX = 12


def print_outcomes(
    titles: Sequence[str],
    outcomes: Sequence[TrialOutcome],
    figures: Sequence[OutcomeFigures],
) -> None:
    """Outcomes side by side, a column each; then what doubts there are."""
    columns = [outcome_rows(*pair) for pair in zip(outcomes, figures, strict=True)]
    rows = [(row[0][0], *(text for _, text in row)) for row in zip(*columns, strict=True)]
    print_table(("", *titles), rows)
    for doubt in dict.fromkeys(doubt for one in figures for doubt in one.doubts):
        print(f"\n{doubt}")


def print_backtest(run: BacktestRun) -> None:
    """A backtest whole: the data used, the outcomes, which prices are modelled."""
    print(f"BACKTEST of {run.title}\n\nData used")
    for note in run.outcomes[0].notes:
        print(f"  {note}")
    print()
    print_outcomes([one.plan.fills for one in run.outcomes], run.outcomes, run.figures)
    print(f"\n{modelled_words(run.outcomes[0])}")
    print(CASH_WORDS)
    print(
        "Fills at mid give up nothing of the spread, at default a drawn part of half of it, at "
        "full all of it.\nIntervals are block bootstraps; the tax is an estimate, ask your adviser."
    )


def print_search(run: SearchRun) -> None:
    """A search whole: the honest figure first, then the choice, then what was tried."""
    print(f"SEARCH: {run.title}\n")
    walked = run.mean_walked
    print_pairs(
        [
            ("weeks", len(run.weeks)),
            ("tried", len(run.candidates)),
            ("refused", sum(bool(one.reason) for one in run.candidates)),
            ("out of sample, mean week", ranged(walked.value, walked) if walked else "unknown"),
            ("best by all weeks, mean week", percent(_mean(run.candidates[run.best].returns))),
            ("its Sharpe ratio by the week", ratio(run.candidates[run.best].sharpe)),
            *_deflated(run),
        ]
    )
    print("\nThe walk forward: each test by the combination chosen before it")
    _print_folds(run, run.walk)
    print("\nPurged folds")
    _print_folds(run, run.crossed)
    print("\nTried, best first")
    order = sorted((one for one in run.candidates if not one.reason), key=lambda one: -one.sharpe)
    print_table(
        ("settings", "gain", "Sharpe by the week"),
        [
            (settings_words(one.settings), percent(one.gain), ratio(one.sharpe))
            for one in order[:_SHOWN_MAX]
        ],
    )
    for reason in dict.fromkeys(one.reason for one in run.candidates if one.reason):
        print(f"\nRefused: {reason}")
    for doubt in run.doubts:
        print(f"\n{doubt}")


def _deflated(run: SearchRun) -> list[tuple[str, object]]:
    found = run.deflated
    if found is None:
        return [("deflated Sharpe ratio", "unknown")]
    return [
        ("best to be expected by luck", ratio(found.threshold)),
        ("deflated Sharpe ratio", f"{sureness(found.probability)} sure that the best is no luck"),
    ]


def _print_folds(run: SearchRun, folds: Sequence[FoldResult]) -> None:
    if not folds:
        print("  none: see below")
        return
    rows = [
        (
            f"{fold.starts_on} to {fold.ends_with}",
            settings_words(run.candidates[fold.chosen].settings),
            ratio(fold.sharpe_trained),
            percent(fold.mean_tested),
            fold.rank,
        )
        for fold in folds
    ]
    print_table(("test weeks", "chosen", "Sharpe before", "mean week in it", "rank in it"), rows)


def _mean(returns: Sequence[float]) -> float:
    return math.fsum(returns) / len(returns) if returns else 0.0
