"""Quotes through validation, board and price alarms, beside the limit of the same machine."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import Price
from allusedesk.market.quote_board import QuoteBoard

INSTRUMENTS = 500
BATCH = 1_000

Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def watched_board() -> QuoteBoard:
    board = QuoteBoard()
    for number in range(INSTRUMENTS):
        board.register(Stock(f"S{number}"))
        level = Price(Decimal(50))
        board.arm(
            PriceAlarm(f"A{number}", f"S{number}", level, Crossing.AT_OR_BELOW, AccountId("gen"))
        )
    return board


def quotes() -> Columns:
    rng = np.random.default_rng(1)
    bids = np.round(rng.uniform(90.0, 110.0, BATCH), 2)
    rows = rng.integers(0, INSTRUMENTS, BATCH)
    return rows, bids, bids + 0.02, bids + 0.01, np.full(BATCH, 1.7e9)


def bare_dispatch(row: int, bid: float, ask: float, last: float, instant: float) -> None:
    """What any feed in Python pays: one call with one quote's figures."""


@pytest.mark.benchmark(group="1,000 quotes one at a time (goal 2.5 ms: 400k/s)")
@pytest.mark.parametrize("way", ["board", "limit: bare call"])
def test_one_at_a_time(benchmark: Any, way: str) -> None:
    take: Callable[..., Any] = watched_board().post_one if way == "board" else bare_dispatch
    listed = list(zip(*(column.tolist() for column in quotes()), strict=True))

    def run() -> None:
        for quote in listed:
            take(*quote)

    benchmark(run)
    benchmark.extra_info["quotes_per_second"] = BATCH / benchmark.stats.stats.min


@pytest.mark.benchmark(group="1,000 quotes in a batch (goal 200 us: 5 M/s)")
@pytest.mark.parametrize("way", ["board", "limit: copy of the five columns"])
def test_in_a_batch(benchmark: Any, way: str) -> None:
    columns = quotes()
    board = watched_board()
    if way == "board":
        benchmark(board.post, *columns)
    else:
        benchmark(lambda: [column.copy() for column in columns])
    benchmark.extra_info["quotes_per_second"] = BATCH / benchmark.stats.stats.min
