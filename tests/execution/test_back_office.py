from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from allusedesk.domain.orders import (
    BrokerReport,
    DividendPaid,
    HeldAtBroker,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    SplitTookEffect,
)
from allusedesk.execution.back_office import BrokerSettings
from tests.doors.broker_rigs import EXCHANGE, Rig, owning, short, two_sided
from tests.trading import DAY, FRIDAY, STOCK, buy, call, dollars, order, price, put, sell

SALE = order(sell(put()), quantity=2)
# Seven thirty in New York, in winter, the morning after Friday's expiry: Monday is a holiday.
TUESDAY = date(2013, 2, 19)
TUESDAY_MORNING = datetime(2013, 2, 19, 12, 30, tzinfo=UTC)
FRIDAY_CLOSE = datetime(2013, 2, 15, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(("closing", "is_assigned"), [("100.00", False), ("99.99", True)])
def test_a_put_at_its_last_close_expires_or_is_assigned_the_next_morning(
    closing: str, is_assigned: bool
) -> None:
    rig = short(Rig(), SALE)
    rig.close_at(FRIDAY, closing)
    assert rig.wait_until(TUESDAY_MORNING - timedelta(seconds=1)) == []
    assert rig.broker.statement().held == (HeldAtBroker(put(), -2),)
    (notice,) = rig.wait_until(TUESDAY_MORNING)
    told = rig.broker.statement()
    if is_assigned:
        assert notice == OptionsAssigned("2013-02-19/N1", put(), 2)
        assert told.held == (HeldAtBroker(STOCK, 200),)
        assert told.cash == dollars("80398.70")
    else:
        assert notice == OptionsExpired("2013-02-19/N1", put(), -2)
        assert told.held == ()
        assert told.cash == dollars("100398.70")


def test_an_option_dated_on_a_holiday_ends_with_the_session_before_it() -> None:
    on_holiday = put(expiry=date(2013, 2, 18))
    rig = short(Rig(), replace(SALE, legs=(sell(on_holiday),)))
    rig.close_at(FRIDAY, "120")
    (notice,) = rig.wait_until(TUESDAY_MORNING)
    assert isinstance(notice, OptionsExpired)


def test_without_a_closing_price_the_decision_waits_for_the_next_close() -> None:
    rig = short(Rig(), SALE)
    assert rig.wait_until(TUESDAY_MORNING) == []
    rig.close_at(TUESDAY, "120")
    (notice,) = rig.wait_until(TUESDAY_MORNING + timedelta(days=1))
    assert isinstance(notice, OptionsExpired)


def test_a_covered_call_in_the_money_takes_the_shares() -> None:
    rig = short(owning(), order(sell(call(105)), id="call"))
    rig.close_at(FRIDAY, "110")
    (notice,) = rig.wait_until(TUESDAY_MORNING)
    assert notice == OptionsAssigned("2013-02-19/N1", call(105), 1)
    assert rig.shares() == 0
    assert rig.simulated.custody.cash.pending == ((date(2013, 2, 20), dollars(10_500)),)


def test_a_long_option_in_the_money_is_exercised() -> None:
    rig = short(Rig(), order(buy(call()), id="call", limit=price("-2.02")))
    rig.close_at(FRIDAY, "110")
    (notice,) = rig.wait_until(TUESDAY_MORNING)
    assert notice == OptionsExercised("2013-02-19/N1", call(), 1)
    assert rig.shares() == 100


@pytest.mark.parametrize(("dividend", "is_called"), [("0.61", True), ("0.60", False)])
def test_a_call_is_taken_the_night_before_the_ex_date(dividend: str, is_called: bool) -> None:
    rig = short(owning(), order(sell(call(100)), id="call"))
    wednesday = date(2013, 2, 13)
    rig.facts.dividends[wednesday] = (("AAPL", Decimal(dividend)),)
    rig.close_at(DAY, "105")
    rig.now = datetime(2013, 2, 12, 20, 59, tzinfo=UTC)
    rig.show(two_sided(call(100), "5.50", "5.70"))
    came = rig.wait_until(datetime(2013, 2, 13, 14, 31, tzinfo=UTC))
    if is_called:
        assert [type(each) for each in came] == [OptionsAssigned]
        assert rig.shares() == 0
    else:
        assert came == [DividendPaid("2013-02-13/N1", "AAPL", wednesday, Decimal(dividend), 100)]
        assert rig.shares() == 100


def test_a_dividend_is_paid_at_the_open_of_its_ex_date_to_holders_of_the_night() -> None:
    rig = owning()
    before = rig.broker.statement().cash
    rig.facts.dividends[date(2013, 2, 13)] = (
        ("AAPL", Decimal("0.378575")),
        ("MSFT", Decimal(1)),
    )
    assert rig.wait_until(datetime(2013, 2, 13, 14, 29, 59, tzinfo=UTC)) == []
    assert len(rig.wait_until(datetime(2013, 2, 13, 14, 30, tzinfo=UTC))) == 1
    assert rig.broker.statement().cash == before + dollars("37.86")


def nights_until_assigned(probability: float, mark: str = "15.02") -> list[BrokerReport]:
    settings = BrokerSettings(EXCHANGE, early_probability=probability)
    far = put(expiry=date(2013, 2, 22))
    rig = short(Rig(settings), replace(SALE, legs=(sell(far),)))
    rig.close_at(DAY, "85")
    rig.now = datetime(2013, 2, 12, 20, 59, tzinfo=UTC)
    rig.show(two_sided(far, mark, mark))
    return rig.wait_until(datetime(2013, 2, 13, 13, 0, tzinfo=UTC))


def test_a_deep_put_is_exercised_early_by_a_seeded_draw() -> None:
    assert [type(each) for each in nights_until_assigned(1.0)] == [OptionsAssigned]
    assert nights_until_assigned(0.0) == []
    assert nights_until_assigned(1.0, mark="15.50") == []


def test_without_a_quote_nothing_is_exercised_early() -> None:
    rig = short(owning(), order(sell(call(100)), id="call"))
    rig.facts.dividends[date(2013, 2, 13)] = (("AAPL", Decimal(9)),)
    rig.close_at(DAY, "105")
    rig.quotes.clear()
    came = rig.wait_until(datetime(2013, 2, 13, 13, 0, tzinfo=UTC))
    assert came == []


def test_a_split_takes_effect_before_the_open() -> None:
    rig = short(owning(), order(sell(call(105)), id="call"))
    effective = date(2013, 2, 13)
    rig.facts.splits[effective] = (("AAPL", Decimal("1.5")), ("MSFT", Decimal(2)))
    rig.close_at(DAY, "102")
    came = rig.wait_until(datetime(2013, 2, 13, 12, 30, tzinfo=UTC))
    notice = SplitTookEffect("2013-02-13/N1", "AAPL", effective, Decimal("1.5"), price(68))
    assert came == [notice]
    assert rig.broker.statement().held == (
        HeldAtBroker(STOCK, 150),
        HeldAtBroker(call("70.00", multiplier=150), -1),
    )
