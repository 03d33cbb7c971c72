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
