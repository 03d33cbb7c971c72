"""Fills, moves, cancels and combinations at Interactive Brokers, and where they cross."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import Money
from allusedesk.domain.orders import (
    HeldAtBroker,
    OrderAcknowledged,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderType,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.interactive_brokers_rig import (
    CANCEL,
    EXECUTION,
    PLACE,
    RESTING,
    SALE,
    InteractiveBrokersRig,
    fills,
    kinds,
    quantity_filled,
)
from tests.doors.servers.tws_faults import Fault
from tests.trading import STOCK, buy, call, order, price, put, sell

Make = Callable[..., InteractiveBrokersRig]


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


def test_a_move_counts_what_an_earlier_order_of_the_same_id_filled(
    rig: InteractiveBrokersRig,
) -> None:
    three = replace(SALE, quantity=3)
    rig.server.venue.units_per_fill = 1
    rig.broker.place_order(three)
    rig.broker.cancel_order(three.id)
    rig.settle(3)
    rig.broker.place_order(replace(three, version=2, limit=price("2.50")))
    rig.broker.replace_order(three.id, 3, 3, price("2.40"))
    assert rig.settle(2)[-1] == OrderAcknowledged(three.id, 3)
    assert [each.wish.quantity for each in rig.server.tickets()] == [3, 2]
    rig.server.venue.units_per_fill = None
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.settle()
    assert quantity_filled(rig) == 3


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
    assert ticket.wish.limit == Decimal("-0.02")
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
