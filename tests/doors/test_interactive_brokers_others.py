"""Orders at Interactive Brokers from before a restart, and those of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.orders import (
    HeldAtBroker,
    OrderAcknowledged,
    OrderAtBroker,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.interactive_brokers_rig import (
    COMPLETED,
    PATIENCE,
    RESTING,
    SALE,
    InteractiveBrokersRig,
    fills,
    kinds,
    workstation,
)
from tests.doors.servers.tws_faults import Fault
from tests.trading import buy, dollars, order, price, put, sell

Make = Callable[..., InteractiveBrokersRig]


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
        after.settle(0)
        assert after.heard == []
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


def test_legs_of_an_order_that_is_listed_no_more_are_not_guessed(make: Make) -> None:
    roll = order(buy(put()), sell(put(98)), quantity=1, limit=price("-1.00"), id="roll")
    with workstation() as server:
        before = make(server=server)
        before.show(two_sided(put()), two_sided(put(98)))
        before.broker.place_order(roll)
        before.broker.place_order(SALE)
        before.settle(4)
        before.close()
        server.trap_outward(COMPLETED, Fault.DROP, times=99)
        after = make(server=server)
        after.broker.look_up(roll.id)
        assert after.settle(0) == []
        after.broker.look_up(SALE.id)
        (answer,) = after.settle()
        assert answer == OrderLookedUp(SALE.id, OrderStanding.CANCELLED, tuple(fills(before)))
        server.outward.waiting.clear()
        after.broker.look_up(roll.id)
        (answer,) = [each for each in after.settle() if isinstance(each, OrderLookedUp)]
        assert answer.executions == tuple(fills(before, roll))


def test_an_order_sent_under_another_client_id_is_seen_and_not_moved(make: Make) -> None:
    with workstation() as server:
        before = make(server=server)
        before.show(two_sided(put()))
        before.broker.place_order(RESTING)
        before.settle()
        before.close()
        after = make(server=server, client_id=2)
        after.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
        after.broker.cancel_order(RESTING.id)
        after.broker.look_up(RESTING.id)
        assert after.settle() == [OrderLookedUp(RESTING.id, OrderStanding.WORKING)]
        (ticket,) = server.tickets()
        assert ticket.wish.limit == Decimal("2.5")


def test_an_execution_without_a_reference_is_told_apart_by_its_permanent_id(
    rig: InteractiveBrokersRig,
) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    (ticket,) = rig.server.tickets()
    rig.server.do(lambda: setattr(ticket.wish, "order_ref", ""))
    rig.show(two_sided(put(), "2.60", "2.64"))
    assert kinds(rig.settle()) == [OrderFilled]


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
    rig.server.trap_outward(COMPLETED, Fault.DROP, times=9)
    other = replace(by_hand, wish=replace(by_hand.wish, quantity=Decimal(1)), perm_id=78)
    rig.server.do(lambda: rig.server.venue.fill(other, 1))
    assert rig.statement().executions[-1].order == "permanent id 78"


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
        server.is_logged_in = False
        hasty = replace(PATIENCE, request_seconds=0.1)
        rig = make(server=server, waits_for_line=False, patience=hasty)
        assert server.wait_until(lambda: server.accepted >= 3)
        server.is_logged_in = True
        rig.await_line()
        assert [each.is_up for each in rig.links] == [False, True]
