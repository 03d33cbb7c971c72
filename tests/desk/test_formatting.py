"""One spelling for every figure of the desk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.desk import formatting
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1234567.891", "1,234,567.89"),
        ("-0.005", f"{MINUS}0.01"),
        ("-0.004", "0.00"),
        ("0", "0.00"),
        ("-12", f"{MINUS}12.00"),
    ],
)
def test_money_has_cents_separators_and_a_true_minus(amount: str, shown: str) -> None:
    assert formatting.money(Money(Decimal(amount))) == shown


def test_a_gain_gets_its_plus_and_nothing_gets_none() -> None:
    assert formatting.money(Money(Decimal(5)), signed=True) == "+5.00"
    assert formatting.money(Money(Decimal(0)), signed=True) == "0.00"
    assert formatting.money(None) == "\N{EM DASH}"


@given(st.decimals(-(10**9), 10**9, places=4))
def test_a_figure_reads_back_as_it_was_rounded(value: Decimal) -> None:
    text = formatting.number(value, 2).replace(",", "").replace(MINUS, "-")
    assert abs(Decimal(text) - value) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("per_unit", "shown"), [("2.5", "2.50"), ("2.555", "2.555"), ("100", "100.00"), ("0", "0.00")]
)
def test_a_price_has_the_decimals_of_its_tick(per_unit: str, shown: str) -> None:
    assert formatting.price(Price(Decimal(per_unit))) == shown


def test_instruments_read_as_a_trader_writes_them() -> None:
    option = OptionContract("AAPL", date(2026, 2, 13), Right.PUT, Decimal("260.00"))
    assert formatting.instrument(option) == "AAPL 13 Feb 26 260 P"
    assert formatting.instrument(Stock("AAPL")) == "AAPL"


def test_instants_are_told_in_new_york() -> None:
    instant = datetime(2026, 2, 13, 20, 59, 1, tzinfo=UTC)
    assert formatting.moment(instant) == "Fri 13 Feb 26 15:59:01 New York"
    assert formatting.clock(instant, seconds=False) == "15:59"


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=-1), "over"),
        (timedelta(seconds=9), "0:09"),
        (timedelta(minutes=12, seconds=9), "12:09"),
        (timedelta(hours=4, minutes=12, seconds=9), "4:12:09"),
        (timedelta(days=1, hours=4, minutes=12), "1 d 04:12"),
    ],
)
def test_time_left(length: timedelta, shown: str) -> None:
    assert formatting.span(length) == shown


def test_ages() -> None:
    shown = [formatting.age(seconds) for seconds in (None, 3, 240, 7_200, 432_000)]
    assert shown == ["\N{EM DASH}", "3 s", "4 min", "2 h", "5 d"]
