"""The sections of the weekly statement about money: targets, balances and what forks need."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.read_values import Mark
from allusedesk.journal.week_evidence import WeekEvidence
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    Heading,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Series,
    Table,
    Tone,
)
from allusedesk.reports.weekly.fork_distance import branching_told, fork_table
from allusedesk.reports.weekly.words import (
    equity_at_start,
    figures_by_sleeve,
    marked_as,
    marks_in_order,
    realised_net,
    seen_as,
    sleeve_name,
    tier_of,
    traded_as,
    unrealised_by_sleeve,
)
from allusedesk.reports.wording import shown

_RIGHT = Alignment.RIGHT
_BARS_MAX = 8
_MOVES = (
    Column("Sleeve"),
    Column("Reason"),
    Column("Amount", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
    Column("Settles on"),
)


def targets_section(evidence: WeekEvidence, rulebook: Rulebook) -> Section:
    """What each sleeve realised against the rulebook's target, and what is not realised yet."""
    starts, open_gain = equity_at_start(evidence), unrealised_by_sleeve(evidence)
    returns = {one.account: one.value for one in evidence.overview.returns}
    rows: list[tuple[Cell, ...]] = []
    gains, goals = [], []
    for account, figures in figures_by_sleeve(evidence).items():
        start = starts.get(account, NOTHING)
        goal = rulebook.account(tier_of(account)).weekly_target
        gain = realised_net(figures)
        gains.append(gain)
        goals.append(start * goal)
        rows.append(
            (
                sleeve_name(account),
                start,
                gain,
                Percent(gain.share_of(start)),
                Percent(goal),
                start * goal,
                gain - start * goal,
                open_gain.get(account, NOTHING),
                _percent(returns.get(account)),
                figures.realised,
                figures.dividends,
                figures.commission,
            )
        )
    began = [starts.get(account, NOTHING) for account in figures_by_sleeve(evidence)]
    totals = _target_totals(began, gains, goals, open_gain) if len(rows) > 1 else ()
    note = (
        "Realised is what closed, expired, assigned and called positions earned, with dividends "
        "and after commissions. Unrealised stands apart: what the positions carried on are worth "
        "beyond their cost, at their latest marks. The return of the week is the change of equity "
        "from close to close, open positions included. What a fork or a merge moved before the "
        "week began stands at the start of the sleeve it went to, and there alone. A target is "
        "the protocol's wish and no promise."
    )
    table = Table(
        "Realised against target by sleeve",
        _target_columns(seen_as(evidence), traded_as(evidence), marked_as(evidence)),
        tuple(rows),
        empty="No sleeve was open in this week.",
        totals=totals,
    )
    return Section("Target and result", (Paragraph(note, Tone.NOTE), table))


def _target_columns(seen: Qualifier, traded: Qualifier, marked: Qualifier) -> tuple[Column, ...]:
    return (
        Column("Sleeve"),
        Column("Equity at start", _RIGHT, "USD", seen),
        Column("Realised", _RIGHT, "USD", traded, is_signed=True),
        Column("Realised", _RIGHT, "%", traded, is_signed=True),
        Column("Target", _RIGHT, "%", Qualifier.TARGET),
        Column("Target", _RIGHT, "USD", Qualifier.TARGET),
        Column("Difference", _RIGHT, "USD", seen, is_signed=True),
        Column("Unrealised", _RIGHT, "USD", marked, is_signed=True),
        Column("Return of the week", _RIGHT, "%", seen, is_signed=True),
        Column("Closed trades", _RIGHT, "USD", traded, is_signed=True, is_detail=True),
        Column("Dividends", _RIGHT, "USD", traded, is_signed=True, is_detail=True),
        Column("Commissions", _RIGHT, "USD", traded, is_detail=True),
    )


def _target_totals(
    began: list[Money], gains: list[Money], goals: list[Money], open_gain: dict[str, Money]
) -> tuple[Cell, ...]:
    start, gain, goal = total(began), total(gains), total(goals)
    unrealised = total(list(open_gain.values()))
    return (
        "All sleeves",
        start,
        gain,
        Percent(gain.share_of(start)),
        Percent(goal.share_of(start)),
        goal,
        gain - goal,
        unrealised,
        None,
        None,
        None,
        None,
    )


def _percent(fraction: Decimal | None) -> Percent | None:
    return None if fraction is None else Percent(fraction)


