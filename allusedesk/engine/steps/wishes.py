"""What follows when a person asks for something: an ordinary proposal, or a plain no."""

from __future__ import annotations

from datetime import datetime, timedelta

from allusedesk.domain.accounts import AccountId, FamilyId
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.commands import TakeSample
from allusedesk.domain.events import ProposalVoided, RequestDenied
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.inputs import OperatorAsked, OperatorRequest
from allusedesk.domain.instruments import Right
from allusedesk.domain.orders import Order
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import TurnedDown
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.classifying import on_classify
from allusedesk.engine.draft import Draft
from allusedesk.engine.family_wishes import fork_now, merge_now
from allusedesk.engine.folds.orders import known_order
from allusedesk.engine.folds.week import look_asked
from allusedesk.engine.looks import watch_for
from allusedesk.engine.proposing import propose_asked
from allusedesk.engine.sending import take_back
from allusedesk.engine.sleeve_views import view_of
from allusedesk.protocol.closing_orders import close_by_hand
from allusedesk.protocol.rolls import RollSearch, find_call_roll, find_put_roll, roll_wish
from allusedesk.protocol.verdicts import Verdict
from allusedesk.protocol.views import SleeveView, Wish

CANCELLED_BY_HAND = "operator.cancel"
CLOSED_BY_HAND, ROLLED_BY_HAND = "operator.close", "operator.roll"
_A_WEEK = timedelta(weeks=1)
_CLOSED = ("market.closed", "the market is closed: ask again once it is open")
_OF_LOOK = {
    AlarmKind.CLOSE_ASKED: OperatorRequest.CLOSE,
    AlarmKind.ROLL_ASKED: OperatorRequest.ROLL,
}


def on_request(draft: Draft, event: OperatorAsked) -> None:
    """Do what a person asks for, put it as a proposal, or say why it cannot be."""
    match event.request:
        case OperatorRequest.CANCEL:
            _cancel(draft, event)
        case OperatorRequest.CLOSE | OperatorRequest.ROLL:
            _look_at(draft, event)
        case OperatorRequest.FORK | OperatorRequest.MERGE:
            _branch(draft, event)
        case OperatorRequest.CLASSIFY:
            on_classify(draft, event)
        case OperatorRequest.WITHDRAW | OperatorRequest.DEPOSIT:
            reason = "money moves by its own entry, with its amount and its day"
            deny(draft, event.request, event.subject, "cash.amount", reason)
        case OperatorRequest.TRUST | OperatorRequest.SECOND_SIGNATURE:
            reason = "who may approve is set by its own entry, with a level or an amount"
            deny(draft, event.request, event.subject, "approvals.setting", reason)


def on_look_asked(draft: Draft, look: Alarm, snapshot: MarketSnapshot) -> None:
    """A person's close or roll, now that its prices were seen.

    It is judged like any other: a close passes whatever keeps openings out.
    """
    request, state = _OF_LOOK[look.kind], draft.state
    lot = state.book.positions.get(PositionId(look.subject))
    ends = _session_end(draft)
    if lot is None or ends is None:
        rule, reason = ("close.lot", "it is not held any more") if lot is None else _CLOSED
        deny(draft, request, look.subject, rule, reason)
        return
    view = view_of(state, lot.account, snapshot, draft.values)
    if request is OperatorRequest.CLOSE:
        wanted = close_by_hand(view, lot, snapshot, CLOSED_BY_HAND, state.rules)
    else:
        wanted = _roll(draft, view, lot, snapshot)
    if isinstance(wanted, TurnedDown):
        deny(draft, request, look.subject, wanted.rule, wanted.reason)
    elif propose_asked(draft, wanted, view, snapshot, ends) is None:
        reason = "something is open about it already, or the desk's own checks stand against it"
        deny(draft, request, look.subject, "proposal.open", reason)


def deny(draft: Draft, request: OperatorRequest, subject: str, rule: str, reason: str) -> None:
    """Say no to a person, for the record and for the screen."""
    draft.record(RequestDenied(request, subject, rule, reason.rstrip(".")))


