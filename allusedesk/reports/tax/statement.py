"""A year's taxes as a statement, with the columns of Forms 8949 and 6781: an estimate."""

from __future__ import annotations

from allusedesk.domain.inputs import Mode
from allusedesk.domain.money import total
from allusedesk.journal.queries.record import desk_header
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.tax_forms import FormRow
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.reports.kinds import ReportPeriod
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Figure,
    KeyFigures,
    Paragraph,
    Qualifier,
    Section,
    Standing,
    Statement,
    Table,
    Tone,
)
from allusedesk.reports.tax.sections import (
    amount_column,
    flags_section,
    income_section,
    limits_section,
    lots_section,
    reserve_section,
    written_or_not,
)
from allusedesk.reports.tax.year import TaxYear, tax_year
from allusedesk.reports.weekly.words import sleeve_name
from allusedesk.reports.wording import counted, shown

_RIGHT = Alignment.RIGHT
_BOXES = {
    "A": "Part I, box A: short-term, basis reported by the broker",
    "B": "Part I, box B: short-term, basis not reported by the broker",
    "C": "Part I, box C: short-term, not reported by the broker",
    "D": "Part II, box D: long-term, basis reported by the broker",
    "E": "Part II, box E: long-term, basis not reported by the broker",
    "F": "Part II, box F: long-term, not reported by the broker",
}
_LOTS = {
    LotChoice.FIFO: "A sale takes the oldest units of all sleeves.",
    LotChoice.SPECIFIC: (
        "A sale takes the very lot the desk closed, which holds only where the broker was told so "
        "at the trade."
    ),
}


def build_tax_statement(side: ReadSide, period: ReportPeriod, choice: LotChoice) -> Statement:
    """The taxes of a year. Raises PeriodUnknown where the journal holds no day of it."""
    year = tax_year(side, period.first.year, choice)
    header = desk_header(side)
    mode = header.mode if header else ""
    is_final = not year.report.is_provisional
    return Statement(
        title=f"Taxes of {year.report.year} (estimate, ask your adviser)",
        subtitle="Gains, losses and income of one taxpayer, as this desk's record tells them",
        mode=mode,
        rulebook=header.rulebook if header else "",
        period=period.name,
        chain_head=side.journal.head()[1],
        sequence_first=1,
        sequence_last=side.journal.head()[0],
        standing=Standing.FINAL if is_final else Standing.PROVISIONAL,
        version=1 if period.is_over else 0,
        sections=(
            _short_section(year, choice, mode),
            _form_8949(year),
            _form_6781(year),
            _wash_section(year),
            lots_section(year),
            income_section(year),
            reserve_section(year),
            flags_section(year),
            limits_section(),
        ),
        awaited="a purchase may still defer a loss",
    )


def _short_section(year: TaxYear, choice: LotChoice, mode: str) -> Section:
    report, sums = year.report, year.report.sums
    estimate = Qualifier.ESTIMATE
    warning = (
        "Every figure here is an estimate, ask your adviser: this is no tax return, and the "
        "broker's own forms go first."
    )
    if mode != Mode.LIVE.name:
        warning += " No real money was used, so nothing of it is owed."
    blocks: list[Block] = [
        Paragraph(warning, Tone.WARNING),
        KeyFigures(
            (
                Figure("Short-term", sums.short_term, estimate, "USD", is_signed=True),
                Figure("Long-term", sums.long_term, estimate, "USD", is_signed=True),
                Figure("Together", sums.whole, estimate, "USD", is_signed=True),
                Figure("Deferred by wash sales", sums.disallowed, estimate, "USD"),
                Figure("Dividends", total([one.amount for one in year.dividends]), estimate, "USD"),
                Figure("Set aside for taxes", year.set_aside, estimate, "USD"),
            )
        ),
        Paragraph(_in_words(year)),
        Paragraph(
            f"{_LOTS[choice]} All sleeves and families belong to one taxpayer, who is no dealer "
            "and has made no election. Commissions are part of the cost of what is bought and "
            "lower what a sale brings.",
            Tone.NOTE,
        ),
    ]
    if report.is_provisional:
        blocks.append(
            Paragraph(
                "Provisional: the year still runs, or a purchase within 30 days of a loss may "
                "still defer it."
            )
        )
    blocks.append(_parts_table(year))
    return Section("The year in short", tuple(blocks))


def _in_words(year: TaxYear) -> str:
    rows = year.report.rows
    if not rows:
        return f"Nothing was sold, bought back, expired or delivered in {year.report.year}."
    won = total([row.gain for row in rows if row.gain.amount > 0])
    lost = total([row.gain for row in rows if row.gain.amount < 0])
    said = (
        f"{counted(len(rows), 'closing').capitalize()} in {year.report.year}: gains of "
        f"{shown(won)} USD and losses of {shown(lost)} USD that count in this year."
    )
    deferred = year.report.sums.disallowed
    if deferred:
        said += (
            f" Losses of {shown(deferred)} USD were deferred: something like what was sold was "
            "bought again within 30 days, and its cost went up by as much. Of those and older ones "
            f"{shown(year.still_deferred)} USD still waited at the end of the year."
        )
    return said