def balances_section(evidence: WeekEvidence, rulebook: Rulebook) -> Section:
    """Each sleeve at the last close, its drawdown, and how far the next fork is."""
    marks = marks_in_order(evidence.overview.marks_end)
    blocks: list[Block] = []
    if marks:
        closed_on = max(mark.on_day for mark in marks)
        blocks.append(
            Paragraph(
                f"As of the close of {closed_on.isoformat()}. Collateral is the settled cash that "
                "short puts hold; idle cash is what they leave. The base is the amount a surplus "
                "is measured from; drawdown is the fall from the sleeve's highest close.",
                Tone.NOTE,
            )
        )
    floors = {one.account: one.floor for one in evidence.figures}
    ends = evidence.overview.marks_end
    blocks += [
        _balance_table(evidence, rulebook, marks),
        fork_table(ends, floors, evidence.sleeves, rulebook, marked_as(evidence)),
    ]
    moved = tuple(
        (sleeve_name(move.account), move.reason, move.amount, move.settles_on)
        for move in evidence.booked_cash
        if move.how == "cash"
    )
    if moved:
        blocks.append(Table("Money moved in, out or between sleeves", _MOVES, moved))
    if evidence.overview.branchings:
        blocks += [
            Heading("Families that came and went"),
            *(Paragraph(branching_told(one)) for one in evidence.overview.branchings),
        ]
    for part in evidence.overview.reinvestments:
        blocks.append(
            Paragraph(
                f"The gain of {sleeve_name(part.account)} in {part.quarter}, {shown(part.gain)} "
                f"USD, was split: {shown(part.tax)} for tax (estimate, ask your adviser), "
                f"{shown(part.contracts)} for contracts, {shown(part.leaps)} for LEAPS."
            )
        )
    return Section("Balances", tuple(blocks))


def _balance_table(evidence: WeekEvidence, rulebook: Rulebook, marks: tuple[Mark, ...]) -> Table:
    seen = marked_as(evidence)
    floors = {one.account: one.floor for one in evidence.figures}
    rows = tuple(
        (
            sleeve_name(mark.account),
            mark.cash,
            mark.positions,
            mark.equity,
            floors.get(mark.account, NOTHING),
            mark.collateral,
            mark.cash - mark.collateral,
            Percent(mark.drawdown),
            Percent(rulebook.account(tier_of(mark.account)).drawdown_max),
        )
        for mark in marks
    )
    totals: tuple[Cell, ...] = (
        "All sleeves",
        total([mark.cash for mark in marks]),
        total([mark.positions for mark in marks]),
        total([mark.equity for mark in marks]),
        total([floors.get(mark.account, NOTHING) for mark in marks]),
        total([mark.collateral for mark in marks]),
        total([mark.cash - mark.collateral for mark in marks]),
        None,
        None,
    )
    return Table(
        "Cash, positions and equity",
        (
            Column("Sleeve"),
            Column("Cash", _RIGHT, "USD", seen),
            Column("Positions", _RIGHT, "USD", seen),
            Column("Equity", _RIGHT, "USD", seen),
            Column("Base", _RIGHT, "USD", Qualifier.MEASURED),
            Column("Collateral", _RIGHT, "USD", Qualifier.MEASURED),
            Column("Idle cash", _RIGHT, "USD", seen),
            Column("Drawdown", _RIGHT, "%", seen),
            Column("Most allowed", _RIGHT, "%", Qualifier.TARGET),
        ),
        rows,
        empty="No balance was marked in this week.",
        totals=totals if len(rows) > 1 else (),
    )


def equity_chart(evidence: WeekEvidence) -> Chart | None:
    """Equity at each week's last close, the first families by tier, forks together."""
    history = evidence.history
    if len(history) < 2:
        return None
    roots = {one.account for one in evidence.sleeves if one.parent is None}
    names = [*(kind.label for kind in AccountKind), "Forks together"]
    lines: dict[str, list[Money | None]] = {name: [] for name in names}
    for week in history:
        sums: dict[str, Money] = {}
        for mark in week.marks:
            name = tier_of(mark.account).label if mark.account in roots else "Forks together"
            sums[name] = sums.get(name, NOTHING) + mark.equity
        for name, line in lines.items():
            line.append(sums.get(name))
    is_modelled = any(mark.is_modelled for week in history for mark in week.marks)
    seen = Qualifier.MODELLED if is_modelled else seen_as(evidence)
    series = tuple(
        Series(name, tuple(line), seen)
        for name, line in lines.items()
        if any(value is not None for value in line)
    )
    return Chart(
        f"Equity by sleeve over {len(history)} weeks, USD, {seen.value}",
        ChartKind.LINES,
        tuple(week.week for week in history),
        series,
    )


def target_chart(evidence: WeekEvidence, rulebook: Rulebook) -> Chart | None:
    """The week's target beside what was realised, for the first sleeves."""
    starts = equity_at_start(evidence)
    found = list(figures_by_sleeve(evidence).values())[:_BARS_MAX]
    if not found:
        return None
    goals = [Percent(rulebook.account(tier_of(one.account)).weekly_target) for one in found]
    gains = [Percent(realised_net(one).share_of(starts.get(one.account, NOTHING))) for one in found]
    return Chart(
        "Realised against target, per cent of the equity at the start of the week",
        ChartKind.BARS,
        tuple(sleeve_name(one.account) for one in found),
        (
            Series("Target", tuple(goals), Qualifier.TARGET),
            Series("Realised", tuple(gains), traded_as(evidence)),
        ),
    )