def _cancel(draft: Draft, event: OperatorAsked) -> None:
    """Take orders back; what they belong to is over, or its next clip would follow at once."""
    state = draft.state
    if event.subject:
        order = known_order(state, OrderId(event.subject))
        if order is None or order.status.is_over:
            is_known = "it is not known here" if order is None else f"it is {order.status.value}"
            deny(draft, event.request, event.subject, "order.over", is_known)
            return
        orders = [order]
    else:
        orders = [state.orders[name] for name in sorted(state.orders)]
    if not orders:
        deny(draft, event.request, "", "order.over", "no order is working")
    for order in orders:
        _cancel_one(draft, order, f"cancelled by {event.operator}")


def _cancel_one(draft: Draft, order: Order, reason: str) -> None:
    take_back(draft, order, reason)
    if order.proposal in draft.state.tickets:
        draft.record(ProposalVoided(order.proposal, CANCELLED_BY_HAND, reason))
        draft.rest_sleeve(order.account)


def _look_at(draft: Draft, event: OperatorAsked) -> None:
    """Ask the market for the lot; the answer comes to `on_look_asked`."""
    name = look_asked(event.request, event.subject)
    lot = draft.state.book.positions.get(PositionId(event.subject))
    if lot is None:
        deny(draft, event.request, event.subject, "close.lot", "no such lot is held")
        return
    if event.request is OperatorRequest.ROLL and draft.state.owner_of(lot) is not None:
        reason = "a strategy manages it by its own definition: it can be closed, and is not rolled"
        deny(draft, event.request, event.subject, "strategy.roll", reason)
        return
    if _session_end(draft) is None:
        deny(draft, event.request, event.subject, *_CLOSED)
        return
    watch = watch_for(draft.state, draft.state.looks[name])
    if watch is not None:
        draft.wish(TakeSample(name, watch))


def _roll(
    draft: Draft, view: SleeveView, lot: Position, snapshot: MarketSnapshot
) -> Wish | TurnedDown:
    """The roll the rulebook's own search finds; none where it finds none."""
    rules, option = draft.state.rules, lot.option
    seen = snapshot.underlying(lot.underlying)
    spot = seen.quote.mark if seen is not None else None
    name = str(lot.instrument)
    if option is None or not lot.is_short:
        return TurnedDown(name, "roll.short", "only options sold are rolled")
    if spot is None:
        return TurnedDown(name, "quote.none", f"{lot.underlying} has no price")
    if option.right is Right.PUT:
        search = find_put_roll(lot, snapshot, rules, view)
    else:
        search = find_call_roll(lot, spot.per_unit, snapshot, rules)
    if search.best is None:
        return TurnedDown(name, "roll.unfavourable", _why_none(search))
    return roll_wish(view, lot, search.best, search, snapshot, ROLLED_BY_HAND, (), rules)


def _why_none(search: RollSearch) -> str:
    if not search.candidates:
        return "no later contract of a strike it may go to has a bid"
    nearest = max(search.candidates, key=lambda one: one.credit_net.per_unit)
    against = nearest.verdict.comparisons[0]
    return (
        f"none of {len(search.candidates)} later contracts is favourable; the best, "
        f"{nearest.contract}, has a {against.name} of {against.value}, allowed is {against.limit}"
    )


def _branch(draft: Draft, event: OperatorAsked) -> None:
    """Fork a sleeve or merge a family, where its rule is due."""
    state, values = draft.state, draft.values
    wanted: Wish | Verdict | None
    if event.request is OperatorRequest.FORK:
        account = AccountId(event.subject)
        wanted = fork_now(state, account, values) if account in state.sleeves else None
    else:
        family = FamilyId(event.subject)
        wanted = merge_now(state, family, values) if family in state.book.families else None
    if wanted is None:
        deny(draft, event.request, event.subject, "subject.unknown", "there is none of that name")
    elif isinstance(wanted, Verdict):
        deny(draft, event.request, event.subject, wanted.rule, _short_of(wanted))
    else:
        snapshot = MarketSnapshot(state.instant)
        view = view_of(state, wanted.account, snapshot, values)
        if propose_asked(draft, wanted, view, snapshot, state.instant + _A_WEEK) is None:
            deny(draft, event.request, event.subject, "proposal.open", "it is proposed already")


def _short_of(verdict: Verdict) -> str:
    against = verdict.comparisons[0]
    return f"{against.name} is {against.value}, and {against.limit} is asked for"


def _session_end(draft: Draft) -> datetime | None:
    """When today's session ends, if it is under way."""
    state = draft.state
    session = state.week.session_on(state.day) if state.week is not None else None
    if session is None or not session.opens_at <= state.instant < session.closes_at:
        return None
    return session.closes_at
