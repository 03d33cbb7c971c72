"""Taxes of a rehearsed winter: sums again, from the text of the entries alone."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.money import Money
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.reports.kinds import ReportKind, period_named
from allusedesk.reports.statement import Statement, Table
from allusedesk.reports.tax.statement import build_tax_statement

pytestmark = pytest.mark.long

YEARS = ("2011", "2012")


def tables(statement: Statement) -> dict[str, Table]:
    return {
        block.title: block
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, Table)
    }


def amount(cell: object) -> Decimal:
    assert isinstance(cell, Money)
    return cell.amount


def total(table: Table, title: str) -> Decimal:
    if not table.totals:
        return Decimal(0)
    return amount(table.totals[[column.title for column in table.columns].index(title)])


def booked(side: ReadSide) -> dict[str, Decimal]:
    """Cash of trades, dividends and commissions by year, as the entries have them."""
    found: dict[str, Decimal] = {}
    for row in side.journal.rows(1, side.journal.head()[0]):
        body = json.loads(row.body)
        if not isinstance(body, dict) or "booking" not in body or row.kind == "CashBooked":
            continue
        cash = sum(Decimal(move["amount"]) for move in body["booking"]["cash"])
        kind = "dividends" if row.kind == "DividendBooked" else "trades"
        filled = body["fills"][0]["filled_at"] if "fills" in body else row.recorded_at
        for key in (kind, f"{kind} {filled[:4]}"):
            found[key] = found.get(key, Decimal(0)) + cash
        paid = Decimal(body["booking"]["commission"])
        key = f"commissions {filled[:4]}"
        found[key] = found.get(key, Decimal(0)) + paid
    return found


@pytest.mark.parametrize("choice", list(LotChoice))
def test_gains_of_all_years_and_lots_left_are_the_cash_that_moved(
    winter_journal: Path, choice: LotChoice
) -> None:
    with ReadSide.open(winter_journal) as side:
        told = booked(side)
        years = [
            tables(build_tax_statement(side, period_named(side, ReportKind.TAX, year), choice))
            for year in YEARS
        ]
    gains = sum(total(year["By form and box"], "Gain or loss") for year in years)
    last = years[-1]["Lots"]
    left = total(last, "Cost") + total(last, "Deferred losses")
    assert gains - left == told["trades"]
    for name, year in zip(YEARS, years, strict=True):
        assert total(year["Dividends"], "Amount") == told.get(f"dividends {name}", Decimal(0))
        rows = [
            row
            for title, table in year.items()
            if title.startswith("Part ") or title == "Contracts"
            for row in table.rows
        ]
        assert len(rows) == year["By form and box"].totals[1]


@pytest.mark.parametrize("year", YEARS)
def test_rows_boxes_parts_and_periods_say_the_same(winter_journal: Path, year: str) -> None:
    with ReadSide.open(winter_journal) as side:
        told = booked(side)
        statement = build_tax_statement(
            side, period_named(side, ReportKind.TAX, year), LotChoice.FIFO
        )
    found = tables(statement)
    boxes = [table for title, table in found.items() if title.startswith("Part ")]
    for table in boxes:
        for row in table.rows:
            adjustment = amount(row[6]) if row[6] is not None else Decimal(0)
            assert amount(row[3]) - amount(row[4]) + adjustment == amount(row[7])
            assert (row[5] == "W") is bool(adjustment)
    parts = found["By form and box"]
    gains = sum(total(table, "(h) Gain or loss") for table in boxes)
    gains += total(found["Contracts"], "Gain or loss") if "Contracts" in found else 0
    assert gains == total(parts, "Gain or loss")
    assert gains == total(found["What estimated payments look at"], "Together")
    washed = found.get("What was deferred, and into which lot")
    deferred = total(washed, "Deferred of it") if washed else Decimal(0)
    assert deferred == total(parts, "Adjustments")
    text = " ".join(
        block.text
        for section in statement.sections
        for block in section.blocks
        if hasattr(block, "text")
    )
    assert f"Commissions of {told[f'commissions {year}']:,.2f} USD are already" in text
