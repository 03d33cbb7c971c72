"""Orders at Alpaca when everything goes wrong: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from allusedesk.domain.orders import (
    BrokerStatement,
    OrderAcknowledged,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderType,
)
from tests.doors.alpaca_rig import (
    ORDERS,
    PATIENCE,
    POLLING,
    PUT,
    RESTING,
    SALE,
    SOME_ORDER,
    TIMEOUT,
    AlpacaRig,
    World,
    fills,
    kinds,
    open_orders,
    units,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_server import SECRET, Answer, Fault
from tests.trading import STOCK, buy, call, order, price, put, sell


@pytest.mark.parametrize("answer", [None, TIMEOUT, Answer(200, {"id": 1}, {})])
def test_an_order_whose_answer_was_lost_is_found_under_its_name(
    alpaca: AlpacaRig, answer: Answer | None
) -> None:
    alpaca.world.stream.dropped = ["pending_new", "new"]
    alpaca.world.server.spoil(Fault("POST", ORDERS, answer, is_done=True))
    alpaca.broker.place_order(RESTING)
    assert alpaca.settle() == [OrderAcknowledged(RESTING.id, 1)]
    assert alpaca.world.server.counted("POST", ORDERS) == 1
    assert len(alpaca.world.book.orders) == 1


def test_silence_after_an_order_is_no_verdict_and_it_is_sent_again_under_the_same_name(
    alpaca: AlpacaRig,
) -> None:
    alpaca.world.server.spoil(Fault("POST", ORDERS, TIMEOUT))
    alpaca.broker.place_order(RESTING)
    assert alpaca.settle(0) == []
    alpaca.broker.look_up(RESTING.id)
    assert alpaca.settle() == [OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)]
    alpaca.broker.place_order(replace(RESTING, version=2))
    assert alpaca.settle() == [OrderAcknowledged(RESTING.id, 2)]
    assert [each.client_order_id for each in alpaca.world.book.orders.values()] == [RESTING.id]


def test_a_submission_that_arrives_late_after_all_is_moved_and_not_doubled(
    alpaca: AlpacaRig,
) -> None:
    held = alpaca.world.server.spoil(
        Fault("POST", ORDERS, TIMEOUT, is_done=False, held=threading.Event())
    )
    assert held.held is not None
    held.held.set()
    alpaca.broker.place_order(RESTING)
    alpaca.settle(0)
    alpaca.broker.look_up(RESTING.id)
    alpaca.settle()
    # Only now the first submission reaches Alpaca, and nothing is heard of it.
    alpaca.world.stream.dropped = ["pending_new", "new"]
    late = alpaca.world.book.new_order(
        client_order_id=RESTING.id,
        symbol=PUT,
        side="sell",
        qty=2,
        type="limit",
        limit=RESTING.limit.per_unit if RESTING.limit else None,
        time_in_force="day",
        order_class="simple",
    )
    alpaca.world.book.place(late)
    alpaca.broker.place_order(replace(RESTING, version=2, limit=price("2.40")))
    alpaca.until(lambda: [one.limit for one in open_orders(alpaca)] == [price("2.40").per_unit])
    assert alpaca.settle()[-1] == OrderAcknowledged(RESTING.id, 2)
    alpaca.show(two_sided(put(), "2.50", "2.54"))
    alpaca.settle()
    assert units(alpaca.heard) == 2


def test_a_cancellation_answered_by_silence_is_done_once(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.world.server.spoil(Fault("DELETE", SOME_ORDER, TIMEOUT, is_done=True))
    alpaca.broker.cancel_order(RESTING.id)
    assert alpaca.settle() == [OrderCancelled(RESTING.id)]


def test_an_update_told_twice_is_one_fill(alpaca: AlpacaRig) -> None:
    alpaca.world.stream.doubled = ["new", "fill"]
    alpaca.broker.place_order(SALE)
    came = alpaca.settle(2)
    assert kinds(came) == [OrderAcknowledged, OrderFilled]
    assert alpaca.settle(0) == []


def test_updates_in_the_wrong_order_end_where_the_right_ones_do(alpaca: AlpacaRig) -> None:
    alpaca.world.stream.hold()
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.world.book.show(PUT, "2.60", "2.64", size=1)
    alpaca.world.book.show(PUT, "2.70", "2.74", size=1)
    alpaca.world.stream.let_go(lambda updates: updates[::-1])
    alpaca.until(lambda: units(alpaca.heard + alpaca.settle(0)) == 2)
    alpaca.settle(0)
    assert len(set(fills(alpaca.heard))) == len(fills(alpaca.heard)) == 2
    assert kinds(alpaca.heard)[0] is OrderAcknowledged
    alpaca.broker.look_up(SALE.id)
    (answer,) = alpaca.settle()
    assert isinstance(answer, OrderLookedUp)
    assert answer.standing is OrderStanding.FILLED


def test_a_cancellation_told_before_its_fill_waits_for_it(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.world.stream.hold()
    alpaca.world.book.show(PUT, "2.60", "2.64", size=1)
    alpaca.broker.cancel_order(RESTING.id)
    alpaca.until(lambda: not open_orders(alpaca))
    alpaca.world.stream.let_go(lambda updates: updates[::-1])
    came = alpaca.settle(2)
    assert kinds(came) == [OrderFilled, OrderCancelled]
    assert came[-1] == OrderCancelled(RESTING.id, 1)


def test_what_no_update_told_is_found_by_asking_now_and_then(world: World) -> None:
    rig = AlpacaRig(world, POLLING)
    rig.show(two_sided(put()))
    rig.broker.place_order(RESTING)
    rig.settle()
    world.stream.dropped = ["fill"]
    rig.show(two_sided(put(), "2.60", "2.64"))
    assert units([rig.await_report(OrderFilled)]) == 2
    rig.close()


def test_an_update_that_cannot_be_read_is_said_and_all_is_asked_anew(alpaca: AlpacaRig) -> None:
    alpaca.world.stream.tell({"event": "fill", "order": {"id": "1"}})
    alpaca.until(lambda: [each.is_up for each in alpaca.links] == [True, False, True])
    assert "lacks 'client_order_id'" in alpaca.links[1].reason
    alpaca.world.stream.tell({"event": "fill"})
    alpaca.until(lambda: len(alpaca.links) == 5)


def test_a_statement_that_cannot_be_read_puts_the_line_in_doubt(alpaca: AlpacaRig) -> None:
    alpaca.world.server.spoil(Fault("GET", "/v2/positions", Answer(200, [{"symbol": "AAPL"}])))
    alpaca.broker.statement()
    alpaca.until(lambda: [each.is_up for each in alpaca.links] == [True, False, True])
    assert alpaca.statement().held == ()


def test_a_fill_while_the_line_was_cut_is_told_once_when_it_is_back(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.world.server.refuses_sockets = True
    alpaca.world.stream.disconnect()
    alpaca.until(lambda: len(alpaca.links) == 2)
    assert not alpaca.broker.standing().is_up
    assert "stream" in alpaca.broker.standing().reason
    alpaca.show(two_sided(put(), "2.60", "2.64"))
    alpaca.world.server.refuses_sockets = False
    alpaca.until(lambda: alpaca.broker.standing().is_up)
    alpaca.settle()
    told = alpaca.statement()
    assert units(alpaca.heard) == 2
    assert [each.is_up for each in alpaca.links] == [True, False, True]
    assert [fill.id for fill in told.executions] == fills(alpaca.heard)


def test_a_line_that_falls_silent_is_left_for_a_new_one(world: World) -> None:
    rig = AlpacaRig(world, replace(PATIENCE, silence_seconds=0.2))
    world.stream.fall_silent()
    rig.until(lambda: [each.is_up for each in rig.links] == [True, False, True])
    assert world.stream.connections == 2
    rig.close()


def test_a_refusal_says_alpacas_words_and_no_secret(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(replace(SALE, quantity=11))
    (refused,) = alpaca.settle()
    assert isinstance(refused, OrderRejected)
    assert "insufficient options buying power" in refused.reason
    assert SECRET not in repr(refused)


def test_an_account_without_options_is_told_so(world: World) -> None:
    world.book.options_level = 0
    rig = AlpacaRig(world)
    rig.broker.place_order(SALE)
    (refused,) = rig.settle()
    assert isinstance(refused, OrderRejected)
    assert "not eligible" in refused.reason
    assert "apply for a level" in refused.reason
    rig.broker.place_order(order(sell(STOCK), quantity=1, limit=price(1), id="shares"))
    (refused,) = rig.settle()
    assert isinstance(refused, OrderRejected)
    assert "level" not in refused.reason
    rig.close()


def test_a_question_asked_many_times_while_nobody_answers_is_asked_once(alpaca: AlpacaRig) -> None:
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False)
    alpaca.world.server.spoil(slow)
    alpaca.broker.statement()
    alpaca.until(lambda: alpaca.world.server.faults == [])
    for _ in range(30):
        alpaca.broker.look_up(RESTING.id)
        alpaca.broker.statement()
    assert slow.held is not None
    slow.held.set()
    came = alpaca.settle(3)
    assert kinds(came).count(OrderLookedUp) == 1
    assert kinds(came).count(BrokerStatement) == 2


def test_an_order_sent_back_by_the_exchange_is_rejected(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.world.book.reject(next(iter(alpaca.world.book.orders.values())))
    assert alpaca.settle() == [OrderRejected(RESTING.id, "the exchange sent it back")]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (replace(SALE, type=OrderType.STOP), "stop"),
        (replace(SALE, limit=None), "names a limit"),
        (order(*[sell(put(100 - n)) for n in range(5)]), "at most 4 legs"),
        (order(sell(put()), buy(put())), "at most 4 legs"),
        (order(buy(STOCK), sell(call())), "no shares"),
    ],
)
def test_what_alpaca_has_no_words_for_is_not_sent(
    alpaca: AlpacaRig, wanted: object, reason: str
) -> None:
    assert isinstance(wanted, type(SALE))
    alpaca.broker.place_order(wanted)
    (refused,) = alpaca.settle()
    assert isinstance(refused, OrderRejected)
    assert reason in refused.reason
    assert alpaca.world.server.counted("POST", ORDERS) == 0


def test_an_order_over_alpacas_limit_of_calls_is_sent_once_it_may(alpaca: AlpacaRig) -> None:
    too_many = Answer(429, {"message": "too many requests"}, {"Retry-After": "0.1"})
    alpaca.world.server.spoil(Fault("POST", ORDERS, too_many, times=2))
    alpaca.broker.place_order(RESTING)
    assert alpaca.settle() == [OrderAcknowledged(RESTING.id, 1)]
    assert alpaca.world.server.counted("POST", ORDERS) == 3
    assert len(alpaca.world.book.orders) == 1


def test_cancellations_do_not_wait_for_what_is_slow(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False)
    alpaca.world.server.spoil(slow)
    alpaca.broker.statement()
    alpaca.until(lambda: alpaca.world.server.faults == [])
    alpaca.broker.cancel_order(RESTING.id)
    assert alpaca.settle() == [OrderCancelled(RESTING.id)]
    assert slow.held is not None
    slow.held.set()


def test_an_order_not_sent_yet_is_taken_back_without_a_word_to_alpaca(alpaca: AlpacaRig) -> None:
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False)
    alpaca.world.server.spoil(slow)
    alpaca.broker.statement()
    alpaca.until(lambda: alpaca.world.server.faults == [])
    alpaca.broker.place_order(RESTING)
    alpaca.broker.cancel_order(RESTING.id)
    assert alpaca.await_report(OrderCancelled) == OrderCancelled(RESTING.id)
    assert slow.held is not None
    slow.held.set()
    alpaca.settle(0)
    assert alpaca.world.server.counted("POST", ORDERS) == 0
