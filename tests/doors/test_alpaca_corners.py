"""Alpaca's door where two things go wrong at once, or one at an unlucky moment."""

from __future__ import annotations

import threading
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
    looked_up,
    resting,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_json import order_json
from tests.doors.servers.alpaca_server import Answer, Fault, refusal
from tests.trading import buy, order, price, put, sell


def test_the_door_never_knows_when_something_comes(alpaca: AlpacaRig) -> None:
    assert alpaca.broker.next_event_at() is None


def test_silence_upon_silence_is_still_no_verdict(alpaca: AlpacaRig) -> None:
    alpaca.world.server.spoil(Fault("POST", ORDERS, TIMEOUT, is_done=True))
    alpaca.world.server.spoil(Fault("GET", BY_NAME, TIMEOUT))
    alpaca.world.stream.dropped = ["pending_new", "new"]
    alpaca.broker.place_order(RESTING)
    assert alpaca.settle(0) == []
    assert looked_up(alpaca) == [OrderLookedUp(RESTING.id, OrderStanding.WORKING)]


def test_a_question_alpaca_refuses_to_answer_is_not_answered(alpaca: AlpacaRig) -> None:
    alpaca.world.server.spoil(Fault("GET", BY_NAME, refusal(403, 40310000, "forbidden")))
    alpaca.broker.look_up(RESTING.id)
    assert alpaca.settle(0) == []


def test_an_order_it_never_had_cannot_be_cancelled(alpaca: AlpacaRig) -> None:
    alpaca.broker.cancel_order(RESTING.id)
    assert alpaca.settle() == [OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)]


def test_an_order_sent_in_vain_and_taken_back_before_the_next_try(alpaca: AlpacaRig) -> None:
    alpaca.world.server.spoil(Fault("POST", ORDERS, TIMEOUT))
    alpaca.broker.place_order(RESTING)
    alpaca.settle(0)
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False)
    alpaca.world.server.spoil(slow)
    alpaca.broker.statement()
    alpaca.until(lambda: alpaca.world.server.faults == [])
    alpaca.broker.place_order(replace(RESTING, version=2))
    alpaca.broker.cancel_order(RESTING.id)
    assert alpaca.settle()[0] == OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)
    assert slow.held is not None
    slow.held.set()
    alpaca.settle(0)
    assert alpaca.world.book.orders == {}


def test_a_cancellation_that_comes_too_late_brings_the_fill_nobody_told(alpaca: AlpacaRig) -> None:
    resting(alpaca)
    alpaca.world.stream.dropped = ["fill"]
    alpaca.show(two_sided(put(), "2.60", "2.64"))
    alpaca.broker.cancel_order(RESTING.id)
    (done,) = alpaca.settle()
    assert isinstance(done, OrderFilled)


def test_a_cancellation_refused_while_another_is_on_its_way_waits_for_that(
    alpaca: AlpacaRig,
) -> None:
    resting(alpaca)
    alpaca.world.server.spoil(Fault("DELETE", SOME_ORDER, refusal(422, 42210000, "pending")))
    alpaca.broker.cancel_order(RESTING.id)
    assert alpaca.settle(0) == []
    alpaca.broker.cancel_order(RESTING.id)
    assert alpaca.settle() == [OrderCancelled(RESTING.id)]


def test_a_version_that_is_over_is_not_sent_again(alpaca: AlpacaRig) -> None:
    resting(alpaca)
    alpaca.broker.cancel_order(RESTING.id)
    alpaca.settle()
    alpaca.broker.place_order(RESTING)
    assert alpaca.settle(0) == []
    assert len(alpaca.world.book.orders) == 1


def test_a_list_that_is_none_puts_the_line_in_doubt(alpaca: AlpacaRig) -> None:
    alpaca.world.server.spoil(Fault("GET", "/v2/positions", Answer(200, {})))
    alpaca.broker.statement()
    alpaca.until(lambda: [each.is_up for each in alpaca.links] == [True, False, True])
    assert "no list" in alpaca.links[1].reason


def test_an_account_that_is_blocked_meanwhile_keeps_the_line_down(alpaca: AlpacaRig) -> None:
    alpaca.world.book.account = {"account_blocked": True}
    alpaca.world.stream.disconnect()
    alpaca.until(lambda: "blocked" in alpaca.broker.standing().reason)
    alpaca.world.book.account = {}
    alpaca.until(lambda: alpaca.broker.standing().is_up)


def test_a_line_that_is_up_is_not_told_up_again(alpaca: AlpacaRig) -> None:
    alpaca.broker._listening()
    alpaca.settle(0)
    assert [each.is_up for each in alpaca.links] == [True]


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
    alpaca: AlpacaRig, changes: dict[str, Any]
) -> None:
    alpaca.show(two_sided(put(98), "1.48", "1.52"))
    spread = order(buy(put()), sell(put(98)), quantity=1, limit=price("0.40"))
    alpaca.broker.place_order(spread)
    alpaca.settle()
    (row,) = [order_json(one) for one in alpaca.world.book.orders.values()]
    strange = Answer(200, row | changes)
    alpaca.close()
    other = AlpacaRig(alpaca.world)
    alpaca.world.server.spoil(Fault("GET", BY_NAME, strange))
    alpaca.world.server.spoil(Fault("GET", SOME_ORDER, strange))
    other.broker.look_up(spread.id)
    other.until(lambda: [each.is_up for each in other.links] == [True, False, True])
    assert "another order" in other.links[1].reason
    other.close()
