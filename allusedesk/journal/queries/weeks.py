"""One week in full, as its report and its screen show it."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from allusedesk.journal.queries.record import balances, desk_header, weekly_returns
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import (
    Branching,
    CashMoved,
    Closing,
    ComparisonSeen,
    ConditionSeen,
    LabelSeen,
    LevelStep,
    Look,
    LotChanged,
    LotHeld,
    Mark,
    Notice,
    OutcomeSeen,
    PlannedWeek,
    Reinvestment,
    Trade,
    TurnedDownCount,
    WeekOverview,
)
from allusedesk.journal.trade_values import FillSeen, OrderSeen, ProposalSeen

_Row = TypeVar("_Row")

# A sleeve without marks in the ten days before a week was opened in it.
_DAYS_BACK = 10


def week(side: ReadSide, week_id: str) -> WeekOverview | None:
    """Everything recorded of a week such as `2013-W07`; None where it was never planned."""
    plans = side.figures(PlannedWeek, "FROM weeks WHERE week = ?", (week_id,))
    desk = desk_header(side)
    if not plans or desk is None:
        return None
    plan = plans[0]
    marks_end = _last_marks(balances(side, plan.first_session, plan.last_session))
    return WeekOverview(
        plan=plan,
        desk=desk,
        conditions=_of(side, ConditionSeen, "conditions", week_id),
        comparisons=_of(side, ComparisonSeen, "comparisons", week_id),
        looks=_of(side, Look, "looks", week_id),
        turned_down=turned_down(side, week_id),
        proposals=_of(side, ProposalSeen, "proposals", week_id),
        trades=trades(side, week_id),
        outcomes=_of(side, OutcomeSeen, "outcomes", week_id),
        labels=_of(side, LabelSeen, "labels", week_id),
        levels=_of(side, LevelStep, "levels", week_id),
        marks_start=_marks_before(side, plan),
        marks_end=marks_end,
        returns=tuple(one for one in weekly_returns(side) if one.week == week_id),
        cash_moves=_of(side, CashMoved, "cash_moves", week_id),
        lot_changes=_of(side, LotChanged, "lot_changes", week_id),
        lots_held=lots_held(side, _end_of(side, plan, marks_end)),
        branchings=_of(side, Branching, "branchings", week_id),
        reinvestments=_of(side, Reinvestment, "reinvestments", week_id),
        notices=_of(side, Notice, "notices", week_id),
        closings=_of(side, Closing, "closings", week_id),
        plan_next=_next(side, plan),
    )


def trades(side: ReadSide, week_id: str) -> tuple[Trade, ...]:
    """Every order whose proposal was made for the week, with its rule, approver and fills."""
    orders = _of(side, OrderSeen, "orders", week_id)
    proposals = side.figures(
        ProposalSeen,
        "FROM proposals WHERE id IN (SELECT proposal FROM orders WHERE week = ?)",
        (week_id,),
    )
    fills = side.figures(
        FillSeen,
        "FROM fills WHERE order_id IN (SELECT id FROM orders WHERE week = ?) "
        "ORDER BY sequence, leg",
        (week_id,),
    )
    by_id = {proposal.id: proposal for proposal in proposals}
    of_order: dict[str, list[FillSeen]] = {}
    for fill in fills:
        of_order.setdefault(fill.order_id, []).append(fill)
    return tuple(
        Trade(order, by_id.get(order.proposal), tuple(of_order.get(order.id, ())))
        for order in orders
    )


def turned_down(side: ReadSide, week_id: str) -> tuple[TurnedDownCount, ...]:
    """Why candidates of a week never became a proposal, by sleeve and rule, most often first."""
    return tuple(
        side.figures(
            TurnedDownCount,
            # Beside min() SQLite takes the other columns from the row that has it.
            "FROM (SELECT account, rule, min(reason) AS reason, sum(count) AS count, "
            "candidate, value, limit_value "
            "FROM turned_down WHERE week = ? AND proposal = '' GROUP BY account, rule) "
            "ORDER BY account, count DESC, rule",
            (week_id,),
        )
    )


def lots_held(side: ReadSide, sequence: int) -> tuple[LotHeld, ...]:
    """Every lot as it stood after the entry `sequence`, by sleeve, oldest first."""
    return tuple(
        side.figures(
            LotHeld,
            "FROM (SELECT lots.*, (SELECT quantity_after FROM lot_changes WHERE lot = lots.id "
            "AND sequence <= ? ORDER BY sequence DESC LIMIT 1) AS quantity FROM lots "
            "WHERE opened_sequence <= ? AND (closed_sequence IS NULL OR closed_sequence > ?)) "
            "WHERE quantity != 0 ORDER BY account, opened_at, id",
            (sequence, sequence, sequence),
        )
    )


def _of(side: ReadSide, kind: type[_Row], table: str, week_id: str) -> tuple[_Row, ...]:
    return tuple(side.figures(kind, f"FROM {table} WHERE week = ? ORDER BY sequence", (week_id,)))


def _last_marks(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    latest = {mark.account: mark for mark in marks}
    return tuple(latest[account] for account in sorted(latest))


def _marks_before(side: ReadSide, plan: PlannedWeek) -> tuple[Mark, ...]:
    day = plan.first_session
    return _last_marks(balances(side, day - timedelta(days=_DAYS_BACK), day - timedelta(days=1)))


def _end_of(side: ReadSide, plan: PlannedWeek, marks: tuple[Mark, ...]) -> int:
    """The entry that marked the week's last close; the newest one while the week runs."""
    if marks and marks[-1].on_day == plan.last_session:
        return max(mark.sequence for mark in marks)
    return side.journal.head()[0]


def _next(side: ReadSide, plan: PlannedWeek) -> PlannedWeek | None:
    found = side.figures(
        PlannedWeek, "FROM weeks WHERE week > ? ORDER BY week LIMIT 1", (plan.week,)
    )
    return found[0] if found else None
