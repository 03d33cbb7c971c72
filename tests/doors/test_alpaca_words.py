"""Alpaca's words and ours: names, prices, orders, executions and notices, one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import NOTHING, Money
from allusedesk.domain.orders import (
    CashCharged,
    DividendPaid,
    HeldAtBroker,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
)
from allusedesk.execution.brokers.alpaca_words import (
    Unreadable,
    amount_of,
    fill_of,
    instant_of,
    limit_for,
    name_of,
    read_execution,
    read_name,
    read_notice,
    read_order,
    read_position,
    read_update,
    ticket_of,
)
from tests.trading import STOCK, buy, call, order, price, put, sell

PUT = "AAPL130215P00100000"
ID = OrderId("2013-W07/F1.rev/P1/O1")


def wire(**changes: Any) -> dict[str, Any]:
    row = {
        "id": "a",
        "client_order_id": ID,
        "status": "new",
        "qty": "2",
        "filled_qty": "0",
        "type": "limit",
        "limit_price": "2.5",
        "time_in_force": "day",
        "symbol": PUT,
        "side": "sell",
        "position_intent": "sell_to_open",
        "legs": None,
        "created_at": "2013-02-12T17:00:00Z",
    }
    return row | changes


@given(st.integers(1, 10_000))
def test_a_name_is_read_as_it_was_written(number: int) -> None:
    assert read_name(name_of(ID, number)) == (ID, number)


def test_the_first_name_is_the_order_itself_and_a_foreign_one_too() -> None:
    assert name_of(ID, 1) == ID
    assert read_name("from-a-telephone") == ("from-a-telephone", 1)


@pytest.mark.parametrize(
    ("legs", "limit", "expected"),
    [
        ((sell(put()),), "2.00", "2.00"),
        ((buy(put()),), "-2.00", "2.00"),
        ((buy(put()), sell(put(98))), "0.10", "-0.10"),
        ((buy(put()), sell(put(98))), "-0.40", "0.40"),
    ],
)
def test_a_net_credit_of_ours_is_a_negative_debit_of_theirs(
    legs: tuple[Any, ...], limit: str, expected: str
) -> None:
    ticket = ticket_of(order(*legs, limit=price(limit)))
    assert ticket.limit == Decimal(expected)
    assert limit_for(ticket.legs, price(limit)) == Decimal(expected)


def test_a_leg_says_whether_it_opens_or_closes() -> None:
    legs = ticket_of(order(buy(put(), closes=PositionId("x")), sell(call()))).legs
    assert [leg.intent for leg in legs] == ["buy_to_close", "sell_to_open"]
    assert [leg.symbol for leg in legs] == [PUT, "AAPL130215C00100000"]


@pytest.mark.parametrize("value", [None, "", "nan", "Infinity", "a lot", {}])
def test_what_is_no_number_is_not_taken_for_one(value: object) -> None:
    with pytest.raises(Unreadable):
        amount_of(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_amounts_are_taken_by_their_text(amount: Decimal) -> None:
    assert amount_of(str(amount)) == amount


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2013-02-12T17:00:00Z", 0),
        ("2013-02-12T12:00:00.123456789-05:00", 123456),
        ("2013-02-12T17:00:00.25Z", 250000),
    ],
)
def test_instants_come_with_up_to_nine_digits(text: str, microsecond: int) -> None:
    assert instant_of(text) == datetime(2013, 2, 12, 17, 0, 0, microsecond, tzinfo=UTC)


@pytest.mark.parametrize("row", [wire(qty="2.5"), wire(legs=[{}]), wire(legs="x"), {"id": "a"}])
def test_an_order_that_is_none_is_not_taken_for_one(row: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_order(row)


@pytest.mark.parametrize("text", ["noon", None, "2013-02-12T17:00:00", "0001-01-01T00:00:00+14:00"])
def test_an_instant_that_is_none_or_has_no_zone_is_refused(text: object) -> None:
    with pytest.raises(Unreadable):
        instant_of(text)


@pytest.mark.parametrize(
    "changes", [{"cum_qty": "0"}, {"qty": "-1"}, {"price": "1e999"}, {"transaction_time": "noon"}]
)
def test_an_execution_of_nothing_or_without_bounds_is_none(changes: dict[str, Any]) -> None:
    row = {"order_id": "a", "cum_qty": "1", "qty": "1", "price": "2"} | changes
    with pytest.raises(Unreadable):
        read_execution({"transaction_time": "2013-02-12T17:00:00Z"} | row)


def test_a_quantity_below_zero_and_a_day_that_is_none_are_refused() -> None:
    with pytest.raises(Unreadable, match="below zero"):
        read_order(wire(filled_qty="-1"))
    row = {"id": "n", "activity_type": "DIV", "symbol": "AAPL", "qty": "1", "status": "executed"}
    with pytest.raises(Unreadable, match="a day belongs"):
        read_notice(row | {"per_share_amount": "0.1", "date": "someday"})


def test_a_market_order_has_no_limit_and_legs_are_kept_in_their_order() -> None:
    assert read_order(wire(limit_price=None, type="market")).limit is None
    legs = [wire(id="b", symbol="X1"), wire(id="c", symbol="X2", side="buy")]
    assert [leg.id for leg in read_order(wire(legs=legs)).legs] == ["b", "c"]


@pytest.mark.parametrize(
    "changes",
    [{"event": "new"}, {"event": "fill", "qty": None}, {"event": "fill", "price": None}],
)
def test_an_update_without_an_execution_tells_none(changes: dict[str, Any]) -> None:
    told = {"qty": "1", "price": "2.0", "timestamp": "2013-02-12T17:00:00Z"} | changes
    assert read_update(told, read_order(wire())) is None


def test_an_execution_is_the_same_from_the_stream_and_from_the_activities() -> None:
    told = {"event": "fill", "qty": "1", "price": "2.05", "timestamp": "2013-02-12T17:00:00.1Z"}
    streamed = read_update(told, read_order(wire(filled_qty="2")))
    listed = read_execution(
        {
            "order_id": "a",
            "cum_qty": "2",
            "qty": "1",
            "price": "2.05",
            "transaction_time": "2013-02-12T17:00:00.1Z",
        }
    )
    assert streamed == listed
    fill = fill_of(listed, ID, 0)
    assert (fill.id, fill.price, fill.commission) == ("a/2", price("2.05"), NOTHING)


def test_an_execution_that_lacks_something_is_none() -> None:
    with pytest.raises(Unreadable, match="cum_qty"):
        read_execution({"order_id": "a"})


def activity(kind: str, **changes: Any) -> dict[str, Any]:
    row = {"id": "n", "activity_type": kind, "symbol": PUT, "qty": "2", "status": "executed"}
    return row | {"date": "2013-02-15"} | changes


def test_notices_say_what_the_position_was_and_not_how_it_changed() -> None:
    assert read_notice(activity("OPASN")) == OptionsAssigned("n", put(), 2)
    assert read_notice(activity("OPEXP")) == OptionsExpired("n", put(), -2)
    assert read_notice(activity("OPEXP", qty="-1")) == OptionsExpired("n", put(), 1)
    assert read_notice(activity("OPEXC", qty="-1")) == OptionsExercised("n", put(), 1)


def test_a_dividend_is_what_it_paid_per_share() -> None:
    row = activity("DIV", symbol="AAPL", qty="100", per_share_amount="0.24")
    expected = DividendPaid("n", "AAPL", date(2013, 2, 15), Decimal("0.24"), 100)
    assert read_notice(row) == expected


def test_fees_and_interest_are_charges() -> None:
    row = activity("FEE", net_amount="-0.07", description="ORF fee for 2 contracts", symbol="")
    day = date(2013, 2, 15)
    said = "fee (ORF fee for 2 contracts)"
    assert read_notice(row) == CashCharged("n", day, Money(Decimal("-0.07")), said)
    paid = read_notice(activity("INT", net_amount="1.25", symbol=""))
    assert paid == CashCharged("n", day, Money(Decimal("1.25")), "interest")
    withheld = read_notice(activity("DIVNRA", net_amount="-7.20", symbol="AAPL"))
    assert isinstance(withheld, CashCharged)
    assert withheld.reason.startswith("fee: tax withheld")
    with pytest.raises(Unreadable):
        read_notice(activity("FEE", net_amount="much"))


@pytest.mark.parametrize(
    "row",
    [
        activity("FEE", net_amount="0"),
        activity("FEE", net_amount="-1.00", status="canceled"),
        activity("CSD", net_amount="1000"),
        activity("OPASN", status="canceled"),
        activity("OPASN", symbol="AAPL"),
        activity("OPASN", qty="0"),
        activity("DIV", symbol="AAPL"),
    ],
)
def test_what_is_no_notice_of_ours_is_none(row: dict[str, Any]) -> None:
    assert read_notice(row) is None


@pytest.mark.parametrize("quantity", ["-2", "2"])
def test_a_short_position_is_negative_however_it_is_written(quantity: str) -> None:
    held = read_position({"symbol": PUT, "qty": quantity, "side": "short"})
    assert held == HeldAtBroker(put(), -2)


def test_a_long_position_of_shares_is_what_it_is() -> None:
    row = {"symbol": "AAPL", "qty": "100", "side": "long"}
    assert read_position(row) == HeldAtBroker(STOCK, 100)
    assert read_position(row).instrument == Stock("AAPL")
