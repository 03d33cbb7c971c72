"""What follows when the clock rings, a week begins, or money comes and goes."""

from __future__ import annotations

from allusedesk.domain.accounts import (
    Account,
    AccountKind,
    Family,
    account_id,
)
from allusedesk.domain.alarms import Alarm, AlarmKind, PriceAlarm
from allusedesk.domain.commands import CutReport, LookUpOrder, PlanWeek, TakeSample
from allusedesk.domain.events import (
    CashBooked,
    FamilyOpened,
    OrderStatusChanged,
    ProposalLapsed,
    RequestDenied,
    SurplusFloorSet,
    WeekClosed,
)
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.inputs import (
    CapitalDeposited,
    CapitalWithdrawn,
    Mode,
    OperatorRequest,
    WeekPlanned,
)
from allusedesk.domain.money import Money, allocate
from allusedesk.domain.orders import OrderStatus
from allusedesk.engine.allowing import on_trust
from allusedesk.engine.draft import Draft
from allusedesk.engine.looks import watch_for
from allusedesk.engine.order_alarms import asking_again_alarm
from allusedesk.engine.reconciling import on_statement_overdue
from allusedesk.engine.sleeve_views import cash_free
from allusedesk.engine.steps.week import compare_with_broker
from allusedesk.engine.strategies import looks_of_week
from allusedesk.execution.lifecycle import AcknowledgementOverdue, advance
from allusedesk.portfolio.accounting import BookMismatch
from allusedesk.portfolio.transfers import Transfer, book_transfer
from allusedesk.protocol.schedule import alarms_of_looks, alarms_of_week

_TIERS = (AccountKind.GENERATION, AccountKind.REVENUE, AccountKind.COMPOUNDING)


def on_deposit(draft: Draft, event: CapitalDeposited) -> None:
    """Share money over the tiers; the first deposit opens the family."""
    state = draft.state
    rules = state.rules
    if not event.amount.amount > 0:
        reason = f"{event.amount} is no amount to bring in"
        denied = RequestDenied(OperatorRequest.DEPOSIT, event.family, "cash.amount", reason)
        draft.record(denied)
        return
    parts = allocate(event.amount, [rules.account(kind).capital_share for kind in _TIERS])
    accounts = tuple(
        Account(account_id(event.family, kind), event.family, kind, event.on) for kind in _TIERS
    )
    reason = "deposit"
    if event.family not in state.book.families:
        draft.record(FamilyOpened(Family(event.family, None, event.on), accounts, parts))
        reason = "opening"
    else:
        for account, part in zip(accounts, parts, strict=True):
            draft.record(SurplusFloorSet(account.id, state.sleeves[account.id].base + part, reason))
    transfers = [Transfer(account.id, part) for account, part in zip(accounts, parts, strict=True)]
    draft.record(CashBooked(book_transfer(draft.state.book, transfers, event.on, reason), reason))
    if reason == "opening" and event.amount < Money(rules.capital.start_min):
        draft.notice(
            "warning",
            "capital.start_min",
            f"The family starts with {event.amount}, less than the {rules.capital.start_min} the "
            "rulebook asks for; most sleeves will be too small to trade.",
        )


def on_withdrawal(draft: Draft, event: CapitalWithdrawn) -> None:
    """Take settled cash out of a sleeve that allows it."""
    state = draft.state
    account = state.book.accounts.get(event.account)
    if account is None:
        _deny(draft, event, "subject.unknown", f"there is no sleeve {event.account}")
        return
    if not event.amount.amount > 0:
        _deny(draft, event, "cash.amount", f"{event.amount} is no amount to take out")
        return
    if not state.rules.account(account.kind).withdrawals:
        _deny(
            draft,
            event,
            "withdrawal.never",
            f"{event.account} never pays out by its rulebook; withdraw from Gen or Rev",
        )
        return
    free = cash_free(state, event.account)
    if free < event.amount:
        _deny(
            draft,
            event,
            "cash.secured",
            f"{event.account} has {free} that secures nothing and is settled: withdraw that much "
            "at most, or wait until its puts are over",
        )
        return
    try:
        booking = book_transfer(
            state.book, [Transfer(event.account, -event.amount)], event.on, "withdrawal"
        )
    except BookMismatch as mismatch:
        _deny(draft, event, "cash.secured", str(mismatch))
        return
    draft.record(CashBooked(booking, "withdrawal"))
    base = state.sleeves[event.account].base - event.amount
    draft.record(SurplusFloorSet(event.account, base, "withdrawal"))


