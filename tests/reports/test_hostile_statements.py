"""Statements as nobody would wish for: every format must still say the same, within its pages."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from allusedesk.domain.money import Price
from allusedesk.reports.paper.pdf import printed
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Figure,
    Heading,
    KeyFigures,
    Number,
    Paragraph,
    Percent,
    Qualifier,
    Reference,
    Section,
    Statement,
    Table,
    Tone,
)
from tests.reports.agreement import bookmarks, check_agreement, links
from tests.reports.drawn import page_texts, statement, usd
from tests.reports.sample_week import FONTS

RIGHT = Alignment.RIGHT
NAMES = {
    "markup": '<b>R&D</b> <"said"> & &amp; <font color="red">',
    "chinese": "\u4e2d\u6587\u516c\u53f8\u7684\u5e10\u6237" * 30,
    "japanese and korean": "\u65e5\u672c\u8a9e\u306e\u53e3\u5ea7 \ud55c\uad6d \uacc4\uc88c",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd 12.50 \u0645\u0631\u062d",
    "control": "a\x00b\tc\nd\x1fe\u200bf\u202eg\ufeffh",
    "emoji": "\U0001f600 \U0001f469\u200d\U0001f4bb \u2764\ufe0f up 5%",
    "thai and hindi": "\u0e44\u0e17\u0e22 \u0939\u093f\u0928\u094d\u0926\u0940",
    "unbroken": "W" * 10_000,
    "words": "word " * 2_000,
    "formula": "=1+1 @SUM(A1)",
    "blank": " ",
    "empty": "",
}


def of_blocks(*blocks: Block) -> Statement:
    return statement(*blocks, mode="REHEARSAL")


def orders(name: str, rows: int) -> Table:
    columns = (
        Column("Order"),
        Column("Cash", RIGHT, "USD", Qualifier.MODELLED, is_signed=True),
        Column("Why", is_detail=True),
    )
    cells = tuple((name, usd(f"{n * 7 - 9}.25"), name) for n in range(rows))
    return Table(name, columns, cells, totals=("All", usd("-12.50"), None))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_kept_in_its_place(name: str) -> None:
    text = NAMES[name]
    drawn = of_blocks(
        Heading(text),
        Paragraph(text, Tone.WARNING),
        KeyFigures((Figure(text, text, note=text[:400]), Figure("Cash", usd("-0.01")))),
        orders(text, 3),
    )
    drawn = replace(
        drawn,
        title=text,
        subtitle=text,
        period=text,
        sections=(
            Section(text, drawn.sections[0].blocks),
            Section("After", ()),
            Section("Last", ()),
        ),
    )
    pdf = printed(drawn, FONTS)
    titles = [title for level, title, _ in bookmarks(pdf) if level == 0]
    assert titles[1:] == ["After", "Last"]
    check_agreement(replace(drawn, sections=(Section("Names", drawn.sections[0].blocks),)))


def test_letters_of_the_far_east_are_drawn_and_can_be_copied() -> None:
    text = "\u4e2d\u6587 \u65e5\u672c\u8a9e\u306e \ud55c\uad6d"
    pdf = printed(of_blocks(Paragraph(text), orders(text, 1)), FONTS)
    assert b"+DroidSansFallback" in pdf
    assert page_texts(pdf)[0].count(text) >= 3
    assert len(pdf) < 120_000
    assert b"+DroidSansFallback" not in printed(of_blocks(Paragraph("plain")), FONTS)


def test_a_table_of_fourteen_columns_breaks_no_figure() -> None:
    columns = (Column("Order"), *(Column(f"Amount {n}", RIGHT, "USD") for n in range(13)))
    amounts = tuple(usd(f"-{n + 1}234567.89") for n in range(13))
    drawn = of_blocks(Table("Wide", columns, tuple((f"R{n}", *amounts) for n in range(5))))
    check_agreement(drawn)
    text = page_texts(printed(drawn, FONTS))[0]
    assert text.count("\u22121,234,567.89") == 5
    assert text.count("\u221213,234,567.89") == 5
    assert text.count("Amount 12: ") == 5


def test_every_kind_of_cell_at_its_extremes() -> None:
    cells: tuple[Cell, ...] = (
        usd("-999999999999999.99"),
        Price(Decimal("0.0001")),
        Percent(Decimal("-12.3456")),
        Number(Decimal("1e-9"), 4),
        -5_000_000,
        date(1900, 1, 1),
        None,
        "",
        Reference(usd("-3"), "Elsewhere"),
        Reference("nowhere", "no such place"),
    )
    columns = tuple(Column(f"C{n}", RIGHT) for n in range(len(cells)))
    drawn = of_blocks(Table("Cells", columns, (cells,)))
    shown = page_texts(printed(drawn, FONTS))[0]
    for text in (
        "\u2212999,999,999,999,999.99",
        "0.0001",
        "\u22121,234.56%",
        "1900-01-01",
        "nowhere",
    ):
        assert text in shown
    known = Table("Cells", columns[:9], (cells[:9],))
    check_agreement(replace(drawn, sections=(*of_blocks(known).sections, Section("Elsewhere", ()))))


def test_nothing_at_all_is_a_page_that_says_so() -> None:
    check_agreement(replace(statement(), sections=()))
    check_agreement(of_blocks(Table("None", (Column("a"),), (), empty="Nothing happened.")))
    check_agreement(of_blocks(KeyFigures(()), Paragraph(""), Heading("")))
    check_agreement(of_blocks(Table("Details", (Column("a", is_detail=True),), (("x",), ("",)))))


def test_amounts_beyond_all_measure_keep_every_digit() -> None:
    drawn = of_blocks(orders("a", 1), KeyFigures((Figure("Huge", usd("-1" + "0" * 40 + ".25")),)))
    text = page_texts(check_agreement(drawn))[0]
    assert "\u221210" + ",000" * 13 + ".25" in text


def test_a_negative_year_is_red_and_says_so_with_its_sign() -> None:
    drawn = of_blocks(
        KeyFigures((Figure("Year", usd("-1234.5"), Qualifier.MEASURED, is_signed=True),)),
        orders("a", 1),
    )
    assert "\u22121,234.50" in page_texts(check_agreement(drawn))[0]


def test_a_reference_leads_there_from_text_and_table_and_by_a_section_s_title() -> None:
    filler = orders("row", 120)
    table = replace(filler, anchor="the orders", row_anchors=tuple(f"row {n}" for n in range(120)))
    words = Paragraph(
        "The last order and The end are far away.",
        references=(Reference("last order", "row 119"), Reference("The end", "The end")),
    )
    back = Table("Back", (Column("To"),), ((Reference("the orders", "the orders"),),))
    drawn = replace(
        statement(),
        sections=(
            Section("First", (words,)),
            Section("Orders", (table,)),
            Section("The end", (back,)),
        ),
    )
    pdf = check_agreement(drawn)
    page_of = {title: page for _, title, page in bookmarks(pdf)}
    last = len(page_texts(pdf))
    found = links(pdf)
    assert page_of["The end"] == last > 3
    # The list of contents, the words of the section's title and those of the last row.
    assert found.count((1, last)) == 3
    assert (last, page_of["Orders"]) in found


@pytest.mark.long
def test_five_thousand_trades_take_time_as_their_number() -> None:
    def seconds(rows: int) -> float:
        drawn = of_blocks(orders("sell AAPL 2013-02-15 460 put", rows))
        started = time.process_time()
        printed(drawn, FONTS)
        return time.process_time() - started

    seconds(50)
    one, five = seconds(1_000), seconds(5_000)
    assert five < 10 * one
    check_agreement(of_blocks(orders("sell AAPL 2013-02-15 460 put", 5_000)))
