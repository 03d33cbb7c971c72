"""The feed of Interactive Brokers before a local Trader Workstation, with faults of the line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count

import numpy as np
import pytest

from allusedesk.domain.instruments import Stock
from allusedesk.domain.quotes import ChainWish
from tests.doors.feed_rigs import (
    BOTH,
    LOOK,
    FeedRig,
    bid_of,
    notes,
    streaming_tws,
    tws_rig,
    until,
)
from tests.doors.servers.tws_faults import Fault
from tests.doors.servers.tws_market import ASK, BID, LAST

NEAR = ChainWish("AAA", BOTH, 0, 9)
MARKET_DATA, DETAILS = 1, 9
HISTORY_TOLD = 17


@pytest.fixture
def rig() -> Iterator[FeedRig]:
    with streaming_tws(NEAR) as made:
        yield made


def test_a_streamed_quote_counts_from_when_it_came_and_nudges_once(rig: FeedRig) -> None:
    rig.nudges.clear()
    rig.clock.instant = LOOK + timedelta(seconds=7)
    rig.move("AAA", 183.0, 183.04, LOOK)
    until(lambda: bid_of(rig) == Decimal("183.00"))
    quote = rig.feed.quote(Stock("AAA"), rig.clock())
    assert quote is not None
    assert quote.quoted_at == rig.clock()
    assert len(rig.nudges) == 1
    batches = rig.feed.pull(rig.clock())
    assert batches[-1].bids.tolist() == [183.0]
    assert batches[-1].instant == rig.clock()


def test_sides_that_come_apart_are_no_crossed_quote(rig: FeedRig) -> None:
    rig.server.tick("AAA", (BID, 190.0, 5))
    rig.server.tick("AAA", (ASK, 190.05, 5))
    until(lambda: bid_of(rig) == Decimal("190.00"))
    assert "dropped" not in notes(rig)


def test_a_side_that_goes_leaves_the_quote_of_before_with_its_instant(rig: FeedRig) -> None:
    rig.clock.instant = LOOK + timedelta(seconds=9)
    rig.server.tick("AAA", (BID, -1, 0))
    rig.server.tick("AAA", (LAST, 182.5, 5))
    rig.move("BBB", 64.3, 64.32, LOOK)
    until(lambda: bid_of(rig, "BBB") == Decimal("64.30"))
    quote = rig.feed.quote(Stock("AAA"), rig.clock())
    assert quote is not None
    assert quote.quoted_at == LOOK
    assert bid_of(rig) == Decimal("182.39")
    assert "dropped" not in notes(rig)


def test_what_cannot_be_a_quote_is_dropped_and_counted(rig: FeedRig) -> None:
    prices = count(200.0)

    def stays_crossed() -> bool:
        # Messages that arrive together count once, so it takes two or more.
        rig.server.tick("AAA", (BID, next(prices), 5))
        return "quotes dropped: crossed." in notes(rig)

    until(stays_crossed)
    rig.server.tick("AAA", (BID, -3.0, 5))
    until(lambda: "1 quotes dropped: negative." in notes(rig))
    rig.server.tick("AAA", (BID, float("nan"), 5), (LAST, float("inf"), 5))
    rig.server.tick("AAA", (BID, 180.0, 5))
    until(lambda: "quotes dropped: not a number." in notes(rig))
    assert bid_of(rig) == Decimal("182.39")
    rig.server.tick("AAA", (LAST, 182.0, 5))
    until(lambda: bid_of(rig) == Decimal("180.00"))


def test_an_option_without_a_bid_stands(rig: FeedRig) -> None:
    columns = rig.feed.chain(NEAR, LOOK)
    assert columns is not None
    row = int(np.flatnonzero(np.isnan(columns.bids))[0])
    lowest = columns.quote(row)
    assert lowest is not None
    assert lowest.bid is None
    assert lowest.ask is not None
    assert lowest.open_interest == 2_400
    assert lowest.volume_average == 1_500.0


def test_a_burst_ends_in_its_last_quote_and_drops_nothing(rig: FeedRig) -> None:
    for place in range(300):
        cents = place % 50
        rig.server.tick("AAA", (BID, 183.0 + cents / 100, 5), (ASK, 184.0 + cents / 100, 5))
    rig.move("AAA", 188.0, 188.05, LOOK)
    until(lambda: bid_of(rig) == Decimal("188.00"))
    batches = rig.feed.pull(LOOK)
    assert batches[-1].bids.tolist() == [188.0]
    assert "dropped" not in notes(rig)


def test_a_cut_line_is_told_comes_back_and_streams_again(rig: FeedRig) -> None:
    rig.server.server.refuse_connections()
    rig.server.server.cut_lines()
    until(lambda: "Nobody listens" in rig.feed.standing().reason)
    assert not rig.feed.standing().is_up
    assert bid_of(rig) is not None
    rig.server.server.listen()
    until(lambda: rig.feed.standing().is_up)
    until(lambda: rig.server.is_watched("AAA"))
    rig.move("AAA", 186.0, 186.05, LOOK)
    until(lambda: bid_of(rig) == Decimal("186.00"))


def test_a_line_that_falls_silent_is_given_up_and_made_anew() -> None:
    with tws_rig(heartbeat_seconds=0.1, answer_seconds=0.5) as rig:
        rig.settle(NEAR)
        rig.server.server.is_silent = True
        until(lambda: "does not answer" in rig.feed.standing().reason)
        rig.server.server.is_silent = False
        until(lambda: rig.feed.standing().is_up)


def test_a_lost_connection_upstream_is_told_and_lost_lines_are_asked_for_anew(
    rig: FeedRig,
) -> None:
    rig.server.server.tell_all(1100, "Connectivity between IBKR and TWS has been lost.")
    until(lambda: "lost its own connection" in rig.feed.standing().reason)
    rig.server.lose_lines()
    rig.server.server.tell_all(1101, "Connectivity restored - data lost.")
    until(lambda: rig.feed.standing().is_up)
    until(lambda: rig.server.is_watched("AAA"))
    rig.move("AAA", 187.0, 187.05, LOOK)
    until(lambda: bid_of(rig) == Decimal("187.00"))
    rig.server.server.tell_all(1100, "Connectivity between IBKR and TWS has been lost.")
    rig.server.server.tell_all(1102, "Connectivity restored - data maintained.")
    rig.move("AAA", 187.5, 187.55, LOOK)
    until(lambda: bid_of(rig) == Decimal("187.50"))
    assert rig.feed.standing().is_up


def test_a_halted_share_is_known_to_be(rig: FeedRig) -> None:
    rig.server.halt("AAA", 1)
    until(lambda: rig.feed.facts("AAA", LOOK).is_halted)
    rig.server.halt("AAA", 0)
    until(lambda: not rig.feed.facts("AAA", LOOK).is_halted)


def test_a_line_that_was_closed_may_be_opened_again(rig: FeedRig) -> None:
    rig.feed.close()
    assert not rig.feed.standing().is_up
    rig.feed.open(rig.hear)
    until(lambda: rig.feed.standing().is_up)
    rig.move("AAA", 189.0, 189.05, LOOK)
    until(lambda: bid_of(rig) == Decimal("189.00"))


def test_messages_that_overtake_each_other_do_no_harm() -> None:
    with tws_rig() as rig:
        rig.server.server.trap_outward(MARKET_DATA, Fault.SWAP, times=40)
        rig.settle(NEAR)
        assert "dropped" not in notes(rig)


def test_a_stalled_market_is_told_to_be_silent(rig: FeedRig) -> None:
    rig.clock.instant += timedelta(seconds=45)
    assert "AAA has been silent for 45 seconds." in notes(rig)
    rig.clock.instant += timedelta(seconds=300)
    assert rig.feed.chain(NEAR, rig.clock()) is None


def test_nobody_at_the_port_and_a_missing_client_are_plain_sentences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tws_rig() as rig:
        rig.server.server.refuse_connections()
        rig.feed.open(rig.hear)
        until(lambda: "start Trader Workstation" in rig.feed.standing().reason)
        rig.feed.close()
        rig.feed.close()
        assert "closed" in rig.feed.standing().reason
    monkeypatch.setitem(sys.modules, "allusedesk.market.feeds.interactive_brokers_wire", None)
    with tws_rig() as rig:
        rig.feed.open(rig.hear)
        until(lambda: "allusedesk[ibkr]" in rig.feed.standing().reason)
