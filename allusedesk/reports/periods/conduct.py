"""The part of a longer period's statement about how the rules were kept, and what was paid."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from allusedesk.domain.money import total
from allusedesk.journal.period_evidence import PeriodEvidence, TradeEnded
from allusedesk.journal.queries.conduct import Decided, PeriodConduct, median_seconds
from allusedesk.journal.words.decisions import reason_in_words
from allusedesk.journal.words.rules import rule_in_words
from allusedesk.reports.periods.words import traded_as
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
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
from allusedesk.reports.weekly.words import sleeve_name
from allusedesk.reports.wording import counted

_RIGHT = Alignment.RIGHT
_RULES_MAX = 12
_TRADES_MAX = 5
_NOTICES_MAX = 12
_VERDICTS = ("approved", "declined", "lapsed", "refused", "voided", "open")
_MINUTE = 60


def conduct_section(conduct: PeriodConduct) -> Section:
    """What was proposed, who answered, what was overruled, refused, skipped and breached."""
    decisions = conduct.decisions
    by_verdict = Counter(one.verdict for one in decisions)
    edited = sum(1 for one in conduct.overruled if one.effect == "edited")
    figures = KeyFigures(
        (
            Figure("Proposals", len(decisions), Qualifier.MEASURED),
            Figure("Approved", by_verdict["approved"], Qualifier.MEASURED, _approvers(decisions)),
            Figure("Rejected", by_verdict["declined"], Qualifier.MEASURED, "by a person"),
            Figure("Edited", edited, Qualifier.MEASURED, "approved after a change"),
            Figure("Lapsed", by_verdict["lapsed"], Qualifier.MEASURED, "nobody answered in time"),
            Figure("Refused", by_verdict["refused"], Qualifier.MEASURED, "by the desk's checks"),
        )
    )
    blocks: list[Block] = [figures, Paragraph(_answering(decisions)), _by_kind(decisions)]
    blocks += [_overruled(conduct), _refused(conduct), *_skipped(conduct), *_notices(conduct)]
    return Section("Adherence and exceptions", tuple(blocks))


def _approvers(decisions: tuple[Decided, ...]) -> str:
    approved = [one for one in decisions if one.verdict == "approved"]
    persons = sum(1 for one in approved if one.is_by_person)
    return f"{persons:,} by persons, {len(approved) - persons:,} by policy" if approved else ""


def _answering(decisions: tuple[Decided, ...]) -> str:
    waited = median_seconds(decisions)
    if waited is None:
        return (
            "No person answered a proposal in this period, so there is no time to answer to tell."
        )
    median, longest = waited
    count = sum(1 for one in decisions if one.waited_seconds is not None)
    return (
        f"Persons answered {counted(count, 'proposal')}: half of them within {_duration(median)}, "
        f"the slowest after {_duration(longest)}."
    )


def _duration(seconds: Decimal) -> str:
    if seconds < _MINUTE:
        return f"{seconds.quantize(Decimal(1))} s"
    minutes = seconds / _MINUTE
    if minutes < _MINUTE:
        return f"{minutes.quantize(Decimal('0.1'))} min"
    return f"{(minutes / _MINUTE).quantize(Decimal('0.1'))} h"


def _by_kind(decisions: tuple[Decided, ...]) -> Table:
    kinds: dict[str, Counter[str]] = {}
    for one in decisions:
        kinds.setdefault(one.kind, Counter())[one.verdict] += 1
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (kind, sum(found.values()), *(found[verdict] for verdict in _VERDICTS))
        for kind, found in sorted(kinds.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    )
    columns = [Column("Kind"), Column("Proposals", _RIGHT, qualifier=Qualifier.MEASURED)]
    columns += [
        Column(verdict.capitalize(), _RIGHT, qualifier=Qualifier.MEASURED) for verdict in _VERDICTS
    ]
    return Table(
        "Proposals by kind, and what became of them",
        tuple(columns),
        rows,
        empty="Nothing was proposed in this period.",
    )


def _overruled(conduct: PeriodConduct) -> Table:
    rows = tuple(
        (
            one.recorded_at,
            sleeve_name(one.account) if "." in one.account else "",
            one.kind,
            one.effect,
            one.operator,
            one.reason or "no reason given",
            one.sequence,
        )
        for one in conduct.overruled
    )
    return Table(
        "Where a person overruled the desk, and why",
        (
            Column("When, New York"),
            Column("Sleeve"),
            Column("Kind"),
            Column("What"),
            Column("Who"),
            Column("Reason"),
            Column("Entry", _RIGHT),
        ),
        rows,
        empty="Nobody rejected, edited or vetoed a proposal.",
    )


def _refused(conduct: PeriodConduct) -> Table:
    rows = tuple(
        (sleeve_name(one.account), rule_in_words(one.rule), one.rule, one.proposal, one.sequence)
        for one in conduct.refused
    )
    return Table(
        "Breaches stopped by the desk's own checks",
        (
            Column("Sleeve"),
            Column("In plain words"),
            Column("Rule"),
            Column("Proposal"),
            Column("Entry", _RIGHT),
        ),
        rows,
        empty="No proposal broke a rule.",
    )


def _skipped(conduct: PeriodConduct) -> list[Block]:
    rows = tuple(
        (
            rule_in_words(one.rule),
            one.count,
            one.rule,
            reason_in_words(one.reason, one.value, one.limit_value),
        )
        for one in conduct.skipped[:_RULES_MAX]
    )
    table = Table(
        "Entries the rules skipped, most often first",
        (
            Column("In plain words"),
            Column("How often", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Rule", is_detail=True),
            Column("For example", is_detail=True),
        ),
        rows,
        empty="No candidate was turned down.",
    )
    more = conduct.skipped[_RULES_MAX:]
    if not more:
        return [table]
    often = sum(one.count for one in more)
    text = f"And {counted(len(more), 'other rule')}, together {counted(often, 'time')}."
    return [table, Paragraph(text, Tone.NOTE)]


def _notices(conduct: PeriodConduct) -> list[Block]:
    found = conduct.notices
    rows = tuple(
        (one.recorded_at, one.severity, one.subject, one.text) for one in found[-_NOTICES_MAX:]
    )
    columns = (Column("When, New York"), Column("Severity"), Column("Subject"), Column("Text"))
    table = Table("Warnings and alarms", columns, rows, empty="No warning and no alarm was raised.")
    if len(found) <= _NOTICES_MAX:
        return [table]
    text = f"These are the last of {len(found):,}; the others stand in the weekly statements."
    return [table, Paragraph(text, Tone.NOTE)]


def trades_section(evidence: PeriodEvidence, conduct: PeriodConduct) -> Section:
    """The best and the worst trades that ended, and what trading cost."""
    traded, costs = traded_as(evidence), conduct.costs
    won = [one for one in evidence.trades if one.realised.amount > 0]
    realised = total([one.realised for one in evidence.trades])
    share = Decimal(len(won)) / len(evidence.trades) if evidence.trades else None
    figures = KeyFigures(
        (
            Figure("Trades that ended", len(evidence.trades), Qualifier.MEASURED),
            Figure(
                "Won",
                None if share is None else Percent(share),
                traded,
                f"{len(won):,} of those that ended; open ones not counted",
            ),
            Figure("Realised, USD", realised, traded, "before commissions", is_signed=True),
            Figure("Commissions, USD", costs.commissions, Qualifier.MEASURED),
            Figure(
                "Slippage, USD",
                costs.slippage,
                traded,
                f"against mid, {costs.measured:,} of {costs.fills:,} fills measured",
                is_signed=True,
            ),
        )
    )
    note = (
        "A trade is a lot from its opening to its end; what it realised is before commissions, "
        "and an assigned put counts as the premium it kept. Slippage is what single legs traded "
        "better than the mid when the order was sent, so a cost is negative."
    )
    ordered = sorted(evidence.trades, key=lambda one: (-one.realised.amount, one.sequence))
    best = [one for one in ordered if one.realised.amount > 0][:_TRADES_MAX]
    worst = [one for one in reversed(ordered) if one.realised.amount < 0][:_TRADES_MAX]
    blocks: list[Block] = [figures, Paragraph(note, Tone.NOTE)]
    blocks.append(_trade_table("Best trades", best, evidence, "No trade that ended won anything."))
    blocks.append(_trade_table("Worst trades", worst, evidence, "No trade that ended lost."))
    return Section("Trades and costs", tuple(blocks))


def _trade_table(
    title: str, found: list[TradeEnded], evidence: PeriodEvidence, empty: str
) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            sleeve_name(one.account),
            one.instrument,
            one.role,
            one.how,
            one.realised,
            one.sequence,
        )
        for one in found
    )
    return Table(
        title,
        (
            Column("Sleeve"),
            Column("Position"),
            Column("Role"),
            Column("Ended by"),
            Column("Realised", _RIGHT, "USD", traded_as(evidence), is_signed=True),
            Column("Entry", _RIGHT),
        ),
        rows,
        empty=empty,
    )
