"""Orders moved at Alpaca, and orders of several legs: never more is filled than was asked for."""

from __future__ import annotations

from collections.abc import Iterator
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
    World,
    cancelled_path,
    fills,
    kinds,
    open_orders,
    units,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_server import Fault, refusal
from tests.trading import buy, dollars, order, price, put, sell


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.server.close()


@pytest.fixture
def rig(world: World) -> Iterator[AlpacaRig]:
    made = AlpacaRig(world)
    made.show(two_sided(put()))
    yield made
    made.close()


def test_one_unit_is_replaced_by_alpaca_itself_and_stays_one_order(rig: AlpacaRig) -> None:
    rig.broker.place_order(ONE)
    rig.settle()
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert rig.settle() == [OrderAcknowledged(ONE.id, 2)]
    first, second = rig.world.book.orders.values()
    assert (first.replaced_by, second.replaces) == (second.id, first.id)
    assert second.client_order_id == f"{ONE.id}/v2"
    assert rig.statement().open_orders == (OrderAtBroker(ONE.id, 2),)
    rig.show(two_sided(put(), "2.40", "2.44"))
    rig.settle()
    assert units(rig.heard) == 1


def test_a_replacement_is_known_by_what_became_of_the_replaced(rig: AlpacaRig) -> None:
    rig.broker.place_order(ONE)
    rig.settle()
    rig.world.stream.dropped = ["new"]
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert rig.settle() == [OrderAcknowledged(ONE.id, 2)]


def test_a_replacement_that_comes_too_late_leaves_the_fill_alone(rig: AlpacaRig) -> None:
    rig.broker.place_order(ONE)
    rig.settle()
    rig.world.book.fills_before_replacing = True
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    came = rig.settle()
    assert kinds(came) == [OrderFilled]
    rig.broker.look_up(ONE.id)
    (answer,) = rig.settle()
    assert isinstance(answer, OrderLookedUp)
    assert (answer.standing, units(came)) == (OrderStanding.FILLED, 1)


def test_a_replacement_whose_answer_was_lost_is_found_under_its_name(rig: AlpacaRig) -> None:
    rig.broker.place_order(ONE)
    rig.settle()
    rig.world.stream.dropped = ["pending_replace", "replaced", "new"]
    rig.world.server.spoil(Fault("PATCH", SOME_ORDER, TIMEOUT, is_done=True))
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert rig.settle() == [OrderAcknowledged(ONE.id, 2)]
    assert len(open_orders(rig)) == 1


def test_a_replacement_alpaca_refuses_is_told_and_the_order_stands(rig: AlpacaRig) -> None:
    rig.broker.place_order(ONE)
    rig.settle()
    rig.world.server.spoil(Fault("PATCH", SOME_ORDER, refusal(422, 42210000, "not now")))
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    (refused,) = rig.settle()
    assert refused == OrderRejected(ONE.id, "Alpaca refused to move it: not now")
    rig.broker.look_up(ONE.id)
    assert rig.settle() == [OrderLookedUp(ONE.id, OrderStanding.WORKING)]


@pytest.mark.parametrize("filled_meanwhile", [0, 1, 2])
def test_several_units_are_moved_without_ever_filling_more_than_the_order(
    rig: AlpacaRig, filled_meanwhile: int
) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.world.book.holds_cancels = True
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    rig.until(lambda: rig.world.server.counted("DELETE", cancelled_path(rig)) == 1)
    if filled_meanwhile:
        rig.world.book.show(PUT, "2.60", "2.64", size=filled_meanwhile)
    rig.world.book.let_cancels_go()
    if filled_meanwhile < 2:
        rig.until(lambda: len(rig.world.book.orders) == 2)
        *_, rest = rig.world.book.orders.values()
        assert (rest.qty, str(rest.limit)) == (2 - filled_meanwhile, "2.4")
        rig.show(two_sided(put(), "2.60", "2.64"))
    rig.until(lambda: units(rig.heard + rig.settle(0)) == 2)
    assert not any(isinstance(each, OrderCancelled) for each in rig.heard)
    assert rig.statement().held == (HeldAtBroker(put(), -2),)


