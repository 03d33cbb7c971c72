"""Makes any report of a journal: what the command line, the window and the desk itself ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportKind, ReportPeriod, period_named
from allusedesk.reports.statement import Statement
from allusedesk.resource_files import resource_path

FORMATS = ("pdf", "csv", "json")


@dataclass(frozen=True, slots=True)
class ReportWish:
    """One report somebody wants; `period` such as 2013-W07, 2013-02, 2013-Q1, 2013, or last.

    For a client `account` is a family or a sleeve (empty: the first family), and `targets_by` who
    switched on that targets are shown (empty: nobody). For taxes `lots` is fifo or specific, for
    risk `data` are paths of prices to measure on (empty: those the journal saw).
    """

    kind: ReportKind
    period: str = "last"
    account: str = ""
    targets_by: str = ""
    lots: str = "fifo"
    data: tuple[Path, ...] = ()


def kinds_made() -> tuple[ReportKind, ...]:
    """The reports that can be made, in the order they are listed."""
    return tuple(kind for kind in ReportKind if kind in _BUILDERS or kind in _WISHED)


def statement_of(side: ReadSide, wish: ReportWish) -> Statement:
    """The report as a value, from the record.

    Raises PeriodUnknown where the journal was not run through the period, or has no such account.
    """
    period = period_named(side, wish.kind, wish.period)
    if wish.kind in _WISHED:
        return _WISHED[wish.kind](side, period, wish)
    return _BUILDERS[wish.kind](side, period)


def write_statement(statement: Statement, file: Path, form: str) -> None:
    """Write the statement to `file` as pdf, csv or json; raises OSError where that fails."""
    # What draws pages is read in when there is one to draw: a desk that was killed is back sooner.
    if form == "csv":
        from allusedesk.reports.csv_export import write_csv

        write_csv(statement, file)
    elif form == "json":
        from allusedesk.reports.json_export import write_json

        write_json(statement, file)
    else:
        from allusedesk.reports.paper.pdf import draw_statement

        draw_statement(statement, file, resource_path("fonts"))


def write_report(journal: Path, wish: ReportWish, stem: Path) -> tuple[Path, ...]:
    """The report as `stem` with .pdf, .csv and .json; returns the three files."""
    with ReadSide.open(journal) as side:
        statement = statement_of(side, wish)
    stem.parent.mkdir(parents=True, exist_ok=True)
    files = tuple(stem.with_name(f"{stem.name}.{form}") for form in FORMATS)
    for form, file in zip(FORMATS, files, strict=True):
        write_statement(statement, file, form)
    return files


def _weekly(side: ReadSide, period: ReportPeriod) -> Statement:
    from allusedesk.reports.weekly.statement import build_weekly_statement

    return build_weekly_statement(side, period.name)


def _monthly(side: ReadSide, period: ReportPeriod) -> Statement:
    from allusedesk.reports.periods.monthly_statement import build_monthly_statement

    return build_monthly_statement(side, period)


def _regulatory(side: ReadSide, period: ReportPeriod) -> Statement:
    from allusedesk.reports.regulatory.statement import build_regulatory_statement
    from allusedesk.wiring.regulatory import regulatory_evidence

    return build_regulatory_statement(regulatory_evidence(side, period))


def _quarterly(side: ReadSide, period: ReportPeriod) -> Statement:
    from allusedesk.reports.periods.quarterly_statement import build_quarterly_statement

    return build_quarterly_statement(side, period)


def _annual(side: ReadSide, period: ReportPeriod) -> Statement:
    from allusedesk.reports.periods.annual_statement import build_annual_statement
    from allusedesk.reports.periods.reading import read_period
    from allusedesk.wiring.outlooks import outlook_at

    read = read_period(side, period)
    outlook = outlook_at(side, read.evidence.days[-1].on, read.rulebook)
    return build_annual_statement(side, read, outlook)


_BUILDERS: dict[ReportKind, Callable[[ReadSide, ReportPeriod], Statement]] = {
    ReportKind.WEEKLY: _weekly,
    ReportKind.REGULATORY: _regulatory,
    ReportKind.MONTHLY: _monthly,
    ReportKind.QUARTERLY: _quarterly,
    ReportKind.ANNUAL: _annual,
}


def _client(side: ReadSide, period: ReportPeriod, wish: ReportWish) -> Statement:
    from allusedesk.reports.client.statement import build_client_statement

    return build_client_statement(side, period, wish.account, wish.targets_by)


def _tax(side: ReadSide, period: ReportPeriod, wish: ReportWish) -> Statement:
    from allusedesk.portfolio.tax_lots import LotChoice
    from allusedesk.reports.tax.statement import build_tax_statement

    return build_tax_statement(side, period, LotChoice(wish.lots))


def _risk(side: ReadSide, period: ReportPeriod, wish: ReportWish) -> Statement:
    from allusedesk.wiring.risk_report import risk_statement

    return risk_statement(side, period, wish.data)


# Reports that depend on more than their period.
_WISHED: dict[ReportKind, Callable[[ReadSide, ReportPeriod, ReportWish], Statement]] = {
    ReportKind.RISK: _risk,
    ReportKind.CLIENT: _client,
    ReportKind.TAX: _tax,
}
