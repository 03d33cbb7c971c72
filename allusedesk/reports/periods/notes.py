"""The last part of a longer period's statement: where its figures come from."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from allusedesk.journal.period_evidence import PeriodEvidence
from allusedesk.journal.queries.attribution import closes_modelled
from allusedesk.journal.queries.market_seen import MarketSeen
from allusedesk.journal.read_side import ReadSide
from allusedesk.protocol.week_types import WEEKS_OF_A_YEAR
from allusedesk.reports.kinds import Span
from allusedesk.reports.periods.returns import FreeRate
from allusedesk.reports.periods.words import how_counted
from allusedesk.reports.statement import (
    Block,
    Column,
    Figure,
    KeyFigures,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.wording import counted, entries_covered

_RATE_NAMED = re.compile(r"^Interest: (\S+)", re.MULTILINE)


def free_rate(seen: Sequence[MarketSeen], week_ends: Sequence[date], notes: str) -> FreeRate:
    """The mean short rate the desk saw in the weeks that the statistics are made of.

    `notes` are the market's, which name the series the rate comes from.
    """
    ends = week_ends[-WEEKS_OF_A_YEAR - 1 :]
    first = ends[0] if len(ends) > WEEKS_OF_A_YEAR else date.min
    rates = [
        one.rate for one in seen if one.rate is not None and ends and first < one.on <= ends[-1]
    ]
    if not any(rates):
        return FreeRate(0.0, "the record has no short rate, so none is taken off")
    mean = math.fsum(rates) / len(rates)
    named = _RATE_NAMED.search(notes)
    series = f" ({named[1]})" if named else ""
    days = counted(len(rates), "day")
    return FreeRate(mean, f"the mean of the short rate{series} the desk itself saw on {days}")


def about_section(side: ReadSide, evidence: PeriodEvidence, span: Span) -> Section:
    """What was modelled, how weeks are counted, where prices come from, which entries."""
    modelled, closes = closes_modelled(side, evidence.first, evidence.days[-1].on)
    share = Decimal(modelled) / closes if closes else Decimal(0)
    desk = evidence.desk
    blocks: list[Block] = [
        KeyFigures(
            (
                Figure("Closes", closes, Qualifier.MEASURED),
                Figure("With a modelled mark", Percent(share), Qualifier.MEASURED),
                Figure("Trades on modelled quotes", evidence.trades_modelled, Qualifier.MEASURED),
            )
        ),
        Paragraph(_how_seen(evidence, modelled)),
        Paragraph(how_counted(evidence, span)),
        *_sources(desk.notes, span),
        Paragraph(
            entries_covered(
                desk, evidence.sequence_first, evidence.sequence_last, evidence.recorded_at
            ),
            Tone.NOTE,
        ),
    ]
    return Section("About the figures", tuple(blocks))


def _sources(notes: str, span: Span) -> list[Block]:
    lines = [note for note in notes.split("\n") if note]
    if span is Span.YEAR:
        rows = tuple((note,) for note in lines)
        return [Table("Where the prices come from", (Column("Source or gap"),), rows)]
    text = (
        f"Where prices come from, and their gaps, stands in {counted(len(lines), 'line')} at the "
        "end of each weekly statement and of the annual one."
    )
    return [Paragraph(text, Tone.NOTE)] if lines else []


def _how_seen(evidence: PeriodEvidence, modelled: int) -> str:
    if not evidence.is_modelled:
        return "No close and no trade of this period rests on a modelled quote."
    if not modelled:
        return (
            "Some trades of this period, or the close before it, rest on modelled quotes: what "
            "rests on them is marked as modelled."
        )
    return (
        "Balances of this period rest wholly or partly on modelled quotes: they were computed "
        "where nothing was recorded. What rests on them is marked as modelled, and none of it "
        "shows what a real order would have got."
    )
