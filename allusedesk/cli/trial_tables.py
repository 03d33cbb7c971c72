"""Runs of the laboratory as tables for a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from allusedesk.cli.printing import print_pairs, print_table

if TYPE_CHECKING:
    from allusedesk.laboratory.backtest import BacktestRun
    from allusedesk.laboratory.bootstrap import Interval
    from allusedesk.laboratory.figures import OutcomeFigures
    from allusedesk.laboratory.search import FoldResult, SearchRun
    from allusedesk.laboratory.trial import TrialOutcome

_SHOWN_MAX = 12
_Row = tuple[str, Callable[["TrialOutcome", "OutcomeFigures"], str]]


def print_outcomes(
    titles: Sequence[str],
    outcomes: Sequence[TrialOutcome],
    figures: Sequence[OutcomeFigures],
) -> None:
    """Outcomes side by side, a column each; then what doubts there are."""
    rows = [
        (name, *(told(*pair) for pair in zip(outcomes, figures, strict=True)))
        for name, told in (*_RESULTS, *_sleeve_rows(figures[0]), *_COSTS)
    ]
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
    print(
        "Fills at mid give up nothing of the spread, at default a drawn part of half of it, at "
        "full all of it.\nIntervals are block bootstraps; the tax is an estimate, ask your adviser."
    )


def modelled_words(outcome: TrialOutcome) -> str:
    """Which prices of an outcome were modelled, in a sentence."""
    share = outcome.totals.quotes_modelled
    weeks = sum(week.is_modelled for week in outcome.weeks)
    if not share:
        return "Every quote was recorded."
    if share == 1.0:
        return "No option price was recorded: every quote is modelled from the shares' own prices."
    return (
        f"{share:.1%} of all quotes were modelled, in {weeks} of {len(outcome.weeks)} weeks; "
        "the others were recorded."
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
            ("out of sample, mean week", _ranged(walked.value, walked) if walked else "unknown"),
            ("best by all weeks, mean week", _percent(_mean(run.candidates[run.best].returns))),
            ("its Sharpe ratio by the week", f"{run.candidates[run.best].sharpe:.3f}"),
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
            (settings_words(one.settings), _percent(one.gain), f"{one.sharpe:.3f}")
            for one in order[:_SHOWN_MAX]
        ],
    )
    for reason in dict.fromkeys(one.reason for one in run.candidates if one.reason):
        print(f"\nRefused: {reason}")
    for doubt in run.doubts:
        print(f"\n{doubt}")


def settings_words(settings: Sequence[tuple[str, object]]) -> str:
    """Settings in a line."""
    return ", ".join(f"{rule}={value}" for rule, value in settings) or "as written"


def _deflated(run: SearchRun) -> list[tuple[str, object]]:
    found = run.deflated
    if found is None:
        return [("deflated Sharpe ratio", "unknown")]
    return [
        ("best to be expected by luck", f"{found.threshold:.3f}"),
        ("deflated Sharpe ratio", f"{found.probability:.1%} sure that the best is no luck"),
    ]


def _print_folds(run: SearchRun, folds: Sequence[FoldResult]) -> None:
    if not folds:
        print("  none: see below")
        return
    rows = [
        (
            f"{fold.starts_on} to {fold.ends_with}",
            settings_words(run.candidates[fold.chosen].settings),
            f"{fold.sharpe_trained:.3f}",
            _percent(fold.mean_tested),
            fold.rank,
        )
        for fold in folds
    ]
    print_table(("test weeks", "chosen", "Sharpe before", "mean week in it", "rank in it"), rows)


def _sleeve_rows(first: OutcomeFigures) -> list[_Row]:
    rows: list[_Row] = []
    for place, sleeve in enumerate(first.sleeves):
        name = sleeve.kind.label

        def mean(_o: TrialOutcome, f: OutcomeFigures, place: int = place) -> str:
            one = f.sleeves[place]
            return _ranged(one.mean, one.interval)

        def target(_o: TrialOutcome, f: OutcomeFigures, place: int = place) -> str:
            return _percent(f.sleeves[place].target)

        def reached(_o: TrialOutcome, f: OutcomeFigures, place: int = place) -> str:
            return f"{f.sleeves[place].reached} of {f.weeks}"

        rows += [
            (f"{name} mean week", mean),
            (f"{name} target", target),
            (f"{name} weeks at target", reached),
        ]
    return rows


def _percent(value: float) -> str:
    # Nothing has no sign.
    return (
        f"{round(value, 5) + 0.0:+.3%}".replace("-", "\N{MINUS SIGN}")
        if round(value, 5)
        else "0.000%"
    )


def _ranged(value: float, interval: Interval | None) -> str:
    if interval is None:
        return _percent(value)
    return f"{_percent(value)} ({_percent(interval.low)} to {_percent(interval.high)})"


def _mean(returns: Sequence[float]) -> float:
    return sum(returns) / len(returns) if returns else 0.0


_RESULTS: tuple[_Row, ...] = (
    ("weeks", lambda _o, f: f"{f.weeks}"),
    ("equity at the end", lambda o, _f: f"{o.equity_end.amount:,.2f}"),
    ("gain", lambda _o, f: _ranged(f.gain, f.growth)),
    ("mean week", lambda _o, f: _ranged(f.mean, f.mean_interval)),
    ("Sharpe ratio by the year", lambda _o, f: "-" if f.sharpe is None else f"{f.sharpe:.2f}"),
    ("deepest fall", lambda _o, f: _percent(-f.drawdown)),
    ("worst week", lambda _o, f: _percent(f.worst_week)),
    ("weeks up", lambda _o, f: f"{f.weeks_up} of {f.weeks}"),
)
_COSTS: tuple[_Row, ...] = (
    ("orders", lambda o, _f: f"{o.totals.orders:,}"),
    ("fills", lambda o, _f: f"{o.totals.fills:,}"),
    ("commissions", lambda o, _f: f"{o.totals.commissions.amount:,.2f}"),
    ("assignments", lambda o, _f: f"{o.totals.assignments:,}"),
    ("dividends", lambda o, _f: f"{o.totals.dividends.amount:,.2f}"),
    ("most tied up", lambda o, _f: f"{o.totals.collateral_max.amount:,.2f}"),
    ("gains held short", lambda o, _f: f"{o.totals.taxable_short.amount:,.2f}"),
    ("gains held long", lambda o, _f: f"{o.totals.taxable_long.amount:,.2f}"),
    ("losses deferred", lambda o, _f: f"{o.totals.disallowed.amount:,.2f}"),
    ("tax estimate", lambda o, _f: f"{o.totals.tax.amount:,.2f}"),
    (
        "equity after that tax",
        lambda o, _f: f"{o.equity_end.amount - o.totals.tax.amount:,.2f}",
    ),
    ("forks, merges", lambda o, _f: f"{o.totals.forks}, {o.totals.merges}"),
    ("modelled quotes", lambda o, _f: f"{o.totals.quotes_modelled:.1%}"),
    ("entries", lambda o, _f: f"{o.entries:,}"),
    ("chain head", lambda o, _f: f"{o.chain_head[:16]}…"),
)
