"""One week as a statement, from the journal's read side."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.money import total
from allusedesk.journal.order_courses import order_courses
from allusedesk.journal.queries.weeks import week as week_overview
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.week_evidence import WeekEvidence, week_evidence
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.reports.statement import (
    Block,
    Column,
    Figure,
    KeyFigures,
    Paragraph,
    Percent,
    Qualifier,
    Reference,
    Section,
    Standing,
    Statement,
    Table,
    Tone,
)
from allusedesk.reports.weekly.courses import courses_section
from allusedesk.reports.weekly.levels import levels_section
from allusedesk.reports.weekly.money import (
    balances_section,
    equity_chart,
    target_chart,
    targets_section,
)
from allusedesk.reports.weekly.reasons import (
    SKIPPED,
    condition_section,
    next_section,
    skipped_section,
)
from allusedesk.reports.weekly.trades import outcomes_section, trades_section
from allusedesk.reports.weekly.words import (
    days_in_words,
    equity_at_start,
    equity_of,
    figures_by_sleeve,
    marked_as,
    realised_net,
    seen_as,
    tier_of,
    traded_as,
    unrealised_by_sleeve,
)
from allusedesk.reports.wording import counted, entries_covered

_DEFECTS_MAX = 12


class WeekUnknown(LookupError):
    """The journal holds no such week; its text says what to do."""


def build_weekly_statement(side: ReadSide, week: str) -> Statement:
    """The statement of a week such as `2013-W07`: every figure from the record.

    Raises WeekUnknown where the journal never planned the week, JournalDamaged where an entry is
    not as it was written.
    """
    overview = week_overview(side, week)
    if overview is None:
        raise WeekUnknown(
            f"The journal holds no week {week}, so there is nothing to report: ask for a week it "
            "was run through, such as 2013-W07."
        )
    evidence = week_evidence(side, overview)
    courses = order_courses(side, evidence.sequence_first, evidence.sequence_last)
    rulebook = parse_rulebook(evidence.rulebook_text)
    closings = overview.closings
    is_final = bool(closings) and closings[-1].is_final
    year, _, number = week.partition("-W")
    return Statement(
        title="Weekly statement",
        subtitle=f"Week {int(number)} of {year}, {days_in_words(evidence)}",
        mode=overview.desk.mode,
        rulebook=rulebook.id,
        period=f"{week}, {days_in_words(evidence)}",
        chain_head=evidence.chain_head,
        sequence_first=evidence.sequence_first,
        sequence_last=evidence.sequence_last,
        standing=Standing.FINAL if is_final else Standing.PROVISIONAL,
        version=closings[-1].version if closings else 0,
        sections=(
            _glance(evidence, rulebook),
            condition_section(evidence, rulebook),
            targets_section(evidence, rulebook),
            trades_section(evidence, courses),
            outcomes_section(evidence, rulebook),
            levels_section(evidence),
            balances_section(evidence, rulebook),
            skipped_section(evidence),
            next_section(evidence),
            courses_section(overview.trades, courses),
            _notes(evidence),
        ),
    )


def _glance(evidence: WeekEvidence, rulebook: Rulebook) -> Section:
    blocks: list[Block] = [KeyFigures(_figures(evidence, rulebook)), _summary(evidence)]
    charts = (target_chart(evidence, rulebook), equity_chart(evidence))
    blocks += [chart for chart in charts if chart is not None]
    return Section("The week at a glance", tuple(blocks))


def _figures(evidence: WeekEvidence, rulebook: Rulebook) -> tuple[Figure, ...]:
    overview, seen = evidence.overview, marked_as(evidence)
    condition = overview.conditions[-1].condition if overview.conditions else None
    starts = equity_at_start(evidence)
    by_sleeve = figures_by_sleeve(evidence)
    goal = total(
        [
            starts[account] * rulebook.account(tier_of(account)).weekly_target
            for account in by_sleeve
            if account in starts
        ]
    )
    realised = total([realised_net(one) for one in by_sleeve.values()])
    unrealised = total(list(unrealised_by_sleeve(evidence).values()))
    equity = equity_of(overview.marks_end)
    deepest = max((mark.drawdown for mark in overview.marks_end), default=Decimal(0))
    fills = sum(len(trade.fills) for trade in overview.trades)
    return (
        Figure("Market condition", condition or "not decided", note=_labels(evidence)),
        Figure("Realised, USD", realised, traded_as(evidence), "after commissions", is_signed=True),
        Figure("Target, USD", goal, Qualifier.TARGET, "a wish of the protocol, no promise"),
        Figure("Unrealised, USD", unrealised, seen, "positions carried on", is_signed=True),
        Figure("Equity, USD", equity, seen, "all sleeves at the last close"),
        Figure("Deepest drawdown", Percent(deepest), seen, "of a sleeve, from its highest close"),
        Figure(
            "Orders", len(overview.trades), Qualifier.MEASURED, f"with {counted(fills, 'fill')}"
        ),
        Figure(
            "Open positions",
            len(evidence.lots_open),
            Qualifier.MEASURED,
            "carried into the next week",
        ),
    )


def _labels(evidence: WeekEvidence) -> str:
    latest = {one.family: one.label for one in evidence.overview.labels}
    found = list(latest.items())
    if not found:
        return "no label yet"
    if len(found) == 1:
        return f"label {found[0][1]}"
    return f"{counted(len(found), 'family', 'families')}, {found[0][0]}: {found[0][1]}"


def _summary(evidence: WeekEvidence) -> Paragraph:
    overview = evidence.overview
    is_empty = not (
        overview.proposals or overview.trades or evidence.booked_lots or evidence.lots_open
    )
    if is_empty:
        return Paragraph(
            "Nothing happened in this week: there was no proposal, no order, no trade and no open "
            "position."
        )
    filled = sum(1 for trade in overview.trades if trade.fills)
    turned = sum(one.count for one in overview.turned_down)
    return Paragraph(
        f"The desk made {counted(len(overview.proposals), 'proposal')} and sent "
        f"{counted(len(overview.trades), 'order')}, of which {filled:,} traded. It turned down "
        f"{counted(turned, 'candidate')} on the way; the reasons stand below, rule by rule.",
        references=(Reference("the reasons", SKIPPED),),
    )


def _notes(evidence: WeekEvidence) -> Section:
    samples, desk = evidence.samples, evidence.overview.desk
    share = Decimal(samples.modelled) / samples.quotes if samples.quotes else Decimal(0)
    blocks: list[Block] = [
        KeyFigures(
            (
                Figure("Quotes looked at", samples.quotes, Qualifier.MEASURED),
                Figure("Of them modelled", Percent(share), Qualifier.MEASURED),
                Figure("Quotes dropped", samples.dropped, Qualifier.MEASURED, "as invalid"),
            )
        ),
        Paragraph(_how_seen(evidence)),
    ]
    notes = tuple((note,) for note in desk.notes.split("\n") if note)
    blocks.append(Table("Where the prices come from", (Column("Source or gap"),), notes))
    if samples.defects:
        shown = tuple((defect,) for defect in samples.defects[:_DEFECTS_MAX])
        blocks.append(Table("Defects seen in this week's quotes", (Column("Defect"),), shown))
    more = len(samples.defects) - _DEFECTS_MAX
    if more > 0:
        blocks.append(Paragraph(f"And {counted(more, 'other defect')}.", Tone.NOTE))
    blocks.append(
        Paragraph(
            entries_covered(
                desk, evidence.sequence_first, evidence.sequence_last, evidence.recorded_at
            ),
            Tone.NOTE,
        )
    )
    return Section("About the figures", tuple(blocks))


def _how_seen(evidence: WeekEvidence) -> str:
    if seen_as(evidence) is Qualifier.MODELLED:
        return (
            "Option prices of this week rest wholly or partly on modelled quotes: they were "
            "computed where nothing was recorded. Prices, fills and balances that rest on them "
            "are marked as modelled, and none of them shows what a real order would have got."
        )
    if evidence.samples.modelled:
        return (
            "No trade and no balance of this week rests on a modelled quote: what was modelled was "
            "looked at alone, such as the level of an index between two recorded ones."
        )
    if evidence.samples.quotes:
        return "Every quote of this week was recorded; none was modelled."
    return "No quote was looked at in this week."
