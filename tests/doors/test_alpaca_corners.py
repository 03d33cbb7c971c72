"""Alpaca's door where two things go wrong at once, or one at an unlucky moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from allusedesk.domain.orders import (
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderStanding,
)
from allusedesk.execution.brokers import alpaca_rest
from allusedesk.execution.brokers.alpaca_stream import UpdateStream
from allusedesk.execution.brokers.alpaca_words import Ticket, WireLeg
from tests.doors.alpaca_rig import (
    BY_NAME,
    ORDERS,
    PUT,
    RESTING,
    SOME_ORDER,
    TIMEOUT,
    AlpacaRig,
    World,
    looked_up,
    resting,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_json import order_json
from tests.doors.servers.alpaca_server import Answer, Fault, refusal
from tests.trading import buy, order, price, put, sell


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


def test_a_version_that_is_over_is_not_sent_again(rig: AlpacaRig) -> None:
    resting(rig)
    rig.broker.cancel_order(RESTING.id)
    rig.settle()
    rig.broker.place_order(RESTING)
    assert rig.settle(0) == []
    assert len(rig.world.book.orders) == 1


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


@pytest.mark.parametrize("changes", [{"client_order_id": "x"}, {"legs": None}])
def test_an_answer_about_another_order_is_not_asked_for_again(
    rig: AlpacaRig, changes: dict[str, Any]
) -> None:
    rig.show(two_sided(put(98), "1.48", "1.52"))
    spread = order(buy(put()), sell(put(98)), quantity=1, limit=price("0.40"))
    rig.broker.place_order(spread)
    rig.settle()
    (row,) = [order_json(one) for one in rig.world.book.orders.values()]
    strange = Answer(200, row | changes)
    rig.close()
    other = AlpacaRig(rig.world)
    rig.world.server.spoil(Fault("GET", BY_NAME, strange))
    rig.world.server.spoil(Fault("GET", SOME_ORDER, strange))
    other.broker.look_up(spread.id)
    other.until(lambda: [each.is_up for each in other.links] == [True, False, True])
    assert "another order" in other.links[1].reason
    other.close()
