"""How the desk did over a period: its equity, its sleeves, what trading and waiting cost."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money
from allusedesk.journal.queries.blotters import fills_since
from allusedesk.journal.queries.record import money_moved, weekly_returns
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import CashMoved, Mark, PlannedWeek, WeeklyReturn

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class CurveDay:
    """The whole desk at a close; money from outside is neither gain nor loss.

    `index` is 1 where the period begins, `drawdown` the fall from the period's highest index.
    """

    on: date
    equity: Money
    index: Decimal
    drawdown: Decimal
    is_modelled: bool


@dataclass(frozen=True, slots=True)
class SleeveResult:
    """One sleeve over the period: mean weekly return beside the mean of what was wanted.

    `target` is None where no week was asked.
    """

    account: str
    weeks: int
    earned: Money
    mean: Decimal
    target: Decimal | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """How often a rule turned a candidate down."""

    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Performance:
    """A period of the desk. `days` begin with the close before it, or with what was paid in.

    `slippage` is what single legs traded better than their mid (worse: negative), over
    `fills_measured` of `fills`; `interest` what was booked as such on cash, None where nothing was.
    """

    days: tuple[CurveDay, ...]
    sleeves: tuple[SleeveResult, ...]
    slippage: Money
    fills_measured: int
    fills: int
    commission: Money
    interest: Money | None
    skipped: tuple[Skipped, ...]

    @property
    def gain(self) -> Decimal:
        """The return over the period, as a fraction."""
        return self.days[-1].index - 1 if self.days else Decimal(0)

    @property
    def drawdown_max(self) -> Decimal:
        return max((day.drawdown for day in self.days), default=Decimal(0))


def performance(side: ReadSide, first: date | None) -> Performance:
    """How the desk did from `first` on, or since it began."""
    days = _curve(side, first)
    begins = days[0].on if days and first is not None else date.min
    weeks = side.figures(PlannedWeek, "FROM weeks ORDER BY week")
    names = {week.week for week in weeks if week.last_session > begins}
    fills = [fill for fill in fills_since(side, 0) if fill.filled_at.date() > begins]
    slips = [slip for fill in fills if (slip := fill.slippage_whole) is not None]
    return Performance(
        days=days,
        sleeves=_sleeves([one for one in weekly_returns(side) if one.week in names]),
        slippage=Money(sum(slips, Decimal(0))),
        fills_measured=len(slips),
        fills=len(fills),
        commission=NOTHING.plus(fill.commission for fill in fills),
        interest=_interest(side, names),
        skipped=_skipped(side, names),
    )


def _curve(side: ReadSide, first: date | None) -> tuple[CurveDay, ...]:
    equity: dict[date, Money] = {}
    modelled: set[date] = set()
    for mark in side.figures(Mark, "FROM marks ORDER BY on_day, account"):
        equity[mark.on_day] = equity.get(mark.on_day, NOTHING) + mark.equity
        if mark.is_modelled:
            modelled.add(mark.on_day)
    if not equity:
        return ()
    days = list(equity)
    moved = dict.fromkeys(days, NOTHING)
    for move in money_moved(side):
        place = bisect_left(days, move.settles_on)
        if place < len(days):
            moved[days[place]] = moved[days[place]] + move.amount
    start = days[0] - timedelta(days=1)
    found = [CurveDay(start, moved[days[0]], _ONE, Decimal(0), is_modelled=False)]
    index, before = _ONE, NOTHING
    for day in days:
        whole = before + moved[day]
        if whole.amount > 0:
            index = index * equity[day].share_of(whole)
        before = equity[day]
        found.append(CurveDay(day, before, index, Decimal(0), day in modelled))
    return _from(found, first)


def _from(days: list[CurveDay], first: date | None) -> tuple[CurveDay, ...]:
    """The days from `first` on, with the one before them, measured from that one."""
    if first is not None:
        inside = [place for place, day in enumerate(days) if day.on >= first]
        days = days[max(0, inside[0] - 1) :] if inside else days[-1:]
    base = high = days[0].index
    found = []
    for day in days:
        high = max(high, day.index)
        drawdown = 1 - day.index / high
        found.append(CurveDay(day.on, day.equity, day.index / base, drawdown, day.is_modelled))
    return tuple(found)


def _sleeves(returns: list[WeeklyReturn]) -> tuple[SleeveResult, ...]:
    by_account: dict[str, list[WeeklyReturn]] = {}
    for one in returns:
        by_account.setdefault(one.account, []).append(one)
    found = []
    for account in sorted(by_account):
        ones = by_account[account]
        targets = [one.target for one in ones if one.target is not None]
        earned = NOTHING.plus(one.equity_end - one.equity_start - one.moved for one in ones)
        found.append(
            SleeveResult(
                account,
                len(ones),
                earned,
                sum((one.value for one in ones), Decimal(0)) / len(ones),
                sum(targets, Decimal(0)) / len(targets) if targets else None,
            )
        )
    return tuple(found)


def _interest(side: ReadSide, weeks: set[str]) -> Money | None:
    moves = side.figures(
        CashMoved, "FROM cash_moves WHERE lower(reason) LIKE '%interest%' ORDER BY sequence"
    )
    booked = [move.amount for move in moves if move.week in weeks]
    return NOTHING.plus(booked) if booked else None


def _skipped(side: ReadSide, weeks: set[str]) -> tuple[Skipped, ...]:
    """By rule, most often first."""
    counts: dict[str, int] = {}
    for week in sorted(weeks):
        found = side.pairs(
            "SELECT rule, sum(count) FROM turned_down WHERE proposal = '' AND week = ? "
            "GROUP BY rule ORDER BY rule",
            (week,),
        )
        for rule, count in found.items():
            counts[rule] = counts.get(rule, 0) + count
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Skipped(rule, count) for rule, count in ordered)
