"""Parts of the annual statement: the months, the year against target and trend, and the risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain.money import CENT, NOTHING, Money, total
from allusedesk.journal.period_evidence import PeriodEvidence
from allusedesk.journal.queries.market_seen import MarketSeen
from allusedesk.journal.read_values import Mark
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.reports.periods.curves import Curve, CurveDay
from allusedesk.reports.periods.returns import PeriodReturns
from allusedesk.reports.periods.weeks import WeekLine, week_linked
from allusedesk.reports.periods.words import (
    ALL_SLEEVES,
    accounts_of,
    label_of,
    percent,
    seen_as,
)
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Series,
    Table,
    TimeChart,
    Tone,
)
from allusedesk.reports.weekly.words import sleeve_name, tier_of
from allusedesk.reports.wording import shown, written_day

_RIGHT = Alignment.RIGHT
_WEEKS_SHOWN = 5
_OLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month of the whole desk; `trend` is what the trend's index did, None where unknown."""

    name: str
    moved: Money
    earned: Money
    equity: Money
    gain: Decimal
    drawdown: Decimal
    trend: Decimal | None


def trend_closes(
    market: Sequence[MarketSeen], symbol: str, days: Sequence[date]
) -> dict[date, Decimal]:
    """The index at each close that a later look knew: a look knows the close of the day before."""
    found: dict[date, Decimal] = {}
    place = 0
    for seen in market:
        close = seen.closes.get(symbol)
        while place < len(days) and days[place] < seen.on:
            place += 1
        if close is not None:
            # What the first look knew is older than the record, by a day at the least.
            found[days[place - 1] if place else seen.on - timedelta(days=1)] = close
    return found


def _latest(trend: Mapping[date, Decimal], day: date) -> Decimal | None:
    """The index at the latest known close up to the day; None where that is over a week old."""
    known = max((on for on in trend if on <= day), default=None)
    return None if known is None or day - known > _OLD else trend[known]


def month_lines(whole: Curve, trend: Mapping[date, Decimal]) -> tuple[MonthLine, ...]:
    """The months of the period that have a close, oldest first."""
    months: dict[str, list[CurveDay]] = {}
    for day in whole.days[whole.place :]:
        months.setdefault(written_day(day.on).partition(" ")[2], []).append(day)
    found = []
    index, equity = whole.index_before, whole.equity_start
    before = whole.before.on if whole.before else None
    for name, days in months.items():
        high, deepest = index, Decimal(0)
        for day in days:
            high = max(high, day.index)
            deepest = max(deepest, 1 - day.index / high if high else Decimal(0))
        moved = total([day.moved for day in days])
        first = _latest(trend, before) if before else None
        last = _latest(trend, days[-1].on)
        found.append(
            MonthLine(
                name,
                moved,
                days[-1].equity - equity - moved,
                days[-1].equity,
                days[-1].index / index - 1,
                deepest,
                last / first - 1 if first and last is not None else None,
            )
        )
        index, equity, before = days[-1].index, days[-1].equity, days[-1].on
    return tuple(found)


def months_section(
    evidence: PeriodEvidence, months: Sequence[MonthLine], charts: Sequence[Block]
) -> Section:
    """Every month with its return and drawdown, beside the trend's index, and in a chart."""
    symbol, seen = evidence.desk.trend_symbol, seen_as(evidence)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name,
            one.moved,
            one.earned,
            one.equity,
            percent(one.gain),
            percent(one.drawdown),
            percent(one.trend),
        )
        for one in months
    )
    table = Table(
        "Month by month",
        (
            Column("Month"),
            Column("Moved in or out", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Earned", _RIGHT, "USD", seen, is_signed=True),
            Column("Equity after", _RIGHT, "USD", seen),
            Column("Return", _RIGHT, "%", seen, is_signed=True),
            Column("Deepest drawdown", _RIGHT, "%", seen),
            Column(f"{symbol}", _RIGHT, "%", Qualifier.MEASURED, is_signed=True),
        ),
        rows,
        totals=(
            "The year",
            total([one.moved for one in months]),
            total([one.earned for one in months]),
            months[-1].equity,
            percent(_together([one.gain for one in months])),
            None,
            percent(_together([one.trend for one in months])),
        ),
    )
    note = (
        f"{symbol} by the latest the desk had seen of it at either end of each month, which may be "
        "up to a week older, dividends left out; where it had seen nothing there is none."
    )
    blocks: list[Block] = [*charts, table, Paragraph(note, Tone.NOTE)]
    if len(months) > 1:
        blocks.insert(len(charts), _months_chart(evidence, months))
    return Section("The year", tuple(blocks))


def _together(gains: Sequence[Decimal | None]) -> Decimal | None:
    """Returns one after another; None where one of them is not known."""
    whole = Decimal(1)
    for gain in gains:
        if gain is None:
            return None
        whole *= 1 + gain
    return whole - 1


def _months_chart(evidence: PeriodEvidence, months: Sequence[MonthLine]) -> Chart:
    series = [Series("Desk", tuple(percent(one.gain) for one in months), seen_as(evidence))]
    if any(one.trend is not None for one in months):
        beside = tuple(percent(one.trend) for one in months)
        series.insert(0, Series(evidence.desk.trend_symbol, beside, Qualifier.MEASURED))
    names = tuple(one.name.partition(" ")[0][:3] for one in months)
    return Chart("Return by month", ChartKind.BARS, names, tuple(series))


def target_chart(
    evidence: PeriodEvidence,
    returns: PeriodReturns,
    lines: Sequence[WeekLine],
    trend: Mapping[date, Decimal],
) -> TimeChart | None:
    """At each week's end: equity without what moved, the targets added up, and the trend's index.

    All begin at the equity the first week of the period began with.
    """
    if len(lines) < 2:
        return None
    begins = lines[0].week.plan.first_session
    before = max((day.on for day in returns.whole.days if day.on < begins), default=None)
    days = [one.week.plan.last_session for one in lines]
    goals, gains = [lines[0].start], [lines[0].start]
    for one in lines:
        goals.append(goals[-1] + one.goal)
        gains.append(gains[-1] + one.earned)
    if before is not None:
        days.insert(0, before)
    else:
        goals, gains = goals[1:], gains[1:]
    series = [
        Series("Target", tuple(goals), Qualifier.TARGET),
        Series("Desk", tuple(gains), returns.seen),
    ]
    base = _latest(trend, days[0])
    if base:
        beside = [_latest(trend, day) for day in days]
        values = tuple(
            None if one is None else Money((lines[0].start.amount * one / base).quantize(CENT))
            for one in beside
        )
        series.append(Series(evidence.desk.trend_symbol, values, Qualifier.MEASURED))
    return TimeChart(
        "Equity against the targets added up, and the trend's index from the same start",
        tuple(days),
        tuple(series),
    )


def extremes_table(lines: Sequence[WeekLine], seen: Qualifier, *, is_best: bool) -> Table:
    """The best or the worst weeks by return."""
    known = [one for one in lines if one.gain is not None]
    sign = -1 if is_best else 1
    ordered = sorted(known, key=lambda one: (sign * (one.gain or Decimal(0)), one.week.plan.week))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            week_linked(one),
            one.week.plan.last_session,
            one.week.condition or "not decided",
            label_of(one.week),
            one.realised,
            one.earned,
            percent(one.gain),
        )
        for one in ordered[:_WEEKS_SHOWN]
    )
    return Table(
        "Best weeks" if is_best else "Worst weeks",
        (
            Column("Week"),
            Column("Last session"),
            Column("Condition"),
            Column("Label"),
            Column("Realised", _RIGHT, "USD", seen, is_signed=True),
            Column("Earned", _RIGHT, "USD", seen, is_signed=True),
            Column("Return", _RIGHT, "%", seen, is_signed=True),
        ),
        rows,
        empty="No week ended in this year.",
    )


