"""The book at each close, and what was told and came: by hand on a book of shares."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.state import DeskState
from allusedesk.risk.revaluation import HeldLot
from allusedesk.risk.value_at_risk import ReturnTable, historical
from allusedesk.wiring.book_on_record import (
    DAYS_MIN,
    BookOnRecord,
    Close,
    figures_on_record,
    var_history,
)
from tests.trading import NOON, STOCK, funded_book, lot, with_lots

FIRST = date(2020, 1, 1)
RANDOM = np.random.default_rng(3)
RETURNS = RANDOM.normal(0.0, 0.01, 140)
TABLE = ReturnTable(
    tuple(FIRST + timedelta(days=place) for place in range(140)),
    ("AAPL",),
    RETURNS[:, None],
    "SPY",
    RETURNS / 2.0,
    -RETURNS,
)
SHARES = HeldLot("AAPL", 100, 100.0)


def close(place: int, equity: float, *lots: HeldLot, moved: int = 0) -> Close:
    on = FIRST + timedelta(days=place)
    return Close(on, Decimal(str(equity)), Decimal(moved), lots, 0.02, {}, None, None)


def test_what_is_told_rests_on_the_days_before_alone() -> None:
    closes = [close(119, 50_000.0, SHARES), close(120, 51_500.0, SHARES, moved=2_000)]
    found = var_history(closes, TABLE, 0.99)
    before = TABLE.before(FIRST + timedelta(days=120))
    assert len(before.dates) == 120
    assert found.traded[0].value_at_risk == pytest.approx(
        historical([SHARES], 0.02, before, 0.99).value_at_risk
    )
    later = ReturnTable(
        TABLE.dates, TABLE.symbols, np.where(np.arange(140)[:, None] < 120, TABLE.returns, -0.5),
        "SPY", TABLE.market, TABLE.volatility,
    )  # fmt: skip
    again = var_history(closes, later, 0.99)
    assert again.traded == found.traded
    assert again.held[0].value_at_risk == found.held[0].value_at_risk
    assert again.held[0].outcome == pytest.approx(10_000 * math.expm1(-0.5))


def test_money_from_outside_is_no_gain_and_the_book_left_alone_knows_no_trade() -> None:
    closes = [close(119, 50_000.0, SHARES), close(120, 51_500.0, moved=2_000)]
    found = var_history(closes, TABLE, 0.99)
    assert found.traded[0].outcome == pytest.approx(-500.0)
    assert found.held[0].outcome == pytest.approx(10_000 * math.expm1(RETURNS[120]))


def test_a_close_without_lots_or_without_a_hundred_days_tells_nothing() -> None:
    early = [close(DAYS_MIN - 2, 1.0, SHARES), close(DAYS_MIN - 1, 1.0, SHARES)]
    empty = [close(119, 1.0), close(120, 1.0, SHARES)]
    for closes in (early, empty, empty[:1], []):
        assert var_history(closes, TABLE, 0.99).traded == ()
    assert var_history(early, None, 0.99).held == ()


def test_a_day_without_prices_has_an_outcome_as_traded_alone() -> None:
    closes = [close(139, 10.0, SHARES), close(145, 9.0, SHARES)]
    found = var_history(closes, TABLE, 0.99)
    assert len(found.traded) == 1
    assert found.held == ()


def test_the_index_moves_by_its_own_closes_not_by_the_last_look_at_its_options() -> None:
    put = HeldLot("SPX", 100, 1_400.0, 1_200.0, is_put=True, years=0.5, volatility=0.2)
    closes = tuple(
        replace(
            close(place, 1.0, put), index=1_400.0 + 10 * place, vix=15.0, spots={"SPX": 1_400.0}
        )
        for place in range(5)
    )
    book = BookOnRecord(DeskState(trend_symbol="SPX"), MarketSnapshot(NOON), closes)
    table = figures_on_record(book).table
    assert table is not None
    assert table.symbols == ("SPX",)
    assert table.returns[:, 0] == pytest.approx(table.market)
    assert table.market[0] == pytest.approx(math.log(1_410 / 1_400))


def seen_at(spots: list[float | None]) -> BookOnRecord:
    """A book of AAPL and the closes at which its price was seen, or stood as at the last look."""
    closes = tuple(
        replace(
            close(place, 1.0, SHARES),
            index=100.0 + place % 3,
            vix=15.0,
            spots={} if spot is None else {"AAPL": spot},
        )
        for place, spot in enumerate(spots)
    )
    book = with_lots(funded_book(), lot(STOCK, 100))
    return BookOnRecord(DeskState(book=book, trend_symbol="SPY"), MarketSnapshot(NOON), closes)


def test_the_days_before_a_symbol_was_first_looked_at_are_left_out_where_they_are_few() -> None:
    spots: list[float | None] = [100.0 + place % 7 for place in range(101)]
    few = figures_on_record(seen_at([None] * 4 + spots[4:])).table
    many = figures_on_record(seen_at([None] * 40 + spots[40:])).table
    assert few is not None
    assert many is not None
    assert (len(few.dates), few.of("AAPL") is not None) == (96, True)
    assert (len(many.dates), many.of("AAPL")) == (100, None)


def test_a_symbol_that_was_seldom_looked_at_has_no_beta() -> None:
    daily: list[float | None] = [100.0 + place % 7 for place in range(101)]
    weekly: list[float | None] = [100.0 + place // 5 % 7 for place in range(101)]
    assert figures_on_record(seen_at(daily)).seldom == ()
    found = figures_on_record(seen_at(weekly))
    assert found.seldom == ("AAPL",)
    assert "AAPL was not looked at on every day" in found.note


def test_an_index_that_was_looked_at_once_a_week_measures_no_beta() -> None:
    book = seen_at([100.0 + place % 7 for place in range(101)])
    weekly = tuple(
        replace(each, index=100.0 + place // 5 % 7) for place, each in enumerate(book.closes)
    )
    found = figures_on_record(replace(book, closes=weekly))
    assert found.seldom == ("AAPL",)
    assert "SPY itself was looked at on 20 of 100 days: no beta is measured" in found.note
