"""What follows from a broker's report: orders advance, fills and notices become bookings."""

from __future__ import annotations

from datetime import timedelta

from allusedesk.domain.commands import LookUpOrder
from allusedesk.domain.events import (
    AssignmentBooked,
    ChargeBooked,
    DifferenceFound,
    DividendBooked,
    ExpiryBooked,
    FillBooked,
    OrderStatusChanged,
    ReportIgnored,
    SettlementBooked,
    SplitBooked,
)
from allusedesk.domain.orders import (
    BrokerReport,
    BrokerStatement,
    CashCharged,
    DividendPaid,
    LinkChanged,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
    Order,
    OrderCancelled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderStatus,
    OrderUnclear,
    SplitTookEffect,
    StrikesReduced,
)
from allusedesk.engine.draft import Draft
from allusedesk.engine.folds.orders import known_order
from allusedesk.engine.measuring import measure_delivery, measure_expiry, measure_fill
from allusedesk.engine.order_alarms import (
    AWAITING_WORD,
    acknowledgement_alarm,
    acknowledgement_id,
    patience_alarm,
    patience_id,
)
from allusedesk.engine.reconciling import ask_statement, is_before_us, reconcile, stop_in_audit
from allusedesk.engine.sending import go_on, send_again, send_what_waited, take_back
from allusedesk.engine.steps.week import rest_in_safe
from allusedesk.execution.lifecycle import (
    Happening,
    Progress,
    ReportConflict,
    advance,
)
from allusedesk.portfolio.accounting import (
    BookMismatch,
    book_assignment,
    book_charge,
    book_dividend,
    book_exercise,
    book_expiry,
    book_fill,
)
from allusedesk.portfolio.settlement import book_settlement
from allusedesk.portfolio.splits import book_split, book_strikes_reduced

_RESTING = frozenset({OrderStatus.WORKING, OrderStatus.PARTLY_FILLED})
_NOTICES = (
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
    DividendPaid,
    SplitTookEffect,
    StrikesReduced,
    CashCharged,
)


def on_report(draft: Draft, report: BrokerReport) -> None:
    """Take one report; what cannot be true of the book stops the desk, both sides shown.

    A notice about more than the book holds may have overtaken the executions it follows from, or
    they were lost: the broker's statement is asked for, and it alone stops the desk.
    """
    try:
        _take(draft, report)
    except (BookMismatch, ReportConflict) as conflict:
        if isinstance(report, _NOTICES):
            what = f"notice {report.notice}"
            draft.record(DifferenceFound(what, "the book", str(conflict), stops=False))
            ask_statement(draft)
            return
        _on_conflict(draft, report, conflict)


def _on_report_of_statement(draft: Draft, report: BrokerReport) -> None:
    """As `on_report`, for what a statement brought to light: nothing explains it any more."""
    try:
        _take(draft, report)
    except (BookMismatch, ReportConflict) as conflict:
        _on_conflict(draft, report, conflict)


def _on_conflict(draft: Draft, report: BrokerReport, conflict: Exception) -> None:
    _stop(draft, type(report).__name__, str(conflict))
    if isinstance(report, OrderLookedUp):
        # The same answer would come again; now a person has to compare both sides.
        draft.drop_alarms(acknowledgement_id(report.order))


def _take(draft: Draft, report: BrokerReport) -> None:
    if isinstance(report, _NOTICES) and report.notice in draft.state.booked_notices:
        draft.record(ReportIgnored(report.notice, "this notice was booked before"))
        return
    match report:
        case LinkChanged():
            _on_link(draft, report)
        case BrokerStatement():
            reconcile(draft, report, _on_report_of_statement)
        case OptionsAssigned() | OptionsExercised():
            _on_delivery(draft, report)
        case OptionsSettled():
            _on_settlement(draft, report)
        case OptionsExpired():
            booking = book_expiry(draft.state.book, report)
            measure_expiry(draft, booking)
            draft.record(ExpiryBooked(report.notice, booking))
        case DividendPaid():
            booking = book_dividend(draft.state.book, report, draft.state.day)
            draft.record(DividendBooked(report.notice, booking))
        case CashCharged() if is_before_us(draft.state, report):
            reason = "it is of a day before the desk began, whose first cash has it already"
            draft.record(ReportIgnored(report.notice, reason))
        case CashCharged():
            booking = book_charge(draft.state.book, report, draft.state.day)
            draft.record(ChargeBooked(report.notice, report.reason, booking))
        case SplitTookEffect() | StrikesReduced():
            _on_adjustment(draft, report)
        case OrderUnclear():
            _on_unclear(draft, report)
        case _:
            _on_order(draft, report)


