"""The risk report as a statement: the book at the period's last close, and its record."""

from __future__ import annotations

from collections.abc import Sequence

from allusedesk.journal.evidence import Happening
from allusedesk.journal.evidence_topics import Topic
from allusedesk.reports.evidence_pages import statement_of_period
from allusedesk.reports.regulatory.values import new_york_of
from allusedesk.reports.risk.sections import (
    concentration_section,
    exposure_section,
    greeks_section,
    stress_section,
)
from allusedesk.reports.risk.values import RiskEvidence, dollars, number, percent
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Figure,
    KeyFigures,
    LossRecord,
    Paragraph,
    Qualifier,
    Section,
    Series,
    Statement,
    Table,
    Tone,
)
from allusedesk.reports.wording import counted, written_day
from allusedesk.risk.backtesting_of_var import VarDay, judge_record
from allusedesk.risk.edges import EdgeState

_RIGHT = Alignment.RIGHT
_MEASURED = Qualifier.MEASURED
# As many days as the Basel Committee's traffic light looks back on.
_DAYS_DRAWN = 250
_DONE_SHOWN = 2


def build_risk_statement(evidence: RiskEvidence, confidence: float) -> Statement:
    """The statement of one period; `confidence` is what the record of losses is judged by."""
    return statement_of_period(
        evidence,
        "Risk report",
        f"The book at the close of {written_day(evidence.as_of)}",
        (
            _glance(evidence),
            _limits(evidence),
            _losses(evidence, confidence),
            stress_section(evidence),
            greeks_section(evidence),
            exposure_section(evidence),
            concentration_section(evidence),
            _breaches(evidence),
        ),
    )


def _glance(evidence: RiskEvidence) -> Section:
    book, kind = evidence.book, evidence.computed_as
    figures = [
        Figure("Equity, USD", book.equity, evidence.marked_as, "all sleeves at the last close"),
        Figure("Lots held", book.lots, _MEASURED),
    ]
    if book.losses:
        one = book.losses[0]
        told = f"{one.way}, {one.confidence:.0%}, {counted(one.days, 'session')}"
        figures += [
            Figure("Value at risk, USD", dollars(one.value_at_risk), kind, told),
            Figure("Expected shortfall, USD", dollars(one.expected_shortfall), kind, told),
        ]
    if book.scenarios and book.lots:
        worst = min(book.scenarios, key=lambda one: one.total)
        figures.append(
            Figure(
                "Worst of history, USD",
                dollars(worst.total),
                kind,
                worst.scenario.name,
                is_signed=True,
            )
        )
    reached = [one for one in evidence.picture.limits if not one.is_kept]
    beyond = [one for one in book.edges if one.state is not EdgeState.WITHIN]
    breaches = evidence.seen.of(Topic.BREACH)
    figures += [
        Figure("Edges passed", len(beyond), evidence.marked_as, f"of {len(book.edges)}"),
        Figure(
            "Limits not kept",
            len(reached),
            evidence.marked_as,
            f"of {len(evidence.picture.limits)}",
        ),
        Figure("Breaches and stops", len(breaches), _MEASURED, "in the period"),
    ]
    return Section("At a glance", (KeyFigures(tuple(figures)), *_glance_words(evidence)))


def _glance_words(evidence: RiskEvidence) -> list[Block]:
    book = evidence.book
    words = []
    if not book.lots:
        words.append("Nothing but cash was held, so nothing could be lost by a move of prices.")
    if book.losses and book.lots:
        one = book.losses[0]
        horizon = "the next session" if one.days == 1 else f"the next {one.days} sessions"
        words.append(
            f"If {horizon} brings what one of the last {one.outcomes:,} brought, the book loses no "
            f"more than {dollars(one.value_at_risk)} in {one.confidence:.0%} of cases, and "
            f"{dollars(one.expected_shortfall)} on average in the rest."
        )
    words += [
        f"The {edge.title} is {edge.value:.1%} of equity, {edge.state.value.lower()}."
        for edge in book.edges
        if edge.state is not EdgeState.WITHIN
    ]
    blocks: list[Block] = [Paragraph(" ".join(words))] if words else []
    rests = "Some or all marks rest on modelled quotes, and so does what follows from them. "
    note = (
        "Value at risk, stress and greeks are figures of models and no promise: a loss can be "
        f"larger than any of them. {evidence.prices_from}"
    )
    blocks.append(Paragraph(rests + note if evidence.picture.is_modelled else note, Tone.NOTE))
    return blocks


