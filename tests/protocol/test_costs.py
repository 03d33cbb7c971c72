from __future__ import annotations

from allusedesk.protocol.costs import contract_commission, share_commission
from tests.protocol.examples import classic, dollars


def test_contracts_pay_each_and_shares_at_least_a_dollar() -> None:
    assert contract_commission(3, classic()) == dollars("1.95")
    assert share_commission(100, classic()) == dollars(1)
    assert share_commission(200, classic()) == dollars("1.000")
    assert share_commission(201, classic()) == dollars("1.005")