def on_resumption(draft: Draft) -> None:
    """Before anything goes on: what does the broker have, and what became of our orders?"""
    ask_statement(draft)
    for name in sorted(draft.state.orders):
        draft.wish(LookUpOrder(name))
        order = draft.state.orders[name]
        if order.status in AWAITING_WORD:
            draft.set_alarms(acknowledgement_alarm(draft.state, order))


def _on_link(draft: Draft, report: LinkChanged) -> None:
    if report.is_up:
        draft.notice("note", "broker.reachable", "The broker is reachable again.")
        on_resumption(draft)
    else:
        draft.notice(
            "alarm",
            "broker.unreachable",
            f"The broker cannot be reached ({report.reason}); no new entries until it is back.",
        )
        rest_in_safe(draft, "the broker cannot be reached")


def _on_order(draft: Draft, report: Happening) -> None:
    order = known_order(draft.state, report.order)
    if order is None:
        reason = "the desk does not know this order"
        draft.record(ReportIgnored(f"{type(report).__name__} {report.order}", reason))
        draft.notice("warning", f"order.unknown/{report.order}", f"{report.order}: {reason}.")
        return
    if _is_refused_change(draft, order, report):
        # Too late to change says only that it no longer rests: filled, most likely, and the word
        # of that may be lost. Never a verdict.
        _ask_about(draft, order, "its change was refused; the broker is asked")
        return
    if isinstance(report, OrderCancelled) and report.quantity_filled > order.quantity_filled:
        if not order.status.is_over:
            _ask_about(draft, order, "cancelled, but executions of it were not told yet")
        return
    if _is_old_denial(draft, order, report):
        reason = "the broker has had this order: its answer is older than that"
        draft.record(ReportIgnored(f"{type(report).__name__} {order.id}", reason))
        return
    progress = advance(order, report)
    if not progress.is_news:
        draft.record(ReportIgnored(f"{type(report).__name__} {order.id}", progress.remark))
        return
    was_taken_back = draft.state.taken_back
    _book_executions(draft, order, progress)
    after = progress.order.status
    if after is not order.status:
        reason = report.reason if isinstance(report, OrderRejected) else progress.remark
        draft.record(OrderStatusChanged(order.id, order.status, after, reason))
    _tend_alarms(draft, progress.order)
    is_taken_back = order.id in was_taken_back or order.proposal not in draft.state.tickets
    if after.is_over:
        if _was_never_received(order, report) and not is_taken_back:
            send_again(draft, progress.order)
        else:
            go_on(draft, order.proposal)
    elif is_taken_back and after in _RESTING:
        take_back(draft, progress.order, "it was taken back before")
    elif order.status is OrderStatus.UNKNOWN and after in _RESTING:
        draft.set_alarms(patience_alarm(draft.state, progress.order))
    if order.status is OrderStatus.UNKNOWN and after is not OrderStatus.UNKNOWN:
        send_what_waited(draft, order.legs[0].instrument.underlying)


def _on_unclear(draft: Draft, report: OrderUnclear) -> None:
    """What could not be read may be a fill: nothing new begins in the symbol until all is told."""
    order = known_order(draft.state, report.order)
    draft.notice(
        "alarm",
        f"order.unclear/{report.order}",
        f"The broker told something of {report.order} that cannot be read ({report.reason}): it "
        "may be a fill, so nothing new begins in its symbol; compare it with the broker's list.",
    )
    if order is None or order.status.is_over:
        ask_statement(draft)
    else:
        _ask_about(draft, order, "the broker told something of it that cannot be read")


