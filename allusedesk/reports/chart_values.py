"""Charts as values: what is drawn, in which unit, and of which kind each figure is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import TypeAlias

from allusedesk.domain.money import Money
from allusedesk.reports.cells import Number, Percent, Qualifier

Charted: TypeAlias = Money | Percent | Number


def amount_of(value: Charted | None) -> Decimal | None:
    """The bare amount of a charted figure: dollars, a fraction or a number; None for None."""
    match value:
        case None:
            return None
        case Money(amount):
            return amount
        case Percent(fraction):
            return fraction
        case Number(number):
            return number


class ChartKind(Enum):
    """How a chart of categories is drawn.

    Lines from left to right; bars side by side, the first series as the yardstick's outline;
    counts stacked on each other; or one level bar a category, for long names.
    """

    LINES = "lines"
    BARS = "bars"
    STACKED = "stacked bars"
    ROWS = "bars in rows"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars; None where there is no figure."""

    name: str
    values: tuple[Charted | None, ...]
    qualifier: Qualifier


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over the same categories, all of one kind of figure.

    `unit` is what plain numbers count, such as `weeks`; money and per cent say theirs. Stacked
    figures are not negative. Raises ValueError where a series has more or fewer values than there
    are categories, or a stacked one is below zero.
    """

    title: str
    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    anchor: str = ""

    def __post_init__(self) -> None:
        _check_lengths(self.title, "categories", self.categories, self.series)
        if self.kind is ChartKind.STACKED and any(
            (amount_of(value) or 0) < 0 for line in self.series for value in line.values
        ):
            message = f"The chart {self.title!r} stacks figures, but one of them is below zero."
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class TimeChart:
    """Lines over dates, and beneath them how deep each day lay under its highest before.

    `drawdown` holds depths as positive fractions, drawn downwards from zero. Up to some thousand
    days: what is drawn is thinned so that highs and lows stay, what is exported is not. Raises
    ValueError where the days do not rise or a series has another length.
    """

    title: str
    days: tuple[date, ...]
    series: tuple[Series, ...]
    drawdown: Series | None = None
    unit: str = ""
    anchor: str = ""

    def __post_init__(self) -> None:
        below = (self.drawdown,) if self.drawdown else ()
        _check_lengths(self.title, "days", self.days, (*self.series, *below))
        _check_days(self.title, self.days)


@dataclass(frozen=True, slots=True)
class Step:
    """One named step of a waterfall."""

    name: str
    value: Money | Percent


@dataclass(frozen=True, slots=True)
class Waterfall:
    """How one amount became another: where it began, what was added and lost, where it ended.

    Raises ValueError where the parts do not add up to the difference, to the last digit, or the
    steps are not all money or all per cent.
    """

    title: str
    begin: Step
    parts: tuple[Step, ...]
    end: Step
    qualifier: Qualifier
    anchor: str = ""

    def __post_init__(self) -> None:
        steps = (self.begin, *self.parts, self.end)
        if len({type(step.value) for step in steps}) > 1:
            message = f"The waterfall {self.title!r} mixes money and per cent."
            raise ValueError(message)
        amounts = [amount_of(step.value) or Decimal(0) for step in steps]
        reached = sum(amounts[:-1], Decimal(0))
        if reached != amounts[-1]:
            message = (
                f"The waterfall {self.title!r} ends at {amounts[-1]}, but its parts add up to "
                f"{reached}."
            )
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class ProjectionFan:
    """Quantiles of a projection over years, as bands around the middle one, and other lines.

    `years` rise from the start, in years. `bands` are the quantiles from the lowest to the highest,
    an odd number, the middle one the median; `lines` are what else is drawn, such as the targets
    or what came of it. Raises ValueError where lengths differ, the years do not rise, the number of
    bands is even or quantiles cross.
    """

    title: str
    years: tuple[Decimal, ...]
    bands: tuple[Series, ...]
    lines: tuple[Series, ...] = ()
    note: str = ""
    anchor: str = ""

    def __post_init__(self) -> None:
        _check_lengths(self.title, "years", self.years, (*self.bands, *self.lines))
        if any(later <= earlier for earlier, later in pairwise(self.years)):
            message = f"The years of the projection {self.title!r} do not rise."
            raise ValueError(message)
        if self.bands and len(self.bands) % 2 == 0:
            message = f"The projection {self.title!r} has no band in the middle."
            raise ValueError(message)
        for below, above in pairwise(self.bands):
            pairs = zip(below.values, above.values, strict=True)
            if any(
                low is not None and high is not None and _amount(low) > _amount(high)
                for low, high in pairs
            ):
                message = f"In {self.title!r} the quantile {below.name!r} lies over {above.name!r}."
                raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Grid:
    """Signed figures by row and column, such as what the book loses by spot and volatility.

    The colour of a cell repeats its sign and says no more. Raises ValueError where the cells do
    not fill the grid.
    """

    title: str
    row_title: str
    column_title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Charted | None, ...], ...]
    qualifier: Qualifier
    unit: str = ""
    anchor: str = ""

    def __post_init__(self) -> None:
        is_full = len(self.cells) == len(self.rows) and all(
            len(row) == len(self.columns) for row in self.cells
        )
        if not is_full:
            message = (
                f"The grid {self.title!r} has {len(self.rows)} rows and {len(self.columns)} "
                "columns, but its cells do not fill them."
            )
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened; `entry` is the number of its journal entry."""

    instant: datetime
    what: str
    entry: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened to one decision, on an axis that shows milliseconds beside hours.

    The axis stretches short gaps and shortens long ones, and writes how long each was. `back` is
    the anchor it was reached from. Raises ValueError where the instants do not rise or have no
    time zone.
    """

    title: str
    events: tuple[Occurrence, ...]
    anchor: str = ""
    back: str = ""

    def __post_init__(self) -> None:
        instants = [one.instant for one in self.events]
        if any(instant.tzinfo is None for instant in instants):
            message = f"An instant of the timeline {self.title!r} has no time zone."
            raise ValueError(message)
        if any(later < earlier for earlier, later in pairwise(instants)):
            message = f"The timeline {self.title!r} is not in the order of time."
            raise ValueError(message)

    def gaps(self) -> tuple[timedelta | None, ...]:
        """How long after the one before each event came; None for the first."""
        if not self.events:
            return ()
        pairs = pairwise(one.instant for one in self.events)
        return (None, *(later - earlier for earlier, later in pairs))


@dataclass(frozen=True, slots=True)
class LossRecord:
    """What each day brought, against the loss a measure did not expect to be passed.

    `limits` are losses as positive figures, such as the VaR at 99%; a day whose result lies under
    the limit's negative is an exception and is marked. Raises ValueError where the days do not
    rise or lengths differ.
    """

    title: str
    days: tuple[date, ...]
    results: Series
    limits: Series
    anchor: str = ""

    def __post_init__(self) -> None:
        _check_lengths(self.title, "days", self.days, (self.results, self.limits))
        _check_days(self.title, self.days)

    def exceptions(self) -> tuple[int, ...]:
        """The places of the days that lost more than their limit."""
        pairs = zip(self.results.values, self.limits.values, strict=True)
        return tuple(
            place
            for place, (result, limit) in enumerate(pairs)
            if result is not None and limit is not None and _amount(result) < -_amount(limit)
        )


AnyChart: TypeAlias = Chart | TimeChart | Waterfall | ProjectionFan | Grid | Timeline | LossRecord


def figures_of(series: Iterable[Series]) -> list[Decimal]:
    """Every amount the series have."""
    found = [amount_of(value) for line in series for value in line.values]
    return [amount for amount in found if amount is not None]


def _amount(value: Charted) -> Decimal:
    return amount_of(value) or Decimal(0)


def _check_lengths(title: str, what: str, along: Sized, series: Iterable[Series]) -> None:
    for line in series:
        if len(line.values) != len(along):
            message = (
                f"The chart {title!r} has {len(along)} {what}, "
                f"but {line.name!r} has {len(line.values)} values."
            )
            raise ValueError(message)


def _check_days(title: str, days: Sequence[date]) -> None:
    if any(later <= earlier for earlier, later in pairwise(days)):
        message = f"The days of the chart {title!r} do not rise."
        raise ValueError(message)
