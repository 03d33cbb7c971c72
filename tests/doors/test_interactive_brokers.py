"""Orders at Interactive Brokers through the vendor's client, with everything that goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal

import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Money
from allusedesk.domain.orders import (
    BrokerReport,
    BrokerStatement,
    Fill,
    HeldAtBroker,
    LinkChanged,
    Order,
    OrderAcknowledged,
    OrderAtBroker,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderType,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.interactive_brokers_rig import PATIENCE, InteractiveBrokersRig, workstation
from tests.doors.servers.tws_faults import Fault
from tests.trading import STOCK, buy, call, dollars, order, price, put, sell

SALE = order(sell(put()), quantity=2)
RESTING = replace(SALE, limit=price("2.50"))
OPEN_ORDER, STATUS, EXECUTION, COMMISSION = 5, 3, 11, 59
PLACE, CANCEL = 3, 4
Make = Callable[..., InteractiveBrokersRig]


@pytest.fixture
def make() -> Iterator[Make]:
    with ExitStack() as open_ones:

        def made(**wanted: object) -> InteractiveBrokersRig:
            rig = InteractiveBrokersRig(**wanted)  # type: ignore[arg-type]
            open_ones.callback(rig.close)
            return rig

        yield made


@pytest.fixture
def rig(make: Make) -> InteractiveBrokersRig:
    made = make()
    made.show(two_sided(put()))
    return made


def fills(rig: InteractiveBrokersRig, of: Order = SALE) -> list[Fill]:
    told = [each for each in rig.heard if isinstance(each, OrderFilled) and each.order == of.id]
    return [fill for each in told for fill in each.executions]


def quantity_filled(rig: InteractiveBrokersRig, of: Order = SALE) -> int:
    return sum(each.quantity for each in fills(rig, of))


def kinds(came: list[BrokerReport]) -> list[type]:
    return [type(each) for each in came]


# What is lost, doubled, late or out of order.


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
    rig.server.trap_inward(99, Fault.DROP)
    rig.broker.look_up(RESTING.id)
    rig.await_line(is_up=False)
    assert "stopped answering" in rig.links[-1].reason
    rig.await_line()
    assert rig.heard == []


def test_a_statement_waits_for_an_execution_that_crosses_it(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.server.trap_inward(76, Fault.HOLD)
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


# Fills, moves and cancels that cross each other.


def test_partial_fills_are_told_one_by_one(rig: InteractiveBrokersRig) -> None:
    rig.server.venue.units_per_fill = 1
    rig.broker.place_order(SALE)
    assert kinds(rig.settle(2)) == [OrderAcknowledged, OrderFilled]
    rig.show(two_sided(put()))
    assert kinds(rig.settle()) == [OrderFilled]
    assert len({each.id for each in fills(rig)}) == 2
    assert quantity_filled(rig) == 2


def test_a_cancellation_after_a_part_names_what_was_filled(rig: InteractiveBrokersRig) -> None:
    rig.server.venue.units_per_fill = 1
    rig.broker.place_order(SALE)
    rig.broker.cancel_order(SALE.id)
    assert rig.settle(3)[-1] == OrderCancelled(SALE.id, 1)
    rig.broker.place_order(replace(SALE, version=2))
    rig.settle(2)
    assert quantity_filled(rig) == 2
    assert [each.wish.quantity for each in rig.server.tickets()] == [2, 1]


def test_a_cancellation_waits_for_the_fill_before_it(rig: InteractiveBrokersRig) -> None:
    rig.server.venue.units_per_fill = 1
    rig.server.trap_outward(EXECUTION, Fault.DROP)
    rig.broker.place_order(SALE)
    rig.broker.cancel_order(SALE.id)
    rig.wait_for(OrderCancelled)
    assert kinds(rig.heard) == [OrderAcknowledged, OrderFilled, OrderCancelled]
    assert rig.heard[-1] == OrderCancelled(SALE.id, 1)


def test_a_reject_carries_the_brokers_words(rig: InteractiveBrokersRig) -> None:
    rig.server.venue.reason_to_reject = "YOUR ORDER IS NOT ACCEPTED. MARGIN"
    rig.broker.place_order(SALE)
    (rejected,) = rig.settle()
    assert isinstance(rejected, OrderRejected)
    assert "MARGIN" in rejected.reason
    assert rig.server.tickets() == []


def test_a_contract_nobody_lists_is_rejected(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(order(sell(put(77))))
    (rejected,) = rig.settle()
    assert rejected == OrderRejected(rejected.order, f"Interactive Brokers lists no {put(77)}")


def test_a_refused_move_leaves_the_order_where_it_was(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.server.venue.reason_to_reject = "PRICE TOO FAR"
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    assert kinds(rig.settle()) == [OrderRejected]
    rig.broker.look_up(RESTING.id)
    assert rig.settle() == [OrderLookedUp(RESTING.id, OrderStanding.WORKING)]


def test_a_move_that_races_a_fill_fills_once(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.server.trap_inward(PLACE, Fault.HOLD)
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    rig.settle(0)
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.server.release()
    rig.settle(2)
    assert kinds(rig.heard) == [OrderAcknowledged, OrderFilled, OrderRejected]
    assert quantity_filled(rig) == 2
    assert len(rig.server.tickets()) == 1
    rig.broker.look_up(RESTING.id)
    (answer,) = rig.settle()
    assert answer == OrderLookedUp(RESTING.id, OrderStanding.FILLED, tuple(fills(rig)))


def test_a_cancel_that_races_a_fill_is_no_cancellation(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.server.trap_inward(CANCEL, Fault.HOLD)
    rig.broker.cancel_order(RESTING.id)
    rig.settle(0)
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.server.release()
    rig.settle()
    assert kinds(rig.heard) == [OrderAcknowledged, OrderFilled]
    rig.broker.cancel_order(RESTING.id)
    assert rig.settle(0) == []


def test_an_older_order_that_turns_up_beside_its_next_version_is_taken_back(
    rig: InteractiveBrokersRig,
) -> None:
    rig.server.trap_inward(PLACE, Fault.HOLD)
    rig.broker.place_order(RESTING)
    rig.broker.look_up(RESTING.id)
    assert rig.settle() == [OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)]
    rig.broker.place_order(replace(RESTING, version=2))
    rig.settle()
    rig.server.release()
    rig.settle(0)
    first, second = sorted(rig.server.tickets(), key=lambda each: each.wish.order_id)
    assert (first.status, second.status) == ("Cancelled", "Submitted")
    assert not any(isinstance(each, OrderCancelled) for each in rig.heard)


def test_an_order_cancelled_by_hand_is_told_as_cancelled(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    (ticket,) = rig.server.tickets()
    rig.server.do(lambda: rig.server.venue.end(ticket, "Cancelled", "Cancelled by Trader"))
    assert rig.settle() == [OrderCancelled(RESTING.id)]


def test_an_order_the_venue_lets_lie_is_rejected(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    (ticket,) = rig.server.tickets()
    rig.server.do(lambda: rig.server.venue.end(ticket, "Inactive", "Inactive"))
    assert kinds(rig.settle()) == [OrderRejected]


def test_a_rejection_after_the_acknowledgement_says_why(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    (ticket,) = rig.server.tickets()

    def reject() -> None:
        for line in rig.server.venue.lines:
            line.error(ticket.wish.order_id, 201, "Order rejected - reason:NO OPENING TRADES")
        rig.server.venue.end(ticket, "Cancelled", "Rejected")

    rig.server.do(reject)
    (rejected,) = rig.settle()
    assert isinstance(rejected, OrderRejected)
    assert "NO OPENING TRADES" in rejected.reason


def test_a_warning_about_an_order_is_not_its_end(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    (ticket,) = rig.server.tickets()
    for code in (399, 2109, 10349):
        rig.server.do(
            lambda code=code: [  # type: ignore[misc]
                line.error(ticket.wish.order_id, code, "a warning")
                for line in rig.server.venue.lines
            ]
        )
    assert rig.settle(0) == []
    rig.show(two_sided(put(), "2.60", "2.64"))
    assert kinds(rig.settle()) == [OrderFilled]


def test_an_order_of_a_type_nobody_asked_for_is_not_taken(rig: InteractiveBrokersRig) -> None:
    rig.broker.place_order(replace(SALE, type=OrderType.STOP, limit=None, stop=price(1)))
    (rejected,) = rig.settle()
    assert isinstance(rejected, OrderRejected)
    assert "stop order is not taken" in rejected.reason
    assert rig.server.tickets() == []


def test_an_order_that_stands_is_never_doubled_by_one_at_the_market(
    rig: InteractiveBrokersRig,
) -> None:
    rig.broker.place_order(RESTING)
    rig.broker.place_order(replace(RESTING, version=2, type=OrderType.MARKET, limit=None))
    rig.broker.place_order(replace(RESTING, version=3, limit=price("2.40")))
    assert rig.settle(2) == [OrderAcknowledged(SALE.id, 1), OrderAcknowledged(SALE.id, 3)]
    assert len(rig.server.tickets()) == 1


def test_a_market_order_and_a_move_of_a_strange_order(rig: InteractiveBrokersRig) -> None:
    at_market = replace(SALE, type=OrderType.MARKET, limit=None)
    rig.broker.place_order(at_market)
    rig.settle(2)
    assert quantity_filled(rig) == 2
    rig.broker.replace_order(OrderId("never"), 2, 1, price("2.00"))
    rig.broker.cancel_order(OrderId("never"))
    assert kinds(rig.settle(2)) == [OrderRejected, OrderRejected]


# Several legs.


def test_a_roll_for_a_credit_is_a_combination_bought_below_zero(
    rig: InteractiveBrokersRig,
) -> None:
    roll = order(buy(put()), sell(put(98)), quantity=2, limit=price("0.10"))
    rig.show(two_sided(put(98), "2.00", "2.04"))
    rig.broker.place_order(roll)
    assert rig.settle() == [OrderAcknowledged(roll.id, 1)]
    (ticket,) = rig.server.tickets()
    assert (ticket.wish.action, ticket.wish.limit) == ("BUY", Decimal("-0.1"))
    assert [leg.action for leg in ticket.wish.legs] == ["BUY", "SELL"]
    rig.broker.replace_order(roll.id, 2, 2, price("0.02"))
    assert kinds(rig.settle(2)) == [OrderAcknowledged, OrderFilled]
    assert [(each.leg, each.quantity, each.price) for each in fills(rig, roll)] == [
        (0, 2, price("2.00")),
        (1, 2, price("2.02")),
    ]
    assert rig.statement().cash == Money(Decimal(100_000) + 4 - Decimal("2.60"))


def test_a_leg_whose_execution_was_lost_holds_back_the_whole_unit(
    rig: InteractiveBrokersRig,
) -> None:
    roll = order(buy(put()), sell(put(98)), quantity=1, limit=price("-1.00"))
    rig.show(two_sided(put(98)))
    rig.server.trap_outward(
        EXECUTION, Fault.DROP, where=lambda fields: "SLD" in fields and fields[5] != "BAG"
    )
    rig.broker.place_order(roll)
    came = rig.wait_for(OrderFilled)
    done = [each for each in came if isinstance(each, OrderFilled)]
    assert [[fill.leg for fill in each.executions] for each in done] in ([[0, 1]], [[1, 0]])


def test_a_covered_call_and_its_shares_are_two_orders_of_one_account(
    rig: InteractiveBrokersRig,
) -> None:
    shares = order(buy(STOCK), quantity=100, limit=price("-101"), id="shares")
    rig.show(two_sided(STOCK, "100.99", "101.01"), two_sided(call()))
    rig.broker.place_order(shares)
    rig.broker.place_order(order(sell(call()), id="call"))
    rig.settle(4)
    assert rig.statement().held == (HeldAtBroker(STOCK, 100), HeldAtBroker(call(), -1))


# After a restart of the desk.


def test_an_order_of_before_is_found_moved_and_cancelled(make: Make) -> None:
    with workstation() as server:
        before = make(server=server)
        before.show(two_sided(put()))
        before.broker.place_order(RESTING)
        before.settle()
        before.close()
        after = make(server=server)
        assert after.settle(0) == []
        after.broker.look_up(RESTING.id)
        assert after.settle() == [OrderLookedUp(RESTING.id, OrderStanding.WORKING)]
        assert after.statement().open_orders == (OrderAtBroker(RESTING.id, 1),)
        after.broker.place_order(RESTING)
        assert after.settle() == [OrderAcknowledged(RESTING.id, 1)]
        after.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
        assert after.settle() == [OrderAcknowledged(RESTING.id, 2)]
        (ticket,) = server.tickets()
        assert ticket.wish.limit == Decimal("2.4")
        after.broker.cancel_order(RESTING.id)
        assert after.settle() == [OrderCancelled(RESTING.id)]


def test_fills_of_before_are_answered_under_the_same_ids(make: Make) -> None:
    roll = order(buy(put()), sell(put(98)), quantity=1, limit=price("-1.00"))
    with workstation() as server:
        before = make(server=server)
        before.show(two_sided(put()), two_sided(put(98)))
        before.broker.place_order(roll)
        before.settle(2)
        before.close()
        after = make(server=server)
        after.broker.look_up(roll.id)
        (answer,) = after.settle()
        assert answer == OrderLookedUp(roll.id, OrderStanding.FILLED, tuple(fills(before, roll)))
        assert after.statement().executions == tuple(fills(before, roll))


def test_a_part_filled_before_the_restart_is_not_bought_again(make: Make) -> None:
    with workstation() as server:
        server.venue.units_per_fill = 1
        before = make(server=server)
        before.show(two_sided(put()))
        before.broker.place_order(SALE)
        before.broker.cancel_order(SALE.id)
        before.settle(3)
        before.close()
        after = make(server=server)
        after.broker.look_up(SALE.id)
        (answer,) = after.settle()
        assert isinstance(answer, OrderLookedUp)
        assert answer.standing is OrderStanding.CANCELLED
        assert [each.quantity for each in answer.executions] == [1]
        after.broker.place_order(replace(SALE, version=2))
        after.settle(2)
        assert [each.filled for each in server.tickets()] == [1, 1]
        after.broker.place_order(replace(SALE, version=3))
        assert kinds(after.settle()) == [OrderRejected]


# Others at the same broker.


def test_orders_of_others_show_on_the_statement(make: Make) -> None:
    with workstation() as server:
        ours, theirs = make(server=server), make(server=server, client_id=2)
        ours.show(two_sided(put()))
        theirs.broker.place_order(replace(RESTING, id=OrderId("somebody")))
        theirs.settle()
        assert ours.statement().open_orders == (OrderAtBroker(OrderId("somebody"), 1),)
        ours.broker.cancel_order(OrderId("somebody"))
        assert ours.settle(0) == []
        (ticket,) = server.tickets()
        assert ticket.status == "Submitted"
        theirs.show(two_sided(put(), "2.60", "2.64"))
        theirs.settle()
        (execution,) = ours.statement().executions
        assert execution.order == "somebody"


def test_an_order_given_by_hand_has_the_brokers_own_number_for_a_name(
    rig: InteractiveBrokersRig,
) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    (ticket,) = rig.server.tickets()
    by_hand = replace(
        ticket,
        wish=replace(ticket.wish, order_id=0, order_ref=""),
        client_id=0,
        perm_id=77,
    )
    rig.server.do(lambda: rig.server.venue.tickets.append(by_hand))
    named = OrderId("permanent id 77")
    assert OrderAtBroker(named, 1) in rig.statement().open_orders
    rig.broker.cancel_order(named)
    assert rig.settle(0) == []
    rig.server.do(lambda: rig.server.venue.fill(by_hand, 1))
    assert [each.order for each in rig.statement().executions] == [named]


def test_two_desks_with_one_client_id_and_the_second_waits(make: Make) -> None:
    with workstation() as server:
        first = make(server=server)
        second = make(server=server, waits_for_line=False)
        second.await_line(is_up=False)
        assert "Client id 1 is in use" in second.links[-1].reason
        assert first.broker.standing().is_up
        first.close()
        second.await_line()
        assert not first.broker.standing().is_up
        assert "closed" in first.broker.standing().reason


def test_only_the_chosen_account_of_several_is_seen(make: Make) -> None:
    with workstation("DU1", "DU2") as server:
        one = make(server=server, account="DU1", client_id=1)
        two = make(server=server, account="DU2", client_id=2)
        one.show(two_sided(put()))
        one.broker.place_order(SALE)
        two.broker.place_order(replace(RESTING, id=OrderId("other")))
        one.settle(2)
        two.settle()
        told = one.statement()
        assert told.held == (HeldAtBroker(put(), -2),)
        assert told.open_orders == ()
        assert two.statement().held == ()
        assert two.statement().cash == dollars(100_000)
        assert two.statement().executions == ()
        assert one.broker.standing().sub_accounts == ("DU1", "DU2")


def test_links_tell_of_changes_alone(make: Make) -> None:
    with workstation() as server:
        server.refuse_connections()
        rig = make(server=server, waits_for_line=False)
        rig.await_line(is_up=False)
        server.listen()
        rig.await_line()
        assert rig.links == [LinkChanged(is_up=False, reason=rig.links[0].reason), rig.links[1]]
