"""Alpaca's door where two things go wrong at once, or one at an unlucky moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from allusedesk.domain.orders import (
    OrderAcknowledged,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderType,
)
from allusedesk.execution.brokers import alpaca_rest
from allusedesk.execution.brokers.alpaca_stream import UpdateStream
from allusedesk.execution.brokers.alpaca_words import Ticket, WireLeg
from tests.doors.alpaca_rig import PATIENCE, AlpacaRig, World
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_server import Answer, Fault, refusal
from tests.trading import buy, order, price, put, sell

SALE = order(sell(put()), quantity=2)
RESTING = replace(SALE, limit=price("2.50"))
ONE = replace(RESTING, quantity=1)
PUT = "AAPL130215P00100000"
ORDERS = "/v2/orders"
BY_NAME = "/v2/orders:by_client_order_id"
SOME_ORDER = "/v2/orders/[^/]+"
TIMEOUT = Answer(504, {"message": "gateway timeout"})
TAKEN = refusal(422, 40010001, "client_order_id must be unique")


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


def resting(rig: AlpacaRig, wished: Any = RESTING) -> AlpacaRig:
    """The rig with an order that rests at Alpaca."""
    rig.broker.place_order(wished)
    assert rig.settle() == [OrderAcknowledged(wished.id, wished.version)]
    return rig


def limits(rig: AlpacaRig) -> list[str]:
    return [str(one.limit) for one in rig.world.book.orders.values() if one.is_open]


def looked_up(rig: AlpacaRig) -> list[Any]:
    rig.broker.look_up(RESTING.id)
    return rig.settle()


def test_the_door_never_knows_when_something_comes(rig: AlpacaRig) -> None:
    assert rig.broker.next_event_at() is None


def test_silence_upon_silence_is_still_no_verdict(rig: AlpacaRig) -> None:
    rig.world.server.spoil(Fault("POST", ORDERS, TIMEOUT, is_done=True))
    rig.world.server.spoil(Fault("GET", BY_NAME, TIMEOUT))
    rig.world.stream.dropped = ["pending_new", "new"]
    rig.broker.place_order(RESTING)
    assert rig.settle(0) == []
    assert looked_up(rig) == [OrderLookedUp(RESTING.id, OrderStanding.WORKING)]


def test_a_question_alpaca_refuses_to_answer_is_not_answered(rig: AlpacaRig) -> None:
    rig.world.server.spoil(Fault("GET", BY_NAME, refusal(403, 40310000, "forbidden")))
    rig.broker.look_up(RESTING.id)
    assert rig.settle(0) == []


def test_an_order_it_never_had_cannot_be_cancelled(rig: AlpacaRig) -> None:
    rig.broker.cancel_order(RESTING.id)
    assert rig.settle() == [OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)]


def test_an_order_sent_in_vain_and_taken_back_before_the_next_try(rig: AlpacaRig) -> None:
    rig.world.server.spoil(Fault("POST", ORDERS, TIMEOUT))
    rig.broker.place_order(RESTING)
    rig.settle(0)
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False)
    rig.world.server.spoil(slow)
    rig.broker.statement()
    rig.until(lambda: rig.world.server.faults == [])
    rig.broker.place_order(replace(RESTING, version=2))
    rig.broker.cancel_order(RESTING.id)
    assert rig.settle()[0] == OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)
    assert slow.held is not None
    slow.held.set()
    rig.settle(0)
    assert rig.world.book.orders == {}


def test_a_cancellation_that_comes_too_late_brings_the_fill_nobody_told(rig: AlpacaRig) -> None:
    resting(rig)
    rig.world.stream.dropped = ["fill"]
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.broker.cancel_order(RESTING.id)
    (done,) = rig.settle()
    assert isinstance(done, OrderFilled)


def test_a_cancellation_refused_while_another_is_on_its_way_waits_for_that(
    rig: AlpacaRig,
) -> None:
    resting(rig)
    rig.world.server.spoil(Fault("DELETE", SOME_ORDER, refusal(422, 42210000, "pending")))
    rig.broker.cancel_order(RESTING.id)
    assert rig.settle(0) == []
    rig.broker.cancel_order(RESTING.id)
    assert rig.settle() == [OrderCancelled(RESTING.id)]


def test_a_move_whose_cancellation_was_lost_is_gone_on_with(world: World) -> None:
    rig = AlpacaRig(world, replace(PATIENCE, poll_seconds=0.1))
    rig.show(two_sided(put()))
    resting(rig)
    world.server.spoil(Fault("DELETE", SOME_ORDER, TIMEOUT))
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    assert rig.await_report(OrderAcknowledged) == OrderAcknowledged(RESTING.id, 2)
    assert limits(rig) == ["2.4"]
    rig.close()


@pytest.mark.parametrize("is_done", [True, False])
def test_a_move_whose_second_half_was_lost_is_found_or_made_by_the_next_question(
    rig: AlpacaRig, is_done: bool
) -> None:
    resting(rig)
    rig.world.server.spoil(Fault("POST", ORDERS, TIMEOUT, is_done=is_done))
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    rig.until(lambda: rig.world.server.counted("POST", ORDERS) == 2)
    rig.settle(0)
    assert looked_up(rig)[-1] == OrderLookedUp(RESTING.id, OrderStanding.WORKING)
    assert limits(rig) == ["2.4"]
    assert rig.world.server.counted("POST", ORDERS) == (2 if is_done else 3)


def test_nothing_is_said_while_the_second_half_of_a_move_stays_lost(rig: AlpacaRig) -> None:
    resting(rig)
    rig.world.server.spoil(Fault("POST", ORDERS, TIMEOUT, times=2))
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    rig.until(lambda: rig.world.server.counted("POST", ORDERS) == 2)
    rig.broker.look_up(RESTING.id)
    assert rig.settle(0) == []
    assert looked_up(rig)[-1] == OrderLookedUp(RESTING.id, OrderStanding.WORKING)


@pytest.mark.parametrize("answer", [refusal(403, 40310000, "no"), TAKEN])
def test_a_move_whose_second_half_is_refused_leaves_the_order_cancelled(
    rig: AlpacaRig, answer: Answer
) -> None:
    resting(rig)
    rig.world.server.spoil(Fault("POST", ORDERS, answer))
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    came = rig.settle(2)
    assert [type(each) for each in came] == [OrderRejected, OrderCancelled]


def test_a_move_whose_second_half_had_arrived_after_all_is_adopted(rig: AlpacaRig) -> None:
    resting(rig)
    rig.world.stream.dropped = ["new", "pending_new"]
    rig.world.server.spoil(Fault("POST", ORDERS, TAKEN, is_done=True))
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    assert rig.settle() == [OrderAcknowledged(RESTING.id, 2)]


def test_what_a_move_left_over_is_not_sent_into_a_closed_market(rig: AlpacaRig) -> None:
    resting(rig)
    rig.world.book.holds_cancels = True
    rig.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    rig.until(lambda: rig.world.server.counted("DELETE", f"{ORDERS}/{first(rig)}") == 1)
    rig.world.book.holds_cancels = rig.world.book.is_market_open = False
    rig.world.ahead = rig.world.api.closes_at - rig.world.read_clock()
    rig.world.book.let_cancels_go()
    assert rig.settle() == [OrderCancelled(RESTING.id)]
    assert len(rig.world.book.orders) == 1


def first(rig: AlpacaRig) -> str:
    return next(iter(rig.world.book.orders))


def test_a_replacement_that_never_arrived_is_made_by_the_next_look(world: World) -> None:
    rig = AlpacaRig(world, replace(PATIENCE, poll_seconds=0.1))
    resting(rig, ONE)
    world.server.spoil(Fault("PATCH", SOME_ORDER, TIMEOUT))
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert rig.await_report(OrderAcknowledged) == OrderAcknowledged(ONE.id, 2)
    assert limits(rig) == ["2.4"]
    rig.close()


def test_a_replacement_that_had_arrived_after_all_is_adopted(rig: AlpacaRig) -> None:
    resting(rig, ONE)
    rig.world.stream.dropped = ["pending_replace", "replaced", "new"]
    rig.world.server.spoil(Fault("PATCH", SOME_ORDER, TAKEN, is_done=True))
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert rig.settle() == [OrderAcknowledged(ONE.id, 2)]


def test_an_order_not_at_the_exchange_yet_is_replaced_once_it_is(rig: AlpacaRig) -> None:
    resting(rig, ONE)
    (wire,) = rig.world.book.orders.values()
    wire.status = "pending_replace"
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    rig.until(lambda: rig.world.server.counted("PATCH", f"{ORDERS}/{wire.id}") == 1)
    assert rig.settle(0) == []
    wire.status = "new"
    rig.world.book.tell("restated", wire)
    assert rig.settle() == [OrderAcknowledged(ONE.id, 2)]


def test_an_order_filled_before_its_replacement_was_asked_for_is_filled(rig: AlpacaRig) -> None:
    resting(rig, ONE)
    rig.world.stream.dropped = ["fill"]
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    rig.until(lambda: rig.world.server.counted("PATCH", f"{ORDERS}/{first(rig)}") == 1)
    rig.settle(0)
    rig.broker.look_up(ONE.id)
    answer = rig.settle()[-1]
    assert isinstance(answer, OrderLookedUp)
    assert answer.standing is OrderStanding.FILLED


def test_a_move_the_exchange_refuses_is_told_once_and_the_order_stands(rig: AlpacaRig) -> None:
    resting(rig, ONE)
    rig.world.book.refuses_replacing = True
    rig.broker.replace_order(ONE.id, 2, 1, price("2.40"))
    assert rig.settle() == [OrderRejected(ONE.id, "the exchange refused to move it")]
    (old, _) = rig.world.book.orders.values()
    old.status = "new"
    rig.broker.look_up(ONE.id)
    assert rig.settle() == [OrderLookedUp(ONE.id, OrderStanding.WORKING)]


def test_a_pursuit_without_a_move_does_nothing(rig: AlpacaRig) -> None:
    calls = len(rig.world.server.calls)
    rig.broker._go_on(RESTING.id)
    rig.settle(0)
    assert len(rig.world.server.calls) == calls


def test_executions_that_show_late_are_waited_for(rig: AlpacaRig) -> None:
    resting(rig)
    rig.world.stream.dropped = ["fill"]
    rig.world.book.is_activity_late = True
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.broker.look_up(RESTING.id)
    activities = "/v2/account/activities"
    rig.until(lambda: rig.world.server.counted("GET", activities) >= 2)
    rig.world.book.let_activities_come()
    answer = rig.await_report(OrderLookedUp)
    assert (answer.standing, len(answer.executions)) == (OrderStanding.FILLED, 1)


def test_no_answer_is_given_while_executions_do_not_show(rig: AlpacaRig) -> None:
    resting(rig)
    rig.world.stream.dropped = ["fill"]
    rig.world.book.is_activity_late = True
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.broker.look_up(RESTING.id)
    activities = "/v2/account/activities"
    rig.until(lambda: rig.world.server.counted("GET", activities) == 4)
    rig.until(lambda: not rig._is_busy())
    assert rig.settle(0) == []


@pytest.mark.parametrize("is_filled", [False, True])
def test_the_first_version_sent_again_after_a_restart_is_brought_to_its_limit(
    world: World, is_filled: bool
) -> None:
    earlier = AlpacaRig(world)
    earlier.show(two_sided(put()))
    resting(earlier)
    earlier.close()
    if is_filled:
        world.book.show(PUT, "2.60", "2.64")
    rig = AlpacaRig(world)
    rig.broker.place_order(replace(RESTING, limit=price("2.40")))
    if is_filled:
        assert rig.await_report(OrderFilled).order == RESTING.id
    else:
        rig.until(lambda: limits(rig) == ["2.4"])
    rig.close()


def test_an_execution_whose_order_alpaca_does_not_know_is_left_to_the_positions(
    rig: AlpacaRig,
) -> None:
    resting(rig)
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.settle()
    (row,) = rig.world.book.activities
    rig.world.book.activities.append(row | {"order_id": "nobody", "id": "x"})
    assert len(rig.statement().executions) == 1


def test_a_statement_is_taken_as_it_is_where_executions_never_rest(
    rig: AlpacaRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = iter(range(100))
    read = rig.broker._statements._read

    def restless(calls: Any) -> frozenset[str]:
        read(calls)
        return frozenset({str(next(seen))})

    monkeypatch.setattr(rig.broker._statements, "_read", restless)
    assert rig.statement().held == ()
    assert next(seen) == 6


def test_a_list_that_is_none_puts_the_line_in_doubt(rig: AlpacaRig) -> None:
    rig.world.server.spoil(Fault("GET", "/v2/positions", Answer(200, {})))
    rig.broker.statement()
    rig.until(lambda: [each.is_up for each in rig.links] == [True, False, True])
    assert "no list" in rig.links[1].reason


def test_an_account_that_is_blocked_meanwhile_keeps_the_line_down(rig: AlpacaRig) -> None:
    rig.world.book.account = {"account_blocked": True}
    rig.world.stream.disconnect()
    rig.until(lambda: "blocked" in rig.broker.standing().reason)
    rig.world.book.account = {}
    rig.until(lambda: rig.broker.standing().is_up)


def test_a_line_that_is_up_is_not_told_up_again(rig: AlpacaRig) -> None:
    rig.broker._listening()
    rig.settle(0)
    assert [each.is_up for each in rig.links] == [True]


def test_a_stream_that_will_not_end_is_left_behind() -> None:
    class Stubborn:
        joins = 0
        _loop = None

        def is_alive(self) -> bool:
            return True

        def join(self, _seconds: float) -> None:
            Stubborn.joins += 1

    stream = cast("Any", UpdateStream.__new__(UpdateStream))
    stream._thread = stream._stream = Stubborn()
    stream.stop()
    assert Stubborn.joins == 30


@pytest.mark.parametrize(("named", "seconds"), [("0.5", 0.5), ("soon", 1.0), ("0", 0.05)])
def test_the_wait_alpaca_names_is_taken(named: str, seconds: float) -> None:
    assert alpaca_rest._wait_named_in({"Retry-After": named}) == seconds


def test_legs_and_orders_without_an_intent_name_none() -> None:
    legs = (WireLeg("a", PUT, "buy", ""), WireLeg("b", "AAPL130215P00098000", "sell", ""))
    wanted = alpaca_rest._request_of(Ticket(legs, 1, "market", None, "day"), "name")
    assert wanted.legs is not None
    assert [leg.position_intent for leg in wanted.legs] == [None, None]
    one = alpaca_rest._request_of(Ticket(legs[:1], 1, "market", None, "day"), "name")
    assert one.position_intent is None


def test_a_market_order_sent_again_after_a_restart_is_left_as_it_is(world: World) -> None:
    first_rig = AlpacaRig(world)
    wished = order(buy(put()), quantity=1, limit=None, type=OrderType.MARKET)
    first_rig.broker.place_order(wished)
    first_rig.settle()
    first_rig.close()
    rig = AlpacaRig(world)
    rig.broker.place_order(wished)
    assert rig.settle() == [OrderAcknowledged(wished.id, 1)]
    assert len(world.book.orders) == 1
    rig.close()
