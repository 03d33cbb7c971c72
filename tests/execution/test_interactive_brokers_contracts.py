from __future__ import annotations

from decimal import Decimal

import pytest
from ib_async import Contract

from allusedesk.domain.instruments import OptionContract
from allusedesk.execution.brokers.interactive_brokers_contracts import instrument_of, traded
from allusedesk.execution.brokers.interactive_brokers_facts import exact
from tests.trading import put


def told(multiplier: str, strike: float = 100.0) -> Contract:
    return Contract(
        secType="OPT",
        symbol="AAPL",
        lastTradeDateOrContractMonth="20130215",
        strike=strike,
        right="P",
        multiplier=multiplier,
        tradingClass="AAPL",
    )


@pytest.mark.parametrize(("multiplier", "delivers"), [("", 100), ("150", 150), ("100000", 100_000)])
def test_a_contract_delivers_what_it_says_and_a_hundred_where_it_is_silent(
    multiplier: str, delivers: int
) -> None:
    found = instrument_of(told(multiplier))
    assert isinstance(found, OptionContract)
    assert found == put(multiplier=delivers)


@pytest.mark.parametrize("multiplier", ["100001", "1e9"])
def test_a_contract_on_absurdly_many_shares_is_refused(multiplier: str) -> None:
    with pytest.raises(ValueError, match=r"a contract on \d+ shares, which nobody lists"):
        instrument_of(told(multiplier))


@pytest.mark.parametrize("units", [0, -1, 0.5, Decimal("1.5")])
def test_parts_of_a_unit_and_none_at_all_are_no_execution(units: float | Decimal) -> None:
    assert traded(Decimal(3)) == 3
    with pytest.raises(ValueError, match="where whole units are traded"):
        traded(units)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1e15, -1e15])
def test_what_is_no_number_or_beyond_all_prices_is_refused(number: float) -> None:
    assert exact(0.1) == Decimal("0.1")
    assert exact(-999_999_999_999_999.0) == Decimal(-999_999_999_999_999)
    with pytest.raises(ValueError, match="where a number belongs"):
        exact(number)
