"""The sections of the weekly statement about money: targets, balances and what forks need."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.accounts import AccountId, AccountKind, FamilyId, family_of
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.read_values import Branching, Mark
from allusedesk.journal.week_evidence import WeekEvidence
from allusedesk.protocol.forking import is_mini, years_after
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
from allusedesk.reports.weekly_words import (
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
        "from close to close, open positions included. A target is the protocol's wish and no "
        "promise."
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
    blocks += [_balance_table(evidence, rulebook, marks), _fork_table(evidence, rulebook)]
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
            *(Paragraph(_branching(one)) for one in evidence.overview.branchings),
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


def _fork_table(evidence: WeekEvidence, rulebook: Rulebook) -> Table:
    """Sleeves that may fork, and forks that may come home."""
    seen = marked_as(evidence)
    floors = {one.account: one.floor for one in evidence.figures}
    needed = {rule.account: Money(rule.surplus_min) for rule in rulebook.forking.forks}
    marks = marks_in_order(evidence.overview.marks_end)
    rows: list[tuple[str, Money, Money]] = []
    minis = _minis(evidence, rulebook)
    for mark in marks:
        if tier_of(mark.account) in needed and family_of(AccountId(mark.account)) not in minis:
            surplus = mark.equity - floors.get(mark.account, NOTHING)
            wanted = needed[tier_of(mark.account)]
            rows.append((f"{sleeve_name(mark.account)} forks", surplus, wanted))
    least = rulebook.forking.merge_total_min
    home = Money(least if least is not None else Decimal(0))
    for family in _forks(evidence) if least is not None else ():
        whole = total([mark.equity for mark in marks if mark.account.startswith(f"{family}.")])
        rows.append((f"{family} comes home", whole, home))
    rows.extend(minis.values())
    return Table(
        "Distance to the next fork or merge",
        (
            Column("Event"),
            Column("Surplus or total", _RIGHT, "USD", seen, is_signed=True),
            Column("Needed", _RIGHT, "USD", Qualifier.TARGET),
            Column("Still missing", _RIGHT, "USD", seen),
        ),
        tuple((what, has, wants, max(wants - has, NOTHING)) for what, has, wants in rows),
        empty="No sleeve forks under this rulebook.",
    )


def _minis(evidence: WeekEvidence, rulebook: Rulebook) -> dict[FamilyId, tuple[str, Money, Money]]:
    """Minis, what each is worth, and at how much it comes home; its last day is named."""
    rules, marks = rulebook.forking.mini, evidence.overview.marks_end
    rows: dict[FamilyId, tuple[str, Money, Money]] = {}
    for family in _forks(evidence) if rules is not None else ():
        sleeves = [one for one in evidence.sleeves if one.family == family]
        if rules is None or not is_mini([tier_of(one.account) for one in sleeves], rulebook):
            continue
        whole = total([mark.equity for mark in marks if mark.account.startswith(f"{family}.")])
        start = total([one.base for one in sleeves])
        last = years_after(min(one.opened_on for one in sleeves), rules.years_max)
        said = f"mini {family} comes home, by {last} in any case"
        rows[FamilyId(family)] = (said, whole, start * rules.multiple)
    return rows


def _forks(evidence: WeekEvidence) -> list[str]:
    alive = {mark.account for mark in evidence.overview.marks_end}
    found = {
        one.family: None
        for one in evidence.sleeves
        if one.parent is not None and one.account in alive
    }
    return list(found)


def _branching(one: Branching) -> str:
    amount, sleeve = shown(one.amount), sleeve_name(one.account)
    if one.how == "fork":
        return f"{amount} USD left {sleeve} for the new family {one.family}."
    return f"{amount} USD of family {one.family} came home to {sleeve}."


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
