"""Alpaca after a restart, its statements, and what comes by asking alone."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.money import NOTHING
from allusedesk.domain.orders import (
    CashCharged,
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
from tests.doors.alpaca_rig import (
    POLLING,
    PUT,
    RESTING,
    SALE,
    TIMEOUT,
    AlpacaRig,
    World,
    limits,
    resting,
    units,
)
from tests.doors.broker_rigs import two_sided
from tests.doors.servers.alpaca_server import Fault
from tests.trading import STOCK, buy, dollars, order, price, put


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
    alpaca: AlpacaRig, changes: dict[str, Any], days: int
) -> None:
    told = {"symbol": PUT, "side": "sell", "qty": 2, "type": "limit", "time_in_force": "day"}
    told |= {"limit": dollars("2.50").amount, "order_class": "simple"} | changes
    alpaca.world.stream.dropped = ["pending_new", "new"]
    other = alpaca.world.book.new_order(client_order_id=RESTING.id, **told)
    alpaca.world.book.place(other)
    other.created_at -= timedelta(days=days)
    alpaca.broker.place_order(RESTING)
    assert alpaca.settle() == [OrderRejected(RESTING.id, "this id was used for another order")]


def test_an_order_of_somebody_else_is_shown_and_can_be_cancelled(alpaca: AlpacaRig) -> None:
    foreign = alpaca.world.book.new_order(
        client_order_id="from-a-telephone",
        symbol="AAPL",
        side="buy",
        qty=1,
        type="limit",
        limit=price(10).per_unit,
        time_in_force="gtc",
        order_class="simple",
    )
    alpaca.world.book.place(foreign)
    assert alpaca.settle() == [OrderAcknowledged(OrderId("from-a-telephone"), 1)]
    (line,) = alpaca.statement().open_orders
    assert line == OrderAtBroker(OrderId("from-a-telephone"), 1)
    alpaca.broker.cancel_order(line.order)
    assert alpaca.settle() == [OrderCancelled(line.order)]


def test_what_others_traded_before_the_desk_came_is_no_execution_of_its_statement(
    world: World,
) -> None:
    world.book.show("AAPL", "9.98", "10.02")
    told = {"symbol": "AAPL", "qty": 1, "type": "market", "limit": None, "order_class": "simple"}
    told |= {"side": "buy", "time_in_force": "day"}
    world.book.place(world.book.new_order(client_order_id="before", **told))
    rig = AlpacaRig(world)
    statement = rig.statement()
    assert statement.executions == ()
    assert statement.held == (HeldAtBroker(STOCK, 1),)
    world.book.place(world.book.new_order(client_order_id="meanwhile", **told))
    rig.settle()
    assert [fill.order for fill in rig.statement().executions] == ["meanwhile"]
    rig.close()


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


@pytest.mark.parametrize(("kind", "shares"), [("OPASN", 200), ("OPEXP", 0)])
def test_assignment_and_expiry_are_told_once(world: World, kind: str, shares: int) -> None:
    rig = AlpacaRig(world, POLLING)
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


def test_a_fee_of_the_regulators_moves_cash_and_nothing_else(alpaca: AlpacaRig) -> None:
    name = alpaca.world.book.note("FEE", net="-0.04", description="ORF fee")
    told = alpaca.statement()
    assert told.cash == dollars("99999.96")
    (charge,) = told.notices
    assert isinstance(charge, CashCharged)
    assert (charge.notice, charge.amount) == (name, dollars("-0.04"))
    assert charge.reason == "fee (ORF fee)"


def test_a_statement_is_fetched_until_alpaca_answers(alpaca: AlpacaRig) -> None:
    alpaca.world.server.spoil(Fault("GET", "/v2/positions", TIMEOUT))
    assert alpaca.statement().cash == dollars(100_000)


def test_a_statement_is_read_again_where_something_filled_while_it_was_read(
    alpaca: AlpacaRig,
) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False, is_done=True)
    alpaca.world.server.spoil(slow)
    alpaca.broker.statement()
    alpaca.until(lambda: alpaca.world.server.faults == [])
    alpaca.show(two_sided(put(), "2.60", "2.64"))
    assert slow.held is not None
    slow.held.set()
    told = alpaca.statement()
    assert told.cash == dollars(100_000) + dollars(524)
    assert told.held == (HeldAtBroker(put(), -2),)
    assert [fill.quantity for fill in told.executions] == [2]


def test_a_statement_is_of_the_instant_its_reading_began(alpaca: AlpacaRig) -> None:
    slow = Fault("GET", "/v2/positions", held=threading.Event(), is_spoilt=False, is_done=True)
    alpaca.world.server.spoil(slow)
    began = alpaca.world.read_clock()
    alpaca.broker.statement()
    alpaca.until(lambda: alpaca.world.server.faults == [])
    waited_until = alpaca.world.read_clock()
    assert slow.held is not None
    slow.held.set()
    assert began <= alpaca.statement().as_of < waited_until


def test_a_market_order_and_shares_are_understood(alpaca: AlpacaRig) -> None:
    alpaca.show(two_sided(STOCK, "100.99", "101.01"))
    bought = order(buy(STOCK), quantity=100, limit=None, type=OrderType.MARKET, id="shares")
    alpaca.broker.place_order(bought)
    alpaca.settle(2)
    assert alpaca.statement().held == (HeldAtBroker(STOCK, 100),)


def test_an_order_good_for_the_day_runs_out(alpaca: AlpacaRig) -> None:
    alpaca.broker.place_order(RESTING)
    alpaca.settle()
    alpaca.end_session()
    assert alpaca.settle() == [OrderRunOut(RESTING.id)]
    alpaca.broker.look_up(RESTING.id)
    assert alpaca.settle() == [OrderLookedUp(RESTING.id, OrderStanding.CANCELLED)]


def test_executions_that_show_late_are_waited_for(alpaca: AlpacaRig) -> None:
    resting(alpaca)
    alpaca.world.stream.dropped = ["fill"]
    alpaca.world.book.is_activity_late = True
    alpaca.show(two_sided(put(), "2.60", "2.64"))
    alpaca.broker.look_up(RESTING.id)
    activities = "/v2/account/activities"
    alpaca.until(lambda: alpaca.world.server.counted("GET", activities) >= 2)
    alpaca.world.book.let_activities_come()
    answer = alpaca.await_report(OrderLookedUp)
    assert (answer.standing, len(answer.executions)) == (OrderStanding.FILLED, 1)


def test_no_answer_is_given_while_executions_do_not_show(alpaca: AlpacaRig) -> None:
    resting(alpaca)
    alpaca.world.stream.dropped = ["fill"]
    alpaca.world.book.is_activity_late = True
    alpaca.show(two_sided(put(), "2.60", "2.64"))
    alpaca.broker.look_up(RESTING.id)
    activities = "/v2/account/activities"
    alpaca.until(lambda: alpaca.world.server.counted("GET", activities) == 4)
    alpaca.until(lambda: not alpaca._is_busy())
    assert alpaca.settle(0) == []


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
    alpaca: AlpacaRig,
) -> None:
    resting(alpaca)
    alpaca.show(two_sided(put(), "2.60", "2.64"))
    alpaca.settle()
    (row,) = alpaca.world.book.activities
    alpaca.world.book.activities.append(row | {"order_id": "nobody", "id": "x"})
    assert len(alpaca.statement().executions) == 1


def test_a_statement_is_taken_as_it_is_where_executions_never_rest(
    alpaca: AlpacaRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = iter(range(100))
    read = alpaca.broker._statements._read

    def restless(calls: Any) -> frozenset[str]:
        read(calls)
        return frozenset({str(next(seen))})

    monkeypatch.setattr(alpaca.broker._statements, "_read", restless)
    assert alpaca.statement().held == ()
    assert next(seen) == 6


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
