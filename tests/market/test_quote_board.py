"""The board: what it keeps, what it drops, and that no crossing of a level goes unheard."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import Price
from allusedesk.market.quote_board import QuoteBoard, SeriesFigures

NAN = math.nan
NOON = datetime(2026, 2, 12, 17, 0, 0, 123456, tzinfo=UTC)


def alarm(
    name: str, symbol: str, level: str, crossing: Crossing = Crossing.AT_OR_BELOW
) -> PriceAlarm:
    return PriceAlarm(name, symbol, Price(Decimal(level)), crossing, AccountId("gen"))


def batch(*quotes: tuple[int, float, float, float, float]) -> tuple[np.ndarray, ...]:
    rows, bids, asks, lasts, instants = zip(*quotes, strict=True)
    return (np.array(rows), *(np.array(column) for column in (bids, asks, lasts, instants)))


def test_the_last_quote_of_a_row_wins() -> None:
    board = QuoteBoard()
    row = board.register(Stock("AAPL"))
    assert board.register(Stock("AAPL")) == row
    assert board.quote(row) is None
    board.post(*batch((row, 99.0, 99.1, 99.05, 1.0), (row, 100.0, 100.02, NAN, 2.0)))
    quote = board.quote(row)
    assert quote is not None
    assert quote.bid == Price(Decimal("100.00"))
    assert quote.ask == Price(Decimal("100.02"))
    assert quote.last == Price(Decimal("99.05"))
    assert quote.quoted_at == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bid", "ask", "last", "reason"),
    [
        (10.01, 10.0, NAN, "crossed"),
        (-1.0, 10.0, NAN, "negative"),
        (10.0, 10.1, -5.0, "negative"),
        (0.0, 10.0, NAN, "zero"),
        (10.0, 10.1, 0.0, "zero"),
        (NAN, 10.0, 10.0, "not a number"),
        (10.0, NAN, 10.0, "not a number"),
        (NAN, NAN, NAN, "not a number"),
        (10.0, math.inf, NAN, "not a number"),
        (10.0, 10.1, math.inf, "not a number"),
        (10.0, 1e9, NAN, "not a number"),
    ],
)
def test_an_invalid_quote_is_dropped_and_counted(
    bid: float, ask: float, last: float, reason: str
) -> None:
    board = QuoteBoard()
    row, good = board.register(Stock("AAPL")), board.register(Stock("MSFT"))
    board.post_one(row, 9.0, 9.1, 9.05, 1.0)
    before = board.quote(row)
    assert board.post_one(row, bid, ask, last, 2.0) == ()
    board.post(*batch((row, bid, ask, last, 2.0), (good, 5.0, 5.1, 5.0, 2.0)))
    assert board.quote(row) == before
    assert board.quote(good) is not None
    assert board.dropped == {reason: 2}


def test_a_locked_quote_and_a_bare_print_stand() -> None:
    board = QuoteBoard()
    row, index = board.register(Stock("AAPL")), board.register(Stock("VIX"))
    board.post(*batch((row, 10.0, 10.0, NAN, 1.0), (index, NAN, NAN, 17.25, 1.0)))
    assert board.dropped == {}
    printed = board.quote(index)
    assert printed is not None
    assert printed.mark == Price(Decimal("17.25"))
    assert not board.arm(alarm("calm", "VIX", "17.24"))
    assert board.post_one(index, NAN, NAN, 17.24, 2.0) == ("calm",)


def test_an_alarm_rings_at_its_level_and_once() -> None:
    board = QuoteBoard()
    row = board.register(Stock("AAPL"))
    board.post_one(row, 100.0, 100.02, NAN, 1.0)
    assert not board.arm(alarm("stop", "AAPL", "95"))
    assert not board.arm(alarm("deeper", "AAPL", "90"))
    assert not board.arm(alarm("target", "AAPL", "110", Crossing.AT_OR_ABOVE))
    assert board.post_one(row, 95.0, 95.02, NAN, 2.0) == ()
    assert board.post_one(row, 94.99, 95.01, NAN, 3.0) == ("stop",)
    assert board.post_one(row, 94.0, 94.02, NAN, 4.0) == ()
    assert board.post_one(row, 109.99, 110.01, NAN, 5.0) == ("target",)
    board.disarm("deeper")
    board.disarm("deeper")
    assert board.post_one(row, 1.0, 1.02, NAN, 6.0) == ()


def test_a_touch_inside_a_batch_rings() -> None:
    board = QuoteBoard()
    row = board.register(Stock("AAPL"))
    board.arm(alarm("stop", "AAPL", "95"))
    rung = board.post(*batch((row, 94.0, 94.1, NAN, 1.0), (row, 99.0, 99.1, NAN, 2.0)))
    assert rung == ("stop",)


def test_an_alarm_already_crossed_rings_when_armed() -> None:
    board = QuoteBoard()
    row = board.register(Stock("AAPL"))
    board.post_one(row, 94.0, 94.1, NAN, 1.0)
    assert board.arm(alarm("stop", "AAPL", "95"))
    assert board.post_one(row, 93.0, 93.1, NAN, 2.0) == ()


def test_an_alarm_armed_again_takes_the_new_level() -> None:
    board = QuoteBoard()
    row = board.register(Stock("AAPL"))
    board.arm(alarm("stop", "AAPL", "95"))
    board.arm(alarm("stop", "AAPL", "90"))
    assert board.post_one(row, 94.0, 94.1, NAN, 1.0) == ()
    assert board.post_one(row, 89.9, 90.1, NAN, 2.0) == ("stop",)


PRICES = st.one_of(
    st.sampled_from([NAN, 0.0, -1.0, math.inf, -math.inf, 1e308]), st.integers(1, 20).map(float)
)


@given(st.lists(st.tuples(st.integers(0, 3), PRICES, PRICES, PRICES), max_size=30))
def test_a_batch_is_the_same_as_its_quotes_one_by_one(
    quotes: list[tuple[int, float, float, float]],
) -> None:
    boards = QuoteBoard(), QuoteBoard()
    for board in boards:
        for symbol in ("A", "B", "C", "D"):
            board.register(Stock(symbol))
            board.arm(alarm(f"{symbol} low", symbol, "5"))
            board.arm(alarm(f"{symbol} high", symbol, "15", Crossing.AT_OR_ABOVE))
    timed = [(*quote, float(place)) for place, quote in enumerate(quotes)]
    one_by_one = [name for quote in timed for name in boards[0].post_one(*quote)]
    together = boards[1].post(*batch(*timed)) if timed else ()
    assert list(together) == one_by_one
    assert boards[0].dropped == boards[1].dropped
    stocks = tuple(Stock(symbol) for symbol in "ABCD")
    assert boards[0].sample(stocks) == boards[1].sample(stocks)


def test_the_board_grows_and_keeps_quotes_and_alarms() -> None:
    board = QuoteBoard()
    first = board.register(Stock("S0"))
    board.post_one(first, 10.0, 10.1, NAN, 1.0)
    board.arm(alarm("stop", "S0", "9"))
    for number in range(1, 1_000):
        board.register(Stock(f"S{number}"))
    last = board.register(Stock("S999"))
    assert board.quote(last) is None
    board.post_one(last, 20.0, 20.1, NAN, 1.0)
    assert board.quote(first) is not None
    assert board.post_one(first, 8.0, 8.1, NAN, 2.0) == ("stop",)


def test_a_row_nobody_registered_is_refused() -> None:
    board = QuoteBoard()
    board.register(Stock("AAPL"))
    for row in (1, -1):
        with pytest.raises(IndexError, match="not on the board"):
            board.post_one(row, 1.0, 1.1, NAN, 0.0)
        with pytest.raises(IndexError, match="not on the board"):
            board.post(*batch((row, 1.0, 1.1, NAN, 0.0)))


def test_a_sample_carries_the_days_figures_and_exact_instants() -> None:
    board = QuoteBoard()
    put = OptionContract("AAPL", date(2026, 2, 20), Right.PUT, Decimal("262.5"))
    row = board.register(put)
    board.describe(row, SeriesFigures(is_modelled=True, open_interest=500, volume_average=120.0))
    board.post_one(row, 1.15, 1.2, 1.18, NOON.timestamp())
    (quote,) = board.sample((Stock("NEVER"), put))
    assert quote.instrument == put
    assert quote.quoted_at == NOON
    assert (quote.is_modelled, quote.open_interest, quote.volume_average) == (True, 500, 120.0)
    assert str(quote.bid) == "1.15"
