"""The sections of the weekly statement about what was traded and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from allusedesk.domain.money import Money, Price, total
from allusedesk.journal.read_values import LabelSeen, LotChanged, OutcomeSeen, Trade
from allusedesk.journal.week_evidence import WeekEvidence
from allusedesk.journal.words.decisions import TOLD_BY_ITS_INSTANT
from allusedesk.journal.words.figures import met_in_words
from allusedesk.journal.words.rules import rule_in_words
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.weekly.courses import (
    Courses,
    drawn_courses,
    order_reference,
    row_anchor,
)
from allusedesk.reports.weekly.words import sleeve_name, traded_as
from allusedesk.reports.wording import counted, shown, written_instant

_RIGHT = Alignment.RIGHT
_BOOKINGS = {
    "assignment": "assigned",
    "expiry": "expired without value",
    "dividend": "dividend",
    "split": "split",
}


def trades_section(evidence: WeekEvidence, courses: Courses) -> Section:
    """Every trade from the rule that wanted it to its fills, then what the broker delivered.

    `courses` are what happened to each order; the orders that are drawn lead there.
    """
    traded = [trade for trade in evidence.overview.trades if trade.fills]
    idle = [trade for trade in evidence.overview.trades if not trade.fills]
    seen = traded_as(evidence)
    blocks: list[Block] = []
    if evidence.overview.trades:
        blocks.append(
            Paragraph(
                "Times are New York. Prices are net per share: what is received is positive, what "
                "is paid negative. What an entry can earn at most is its net premium over its "
                "collateral, beside the sleeve's weekly target.",
                Tone.NOTE,
            )
        )
    drawn = drawn_courses(evidence.overview.trades, courses)
    commission = total([trade.commission for trade in traded])
    cash = total([_cash_of(trade, evidence) for trade in traded])
    blocks.append(
        Table(
            "Orders that traded",
            _trade_columns(seen),
            tuple(_trade_row(trade, evidence, drawn) for trade in traded),
            empty="No order traded in this week.",
            totals=_totals(commission, cash) if traded else (),
            row_anchors=tuple(row_anchor(trade.order.id) for trade in traded),
        )
    )
    if idle:
        blocks.append(_untraded(idle, evidence, seen))
    blocks.append(_deliveries(evidence))
    return Section("Trades", tuple(blocks))


def _untraded(trades: list[Trade], evidence: WeekEvidence, seen: Qualifier) -> Table:
    """Orders without a fill, those of one proposal together."""
    by_proposal: dict[str, list[Trade]] = {}
    for trade in trades:
        by_proposal.setdefault(trade.order.proposal, []).append(trade)
    return Table(
        "Orders that did not trade",
        (
            Column("Written"),
            Column("Sleeve"),
            Column("Order"),
            Column("Wanted", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Orders", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Last limit", _RIGHT, "USD", seen),
            Column("Last mid", _RIGHT, "USD", seen),
            Column("Ended"),
            Column("Kind", is_detail=True),
            Column("Rule", is_detail=True),
            Column("Approved by", is_detail=True),
            Column("Quantities tried", is_detail=True),
            Column("Why", is_detail=True),
            Column("Held against the rules", is_detail=True),
        ),
        tuple(_untraded_row(found, evidence) for found in by_proposal.values()),
    )


def _untraded_row(tried: list[Trade], evidence: WeekEvidence) -> tuple[Cell, ...]:
    first, last = tried[0], tried[-1]
    return (
        first.order.written_at,
        sleeve_name(first.order.account),
        first.order.legs,
        first.order.quantity,
        len(tried),
        last.order.limit_last,
        last.order.mid_at_send,
        _ending(last),
        first.order.kind,
        first.rule,
        _approval(first),
        ", ".join(str(trade.order.quantity) for trade in tried) if len(tried) > 1 else "",
        first.proposal.reason if first.proposal else "",
        _held(first, evidence),
    )


def _held(trade: Trade, evidence: WeekEvidence) -> str:
    """The figures the proposal was held against; when it was made is told by its instant."""
    if trade.proposal is None:
        return ""
    held = evidence.overview.comparisons_of(trade.proposal.sequence)
    return ", ".join(
        met_in_words(one.as_compared() for one in held if one.name not in TOLD_BY_ITS_INSTANT)
    )


def _totals(commission: Money, cash: Money) -> tuple[Cell, ...]:
    before: tuple[Cell, ...] = (None, None, "All trades", *[None] * 5)
    after: tuple[Cell, ...] = (None,) * 9
    return (*before, commission, cash, *after)


def _trade_columns(seen: Qualifier) -> tuple[Column, ...]:
    return (
        Column("Written"),
        Column("Sleeve"),
        Column("Order"),
        Column("Wanted", _RIGHT, qualifier=Qualifier.MEASURED),
        Column("Filled", _RIGHT, qualifier=Qualifier.MEASURED),
        Column("Limit", _RIGHT, "USD", seen),
        Column("Mid at send", _RIGHT, "USD", seen),
        Column("Fill", _RIGHT, "USD", seen),
        Column("Costs", _RIGHT, "USD", seen),
        Column("Cash", _RIGHT, "USD", seen, is_signed=True),
        Column("Can earn", _RIGHT, qualifier=Qualifier.ESTIMATE),
        Column("Target", _RIGHT, qualifier=Qualifier.TARGET),
        Column("Kind", is_detail=True),
        Column("Rule", is_detail=True),
        Column("Approved by", is_detail=True),
        Column("Target in reach", is_detail=True),
        Column("Ended", is_detail=True),
        Column("Why", is_detail=True),
        Column("Held against the rules", is_detail=True),
    )


def _trade_row(trade: Trade, evidence: WeekEvidence, drawn: Sequence[str]) -> tuple[Cell, ...]:
    order, proposal = trade.order, trade.proposal
    earnable = _percent(proposal.most_earnable if proposal else None)
    target = _percent(proposal.target if proposal else None)
    return (
        order.written_at,
        sleeve_name(order.account),
        order_reference(trade, drawn),
        order.quantity,
        _quantity_filled(trade),
        order.limit_last,
        order.mid_at_send,
        _net_fill(trade),
        trade.commission,
        _cash_of(trade, evidence),
        earnable,
        target,
        order.kind,
        trade.rule,
        _approval(trade),
        _reach(earnable, target),
        _ending(trade),
        proposal.reason if proposal else "",
        _held(trade, evidence),
    )


def _percent(fraction: Decimal | None) -> Percent | None:
    return None if fraction is None else Percent(fraction)


def _quantity_filled(trade: Trade) -> int:
    """Units filled in every leg."""
    by_leg: dict[int, int] = {}
    for fill in trade.fills:
        by_leg[fill.leg] = by_leg.get(fill.leg, 0) + fill.quantity
    legs = len(trade.order.legs.split(", "))
    return min(by_leg.values()) if len(by_leg) == legs else 0


def _net_fill(trade: Trade) -> Price | None:
    """The average net price per share over the legs; None before anything traded."""
    if not trade.fills:
        return None
    sides = [1 if leg.startswith("sell") else -1 for leg in trade.order.legs.split(", ")]
    net = Decimal(0)
    for leg, side in enumerate(sides):
        fills = [fill for fill in trade.fills if fill.leg == leg]
        quantity = sum(fill.quantity for fill in fills)
        if quantity:
            paid = sum((fill.price.per_unit * fill.quantity for fill in fills), Decimal(0))
            net += side * paid / quantity
    return Price(net)


def _cash_of(trade: Trade, evidence: WeekEvidence) -> Money:
    reason = f"fill of {trade.order.id}"
    return total([m.amount for m in evidence.booked_cash if m.reason == reason])


def _approval(trade: Trade) -> str:
    proposal = trade.proposal
    if proposal is None or not proposal.decided_by:
        return ""
    if proposal.decided_at is None:
        return proposal.decided_by
    return f"{proposal.decided_by}, {written_instant(proposal.decided_at)}"


def _reach(earnable: Percent | None, target: Percent | None) -> str:
    if earnable is None or target is None:
        return ""
    if earnable.fraction < target.fraction:
        return "no"
    return "yes"


def _ending(trade: Trade) -> str:
    order = trade.order
    moved = ""
    if order.moves:
        moved = f", limit moved {'once' if order.moves == 1 else counted(order.moves, 'time')}"
    reason = f" ({order.status_reason})" if order.status_reason else ""
    return f"{order.status}{moved}{reason}"


def _deliveries(evidence: WeekEvidence) -> Table:
    seen = traded_as(evidence)
    names = _instruments(evidence)
    cash: dict[tuple[int, str], Money] = {}
    for move in evidence.booked_cash:
        key = (move.sequence, move.account)
        cash[key] = move.amount + cash.get(key, Money(Decimal(0)))
    rows: list[tuple[Cell, ...]] = []
    for change in evidence.booked_lots:
        if change.how in _BOOKINGS:
            moved = cash.pop((change.sequence, change.account), None)
            rows.append(_delivery_row(change, names.get(change.lot, change.lot), moved))
    rows += [
        (_BOOKINGS[move.how], sleeve_name(move.account), move.reason, None, None, move.amount, "")
        for move in evidence.booked_cash
        if move.how in _BOOKINGS and (move.sequence, move.account) in cash
    ]
    return Table(
        "Assignments, expiries and dividends",
        (
            Column("What"),
            Column("Sleeve"),
            Column("Position"),
            Column("Change", _RIGHT, qualifier=Qualifier.MEASURED, is_signed=True),
            Column("Realised", _RIGHT, "USD", seen, is_signed=True),
            Column("Cash", _RIGHT, "USD", seen, is_signed=True),
            Column("Lot", is_detail=True),
        ),
        tuple(rows),
        empty="The broker reported no assignment, expiry or dividend.",
    )


def _delivery_row(change: LotChanged, name: str, cash: Money | None) -> tuple[Cell, ...]:
    moved = change.quantity_after - change.quantity_before
    what = _BOOKINGS[change.how]
    if change.how == "assignment" and not name.endswith((" put", " call")):
        what = "shares put to us" if moved > 0 else "shares called away"
    return (
        what,
        sleeve_name(change.account),
        name,
        moved,
        change.realised,
        cash,
        change.lot,
    )


def _instruments(evidence: WeekEvidence) -> dict[str, str]:
    return {lot.id: lot.instrument for lot in evidence.lots_named}


def outcomes_section(evidence: WeekEvidence, rulebook: Rulebook) -> Section:
    """How each position ended its week, and what each family's week is called."""
    names = _instruments(evidence)
    rows = tuple(_outcome_row(one, names, evidence, rulebook) for one in evidence.overview.outcomes)
    labels = tuple((one.family, one.label, one.tags or "none") for one in _latest_labels(evidence))
    return Section(
        "Outcomes and labels",
        (
            Table(
                "Outcome of each position",
                (
                    Column("Sleeve"),
                    Column("Position"),
                    Column("Outcome"),
                    Column("Meaning"),
                    Column("Standing"),
                    Column("Weekly target", _RIGHT, qualifier=Qualifier.TARGET),
                    Column("Action"),
                    Column("Measured by", is_detail=True),
                ),
                rows,
                empty="No position has been measured yet: that is done at the week's last close.",
            ),
            Table(
                "Label of each family's week",
                (Column("Family"), Column("Label"), Column("Other matches")),
                labels,
                empty="No family has a label for this week.",
            ),
        ),
    )


def _latest_labels(evidence: WeekEvidence) -> list[LabelSeen]:
    latest = {one.family: one for one in evidence.overview.labels}
    return list(latest.values())


def _outcome_row(
    one: OutcomeSeen, names: dict[str, str], evidence: WeekEvidence, rulebook: Rulebook
) -> tuple[Cell, ...]:
    row = next((row for row in rulebook.outcomes.rows if row.code == one.outcome), None)
    target = f"{shown(Percent(row.target_low))} to {shown(Percent(row.target_high))}" if row else ""
    held = evidence.overview.comparisons_of(one.sequence)
    measured = ", ".join(met_in_words(met.as_compared() for met in held))
    return (
        sleeve_name(one.account),
        names.get(one.position, one.position) if one.position else "none",
        one.outcome,
        row.meaning if row else rule_in_words(one.outcome),
        one.tag,
        target,
        one.action or "closed already",
        measured,
    )