def _losses(evidence: RiskEvidence, confidence: float) -> Section:
    book, kind = evidence.book, evidence.computed_as
    equity = float(book.equity.amount)
    blocks: list[Block] = []
    if book.losses:
        one = book.losses[0]
        title = f"Loss over {counted(one.days, 'session')} at {one.confidence:.1%}"
        rows: list[tuple[Cell, ...]] = []
        for loss in book.losses:
            parts = (loss.value_at_risk, loss.expected_shortfall)
            rows.append(
                (
                    loss.way,
                    dollars(parts[0]),
                    percent(parts[0] / equity) if equity > 0 else None,
                    dollars(parts[1]),
                    percent(parts[1] / equity) if equity > 0 else None,
                    loss.outcomes or None,
                )
            )
        blocks.append(
            Table(
                title,
                (
                    Column("Way"),
                    Column("Value at risk", _RIGHT, "USD", kind),
                    Column("Of equity", _RIGHT, qualifier=kind),
                    Column("Expected shortfall", _RIGHT, "USD", kind),
                    Column("Of equity", _RIGHT, qualifier=kind),
                    Column("Outcomes", _RIGHT, qualifier=_MEASURED),
                ),
                tuple(rows),
            )
        )
    else:
        blocks.append(Paragraph("No loss could be measured at this close."))
    blocks += [Paragraph(note, Tone.NOTE) for note in book.notes]
    blocks += _record(evidence, confidence)
    return Section("Value at risk and its record", tuple(blocks))


def _record(evidence: RiskEvidence, confidence: float) -> list[Block]:
    alone, traded = evidence.told_left_alone, evidence.told_as_traded
    period = evidence.period
    judged = [
        (f"{who}, {when}", found)
        for who, days in (("Left alone", alone), ("As traded", traded))
        for when, found in (
            ("the period", [one for one in days if period.first <= one.on <= period.last]),
            ("since the journal began", list(days)),
        )
    ]
    rows = tuple(_verdict(what, days, confidence) for what, days in judged if days)
    blocks: list[Block] = [
        Paragraph(
            "At each close the historical way told what the next session would hardly take. The "
            "record holds that against what came: of the book left alone, the fairer test since "
            "the measure knew of no trade to come, and of equity as it was traded on. A "
            "probability below 5% speaks against the measure; few days can say little."
        ),
        Table(
            "The record of what was told",
            (
                Column("Record"),
                Column("Days", _RIGHT, qualifier=_MEASURED),
                Column("Exceptions", _RIGHT, qualifier=_MEASURED),
                Column("Expected", _RIGHT, qualifier=Qualifier.ESTIMATE),
                Column("Traffic light"),
                Column("Kupiec", _RIGHT, "probability", Qualifier.ESTIMATE),
                Column("Christoffersen", _RIGHT, "independence", Qualifier.ESTIMATE),
                Column("Both", _RIGHT, "probability", Qualifier.ESTIMATE),
            ),
            rows,
            empty="No day yet for which a loss was both told and seen: a hundred are needed first.",
        ),
    ]
    drawn = list(alone)[-_DAYS_DRAWN:]
    if drawn:
        kind = evidence.computed_as
        blocks.append(
            LossRecord(
                "What each day brought the book left alone, against the loss told for it",
                tuple(one.on for one in drawn),
                Series("Result", tuple(dollars(one.outcome) for one in drawn), kind),
                Series(
                    f"Value at risk, {confidence:.0%}",
                    tuple(dollars(one.value_at_risk) for one in drawn),
                    kind,
                ),
            )
        )
    return blocks


