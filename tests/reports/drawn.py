"""Drawn statements, read back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pypdfium2

from allusedesk.domain.money import Money
from allusedesk.reports.statement import Block, Section, Standing, Statement
from allusedesk.reports.weekly.statement import build_weekly_statement
from tests.reports.sample_week import Shape, written_week


def statement(*blocks: Block, mode: str = "PAPER", sections: int = 1) -> Statement:
    parts = tuple(Section(f"Part {number}", blocks) for number in range(1, sections + 1))
    return Statement(
        title="Weekly statement",
        subtitle="Week 7 of 2013",
        mode=mode,
        rulebook="classic@1.0",
        period="2013-W07, 11 to 15 February 2013",
        chain_head="0123456789abcdef" * 4,
        sequence_first=1,
        sequence_last=1234,
        standing=Standing.PROVISIONAL,
        version=1,
        sections=parts,
    )


def weekly(folder: Path, shape: Shape) -> Statement:
    with written_week(folder, shape) as side:
        return build_weekly_statement(side, "2013-W07")


def usd(amount: str) -> Money:
    return Money(Decimal(amount))


def page_texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [document[n].get_textpage().get_text_range() for n in range(len(document))]
    finally:
        document.close()
