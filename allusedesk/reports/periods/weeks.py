"""The part of a longer period's statement about its weeks: targets, labels, best and worst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.money import Money, total
from allusedesk.journal.period_evidence import PeriodEvidence, WeekInPeriod, WeekLabelled
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.week_types import frequencies_normalised
from allusedesk.reports.periods.curves import Curve, weekly_gains
from allusedesk.reports.periods.words import label_of, percent, seen_as, traded_as
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    Number,
    Paragraph,
    Percent,
    Qualifier,
    Reference,
    Section,
    Series,
    Table,
    Tone,
)
from allusedesk.reports.weekly.words import realised_net, tier_of
from allusedesk.reports.wording import shown

_RIGHT = Alignment.RIGHT
_COUNTS = (
    Column("In the period", _RIGHT, qualifier=Qualifier.MEASURED),
    Column("Part", _RIGHT, "%", Qualifier.MEASURED),
    Column("Since the beginning", _RIGHT, qualifier=Qualifier.MEASURED),
    Column("Part", _RIGHT, "%", Qualifier.MEASURED),
)


@dataclass(frozen=True, slots=True)
class WeekLine:
    """One week of the whole desk: what it realised, what was wanted, how equity changed.

    `start` is what the sleeves' week began with, `gain` the time-weighted return of the week.
    """

    week: WeekInPeriod
    start: Money
    realised: Money
    goal: Money
    earned: Money
    gain: Decimal | None


def week_lines(evidence: PeriodEvidence, rulebook: Rulebook, whole: Curve) -> tuple[WeekLine, ...]:
    """Every whole week of the period, oldest first."""
    gains = dict(weekly_gains(whole, evidence.week_ends))
    return tuple(
        WeekLine(
            week,
            total([one.held for one in week.returns]),
            total([realised_net(one) for one in week.figures]),
            total(
                [
                    one.held * rulebook.account(tier_of(one.account)).weekly_target
                    for one in week.returns
                ]
            ),
            total([one.equity_end - one.equity_start - one.moved for one in week.returns]),
            gains.get(week.plan.last_session),
        )
        for week in evidence.weeks
    )


def weeks_section(evidence: PeriodEvidence, lines: Sequence[WeekLine]) -> Section:
    """Target against realised, week by week, each by the name its own statement has."""
    note = (
        "Each week has a statement of its own, with every trade, filed under its name. Realised "
        "is what closed trades and dividends brought after commissions, as that statement says; "
        "the return is the change of equity from close to close, open positions included. A "
        "target is the protocol's wish and no promise."
    )
    blocks: list[Block] = [Paragraph(note, Tone.NOTE), _weeks_table(evidence, lines)]
    if lines:
        blocks += [target_chart(evidence, lines), best_and_worst(lines)]
    return Section("Week by week", tuple(blocks))


def _weeks_table(evidence: PeriodEvidence, lines: Sequence[WeekLine]) -> Table:
    seen, traded = seen_as(evidence), traded_as(evidence)
    rows = tuple(_week_row(one) for one in lines)
    totals: tuple[Cell, ...] = (
        "All weeks",
        None,
        None,
        None,
        total([one.realised for one in lines]),
        total([one.goal for one in lines]),
        total([one.realised for one in lines]) - total([one.goal for one in lines]),
        total([one.earned for one in lines]),
        None,
    )
    return Table(
        "Target against realised",
        (
            Column("Week"),
            Column("Last session"),
            Column("Condition"),
            Column("Label"),
            Column("Realised", _RIGHT, "USD", traded, is_signed=True),
            Column("Target", _RIGHT, "USD", Qualifier.TARGET),
            Column("Difference", _RIGHT, "USD", seen, is_signed=True),
            Column("Earned", _RIGHT, "USD", seen, is_signed=True),
            Column("Return", _RIGHT, "%", seen, is_signed=True),
        ),
        rows,
        empty="No week ended in this period.",
        totals=totals if len(rows) > 1 else (),
        row_anchors=tuple(_anchor(one) for one in lines),
    )


def week_linked(one: WeekLine) -> Reference:
    """The week's name, which leads to its row among all weeks."""
    return Reference(one.week.plan.week, _anchor(one))


def _anchor(one: WeekLine) -> str:
    return f"week {one.week.plan.week}"


def _week_row(one: WeekLine) -> tuple[Cell, ...]:
    return (
        one.week.plan.week,
        one.week.plan.last_session,
        one.week.condition or "not decided",
        label_of(one.week),
        one.realised,
        one.goal,
        one.realised - one.goal,
        one.earned,
        percent(one.gain),
    )


def target_chart(evidence: PeriodEvidence, lines: Sequence[WeekLine]) -> Chart:
    """Each week's target beside what was realised, per cent of what the week began with."""
    return Chart(
        "Target and realised by week, per cent of the equity the week began with",
        ChartKind.BARS if len(lines) <= 14 else ChartKind.LINES,
        tuple(one.week.plan.week for one in lines),
        (
            Series("Target", tuple(_share(one.goal, one) for one in lines), Qualifier.TARGET),
            Series(
                "Realised", tuple(_share(one.realised, one) for one in lines), traded_as(evidence)
            ),
        ),
    )