def _verdict(what: str, days: Sequence[VarDay], confidence: float) -> tuple[Cell, ...]:
    found = judge_record(days, confidence)
    return (
        what,
        found.days,
        found.exceptions,
        number(found.expected, 1),
        found.light.zone.value,
        number(found.coverage.probability, 3),
        number(found.independence.probability, 3),
        number(found.conditional.probability, 3),
    )


def _limits(evidence: RiskEvidence) -> Section:
    kind, marked = evidence.computed_as, evidence.marked_as
    return Section(
        "Limits",
        (
            Table(
                "The desk's own edges, in parts of equity",
                (
                    Column("Figure"),
                    Column("Now", _RIGHT, qualifier=kind),
                    Column("Soft edge", _RIGHT, qualifier=Qualifier.TARGET),
                    Column("Hard edge", _RIGHT, qualifier=Qualifier.TARGET),
                    Column("Left to soft", _RIGHT, qualifier=kind),
                    Column("Left to hard", _RIGHT, qualifier=kind),
                    Column("Stands"),
                ),
                tuple(
                    (
                        one.title,
                        percent(one.value),
                        percent(one.edges.soft),
                        percent(one.edges.hard),
                        percent(one.left_to_soft),
                        percent(one.left_to_hard),
                        one.state.value,
                    )
                    for one in evidence.book.edges
                ),
                empty="No figure could be held against the edges.",
            ),
            Paragraph(
                "Beyond the soft edge the desk warns, beyond the hard edge it says so first and in "
                "alarm; what refuses a proposal are the rulebook's limits below.",
                Tone.NOTE,
            ),
            Table(
                "The rulebook's limits, most used first",
                (
                    Column("Where"),
                    Column("Limit"),
                    Column("Now"),
                    Column("May be"),
                    Column("Used", _RIGHT, qualifier=marked),
                    Column("Left", _RIGHT, qualifier=marked),
                    Column("Stands"),
                ),
                tuple(
                    (
                        one.where,
                        one.name,
                        one.value,
                        one.limit,
                        percent(one.used),
                        percent(max(1.0 - one.used, 0.0)),
                        "kept" if one.is_kept else "NOT KEPT",
                    )
                    for one in sorted(
                        evidence.picture.limits, key=lambda one: (-one.used, one.where, one.name)
                    )
                ),
            ),
        ),
    )


def _breaches(evidence: RiskEvidence) -> Section:
    alike: dict[str, list[Happening]] = {}
    for one in evidence.seen.of(Topic.BREACH):
        alike.setdefault(one.subject or str(one.entry), []).append(one)
    return Section(
        "Breaches of the period",
        (
            Paragraph(
                "Levels at which the rulebook asks for more than a closer look, breakers, "
                "refusals, freezes and limits near or passed, with what was done and the entries "
                "that say so. The same thing again stands in the same row; the regulatory report "
                "has each by itself."
            ),
            Table(
                "Breaches and stops",
                (
                    Column("First entry", _RIGHT, qualifier=_MEASURED),
                    Column("Times", _RIGHT, qualifier=_MEASURED),
                    Column("First, New York"),
                    Column("Last, New York"),
                    Column("What, at first"),
                    Column("What was done"),
                ),
                tuple(_breach(found) for found in alike.values()),
                empty="There was no breach and no stop in this period.",
            ),
        ),
    )


def _breach(found: Sequence[Happening]) -> tuple[Cell, ...]:
    first, last = found[0], found[-1]
    done = [one.done for one in found if one.done]
    told = "; ".join(done[:_DONE_SHOWN]) or "recorded; nothing followed at these looks"
    if len(done) > _DONE_SHOWN:
        told += f"; and {len(done) - _DONE_SHOWN} times more"
    return (
        first.entry,
        len(found),
        new_york_of(first.at)[:16],
        None if len(found) == 1 else new_york_of(last.at)[:16],
        first.what,
        told,
    )
