"""One quarter as a statement, from the journal's read side."""

from __future__ import annotations

from allusedesk.journal.queries.long_options import ladder_looks, ladder_money, long_options
from allusedesk.journal.queries.market_seen import first_and_last_prices
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import Notice, Reinvestment
from allusedesk.reports.attribution_report import build_attribution
from allusedesk.reports.kinds import ReportPeriod
from allusedesk.reports.periods.figures import glance_section
from allusedesk.reports.periods.forks import forks_section
from allusedesk.reports.periods.notes import about_section
from allusedesk.reports.periods.quarterly_holdings import (
    hedges_section,
    ladder_section,
    reinvestment_section,
)
from allusedesk.reports.periods.quarterly_sources import against_own_shares, sources_section
from allusedesk.reports.periods.reading import PeriodRead, read_period, statement_with
from allusedesk.reports.periods.returns import returns_section
from allusedesk.reports.periods.weeks import weeks_section
from allusedesk.reports.periods.words import accounts_of, seen_as
from allusedesk.reports.statement import Section, Statement
from allusedesk.reports.weekly.words import tier_of


def build_quarterly_statement(side: ReadSide, period: ReportPeriod) -> Statement:
    """The statement of a quarter: every figure from the record.

    Raises PeriodUnknown where the journal marked no close in it, JournalDamaged where an entry
    is not as it was written.
    """
    read = read_period(side, period)
    evidence, returns = read.evidence, read.returns
    return statement_with(
        read,
        "Quarterly statement",
        (
            glance_section(evidence, returns, read.lines, read.conduct, period.span),
            _sources(side, read),
            *_holdings(side, read),
            forks_section(evidence, read.rulebook),
            returns_section(evidence, returns),
            weeks_section(evidence, read.lines),
            about_section(side, evidence, period.span),
        ),
    )


def _sources(side: ReadSide, read: PeriodRead) -> Section:
    evidence = read.evidence
    report = build_attribution(side, read.period.first, read.period.last)
    first, last = first_and_last_prices(side, evidence.sequence_first, evidence.sequence_last)
    own = [
        symbol
        for tier in evidence.desk.symbols.split(";")
        for symbol in tier.partition("=")[2].split(",")
    ]
    against = against_own_shares(report, sorted({*own} - {""}), first, last, read.market)
    return sources_section(report, against, seen_as(evidence))


def _holdings(side: ReadSide, read: PeriodRead) -> tuple[Section, ...]:
    evidence, quarter = read.evidence, read.period.name
    first, last = evidence.sequence_first, evidence.sequence_last
    ever = side.figures(Reinvestment, "FROM reinvestments ORDER BY sequence")
    options, money = long_options(side, last), ladder_money(side, first, last)
    notices = side.figures(
        Notice,
        "FROM notices WHERE subject = 'hedge' AND (text LIKE ? OR "
        "(sequence BETWEEN ? AND ? AND text NOT LIKE 'Hedges of %')) ORDER BY sequence",
        (f"% in {quarter} %", first, last),
    )
    return (
        reinvestment_section(
            quarter,
            [one for one in ever if one.quarter == quarter],
            [one for one in ever if one.sequence <= last],
            money,
            [
                one.earned
                for one, account in zip(read.returns.sleeves, accounts_of(evidence), strict=True)
                if tier_of(account) in read.rulebook.reinvestment.accounts
            ],
            read.rulebook,
        ),
        ladder_section(
            options,
            money,
            ladder_looks(side, first, last),
            read.rulebook,
            first,
            evidence.days[-1].on,
            seen_as(evidence),
        ),
        hedges_section(options, notices, read.rulebook, first, seen_as(evidence)),
    )
