"""One month as a statement, from the journal's read side."""

from __future__ import annotations

from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportPeriod
from allusedesk.reports.periods.conduct import conduct_section, trades_section
from allusedesk.reports.periods.figures import glance_section
from allusedesk.reports.periods.forks import forks_section
from allusedesk.reports.periods.notes import about_section
from allusedesk.reports.periods.reading import read_period, statement_with
from allusedesk.reports.periods.returns import returns_section
from allusedesk.reports.periods.weeks import mix_section, weeks_section
from allusedesk.reports.statement import Statement


def build_monthly_statement(side: ReadSide, period: ReportPeriod) -> Statement:
    """The statement of a month: every figure from the record.

    Raises PeriodUnknown where the journal marked no close in it, JournalDamaged where an entry
    is not as it was written.
    """
    read = read_period(side, period)
    evidence, returns, conduct = read.evidence, read.returns, read.conduct
    return statement_with(
        read,
        "Monthly statement",
        (
            glance_section(evidence, returns, read.lines, conduct, period.span),
            returns_section(evidence, returns),
            weeks_section(evidence, read.lines),
            mix_section(evidence, read.rulebook, read.weeks_ever),
            conduct_section(conduct),
            forks_section(evidence, read.rulebook),
            trades_section(evidence, conduct),
            about_section(side, evidence, period.span),
        ),
    )
