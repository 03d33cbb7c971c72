"""Orders moved at Alpaca, and orders of several legs: never more is filled than was asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
from tests.doors.alpaca_rig import (
    ONE,
    PUT,
    RESTING,
    SALE,
    SOME_ORDER,
    TIMEOUT,
    AlpacaRig,
    cancelled_path,
    fills,
    kinds,
    open_orders,
    units,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_server import Fault, refusal
from tests.trading import buy, dollars, order, price, put, sell


def test_one_unit_is_replaced_by_alpaca_itself_and_stays_one_order(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(ONE)
    alpaca.settle()
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert alpaca.settle() == [OrderAcknowledged(ONE.id, 2)]
    first, second = alpaca.world.book.orders.values()
    assert (first.replaced_by, second.replaces) == (second.id, first.id)
    assert second.client_order_id == f"{ONE.id}/v2"
    assert alpaca.statement().open_orders == (OrderAtBroker(ONE.id, 2),)
    alpaca.show(two_sided(put(), "2.40", "2.44"))
    alpaca.settle()
    assert units(alpaca.heard) == 1


def test_a_replacement_is_known_by_what_became_of_the_replaced(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(ONE)
    alpaca.settle()
    alpaca.world.stream.dropped = ["new"]
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert alpaca.settle() == [OrderAcknowledged(ONE.id, 2)]


def test_a_replacement_that_comes_too_late_leaves_the_fill_alone(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(ONE)
    alpaca.settle()
    alpaca.world.book.fills_before_replacing = True
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    came = alpaca.settle()
    assert kinds(came) == [OrderFilled]
    alpaca.broker.look_up(ONE.id)
    (answer,) = alpaca.settle()
    assert isinstance(answer, OrderLookedUp)
    assert (answer.standing, units(came)) == (OrderStanding.FILLED, 1)


def test_a_replacement_whose_answer_was_lost_is_found_under_its_name(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(ONE)
    alpaca.settle()
    alpaca.world.stream.dropped = ["pending_replace", "replaced", "new"]
    alpaca.world.server.spoil(Fault("PATCH", SOME_ORDER, TIMEOUT, is_done=True))
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert alpaca.settle() == [OrderAcknowledged(ONE.id, 2)]
    assert len(open_orders(alpaca)) == 1


def test_a_replacement_alpaca_refuses_is_told_and_the_order_stands(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(ONE)
    alpaca.settle()
    alpaca.world.server.spoil(Fault("PATCH", SOME_ORDER, refusal(422, 42210000, "not now")))
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    (refused,) = alpaca.settle()
    assert refused == OrderRejected(ONE.id, "Alpaca refused to move it: not now")
    alpaca.broker.look_up(ONE.id)
    assert alpaca.settle() == [OrderLookedUp(ONE.id, OrderStanding.WORKING)]


@pytest.mark.parametrize("filled_meanwhile", [0, 1, 2])
def test_several_units_are_moved_without_ever_filling_more_than_the_order(
    alpaca: AlpacaRig, filled_meanwhile: int
) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.world.book.holds_cancels = True
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    alpaca.until(lambda: alpaca.world.server.counted("DELETE", cancelled_path(alpaca)) == 1)
    if filled_meanwhile:
        alpaca.world.book.show(PUT, "2.60", "2.64", size=filled_meanwhile)
    alpaca.world.book.let_cancels_go()
    if filled_meanwhile < 2:
        alpaca.until(lambda: len(alpaca.world.book.orders) == 2)
        *_, rest = alpaca.world.book.orders.values()
        assert (rest.qty, str(rest.limit)) == (2 - filled_meanwhile, "2.4")
        alpaca.show(two_sided(put(), "2.60", "2.64"))
    alpaca.until(lambda: units(alpaca.heard + alpaca.settle(0)) == 2)
    assert not any(isinstance(each, OrderCancelled) for each in alpaca.heard)
    assert alpaca.statement().held == (HeldAtBroker(put(), -2),)


def test_who_asks_in_the_middle_of_a_move_is_not_told_that_it_is_over(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.world.stream.dropped = ["canceled"]
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    alpaca.until(lambda: not open_orders(alpaca))
    alpaca.broker.look_up(RESTING.id)
    came = alpaca.settle(2)
    assert came[-1] == OrderLookedUp(RESTING.id, OrderStanding.WORKING)
    assert len(alpaca.world.book.orders) == 2


def test_an_order_taken_back_in_the_middle_of_a_move_is_not_sent_again(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.world.book.holds_cancels = True
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    alpaca.until(lambda: alpaca.world.server.counted("DELETE", cancelled_path(alpaca)) == 1)
    alpaca.broker.cancel_order(RESTING.id)
    alpaca.settle(0)
    alpaca.world.book.let_cancels_go()
    assert alpaca.settle() == [OrderCancelled(RESTING.id)]
    assert len(alpaca.world.book.orders) == 1


def test_what_does_not_work_cannot_be_moved(alpaca: AlpacaRig) -> None:
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    assert kinds(alpaca.settle()) == [OrderRejected]


@pytest.mark.parametrize("nests_legs", [False, True])
@pytest.mark.parametrize("tells_legs", [False, True])
@pytest.mark.parametrize("is_late", [False, True])
def test_legs_are_told_together_at_their_own_prices(
    alpaca: AlpacaRig, nests_legs: bool, tells_legs: bool, is_late: bool
) -> None:
    alpaca.broker.place_order(SALE)
    alpaca.settle(2)
    alpaca.show(two_sided(put()), two_sided(put(98), "1.48", "1.52"))
    alpaca.world.api.tells_legs, alpaca.world.api.nests_legs = tells_legs, nests_legs
    alpaca.world.book.is_activity_late = is_late
    spread = order(buy(put()), sell(put(98)), quantity=2, id=SALE.id + "r", limit=price("-0.50"))
    alpaca.broker.place_order(spread)
    alpaca.until(lambda: len(alpaca.world.book.orders) == 2)
    alpaca.world.book.let_activities_come()
    done = alpaca.await_report(OrderFilled)
    assert [(each.leg, each.quantity, each.price) for each in done.executions] == [
        (0, 2, price("2.00")),
        (1, 2, price("1.50")),
    ]
    alpaca.settle(0)
    assert units(alpaca.heard) == 2 + 4
    assert alpaca.statement().cash == dollars(100_000) + dollars(400) - dollars(100)


def test_a_leg_told_of_before_its_order_is_not_an_order_of_its_own(alpaca: AlpacaRig) -> None:
    alpaca.show(two_sided(put(98), "1.48", "1.52"))
    alpaca.world.api.tells_legs = True
    alpaca.world.stream.hold()
    held = order(buy(put()), sell(put(98)), quantity=1, limit=price("-1.00"))
    alpaca.broker.place_order(held)
    alpaca.until(lambda: len(alpaca.world.book.orders) == 1 and not open_orders(alpaca))
    alpaca.world.stream.let_go(lambda updates: updates[::-1])
    done = alpaca.await_report(OrderFilled)
    assert [(each.order, each.leg) for each in done.executions] == [(held.id, 0), (held.id, 1)]
    alpaca.settle(0)
    assert units(alpaca.heard) == 2


def test_a_session_of_many_orders_ends_with_both_sides_alike(alpaca: AlpacaRig) -> None:
    """Legs, moves and cancellations while updates are doubled, dropped and disordered."""
    alpaca.show(two_sided(put(98), "1.48", "1.52"), two_sided(put(95), "0.98", "1.02"))
    names = [OrderId(f"{SALE.id}{number}") for number in range(12)]
    for number, name in enumerate(names):
        alpaca.world.stream.doubled = ["fill", "new", "canceled"][: number % 3 + 1]
        alpaca.world.stream.dropped = ["fill", "partial_fill", "replaced"][: number % 2 * 3]
        strike = (100, 98, 95)[number % 3]
        wished = replace(order(sell(put(strike)), quantity=2, limit=price("2.20")), id=name)
        alpaca.broker.place_order(wished)
        if number % 2:
            alpaca.broker.replace_order(name, 2, 2, price("2.10"))
        if number % 4 == 0:
            alpaca.broker.cancel_order(name)
        alpaca.world.book.show(f"AAPL130215P{strike:05d}000", "2.18", "2.26", size=number % 3)
    alpaca.settle(0)
    alpaca.world.stream.dropped = []
    alpaca.world.stream.disconnect()
    alpaca.until(lambda: alpaca.broker.standing().is_up and len(alpaca.links) >= 3)
    alpaca.settle(0)
    told = alpaca.statement()
    alpaca.settle(0)
    assert len(set(fills(alpaca.heard))) == len(fills(alpaca.heard))
    assert sorted(fills(alpaca.heard)) == sorted(fill.id for fill in told.executions)
    held = {line.instrument: line.quantity_signed for line in told.held}
    assert -sum(held.values()) == units(alpaca.heard) > 0
    assert all(wire.filled <= wire.qty for wire in alpaca.world.book.orders.values())
