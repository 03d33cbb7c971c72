"""Interactive Brokers through what is lost, doubled, late or out of order, and without a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.orders import (
    BrokerStatement,
    HeldAtBroker,
    OrderAcknowledged,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderStanding,
    OrderUnclear,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.interactive_brokers_rig import (
    ASK_COMPLETED,
    ASK_FIGURES,
    CANCEL,
    COMMISSION,
    EXECUTION,
    OPEN_ORDER,
    PATIENCE,
    PLACE,
    RESTING,
    SALE,
    STATUS,
    InteractiveBrokersRig,
    fills,
    kinds,
    quantity_filled,
)
from tests.doors.servers.tws_faults import Fault
from tests.trading import dollars, put

Make = Callable[..., InteractiveBrokersRig]


def test_an_order_whose_acknowledgement_was_lost_is_found_by_its_id(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.trap_outward(OPEN_ORDER, Fault.DROP)
    rig.server.trap_outward(STATUS, Fault.DROP)
    rig.broker.place_order(RESTING)
    assert rig.settle(0) == []
    rig.broker.look_up(RESTING.id)
    came = rig.settle(2)
    assert came == [
        OrderAcknowledged(RESTING.id, 1),
        OrderLookedUp(RESTING.id, OrderStanding.WORKING),
    ]
    assert len(rig.server.tickets()) == 1


def test_an_order_that_never_arrived_is_said_so_and_its_next_version_goes_out(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.trap_inward(PLACE, Fault.DROP)
    rig.broker.place_order(RESTING)
    rig.broker.look_up(RESTING.id)
    assert rig.settle() == [OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)]
    rig.broker.place_order(replace(RESTING, version=2))
    assert rig.settle() == [OrderAcknowledged(RESTING.id, 2)]
    (ticket,) = rig.server.tickets()
    assert ticket.wish.order_ref == f"{RESTING.id}/v2"


def test_an_acknowledgement_that_comes_late_is_told_late(rig: InteractiveBrokersRig) -> None:
    rig.server.trap_outward(OPEN_ORDER, Fault.HOLD)
    rig.server.trap_outward(STATUS, Fault.HOLD)
    rig.broker.place_order(RESTING)
    assert rig.settle(0) == []
    rig.server.release()
    assert rig.settle() == [OrderAcknowledged(RESTING.id, 1)]


def test_an_execution_told_twice_is_one_fill(rig: InteractiveBrokersRig) -> None:
    for message in (OPEN_ORDER, STATUS, EXECUTION, COMMISSION):
        rig.server.trap_outward(message, Fault.DUPLICATE, times=9)
    rig.broker.place_order(SALE)
    assert kinds(rig.settle(2)) == [OrderAcknowledged, OrderFilled]
    assert rig.settle(0) == []
    assert quantity_filled(rig) == 2


def test_a_commission_before_its_execution_is_kept_for_it(rig: InteractiveBrokersRig) -> None:
    rig.server.trap_outward(EXECUTION, Fault.SWAP)
    rig.broker.place_order(SALE)
    assert kinds(rig.settle(2)) == [OrderAcknowledged, OrderFilled]
    assert [each.commission for each in fills(rig)] == [dollars("1.30")]


def test_a_fill_waits_for_its_commission_and_asks_for_it(rig: InteractiveBrokersRig) -> None:
    rig.server.trap_outward(COMMISSION, Fault.DROP)
    rig.broker.place_order(SALE)
    rig.wait_for(OrderFilled)
    assert [each.commission for each in fills(rig)] == [dollars("1.30")]
    assert rig.broker.standing().reason == ""


def test_a_statement_waits_for_a_commission_that_is_overdue(rig: InteractiveBrokersRig) -> None:
    rig.server.trap_outward(COMMISSION, Fault.DROP, times=3)
    rig.broker.place_order(SALE)
    told = rig.statement()
    assert [each.commission for each in told.executions] == [dollars("1.30")]
    assert told.cash == dollars(100_000) + dollars(400) - dollars("1.30")


def test_a_commission_that_never_comes_is_the_rulebooks_and_marked(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.venue.mute_fees = True
    rig.broker.place_order(SALE)
    rig.wait_for(OrderFilled)
    assert [each.commission for each in fills(rig)] == [dollars("1.40")]
    assert "never told the commission" in rig.broker.standing().reason
    assert rig.broker.standing().is_up


def test_an_execution_that_was_lost_is_fetched(rig: InteractiveBrokersRig) -> None:
    rig.server.trap_outward(EXECUTION, Fault.DROP)
    rig.broker.place_order(SALE)
    rig.wait_for(OrderFilled)
    assert quantity_filled(rig) == 2


def test_an_execution_that_never_comes_leaves_the_order_unanswered(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.trap_outward(EXECUTION, Fault.DROP, times=99)
    rig.broker.place_order(SALE)
    rig.settle()
    rig.broker.look_up(SALE.id)
    assert rig.settle(0) == []
    assert rig.heard == [OrderAcknowledged(SALE.id, 1)]
    rig.server.outward.waiting.clear()
    rig.broker.look_up(SALE.id)
    came = rig.settle(2)
    assert isinstance(came[-1], OrderLookedUp)
    assert came[-1].standing is OrderStanding.FILLED
    assert quantity_filled(rig) == 2


def test_an_execution_that_cannot_be_read_is_told_at_once_and_read_when_told_anew(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.trap_outward(EXECUTION, Fault.SPOIL)
    rig.broker.place_order(SALE)
    rig.wait_for(OrderFilled)
    unclear = [each for each in rig.heard if isinstance(each, OrderUnclear)]
    assert [each.order for each in unclear] == [SALE.id]
    assert kinds(rig.heard).index(OrderUnclear) < kinds(rig.heard).index(OrderFilled)
    assert quantity_filled(rig) == 2


def test_an_execution_that_is_never_readable_leaves_the_order_unanswered(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.trap_outward(EXECUTION, Fault.SPOIL, times=99)
    rig.broker.place_order(SALE)
    rig.wait_for(OrderUnclear)
    rig.broker.look_up(SALE.id)
    rig.settle(0)
    assert kinds(rig.heard) == [OrderAcknowledged, OrderUnclear]
    assert rig.broker.standing().is_up


def test_several_questions_at_once_are_answered_one_by_one(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    names = [OrderId("one"), RESTING.id, OrderId("two")]
    for name in names:
        rig.broker.look_up(name)
    came = rig.settle(4)
    assert came[0] == OrderAcknowledged(RESTING.id, 1)
    assert {each.order: each.standing for each in came if isinstance(each, OrderLookedUp)} == {
        "one": OrderStanding.NEVER_RECEIVED,
        RESTING.id: OrderStanding.WORKING,
        "two": OrderStanding.NEVER_RECEIVED,
    }


def test_a_corrected_execution_is_not_booked_again(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(SALE)
    rig.settle(2)
    (done,) = rig.server.venue.done
    again = replace(done, id=done.id[:-1] + "2", price=Decimal("2.01"))
    rig.server.do(lambda: rig.server.venue._tell_done(again))
    assert rig.settle(0) == []
    assert quantity_filled(rig) == 2


def test_a_look_that_is_not_answered_is_no_answer_about_an_order(make: Make) -> None:
    rig = make(patience=replace(PATIENCE, request_seconds=0.2))
    rig.server.trap_inward(ASK_COMPLETED, Fault.DROP)
    rig.broker.look_up(RESTING.id)
    rig.await_line(is_up=False)
    assert "stopped answering" in rig.links[-1].reason
    rig.await_line()
    assert rig.heard == []


def test_a_statement_waits_for_an_execution_that_crosses_it(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.server.trap_inward(ASK_FIGURES, Fault.HOLD)
    rig.broker.statement()
    assert rig.server.wait_until(lambda: rig.server.held != [])
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.server.release()
    (told,) = [each for each in rig.wait_for(BrokerStatement) if isinstance(each, BrokerStatement)]
    assert told.held == (HeldAtBroker(put(), -2),)
    assert told.cash == dollars(100_000) + dollars("524.00") - dollars("1.30")
    assert told.open_orders == ()


# The line is lost.


def test_a_line_cut_before_the_acknowledgement_leaves_exactly_one_order(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.trap_outward(OPEN_ORDER, Fault.CUT)
    rig.broker.place_order(RESTING)
    came = rig.wait_for(OrderAcknowledged)
    rig.await_line()
    assert [each.is_up for each in rig.links] == [True, False, True]
    rig.broker.look_up(RESTING.id)
    assert came + rig.settle() == [
        OrderAcknowledged(RESTING.id, 1),
        OrderLookedUp(RESTING.id, OrderStanding.WORKING),
    ]
    assert len(rig.server.tickets()) == 1


def test_a_line_cut_on_the_way_out_leaves_no_order(rig: InteractiveBrokersRig) -> None:
    rig.server.trap_inward(PLACE, Fault.CUT)
    rig.broker.place_order(RESTING)
    rig.await_line(is_up=False)
    rig.await_line()
    rig.broker.look_up(RESTING.id)
    assert rig.settle() == [OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)]
    assert rig.server.tickets() == []


def test_what_filled_while_the_line_was_down_is_told_once_it_is_back(
    rig: InteractiveBrokersRig,
) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.server.refuse_connections()
    rig.server.cut_lines()
    rig.await_line(is_up=False)
    assert "Nothing listens" in rig.broker.standing().reason or "lost" in rig.links[-1].reason
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.server.listen()
    rig.await_line()
    assert quantity_filled(rig) == 2
    told = rig.statement()
    assert told.executions == tuple(fills(rig))
    assert told.held == (HeldAtBroker(put(), -2),)


def test_what_was_cancelled_while_the_line_was_down_is_told(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.server.refuse_connections()
    rig.server.cut_lines()
    rig.await_line(is_up=False)
    (ticket,) = rig.server.tickets()
    rig.server.do(lambda: rig.server.venue.end(ticket, "Cancelled", "Cancelled by Trader"))
    rig.server.listen()
    rig.await_line()
    assert rig.heard[-1] == OrderCancelled(RESTING.id)


def test_a_wish_without_a_line_goes_nowhere_even_later(rig: InteractiveBrokersRig) -> None:
    rig.server.refuse_connections()
    rig.server.cut_lines()
    rig.await_line(is_up=False)
    rig.broker.place_order(RESTING)
    rig.broker.cancel_order(RESTING.id)
    rig.server.listen()
    rig.await_line()
    assert rig.settle(0) == []
    assert rig.server.tickets() == []


def test_a_line_lost_in_the_moment_of_the_login_is_tried_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ib_async import IB

    answers = [[], ["DU1234567"]]
    monkeypatch.setattr(IB, "managedAccounts", lambda _self: answers.pop(0))
    rig = make()
    assert [each.is_up for each in rig.links] == [False, True]
    assert "closed the connection" in rig.links[0].reason


def test_statements_asked_for_at_once_are_told_one_after_another(
    rig: InteractiveBrokersRig,
) -> None:
    rig.broker.statement()
    rig.broker.statement()
    assert kinds(rig.settle(2)) == [BrokerStatement, BrokerStatement]
    assert [each.is_up for each in rig.links] == [True]


def test_an_older_order_is_taken_back_again_after_a_lost_line(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.trap_inward(PLACE, Fault.HOLD)
    rig.broker.place_order(RESTING)
    rig.broker.look_up(RESTING.id)
    rig.settle()
    rig.broker.place_order(replace(RESTING, version=2))
    rig.settle()
    rig.server.trap_inward(CANCEL, Fault.CUT)
    rig.server.release()
    rig.await_line(is_up=False)
    rig.await_line()
    rig.settle(0)
    assert sorted(each.status for each in rig.server.tickets()) == ["Cancelled", "Submitted"]


def test_a_silent_workstation_is_taken_for_a_lost_line(make: Make) -> None:
    hasty = replace(PATIENCE, request_seconds=0.2, heartbeat_seconds=0.05)
    rig = make(patience=hasty)
    rig.server.is_silent = True
    rig.await_line(is_up=False)
    assert "stopped answering" in rig.links[-1].reason
    rig.server.is_silent = False
    rig.await_line()


def test_a_workstation_cut_off_from_its_broker_is_a_line_down(rig: InteractiveBrokersRig) -> None:
    rig.server.tell_all(1100, "Connectivity between IB and Trader Workstation has been lost.")
    rig.await_line(is_up=False)
    assert "has lost Interactive Brokers" in rig.broker.standing().reason
    rig.broker.place_order(RESTING)
    assert rig.settle(0) == []
    assert rig.server.tickets() == []
    rig.server.tell_all(1102, "Connectivity has been restored - data maintained.")
    rig.await_line()
    assert rig.broker.standing().is_up


def test_messages_beyond_the_pace_are_lost_not_rejected(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(replace(RESTING, id=OrderId("known")))
    rig.settle()
    rig.server.messages_per_second_max = 0
    rig.broker.place_order(RESTING)
    rig.server.wait_until(lambda: rig.server.count_heard(PLACE) == 2)
    rig.server.messages_per_second_max = None
    assert rig.settle(0) == []
    rig.broker.look_up(RESTING.id)
    assert rig.settle() == [OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)]