def test_who_asks_in_the_middle_of_a_move_is_not_told_that_it_is_over(rig: AlpacaRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.world.stream.dropped = ["canceled"]
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    rig.until(lambda: not open_orders(rig))
    rig.broker.look_up(RESTING.id)
    came = rig.settle(2)
    assert came[-1] == OrderLookedUp(RESTING.id, OrderStanding.WORKING)
    assert len(rig.world.book.orders) == 2


def test_an_order_taken_back_in_the_middle_of_a_move_is_not_sent_again(rig: AlpacaRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.world.book.holds_cancels = True
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    rig.until(lambda: rig.world.server.counted("DELETE", cancelled_path(rig)) == 1)
    rig.broker.cancel_order(RESTING.id)
    rig.settle(0)
    rig.world.book.let_cancels_go()
    assert rig.settle() == [OrderCancelled(RESTING.id)]
    assert len(rig.world.book.orders) == 1


def test_what_does_not_work_cannot_be_moved(rig: AlpacaRig) -> None:
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    assert kinds(rig.settle()) == [OrderRejected]


@pytest.mark.parametrize("nests_legs", [False, True])
@pytest.mark.parametrize("tells_legs", [False, True])
@pytest.mark.parametrize("is_late", [False, True])
def test_legs_are_told_together_at_their_own_prices(
    rig: AlpacaRig, nests_legs: bool, tells_legs: bool, is_late: bool
) -> None:
    rig.broker.place_order(SALE)
    rig.settle(2)
    rig.show(two_sided(put()), two_sided(put(98), "1.48", "1.52"))
    rig.world.api.tells_legs, rig.world.api.nests_legs = tells_legs, nests_legs
    rig.world.book.is_activity_late = is_late
    spread = order(buy(put()), sell(put(98)), quantity=2, id=SALE.id + "r", limit=price("-0.50"))
    rig.broker.place_order(spread)
    rig.until(lambda: len(rig.world.book.orders) == 2)
    rig.world.book.let_activities_come()
    done = rig.await_report(OrderFilled)
    assert [(each.leg, each.quantity, each.price) for each in done.executions] == [
        (0, 2, price("2.00")),
        (1, 2, price("1.50")),
    ]
    rig.settle(0)
    assert units(rig.heard) == 2 + 4
    assert rig.statement().cash == dollars(100_000) + dollars(400) - dollars(100)


def test_a_leg_told_of_before_its_order_is_not_an_order_of_its_own(rig: AlpacaRig) -> None:
    rig.show(two_sided(put(98), "1.48", "1.52"))
    rig.world.api.tells_legs = True
    rig.world.stream.hold()
    held = order(buy(put()), sell(put(98)), quantity=1, limit=price("-1.00"))
    rig.broker.place_order(held)
    rig.until(lambda: len(rig.world.book.orders) == 1 and not open_orders(rig))
    rig.world.stream.let_go(lambda updates: updates[::-1])
    done = rig.await_report(OrderFilled)
    assert [(each.order, each.leg) for each in done.executions] == [(held.id, 0), (held.id, 1)]
    rig.settle(0)
    assert units(rig.heard) == 2


def test_a_session_of_many_orders_ends_with_both_sides_alike(rig: AlpacaRig) -> None:
    """Legs, moves and cancellations while updates are doubled, dropped and disordered."""
    rig.show(two_sided(put(98), "1.48", "1.52"), two_sided(put(95), "0.98", "1.02"))
    names = [OrderId(f"{SALE.id}{number}") for number in range(12)]
    for number, name in enumerate(names):
        rig.world.stream.doubled = ["fill", "new", "canceled"][: number % 3 + 1]
        rig.world.stream.dropped = ["fill", "partial_fill", "replaced"][: number % 2 * 3]
        strike = (100, 98, 95)[number % 3]
        wished = replace(order(sell(put(strike)), quantity=2, limit=price("2.20")), id=name)
        rig.broker.place_order(wished)
        if number % 2:
            rig.broker.replace_order(name, 2, 2, price("2.10"))
        if number % 4 == 0:
            rig.broker.cancel_order(name)
        rig.world.book.show(f"AAPL130215P{strike:05d}000", "2.18", "2.26", size=number % 3)
    rig.settle(0)
    rig.world.stream.dropped = []
    rig.world.stream.disconnect()
    rig.until(lambda: rig.broker.standing().is_up and len(rig.links) >= 3)
    rig.settle(0)
    told = rig.statement()
    rig.settle(0)
    assert len(set(fills(rig.heard))) == len(fills(rig.heard))
    assert sorted(fills(rig.heard)) == sorted(fill.id for fill in told.executions)
    held = {line.instrument: line.quantity_signed for line in told.held}
    assert -sum(held.values()) == units(rig.heard) > 0
    assert all(wire.filled <= wire.qty for wire in rig.world.book.orders.values())
