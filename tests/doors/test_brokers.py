"""What every broker must do, whoever it is; a new door adds its rig to `RIGS` here.

A live door is told of the same orders over its vendor's own client and a server on 127.0.0.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from allusedesk.domain.orders import (
    HeldAtBroker,
    Order,
    OrderAcknowledged,
    OrderAtBroker,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderRunOut,
    OrderStanding,
)
from tests.doors.alpaca_rig import AlpacaRig
from tests.doors.broker_rigs import BrokerRig, Rig, two_sided
from tests.doors.interactive_brokers_rig import InteractiveBrokersRig
from tests.trading import buy, dollars, order, price, put, sell

SALE = order(sell(put()), quantity=2)
RESTING = replace(SALE, limit=price("2.50"))
# Each makes a broker that is ready to trade, with 100,000 USD and nothing held.
RIGS: dict[str, Callable[[], BrokerRig]] = {
    "alpaca": AlpacaRig,
    "simulated": Rig,
    "interactive brokers": InteractiveBrokersRig,
}


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[BrokerRig]:
    made = RIGS[request.param]()
    try:
        made.show(two_sided(put()))
        yield made
    finally:
        made.close()


def filled(rig: BrokerRig, order_id: str) -> int:
    reports = [each for each in rig.heard if isinstance(each, OrderFilled)]
    return sum(f.quantity for each in reports if each.order == order_id for f in each.executions)


def test_an_order_is_acknowledged_then_filled_and_both_sides_agree(rig: BrokerRig) -> None:
    rig.broker.place_order(SALE)
    acknowledged, done = rig.settle(2)
    assert acknowledged == OrderAcknowledged(SALE.id, 1)
    assert isinstance(done, OrderFilled)
    (execution,) = done.executions
    assert (execution.order, execution.leg, execution.quantity) == (SALE.id, 0, 2)
    assert execution.price >= price("2.00")
    told = rig.statement()
    assert told.held == (HeldAtBroker(put(), -2),)
    assert told.cash == dollars(100_000) + dollars(400) - execution.commission
    assert told.open_orders == ()
    assert told.executions == (execution,)


def test_an_order_beyond_the_market_rests_and_stands_on_the_statement(rig: BrokerRig) -> None:
    rig.broker.place_order(RESTING)
    assert rig.settle() == [OrderAcknowledged(SALE.id, 1)]
    assert rig.statement().open_orders == (OrderAtBroker(SALE.id, 1),)
    rig.broker.look_up(SALE.id)
    assert rig.settle() == [OrderLookedUp(SALE.id, OrderStanding.WORKING)]
    rig.show(two_sided(put(), "2.60", "2.64"))
    (done,) = rig.settle()
    assert isinstance(done, OrderFilled)


def test_the_same_order_sent_twice_is_one_order(rig: BrokerRig) -> None:
    rig.broker.place_order(RESTING)
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.broker.place_order(RESTING)
    rig.settle()
    assert filled(rig, SALE.id) == 2


def test_one_id_for_another_order_is_rejected(rig: BrokerRig) -> None:
    rig.broker.place_order(RESTING)
    rig.broker.place_order(replace(RESTING, quantity=1))
    came = rig.settle(2)
    assert [type(each) for each in came] == [OrderAcknowledged, OrderRejected]


def test_an_order_is_moved_and_an_older_version_is_ignored(rig: BrokerRig) -> None:
    rig.broker.place_order(RESTING)
    rig.broker.replace_order(SALE.id, 3, 2, price("2.40"))
    rig.broker.replace_order(SALE.id, 2, 2, price("1.00"))
    rig.broker.place_order(RESTING)
    came = rig.settle(2)
    assert came == [OrderAcknowledged(SALE.id, 1), OrderAcknowledged(SALE.id, 3)]
    rig.show(two_sided(put(), "2.38", "2.42"))
    rig.settle()
    assert filled(rig, SALE.id) == 2


def test_a_cancelled_order_fills_no_more(rig: BrokerRig) -> None:
    rig.broker.place_order(RESTING)
    rig.broker.cancel_order(SALE.id)
    assert rig.settle(2)[-1] == OrderCancelled(SALE.id)
    rig.show(two_sided(put(), "2.60", "2.64"))
    rig.broker.look_up(SALE.id)
    assert rig.settle() == [OrderLookedUp(SALE.id, OrderStanding.CANCELLED)]
    assert rig.statement().open_orders == ()


def test_the_next_version_of_a_cancelled_order_fills_what_is_missing_only(rig: BrokerRig) -> None:
    rig.broker.place_order(RESTING)
    rig.broker.cancel_order(SALE.id)
    rig.settle()
    rig.broker.place_order(replace(RESTING, version=2, limit=price("2.00")))
    rig.settle()
    assert filled(rig, SALE.id) == 2
    rig.broker.place_order(replace(RESTING, version=3, limit=price("2.00")))
    assert [type(each) for each in rig.settle()] == [OrderRejected]
    assert filled(rig, SALE.id) == 2


def test_an_order_it_never_had_is_said_to_be_unknown(rig: BrokerRig) -> None:
    rig.broker.look_up(SALE.id)
    assert rig.settle() == [OrderLookedUp(SALE.id, OrderStanding.NEVER_RECEIVED)]


def test_an_answer_about_an_order_brings_its_executions(rig: BrokerRig) -> None:
    rig.broker.place_order(SALE)
    rig.settle()
    rig.broker.look_up(SALE.id)
    (answer,) = rig.settle()
    assert isinstance(answer, OrderLookedUp)
    assert answer.standing is OrderStanding.FILLED
    assert answer.executions == rig.statement().executions


@pytest.mark.parametrize(
    "wanted",
    [
        replace(SALE, quantity=11),
        order(sell(put()), limit=price("2.00"), quantity=0),
        order(buy(put()), limit=price("-1200"), quantity=1),
    ],
)
def test_what_the_account_cannot_bear_is_rejected(rig: BrokerRig, wanted: Order) -> None:
    rig.broker.place_order(wanted)
    assert [type(each) for each in rig.settle()] == [OrderRejected]
    rig.broker.look_up(wanted.id)
    assert rig.settle() == [OrderLookedUp(wanted.id, OrderStanding.REJECTED)]


def test_a_day_order_ends_with_the_session(rig: BrokerRig) -> None:
    rig.broker.place_order(RESTING)
    rig.settle()
    rig.end_session()
    assert rig.settle() == [OrderRunOut(SALE.id)]
    rig.broker.place_order(replace(RESTING, id=RESTING.id + "b"))
    (rejected,) = rig.settle()
    assert isinstance(rejected, OrderRejected)
    assert "closed" in rejected.reason


def test_two_legs_fill_together_or_not_at_all(rig: BrokerRig) -> None:
    rig.broker.place_order(SALE)
    rig.settle()
    later = put(98)
    roll = order(buy(put()), sell(later), quantity=2, id=SALE.id + "r", limit=price("0.10"))
    rig.broker.place_order(roll)
    rig.settle()
    rig.show(two_sided(later, "2.00", "2.04"))
    assert rig.settle(0) == []
    rig.show(two_sided(later, "2.12", "2.16"), two_sided(put()))
    (done,) = rig.settle()
    assert isinstance(done, OrderFilled)
    assert [(each.leg, each.quantity) for each in done.executions] == [(0, 2), (1, 2)]
    assert rig.statement().held == (HeldAtBroker(later, -2),)
