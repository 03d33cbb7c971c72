"""The statement of a period's evidence: what every page of it says, whatever it is about."""

from __future__ import annotations

from typing import Protocol

from allusedesk.journal.evidence import Evidence
from allusedesk.reports.kinds import ReportPeriod
from allusedesk.reports.statement import Section, Standing, Statement
from allusedesk.reports.wording import written_day


class PeriodSeen(Protocol):
    """What was read of one period; `chain_head` is the journal's when it was read."""

    @property
    def period(self) -> ReportPeriod: ...

    @property
    def mode(self) -> str: ...

    @property
    def rulebook(self) -> str: ...

    @property
    def chain_head(self) -> str: ...

    @property
    def seen(self) -> Evidence: ...


def days_of(period: ReportPeriod) -> str:
    """The period's first and last day in words."""
    return f"{written_day(period.first)} to {written_day(period.last)}"


def statement_of_period(
    evidence: PeriodSeen, title: str, subtitle: str, sections: tuple[Section, ...]
) -> Statement:
    """The statement of these sections, final once nothing can be added to the period."""
    period, seen = evidence.period, evidence.seen
    return Statement(
        title=title,
        subtitle=subtitle,
        mode=evidence.mode,
        rulebook=evidence.rulebook,
        period=f"{period.name}, {days_of(period)}",
        chain_head=evidence.chain_head,
        sequence_first=seen.sequence_first,
        sequence_last=seen.sequence_last,
        standing=Standing.FINAL if period.is_over else Standing.PROVISIONAL,
        version=int(period.is_over),
        sections=sections,
    )
