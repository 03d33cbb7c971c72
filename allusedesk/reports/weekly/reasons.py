"""Sections of the weekly statement about why: the condition, what was not done, what is next."""

from __future__ import annotations

from datetime import datetime

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.alarms import Alarm
from allusedesk.journal.read_values import ConditionSeen, Notice, TurnedDownCount
from allusedesk.journal.week_evidence import LotOpen, WeekEvidence
from allusedesk.journal.words.decisions import reason_in_words
from allusedesk.journal.words.figures import in_words
from allusedesk.journal.words.rules import rule_in_words
from allusedesk.protocol.market_condition import condition_binds
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.schedule import NEW_YORK
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Figure,
    KeyFigures,
    Number,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.weekly.words import marked_as, order_of, sleeve_name
from allusedesk.reports.wording import counted

SKIPPED = "What was not done, and why"
_RIGHT = Alignment.RIGHT
_LOOKS_MAX = 8
_UNDONE = {
    "declined": "rejected by a person",
    "lapsed": "nobody answered in time",
    "refused": "refused by the desk's own checks",
    "voided": "no longer held when it was to be sent",
    "open": "still open",
}


def condition_section(evidence: WeekEvidence, rulebook: Rulebook) -> Section:
    """The market condition, each figure it was decided by, and what it allows."""
    found = evidence.overview.conditions
    blocks: list[Block] = []
    for condition in found:
        blocks += _condition(condition, evidence)
    if not found:
        blocks.append(Paragraph("The market condition was not looked at in this week."))
    elif not condition_binds(rulebook):
        text = (
            f"Under {rulebook.id} the condition is recorded and decides nothing; VIX against its "
            "average alone says how much of a range may be deployed."
        )
        blocks.append(Paragraph(text, Tone.NOTE))
    return Section("Market condition", tuple(blocks))


def _condition(seen: ConditionSeen, evidence: WeekEvidence) -> list[Block]:
    if seen.condition is None:
        text = f"The market condition could not be decided: {seen.reason}"
        return [Paragraph(text, Tone.WARNING)]
    figures = [Figure("Condition", seen.condition, note=f"rule {seen.rule}")]
    if seen.deploy is not None:
        figures.append(
            Figure(
                "May be deployed",
                Percent(seen.deploy),
                Qualifier.TARGET,
                "of a sleeve's equity" if seen.deploy else "nothing new is entered",
            )
        )
    if seen.vix is not None:
        figures.append(Figure("VIX", Number(seen.vix), Qualifier.MEASURED))
    if seen.vix_average is not None:
        figures.append(
            Figure("VIX, one-year average", Number(seen.vix_average), Qualifier.MEASURED)
        )
    rows = tuple(
        (
            met.name,
            in_words(met.name, met.value),
            in_words(met.name, met.limit_value),
            "yes" if met.passed else "no",
        )
        for met in evidence.overview.comparisons_of(seen.sequence)
    )
    columns = (
        Column("Figure"),
        Column("Value", _RIGHT, qualifier=Qualifier.MEASURED),
        Column("Held against"),
        Column("Holds"),
    )
    return [KeyFigures(tuple(figures)), Table("Evidence", columns, rows)]


def skipped_section(evidence: WeekEvidence) -> Section:
    """Candidates turned down by rule, proposals that came to nothing, and warnings."""
    blocks: list[Block] = [
        _turned_down(evidence.overview.turned_down),
        _bands(evidence),
        _undone(evidence),
        _notices(evidence.overview.notices),
    ]
    return Section(SKIPPED, tuple(blocks))


