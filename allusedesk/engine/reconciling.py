"""The broker's statement against the book, and going on after a stop or a crash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.commands import (
    AskOperator,
    AskStatement,
    CancelOrder,
    LookUpOrder,
    PlanWeek,
    TakeSample,
)
from allusedesk.domain.events import (
    DeskHalted,
    DeskReconciled,
    DifferenceFound,
    ReportIgnored,
    SleeveState,
)
from allusedesk.domain.inputs import Mode
from allusedesk.domain.orders import (
    BrokerNotice,
    BrokerReport,
    BrokerStatement,
    CashCharged,
    OrderFilled,
)
from allusedesk.engine.arming import disarm
from allusedesk.engine.draft import Draft
from allusedesk.engine.looks import watch_for
from allusedesk.engine.order_alarms import STATEMENT_DUE, send_alarm, statement_alarm
from allusedesk.engine.state import DeskState
from allusedesk.execution.reconciliation import Difference, Remedy, compare


def ask_statement(draft: Draft, *, is_repeated: bool = False) -> None:
    """Ask a broker for its side; a real one may lose the question or the answer."""
    draft.wish(AskStatement())
    if draft.state.mode is Mode.LIVE:
        draft.set_alarms(statement_alarm(draft.state, is_repeated=is_repeated))


def on_statement_overdue(draft: Draft) -> None:
    """Ask once more; over a dead line nobody is asked, and once it is back everybody is."""
    if not draft.state.is_link_up:
        return
    draft.notice(
        "alarm",
        "statement.overdue",
        "The broker was asked for its statement and sent none: book and broker are not compared, "
        "and a desk that resumes waits. It is asked again; look at the broker's own screen.",
    )
    ask_statement(draft, is_repeated=True)


def reconcile(
    draft: Draft, statement: BrokerStatement, take: Callable[[Draft, BrokerReport], None]
) -> None:
    """Book what was missed, cancel what is not ours, ask about the rest; stop if unexplained.

    `take` treats a report as any other: missed executions go the way of all executions. A
    statement that was on its way while something was booked is asked for anew.
    """
    draft.drop_alarms(STATEMENT_DUE)
    state = draft.state
    if state.booked_at is not None and statement.as_of < state.booked_at:
        reason = "it is older than what was booked since; another one is asked for"
        draft.record(ReportIgnored("BrokerStatement", reason))
        ask_statement(draft)
        return
    orders = [*state.orders.values(), *state.orders_over.values()]
    differences = compare(state.book, orders, statement, state.rules)
    missed = [item for item in statement.notices if not _is_known(state, item)]
    found = len(missed) + len(differences)
    if missed:
        _take_notices(draft, missed, differences, take)
        state = draft.state
        orders = [*state.orders.values(), *state.orders_over.values()]
        differences = compare(state.book, orders, statement, state.rules)
    for difference in differences:
        _settle(draft, difference, take)
    draft.record(DeskReconciled(statement.as_of, found))
    # Fees and interest come days after what they are for, and no desk could have expected them.
    surprising = [item for item in missed if not isinstance(item, CashCharged)]
    doubtful = [item for item in differences if _casts_doubt(item)]
    if surprising or doubtful:
        disarm(draft, f"book and broker differed in {_named(surprising, doubtful)}")
    if state.is_resuming:
        resume(draft)


def _is_known(state: DeskState, notice: BrokerNotice) -> bool:
    """Booked before, or a charge of days before the desk, which its first cash has in it."""
    if notice.notice in state.booked_notices:
        return True
    return isinstance(notice, CashCharged) and is_before_us(state, notice)


def is_before_us(state: DeskState, charge: CashCharged) -> bool:
    """Whether a charge is of no later day than that on which the first family was opened."""
    began = min((one.opened_on for one in state.book.families.values()), default=charge.on)
    return charge.on <= began


def _casts_doubt(difference: Difference) -> bool:
    """All but two: cash off within the tolerance, and an order that is still asked about.

    Fees and interest move cash by cents. An order on its way is on no statement yet.
    """
    is_small = difference.remedy is Remedy.NOTE and difference.what == "cash"
    return not is_small and difference.remedy is not Remedy.LOOK_UP


def _named(missed: Sequence[BrokerNotice], differences: Sequence[Difference]) -> str:
    names = [f"notice {item.notice}" for item in missed]
    return ", ".join([*names, *(item.what for item in differences)])


def _take_notices(
    draft: Draft,
    missed: Sequence[BrokerNotice],
    differences: Sequence[Difference],
    take: Callable[[Draft, BrokerReport], None],
) -> None:
    """Book what was never told: executions first, since options ended after they were traded."""
    for difference in differences:
        if difference.remedy is Remedy.BOOK_FILLS:
            _settle(draft, difference, take)
    for notice in missed:
        draft.record(
            DifferenceFound(
                f"notice {notice.notice}", "unknown", type(notice).__name__, stops=False
            )
        )
        take(draft, notice)


def _settle(
    draft: Draft, difference: Difference, take: Callable[[Draft, BrokerReport], None]
) -> None:
    draft.record(
        DifferenceFound(difference.what, difference.ours, difference.theirs, difference.stops)
    )
    match difference.remedy:
        case Remedy.BOOK_FILLS:
            if difference.order is not None:
                take(draft, OrderFilled(difference.order, difference.executions))
        case Remedy.CANCEL | Remedy.ADOPT:
            if difference.order is not None:
                draft.wish(CancelOrder(difference.order))
        case Remedy.LOOK_UP:
            if difference.order is not None:
                draft.wish(LookUpOrder(difference.order))
        case Remedy.STOP:
            reason = f"{difference.what}: ours {difference.ours}, theirs {difference.theirs}"
            stop_in_audit(draft, reason)
        case Remedy.NOTE:
            pass


def stop_in_audit(draft: Draft, reason: str) -> None:
    """Nothing is entered any more until a person has compared both sides."""
    draft.record(DeskHalted(reason))
    disarm(draft, reason)
    for account in sorted(draft.state.sleeves):
        draft.move_sleeve(account, SleeveState.AUDIT, reason)


def resume(draft: Draft) -> None:
    """Ask again for every look, answer and order that the stop left open."""
    state = draft.state
    if state.week is None:
        draft.wish(PlanWeek(state.day - timedelta(days=1)))
    for name in sorted(state.looks):
        alarm = state.looks[name]
        if isinstance(alarm, Alarm) and alarm.kind is AlarmKind.PLAN and state.week is not None:
            draft.wish(PlanWeek(state.week.sessions[-1].date))
            continue
        watch = watch_for(state, alarm)
        if watch is not None:
            draft.wish(TakeSample(name, watch))
    for proposal in sorted(state.tickets):
        ticket = state.tickets[proposal]
        if not ticket.is_approved:
            draft.wish(AskOperator(ticket.proposal))
        elif ticket.live is None and ticket.proposal.legs:
            draft.set_alarms(send_alarm(state, proposal))