def _share(amount: Money, line: WeekLine) -> Percent:
    return Percent(amount.share_of(line.start) if line.start else Decimal(0))


def best_and_worst(lines: Sequence[WeekLine]) -> Paragraph:
    """The week with the highest and the lowest return, in a sentence that leads to both."""
    known = [one for one in lines if one.gain is not None]
    if not known:
        return Paragraph("No week has a return yet.")
    best = max(known, key=lambda one: one.gain or Decimal(0))
    worst = min(known, key=lambda one: one.gain or Decimal(0))
    reached = sum(1 for one in lines if one.realised >= one.goal)
    target = f"The target was realised in {reached} of {len(lines)} weeks."
    if best is worst:
        return Paragraph(f"The only whole week, {_told(best)}. {target}")
    return Paragraph(
        f"The best week was {_told(best)}; the worst was {_told(worst)}. {target}",
        references=(week_linked(best), week_linked(worst)),
    )


def _told(one: WeekLine) -> str:
    gain = shown(percent(one.gain or Decimal(0)), is_signed=True)
    return f"{one.week.plan.week} with {gain} ({shown(one.earned, is_signed=True)} USD)"


def mix_section(
    evidence: PeriodEvidence, rulebook: Rulebook, since_start: Sequence[WeekLabelled]
) -> Section:
    """How often each label, condition and outcome came, in the period and since the beginning."""
    weeks = [week.called for week in evidence.weeks]
    note = (
        "A week of a family carries one label, corrected ones count once; an outcome counts when "
        "its position's week is over. Quoted is how often the protocol itself expects an outcome. "
        f"{frequencies_normalised(rulebook).note}"
    )
    blocks: list[Block] = [
        Paragraph(note, Tone.NOTE),
        _mix_table("Labels of weeks", "Label", labels_in(weeks), labels_in(since_start)),
    ]
    if weeks:
        blocks.append(label_chart(weeks))
    blocks += [
        _mix_table(
            "Market conditions", "Condition", conditions_in(weeks), conditions_in(since_start)
        ),
        outcome_table(weeks, since_start, rulebook),
    ]
    return Section("Week types", tuple(blocks))


def label_chart(weeks: Sequence[WeekLabelled]) -> Chart:
    """How many weeks carried each label, by market condition."""
    labels = list(labels_in(weeks))
    conditions = list(conditions_in(weeks))
    pairs = Counter(
        (one.label, week.condition or "not decided") for week in weeks for one in week.labels
    )
    return Chart(
        "Weeks by label and market condition",
        ChartKind.STACKED,
        tuple(labels),
        tuple(
            Series(
                condition,
                tuple(Number(Decimal(pairs[label, condition]), 0) for label in labels),
                Qualifier.MEASURED,
            )
            for condition in conditions
        ),
        "weeks",
    )


def labels_in(weeks: Iterable[WeekLabelled]) -> dict[str, int]:
    """How often each label, most often first."""
    return _counted(one.label for week in weeks for one in week.labels)


def conditions_in(weeks: Iterable[WeekLabelled]) -> dict[str, int]:
    """How many weeks under each market condition."""
    return _counted(week.condition or "not decided" for week in weeks)


def outcomes_in(weeks: Iterable[WeekLabelled]) -> dict[str, int]:
    """How often each outcome."""
    return _counted(one.outcome for week in weeks for one in week.outcomes)


def outcome_table(
    weeks: Sequence[WeekLabelled], since_start: Sequence[WeekLabelled], rulebook: Rulebook
) -> Table:
    """Every outcome with its meaning, how often it came, and how often the protocol expects it."""
    here, ever = outcomes_in(weeks), outcomes_in(since_start)
    quoted = dict(frequencies_normalised(rulebook).shares)
    meanings = {row.code: row.meaning for row in rulebook.outcomes.rows}
    names = list(here) + [name for name in (*ever, *quoted) if name not in here]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name,
            meanings.get(name, ""),
            here.get(name, 0),
            _part(here.get(name, 0), here),
            ever.get(name, 0),
            _part(ever.get(name, 0), ever),
            percent(quoted.get(name)),
        )
        for name in dict.fromkeys(names)
    )
    return Table(
        "Outcomes",
        (
            Column("Outcome"),
            Column("Meaning"),
            *_COUNTS,
            Column("Quoted", _RIGHT, "%", Qualifier.TARGET),
        ),
        rows,
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts = Counter(names)
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _mix_table(title: str, of: str, here: dict[str, int], ever: dict[str, int]) -> Table:
    names = list(here) + [name for name in ever if name not in here]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name,
            here.get(name, 0),
            _part(here.get(name, 0), here),
            ever.get(name, 0),
            _part(ever.get(name, 0), ever),
        )
        for name in names
    )
    return Table(title, (Column(of), *_COUNTS), rows, empty="No week ended yet.")


def _part(count: int, counts: dict[str, int]) -> Percent | None:
    whole = sum(counts.values())
    return Percent(Decimal(count) / whole) if whole else None
