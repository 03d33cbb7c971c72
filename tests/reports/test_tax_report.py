from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from allusedesk.domain.money import NOTHING
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import Journal
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.reports.tax.report import (
    TAX_COLUMNS,
    NothingToReport,
    build_tax_report,
    cash_ladders,
    write_tax_csv,
)
from tests.journal.week_entries import recorded, usd


def opened(path: Path, entries: int | None = None) -> ReadSide:
    with Journal.create(path / "week.journal", durable=False) as journal, journal.group():
        journal.append(recorded()[:entries])
    return ReadSide.open(path / "week.journal")


def test_a_put_that_expired_is_one_row(tmp_path: Path) -> None:
    with opened(tmp_path) as side:
        report = build_tax_report(side, 2026, LotChoice.FIFO)
    (row,) = report.rows
    assert row.description == "2 AAPL 2026-02-13 260 put (written)"
    assert (row.acquired, row.sold) == (date(2026, 2, 13), date(2026, 2, 12))
    assert (row.proceeds, row.basis, row.gain) == (usd("238.00"), NOTHING, usd("238.00"))
    assert (row.ending, report.sums.short_term) == ("expired", usd("238.00"))
    assert report.is_provisional
    assert [one.sums.whole for one in report.instalments] == [usd("238.00"), usd(0), usd(0), usd(0)]


def test_rows_have_the_columns_of_the_forms_and_the_label(tmp_path: Path) -> None:
    with opened(tmp_path) as side:
        report = build_tax_report(side, None, LotChoice.SPECIFIC)
    write_tax_csv(report, tmp_path / "tax.csv")
    with (tmp_path / "tax.csv").open(encoding="utf-8", newline="") as file:
        head, row = csv.reader(file)
    assert tuple(head) == TAX_COLUMNS
    assert row[:3] == ["8949", "short", "2 AAPL 2026-02-13 260 put (written)"]
    # An option written in 2026 is one whose basis the broker reports.
    assert row[-2] == "A"
    assert row[-1] == report.label == "estimate, ask your adviser"
    assert (report.lots, report.instalments[0].due) == ("specific", date(2026, 4, 15))


def test_what_is_not_in_the_journal_is_not_reported(tmp_path: Path) -> None:
    said = "nothing of 2025: it has 2026"
    with opened(tmp_path) as side, pytest.raises(NothingToReport, match=said):
        build_tax_report(side, 2025, LotChoice.FIFO)
    empty = tmp_path / "empty"
    empty.mkdir()
    with opened(empty, entries=4) as side:
        with pytest.raises(NothingToReport, match="no whole day"):
            build_tax_report(side, None, LotChoice.FIFO)
        with pytest.raises(NothingToReport, match="no whole day"):
            cash_ladders(side)
