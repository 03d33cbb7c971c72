from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.domain.orders import (
    BrokerReport,
    DividendPaid,
    HeldAtBroker,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
    OrderRejected,
    SplitTookEffect,
    StrikesReduced,
)
from allusedesk.execution.back_office import BrokerSettings, BrokerWorld
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
    assert notice.reason == (
        f"no close of {notice.contract.underlying} on {FRIDAY} is known; that of {TUESDAY} stands "
        "for it"
    )


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


EVERYBODY = BrokerSettings(EXCHANGE, early_call_share=1.0, early_put_share=1.0)
TONIGHT = datetime(2013, 2, 12, 20, 59, tzinfo=UTC)
NEXT_MORNING = datetime(2013, 2, 13, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(("dividend", "is_called"), [("0.80", True), ("0.20", False)])
def test_a_call_is_taken_the_night_before_the_ex_date(dividend: str, is_called: bool) -> None:
    rig = short(owning(settings=EVERYBODY), order(sell(call(100)), id="call"))
    wednesday = date(2013, 2, 13)
    rig.facts.dividends[wednesday] = (("AAPL", Decimal(dividend)),)
    rig.close_at(DAY, "105")
    rig.now = TONIGHT
    rig.show(two_sided(call(100), "5.10", "5.30"))
    came = rig.wait_until(datetime(2013, 2, 13, 14, 31, tzinfo=UTC))
    if is_called:
        (taken,) = came
        assert isinstance(taken, OptionsAssigned)
        assert taken.reason.startswith("the dividend of 0.80 exceeds the time value left after it")
        assert rig.shares() == 0
    else:
        assert came == [DividendPaid("2013-02-13/N1", "AAPL", wednesday, Decimal(dividend), 100)]
        assert rig.shares() == 100


def test_a_special_dividend_lowers_the_strike_instead_of_calling_the_shares() -> None:
    rig = short(owning(settings=EVERYBODY), order(sell(call(100)), id="call"))
    wednesday = date(2013, 2, 13)
    rig.facts.dividends[wednesday] = (("AAPL", Decimal(4)), ("MSFT", Decimal(9)))
    rig.facts.specials[wednesday] = ("AAPL",)
    rig.close_at(DAY, "105")
    rig.now = TONIGHT
    rig.show(two_sided(call(100), "5.10", "5.30"))
    reduced, paid = rig.wait_until(datetime(2013, 2, 13, 14, 31, tzinfo=UTC))
    assert reduced == StrikesReduced("2013-02-13/N1", "AAPL", wednesday, Decimal(4))
    assert isinstance(paid, DividendPaid)
    assert rig.broker.statement().held == (HeldAtBroker(STOCK, 100), HeldAtBroker(call(96), -1))


def test_a_special_dividend_of_what_is_not_held_is_no_notice() -> None:
    rig = owning()
    wednesday = date(2013, 2, 13)
    rig.facts.dividends[wednesday] = (("MSFT", Decimal(9)),)
    rig.facts.specials[wednesday] = ("MSFT",)
    assert rig.wait_until(datetime(2013, 2, 13, 14, 31, tzinfo=UTC)) == []


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


def notices_of_a_deep_put(
    share: float,
    quoted: tuple[str, str] = ("14.96", "15.04"),
    rate: float = 0.05,
    quantity: int = 2,
    volatility: float | None = None,
) -> list[BrokerReport]:
    settings = BrokerSettings(EXCHANGE, early_put_share=share)
    far = put(expiry=date(2013, 3, 1))
    wanted = replace(SALE, legs=(sell(far),), quantity=quantity)
    rig = short(Rig(settings, cash=100_000 * quantity), wanted)
    rig.facts.rate, rig.facts.volatility = rate, volatility
    rig.close_at(DAY, "85")
    rig.now = TONIGHT
    rig.show(two_sided(far, *quoted))
    return rig.wait_until(NEXT_MORNING)


def test_a_deep_put_is_exercised_where_interest_beats_its_time_value() -> None:
    (taken,) = notices_of_a_deep_put(1.0)
    assert isinstance(taken, OptionsAssigned)
    assert taken.quantity == 2
    assert taken.reason == (
        "the interest on the strike, 0.23, exceeds the time value of 0.00; exercise brings 15.00 "
        "a share, held another night it is worth 14.99"
    )
    assert notices_of_a_deep_put(1.0, ("15.20", "15.80")) == []
    assert notices_of_a_deep_put(1.0, ("15.01", "15.03")) == []
    assert notices_of_a_deep_put(1.0, rate=0.0) == []


@pytest.mark.parametrize(("volatility", "is_taken"), [(0.20, True), (0.40, False)])
def test_a_modelled_put_is_judged_by_its_own_volatility(volatility: float, is_taken: bool) -> None:
    assert bool(notices_of_a_deep_put(1.0, volatility=volatility)) is is_taken


def test_only_a_part_of_the_holders_exercises() -> None:
    assert notices_of_a_deep_put(0.0) == []
    (taken,) = notices_of_a_deep_put(0.5, quantity=40)
    assert isinstance(taken, OptionsAssigned)
    assert 8 < taken.quantity < 32
    assert notices_of_a_deep_put(0.5, quantity=40) == [taken]


def test_an_expiry_beyond_the_known_sessions_ends_at_four() -> None:
    far = put(expiry=date(2013, 9, 20))
    rig = short(Rig(EVERYBODY), replace(SALE, legs=(sell(far),)))
    rig.facts.rate = 0.05
    rig.close_at(DAY, "60")
    rig.now = TONIGHT
    rig.show(two_sided(far, "39.90", "40.10"))
    (taken,) = rig.wait_until(NEXT_MORNING)
    assert isinstance(taken, OptionsAssigned)


def test_an_announced_fall_of_the_share_keeps_put_holders_waiting() -> None:
    far = put(expiry=date(2013, 2, 22))
    rig = short(Rig(EVERYBODY), replace(SALE, legs=(sell(far),)))
    rig.facts.rate = 0.05
    rig.facts.dividends[date(2013, 2, 14)] = (("AAPL", Decimal("0.60")), ("MSFT", Decimal(1)))
    rig.close_at(DAY, "85")
    rig.now = TONIGHT
    rig.show(two_sided(far, "14.96", "15.04"))
    assert rig.wait_until(NEXT_MORNING) == []


def test_without_a_quote_nothing_is_exercised_early() -> None:
    rig = short(owning(settings=EVERYBODY), order(sell(call(100)), id="call"))
    rig.facts.dividends[date(2013, 2, 13)] = (("AAPL", Decimal(9)),)
    rig.close_at(DAY, "105")
    rig.quotes.clear()
    came = rig.wait_until(datetime(2013, 2, 13, 13, 0, tzinfo=UTC))
    assert came == []


def index_put(strike: int, expiry: date = FRIDAY, underlying: str = "SPX") -> OptionContract:
    return put(strike, expiry=expiry, underlying=underlying)


@pytest.mark.parametrize(("closing", "worth"), [("1510.00", None), ("1478.25", "21.75")])
def test_an_index_put_is_settled_in_cash_at_the_close(closing: str, worth: str | None) -> None:
    weekly = index_put(1500, underlying="SPXW")
    rig = short(Rig(cash=400_000), replace(SALE, legs=(sell(weekly),)))
    rig.close_at(FRIDAY, closing, symbol="SPX")
    (notice,) = rig.wait_until(TUESDAY_MORNING)
    told = rig.broker.statement()
    assert told.held == ()
    if worth is None:
        assert notice == OptionsExpired("2013-02-19/N1", weekly, -2)
        assert told.cash == dollars("400398.70")
    else:
        assert notice == OptionsSettled("2013-02-19/N1", weekly, -2, price(worth))
        assert told.cash == dollars("396048.70")


@pytest.mark.parametrize(("underlying", "is_taken"), [("SPX", False), ("OEX", True)])
def test_only_american_index_options_end_early_and_then_in_cash(
    underlying: str, is_taken: bool
) -> None:
    deep = index_put(700, date(2013, 3, 1), underlying)
    rig = short(Rig(EVERYBODY, cash=200_000), replace(SALE, legs=(sell(deep),)))
    rig.facts.rate = 0.05
    rig.close_at(DAY, "600", symbol=underlying)
    rig.now = TONIGHT
    rig.show(two_sided(deep, "99.90", "100.10"))
    came = rig.wait_until(NEXT_MORNING)
    assert [type(each) for each in came] == ([OptionsSettled] if is_taken else [])
    assert rig.broker.statement().cash == dollars("180398.70" if is_taken else "200398.70")


def test_a_long_option_is_exercised_early_by_nobody_but_its_holder() -> None:
    deep = put(expiry=date(2013, 3, 1))
    rig = short(Rig(EVERYBODY), order(buy(deep), id="put", limit=price("-2.02")))
    rig.facts.rate = 0.05
    rig.close_at(DAY, "60")
    rig.now = TONIGHT
    rig.show(two_sided(deep, "39.90", "40.10"))
    assert rig.wait_until(NEXT_MORNING) == []


def test_a_world_that_tells_no_more_has_no_interest_and_no_special_dividends() -> None:
    told = Rig().simulated._world
    bare = BrokerWorld(
        told.sessions, told.is_listed, told.tick_of, told.closing_price,
        told.dividends_on, told.splits_on,
    )  # fmt: skip
    assert bare.rate_at(TONIGHT) == 0.0
    assert bare.special_dividends_on(DAY) == ()
    assert bare.volatility_of(put(), TONIGHT) is None


def test_an_index_itself_is_not_traded() -> None:
    rig = Rig()
    rig.show(two_sided(Stock("SPX"), "100.99", "101.01"))
    purchase = order(buy(Stock("SPX")), quantity=1, limit=price("-101"))
    rig.broker.place_order(purchase)
    (refusal,) = rig.wait(seconds=1)
    assert refusal == OrderRejected(purchase.id, "SPX is an index, which nobody trades")


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
