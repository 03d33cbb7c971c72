"""Returns, volumes and VIX from a history: freed of splits, aligned, and never of a later day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from allusedesk.market.corporate_actions import Split
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    IndexBars,
    MarketHistory,
    SymbolHistory,
)
from allusedesk.wiring.market_figures import figures_of, last_known

DATES = np.arange("2020-01-01", "2020-02-10", dtype="datetime64[D]")
LAST = date(2020, 2, 9)


def bars(symbol: str, close: np.ndarray, dates: np.ndarray = DATES) -> DailyBars:
    volume = np.arange(1.0, len(dates) + 1.0)
    return DailyBars(
        symbol, dates, close, close, close, close, volume, Adjustment.RAW,
        AdjustmentBasis.DECLARED, "made",
    )  # fmt: skip


def rising(rate: float, days: int = len(DATES)) -> np.ndarray:
    return 100.0 * np.exp(rate * np.arange(days))


def history(*symbols: SymbolHistory) -> MarketHistory:
    vix = rising(-0.02) / 5.0
    return MarketHistory(
        symbols={one.symbol: one for one in symbols},
        trend=bars("SPY", rising(0.001)),
        vix=IndexBars("VIX", DATES, vix, vix, vix, vix, "made"),
        rate=None,
        chains=(),
        choices=(),
        defects=(),
    )


def listed(own: DailyBars, splits: tuple[Split, ...] = ()) -> SymbolHistory:
    return SymbolHistory(own.symbol, own, own, (), splits, (), (), earnings_known=False)


def test_returns_stand_beside_those_of_the_index_and_of_vix() -> None:
    table = figures_of(history(listed(bars("AAPL", rising(0.002)))), ["AAPL", "XYZ"], LAST).table
    assert table is not None
    assert (table.symbols, table.index) == (("AAPL",), "SPY")
    assert table.dates[0] == date(2020, 1, 2)
    assert table.dates[-1] == LAST
    assert table.returns[:, 0] == pytest.approx(np.full(39, 0.002))
    assert table.market == pytest.approx(np.full(39, 0.001))
    assert table.volatility == pytest.approx(np.full(39, -0.02))


def test_nothing_later_is_known() -> None:
    found = figures_of(history(listed(bars("AAPL", rising(0.002)))), ["AAPL"], date(2020, 1, 20))
    assert found.table is not None
    assert found.table.dates[-1] == date(2020, 1, 20)
    assert dict(found.volumes)["AAPL"] == pytest.approx(20.0, abs=10)
    few = figures_of(history(), [], date(2020, 1, 1))
    assert few.table is None
    assert "no two days" in few.note
    some = figures_of(history(), [], LAST, sessions=5).table
    assert some is not None
    assert len(some.dates) == 5


def test_prices_that_end_long_before_the_book_say_so() -> None:
    seen = history(listed(bars("AAPL", rising(0.002))))
    assert figures_of(seen, ["AAPL"], LAST + timedelta(days=7)).note == ""
    old = figures_of(seen, ["AAPL"], LAST + timedelta(days=8))
    assert old.note.startswith(f"The prices end on {LAST} and the book is of ")


def test_a_split_is_no_loss() -> None:
    close = rising(0.002)
    close[20:] /= 4.0
    split = Split("AAPL", DATES[20].astype(object), 4.0)
    found = figures_of(history(listed(bars("AAPL", close), (split,))), ["AAPL"], LAST).table
    assert found is not None
    assert found.returns[:, 0] == pytest.approx(np.full(39, 0.002))
    untold = figures_of(history(listed(bars("AAPL", close / 2.0))), ["AAPL"], LAST).table
    assert untold is not None
    # Nobody told of a split: a fall by three quarters is a fall, as far as anyone can say.
    assert untold.returns[19, 0] == pytest.approx(0.002 - np.log(4.0))


def test_a_missing_bar_keeps_the_close_and_a_long_gap_is_unknown() -> None:
    for gap, is_known in ((3, True), (12, False)):
        keep = np.ones(len(DATES), dtype=bool)
        keep[10 : 10 + gap] = False
        own = bars("AAPL", rising(0.002)[keep], DATES[keep])
        table = figures_of(history(listed(own)), ["AAPL"], LAST).table
        assert table is not None
        assert (table.of("AAPL") is not None) is is_known


def test_a_symbol_without_a_price_or_volume_is_left_unknown() -> None:
    dead = bars("AAPL", np.full(len(DATES), np.nan))
    silent = replace(dead, volume=np.zeros(len(DATES)))
    found = figures_of(history(listed(silent)), ["AAPL"], LAST)
    assert found.table is not None
    assert found.table.of("AAPL") is None
    assert found.volumes == ()


def test_todays_close_is_known_from_four_in_the_afternoon_on() -> None:
    assert last_known(datetime(2020, 1, 15, 20, 59, tzinfo=UTC)) == date(2020, 1, 14)
    assert last_known(datetime(2020, 1, 15, 21, 0, tzinfo=UTC)) == date(2020, 1, 15)