def _parts_table(year: TaxYear) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, mine in (
        *((f"Form 8949, box {box}", _in_box(year, box)) for box in _BOXES),
        ("Form 6781, section 1256", [row for row in year.report.rows if row.form == "6781"]),
    ):
        if mine:
            rows.append(
                (
                    name,
                    len(mine),
                    total([row.proceeds for row in mine]),
                    total([row.basis for row in mine]),
                    total([row.adjustment for row in mine]),
                    total([row.gain for row in mine]),
                )
            )
    every = year.report.rows
    return Table(
        "By form and box",
        (
            Column("Form"),
            Column("Rows", _RIGHT),
            amount_column("Proceeds"),
            amount_column("Cost"),
            amount_column("Adjustments"),
            amount_column("Gain or loss", is_signed=True),
        ),
        tuple(rows),
        empty="Nothing was closed in this year.",
        totals=(
            "All",
            len(every),
            total([row.proceeds for row in every]),
            total([row.basis for row in every]),
            total([row.adjustment for row in every]),
            total([row.gain for row in every]),
        )
        if rows
        else (),
    )


def _in_box(year: TaxYear, box: str) -> list[FormRow]:
    return [row for row in year.report.rows if row.box == box]


def _form_8949(year: TaxYear) -> Section:
    blocks: list[Block] = [
        Paragraph(
            "One row for each lot that ended. An option that was written counts as sold on the day "
            "it was written and as acquired on the day it ended. A premium is part of the shares "
            "it was delivered with. The boxes are those a broker would report under: shares bought "
            "since 2011 and options since 2014 with their basis.",
            Tone.NOTE,
        )
    ]
    for box, title in _BOXES.items():
        rows = _in_box(year, box)
        if rows:
            blocks.append(_rows_table(title, rows))
    if len(blocks) == 1:
        blocks = [Paragraph("No row belongs on Form 8949 this year.")]
    return Section("Form 8949", tuple(blocks))


def _rows_table(title: str, rows: list[FormRow]) -> Table:
    return Table(
        title,
        (
            Column("(a) Description"),
            Column("(b) Acquired"),
            Column("(c) Sold"),
            amount_column("(d) Proceeds"),
            amount_column("(e) Cost or other basis"),
            Column("(f) Code"),
            amount_column("(g) Adjustment"),
            amount_column("(h) Gain or loss", is_signed=True),
            Column("Sleeve", is_detail=True),
            Column("Ended", is_detail=True),
        ),
        tuple(
            (
                row.description,
                row.acquired,
                row.sold,
                row.proceeds,
                row.basis,
                row.code,
                row.adjustment or None,
                row.gain,
                sleeve_name(row.account),
                row.ending,
            )
            for row in rows
        ),
        totals=(
            "Total",
            None,
            None,
            total([row.proceeds for row in rows]),
            total([row.basis for row in rows]),
            None,
            total([row.adjustment for row in rows]),
            total([row.gain for row in rows]),
            None,
            None,
        ),
    )


def _form_6781(year: TaxYear) -> Section:
    rows = [row for row in year.report.rows if row.form == "6781"]
    if not rows:
        said = "No option on an index ended this year or was held at its end."
        return Section("Form 6781, section 1256", (Paragraph(said),))
    whole = year.report.sums.section_1256
    long = year.report.sums.long_term - year.report.sums.long_8949
    return Section(
        "Form 6781, section 1256",
        (
            Paragraph(
                "Options on indexes are taxed 60% long-term and 40% short-term however short they "
                "were held, and those still held are marked at the year's last price as if sold. "
                f"Of {shown(whole, is_signed=True)} USD, {shown(long, is_signed=True)} count as "
                f"long-term and {shown(whole - long, is_signed=True)} as short-term."
            ),
            Table(
                "Contracts",
                (
                    Column("Description"),
                    Column("Acquired"),
                    Column("Sold"),
                    amount_column("Proceeds"),
                    amount_column("Cost"),
                    amount_column("Gain or loss", is_signed=True),
                    Column("Ended"),
                ),
                tuple(
                    (
                        row.description,
                        row.acquired,
                        row.sold,
                        row.proceeds,
                        row.basis,
                        row.gain,
                        row.ending,
                    )
                    for row in rows
                ),
                totals=("Total", None, None, None, None, whole, None),
            ),
        ),
    )


def _wash_section(year: TaxYear) -> Section:
    if not year.washes:
        said = "No loss of this year is deferred by a wash sale."
        return Section("Wash sales", (Paragraph(said),))
    later = [
        one.into.deferred for one in year.washes if one.into.acquired_on.year > year.report.year
    ]
    said = (
        "Each loss that was replaced within 30 days before or after, and what replaced it. The "
        "deferred loss is added to the cost of the replacement, so it counts when that ends."
    )
    if later:
        said += (
            f" {shown(total(later))} USD went into what was bought only after the end of the year."
        )
    rows = tuple(
        (
            f"{one.loss.units} {one.loss.instrument}{written_or_not(is_short=one.loss.is_short)}",
            one.loss.closed_on,
            one.loss.proceeds - one.loss.basis,
            one.into.deferred,
            f"{one.into.instrument}{written_or_not(is_short=one.into.is_short)}",
            one.into.acquired_on,
            one.into.shares,
            sleeve_name(one.into.account),
        )
        for one in year.washes
    )
    return Section(
        "Wash sales",
        (
            Paragraph(said),
            Table(
                "What was deferred, and into which lot",
                (
                    Column("Lost on"),
                    Column("Closed"),
                    amount_column("Loss of the lot", is_signed=True),
                    amount_column("Deferred of it"),
                    Column("Into"),
                    Column("Acquired"),
                    Column("Shares", _RIGHT),
                    Column("Sleeve"),
                ),
                rows,
                totals=(
                    "Total",
                    None,
                    None,
                    total([one.into.deferred for one in year.washes]),
                    None,
                    None,
                    None,
                    None,
                ),
            ),
        ),
    )
