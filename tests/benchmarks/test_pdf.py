"""Twenty pages of a statement as PDF, beside the limit of one second."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from allusedesk.domain.money import Money
from allusedesk.reports.paper.pdf import printed
from allusedesk.reports.statement import (
    Alignment,
    Chart,
    ChartKind,
    Column,
    Qualifier,
    Series,
    Table,
)
from tests.reports.drawn import page_texts, statement
from tests.reports.sample_week import FONTS

PAGES = 20
SECONDS_MAX = 1.0
POINTS = 500


def line(name: str, step: int) -> Series:
    values = tuple(Money(Decimal(100000 + step * n % 9973)) for n in range(POINTS))
    return Series(name, values, Qualifier.MEASURED)


def test_twenty_pages_with_charts_and_tables(benchmark: Any) -> None:
    names = tuple(str(n) for n in range(POINTS))
    chart = Chart("Equity", ChartKind.LINES, names, (line("Gen", 37), line("Rev", 61)))
    columns = tuple(Column(f"Column {n}", Alignment.RIGHT, "USD") for n in range(6))
    rows = tuple(tuple(Money(Decimal(n * 17 - m)) for m in range(6)) for n in range(33))
    drawn = statement(chart, Table("Amounts", columns, rows), sections=PAGES)
    pdf = benchmark.pedantic(printed, args=(drawn, FONTS), rounds=3, warmup_rounds=1)
    started = time.process_time()
    printed(drawn, FONTS)
    # Of the processor, since whatever else the machine does is no fault of the drawing.
    seconds = time.process_time() - started
    print(f"\n{len(page_texts(pdf))} pages in {seconds:.2f} s, at most {SECONDS_MAX} s for {PAGES}")
    assert len(page_texts(pdf)) >= PAGES
    assert seconds <= SECONDS_MAX
