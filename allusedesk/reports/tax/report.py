"""A year's taxes and the sleeves' cash, read from the journal; taxes are an estimate."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from allusedesk.domain.inputs import DeskOpened
from allusedesk.domain.money import NOTHING, Money
from allusedesk.journal.bookings import book_as_of, bookings, tax_reserves, year_end_prices
from allusedesk.journal.queries.record import last_mark_day
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.cash_ladder import CashLadder, cash_ladder
from allusedesk.portfolio.tax_estimate import estimate_tax
from allusedesk.portfolio.tax_forms import (
    FormRow,
    Instalment,
    TaxSums,
    form_rows,
    instalments,
    tax_sums,
)
from allusedesk.portfolio.tax_lots import ESTIMATE, LotChoice, TaxFlag, TaxPicture
from allusedesk.portfolio.tax_trades import TaxEvent, tax_events
from allusedesk.portfolio.wash_sales import WASH_DAYS
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.reports.csv_export import neutralised

TAX_COLUMNS = (
    "form",
    "part",
    "description",
    "date acquired",
    "date sold",
    "proceeds",
    "cost or other basis",
    "code",
    "adjustment",
    "gain or loss",
    "sleeve",
    "realised on",
    "ending",
    "box",
    "label",
)


class NothingToReport(Exception):
    """The journal has no such year, or no whole day at all; says which it has."""


@dataclass(frozen=True, slots=True)
class TaxReport:
    """One year: its rows, sums, estimated payments and flags.

    It is provisional until no purchase can make a wash sale of the year's losses any more.
    """

    year: int
    label: str
    lots: str
    is_provisional: bool
    chain_head: str
    sums: TaxSums
    instalments: tuple[Instalment, ...]
    flags: tuple[TaxFlag, ...]
    rows: tuple[FormRow, ...]


def build_tax_report(side: ReadSide, year: int | None, choice: LotChoice) -> TaxReport:
    """A year's taxes as the whole journal tells them, the last year's where none is named.

    Raises NothingToReport for a year that is not in it.
    """
    last = last_mark_day(side)
    if last is None:
        raise NothingToReport("The journal holds no whole day yet, so no year can be reported.")
    dated = list(dated_events(side))
    first = min([last, *(on for on, _ in dated)])
    year = last.year if year is None else year
    if not first.year <= year <= last.year:
        known = f"{first.year}" if first.year == last.year else f"{first.year} to {last.year}"
        raise NothingToReport(f"The journal holds nothing of {year}: it has {known}.")
    return report_of(side, year, estimate_tax(dated, last, year_end_prices(side), choice), choice)


def report_of(side: ReadSide, year: int, found: TaxPicture, choice: LotChoice) -> TaxReport:
    """One year of an estimate that was made of the whole journal."""
    last = last_mark_day(side) or date(year, 12, 31)
    rows = form_rows(found.closings, year)
    flags = tuple(flag for flag in found.flags if flag.on.year == year)
    return TaxReport(
        year=year,
        label=ESTIMATE,
        lots=choice.value,
        is_provisional=last <= date(year, 12, 31) + timedelta(days=WASH_DAYS),
        chain_head=side.journal.head()[1],
        sums=tax_sums(rows),
        instalments=instalments(rows, year),
        flags=flags,
        rows=rows,
    )


def dated_events(side: ReadSide) -> Iterator[tuple[date, TaxEvent]]:
    """What every booking means for tax lots, with its day, in order."""
    for seen in bookings(side):
        for event in tax_events(seen.on, seen.how, seen.booking):
            yield seen.on, event


def cash_ladders(side: ReadSide) -> tuple[date, tuple[CashLadder, ...]]:
    """Every sleeve's cash after the last marked close. Raises NothingToReport without one."""
    today = last_mark_day(side)
    opened = next(iter(side.journal.read(1, 1))).event
    if today is None or not isinstance(opened, DeskOpened):
        raise NothingToReport("The journal holds no whole day yet, so no cash can be shown.")
    fee = Money(parse_rulebook(opened.rulebook_text).costs.contract)
    book = book_as_of(side, today)
    kept = tax_reserves(side)
    accounts = sorted(book.accounts)
    return today, tuple(
        cash_ladder(book, account, fee, kept.get(account, NOTHING)) for account in accounts
    )


def write_tax_csv(report: TaxReport, file: Path) -> None:
    """The rows under the columns of Forms 8949 and 6781; no cell can act as a formula."""
    target = StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(TAX_COLUMNS)
    for row in report.rows:
        cells = (
            row.form,
            row.part,
            row.description,
            row.acquired,
            row.sold,
            row.proceeds.amount,
            row.basis.amount,
            row.code,
            row.adjustment.amount,
            row.gain.amount,
            row.account,
            row.realised_on,
            row.ending,
            row.box,
            report.label,
        )
        writer.writerow([neutralised(str(cell)) for cell in cells])
    file.write_text(target.getvalue(), encoding="utf-8", newline="")
