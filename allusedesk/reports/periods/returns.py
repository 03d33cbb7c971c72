"""The part of a longer period's statement about returns: by sleeve, by family and as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.period_evidence import PeriodEvidence
from allusedesk.journal.queries.record import is_cost
from allusedesk.portfolio.return_statistics import ReturnStatistics
from allusedesk.reports.periods.curves import WEEKS_MIN, Curve, year_of_weeks
from allusedesk.reports.periods.words import ALL_SLEEVES, curves_of, percent, seen_as, traded_as
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Number,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Series,
    Table,
    TimeChart,
    Tone,
)
from allusedesk.reports.weekly.words import order_of, sleeve_name
from allusedesk.reports.wording import counted, shown

_RIGHT = Alignment.RIGHT
_LINES_MAX = 6


@dataclass(frozen=True, slots=True)
class FreeRate:
    """The yearly rate that excess is measured over, a fraction, and where it comes from."""

    year: float
    source: str


@dataclass(frozen=True, slots=True)
class PeriodReturns:
    """Curves of the period, and of each the statistics of its last 52 weeks, in their order."""

    sleeves: tuple[Curve, ...]
    families: tuple[Curve, ...]
    whole: Curve
    statistics: tuple[ReturnStatistics | None, ...]
    free: FreeRate
    seen: Qualifier

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (*self.sleeves, *self.families, self.whole)

    @property
    def of_desk(self) -> ReturnStatistics | None:
        """The statistics of the whole desk; None for less than 13 whole weeks."""
        return self.statistics[-1]


def returns_of(evidence: PeriodEvidence, free: FreeRate) -> PeriodReturns:
    """The period's curves, and statistics over the weeks up to its end."""
    sleeves, families, whole = curves_of(evidence)
    ends = evidence.week_ends
    found = tuple(year_of_weeks(one, ends, free.year) for one in (*sleeves, *families, whole))
    return PeriodReturns(sleeves, families, whole, found, free, seen_as(evidence))


def returns_section(evidence: PeriodEvidence, returns: PeriodReturns) -> Section:
    """What each sleeve, family and the desk returned, how unevenly, and what the money did."""
    note = (
        "A return is time-weighted: each day's gain over the equity of the day before with what "
        "came in since, day after day multiplied. Deposits, withdrawals, forks and merges are "
        "left aside; open positions count at their marks. The drawdown is the deepest fall from "
        "the period's highest close, the close before it included."
    )
    blocks: list[Block] = [
        Paragraph(note, Tone.NOTE),
        _returns_table(returns),
        *_statistics(evidence, returns),
        _money_table(evidence),
    ]
    chart = growth_chart(returns)
    if chart is not None:
        blocks.insert(2, chart)
    return Section("Returns", tuple(blocks))


