"""Outcomes in words: the rows a table of them has, whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from allusedesk.laboratory.bootstrap import Interval
from allusedesk.laboratory.figures import OutcomeFigures
from allusedesk.laboratory.trial import TrialOutcome

CASH_WORDS = "Cash earns no interest in a trial, and ratios take nothing riskless off."
_MINUS = "\N{MINUS SIGN}"
_DECIMALS = 5
# Bounds of what is as good as never or always take one place more.
_SMALL = 0.01
# Beyond it one decimal would say that all were.
_NEARLY_ALL = 0.999

_Row = tuple[str, Callable[[TrialOutcome, OutcomeFigures], str]]


def outcome_rows(outcome: TrialOutcome, figures: OutcomeFigures) -> tuple[tuple[str, str], ...]:
    """Every figure of an outcome with its name, in the order they are read."""
    rows = [(name, told(outcome, figures)) for name, told in _RESULTS]
    for sleeve in figures.sleeves:
        name = sleeve.kind.label
        rows += [
            (f"{name} mean week", ranged(sleeve.mean, sleeve.interval)),
            (f"{name} target", percent(sleeve.target)),
            (f"{name} weeks at target", f"{sleeve.reached} of {figures.weeks}"),
        ]
    return (*rows, *((name, told(outcome, figures)) for name, told in _COSTS))


def modelled_words(outcome: TrialOutcome) -> str:
    """Which prices of an outcome were modelled, in a sentence."""
    share = outcome.totals.quotes_modelled
    weeks = sum(week.is_modelled for week in outcome.weeks)
    if not outcome.weeks:
        return "No quote was shown to any decision."
    if share == 1.0:
        return "No option price was recorded: every quote is modelled from the shares' own prices."
    if not weeks:
        return "No quote was modelled."
    said = f"{share:.1%}" if share < _NEARLY_ALL else f"More than {_NEARLY_ALL:.1%}"
    return (
        f"{said} of all quotes were modelled, in {weeks} of {len(outcome.weeks)} weeks; "
        "the others were recorded."
    )


def settings_words(settings: Sequence[tuple[str, object]]) -> str:
    """Settings in a line."""
    return ", ".join(f"{rule}={value}" for rule, value in settings) or "as written"


def percent(value: float) -> str:
    """A fraction with its sign; nothing has none."""
    shown = round(value, _DECIMALS)
    return with_minus(f"{shown:+.3%}") if shown else "0.000%"


def with_minus(number: str) -> str:
    """A number in words with a minus sign, where it has a hyphen."""
    return number.replace("-", _MINUS)


def ratio(value: float) -> str:
    """A Sharpe ratio by the week."""
    return with_minus(f"{value:.3f}")


def dollars(amount: Decimal) -> str:
    """An amount to the cent, thousands apart."""
    return with_minus(f"{amount:,.2f}")


def sureness(probability: float) -> str:
    """A probability in per cent; none of a record so short is ever certain."""
    edge = 0.999
    if probability > edge:
        return f"above {edge:.1%}"
    return f"{probability:.1%}" if probability > 1.0 - edge else f"below {1.0 - edge:.1%}"


def likely(part: float, bounds: tuple[float, float]) -> str:
    """A probability with the bounds that the number of paths leaves it, both in per cent."""
    places = 1 if _SMALL < part < 1.0 - _SMALL else 2
    low, high = (f"{100 * bound:.{places}f}" for bound in bounds)
    return f"{part:.1%} ({low} to {high})"


def ranged(value: float, interval: Interval | None) -> str:
    """A fraction with the interval it may as well have come out in."""
    if interval is None:
        return percent(value)
    return f"{percent(value)} ({percent(interval.low)} to {percent(interval.high)})"


def _modelled(share: float) -> str:
    return f"above {_NEARLY_ALL:.1%}" if _NEARLY_ALL < share < 1.0 else f"{share:.1%}"


_RESULTS: tuple[_Row, ...] = (
    ("weeks", lambda _o, f: f"{f.weeks}"),
    ("equity at the end", lambda o, _f: dollars(o.equity_end.amount)),
    ("gain", lambda _o, f: ranged(f.gain, f.growth)),
    ("mean week", lambda _o, f: ranged(f.mean, f.mean_interval)),
    (
        "Sharpe ratio by the year",
        lambda _o, f: "—" if f.sharpe is None else with_minus(f"{f.sharpe:.2f}"),
    ),
    ("deepest fall", lambda _o, f: percent(-f.drawdown)),
    ("worst week", lambda _o, f: percent(f.worst_week)),
    ("weeks up", lambda _o, f: f"{f.weeks_up} of {f.weeks}"),
)
_COSTS: tuple[_Row, ...] = (
    ("orders", lambda o, _f: f"{o.totals.orders:,}"),
    ("fills", lambda o, _f: f"{o.totals.fills:,}"),
    ("commissions", lambda o, _f: dollars(o.totals.commissions.amount)),
    ("assignments", lambda o, _f: f"{o.totals.assignments:,}"),
    ("dividends", lambda o, _f: dollars(o.totals.dividends.amount)),
    ("most tied up", lambda o, _f: dollars(o.totals.collateral_max.amount)),
    ("gains held short", lambda o, _f: dollars(o.totals.taxable_short.amount)),
    ("gains held long", lambda o, _f: dollars(o.totals.taxable_long.amount)),
    ("losses deferred", lambda o, _f: dollars(o.totals.disallowed.amount)),
    ("tax estimate", lambda o, _f: dollars(o.totals.tax.amount)),
    (
        "equity after that tax",
        lambda o, _f: dollars(o.equity_end.amount - o.totals.tax.amount),
    ),
    ("forks, merges", lambda o, _f: f"{o.totals.forks}, {o.totals.merges}"),
    ("modelled quotes", lambda o, _f: _modelled(o.totals.quotes_modelled)),
    ("entries", lambda o, _f: f"{o.entries:,}"),
    ("chain head", lambda o, _f: f"{o.chain_head[:16]}…"),
)