def _deny(draft: Draft, event: CapitalWithdrawn, rule: str, reason: str) -> None:
    draft.record(RequestDenied(OperatorRequest.WITHDRAW, event.account, rule, reason.rstrip(".")))


def on_week_planned(draft: Draft, event: WeekPlanned) -> None:
    """Set every alarm the rulebook wants in the week, and a look wherever the market is fresh."""
    rules = draft.state.rules
    draft.set_alarms(
        *alarms_of_week(event.week, event.session_after, None, rules),
        *alarms_of_looks(event.week, event.looks, rules),
        *looks_of_week(draft.state, event.week),
    )


def on_price_alarm(draft: Draft, alarm: PriceAlarm) -> None:
    """Look at once at the lots a crossed level concerns."""
    _look(draft, alarm)


def on_alarm(draft: Draft, alarm: Alarm) -> None:
    """Do what an alarm says, or take the look it needs."""
    match alarm.kind:
        case AlarmKind.PLAN:
            week = draft.state.week
            if week is not None:
                draft.wish(PlanWeek(week.sessions[-1].date))
        case AlarmKind.REPORT:
            _cut_provisional(draft)
        case AlarmKind.APPROVAL_LAPSE:
            _lapse(draft, ProposalId(alarm.subject))
        case AlarmKind.TRUST_ACTS:
            on_trust(draft, ProposalId(alarm.subject))
        case AlarmKind.ORDER_ACKNOWLEDGEMENT:
            _overdue(draft, OrderId(alarm.subject))
        case AlarmKind.STATEMENT:
            on_statement_overdue(draft)
        case AlarmKind.OPENING:
            # A live account may have been touched overnight, by its broker or by its owner.
            if draft.state.mode is Mode.LIVE:
                compare_with_broker(draft)
            _look(draft, alarm)
        case _:
            _look(draft, alarm)


def _look(draft: Draft, alarm: Alarm | PriceAlarm) -> None:
    watch = watch_for(draft.state, alarm)
    if watch is not None:
        draft.wish(TakeSample(alarm.id, watch))


def _cut_provisional(draft: Draft) -> None:
    week = draft.state.week_id
    draft.record(WeekClosed(week, is_final=False, version=1))
    draft.wish(CutReport(week, is_final=False))


def _lapse(draft: Draft, proposal: ProposalId) -> None:
    ticket = draft.state.tickets.get(proposal)
    if ticket is not None and not ticket.is_approved:
        draft.record(ProposalLapsed(proposal))
        draft.rest_sleeve(ticket.proposal.account)


def _overdue(draft: Draft, order_id: OrderId) -> None:
    """Silence about an order makes it unknown; the broker is asked until it answers."""
    order = draft.state.orders.get(order_id)
    if order is None:
        return
    advanced = advance(order, AcknowledgementOverdue(order_id, order.version))
    if advanced.is_news:
        draft.record(
            OrderStatusChanged(order_id, order.status, advanced.order.status, advanced.remark)
        )
    if advanced.order.status is OrderStatus.UNKNOWN:
        draft.notice(
            "alarm",
            f"unknown/{order_id}",
            f"The broker has not acknowledged {order_id}; it is UNKNOWN until the broker answers, "
            f"and nothing new is sent in {order.legs[0].instrument.underlying}.",
        )
        if draft.state.is_link_up:
            # Over a dead line nobody is asked; once it is back every order is.
            draft.wish(LookUpOrder(order_id))
            draft.set_alarms(asking_again_alarm(draft.state, order))
