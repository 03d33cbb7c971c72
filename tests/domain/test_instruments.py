from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from allusedesk.domain.instruments import (
    INDEX_CLASSES,
    OptionContract,
    Right,
    Stock,
    read_option_symbol,
    with_underlyings,
    write_option_symbol,
)


def option(underlying: str) -> OptionContract:
    return OptionContract(underlying, date(2019, 6, 21), Right.PUT, Decimal(2900))


@pytest.mark.parametrize("root", ["SPX", "SPXW", "XSP", "NDX", "RUT", "VIX", "DJX", "XEO"])
def test_index_options_are_european_settled_in_cash_and_taxed_by_section_1256(root: str) -> None:
    contract = option(root)
    assert contract.is_european
    assert contract.is_cash_settled
    assert contract.is_section_1256
    assert read_option_symbol(write_option_symbol(contract)) == contract


def test_the_hundred_alone_is_american_and_settled_in_cash() -> None:
    american = [root for root in INDEX_CLASSES if not option(root).is_european]
    assert american == ["OEX"]
    assert option("OEX").is_cash_settled


@pytest.mark.parametrize("symbol", ["AAPL", "SPY", "QQQ", "IWM", "DIA"])
def test_options_on_shares_and_funds_are_american_and_deliver(symbol: str) -> None:
    contract = option(symbol)
    assert not contract.is_european
    assert not contract.is_cash_settled
    assert not contract.is_section_1256
    assert contract.priced_by == symbol
    assert not Stock(symbol).is_index


def test_a_weekly_root_is_priced_by_its_index() -> None:
    assert option("SPXW").priced_by == option("SPX").priced_by == "SPX"
    assert Stock("SPX").is_index


def test_what_prices_an_option_comes_with_it_and_nothing_twice() -> None:
    apple = OptionContract("AAPL", date(2019, 6, 21), Right.PUT, Decimal(290))
    weekly = option("SPXW")
    found = with_underlyings([apple, weekly, Stock("IBM"), apple, Stock("SPX")])
    assert found == (apple, Stock("AAPL"), weekly, Stock("SPX"), Stock("IBM"))


def test_adjusted_deliverables_carry_their_multiplier_behind_a_slash() -> None:
    adjusted = OptionContract("AAPL1", date(2019, 6, 21), Right.CALL, Decimal("290.5"), 150)
    text = write_option_symbol(adjusted)
    assert text == "AAPL1190621C00290500/150"
    assert read_option_symbol(text) == adjusted


def test_a_strike_finer_than_a_tenth_of_a_cent_has_no_symbol() -> None:
    finest = OptionContract("AAPL", date(2019, 6, 21), Right.PUT, Decimal("0.001"))
    assert write_option_symbol(finest) == "AAPL190621P00000001"
    finer = OptionContract("AAPL", date(2019, 6, 21), Right.PUT, Decimal("0.0005"))
    with pytest.raises(ValueError, match=r"^The strike 0\.0005 does not fit the option symbol\.$"):
        write_option_symbol(finer)


@pytest.mark.parametrize(
    "text",
    ["", "AAPL", "AAPL190621X00290000", "AAPL190621P0029000", "aapl190621P00290000"],
)
def test_what_is_no_option_symbol_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no option symbol such as AAPL260213P00260000\.$"):
        read_option_symbol(text)
