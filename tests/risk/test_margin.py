from __future__ import annotations

import pytest

from allusedesk.risk.margin import cash_secured, regulation_t
from tests.trading import call, dollars, price, put


def test_short_puts_hold_their_strike_and_fees() -> None:
    assert cash_secured(put(95), 3, dollars("0.65")) == dollars("28501.95")
    assert cash_secured(put(95, multiplier=150), 1, dollars(0)) == dollars(14_250)
    with pytest.raises(ValueError, match="is no put"):
        cash_secured(call(95), 1, dollars(0))


# The arithmetic of the exchanges' margin manual: premium, plus the larger of 20% (15%) of the
# underlying less what it is out of the money, and 10% of the strike.
@pytest.mark.parametrize(
    ("strike", "premium", "spot", "is_broad_index", "required"),
    [
        ("80", "2", "95", False, 1_000),
        ("80", "2", "82", False, 1_640),
        ("80", "5", "78", False, 2_060),
        ("80", "2", "82", True, 1_230),
        ("80", "2", "95", True, 1_000),
    ],
)
def test_regulation_t_for_uncovered_puts(
    strike: str, premium: str, spot: str, is_broad_index: bool, required: int
) -> None:
    contract = put(strike, underlying="SPX" if is_broad_index else "AAPL")
    assert regulation_t(contract, 1, price(premium), price(spot)) == dollars(required)
    assert regulation_t(contract, 2, price(premium), price(spot)) == dollars(2 * required)
