"""One year as a statement, from the journal's read side and projections made elsewhere."""

from __future__ import annotations

from allusedesk.journal.period_evidence import DayMarked, PeriodEvidence
from allusedesk.journal.queries.market_seen import trend_quoted
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.reports.periods.annual_outlook import Outlook, outlook_section
from allusedesk.reports.periods.annual_tax import tax_section
from allusedesk.reports.periods.annual_year import (
    extremes_table,
    month_lines,
    months_section,
    risk_section,
    target_chart,
    trend_closes,
)
from allusedesk.reports.periods.conduct import conduct_section, trades_section
from allusedesk.reports.periods.figures import glance_section
from allusedesk.reports.periods.forks import forks_section
from allusedesk.reports.periods.notes import about_section
from allusedesk.reports.periods.reading import PeriodRead, statement_with
from allusedesk.reports.periods.returns import returns_section
from allusedesk.reports.periods.weeks import mix_section, weeks_section
from allusedesk.reports.statement import Section, Statement
from allusedesk.reports.tax.report import NothingToReport, TaxReport, build_tax_report


def build_annual_statement(side: ReadSide, read: PeriodRead, outlook: Outlook) -> Statement:
    """The statement of the year that was read: every figure from the record, and `outlook`.

    Raises JournalDamaged where an entry is not as it was written.
    """
    evidence, returns, period = read.evidence, read.returns, read.period
    return statement_with(
        read,
        "Annual statement",
        (
            glance_section(evidence, returns, read.lines, read.conduct, period.span),
            _year(side, read),
            returns_section(evidence, returns),
            outlook_section(outlook, returns.whole, evidence.week_ends, returns.seen),
            _weeks(read),
            mix_section(evidence, read.rulebook, read.weeks_ever),
            risk_section(evidence, returns, read.rulebook),
            forks_section(evidence, read.rulebook),
            tax_section(_taxes(side, period.first.year)),
            conduct_section(read.conduct),
            trades_section(evidence, read.conduct),
            about_section(side, evidence, period.span),
        ),
    )


def _year(side: ReadSide, read: PeriodRead) -> Section:
    evidence = read.evidence
    days = [day.on for day in evidence.days]
    trend = trend_closes(read.market, evidence.desk.trend_symbol, days)
    for place, day in _month_ends(evidence):
        begins = evidence.days[place - 1].sequence if place else 0
        quoted = trend_quoted(side, begins + 1, day.sequence) if day.on not in trend else None
        if quoted is not None:
            trend[day.on] = quoted
    chart = target_chart(evidence, read.returns, read.lines, trend)
    months = month_lines(read.returns.whole, trend)
    return months_section(evidence, months, (chart,) if chart is not None else ())


def _month_ends(evidence: PeriodEvidence) -> list[tuple[int, DayMarked]]:
    """The close before the period, and the last close of each of its months."""
    first = max(0, evidence.place - 1)
    found: dict[tuple[int, int], tuple[int, DayMarked]] = {}
    for place, day in enumerate(evidence.days[first:], start=first):
        found[day.on.year, day.on.month] = (place, day)
    return list(found.values())


def _weeks(read: PeriodRead) -> Section:
    section = weeks_section(read.evidence, read.lines)
    seen = read.returns.seen
    best, worst = (extremes_table(read.lines, seen, is_best=is_best) for is_best in (True, False))
    return Section(section.title, (best, worst, *section.blocks))


def _taxes(side: ReadSide, year: int) -> TaxReport | str:
    try:
        return build_tax_report(side, year, LotChoice.FIFO)
    except NothingToReport as nothing:
        return str(nothing)
