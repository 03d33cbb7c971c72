from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest

from allusedesk.domain.money import Price
from allusedesk.domain.quotes import Greeks, Quote
from tests.trading import NOON, STOCK, quote


@pytest.mark.parametrize(("delta", "quoted"), [(-0.29, 29.0), (0.0307, 3.07), (0.45, 45.0)])
def test_a_delta_on_its_limit_is_quoted_as_exactly_that(delta: float, quoted: float) -> None:
    others = {field.name: 0.0 for field in fields(Greeks)}
    assert Greeks(**{**others, "delta": delta}).delta_quoted == quoted


def test_a_locked_quote_stands_and_a_crossed_one_is_refused() -> None:
    assert quote(STOCK, "10.01", "10.01").mid is not None
    with pytest.raises(ValueError, match=r"^AAPL: the bid 10\.02 is above the ask 10\.01\.$"):
        quote(STOCK, "10.02", "10.01")


@pytest.mark.parametrize("bid", [None, Price(Decimal("1.00"))])
@pytest.mark.parametrize("ask", [None, Price(Decimal("1.20"))])
@pytest.mark.parametrize("last", [None, Price(Decimal("0.90"))])
def test_a_quote_has_a_mark_where_somebody_asks_or_it_was_traded(
    bid: Price | None, ask: Price | None, last: Price | None
) -> None:
    seen = Quote(STOCK, bid, ask, last, NOON)
    assert seen.has_mark is (seen.mark is not None)
    # Half the ask where nobody bids; a bid alone says nothing.
    if ask is None:
        assert seen.mark == last
    else:
        assert seen.mark == Price(Decimal("1.10") if bid is not None else Decimal("0.60"))
