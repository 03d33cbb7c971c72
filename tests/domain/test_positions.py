from __future__ import annotations

import pytest

from allusedesk.domain.money import NOTHING
from tests.trading import STOCK, call, dollars, lot, price, put


def test_a_position_of_zero_is_no_position() -> None:
    with pytest.raises(ValueError, match="lot holds nothing"):
        lot(STOCK, 0)


def test_a_short_is_worth_less_the_dearer_it_is() -> None:
    assert lot(put(), -2).value_at(price("1.50")) == dollars(-300)
    assert lot(STOCK, 50).value_at(price("1.50")) == dollars(75)


def test_only_a_short_put_can_take_cash_by_assignment() -> None:
    assert lot(put(95), -2).assignment_cost() == dollars(19_000)
    for other in (lot(put(95), 2), lot(call(95), -2), lot(STOCK, 100)):
        assert other.assignment_cost() == NOTHING
