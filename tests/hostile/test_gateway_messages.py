"""What Trader Workstation says, spoilt: its readers give a sound fact or refuse with ValueError."""

from __future__ import annotations

import math
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("ib_async", reason="the extra ibkr is not installed")

from ib_async import Contract, Execution, Order, OrderState

from allusedesk.execution.brokers.interactive_brokers_contracts import (
    instrument_of,
    traded,
    whole,
)
from allusedesk.execution.brokers.interactive_brokers_facts import exact
from allusedesk.execution.brokers.interactive_brokers_wire import _execution_seen, _order_seen
from tests.hostile.spoiling import CELLS, fuzzed, in_time

TEXTS = st.one_of(st.sampled_from([cell for cell in CELLS if len(cell) < 500]), st.text(max_size=8))
NUMBERS = st.one_of(
    st.floats(), st.integers(), st.sampled_from([1.7976931348623157e308, -1.0, 0.5, 2**31 - 1])
)
CONTRACTS = st.builds(
    Contract,
    secType=st.sampled_from(["OPT", "OPT", "STK", "BAG", "CASH", ""]),
    symbol=TEXTS,
    tradingClass=TEXTS,
    localSymbol=TEXTS,
    lastTradeDateOrContractMonth=st.one_of(st.just("20130215"), TEXTS),
    right=st.one_of(st.sampled_from(["P", "C", "PUT"]), TEXTS),
    strike=NUMBERS,
    multiplier=st.one_of(st.just("100"), TEXTS),
)


@fuzzed
@given(contract=CONTRACTS)
def test_a_spoilt_contract_is_refused_or_an_instrument(contract: Contract) -> None:
    with in_time():
        try:
            found = instrument_of(contract)
        except (ValueError, ArithmeticError):
            return
    strike = getattr(found, "strike", Decimal(1))
    assert strike.is_finite()
    assert 0 < found.multiplier <= 100_000


@fuzzed
@given(contract=CONTRACTS, shares=NUMBERS, price=NUMBERS, side=TEXTS, name=TEXTS, reference=TEXTS)
def test_a_spoilt_execution_is_refused_or_sound(
    contract: Contract, shares: float, price: float, side: str, name: str, reference: str
) -> None:
    told = Execution(
        execId=name,
        time=datetime(2013, 2, 12, 17, tzinfo=UTC),
        side=side,
        shares=shares,
        price=price,
        orderRef=reference,
    )
    with in_time():
        try:
            seen = _execution_seen(contract, told)
        except (ValueError, ArithmeticError):
            return
    assert abs(seen.price.per_unit) < 10**15
    assert seen.quantity > 0
    assert seen.quantity == shares


@fuzzed
@given(quantity=NUMBERS, limit=NUMBERS, kind=st.sampled_from(["LMT", "MKT", "", "STP"]))
def test_a_spoilt_order_is_refused_or_sound(quantity: float, limit: float, kind: str) -> None:
    told = Order(totalQuantity=quantity, lmtPrice=limit, orderType=kind)
    with in_time():
        try:
            seen = _order_seen(Contract(conId=1), told, OrderState(status="Submitted"))
        except (ValueError, ArithmeticError):
            return
    assert seen.limit is None or seen.limit.is_finite()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_figure_is_none(number: float) -> None:
    for reader in (whole, exact, traded):
        with pytest.raises((ValueError, ArithmeticError)):
            reader(number)


@pytest.mark.parametrize("told", ["99999999999", "0", "-100", "1.5", "nan"])
def test_a_contract_on_an_absurd_number_of_shares_is_refused(told: str) -> None:
    contract = Contract(
        secType="OPT",
        symbol="AAPL",
        lastTradeDateOrContractMonth="20130215",
        strike=1.0,
        right="P",
        multiplier=told,
    )
    with pytest.raises(ValueError, match="The venue sent"):
        instrument_of(contract)


@pytest.mark.parametrize("number", [0.5, 1.5, 0.0, -1.0])
def test_a_part_of_a_unit_is_no_execution(number: float) -> None:
    with pytest.raises(ValueError, match="whole units"):
        traded(number)


def test_the_largest_float_there_is_is_no_commission() -> None:
    with pytest.raises(ValueError, match="a number belongs"):
        exact(sys.float_info.max)
