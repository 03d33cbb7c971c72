"""Columns of a live market: what is kept, what is dropped and why, and what waits to be fetched."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.market.enrichment import post_batch
from allusedesk.market.feeds import live_columns
from allusedesk.market.feeds.live_columns import (
    ASK,
    BID,
    INSTANT,
    LAST,
    OPEN_INTEREST,
    LiveColumns,
    Tick,
)
from allusedesk.market.quote_board import QuoteBoard

NOW = datetime(2025, 3, 12, 15, 0, tzinfo=UTC)
SECOND = NOW.timestamp()
AAA, BBB = Stock("AAA"), Stock("BBB")
PUT = OptionContract("AAA", date(2025, 3, 21), Right.PUT, Decimal(180))


def columns(*watched: str) -> LiveColumns:
    made = LiveColumns(lambda: NOW)
    made.watch(watched)
    return made


def tick(
    bid: float, ask: float, seconds: float = 0.0, last: float = nan, of: Instrument = AAA
) -> Tick:
    return Tick(of, bid, ask, last, SECOND + seconds)


def kept(made: LiveColumns, of: Instrument = AAA) -> tuple[float, ...]:
    return tuple(made.figures((of,))[[BID, ASK, LAST], 0].tolist())


def test_a_quote_older_than_the_kept_one_never_replaces_it() -> None:
    made = columns("AAA")
    made.post([tick(10.0, 10.1, -1.0, 10.05), tick(9.0, 9.1, -2.0, 9.05)])
    assert kept(made) == (10.0, 10.1, 10.05)
    assert made.dropped == (("out of order", 1),)
    assert len(made.take(NOW)) == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (tick(10.2, 10.1), "crossed"),
        (tick(-1.0, 10.1), "negative"),
        (tick(nan, 10.1), "not a number"),
        (tick(10.0, inf), "not a number"),
        (tick(10.0, 1e12), "not a number"),
        (tick(0.0, 10.1), "zero"),
        (tick(nan, nan), "not a number"),
        (Tick(AAA, 10.0, 10.1, nan, nan), "without an instant"),
        (tick(10.0, 10.1, 6.0), "ahead of the clock"),
        (tick(-0.5, 0.1, of=PUT), "negative"),
        (tick(0.0, 0.0, of=PUT), "not a number"),
    ],
)
def test_what_is_no_quote_is_dropped_and_counted_by_reason(bad: Tick, reason: str) -> None:
    made = columns("AAA")
    good = Tick(bad.instrument, 9.9, 10.0, 9.95, SECOND - 5.0)
    made.post([good, bad])
    assert kept(made, bad.instrument) == (9.9, 10.0, 9.95)
    assert made.dropped == ((reason, 1),)
    assert made.ticks == 2


def test_the_board_is_shown_what_cannot_be_a_quote_so_that_it_counts_it() -> None:
    made, board = columns("AAA"), QuoteBoard()
    made.post([tick(10.0, 10.1, -3.0, 10.05), tick(10.2, 10.1, -2.0), tick(9.0, 9.1, 60.0)])
    for batch in made.take(NOW):
        post_batch(board, batch)
    assert dict(board.dropped) == {"crossed": 1}
    quote = board.quote(board.row_of_share("AAA"))
    assert quote is not None
    assert quote.bid is not None
    assert quote.bid.per_unit == Decimal(10)


def test_a_repeated_quote_waits_once_and_counts_unless_it_was_asked_for() -> None:
    made = columns("AAA")
    same = [tick(10.0, 10.1, -1.0, 10.05)]
    made.post(same * 3)
    assert made.dropped == (("duplicate", 2),)
    assert len(made.take(NOW)) == 1
    made.post(same, is_polled=True)
    made.post([tick(9.9, 10.0, -2.0)], is_polled=True)
    assert made.dropped == (("duplicate", 2),)
    assert made.take(NOW) == ()


def test_an_option_without_a_bid_stands_and_keeps_its_last_price() -> None:
    made = columns()
    made.post([tick(0.02, 0.05, -3.0, 0.04, PUT), tick(0.0, 0.05, -2.0, of=PUT)])
    bid, ask, last = kept(made, PUT)
    assert np.isnan(bid)
    assert (ask, last) == (0.05, 0.04)
    assert made.series("AAA") == (PUT,)


def test_an_index_prints_without_sides() -> None:
    made = columns("VIX")
    made.post([Tick(Stock("VIX"), nan, nan, 18.2, SECOND)])
    assert made.figures((Stock("VIX"),))[LAST, 0] == 18.2
    assert made.dropped == ()


def test_a_trade_of_a_share_leaves_its_quote_as_it_was() -> None:
    made = columns("AAA")
    made.post([tick(10.0, 10.1, -3.0, 10.05), tick(nan, nan, -1.0, 10.08)])
    assert kept(made) == (10.0, 10.1, 10.08)
    assert made.figures((AAA,))[INSTANT, 0] == SECOND - 3.0
    assert len(made.take(NOW)) == 1


def test_batches_come_by_instant_and_none_later_than_asked() -> None:
    made = columns("AAA", "BBB")
    ticks = [
        tick(10.0, 10.1, -1.0),
        tick(20.0, 20.1, -2.0, of=BBB),
        tick(10.1, 10.2, -0.5),
        tick(20.1, 20.2, -0.5, of=BBB),
        tick(10.2, 10.3, 3.0),
    ]
    made.post(ticks)
    batches = made.take(NOW)
    assert [(batch.instant.timestamp() - SECOND, batch.symbols) for batch in batches] == [
        (-2.0, ("BBB",)),
        (-1.0, ("AAA",)),
        (-0.5, ("AAA", "BBB")),
        (0.0, ("AAA",)),
    ]
    assert made.take(NOW) == ()


def test_only_the_first_of_a_batch_is_worth_a_nudge() -> None:
    made = columns("AAA")
    assert made.post([tick(10.0, 10.1, -3.0)]) is True
    assert made.post([tick(10.1, 10.2, -2.0)]) is False
    assert made.post([tick(20.0, 20.1, of=BBB)]) is False
    made.take(NOW)
    assert made.post([tick(10.2, 10.3, -1.0)]) is True


def test_a_share_newly_watched_brings_the_quote_that_stands() -> None:
    made = columns()
    made.post([tick(10.0, 10.1, -3.0, 10.05), tick(20.0, 20.1, of=BBB)])
    assert made.take(NOW) == ()
    assert made.watch(("AAA",)) is True
    (batch,) = made.take(NOW)
    assert (batch.symbols, batch.lasts.tolist()) == (("AAA",), [10.05])
    made.post([tick(10.1, 10.2, -2.0)])
    made.watch(())
    assert made.take(NOW) == ()


def test_columns_grow_and_keep_what_they_held() -> None:
    made = columns()
    first = date(2025, 3, 21)
    contracts = [
        OptionContract("AAA", first + timedelta(days=place), Right.CALL, Decimal(100))
        for place in range(700)
    ]
    for place, contract in enumerate(contracts):
        made.describe(contract, OPEN_INTEREST, float(place))
    assert made.figures(contracts)[OPEN_INTEREST].tolist() == list(range(700))
    assert np.isnan(made.figures((BBB,))[INSTANT, 0])


def test_when_nobody_fetches_the_oldest_go_and_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_columns, "WAITING_MAX", 3)
    made = columns("AAA")
    made.post([tick(10.0, 10.1, -10.0 + place) for place in range(5)])
    assert [batch.instant.timestamp() - SECOND for batch in made.take(NOW)] == [-8.0, -7.0, -6.0]
    assert made.dropped == (("not fetched in time", 2),)


def test_a_burst_from_another_thread_is_absorbed_without_loss() -> None:
    made, count = columns("AAA", "BBB"), 20_000
    fetched = 0
    is_over = threading.Event()

    def write() -> None:
        for place in range(count):
            of, seconds = (AAA, BBB)[place % 2], -100.0 + place * 1e-3
            made.post([Tick(of, 10.0, 10.1, 10.05, SECOND + seconds)])
        is_over.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not is_over.is_set():
        fetched += sum(len(batch.symbols) for batch in made.take(NOW))
    writer.join(5)
    fetched += sum(len(batch.symbols) for batch in made.take(NOW))
    assert (fetched, made.ticks, made.dropped) == (count, count, ())


@given(
    st.lists(
        st.tuples(
            st.sampled_from([nan, -1.0, 0.0, 9.9, 10.0, 10.1, inf]),
            st.sampled_from([nan, -1.0, 0.0, 9.9, 10.0, 10.1, inf]),
            st.integers(-20, 8),
        ),
        max_size=40,
    )
)
def test_whatever_comes_the_kept_quote_can_stand_and_never_goes_back_in_time(
    told: list[tuple[float, float, int]],
) -> None:
    made = columns("AAA")
    latest = -inf
    for bid, ask, seconds in told:
        made.post([tick(bid, ask, float(seconds))])
        figures = made.figures((AAA,))[:4, 0]
        if not np.isnan(figures[INSTANT]):
            assert 0.0 < figures[BID] <= figures[ASK] < inf
            assert figures[INSTANT] >= latest
            latest = float(figures[INSTANT])
    assert made.ticks == len(told)
