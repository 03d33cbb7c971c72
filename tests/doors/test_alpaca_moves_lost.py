"""Moves at Alpaca of which one half is lost, refused, or comes late."""

from __future__ import annotations

import pytest

from allusedesk.domain.orders import (
    OrderAcknowledged,
    OrderCancelled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
)
from tests.doors.alpaca_rig import (
    ONE,
    ORDERS,
    POLLING,
    RESTING,
    SOME_ORDER,
    TIMEOUT,
    AlpacaRig,
    World,
    cancelled_path,
    limits,
    looked_up,
    resting,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_server import Answer, Fault, refusal
from tests.trading import price, put

TAKEN = refusal(422, 40010001, "client_order_id must be unique")


def test_a_move_whose_cancellation_was_lost_is_gone_on_with(world: World) -> None:
    rig = AlpacaRig(world, POLLING)
    rig.show(two_sided(put()))
    resting(rig)
    world.server.spoil(Fault("DELETE", SOME_ORDER, TIMEOUT))
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    assert rig.await_report(OrderAcknowledged) == OrderAcknowledged(RESTING.id, 2)
    assert limits(rig) == ["2.4"]
    rig.close()


@pytest.mark.parametrize("is_done", [True, False])
def test_a_move_whose_second_half_was_lost_is_found_or_made_by_the_next_question(
    alpaca: AlpacaRig, is_done: bool
) -> None:
    resting(alpaca)
    alpaca.world.server.spoil(Fault("POST", ORDERS, TIMEOUT, is_done=is_done))
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    alpaca.until(lambda: alpaca.world.server.counted("POST", ORDERS) == 2)
    alpaca.settle(0)
    assert looked_up(alpaca)[-1] == OrderLookedUp(RESTING.id, OrderStanding.WORKING)
    assert limits(alpaca) == ["2.4"]
    assert alpaca.world.server.counted("POST", ORDERS) == (2 if is_done else 3)


def test_nothing_is_said_while_the_second_half_of_a_move_stays_lost(alpaca: AlpacaRig) -> None:
    resting(alpaca)
    alpaca.world.server.spoil(Fault("POST", ORDERS, TIMEOUT, times=2))
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    alpaca.until(lambda: alpaca.world.server.counted("POST", ORDERS) == 2)
    alpaca.broker.look_up(RESTING.id)
    assert alpaca.settle(0) == []
    assert looked_up(alpaca)[-1] == OrderLookedUp(RESTING.id, OrderStanding.WORKING)


@pytest.mark.parametrize("answer", [refusal(403, 40310000, "no"), TAKEN])
def test_a_move_whose_second_half_is_refused_leaves_the_order_cancelled(
    alpaca: AlpacaRig, answer: Answer
) -> None:
    resting(alpaca)
    alpaca.world.server.spoil(Fault("POST", ORDERS, answer))
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    came = alpaca.settle(2)
    assert [type(each) for each in came] == [OrderRejected, OrderCancelled]


def test_a_move_whose_second_half_had_arrived_after_all_is_adopted(alpaca: AlpacaRig) -> None:
    resting(alpaca)
    alpaca.world.stream.dropped = ["new", "pending_new"]
    alpaca.world.server.spoil(Fault("POST", ORDERS, TAKEN, is_done=True))
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    assert alpaca.settle() == [OrderAcknowledged(RESTING.id, 2)]


def test_what_a_move_left_over_is_not_sent_into_a_closed_market(alpaca: AlpacaRig) -> None:
    resting(alpaca)
    alpaca.world.book.holds_cancels = True
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    alpaca.until(lambda: alpaca.world.server.counted("DELETE", cancelled_path(alpaca)) == 1)
    alpaca.world.book.holds_cancels = alpaca.world.book.is_market_open = False
    alpaca.world.ahead = alpaca.world.api.closes_at - alpaca.world.read_clock()
    alpaca.world.book.let_cancels_go()
    assert alpaca.settle() == [OrderCancelled(RESTING.id)]
    assert len(alpaca.world.book.orders) == 1


def test_an_order_the_exchange_sends_back_in_the_middle_of_a_move_is_not_sent_again(
    alpaca: AlpacaRig,
) -> None:
    resting(alpaca)
    alpaca.world.book.holds_cancels = True
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    alpaca.until(lambda: alpaca.world.server.counted("DELETE", cancelled_path(alpaca)) == 1)
    alpaca.world.book.reject(next(iter(alpaca.world.book.orders.values())))
    assert alpaca.settle() == [OrderRejected(RESTING.id, "the exchange sent it back")]
    assert len(alpaca.world.book.orders) == 1


def test_a_replacement_that_never_arrived_is_made_by_the_next_look(world: World) -> None:
    rig = AlpacaRig(world, POLLING)
    resting(rig, ONE)
    world.server.spoil(Fault("PATCH", SOME_ORDER, TIMEOUT))
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert rig.await_report(OrderAcknowledged) == OrderAcknowledged(ONE.id, 2)
    assert limits(rig) == ["2.4"]
    rig.close()


def test_a_replacement_that_had_arrived_after_all_is_adopted(alpaca: AlpacaRig) -> None:
    resting(alpaca, ONE)
    alpaca.world.stream.dropped = ["pending_replace", "replaced", "new"]
    alpaca.world.server.spoil(Fault("PATCH", SOME_ORDER, TAKEN, is_done=True))
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert alpaca.settle() == [OrderAcknowledged(ONE.id, 2)]


def test_an_order_not_at_the_exchange_yet_is_replaced_once_it_is(alpaca: AlpacaRig) -> None:
    resting(alpaca, ONE)
    (wire,) = alpaca.world.book.orders.values()
    wire.status = "pending_replace"
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    alpaca.until(lambda: alpaca.world.server.counted("PATCH", f"{ORDERS}/{wire.id}") == 1)
    assert alpaca.settle(0) == []
    wire.status = "new"
    alpaca.world.book.tell("restated", wire)
    assert alpaca.settle() == [OrderAcknowledged(ONE.id, 2)]


def test_an_order_filled_before_its_replacement_was_asked_for_is_filled(alpaca: AlpacaRig) -> None:
    resting(alpaca, ONE)
    alpaca.world.stream.dropped = ["fill"]
    alpaca.show(two_sided(put(), "2.60", "2.64"))
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    alpaca.until(lambda: alpaca.world.server.counted("PATCH", cancelled_path(alpaca)) == 1)
    alpaca.settle(0)
    alpaca.broker.look_up(ONE.id)
    answer = alpaca.settle()[-1]
    assert isinstance(answer, OrderLookedUp)
    assert answer.standing is OrderStanding.FILLED


def test_a_move_the_exchange_refuses_is_told_once_and_the_order_stands(alpaca: AlpacaRig) -> None:
    resting(alpaca, ONE)
    alpaca.world.book.refuses_replacing = True
    alpaca.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert alpaca.settle() == [OrderRejected(ONE.id, "the exchange refused to move it")]
    (old, _) = alpaca.world.book.orders.values()
    old.status = "new"
    alpaca.broker.look_up(ONE.id)
    assert alpaca.settle() == [OrderLookedUp(ONE.id, OrderStanding.WORKING)]


def test_a_pursuit_without_a_move_does_nothing(alpaca: AlpacaRig) -> None:
    calls = len(alpaca.world.server.calls)
    alpaca.broker._go_on(RESTING.id)
    alpaca.settle(0)
    assert len(alpaca.world.server.calls) == calls


def test_a_move_on_its_way_is_not_begun_again(alpaca: AlpacaRig) -> None:
    resting(alpaca)
    alpaca.world.book.holds_cancels = True
    alpaca.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    path = cancelled_path(alpaca)
    alpaca.until(lambda: alpaca.world.server.counted("DELETE", path) == 1)
    alpaca.settle(0)
    alpaca.broker._go_on(RESTING.id)
    alpaca.settle(0)
    assert alpaca.world.server.counted("DELETE", path) == 1