def _returns_table(returns: PeriodReturns) -> Table:
    seen = returns.seen
    rows = tuple(_return_row(one) for one in (*returns.sleeves, *returns.families))
    return Table(
        "Returns by sleeve and family",
        (
            Column("Sleeve"),
            Column("Equity before", _RIGHT, "USD", seen),
            Column("Moved in or out", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Earned", _RIGHT, "USD", seen, is_signed=True),
            Column("Equity after", _RIGHT, "USD", seen),
            Column("Return", _RIGHT, "%", seen, is_signed=True),
            Column("Deepest drawdown", _RIGHT, "%", seen),
        ),
        rows,
        totals=_return_row(returns.whole),
    )


def _return_row(one: Curve) -> tuple[Cell, ...]:
    return (
        one.name,
        one.equity_start,
        one.moved,
        one.earned,
        one.equity_end,
        percent(one.gain),
        percent(one.drawdown_max),
    )


def _statistics(evidence: PeriodEvidence, returns: PeriodReturns) -> list[Block]:
    found = [
        (curve.name, one)
        for curve, one in zip(returns.curves, returns.statistics, strict=True)
        if one is not None
    ]
    if not found:
        return [Paragraph(too_few_weeks(evidence))]
    free = returns.free
    text = (
        f"Over the last {counted(found[-1][1].count, 'whole week')}, by weekly returns, of a year. "
        "Volatility is how widely the weeks scatter; Sharpe is the mean excess over the free rate "
        "divided by it, Sortino divides by the weeks that fell short alone. The free rate is "
        f"{shown(percent(free.year))} a year: {free.source}. {_uncertain(found[-1][1])}"
    )
    rows: list[tuple[Cell, ...]] = [_statistics_row(name, one) for name, one in found]
    seen = returns.seen
    table = Table(
        "How unevenly it was earned",
        (
            Column("Sleeve"),
            Column("Weeks", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Return of these weeks", _RIGHT, "%", seen, is_signed=True),
            Column("Volatility a year", _RIGHT, "%", seen),
            Column("Sharpe", _RIGHT, qualifier=seen, is_signed=True),
            Column("Sortino", _RIGHT, qualifier=seen, is_signed=True),
            Column("Drawdown by weeks", _RIGHT, "%", seen),
        ),
        tuple(rows[:-1]),
        totals=rows[-1],
    )
    return [Paragraph(text, Tone.NOTE), table]


def _uncertain(desk: ReturnStatistics) -> str:
    if desk.sharpe_error is None:
        return "The weeks do not scatter, so there is nothing to divide by."
    error = shown(ratio(desk.sharpe_error))
    return (
        f"Of {counted(desk.count, 'week')} the Sharpe of the desk is uncertain by {error} either "
        "way (one standard error)."
    )


def _statistics_row(name: str, one: ReturnStatistics) -> tuple[Cell, ...]:
    return (
        name,
        one.count,
        percent(one.compounded),
        percent(one.volatility),
        ratio(one.sharpe),
        ratio(one.sortino),
        percent(one.drawdown),
    )


def ratio(value: float | None) -> Number | None:
    """A ratio as a cell; None where there was nothing to divide by."""
    return None if value is None else Number(Decimal(repr(round(value, 10))))


def too_few_weeks(evidence: PeriodEvidence) -> str:
    """Why volatility, Sharpe and Sortino are not told."""
    return (
        f"The record holds {counted(len(evidence.week_ends), 'whole week')} up to here; "
        f"volatility, Sharpe and Sortino are told from {WEEKS_MIN} weeks on, because fewer say "
        "nothing."
    )


def _money_table(evidence: PeriodEvidence) -> Table:
    """Each sleeve's way from the close before to the last close; the columns add up to the cent."""
    seen, traded = seen_as(evidence), traded_as(evidence)
    rows = money_rows(evidence)
    return Table(
        "From the close before to the last close",
        (
            Column("Sleeve"),
            Column("Equity before", _RIGHT, "USD", seen),
            Column("Moved", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Closed trades", _RIGHT, "USD", traded, is_signed=True),
            Column("Commissions", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Dividends", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Interest and fees", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Unrealised change", _RIGHT, "USD", seen, is_signed=True),
            Column("Equity after", _RIGHT, "USD", seen),
        ),
        tuple((sleeve_name(account), *amounts) for account, amounts in rows),
        totals=(
            ALL_SLEEVES,
            *(total([amounts[at] for _, amounts in rows]) for at in range(8)),
        ),
    )


def money_rows(evidence: PeriodEvidence) -> list[tuple[str, tuple[Money, ...]]]:
    """What each sleeve's equity became, and by what, so that a row adds up to its last amount.

    Equity before, moved, realised, commissions (negative), dividends, interest and fees, the
    change of the unrealised, equity after.
    """
    starts = {mark.account: mark for mark in evidence.marks_start}
    ends = {mark.account: mark for mark in evidence.marks_end}
    figures = {one.account: one for one in evidence.figures}
    rows: list[tuple[str, tuple[Money, ...]]] = []
    for account in sorted(figures, key=order_of):
        own = figures[account]
        start, end = starts.get(account), ends.get(account)
        cash = [move for move in evidence.cash if move.account == account and move.how == "cash"]
        fees = total([move.amount for move in cash if is_cost(move.reason)])
        moved = total([move.amount for move in cash if not is_cost(move.reason)])
        before = start.equity if start else NOTHING
        after = end.equity if end else NOTHING
        booked = own.realised - own.commission + own.dividends + fees
        # By definition of a close: what cash and bookings leave unexplained is a change of marks.
        change = after - before - moved - booked
        if not any((before, after, moved, booked)):
            continue
        amounts = (before, moved, own.realised, -own.commission, own.dividends, fees, change, after)
        rows.append((account, amounts))
    return rows


def equity_chart(returns: PeriodReturns) -> TimeChart | None:
    """Equity of all sleeves at each close, and how deep the desk lay under its high."""
    whole = returns.whole
    days = whole.days[max(0, whole.place - 1) :]
    if len(days) < 2:
        return None
    equity = tuple(day.equity if day.is_alive else None for day in days)
    falls = whole.drawdowns()
    if whole.place:
        falls = (Decimal(0), *falls)
    return TimeChart(
        "Equity at each close, and how deep the desk lay under its high",
        tuple(day.on for day in days),
        (Series(whole.name, equity, returns.seen),),
        Series("Drawdown", tuple(percent(fall) for fall in falls), returns.seen),
    )


def growth_chart(returns: PeriodReturns) -> TimeChart | None:
    """What each sleeve has returned since the close before the period, close by close."""
    whole = returns.whole
    days = whole.days[max(0, whole.place - 1) :]
    if len(days) < 2 or len(returns.sleeves) < 2:
        return None
    shown_ones = (whole, *returns.sleeves[: _LINES_MAX - 1])
    return TimeChart(
        "Return since the close before, by sleeve",
        tuple(day.on for day in days),
        tuple(Series(one.name, _grown(one), returns.seen) for one in shown_ones),
    )


def _grown(curve: Curve) -> tuple[Percent | None, ...]:
    days = curve.days[max(0, curve.place - 1) :]
    return tuple(
        percent(day.index / curve.index_before - 1) if day.is_alive else None for day in days
    )
