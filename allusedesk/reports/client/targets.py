"""What the rules aim at beside what came of it, where a named person switched that on."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.inputs import DeskOpened
from allusedesk.journal.queries.record import weekly_returns, weeks
from allusedesk.journal.read_side import ReadSide
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.reports.client.record import AccountRecord
from allusedesk.reports.statement import (
    Alignment,
    Cell,
    Column,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.weekly.words import sleeve_name, tier_of

_RIGHT = Alignment.RIGHT


def targets_section(side: ReadSide, record: AccountRecord, targets_by: str) -> Section:
    """The rulebook's weekly target of each part beside its mean week of the period."""
    opened = next(iter(side.journal.read(1, 1))).event
    if not isinstance(opened, DeskOpened):
        raise TypeError("The journal does not begin with the opening of a desk.")
    rulebook = parse_rulebook(opened.rulebook_text)
    inside = {
        one.week
        for one in weeks(side)
        if record.period.first <= one.last_session <= record.closed_on
    }
    rows: list[tuple[Cell, ...]] = []
    for sleeve in record.sleeves:
        values = [
            one.value
            for one in weekly_returns(side)
            if one.account == sleeve.account and one.week in inside
        ]
        mean = sum(values, Decimal(0)) / len(values) if values else None
        rows.append(
            (
                sleeve_name(sleeve.account),
                Percent(rulebook.account(tier_of(sleeve.account)).weekly_target),
                None if mean is None else Percent(mean),
                len(values),
            )
        )
    valued = Qualifier.MODELLED if record.is_modelled else Qualifier.MEASURED
    return Section(
        "What the rules aim at",
        (
            Paragraph(
                f"Shown because {targets_by}, who is responsible for this desk, switched it on. A "
                "target is what the rules hope for in a week. It is no promise, and nobody owes it "
                "to you.",
                Tone.WARNING,
            ),
            Table(
                "Target and mean week",
                (
                    Column("Part"),
                    Column("Target of a week", _RIGHT, "%", Qualifier.TARGET),
                    Column("Mean week", _RIGHT, "%", valued, is_signed=True),
                    Column("Weeks", _RIGHT),
                ),
                tuple(rows),
            ),
        ),
    )
