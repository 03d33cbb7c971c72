"""The first part of a longer period's statement: its figures at a glance and in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from allusedesk.domain.money import total
from allusedesk.journal.period_evidence import PeriodEvidence
from allusedesk.journal.queries.conduct import PeriodConduct
from allusedesk.reports.kinds import Span
from allusedesk.reports.periods.curves import WEEKS_MIN
from allusedesk.reports.periods.returns import PeriodReturns, equity_chart, money_rows, ratio
from allusedesk.reports.periods.weeks import WeekLine
from allusedesk.reports.periods.words import percent, traded_as
from allusedesk.reports.statement import (
    Block,
    Figure,
    KeyFigures,
    Paragraph,
    Percent,
    Qualifier,
    Section,
)
from allusedesk.reports.wording import counted, shown

NAMES = {Span.MONTH: "month", Span.QUARTER: "quarter", Span.YEAR: "year"}


def glance_section(
    evidence: PeriodEvidence,
    returns: PeriodReturns,
    lines: Sequence[WeekLine],
    conduct: PeriodConduct,
    span: Span,
) -> Section:
    """Eight figures, what they say in sentences, equity and drawdown."""
    name = NAMES[span]
    blocks: list[Block] = [KeyFigures(_figures(evidence, returns, lines, name))]
    blocks.append(Paragraph(in_sentences(evidence, returns, lines, conduct, name)))
    chart = equity_chart(returns)
    if chart is not None:
        blocks.append(chart)
    return Section(f"The {name} at a glance", tuple(blocks))


def _figures(
    evidence: PeriodEvidence, returns: PeriodReturns, lines: Sequence[WeekLine], name: str
) -> tuple[Figure, ...]:
    whole, seen, desk = returns.whole, returns.seen, returns.of_desk
    few = f"told from {WEEKS_MIN} weeks on"
    over = few if desk is None else f"last {counted(desk.count, 'week')}"
    weeks = counted(len(lines), "whole week")
    return (
        Figure(f"Return of the {name}", percent(whole.gain), seen, "time-weighted", is_signed=True),
        Figure("Earned, USD", whole.earned, seen, "at their marks", is_signed=True),
        Figure("Equity, USD", whole.equity_end, seen, "all sleeves at the last close"),
        Figure("Deepest drawdown", percent(whole.drawdown_max), seen, "of the desk, by closes"),
        Figure(
            "Realised, USD",
            total([one.realised for one in lines]),
            traded_as(evidence),
            f"of {weeks}, after commissions",
            is_signed=True,
        ),
        Figure(
            "Target, USD",
            total([one.goal for one in lines]),
            Qualifier.TARGET,
            "of the same weeks, no promise",
        ),
        Figure(
            "Unrealised, USD",
            total([mark.unrealised for mark in evidence.marks_end]),
            seen,
            "of what is still open",
            is_signed=True,
        ),
        Figure(
            "Sharpe and Sortino",
            _both(returns),
            seen if desk else None,
            over if desk is None else f"{over}, over {shown(percent(returns.free.year))} a year",
        ),
    )


def _brought(evidence: PeriodEvidence) -> str:
    """What ended beside what is still open, since the one without the other flatters."""
    rows = [amounts for _, amounts in money_rows(evidence)]
    ended = total([amounts[2] for amounts in rows])
    costs = total([amounts[3] for amounts in rows])
    change = total([amounts[6] for amounts in rows])
    return (
        f"What ended brought {shown(ended, is_signed=True)} USD before commissions of "
        f"{shown(-costs)} USD; what is still open, or was at the start, changed its worth by "
        f"{shown(change, is_signed=True)} USD."
    )


def _families(count: int) -> str:
    if not count:
        return "No family was"
    return f"{counted(count, 'family', 'families')} {'was' if count == 1 else 'were'}"


def _both(returns: PeriodReturns) -> str:
    desk = returns.of_desk
    if desk is None:
        return "too few weeks"
    return " / ".join(shown(ratio(one), is_signed=True) for one in (desk.sharpe, desk.sortino))


def in_sentences(
    evidence: PeriodEvidence,
    returns: PeriodReturns,
    lines: Sequence[WeekLine],
    conduct: PeriodConduct,
    name: str,
) -> str:
    """What happened, in words made of the figures."""
    whole = returns.whole
    direction = "earned" if whole.earned.amount >= 0 else "lost"
    amount = whole.earned if whole.earned.amount >= 0 else -whole.earned
    sessions = counted(len(evidence.inside), "session")
    gain = shown(percent(whole.gain), is_signed=True)
    said = [f"In {sessions} the desk {direction} {shown(amount)} USD ({gain})."]
    if whole.moved:
        way = "came in" if whole.moved.amount > 0 else "was taken out"
        moved = whole.moved if whole.moved.amount > 0 else -whole.moved
        said.append(f"{shown(moved)} USD {way}, which is no gain and no loss.")
    if not conduct.decisions and not evidence.trades:
        said.append(f"There was no proposal and no trade in this {name}.")
    else:
        said.append(
            f"It made {counted(len(conduct.decisions), 'proposal')}, "
            f"{counted(conduct.costs.orders, 'order')} traded, and "
            f"{counted(len(evidence.trades), 'trade')} ended."
        )
    if evidence.trades or evidence.marks_start:
        said.append(_brought(evidence))
    if lines:
        realised, goal = total([one.realised for one in lines]), total([one.goal for one in lines])
        part = realised.share_of(goal) if goal else Decimal(0)
        said.append(
            f"Its {counted(len(lines), 'whole week')} realised {shown(realised, is_signed=True)} "
            f"USD of a target of {shown(goal)} USD ({shown(Percent(part))})."
        )
    else:
        said.append(f"No week ended in this {name}, so it has no target to be held against.")
    forked = sum(1 for one in evidence.branchings if one.how == "fork")
    home = len(evidence.branchings) - forked
    said.append(
        f"{_families(forked)} forked and {counted(home, 'family', 'families')} came home."
        if forked or home
        else "No family was forked and none came home."
    )
    return " ".join(said)
