"""What a source of quotes hands over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.market.raw_quotes import ContractsOnDemand


def test_contracts_on_demand_are_made_by_their_row_and_once() -> None:
    made: list[int] = []

    def of_row(row: int) -> OptionContract:
        made.append(row)
        return OptionContract("AAA", date(2019, 6, 21), Right.PUT, Decimal(row))

    contracts = ContractsOnDemand((5, 7, 9, 11), of_row)
    assert len(contracts) == 4
    assert made == []
    assert contracts[2].strike == 9
    assert contracts[2] is contracts[1:3][1]
    assert made == [9, 7]
    assert [contract.strike for contract in contracts] == [5, 7, 9, 11]
