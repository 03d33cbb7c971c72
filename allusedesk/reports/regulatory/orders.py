"""Sections of the regulatory report about orders: every step of each, and every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from allusedesk.domain.money import Price
from allusedesk.journal.evidence import AnswerSeen
from allusedesk.journal.order_audit import LifeLine
from allusedesk.reports.regulatory.values import (
    RegulatoryEvidence,
    clocks_of,
    day_of,
    new_york_of,
    utc_of,
)
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Figure,
    Heading,
    KeyFigures,
    Number,
    Occurrence,
    Paragraph,
    Qualifier,
    Reference,
    Section,
    Table,
    Timeline,
    Tone,
)
from allusedesk.reports.wording import counted, written_day

_RIGHT = Alignment.RIGHT
_MEASURED = Qualifier.MEASURED
_TIMELINES = 3
# Fewer steps than these tell nothing that the table does not.
_STEPS_MIN = 5
_COLUMNS = (
    Column("Entry", _RIGHT, qualifier=_MEASURED),
    Column("UTC"),
    Column("New York"),
    Column("Order, or proposal"),
    Column("Step"),
    Column("Quantity", _RIGHT, qualifier=_MEASURED),
    Column("Price", _RIGHT, "USD a share", _MEASURED),
    Column("Who"),
    Column("Rule and words", is_detail=True),
)


def trail_section(evidence: RegulatoryEvidence) -> Section:
    """Each step of each order, day by day, those of one proposal together."""
    lines = evidence.lines
    orders = {line.order for line in lines if line.order}
    drawn = _longest(lines)
    blocks: list[Block] = [
        Paragraph(
            f"{counted(len(orders), 'order')} with {counted(len(lines), 'step')}, from the "
            "proposal on. Times are to the millisecond; a UTC time of the next day has +1d. Who is "
            "the person, the broker or the desk to whom the step goes back by its chain of causes; "
            "prices of orders are net a share, received positive and paid negative, those of fills "
            "as they were traded."
        ),
        Paragraph(
            "Source: SEC Rule 17a-3(a)(6) asks a broker for a memorandum of each order; the times "
            "are to the millisecond as FINRA Rule 6860 asks of industry members. For this desk "
            "both are its own rule.",
            Tone.NOTE,
        ),
        *_timelines(drawn),
    ]
    by_day = groupby(sorted(lines, key=_place(lines)), key=lambda line: day_of(line.at))
    for day, found in by_day:
        rows = list(found)
        blocks.append(
            Table(
                f"Orders of {written_day(day)}",
                _COLUMNS,
                tuple(_row(line, drawn) for line in rows),
                row_anchors=tuple(_anchor_of_row(line, drawn) for line in rows),
            )
        )
    if not lines:
        blocks.append(Paragraph("No order was proposed, written or traded in this period."))
    return Section("Order audit trail", tuple(blocks))


def _place(lines: Sequence[LifeLine]) -> Callable[[LifeLine], tuple[date, int, int]]:
    """Days in their order, on each day those of one proposal together."""
    first: dict[str, int] = {}
    for line in lines:
        first.setdefault(line.proposal, line.entry)
    return lambda line: (day_of(line.at), first[line.proposal], line.entry)


def _row(line: LifeLine, drawn: Mapping[str, Sequence[LifeLine]]) -> tuple[Cell, ...]:
    utc, local = clocks_of(line.at)
    is_status = line.what == "status"
    words = "" if is_status or line.detail == "done" else line.detail
    if line.what == "proposed":
        words = f"{line.rule}: {line.detail}"
    name = line.order or line.proposal
    return (
        line.entry,
        utc,
        local,
        Reference(name, f"drawn {name}") if _anchor_of_row(line, drawn) else name,
        line.detail if is_status else line.what,
        line.quantity or None,
        None if line.price is None else Price(line.price),
        line.by,
        words or None,
    )


def _anchor_of_row(line: LifeLine, drawn: Mapping[str, Sequence[LifeLine]]) -> str:
    """The first row of a decision that is drawn leads to its drawing, which leads back."""
    is_first = line.proposal in drawn and line is drawn[line.proposal][0]
    return f"trail {line.proposal}" if is_first else ""


def _longest(lines: Sequence[LifeLine]) -> dict[str, list[LifeLine]]:
    """The decisions with most steps."""
    by_proposal: dict[str, list[LifeLine]] = {}
    for line in lines:
        by_proposal.setdefault(line.proposal, []).append(line)
    longest = sorted(by_proposal.items(), key=lambda one: (-len(one[1]), one[1][0].entry))
    return {name: steps for name, steps in longest[:_TIMELINES] if len(steps) >= _STEPS_MIN}


def _timelines(drawn: Mapping[str, Sequence[LifeLine]]) -> list[Block]:
    blocks: list[Block] = [Heading("The decisions with most steps")] if drawn else []
    for name, steps in drawn.items():
        events = tuple(
            Occurrence(
                step.at,
                step.detail if step.what == "status" else step.what,
                step.entry,
                step.by,
            )
            for step in steps
        )
        title = f"From wish to end: {name}"
        first = steps[0].order or name
        blocks.append(Timeline(title, events, f"drawn {first}", f"trail {name}"))
    return blocks


def approvals_section(evidence: RegulatoryEvidence) -> Section:
    """Every answer: who, when, on what they saw, for which reason, and by how many eyes."""
    answers = evidence.seen.answers
    by_who: dict[str, list[AnswerSeen]] = {}
    for one in answers:
        by_who.setdefault(one.by, []).append(one)
    waited = sorted(one.waited_seconds for one in answers)
    rows = tuple(
        (who, len(found), *_counts(found)) for who, found in sorted(by_who.items(), key=_most)
    )
    blocks: list[Block] = [
        KeyFigures(
            (
                Figure("Answers", len(answers), _MEASURED),
                Figure(
                    "By two persons",
                    sum(bool(one.second) for one in answers),
                    _MEASURED,
                    "four eyes",
                ),
                Figure("With a card's digest", sum(bool(one.digest) for one in answers), _MEASURED),
                Figure(
                    "Median wait, seconds",
                    Number(Decimal(str(round(waited[len(waited) // 2], 3))), 1) if waited else None,
                    _MEASURED,
                    "from proposal to answer",
                ),
            )
        ),
        Paragraph(
            "Nothing is sent without an approval that stands before it in the record. The digest "
            "names the card and the quotes a person saw; where a policy of a rehearsal, a "
            "standing authority of the rulebook or trust gave the answer, no card was seen."
        ),
        Paragraph(
            "Source: our own rule (protocol, people and trust); FINRA Rule 3110 asks a broker to "
            "supervise, and this is what a supervisor would look at.",
            Tone.NOTE,
        ),
        Table(
            "Answers by whom they came from",
            (
                Column("Who"),
                Column("Answers", _RIGHT, qualifier=_MEASURED),
                Column("Approved", _RIGHT, qualifier=_MEASURED),
                Column("Rejected", _RIGHT, qualifier=_MEASURED),
                Column("Otherwise", _RIGHT, qualifier=_MEASURED),
            ),
            rows,
            empty="Nobody was asked anything in this period.",
        ),
        Table(
            "Every answer",
            (
                Column("Entry", _RIGHT, qualifier=_MEASURED),
                Column("UTC"),
                Column("New York"),
                Column("Proposal"),
                Column("Kind"),
                Column("Answer"),
                Column("Who"),
                Column("Waited", _RIGHT, "seconds", _MEASURED),
                Column("Worst case", _RIGHT, "USD", Qualifier.ESTIMATE),
                Column("Words", is_detail=True),
            ),
            tuple(_answer(one) for one in answers),
            empty="Nobody was asked anything in this period.",
        ),
    ]
    return Section("Approvals", tuple(blocks))


def _answer(one: AnswerSeen) -> tuple[Cell, ...]:
    words = [f"{one.rule}: {one.what}"]
    if one.digest:
        words.append(f"Seen: card {one.digest}.")
    if one.reason:
        words.append(f"Reason: {one.reason}")
    return (
        one.entry,
        utc_of(one.at),
        new_york_of(one.at)[11:],
        one.proposal,
        one.kind,
        one.answer,
        f"{one.by} and {one.second}" if one.second else one.by,
        Number(Decimal(str(round(one.waited_seconds, 3))), 3),
        one.worst_case,
        " ".join(words),
    )


def _counts(found: Sequence[AnswerSeen]) -> tuple[int, int, int]:
    approved = sum(one.answer == "Approved" for one in found)
    rejected = sum(one.answer == "Rejected" for one in found)
    return approved, rejected, len(found) - approved - rejected


def _most(one: tuple[str, list[AnswerSeen]]) -> tuple[int, str]:
    return -len(one[1]), one[0]
