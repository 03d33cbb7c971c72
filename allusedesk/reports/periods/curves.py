"""Time-weighted growth of a sleeve, a family or the whole desk, money in and out left aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.period_evidence import DayMarked, PeriodEvidence
from allusedesk.portfolio.return_statistics import ReturnStatistics, statistics_of
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR

# Fewer weeks than a quarter's say nothing about a year.
WEEKS_MIN = 13
_DIGITS = 40


@dataclass(frozen=True, slots=True)
class CurveDay:
    """A group of sleeves at a close: what they hold, and what one dollar has become in them.

    `index` is 1 before the first close the group was marked at; `moved` is money that came in or
    went out since the close before. `is_alive` tells whether any of them was marked.
    """

    on: date
    equity: Money
    moved: Money
    index: Decimal
    is_alive: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """A group's closes up to the period's last; `place` is where the period begins."""

    name: str
    days: tuple[CurveDay, ...]
    place: int

    @property
    def inside(self) -> tuple[CurveDay, ...]:
        """The closes of the period at which the group was alive or money moved."""
        return tuple(day for day in self.days[self.place :] if day.is_alive or day.moved)

    @property
    def before(self) -> CurveDay | None:
        """The close before the period; None where the group did not exist yet."""
        if not self.place or not self.days[self.place - 1].is_alive:
            return None
        return self.days[self.place - 1]

    @property
    def index_before(self) -> Decimal:
        return self.days[self.place - 1].index if self.place else Decimal(1)

    @property
    def equity_start(self) -> Money:
        return self.before.equity if self.before else NOTHING

    @property
    def equity_end(self) -> Money:
        return self.days[-1].equity

    @property
    def moved(self) -> Money:
        return total([day.moved for day in self.days[self.place :]])

    @property
    def earned(self) -> Money:
        """The change of equity that no money moved in or out explains."""
        return self.equity_end - self.equity_start - self.moved

    @property
    def gain(self) -> Decimal:
        """The time-weighted return of the period."""
        return self.days[-1].index / self.index_before - 1

    def drawdowns(self) -> tuple[Decimal, ...]:
        """At each close of the period, the fall from its highest since the close before it."""
        high, found = self.index_before, []
        for day in self.days[self.place :]:
            high = max(high, day.index)
            found.append(1 - day.index / high if high else Decimal(0))
        return tuple(found)

    @property
    def drawdown_max(self) -> Decimal:
        return max(self.drawdowns(), default=Decimal(0))


def curve_of(evidence: PeriodEvidence, name: str, accounts: Sequence[str]) -> Curve:
    """The group of these sleeves, from the journal's first close to the period's last."""
    wanted = set(accounts)
    found: list[CurveDay] = []
    with localcontext(prec=_DIGITS):
        index, before = Decimal(1), NOTHING
        for day in evidence.days:
            equity, moved, is_alive = _of_day(day, wanted)
            whole = before + moved
            # What is all taken out has no return any more; neither has what never came.
            if is_alive and whole.amount > 0:
                index = index * equity.amount / whole.amount
            before = equity
            found.append(CurveDay(day.on, equity, moved, index, is_alive))
    return Curve(name, tuple(found), evidence.place)


def _of_day(day: DayMarked, wanted: set[str]) -> tuple[Money, Money, bool]:
    marks = [mark for mark in day.marks if mark.account in wanted]
    moved = total([move.amount for move in day.moved if move.account in wanted])
    return total([mark.equity for mark in marks]), moved, bool(marks)


def weekly_gains(curve: Curve, week_ends: Sequence[date]) -> tuple[tuple[date, Decimal], ...]:
    """The time-weighted return of each week that ended while the group was alive.

    A week runs from the last close of the week before, or from the group's beginning.
    """
    found: list[tuple[date, Decimal]] = []
    last, place = Decimal(1), 0
    for end in week_ends:
        days = []
        while place < len(curve.days) and curve.days[place].on <= end:
            days.append(curve.days[place])
            place += 1
        if any(day.is_alive for day in days):
            found.append((end, days[-1].index / last - 1))
            last = days[-1].index
    return tuple(found)


def year_of_weeks(
    curve: Curve, week_ends: Sequence[date], rate_year: float
) -> ReturnStatistics | None:
    """The statistics of the group's last 52 whole weeks; None for less than 13 of them."""
    gains = [float(gain) for _, gain in weekly_gains(curve, week_ends)][-WEEKS_OF_A_YEAR:]
    if len(gains) < WEEKS_MIN:
        return None
    return statistics_of(gains, rate_year / WEEKS_OF_A_YEAR, WEEKS_OF_A_YEAR)
