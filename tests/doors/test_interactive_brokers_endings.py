"""Assignments, exercises and expiries at Interactive Brokers, which tells of none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from ib_async import Contract

from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Price
from allusedesk.domain.orders import (
    BrokerNotice,
    BrokerStatement,
    HeldAtBroker,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
)
from allusedesk.domain.proposals import Side
from allusedesk.execution.brokers.interactive_brokers_contracts import (
    contract_of,
    instrument_of,
)
from allusedesk.execution.brokers.interactive_brokers_facts import ExecutionSeen
from allusedesk.execution.brokers.interactive_brokers_notices import notices_of
from tests.doors.broker_rigs import two_sided
from tests.doors.interactive_brokers_rig import ACCOUNT, InteractiveBrokersRig, workstation
from tests.trading import FRIDAY, NOON, STOCK, call, order, price, put, sell

SALE = order(sell(put()), quantity=2)
NIGHT = datetime(2013, 2, 16, 3, 0, tzinfo=UTC)
MONDAY = datetime(2013, 2, 18, 12, 0, tzinfo=UTC)
XSP = OptionContract("XSP", FRIDAY, Right.PUT, Decimal(150))


@pytest.fixture
def short() -> Iterator[InteractiveBrokersRig]:
    """Two puts sold, and a first picture of the positions taken."""
    rig = InteractiveBrokersRig()
    try:
        rig.show(two_sided(put()))
        rig.broker.place_order(SALE)
        rig.settle(2)
        assert rig.statement().notices == ()
        yield rig
    finally:
        rig.close()


def deliver(rig: InteractiveBrokersRig, quantity: int) -> None:
    server = rig.server
    server.do(lambda: server.venue.deliver(ACCOUNT, rig.number(put()), quantity, rig.number(STOCK)))


def test_an_early_assignment_is_told_once_and_stays_on_the_statement(
    short: InteractiveBrokersRig,
) -> None:
    short.now = NOON + timedelta(hours=12)
    deliver(short, -1)
    told = short.statement()
    assigned = OptionsAssigned("assigned AAPL130215P00100000 2013-02-13", put(), 1)
    assert told.notices == (assigned,)
    assert short.heard[-1] == assigned
    assert told.held == (HeldAtBroker(STOCK, 100), HeldAtBroker(put(), -1))
    short.heard.clear()
    assert short.statement().notices == (assigned,)
    assert short.heard == []


def test_an_assignment_is_told_without_being_asked_for(short: InteractiveBrokersRig) -> None:
    deliver(short, -2)
    came = short.wait_for(BrokerStatement)
    assert [type(each) for each in came] == [OptionsAssigned, BrokerStatement]
    assert short.settle(0) == []


def test_fills_of_orders_need_no_statement(short: InteractiveBrokersRig) -> None:
    short.broker.place_order(replace(SALE, id=OrderId("more")))
    short.settle(2)
    assert short.settle(0) == []
    assert not any(isinstance(each, BrokerStatement) for each in short.heard)


def test_after_a_restart_the_days_executions_alone_tell_of_it() -> None:
    with workstation() as server:
        before = InteractiveBrokersRig(server)
        before.show(two_sided(put()))
        before.broker.place_order(SALE)
        before.settle(2)
        before.close()
        before.now = NIGHT
        deliver(before, -2)
        after = InteractiveBrokersRig(server)
        after.now = NIGHT
        (told,) = after.statement().notices
        after.close()
        assert told == OptionsAssigned("assigned AAPL130215P00100000 2013-02-15", put(), 2)


def test_options_that_vanish_without_a_word_after_their_expiry_expired(
    short: InteractiveBrokersRig,
) -> None:
    short.now = MONDAY
    short.server.do(lambda: short.server.venue.expire(ACCOUNT, short.number(put()), is_told=False))
    expired = OptionsExpired("expired AAPL130215P00100000 2013-02-15", put(), -2)
    assert short.statement().notices == (expired,)


def test_an_expiry_told_by_an_execution_has_the_same_name(short: InteractiveBrokersRig) -> None:
    short.now = NIGHT
    short.server.do(lambda: short.server.venue.expire(ACCOUNT, short.number(put())))
    expired = OptionsExpired("expired AAPL130215P00100000 2013-02-15", put(), -2)
    assert short.statement().notices == (expired,)


def test_a_closing_trade_of_somebody_else_is_no_ending(short: InteractiveBrokersRig) -> None:
    other = InteractiveBrokersRig(short.server, client_id=2)
    try:
        bought = order(
            replace(sell(put()), side=Side.BUY), quantity=2, id="by hand", limit=price("-2.10")
        )
        other.broker.place_order(bought)
        other.settle(2)
        told = short.statement()
        assert told.notices == ()
        assert told.held == ()
        assert [each.order for each in told.executions] == [SALE.id, "by hand"]
    finally:
        other.close()


def seen(
    instrument: Instrument, signed: int, at: str = "0", when: datetime = NIGHT
) -> ExecutionSeen:
    side = Side.BUY if signed > 0 else Side.SELL
    return ExecutionSeen(
        f"{instrument}.1", when, ACCOUNT, instrument, 1, side, abs(signed), price(at), 0, ""
    )


def told(
    moved: dict[Instrument, int], *orderless: ExecutionSeen, now: datetime = MONDAY
) -> tuple[BrokerNotice, ...]:
    return notices_of(moved, orderless, now)


def test_a_long_put_that_takes_shares_along_was_exercised() -> None:
    assert told({put(): -1, STOCK: -100}) == (
        OptionsExercised("exercised AAPL130215P00100000 2013-02-15", put(), 1),
    )


def test_a_short_call_that_takes_shares_along_was_assigned() -> None:
    assert told({call(): 2, STOCK: -200}) == (
        OptionsAssigned("assigned AAPL130215C00100000 2013-02-15", call(), 2),
    )


def test_of_several_options_that_went_the_one_deepest_in_the_money_was_delivered() -> None:
    moved: dict[Instrument, int] = {put(95): 1, put(): 1, call(): 1, STOCK: 100}
    notices = told(moved)
    assert [(type(each), each.contract) for each in notices if hasattr(each, "contract")] == [
        (OptionsAssigned, put()),
        (OptionsExpired, put(95)),
        (OptionsExpired, call()),
    ]


def test_the_price_of_the_shares_names_the_strike_they_were_delivered_at() -> None:
    moved: dict[Instrument, int] = {put(95): 1, put(): 1, STOCK: 100}
    (assigned, _) = told(moved, seen(STOCK, 100, "95.0"))
    assert assigned == OptionsAssigned("assigned AAPL130215P00095000 2013-02-15", put(95), 1)


def test_shares_that_no_option_explains_leave_expiry_untold() -> None:
    assert told({put(): 2, STOCK: 137}) == ()
    assert told({STOCK: 100}) == ()


def test_an_option_that_goes_before_its_expiry_without_shares_is_told_by_nobody() -> None:
    assert told({put(): 2}, now=NOON) == ()


def test_an_index_option_is_settled_at_the_price_of_its_execution() -> None:
    assert told({XSP: 1}, seen(XSP, 1, "2.37")) == (
        OptionsSettled("settled XSP130215P00150000 2013-02-15", XSP, -1, Price(Decimal("2.37"))),
    )
    assert told({XSP: 1}, seen(XSP, 1, "0")) == (
        OptionsExpired("expired XSP130215P00150000 2013-02-15", XSP, -1),
    )


# Names there and back.


@pytest.mark.parametrize(
    ("instrument", "symbol", "trading_class"),
    [
        (STOCK, "AAPL", ""),
        (Stock("BRK.B"), "BRK B", ""),
        (put("97.5"), "AAPL", ""),
        (OptionContract("BRK.B", FRIDAY, Right.CALL, Decimal(100)), "BRK B", ""),
        (OptionContract("SPXW", FRIDAY, Right.PUT, Decimal(1500)), "SPX", "SPXW"),
        (OptionContract("AAPL1", FRIDAY, Right.PUT, Decimal(90), 88), "AAPL", "AAPL1"),
    ],
)
def test_an_instrument_is_named_there_and_back(
    instrument: Instrument, symbol: str, trading_class: str
) -> None:
    asked = contract_of(instrument)
    assert (asked.symbol, asked.tradingClass) == (symbol, trading_class)
    if not asked.tradingClass:
        asked.tradingClass = symbol.replace(" ", "")
    assert instrument_of(asked) == instrument


def test_what_the_desk_does_not_trade_shows_under_a_telling_name() -> None:
    dollar = Contract(secType="CASH", symbol="EUR", localSymbol="EUR.USD")
    assert instrument_of(dollar) == Stock("EUR CASH EUR.USD")
    plain = Contract(
        secType="OPT",
        symbol="AAPL",
        lastTradeDateOrContractMonth="20130215",
        strike=100.0,
        right="PUT",
    )
    assert instrument_of(plain) == put(expiry=date(2013, 2, 15))