def _turned_down(found: tuple[TurnedDownCount, ...]) -> Table:
    by_rule: dict[str, list[TurnedDownCount]] = {}
    for one in found:
        by_rule.setdefault(one.rule, []).append(one)
    rows = [
        (
            rule_in_words(rule),
            sum(one.count for one in sleeves),
            rule,
            ", ".join(f"{sleeve_name(one.account)} {one.count:,}" for one in _by_sleeve(sleeves)),
            _example(sleeves[0]),
        )
        for rule, sleeves in by_rule.items()
    ]
    rows.sort(key=lambda row: (-row[1], row[2]))
    return Table(
        "Candidates turned down, by rule",
        (
            Column("In plain words"),
            Column("How often", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Rule", is_detail=True),
            Column("Sleeves", is_detail=True),
            Column("For example", is_detail=True),
        ),
        tuple(rows),
        empty="No candidate was turned down.",
    )


def _example(one: TurnedDownCount) -> str:
    said = reason_in_words(one.reason, one.value, one.limit_value)
    return f"{one.candidate}: {said}" if one.candidate else said


def _bands(evidence: WeekEvidence) -> Table:
    """Of the symbols a sleeve looked for a strike on, those without one in its band."""
    rows = tuple(
        (sleeve_name(one.account), one.tried, one.traded, one.empty, Percent(one.share))
        for one in sorted(evidence.bands, key=lambda one: order_of(one.account))
        if one.tried
    )
    return Table(
        "Searches for a strike in the band of deltas",
        (
            Column("Sleeve"),
            Column("Symbols looked at", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Proposed", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("No strike in the band", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Skipped by the band", _RIGHT, "%", Qualifier.MEASURED),
        ),
        rows,
        empty="No sleeve looked for a strike in this week.",
    )


def _by_sleeve(found: list[TurnedDownCount]) -> list[TurnedDownCount]:
    return sorted(found, key=lambda one: order_of(one.account))


def _undone(evidence: WeekEvidence) -> Table:
    refusals = {one.proposal: one for one in evidence.refused}
    rows: list[tuple[Cell, ...]] = []
    for one in evidence.overview.proposals:
        if one.verdict not in _UNDONE:
            continue
        refusal = refusals.get(one.id)
        failed = ""
        if refusal is not None:
            failed = "; ".join(
                f"{met.name} is {in_words(met.name, met.value)}, the limit is "
                f"{in_words(met.name, met.limit_value)}"
                for met in evidence.overview.comparisons_of(refusal.sequence)
                if not met.passed
            )
        why = rule_in_words(refusal.rule) if refusal is not None else one.verdict_reason
        rows.append(
            (
                one.made_at,
                sleeve_name(one.account),
                f"{one.kind}: {one.legs}",
                one.quantity,
                _UNDONE[one.verdict],
                refusal.rule if refusal is not None else one.rule,
                why,
                failed,
            )
        )
    return Table(
        "Proposals that were not carried out",
        (
            Column("Made, New York"),
            Column("Sleeve"),
            Column("Proposal"),
            Column("Quantity", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("What became of it"),
            Column("Rule", is_detail=True),
            Column("Why", is_detail=True),
            Column("Figures", is_detail=True),
        ),
        tuple(rows),
        empty="Every proposal was carried out, or there was none.",
    )


def _notices(found: tuple[Notice, ...]) -> Table:
    rows = tuple((one.recorded_at, one.severity, one.subject, one.text) for one in found)
    return Table(
        "Notices, warnings and alarms",
        (Column("When, New York"), Column("Severity"), Column("Subject"), Column("Text")),
        rows,
        empty="No notice was raised.",
    )


def next_section(evidence: WeekEvidence) -> Section:
    """Positions still open, and the next instants at which the desk will look."""
    plan = evidence.overview.plan_next
    text = "The week after has not been planned yet."
    if plan is not None:
        text = (
            f"Week {plan.week} runs from {plan.first_session.isoformat()} to "
            f"{plan.last_session.isoformat()}; its last expiry is {plan.expiry.isoformat()}."
        )
    return Section(
        "What comes next",
        (Paragraph(text), _open_positions(evidence), *_alarms(evidence.alarms_next)),
    )


def _open_positions(evidence: WeekEvidence) -> Table:
    seen = marked_as(evidence)
    rows = tuple(_position_row(lot) for lot in evidence.lots_open)
    return Table(
        "Open positions",
        (
            Column("Sleeve"),
            Column("Position"),
            Column("Role"),
            Column("Quantity", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Opened at", _RIGHT, "USD", seen),
            Column("Mark", _RIGHT, "USD", seen),
            Column("Unrealised", _RIGHT, "USD", seen, is_signed=True),
            Column("Cost basis", _RIGHT, "USD", seen),
            Column("Opened"),
        ),
        rows,
        empty="No position is open.",
    )


def _position_row(carried: LotOpen) -> tuple[Cell, ...]:
    lot = carried.lot
    return (
        sleeve_name(lot.account),
        lot.instrument,
        lot.role,
        lot.quantity,
        lot.price_average,
        carried.mark,
        carried.unrealised,
        lot.basis,
        lot.opened_at.astimezone(NEW_YORK).date(),
    )


def _alarms(coming: tuple[Alarm, ...]) -> list[Block]:
    tiers = {kind.value: kind.label for kind in AccountKind}
    looks: dict[tuple[datetime, str], list[str]] = {}
    for alarm in coming:
        looks.setdefault((alarm.due_at, alarm.kind.value), []).append(alarm.subject)
    rows = tuple(
        (due_at, what, ", ".join(_in_order(subjects, tiers)))
        for (due_at, what), subjects in list(looks.items())[:_LOOKS_MAX]
    )
    columns = (Column("When, New York"), Column("What"), Column("Concerns"))
    table = Table("Next looks of the desk", columns, rows, empty="No look is planned yet.")
    more = len(looks) - _LOOKS_MAX
    if more <= 0:
        return [table]
    return [table, Paragraph(f"And {counted(more, 'later look')}.", Tone.NOTE)]


def _in_order(subjects: list[str], tiers: dict[str, str]) -> list[str]:
    """Tiers by their names as Gen, Rev, Com, then anything else a look concerns."""
    named = [label for tier, label in tiers.items() if tier in subjects]
    return named + [subject for subject in subjects if subject and subject not in tiers]
