from __future__ import annotations

import pytest

from allusedesk.protocol.closing_orders import closing_mid, closing_price
from tests.protocol.examples import MONDAY, at, classic, lot, market, option, price, quote


@pytest.mark.parametrize(
    ("bid", "ask", "mid", "bidding"),
    [
        ("0.90", "1.00", "0.95", "0.95"), (None, "0.02", "0.01", "0.01"),
        (None, "0.01", "0.005", "0.01"), ("0.93", "1.00", "0.965", "0.97"),
        ("4.00", "4.05", "4.025", "4.05"),
    ],
)  # fmt: skip
def test_a_short_is_bought_at_mid_on_the_grid_and_never_for_nothing(
    bid: str | None, ask: str, mid: str, bidding: str
) -> None:
    seen = quote(option(95), bid, ask)
    assert closing_mid(seen) == price(mid)
    assert closing_price(lot(option(95)), seen, market(), classic()) == price(bidding)


def test_an_old_quote_is_bought_dearer() -> None:
    seen = quote(option(95), "1.99", "2.01", now=at(MONDAY, "09:59"))
    assert closing_price(lot(option(95)), seen, market(), classic()) == price("2.02")


def test_without_an_ask_there_is_no_price() -> None:
    assert closing_mid(None) is None
    assert closing_mid(quote(option(95), "1.00", None)) is None
    assert closing_mid(quote(option(95), "0", "0")) is None
    assert closing_price(lot(option(95)), None, market(), classic()) is None
