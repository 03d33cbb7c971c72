"""Orders on their way: repriced within bounds, halved after a failure, not asked for twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.commands import CancelOrder
from allusedesk.domain.events import Entry
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.inputs import AlarmRang, MarketSampled
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.draft import Draft
from allusedesk.engine.sending import on_send
from allusedesk.engine.state import Ticket
from tests.acceptance.desks import F1_COM, F1_REV, FRIDAY, MONDAY, TUESDAY, proposals, sound, stage
from tests.acceptance.stage import Stage, at


def _sent_into(mid: str, half_spread: str = "0.01") -> Stage:
    """A put is sold; between the approval and the broker the market moves to another mid."""
    desk = stage()
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    assert desk.all(ev.OrderWritten)
    for strike in range(60, 140):
        contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(strike))
        desk.special[contract] = {"mid": Decimal(mid), "half_spread": Decimal(half_spread)}
    return desk


def test_a_resting_order_is_moved_to_the_market_but_never_beyond_its_worst() -> None:
    desk = _sent_into("1.03")
    desk.play(at(MONDAY, "09:47"))

    [written] = [event.order for event in desk.all(ev.OrderWritten)]
    moves = desk.all(ev.OrderMoved)
    assert moves
    assert all(written.limit_worst <= move.limit < written.limit for move in moves)
    assert moves[0].limit.per_unit == Decimal("1.02")
    assert [move.version for move in moves] == list(range(2, 2 + len(moves)))
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1
    sound(desk)


def test_an_order_nobody_takes_is_cancelled_and_retried_with_half_the_size() -> None:
    # Nothing ever fills in a locked market, and there is no better price to move to.
    desk = _sent_into("1.02", half_spread="0")
    desk.play(at(MONDAY, "09:50"))

    orders = [event.order for event in desk.all(ev.OrderWritten)]
    quantities = [order.quantity for order in orders]
    assert len(orders) > 1
    assert all(after <= before // 2 for before, after in pairwise(quantities))
    assert {order.proposal for order in orders} == {orders[0].proposal}
    assert {order.status for order in desk.state.orders_over.values()} == {OrderStatus.CANCELLED}
    assert desk.all(ev.ProposalCompleted)[0].quantity_done == 0
    sound(desk)


def test_a_price_that_has_left_what_was_approved_voids_the_proposal() -> None:
    desk = _sent_into("0.50")
    desk.play(at(MONDAY, "16:05"))

    voided = desk.all(ev.ProposalVoided)
    assert [event.rule for event in voided] == ["price.moved"]
    assert len(desk.all(ev.OrderWritten)) == 1
    # What the market made impossible is not asked again the same day.
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1
    assert "AAPL" in desk.state.sleeves[F1_REV].entered
    sound(desk)


@pytest.mark.parametrize("answer", ["reject", "nothing"])
def test_what_a_person_does_not_want_is_not_asked_again_the_same_day(answer: str) -> None:
    desk = stage()
    if answer == "reject":
        desk.refuses = lambda _proposal: True
    else:
        desk.silent = lambda _proposal: True
    desk.play(at(MONDAY, "16:05"))
    assert len(proposals(desk)) == 1
    ended = desk.all(ev.ProposalDeclined) if answer == "reject" else desk.all(ev.ProposalLapsed)
    assert len(ended) == 1

    desk.play(at(TUESDAY, "10:00"))
    assert len(proposals(desk)) == 2
    assert not desk.all(ev.OrderWritten)


def _against_the_live_order(kind: ProposalKind) -> tuple[Draft, ProposalId, MarketSnapshot, Order]:
    """A proposal for the other side of a contract whose order lives: both waited for the open."""
    desk = stage()
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    [live] = desk.state.orders.values()
    ticket = desk.state.tickets[live.proposal]
    assert ticket.approval is not None
    name = ProposalId("2013-W07/F1.com/P99")
    wanted = replace(
        ticket.proposal,
        id=name,
        account=F1_COM,
        kind=kind,
        legs=tuple(replace(leg, side=Side.BUY) for leg in ticket.proposal.legs),
    )
    approval = replace(ticket.approval, proposal=name, seen=None)
    waiting = Ticket(wanted, approval, quantity_left=1)
    state = replace(desk.state, tickets=desk.state.tickets.set(name, waiting))
    last = desk.record.entries[-1]
    alarm = Alarm(f"send/{name}", AlarmKind.ORDER_SEND, last.recorded_at, name)
    entry = Entry(last.sequence + 1, last.recorded_at, None, AlarmRang(alarm))
    sampled = desk.all(MarketSampled)[-1]
    return Draft(state, entry), name, sampled.snapshot, live


def test_an_order_waits_while_one_lives_on_the_other_side_of_its_contract() -> None:
    draft, name, snapshot, live = _against_the_live_order(ProposalKind.ADJUSTMENT)
    on_send(draft, name, snapshot)
    patience = timedelta(seconds=draft.state.rules.orders.patience_seconds)
    assert draft.state.alarms[f"send/{name}"].due_at == draft.state.instant + patience
    step = draft.finished()
    assert not [entry for entry in step.entries if isinstance(entry.event, ev.OrderWritten)]
    assert not step.commands

    over = replace(draft.state, orders=draft.state.orders.delete(live.id))
    later = Draft(over, draft.entry)
    on_send(later, name, snapshot)
    ends = (ev.OrderWritten, ev.ProposalVoided)
    assert [entry for entry in later.finished().entries if isinstance(entry.event, ends)]


def test_an_exit_takes_an_opening_out_of_its_way() -> None:
    draft, name, snapshot, live = _against_the_live_order(ProposalKind.EMERGENCY_EXIT)
    on_send(draft, name, snapshot)
    step = draft.finished()
    assert [command.order for command in step.commands] == [live.id]
    assert isinstance(step.commands[0], CancelOrder)
    assert not [entry for entry in step.entries if isinstance(entry.event, ev.OrderWritten)]
