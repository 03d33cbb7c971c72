"""The tax summary of the annual statement; every figure of it is an estimate."""

from __future__ import annotations

from collections import Counter

from allusedesk.reports.statement import (
    Alignment,
    Cell,
    Column,
    Figure,
    KeyFigures,
    Paragraph,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.tax.report import TaxReport
from allusedesk.reports.wording import counted

_RIGHT = Alignment.RIGHT
_TITLE = "Taxes: an estimate, ask your adviser"


def tax_section(report: TaxReport | str) -> Section:
    """Short, long and what wash sales deferred; where there is nothing to report, why."""
    if isinstance(report, str):
        return Section(_TITLE, (Paragraph(report),))
    sums, guess = report.sums, Qualifier.ESTIMATE
    figures = KeyFigures(
        (
            Figure("Short-term, USD", sums.short_term, guess, is_signed=True),
            Figure("Long-term, USD", sums.long_term, guess, is_signed=True),
            Figure("Deferred by wash sales, USD", sums.disallowed, guess),
            Figure("Taxable gain, USD", sums.whole, guess, "short and long", is_signed=True),
        )
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.period,
            one.due,
            one.sums.short_term,
            one.sums.long_term,
            one.sums.disallowed,
            one.sums.whole,
        )
        for one in report.instalments
    )
    table = Table(
        "By the periods of estimated payments",
        (
            Column("Realised in"),
            Column("Payment due"),
            Column("Short-term", _RIGHT, "USD", guess, is_signed=True),
            Column("Long-term", _RIGHT, "USD", guess, is_signed=True),
            Column("Deferred", _RIGHT, "USD", guess),
            Column("Together", _RIGHT, "USD", guess, is_signed=True),
        ),
        rows,
        totals=("The year", None, sums.short_term, sums.long_term, sums.disallowed, sums.whole),
    )
    return Section(
        _TITLE,
        (figures, Paragraph(_told(report), Tone.NOTE), table, _forms(report), _flags(report)),
    )


def _told(report: TaxReport) -> str:
    rows = counted(len(report.rows), "row")
    text = (
        f"Every figure here is an {report.label}. Lots are taken as {report.lots}; {rows} "
        f"of Forms 8949 and 6781 and {counted(len(report.flags), 'flag')} stand in the tax report "
        f"of {report.year} (report tax --period {report.year}). Section 1256 contracts count 60% "
        "long and 40% short."
    )
    if report.is_provisional:
        text += " Provisional: a purchase within 30 days of a loss may still defer it."
    return text


def _forms(report: TaxReport) -> Table:
    sums = report.sums
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Form 8949, short-term", sums.short_8949),
        ("Form 8949, long-term", sums.long_8949),
        ("Form 6781, section 1256", sums.section_1256),
    )
    columns = (Column("Part"), Column("Gain", _RIGHT, "USD", Qualifier.ESTIMATE, is_signed=True))
    return Table("By form", columns, rows)


def _flags(report: TaxReport) -> Table:
    concerns = Counter(flag.concern.value for flag in report.flags)
    return Table(
        "What to look at",
        (Column("Concern"), Column("How often", _RIGHT, qualifier=Qualifier.ESTIMATE)),
        tuple(sorted(concerns.items())),
        empty="Nothing was flagged.",
    )
