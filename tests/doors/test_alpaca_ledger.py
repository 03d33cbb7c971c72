"""What is known of an order at Alpaca, in whatever order and however often it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.orders import (
    BrokerReport,
    OrderAcknowledged,
    OrderCancelled,
    OrderFilled,
    OrderLookedUp,
    OrderRunOut,
    OrderStanding,
)
from allusedesk.execution.brokers.alpaca_ledger import KnownOrder, OrderLedger
from allusedesk.execution.brokers.alpaca_words import Execution, WireLeg, WireOrder
from tests.trading import NOON, order, price, put, sell

ORDER = order(sell(put()), quantity=5)
LEG = WireLeg("a", "AAPL130215P00100000", "sell", "sell_to_open")
WIRE = WireOrder(
    id="a",
    name=ORDER.id,
    status="new",
    quantity=5,
    filled=0,
    type="limit",
    limit=price("2.00").per_unit,
    time_in_force="day",
    legs=(LEG,),
    replaces="",
    replaced_by="",
    created_at=NOON,
    is_leg=False,
)


def execution(filled: int, quantity: int, leg: str = "a", at: str = "2.00") -> Execution:
    return Execution(leg, filled, quantity, price(at), NOON + timedelta(seconds=filled))


def test_a_word_that_comes_late_takes_nothing_back() -> None:
    ledger = OrderLedger()
    known = ledger.hear(replace(WIRE, status="partially_filled", filled=2))
    assert known is not None
    ledger.hear(replace(WIRE, status="partially_filled", filled=1))
    assert known.filled == 2
    ledger.hear(replace(WIRE, status="canceled", filled=2))
    ledger.hear(replace(WIRE, status="partially_filled", filled=2))
    assert known.open_wire is None
    late = replace(WIRE, id="b", name=f"{ORDER.id}/v2")
    ledger.hear(late)
    ledger.hear(replace(late, status="pending_new"))
    assert known.open_wire == late


def test_the_first_telling_of_an_execution_stands() -> None:
    ledger = OrderLedger()
    known = ledger.hear(replace(WIRE, status="filled", filled=5))
    assert known is not None
    first = execution(5, 5)
    ledger.add(first)
    ledger.add(replace(first, at=NOON + timedelta(hours=1)))
    assert [fill.filled_at for fill in known.whole_fills()] == [first.at]
    assert ledger.add(execution(1, 1, leg="nobody")) is None


def test_a_successor_that_is_not_known_yet_leaves_the_answer_open() -> None:
    ledger = OrderLedger()
    known = ledger.hear(replace(WIRE, status="replaced", replaced_by="b"))
    assert known is not None
    assert known.looked_up() is None
    assert known.news() == []


@pytest.mark.parametrize(
    ("refused", "is_taken_back", "standing"),
    [
        ("", False, OrderStanding.NEVER_RECEIVED),
        ("no such symbol", False, OrderStanding.REJECTED),
        # We took it back before anything of it was known there, whatever was said of it.
        ("", True, OrderStanding.CANCELLED),
        ("no such symbol", True, OrderStanding.CANCELLED),
    ],
)
def test_an_order_of_which_nothing_is_known_there_stands_as_it_was_left(
    refused: str, is_taken_back: bool, standing: OrderStanding
) -> None:
    known = KnownOrder(ORDER.id, refused=refused, is_taken_back=is_taken_back)
    told = known.looked_up()
    assert told is not None
    assert told.standing is standing


def test_an_order_told_without_its_legs_keeps_those_it_had_or_is_in_doubt() -> None:
    ledger = OrderLedger()
    legs = (LEG, replace(LEG, id="b", symbol="AAPL130215P00098000", side="buy"))
    whole = replace(WIRE, id="parent", legs=legs)
    bare = replace(whole, legs=(), status="canceled")
    unknown = ledger.hear(bare)
    assert unknown is not None
    assert unknown.is_in_doubt
    assert unknown.wires == {}
    known = ledger.hear(whole)
    assert known is unknown
    ledger.hear(bare)
    assert known.wires["parent"] == replace(whole, status="canceled")
    assert ledger.hear(replace(WIRE, is_leg=True)) is known
    assert ledger.hear(replace(WIRE, id="stray", is_leg=True)) is None


@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
    st.sampled_from(["canceled", "expired", "filled"]),
    st.data(),
)
def test_any_order_and_any_doubling_of_words_tell_the_same_once(
    sizes: list[int], ending: str, data: st.DataObject
) -> None:
    total = sum(sizes)
    whole = total if ending == "filled" else total + 1
    wire = replace(WIRE, quantity=whole)
    words: list[WireOrder | Execution] = [wire, replace(wire, status="pending_new")]
    filled = 0
    for size in sizes:
        filled += size
        words.append(replace(wire, status="partially_filled", filled=filled))
        words.append(execution(filled, size))
    end = replace(wire, status=ending, filled=total)
    words.append(end)
    doubled = [*words, *data.draw(st.lists(st.sampled_from(words), max_size=6))]
    told: list[BrokerReport] = []
    ledger = OrderLedger()
    known = ledger.order(ORDER.id)
    for word in [*data.draw(st.permutations(doubled)), *words]:
        if isinstance(word, Execution):
            ledger.add(word)
        else:
            ledger.hear(word)
        told.extend(known.news())
    fills = [fill for each in told if isinstance(each, OrderFilled) for fill in each.executions]
    assert len({fill.id for fill in fills}) == len(fills) == len(sizes)
    assert sum(fill.quantity for fill in fills) == total
    ends = [each for each in told if isinstance(each, OrderCancelled | OrderRunOut)]
    expected = {"canceled": [OrderCancelled(ORDER.id, total)], "expired": [OrderRunOut(ORDER.id)]}
    assert ends == expected.get(ending, [])
    assert sum(isinstance(each, OrderAcknowledged) for each in told) <= 1
    answer = known.looked_up()
    assert isinstance(answer, OrderLookedUp)
    assert {fill.id for fill in answer.executions} == {fill.id for fill in fills}


@given(st.permutations(range(6)), st.lists(st.integers(1, 2), min_size=3, max_size=3))
def test_legs_are_told_only_as_far_as_they_were_filled_alike(
    turns: list[int], sizes: list[int]
) -> None:
    legs = (LEG, replace(LEG, id="b", symbol="AAPL130215P00098000", side="buy"))
    total = sum(sizes)
    wire = replace(WIRE, id="parent", legs=legs, quantity=total, filled=total, status="filled")
    words = []
    for leg in ("a", "b"):
        filled = 0
        for size in sizes if leg == "a" else sizes[::-1]:
            filled += size
            words.append(execution(filled, size, leg))
    ledger = OrderLedger()
    known = ledger.hear(wire)
    assert known is not None
    told = {0: 0, 1: 0}
    for turn in turns:
        ledger.add(words[turn])
        for report in known.news():
            if isinstance(report, OrderFilled):
                for fill in report.executions:
                    told[fill.leg] += fill.quantity
                assert told[0] == told[1]
    assert told == {0: total, 1: total}