def risk_section(evidence: PeriodEvidence, returns: PeriodReturns, rulebook: Rulebook) -> Section:
    """What was tied up at most, and how deep each sleeve fell from its highest close."""
    seen = returns.seen
    accounts = accounts_of(evidence)
    rows = [
        _risk_row(sleeve_name(account), _marks_of(evidence, account), rulebook, account)
        for account in accounts
        if _marks_of(evidence, account)
    ]
    days = [_joined(day.on, day.marks) for day in evidence.inside]
    deepest = _deepest(returns.whole)
    top = max(days, key=lambda one: one.share)
    text = (
        f"The most that was tied up at a close was {shown(top.engaged)} USD, "
        f"{shown(percent(top.share))} of all equity, on {written_day(top.on)}: the strikes of "
        "short puts held in settled cash, and shares and other positions at their marks. Had all "
        "of it become worthless that night, that is what would have been lost, less the premiums "
        f"taken. What did happen: the desk fell at most {deepest} from its high."
    )
    table = Table(
        "Most at risk by sleeve",
        (
            Column("Sleeve"),
            Column("Most tied up", _RIGHT, "USD", seen),
            Column("Of its equity", _RIGHT, "%", seen),
            Column("On"),
            Column("Deepest drawdown", _RIGHT, "%", seen),
            Column("On"),
            Column("Most allowed", _RIGHT, "%", Qualifier.TARGET),
        ),
        tuple(rows),
        totals=(ALL_SLEEVES, top.engaged, percent(top.share), top.on, None, None, None),
    )
    return Section("What was risked", (Paragraph(text), table))


@dataclass(frozen=True, slots=True)
class _Engaged:
    on: date
    engaged: Money
    equity: Money

    @property
    def share(self) -> Decimal:
        return self.engaged.share_of(self.equity) if self.equity.amount > 0 else Decimal(0)


def _joined(on: date, marks: Sequence[Mark]) -> _Engaged:
    tied = total([mark.collateral + max(mark.positions, NOTHING) for mark in marks])
    return _Engaged(on, tied, total([mark.equity for mark in marks]))


def _marks_of(evidence: PeriodEvidence, account: str) -> list[Mark]:
    return [mark for day in evidence.inside for mark in day.marks if mark.account == account]


def _risk_row(
    name: str, marks: Sequence[Mark], rulebook: Rulebook, account: str
) -> tuple[Cell, ...]:
    top = max((_joined(mark.on_day, [mark]) for mark in marks), key=lambda one: one.engaged)
    low = max(marks, key=lambda mark: mark.drawdown)
    return (
        name,
        top.engaged,
        percent(top.share),
        top.on,
        percent(low.drawdown),
        low.on_day if low.drawdown else None,
        Percent(rulebook.account(tier_of(account)).drawdown_max),
    )


def _deepest(whole: Curve) -> str:
    falls = whole.drawdowns()
    deepest = max(falls, default=Decimal(0))
    if not deepest:
        return "0.00%"
    day = whole.days[whole.place + falls.index(deepest)].on
    return f"{shown(percent(deepest))} (on {written_day(day)})"
