"""How a desk kept law and broker's terms, read from its journal: the evidence, check by check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.approvals.four_eyes import limit_in_force, needs_second
from allusedesk.domain.events import (
    BalancesMarked,
    Entry,
    FillBooked,
    OrderWritten,
    ProposalApproved,
    ProposalRefused,
)
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument, OptionContract, Right
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.fold import fold
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.protocol.rulebook_conduct import ApprovalLevels, ConductRules
from allusedesk.risk.compliance import DayTrade, day_trades, level_needed
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.requests import RequestRefused

# A pattern of day trades is looked for in so many business days, among twice as many of all.
_SESSIONS, _DAYS_BACK = 5, timedelta(days=13)
# Good-faith violations are counted over twelve months.
_YEAR = timedelta(days=365)
RETENTION_YEARS = 7


@dataclass(frozen=True, slots=True)
class UnpaidSale:
    """A good-faith violation: bought with unsettled cash and sold before that cash settled."""

    on: date
    instrument: Instrument
    settles_on: date


@dataclass(frozen=True, slots=True)
class ConductRecord:
    """What the journal shows of each check.

    `closes` is the equity at each, `same_side_most` the largest number of contracts on one side of
    a symbol at a close, `short_of_cash` the closes at which short puts held more than was there.
    `alone` counts approvals that two persons had to give and one gave, by the limit then in force;
    `second_above` is that of the last entry. `refused` counts proposals by the rule of conduct that
    refused them.
    """

    conduct: ConductRules | None
    first: date
    last: date
    equity: Money
    day_trades: tuple[DayTrade, ...]
    closes: tuple[tuple[date, Money], ...]
    good_faith: tuple[UnpaidSale, ...]
    level_most: tuple[str, int] | None
    same_side_most: tuple[str, int]
    short_of_cash: tuple[date, ...]
    approvals: int
    countersigned: int
    alone: int
    second_above: Money | None
    refused: tuple[tuple[str, int], ...]

    def equity_before(self, day: date) -> Money:
        """At the close before a day, or at the first one; what rules of a day's trades go by."""
        before = [equity for on, equity in self.closes if on < day]
        return before[-1] if before else self.closes[0][1] if self.closes else self.equity

    @property
    def good_faith_most(self) -> int:
        """The largest number of good-faith violations within twelve months."""
        days = [sale.on for sale in self.good_faith]
        return max((sum(on <= day < on + _YEAR for day in days) for on in days), default=0)

    @property
    def keep_until(self) -> date:
        """Seven years after the last entry."""
        year = self.last.year + RETENTION_YEARS
        is_leap_day = (self.last.month, self.last.day) == (2, 29)
        return date(year, 3, 1) if is_leap_day else self.last.replace(year=year)


def conduct_record(entries: Iterable[Entry], levels: ApprovalLevels) -> ConductRecord:
    """Fold a journal and gather the evidence; raises RequestRefused for one without a desk.

    `levels` say what approval each kind of opening needs, where the rules in force do not.
    """
    state, orders = DeskState(), dict[str, Order]()
    unpaid: dict[PositionId, date] = {}
    sales, short, refused = list[UnpaidSale](), list[date](), dict[str, int]()
    most: tuple[str, int] | None = None
    same_side, equity, approvals, countersigned, alone = ("", 0), NOTHING, 0, 0, 0
    first: date | None = None
    closes: dict[date, Money] = {}
    for entry in entries:
        before, state = state, fold(state, entry)
        first = first or entry.recorded_at.astimezone(NEW_YORK).date()
        match entry.event:
            case OrderWritten(order=order):
                orders[order.id] = order
                needed = level_needed(order.legs, levels) if order.is_opening else None
                if needed is not None and (most is None or needed[1] > most[1]):
                    most = needed
            case FillBooked() as filled:
                _follow_cash(before, state, filled, unpaid, sales)
                done = state.orders.get(filled.order) or state.orders_over.get(filled.order)
                if done is not None:
                    orders[done.id] = done
            case BalancesMarked() as marked:
                equity = closes[marked.on] = total([mark.equity for mark in marked.marks])
                if any(mark.collateral > mark.cash for mark in marked.marks):
                    short.append(marked.on)
                same_side = max(same_side, _same_side(state), key=lambda one: one[1])
            case ProposalApproved() as approved:
                approvals += 1
                countersigned += bool(approved.countersigned_by)
                alone += _is_alone(before, approved)
            case ProposalRefused(rule=rule) if rule.startswith("conduct."):
                refused[rule] = refused.get(rule, 0) + 1
            case _:
                pass
    if first is None or state.rulebook is None:
        raise RequestRefused("No desk is on record in this journal: name another one.")
    return ConductRecord(
        conduct=state.rulebook.conduct,
        first=first,
        last=state.day,
        equity=equity,
        day_trades=day_trades(orders.values()),
        closes=tuple(sorted(closes.items())),
        good_faith=tuple(sales),
        level_most=most,
        same_side_most=same_side,
        short_of_cash=tuple(short),
        approvals=approvals,
        countersigned=countersigned,
        alone=alone,
        second_above=limit_in_force(state.second_above, state.rulebook),
        refused=tuple(sorted(refused.items())),
    )


def _follow_cash(
    before: DeskState,
    after: DeskState,
    filled: FillBooked,
    unpaid: dict[PositionId, date],
    sales: list[UnpaidSale],
) -> None:
    """Mark lots bought for more than the settled cash of the whole account; meet their sales."""
    settled = total([pile.settled for pile in before.book.cash.values()])
    paid = Decimal(0)
    for move in filled.booking.cash:
        paid -= min(move.amount.amount, Decimal(0))
    for change in filled.booking.changes:
        was, now = change.before, change.after
        if was is None and now is not None and not now.is_short and paid > settled.amount:
            unpaid[now.id] = after.settles_on()
        shrank = was is not None and (now is None or now.quantity < was.quantity)
        if was is not None and shrank and after.day < unpaid.get(was.id, after.day):
            sales.append(UnpaidSale(after.day, was.instrument, unpaid[was.id]))


def _is_alone(before: DeskState, approved: ProposalApproved) -> bool:
    """Whether one approved what two had to; an emergency exit waits for nobody."""
    ticket = before.tickets.get(approved.proposal)
    if ticket is None or approved.countersigned_by:
        return False
    proposal, above = ticket.proposal, limit_in_force(before.second_above, before.rules)
    is_exit = proposal.kind is ProposalKind.EMERGENCY_EXIT
    return not is_exit and needs_second(proposal, approved.quantity, above)


def _same_side(state: DeskState) -> tuple[str, int]:
    """The symbol with most contracts on one side of it, and how many."""
    counts: dict[tuple[str, bool], int] = {}
    for lot in state.book.positions.values():
        option = lot.instrument
        if isinstance(option, OptionContract):
            rises = (option.right is Right.CALL) != lot.is_short
            key = (option.underlying, rises)
            counts[key] = counts.get(key, 0) + lot.quantity
    if not counts:
        return "", 0
    (symbol, _), largest = max(counts.items(), key=lambda item: (item[1], item[0]))
    return symbol, largest


def within_five_sessions(trades: Sequence[DayTrade], on: date) -> int:
    """How many day trades were made on a day and the four sessions before it."""
    sessions = exchange_calendar().dates_between(on - _DAYS_BACK, on)[-_SESSIONS:]
    return sum(sessions[0] <= trade.on <= on for trade in trades)
