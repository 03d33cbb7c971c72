"""Orders at Alpaca when everything goes wrong: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import NOTHING
from allusedesk.domain.orders import (
    BrokerReport,
    HeldAtBroker,
    OptionsAssigned,
    OrderAcknowledged,
    OrderAtBroker,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderRunOut,
    OrderStanding,
    OrderType,
)
from tests.doors.alpaca_rig import PATIENCE, AlpacaRig, World
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_server import SECRET, Answer, Fault, refusal
from tests.trading import STOCK, buy, call, dollars, order, price, put, sell

SALE = order(sell(put()), quantity=2)
RESTING = replace(SALE, limit=price("2.50"))
ONE = replace(RESTING, quantity=1)
PUT = "AAPL130215P00100000"
ORDERS = "/v2/orders"
SOME_ORDER = "/v2/orders/[^/]+"
GATEWAY_TIMEOUT = Answer(504, {"message": "gateway timeout"})


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


def fills(reports: list[BrokerReport]) -> list[str]:
    """Ids of every execution told by itself, in order; doubles would show."""
    told = [each for each in reports if isinstance(each, OrderFilled)]
    return [fill.id for each in told for fill in each.executions]


def units(reports: list[BrokerReport]) -> int:
    told = [each for each in reports if isinstance(each, OrderFilled)]
    return sum(fill.quantity for each in told for fill in each.executions)


def kinds(reports: list[BrokerReport]) -> list[type]:
    return [type(each) for each in reports]


# A submission whose answer is lost.


@pytest.mark.parametrize("answer", [None, GATEWAY_TIMEOUT, Answer(200, {"id": 1}, {})])
def test_an_order_whose_answer_was_lost_is_found_under_its_name(
    rig: AlpacaRig, answer: Answer | None
) -> None:
    rig.world.stream.dropped = ["pending_new", "new"]
    rig.world.server.spoil(Fault("POST", ORDERS, answer, is_done=True))
    rig.broker.place_order(RESTING)
    assert rig.settle() == [OrderAcknowledged(RESTING.id, 1)]
    assert rig.world.server.counted("POST", ORDERS) == 1
    assert len(rig.world.book.orders) == 1


def test_silence_after_an_order_is_no_verdict_and_it_is_sent_again_under_the_same_name(
    rig: AlpacaRig,
) -> None:
    rig.world.server.spoil(Fault("POST", ORDERS, GATEWAY_TIMEOUT))
    rig.broker.place_order(RESTING)
    assert rig.settle(0) == []
    rig.broker.look_up(RESTING.id)
    assert rig.settle() == [OrderLookedUp(RESTING.id, OrderStanding.NEVER_RECEIVED)]
    rig.broker.place_order(replace(RESTING, version=2))
    assert rig.settle() == [OrderAcknowledged(RESTING.id, 2)]
    assert [each.client_order_id for each in rig.world.book.orders.values()] == [RESTING.id]


def test_a_submission_that_arrives_late_after_all_is_moved_and_not_doubled(
    rig: AlpacaRig,
) -> None:
    held = rig.world.server.spoil(
        Fault("POST", ORDERS, GATEWAY_TIMEOUT, is_done=False, held=threading.Event())
    )
    assert held.held is not None
    held.held.set()
    rig.broker.place_order(RESTING)
    rig.settle(0)
    rig.broker.look_up(RESTING.id)
    rig.settle()
    # Only now the first submission reaches Alpaca, and nothing is heard of it.
    rig.world.stream.dropped = ["pending_new", "new"]
    late = rig.world.book.new_order(
        client_order_id=RESTING.id,
        symbol=PUT,
        side="sell",
        qty=2,
        type="limit",
        limit=RESTING.limit.per_unit if RESTING.limit else None,
        time_in_force="day",
        order_class="simple",
    )
    rig.world.book.place(late)
    rig.broker.place_order(replace(RESTING, version=2, limit=price("2.40")))
    rig.until(lambda: [one.limit for one in open_orders(rig)] == [price("2.40").per_unit])
    assert rig.settle()[-1] == OrderAcknowledged(RESTING.id, 2)
    rig.show(two_sided(put(), "2.50", "2.54"))
    rig.settle()
    assert units(rig.heard) == 2


def open_orders(rig: AlpacaRig) -> list[object]:
    return [one for one in rig.world.book.orders.values() if one.is_open]


def test_a_cancellation_answered_by_silence_is_done_once(rig: AlpacaRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.world.server.spoil(Fault("DELETE", SOME_ORDER, GATEWAY_TIMEOUT, is_done=True))
    rig.broker.cancel_order(RESTING.id)
    assert rig.settle() == [OrderCancelled(RESTING.id)]


# Updates that come twice, in another order, or not at all.


def test_an_update_told_twice_is_one_fill(rig: AlpacaRig) -> None:
    rig.world.stream.doubled = ["new", "fill"]
    rig.broker.place_order(SALE)
    came = rig.settle(2)
    assert kinds(came) == [OrderAcknowledged, OrderFilled]
    assert rig.settle(0) == []


def test_updates_in_the_wrong_order_end_where_the_right_ones_do(rig: AlpacaRig) -> None:
    rig.world.stream.hold()
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.world.book.show(PUT, "2.60", "2.64", size=1)
    rig.world.book.show(PUT, "2.70", "2.74", size=1)
    rig.world.stream.let_go(lambda updates: updates[::-1])
    rig.until(lambda: units(rig.heard + rig.settle(0)) == 2)
    rig.settle(0)
    assert len(set(fills(rig.heard))) == len(fills(rig.heard)) == 2
    assert kinds(rig.heard)[0] is OrderAcknowledged
    rig.broker.look_up(SALE.id)
    (answer,) = rig.settle()
    assert isinstance(answer, OrderLookedUp)
    assert answer.standing is OrderStanding.FILLED


def test_a_cancellation_told_before_its_fill_waits_for_it(rig: AlpacaRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.world.stream.hold()
    rig.world.book.show(PUT, "2.60", "2.64", size=1)
    rig.broker.cancel_order(RESTING.id)
    rig.until(lambda: not open_orders(rig))
    rig.world.stream.let_go(lambda updates: updates[::-1])
    came = rig.settle(2)
    assert kinds(came) == [OrderFilled, OrderCancelled]
    assert came[-1] == OrderCancelled(RESTING.id, 1)


def test_what_no_update_told_is_found_by_asking_now_and_then(world: World) -> None:
    rig = AlpacaRig(world, replace(PATIENCE, poll_seconds=0.1))
    rig.show(two_sided(put()))
    rig.broker.place_order(RESTING)
    rig.settle()
    world.stream.dropped = ["fill"]
    rig.show(two_sided(put(), "2.60", "2.64"))
    assert units([rig.await_report(OrderFilled)]) == 2
    rig.close()


def test_an_update_that_cannot_be_read_is_said_and_all_is_asked_anew(rig: AlpacaRig) -> None:
    rig.world.stream.tell({"event": "fill", "order": {"id": "1"}})
    rig.until(lambda: [each.is_up for each in rig.links] == [True, False, True])
    assert "lacks 'client_order_id'" in rig.links[1].reason
    rig.world.stream.tell({"event": "fill"})
    rig.until(lambda: len(rig.links) == 5)


def test_a_statement_that_cannot_be_read_puts_the_line_in_doubt(rig: AlpacaRig) -> None:
    rig.world.server.spoil(Fault("GET", "/v2/positions", Answer(200, [{"symbol": "AAPL"}])))
    rig.broker.statement()
    rig.until(lambda: [each.is_up for each in rig.links] == [True, False, True])
    assert rig.statement().held == ()


def test_a_fill_while_the_line_was_cut_is_told_once_when_it_is_back(rig: AlpacaRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.world.server.refuses_sockets = True
    rig.world.stream.disconnect()
    rig.until(lambda: len(rig.links) == 2)
    assert not rig.broker.standing().is_up
    assert "stream" in rig.broker.standing().reason
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.world.server.refuses_sockets = False
    rig.until(lambda: rig.broker.standing().is_up)
    rig.settle()
    told = rig.statement()
    assert units(rig.heard) == 2
    assert [each.is_up for each in rig.links] == [True, False, True]
    assert [fill.id for fill in told.executions] == fills(rig.heard)


def test_a_line_that_falls_silent_is_left_for_a_new_one(world: World) -> None:
    rig = AlpacaRig(world, replace(PATIENCE, silence_seconds=0.2))
    world.stream.fall_silent()
    rig.until(lambda: [each.is_up for each in rig.links] == [True, False, True])
    assert world.stream.connections == 2
    rig.close()


# Refusals and limits.


def test_a_refusal_says_alpacas_words_and_no_secret(rig: AlpacaRig) -> None:
    rig.broker.place_order(replace(SALE, quantity=11))
    (refused,) = rig.settle()
    assert isinstance(refused, OrderRejected)
    assert "insufficient options buying power" in refused.reason
    assert SECRET not in repr(refused)


def test_an_account_without_options_is_told_so(rig: AlpacaRig) -> None:
    rig.world.book.options_level = 0
    rig.broker.place_order(SALE)
    (refused,) = rig.settle()
    assert isinstance(refused, OrderRejected)
    assert "not eligible" in refused.reason


def test_an_order_sent_back_by_the_exchange_is_rejected(rig: AlpacaRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.world.book.reject(next(iter(rig.world.book.orders.values())))
    assert rig.settle() == [OrderRejected(RESTING.id, "the exchange sent it back")]


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
    rig: AlpacaRig, wanted: object, reason: str
) -> None:
    assert isinstance(wanted, type(SALE))
    rig.broker.place_order(wanted)
    (refused,) = rig.settle()
    assert isinstance(refused, OrderRejected)
    assert reason in refused.reason
    assert rig.world.server.counted("POST", ORDERS) == 0


def test_an_order_over_alpacas_limit_of_calls_is_sent_once_it_may(rig: AlpacaRig) -> None:
    too_many = Answer(429, {"message": "too many requests"}, {"Retry-After": "0.1"})
    rig.world.server.spoil(Fault("POST", ORDERS, too_many, times=2))
    rig.broker.place_order(RESTING)
    assert rig.settle() == [OrderAcknowledged(RESTING.id, 1)]
    assert rig.world.server.counted("POST", ORDERS) == 3
    assert len(rig.world.book.orders) == 1


def test_cancellations_do_not_wait_for_what_is_slow(rig: AlpacaRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False)
    rig.world.server.spoil(slow)
    rig.broker.statement()
    rig.until(lambda: rig.world.server.faults == [])
    rig.broker.cancel_order(RESTING.id)
    assert rig.settle() == [OrderCancelled(RESTING.id)]
    assert slow.held is not None
    slow.held.set()


def test_an_order_not_sent_yet_is_taken_back_without_a_word_to_alpaca(rig: AlpacaRig) -> None:
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False)
    rig.world.server.spoil(slow)
    rig.broker.statement()
    rig.until(lambda: rig.world.server.faults == [])
    rig.broker.place_order(RESTING)
    rig.broker.cancel_order(RESTING.id)
    assert rig.await_report(OrderCancelled) == OrderCancelled(RESTING.id)
    assert slow.held is not None
    slow.held.set()
    rig.settle(0)
    assert rig.world.server.counted("POST", ORDERS) == 0


# Replacements.


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
    rig.world.server.spoil(Fault("PATCH", SOME_ORDER, GATEWAY_TIMEOUT, is_done=True))
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


def cancelled_path(rig: AlpacaRig) -> str:
    return f"{ORDERS}/{next(iter(rig.world.book.orders))}"


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


# Several legs.


@pytest.mark.parametrize("tells_legs", [False, True])
@pytest.mark.parametrize("is_late", [False, True])
def test_legs_are_told_together_at_their_own_prices(
    rig: AlpacaRig, tells_legs: bool, is_late: bool
) -> None:
    rig.broker.place_order(SALE)
    rig.settle(2)
    rig.show(two_sided(put()), two_sided(put(98), "1.48", "1.52"))
    rig.world.api.tells_legs = tells_legs
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


# After a restart.


def test_a_restart_finds_its_own_orders_and_goes_on_with_them(world: World) -> None:
    first = AlpacaRig(world)
    first.show(two_sided(put()))
    first.broker.place_order(RESTING)
    first.settle()
    world.book.show(PUT, "2.60", "2.64", size=1)
    first.settle()
    first.close()
    second = AlpacaRig(world)
    (line,) = second.statement().open_orders
    assert (line.order, [fill.quantity for fill in line.executions]) == (RESTING.id, [1])
    second.broker.look_up(RESTING.id)
    (answer,) = second.settle()
    assert isinstance(answer, OrderLookedUp)
    assert answer.executions == line.executions
    world.book.show(PUT, "2.60", "2.64", size=1)
    assert units([second.await_report(OrderFilled)]) == 1
    second.close()


def test_a_restart_moves_cancels_and_completes_what_it_did_not_send_itself(world: World) -> None:
    first = AlpacaRig(world)
    first.show(two_sided(put()))
    first.broker.place_order(RESTING)
    first.settle()
    first.close()
    second = AlpacaRig(world)
    second.broker.replace_order(RESTING.id, 2, 2, price("2.40"))
    assert second.settle()[-1] == OrderAcknowledged(RESTING.id, 2)
    second.close()
    third = AlpacaRig(world)
    third.broker.cancel_order(RESTING.id)
    assert third.settle()[-1] == OrderCancelled(RESTING.id)
    third.close()
    fourth = AlpacaRig(world)
    fourth.broker.place_order(replace(RESTING, version=3))
    assert fourth.settle()[-1] == OrderAcknowledged(RESTING.id, 3)
    assert [one.client_order_id for one in world.book.orders.values()] == [
        RESTING.id,
        f"{RESTING.id}/v2",
        f"{RESTING.id}/v3",
    ]
    fourth.close()


def test_an_order_sent_again_after_a_restart_is_the_same_order(world: World) -> None:
    first = AlpacaRig(world)
    first.broker.place_order(RESTING)
    first.settle()
    first.close()
    second = AlpacaRig(world)
    second.broker.place_order(RESTING)
    assert second.settle() == [OrderAcknowledged(RESTING.id, 1)]
    assert len(world.book.orders) == 1
    second.close()


@pytest.mark.parametrize(
    ("changes", "days"),
    [({}, 1), ({"qty": 3}, 0), ({"side": "buy", "limit": dollars(1).amount}, 0)],
)
def test_an_id_that_another_desk_used_for_another_order_is_not_taken_for_ours(
    rig: AlpacaRig, changes: dict[str, Any], days: int
) -> None:
    told = {"symbol": PUT, "side": "sell", "qty": 2, "type": "limit", "time_in_force": "day"}
    told |= {"limit": dollars("2.50").amount, "order_class": "simple"} | changes
    rig.world.stream.dropped = ["pending_new", "new"]
    other = rig.world.book.new_order(client_order_id=RESTING.id, **told)
    rig.world.book.place(other)
    other.created_at -= timedelta(days=days)
    rig.broker.place_order(RESTING)
    assert rig.settle() == [OrderRejected(RESTING.id, "this id was used for another order")]


def test_an_order_of_somebody_else_is_shown_and_can_be_cancelled(rig: AlpacaRig) -> None:
    foreign = rig.world.book.new_order(
        client_order_id="from-a-telephone",
        symbol="AAPL",
        side="buy",
        qty=1,
        type="limit",
        limit=price(10).per_unit,
        time_in_force="gtc",
        order_class="simple",
    )
    rig.world.book.place(foreign)
    assert rig.settle() == [OrderAcknowledged(OrderId("from-a-telephone"), 1)]
    (line,) = rig.statement().open_orders
    assert line == OrderAtBroker(OrderId("from-a-telephone"), 1)
    rig.broker.cancel_order(line.order)
    assert rig.settle() == [OrderCancelled(line.order)]


def test_an_execution_of_an_older_order_is_on_the_statement(world: World) -> None:
    first = AlpacaRig(world)
    first.broker.place_order(RESTING)
    first.settle()
    first.close()
    (wire,) = world.book.orders.values()
    wire.created_at -= timedelta(days=30)
    world.book.show(PUT, "2.60", "2.64")
    second = AlpacaRig(world)
    (fill,) = second.statement().executions
    assert (fill.order, fill.quantity, fill.commission) == (RESTING.id, 2, NOTHING)
    second.close()


# What comes by asking alone.


@pytest.mark.parametrize(("kind", "shares"), [("OPASN", 200), ("OPEXP", 0)])
def test_assignment_and_expiry_are_told_once(world: World, kind: str, shares: int) -> None:
    rig = AlpacaRig(world, replace(PATIENCE, poll_seconds=0.1))
    rig.show(two_sided(put()))
    rig.broker.place_order(SALE)
    rig.settle(2)
    rig.statement()
    notice = world.book.take_off(kind, PUT)
    (told,) = rig.settle()
    assert (told.notice, told.contract) == (notice, put())
    if isinstance(told, OptionsAssigned):
        assert told.quantity == 2
    else:
        assert told.quantity_signed == -2
    assert rig.settle(0) == []
    statement = rig.statement()
    assert statement.notices == (told,)
    held = {line.instrument: line.quantity_signed for line in statement.held}
    assert held.get(STOCK, 0) == shares
    rig.close()


def test_a_fee_of_the_regulators_moves_cash_and_nothing_else(rig: AlpacaRig) -> None:
    rig.world.book.note("FEE", net="-0.04", description="ORF fee")
    told = rig.statement()
    assert told.cash == dollars("99999.96")
    assert told.notices == ()


def test_a_statement_is_fetched_until_alpaca_answers(rig: AlpacaRig) -> None:
    rig.world.server.spoil(Fault("GET", "/v2/positions", GATEWAY_TIMEOUT))
    assert rig.statement().cash == dollars(100_000)


def test_a_statement_is_read_again_where_something_filled_while_it_was_read(
    rig: AlpacaRig,
) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False, is_done=True)
    rig.world.server.spoil(slow)
    rig.broker.statement()
    rig.until(lambda: rig.world.server.faults == [])
    rig.show(two_sided(put(), "2.60", "2.64"))
    assert slow.held is not None
    slow.held.set()
    told = rig.statement()
    assert told.cash == dollars(100_000) + dollars(524)
    assert told.held == (HeldAtBroker(put(), -2),)
    assert [fill.quantity for fill in told.executions] == [2]


def test_a_market_order_and_shares_are_understood(rig: AlpacaRig) -> None:
    rig.show(two_sided(STOCK, "100.99", "101.01"))
    bought = order(buy(STOCK), quantity=100, limit=None, type=OrderType.MARKET, id="shares")
    rig.broker.place_order(bought)
    rig.settle(2)
    assert rig.statement().held == (HeldAtBroker(STOCK, 100),)


def test_an_order_good_for_the_day_runs_out(rig: AlpacaRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.end_session()
    assert rig.settle() == [OrderRunOut(RESTING.id)]
    rig.broker.look_up(RESTING.id)
    assert rig.settle() == [OrderLookedUp(RESTING.id, OrderStanding.CANCELLED)]
