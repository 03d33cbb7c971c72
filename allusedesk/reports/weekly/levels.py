"""The section of the weekly statement about levels: how far price went against each position."""

from __future__ import annotations

from allusedesk.journal.read_values import LevelStep
from allusedesk.journal.week_evidence import LotNamed, WeekEvidence
from allusedesk.reports.statement import (
    Alignment,
    Cell,
    Column,
    Number,
    Paragraph,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.weekly.words import looked_as, order_of, sleeve_name

_RIGHT = Alignment.RIGHT
# Of either rulebook, calmest first.
_RANKS = {"hold": 0, "watch": 1, "prepare": 2, "mandatory": 3, "L0": 0, "L1": 1, "L2": 2, "L3": 3}


def levels_section(evidence: WeekEvidence) -> Section:
    """The deepest level of each position that left the calmest one, and by which figures."""
    steps: dict[str, list[LevelStep]] = {}
    for step in evidence.overview.levels:
        steps.setdefault(step.position, []).append(step)
    lots = sorted(evidence.lots_named, key=lambda lot: (order_of(lot.account), lot.id))
    found = [
        _row(lot, steps[lot.id])
        for lot in lots
        if lot.id in steps and any(_RANKS[step.level] for step in steps[lot.id])
    ]
    note = (
        "How far price went against a position, in true ranges, at its deepest this week: from the "
        "strike of a put and the basis of shares under a rulebook with levels L0 to L3, else from "
        "the price at entry. Shares also reach the last level by the part they lie under their "
        "basis. Levels rise and fall one at a time, and each step is in the journal."
    )
    return Section("Levels", (Paragraph(note, Tone.NOTE), _table(evidence, found)))


def _table(evidence: WeekEvidence, rows: list[tuple[Cell, ...]]) -> Table:
    seen = looked_as(evidence)
    return Table(
        "Positions that left the calmest level",
        (
            Column("Sleeve"),
            Column("Position"),
            Column("Deepest level"),
            Column("Distance", _RIGHT, "true ranges", seen),
            Column("True range", _RIGHT, "USD", seen),
            Column("Price then", _RIGHT, "USD", seen),
            Column("Steps", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Last level"),
        ),
        tuple(rows),
        empty="Every position stood at its calmest level all week.",
    )


def _row(lot: LotNamed, steps: list[LevelStep]) -> tuple[Cell, ...]:
    deepest = max(steps, key=lambda step: (_RANKS[step.level], step.distance))
    return (
        sleeve_name(lot.account),
        lot.instrument,
        deepest.level,
        Number(deepest.distance),
        Number(deepest.atr),
        deepest.spot,
        len(steps),
        steps[-1].level,
    )
