"""What a broker or a feed says, spoilt: read, or refused as what it is, and never half."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.execution.brokers.alpaca_account import read_hours
from allusedesk.execution.brokers.alpaca_rest import _words_of
from allusedesk.execution.brokers.alpaca_words import (
    Unreadable,
    WireOrder,
    amount_of,
    fill_of,
    instant_of,
    read_execution,
    read_name,
    read_notice,
    read_order,
    read_position,
    read_update,
)
from allusedesk.market.feeds import alpaca_wire
from tests.hostile.spoiling import CELLS, fuzzed, in_time, is_plain

ORDER: dict[str, Any] = {
    "id": "w1", "client_order_id": "2013-W07/F1.gen/P1/O1/v2", "status": "partially_filled",
    "qty": "3", "filled_qty": "1", "type": "limit", "limit_price": "2.05", "time_in_force": "day",
    "order_class": "simple", "symbol": "AAPL130215P00100000", "side": "sell",
    "position_intent": "sell_to_open", "created_at": "2013-02-12T17:00:00.123456789Z",
    "replaces": None, "replaced_by": None, "legs": None,
}  # fmt: skip
SPREAD = {
    **ORDER, "order_class": "mleg", "symbol": None, "side": None,
    "legs": [{**ORDER, "id": "w2"}, {**ORDER, "id": "w3", "side": "buy"}],
}  # fmt: skip
UPDATE = {"event": "fill", "qty": "1", "price": "2.05", "timestamp": "2013-02-12T17:00:00.1Z"}
EXECUTION = {
    "order_id": "w1", "cum_qty": "2", "qty": "1", "price": "2.05",
    "transaction_time": "2013-02-12T17:00:00Z",
}  # fmt: skip
NOTICE = {
    "id": "n1", "activity_type": "OPASN", "symbol": "AAPL130215P00100000", "qty": "-2",
    "status": "executed", "date": "2013-02-15", "per_share_amount": "0.47",
}  # fmt: skip
DIVIDEND = {**NOTICE, "activity_type": "DIV", "symbol": "AAPL", "qty": "100"}
POSITION = {"symbol": "AAPL", "qty": "100", "side": "long"}
CLOCK = {
    "timestamp": "2013-02-12T12:00:00-05:00", "is_open": True,
    "next_open": "2013-02-13T09:30:00-05:00", "next_close": "2013-02-12T16:00:00-05:00",
}  # fmt: skip
QUOTE = {"t": "2013-02-12T17:00:00Z", "bp": 1.0, "ap": 1.1, "bs": 3, "as": 4}
SHARE = {"latestQuote": QUOTE, "latestTrade": {"t": "2013-02-12T17:00:00Z", "p": 1.05}}

READERS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "order": (read_order, ORDER),
    "spread": (read_order, SPREAD),
    "update": (lambda told: read_update(told, read_order(ORDER)), UPDATE),
    "execution": (read_execution, EXECUTION),
    "notice": (read_notice, NOTICE),
    "dividend": (read_notice, DIVIDEND),
    "position": (read_position, POSITION),
    "clock": (read_hours, CLOCK),
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([cell for cell in CELLS if len(cell) < 500]),
    st.sampled_from(["9" * 5000, "1e999999999", "-1e999999", "0.1", "1.5", "-3"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@st.composite
def spoilt_rows(draw: st.DrawFn, row: dict[str, Any]) -> Any:
    """A message with fields exchanged, lost or added, here or within."""
    spoilt = json.loads(json.dumps(row))
    for _ in range(draw(st.integers(1, 3))):
        place = spoilt
        inner = [value for value in place.values() if isinstance(value, dict)]
        inner += [part for value in place.values() if isinstance(value, list) for part in value]
        inner = [part for part in inner if isinstance(part, dict)]
        if inner and draw(st.booleans()):
            place = draw(st.sampled_from(inner))
        if not place:
            continue
        key = draw(st.sampled_from(sorted(place)))
        if draw(st.integers(0, 4)) == 0:
            del place[key]
        else:
            place[key] = draw(VALUES)
    return spoilt


def assert_sound(found: object) -> None:
    """No figure got in that is no figure."""
    match found:
        case WireOrder():
            assert found.quantity >= 0
            assert found.filled >= 0
            assert found.limit is None or found.limit.is_finite()
            assert found.created_at.tzinfo is not None
        case _ if hasattr(found, "price"):
            assert found.price.per_unit.is_finite()
            assert found.quantity > 0
            assert found.at.tzinfo is not None
            fill_of(found, read_name("O1")[0], 0)  # type: ignore[arg-type]
        case _:
            pass


@pytest.mark.parametrize("kind", READERS)
def test_the_samples_are_sound(kind: str) -> None:
    reader, row = READERS[kind]
    assert_sound(reader(row))


@pytest.mark.parametrize("kind", READERS)
@fuzzed
@given(data=st.data())
def test_a_spoilt_message_is_refused_or_sound(kind: str, data: st.DataObject) -> None:
    reader, row = READERS[kind]
    spoilt = data.draw(spoilt_rows(row))
    with in_time():
        try:
            found = reader(spoilt)
        except Unreadable as refusal:
            assert is_plain(" ".join(str(refusal).split())[:1_999])
            return
    assert_sound(found)


@pytest.mark.parametrize("kind", READERS)
def test_every_hostile_value_in_every_field(kind: str) -> None:
    reader, row = READERS[kind]
    strange = (*CELLS, None, True, [], {}, math.nan, math.inf, -1, 0, 1.5, "1e999999999", 10**40)
    for key in row:
        for value in strange:
            with in_time():
                try:
                    found = reader({**row, key: value})
                except Unreadable:
                    continue
            assert_sound(found)


@fuzzed
@given(value=VALUES)
def test_a_number_or_an_instant_is_one_or_is_refused(value: object) -> None:
    with in_time():
        try:
            amount = amount_of(value)
        except Unreadable:
            pass
        else:
            assert isinstance(amount, Decimal)
            assert amount.is_finite()
        try:
            at = instant_of(value)
        except Unreadable:
            pass
        else:
            assert isinstance(at, datetime)
            assert at.tzinfo is not None


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"message":' * 50_000, "", "null", "[]", '{"message": "' + "x" * 10**6]
)
def test_words_of_a_refusal_are_few_or_none(text: str) -> None:
    assert len(_words_of(text)) <= 300


@fuzzed
@given(told=spoilt_rows(SHARE))
def test_a_spoilt_quote_is_dropped_or_finite(told: dict[str, Any]) -> None:
    """The feed's own guard is around its reader: these are the faults it expects."""
    with in_time():
        try:
            tick = alpaca_wire._share_tick("AAPL", told)
        except (ValueError, KeyError, AttributeError, TypeError):
            return
    for side in (tick.bid, tick.ask):
        assert math.isnan(side) or isinstance(side, float)
