from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.money import Money
from allusedesk.portfolio.attribution import By, LotTags, attribute, cents_that_sum
from allusedesk.portfolio.attribution_days import GREEKS, LotDay, SleeveDay

DAY = date(2013, 2, 12)


def lot_day(account: str, underlying: str, gain: str, delta: str, costs: str = "0") -> LotDay:
    return LotDay(
        DAY,
        AccountId(account),
        PositionId(f"{account}/{underlying}"),
        OrderId("O1"),
        underlying,
        Decimal(gain),
        Decimal(delta),
        Decimal(0),
        Decimal(0),
        Decimal(0),
        dividends=Decimal(0),
        costs=Decimal(costs),
    )


def sleeve_day(account: str, gain: str, other: str = "0", on: date = DAY) -> SleeveDay:
    return SleeveDay(
        on,
        AccountId(account),
        Money(Decimal(1000) + Decimal(gain)),
        Money(Decimal(0)),
        Money(Decimal(gain)),
        Decimal(other),
        (),
    )


def tags(day: LotDay) -> LotTags:
    return LotTags(f"book of {day.account}", "entry.delta", "Calm-Income", "P-EW")


def test_every_cut_divides_the_whole() -> None:
    lots = [
        lot_day("gen", "AAPL", "10.005", "7", "-0.65"),
        lot_day("rev", "AAPL", "-2.501", "-3"),
        lot_day("rev", "MSFT", "0.001", "0"),
    ]
    sleeves = [sleeve_day("gen", "9.355"), sleeve_day("rev", "-1.5", "1.0")]
    found = attribute(lots, sleeves, tags, lambda _: "Roll", Money(Decimal(2000)))
    assert found.whole == Money(Decimal("7.86"))
    for cut in found.cuts:
        assert sum(part.amount.amount for part in cut.parts) == Decimal("7.86")
    names = {by: [part.name for part in found.by(by).parts] for by in By}
    assert names[By.ACCOUNT] == ["gen", "rev"]
    assert names[By.UNDERLYING] == ["AAPL", "interest and fees"]
    assert names[By.WEEK_TYPE] == ["Calm-Income", "Roll"]
    assert names[By.GREEK] == [*GREEKS, "rest", "dividends", "costs", "interest and fees"]
    assert {part.name: str(part.amount.amount) for part in found.by(By.GREEK).parts} == {
        "delta": "4.00",
        "gamma": "0.00",
        "theta": "0.00",
        "vega": "0.00",
        "rest": "3.51",
        "dividends": "0.00",
        "costs": "-0.65",
        "interest and fees": "1.00",
    }


def test_a_period_without_a_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="No sleeve was marked"):
        attribute([], [], tags, lambda _: "", Money(Decimal(0)))


def test_parts_that_make_another_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="do not make a whole"):
        cents_that_sum([Decimal(1), Decimal(2)], Decimal("3.01"))


@given(st.lists(st.decimals(-100_000, 100_000, places=6), min_size=1, max_size=30))
def test_cents_sum_and_stay_within_one(parts: list[Decimal]) -> None:
    whole = sum(parts, Decimal(0))
    assume(abs(whole) < Decimal(10) ** 9)
    found = cents_that_sum(parts, whole)
    assert sum(found, Decimal(0)) == whole.quantize(Decimal("0.01"))
    for exact, shown in zip(parts, found, strict=True):
        assert abs(exact - shown) < Decimal("0.02")
        assert shown == shown.quantize(Decimal("0.01"))