def _is_old_denial(draft: Draft, order: Order, report: Happening) -> bool:
    """Whether a denial may answer a question that was asked before the broker had the order.

    An order acknowledged once was received; a denial of it is believed only once its time is over
    anyhow. One that was sent again was denied before, and answers may be told late or twice: until
    it has been out as long as two orders may rest, the broker is asked again.
    """
    if not isinstance(report, OrderLookedUp):
        return False
    if report.standing is not OrderStanding.NEVER_RECEIVED:
        return False
    now = draft.state.instant
    if order.id in draft.state.heard_of and now < order.good_until:
        return True
    seconds = 2 * draft.state.rules.orders.patience_seconds
    return order.version > 1 and now < order.written_at + timedelta(seconds=seconds)


def _is_refused_change(draft: Draft, order: Order, report: Happening) -> bool:
    """A refusal of an order that was taken before, or that is being moved or taken back."""
    if not isinstance(report, OrderRejected) or order.status.is_over:
        return False
    is_changed = order.version > 1 or order.status is OrderStatus.CANCELLING
    return is_changed or order.id in draft.state.heard_of


def _ask_about(draft: Draft, order: Order, reason: str) -> None:
    """Its fate is open: nothing follows in its symbol until the broker has told all of it."""
    if order.status is not OrderStatus.UNKNOWN:
        draft.record(OrderStatusChanged(order.id, order.status, OrderStatus.UNKNOWN, reason))
    draft.wish(LookUpOrder(order.id))
    draft.set_alarms(acknowledgement_alarm(draft.state, order))


def _was_never_received(order: Order, report: Happening) -> bool:
    return (
        isinstance(report, OrderLookedUp)
        and report.standing is OrderStanding.NEVER_RECEIVED
        and order.status is OrderStatus.UNKNOWN
    )


def _book_executions(draft: Draft, order: Order, progress: Progress) -> None:
    if not progress.executions:
        return
    state = draft.state
    spot = state.spots.get(order.legs[0].instrument.underlying)
    booking = book_fill(state.book, order, progress.executions, state.day, state.settles_on(), spot)
    draft.record(FillBooked(order.id, progress.executions, booking))
    measure_fill(draft, order, booking)


def _tend_alarms(draft: Draft, order: Order) -> None:
    if order.status not in AWAITING_WORD:
        draft.drop_alarms(acknowledgement_id(order.id))
    if order.status.is_over:
        draft.drop_alarms(patience_id(order.id))


def _on_delivery(draft: Draft, report: OptionsAssigned | OptionsExercised) -> None:
    state = draft.state
    times = (state.instant, state.day, state.settles_on())
    if isinstance(report, OptionsAssigned):
        booking = book_assignment(state.book, report, *times)
    else:
        booking = book_exercise(state.book, report, *times)
    measure_delivery(draft, booking)
    draft.record(AssignmentBooked(report.notice, booking))


def _on_settlement(draft: Draft, report: OptionsSettled) -> None:
    state = draft.state
    booking = book_settlement(state.book, report, state.day, state.settles_on())
    measure_delivery(draft, booking)
    draft.record(SettlementBooked(report.notice, booking))


def _on_adjustment(draft: Draft, report: SplitTookEffect | StrikesReduced) -> None:
    state = draft.state
    if not any(lot.underlying == report.symbol for lot in state.book.positions.values()):
        draft.record(ReportIgnored(report.notice, f"nothing of {report.symbol} is held"))
        return
    if isinstance(report, SplitTookEffect):
        booking = book_split(state.book, report, state.day)
    else:
        booking = book_strikes_reduced(state.book, report)
    draft.record(SplitBooked(report.notice, booking))


def _stop(draft: Draft, what: str, why: str) -> None:
    draft.record(DifferenceFound(what, "the book", why, stops=True))
    stop_in_audit(draft, f"{what}: {why}")
