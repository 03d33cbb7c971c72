"""The ledger of Interactive Brokers under every row, doubling and loss of what is told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money
from allusedesk.domain.orders import (
    BrokerReport,
    OrderAcknowledged,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderStanding,
    OrderStatus,
)
from allusedesk.domain.proposals import Side
from allusedesk.execution.brokers.interactive_brokers_facts import (
    CommissionSeen,
    ErrorSeen,
    ExecutionSeen,
    Fact,
    OrderSeen,
    StatusSeen,
    without_correction,
)
from allusedesk.execution.brokers.interactive_brokers_ledger import Ledger
from allusedesk.execution.brokers.interactive_brokers_orders import Place
from allusedesk.execution.lifecycle import advance
from tests.trading import NOON, buy, order, price, put, sell

ROLL = order(buy(put()), sell(put(98)), quantity=3, limit=price("0.10"))
LEGS = (501, 502)
CLIENT, NUMBER, PERMANENT = 1, 7, 99


def shown(status: str) -> OrderSeen:
    return OrderSeen(
        CLIENT, NUMBER, PERMANENT, ROLL.id, "DU1", status, 3, False, Decimal("-0.10"), LEGS
    )


def status(name: str, filled: int) -> StatusSeen:
    return StatusSeen(CLIENT, NUMBER, PERMANENT, name, filled)


def executed(unit: int, leg: int) -> ExecutionSeen:
    instrument: Instrument = ROLL.legs[leg].instrument
    side = (Side.BUY, Side.SELL)[leg]
    name = f"0000e0d5.{unit:04x}{leg}.01.01"
    at = price("2.00") if leg == 0 else price("2.10")
    return ExecutionSeen(name, NOON, "DU1", instrument, LEGS[leg], side, 1, at, PERMANENT, ROLL.id)


def conversation(units: int) -> list[Fact]:
    """Everything the venue tells of an order that fills so many of its three units."""
    told: list[Fact] = [shown("Submitted"), status("Submitted", 0)]
    for unit in range(units):
        for leg in (0, 1):
            seen = executed(unit, leg)
            told.extend((seen, CommissionSeen(seen.id, Money(Decimal("0.65")))))
        told.append(status("Submitted" if unit < 2 else "Filled", unit + 1))
    if units < 3:
        told.extend((status("Cancelled", units), ErrorSeen(NUMBER, 202, "Order Canceled")))
    return told


def placed() -> tuple[Ledger, list[BrokerReport]]:
    told: list[BrokerReport] = []
    ledger = Ledger(told.append, lambda: NOON)
    ledger.new_line(CLIENT)
    ledger.is_level = True
    ledger.placing(ROLL, NUMBER, LEGS, Place(3, ROLL.id))
    return ledger, told


def booked(told: list[BrokerReport]) -> tuple[OrderStatus, int]:
    """What our own life of an order makes of the reports; it raises where they cannot be true."""
    mine = ROLL
    for report in told:
        assert isinstance(report, OrderAcknowledged | OrderFilled | OrderCancelled | OrderLookedUp)
        mine = advance(mine, report).order
    return mine.status, mine.quantity_filled


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 3), st.data())
def test_any_row_and_any_doubling_books_the_same(units: int, data: st.DataObject) -> None:
    facts = conversation(units)
    doubled = data.draw(st.lists(st.sampled_from(facts), max_size=6))
    ledger, told = placed()
    for fact in data.draw(st.permutations([*facts, *doubled])):
        ledger.hear(fact)
    ending = OrderStatus.FILLED if units == 3 else OrderStatus.CANCELLED
    assert booked(told) == (ending, units)
    fills = [fill.id for each in told if isinstance(each, OrderFilled) for fill in each.executions]
    assert len(fills) == len(set(fills)) == 2 * units
    assert not ledger.is_incomplete
    assert not ledger.is_live(ROLL.id)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 3), st.data())
def test_what_was_lost_is_made_good_by_one_look(units: int, data: st.DataObject) -> None:
    facts = conversation(units)
    kept = data.draw(st.lists(st.sampled_from(facts), unique_by=id, max_size=len(facts)))
    ledger, told = placed()
    for fact in kept:
        ledger.hear(fact)
    ledger.begin_look()
    name = "Filled" if units == 3 else "Cancelled"
    ledger.hear(replace(shown(name), client_id=0, number=0, filled=units))
    for fact in facts:
        if isinstance(fact, ExecutionSeen | CommissionSeen):
            ledger.hear(fact)
    ledger.end_look()
    answer = ledger.answer(ROLL.id)
    assert answer is not None
    assert answer.standing is (OrderStanding.FILLED if units == 3 else OrderStanding.CANCELLED)
    ending = OrderStatus.FILLED if units == 3 else OrderStatus.CANCELLED
    assert booked([*told, answer]) == (ending, units)


@given(st.sampled_from((100, 161, 162, 399, 404, 492, 2104, 10147, 10148, 10349, 1100)))
def test_a_code_that_refuses_nothing_ends_nothing(code: int) -> None:
    ledger, told = placed()
    ledger.hear(ErrorSeen(NUMBER, code, "something"))
    ledger.hear(ErrorSeen(NUMBER + 1, 201, "of another order"))
    assert told == []
    assert ledger.is_live(ROLL.id)


@given(st.sampled_from((103, 110, 200, 201, 203, 321, 387, 434)))
def test_a_code_that_refuses_ends_an_order_nobody_took(code: int) -> None:
    ledger, told = placed()
    ledger.hear(ErrorSeen(NUMBER, code, "no"))
    assert told == [OrderRejected(ROLL.id, "no")]
    assert not ledger.is_live(ROLL.id)


def test_an_order_that_was_taken_for_refused_comes_back() -> None:
    ledger, told = placed()
    ledger.hear(ErrorSeen(NUMBER, 110, "The price does not conform"))
    ledger.hear(status("Submitted", 0))
    assert [type(each) for each in told] == [OrderRejected, OrderAcknowledged]
    assert ledger.is_live(ROLL.id)


def test_a_unit_whose_legs_were_heard_before_and_after_the_start_is_told_whole() -> None:
    told: list[BrokerReport] = []
    ledger = Ledger(told.append, lambda: NOON)
    ledger.new_line(CLIENT)
    first, second = executed(0, 0), executed(0, 1)
    for fact in (shown("Submitted"), first, CommissionSeen(first.id, Money(Decimal("0.65")))):
        ledger.hear(fact)
    ledger.is_level = True
    for fact in (second, CommissionSeen(second.id, Money(Decimal("0.65")))):
        ledger.hear(fact)
    (done,) = told
    assert isinstance(done, OrderFilled)
    assert [fill.leg for fill in done.executions] == [0, 1]


def test_the_part_of_an_id_that_a_correction_keeps() -> None:
    assert without_correction("0000e0d5.0001.01.02") == "0000e0d5.0001.01"
    assert without_correction("plain") == "plain"
