"""What the statements of months, quarters and years are all made from, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allusedesk.journal.period_evidence import (
    NothingInPeriod,
    PeriodEvidence,
    WeekLabelled,
    period_evidence,
    weeks_called,
)
from allusedesk.journal.queries.conduct import PeriodConduct, period_conduct
from allusedesk.journal.queries.market_seen import MarketSeen, market_seen
from allusedesk.journal.read_side import ReadSide
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.reports.kinds import PeriodUnknown, ReportPeriod, Span
from allusedesk.reports.periods.notes import free_rate
from allusedesk.reports.periods.returns import PeriodReturns, returns_of
from allusedesk.reports.periods.weeks import WeekLine, week_lines
from allusedesk.reports.periods.words import days_in_words, standing_of
from allusedesk.reports.statement import Section, Statement
from allusedesk.reports.wording import written_day

_MONTHS_A_QUARTER = 3
_A_YEAR, _SOME_DAYS = timedelta(days=372), timedelta(days=8)


@dataclass(frozen=True, slots=True)
class PeriodRead:
    """A period with its evidence, returns, weeks and decisions.

    `weeks_ever` are all whole weeks up to its end, `market` what the desk saw each day of the
    period, and of the year up to its end.
    """

    period: ReportPeriod
    rulebook: Rulebook
    evidence: PeriodEvidence
    market: tuple[MarketSeen, ...]
    returns: PeriodReturns
    lines: tuple[WeekLine, ...]
    weeks_ever: tuple[WeekLabelled, ...]
    conduct: PeriodConduct


def read_returns(
    side: ReadSide, period: ReportPeriod
) -> tuple[PeriodEvidence, tuple[MarketSeen, ...], PeriodReturns]:
    """The part of `read_period` that returns and their ratios rest on; raises as it does."""
    try:
        evidence = period_evidence(side, period.first, period.last)
    except NothingInPeriod as nothing:
        raise PeriodUnknown(str(nothing)) from nothing
    market = market_seen(side, _looks_from(evidence), evidence.sequence_last)
    free = free_rate(market, evidence.week_ends, evidence.desk.notes)
    return evidence, market, returns_of(evidence, free)


def read_period(side: ReadSide, period: ReportPeriod) -> PeriodRead:
    """Read it; raises PeriodUnknown without a close in the period, JournalDamaged."""
    evidence, market, returns = read_returns(side, period)
    rulebook = parse_rulebook(evidence.rulebook_text)
    return PeriodRead(
        period,
        rulebook,
        evidence,
        market,
        returns,
        week_lines(evidence, rulebook, returns.whole),
        weeks_called(side, evidence.days[0].on, evidence.days[-1].on),
        period_conduct(side, evidence.sequence_first, evidence.sequence_last),
    )


def _looks_from(evidence: PeriodEvidence) -> int:
    """The first entry of the year before the period's end, or of the days before its beginning."""
    wanted = min(evidence.first, evidence.days[-1].on - _A_YEAR) - _SOME_DAYS
    before = [day.sequence for day in evidence.days if day.on < wanted]
    return before[-1] + 1 if before else 1


def statement_with(read: PeriodRead, title: str, sections: tuple[Section, ...]) -> Statement:
    """The statement of these sections, with what every page says of the period."""
    evidence, period = read.evidence, read.period
    standing, version = standing_of(evidence, period)
    return Statement(
        title=title,
        subtitle=f"{name_of(period)}, {days_in_words(evidence)}",
        mode=evidence.desk.mode,
        rulebook=read.rulebook.id,
        period=f"{period.name}, {days_in_words(evidence)}",
        chain_head=evidence.chain_head,
        sequence_first=evidence.sequence_first,
        sequence_last=evidence.sequence_last,
        standing=standing,
        version=version,
        sections=sections,
    )


def name_of(period: ReportPeriod) -> str:
    """The period as people call it, such as `February 2013` or `First quarter of 2013`."""
    match period.span:
        case Span.MONTH:
            return written_day(period.first).partition(" ")[2]
        case Span.QUARTER:
            number = (period.first.month - 1) // _MONTHS_A_QUARTER
            order = ("First", "Second", "Third", "Fourth")[number]
            return f"{order} quarter of {period.first.year}"
        case _:
            return str(period.first.year)
