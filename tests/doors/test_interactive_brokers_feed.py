"""The feed of Interactive Brokers before a local Trader Workstation, with faults of the line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import numpy as np
import pytest

from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.feeds import interactive_brokers_lines
from allusedesk.market.feeds.interactive_brokers import InteractiveBrokersFeedSettings, trial
from allusedesk.market.feeds.interactive_brokers_words import answer_to
from allusedesk.market.feeds.live_standing import FeedRefused, QuoteQuality
from tests.doors.feed_rigs import (
    BOTH,
    LOOK,
    SHARES,
    FeedRig,
    dotted_market,
    shown_market,
    tws_rig,
    until,
)
from tests.doors.servers.shown_market import expiries_after
from tests.doors.servers.tws_faults import Fault
from tests.doors.servers.tws_market import ASK, BID, LAST

NEAR = ChainWish("AAA", BOTH, 0, 9)
MARKET_DATA, HISTORY, DETAILS, CLOCK = 1, 20, 9, 49
HISTORY_TOLD = 17


@pytest.fixture
def rig() -> Iterator[FeedRig]:
    """A feed that is filled, streams both shares, and whose first batches are fetched."""
    with tws_rig() as made:
        made.feed.subscribe(SHARES)
        made.settle(NEAR)
        until(lambda: made.server.is_watched("BBB"))
        until(lambda: bid_of(made, "BBB") is not None)
        made.feed.pull(LOOK)
        yield made


def bid_of(rig: FeedRig, symbol: str = "AAA") -> Decimal | None:
    quote = rig.feed.quote(Stock(symbol), rig.clock())
    return None if quote is None or quote.bid is None else quote.bid.per_unit


def notes(rig: FeedRig) -> str:
    return " ".join(rig.feed.health().notes)


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


def test_a_quote_that_does_not_move_is_asked_for_anew() -> None:
    with tws_rig(renew_seconds=0.2) as rig:
        rig.settle(NEAR)
        rig.clock.instant = LOOK + timedelta(seconds=25)

        def is_renewed() -> bool:
            columns = rig.feed.chain(NEAR, rig.clock())
            if columns is None or columns.instants is None:
                return False
            return float(columns.instants.min()) == rig.clock().timestamp()

        until(is_renewed)


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


def test_where_lines_are_few_options_take_turns() -> None:
    with tws_rig(lines_max=20, turn_seconds=0.3) as rig:
        rig.server.lines_max = 20
        rig.settle(NEAR)
        assert "options take turns on 17 lines" in notes(rig)
        assert rig.server.most_lines <= 20
        before = len(rig.server.server.sockets[0].heard)
        until(lambda: len(rig.server.server.sockets[0].heard) > before + 100)
        assert "no more quotes at once" not in notes(rig)


def test_an_account_with_fewer_lines_than_said_makes_do() -> None:
    with tws_rig(turn_seconds=0.2) as rig:
        rig.server.lines_max = 30
        rig.settle(NEAR)
        assert rig.server.most_lines <= 30
        assert "may stream no more quotes at once" in notes(rig)


def test_the_vendors_limit_of_messages_is_never_reached() -> None:
    # Messages may arrive closer together than they were sent, on a busy machine.
    with tws_rig(messages_per_second=35) as rig:
        rig.server.server.messages_per_second_max = 70
        rig.settle(NEAR)
        assert len(rig.server.server.sockets[0].heard) > 80
        assert "too many messages" not in notes(rig)
        assert "does not tell" not in notes(rig)


def test_a_pacing_violation_is_told_and_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive_brokers_lines, "_ASK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(interactive_brokers_lines, "_MUTE_TURNS", 1)
    with tws_rig(answer_seconds=0.4, turn_seconds=0.3, messages_per_second=2_000) as rig:
        rig.server.server.messages_per_second_max = 25
        rig.feed.keep((NEAR,))
        rig.feed.open(rig.hear)
        until(lambda: "too many messages in a second" in notes(rig))
        rig.server.server.messages_per_second_max = None
        rig.settle(NEAR)


def test_delayed_quotes_are_labelled_on_paper() -> None:
    with tws_rig() as rig:
        rig.server.kind = 3
        rig.settle(NEAR)
        assert rig.feed.standing().quality is QuoteQuality.DELAYED
        assert "The quotes of Interactive Brokers are delayed." in notes(rig)
        assert not rig.feed.health().is_live


def test_delayed_quotes_are_not_asked_for_in_live_trading() -> None:
    with tws_rig(is_paper=False) as rig:
        rig.server.kind = 3
        rig.feed.keep((NEAR,))
        rig.feed.open(rig.hear)
        until(lambda: "AAA: live quotes are not subscribed" in notes(rig))
        assert bid_of(rig) is None
        assert rig.feed.chain(NEAR, LOOK) is None


def test_delayed_quotes_that_come_unasked_are_refused_in_live_trading() -> None:
    with tws_rig(is_paper=False) as rig:
        rig.feed.subscribe(SHARES)
        rig.settle(NEAR)
        rig.feed.pull(LOOK)
        rig.server.kind = 3
        for line in list(rig.server.server.sockets):
            requests = [key[1] for key in rig.server.watched if key[0] == line.client_id]
            rig.server.server.do(lambda line=line, all_=requests: tell_delayed(line, all_))
        rig.move("AAA", 170.0, 170.1, LOOK)
        until(lambda: not rig.feed.standing().is_up)
        assert "delayed" in rig.feed.standing().reason
        assert bid_of(rig) is None
        assert rig.feed.pull(LOOK) == ()


def tell_delayed(line: object, requests: list[str]) -> None:
    for request in requests:
        line.send(58, 1, request, 3)  # type: ignore[attr-defined]


def test_frozen_quotes_are_of_another_time_and_left_out() -> None:
    with tws_rig() as rig:
        rig.server.kind = 2
        rig.feed.keep((NEAR,))
        rig.feed.open(rig.hear)
        until(lambda: "frozen quotes" in notes(rig))
        assert bid_of(rig) is None


def test_vix_is_printed_in_the_session_and_a_close_after_it(rig: FeedRig) -> None:
    until(lambda: "VIX is missing" not in notes(rig))
    printed = rig.feed.volatility(LOOK)
    assert printed is not None
    assert (printed.vix, printed.printed_at) == (Decimal("18.20"), LOOK)
    evening = LOOK.replace(hour=21)
    closed = rig.feed.volatility(evening)
    assert closed is not None
    assert closed.printed_at is None
    assert closed.average_year is not None


def test_an_unknown_symbol_is_named_and_the_others_go_on(rig: FeedRig) -> None:
    rig.feed.subscribe(("NOPE",))
    until(lambda: "NOPE" in notes(rig))
    rig.move("AAA", 188.0, 188.05, LOOK)
    until(lambda: bid_of(rig) == Decimal("188.00"))


def test_answers_that_are_lost_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive_brokers_lines, "_ASK_AGAIN_SECONDS", 0.1)
    with tws_rig(answer_seconds=0.2) as rig:
        server = rig.server.server
        server.trap_inward(DETAILS, Fault.DROP, times=2)
        server.trap_outward(HISTORY_TOLD, Fault.DROP, times=2)
        server.trap_outward(MARKET_DATA, Fault.DUPLICATE, times=20)
        rig.settle(NEAR)
        assert rig.feed.indicators("AAA", LOOK.date()).closes_known == 261


def test_a_halted_share_is_known_to_be(rig: FeedRig) -> None:
    rig.server.halt("AAA", 1)
    until(lambda: rig.feed.facts("AAA", LOOK).is_halted)
    rig.server.halt("AAA", 0)
    until(lambda: not rig.feed.facts("AAA", LOOK).is_halted)


def test_held_contracts_have_lines_before_chains_do() -> None:
    far = OptionContract("BBB", expiries_after(LOOK.date(), 4)[3], Right.CALL, Decimal("82.5"))
    with tws_rig(lines_max=8, turn_seconds=0.2) as rig:
        rig.feed.keep((NEAR,), (far,))
        rig.feed.open(rig.hear)
        until(lambda: rig.feed.quotes_of((far,), LOOK))
        quote = rig.feed.quote(far, LOOK)
        assert quote is not None


def test_options_of_an_index_are_priced_by_its_level() -> None:
    market = shown_market()
    market.list_share("XSP", 561.2, tuple(bar.day for bar in market.bars["SPY"]))
    market.list_chain("XSP", expiries_after(LOOK.date(), 2), 5.0, 6)
    market.indexes.add("XSP")
    wish = ChainWish("XSP", (Right.PUT,), 0, 9)
    with tws_rig(market=market) as rig:
        rig.settle(wish)
        columns = rig.feed.chain(wish, LOOK)
        assert columns is not None
        assert columns.spot == 561.2
        assert all(contract.is_cash_settled for contract in columns.contracts)
        level = rig.feed.quote(Stock("XSP"), LOOK)
        assert level is not None
        assert level.bid is None
        rig.feed.keep((ChainWish("SPX", (Right.PUT,), 0, 9),))
        until(lambda: "Options of SPX settle in the morning" in notes(rig))


def test_a_share_with_a_dot_has_options_whose_root_has_none() -> None:
    wish = ChainWish("BRK.B", BOTH, 0, 9)
    with tws_rig(market=dotted_market()) as rig:
        rig.settle(wish)
        columns = rig.feed.chain(wish, LOOK)
        assert columns is not None
        assert {contract.underlying for contract in columns.contracts} == {"BRK.B"}


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


def settings_of(rig: FeedRig, *, is_paper: bool = True) -> InteractiveBrokersFeedSettings:
    return InteractiveBrokersFeedSettings(port=rig.server.server.port, is_paper=is_paper)


def test_a_trial_tells_what_quotes_are_sent() -> None:
    with tws_rig() as rig:
        assert trial(settings_of(rig), 3.0) is QuoteQuality.REAL_TIME
        rig.server.kind = 3
        assert trial(settings_of(rig), 3.0) is QuoteQuality.DELAYED
        with pytest.raises(FeedRefused, match="not subscribed"):
            trial(settings_of(rig, is_paper=False), 3.0)
        rig.server.server.answers.pop(MARKET_DATA)
        assert trial(settings_of(rig), 0.3) is QuoteQuality.UNKNOWN
        rig.server.server.venue.listings.clear()
        assert trial(settings_of(rig), 3.0) is QuoteQuality.UNKNOWN
        rig.server.server.is_silent = True
        with pytest.raises(FeedRefused, match="does not answer"):
            trial(settings_of(rig), 0.3)


def test_the_next_port_is_tried_where_nobody_listens(rig: FeedRig) -> None:
    with tws_rig() as gone:
        gone.server.server.refuse_connections()
        terms = replace(settings_of(gone), client_id=72)
        with pytest.raises(FeedRefused, match="start Trader Workstation"):
            trial(terms, 3.0)
        here = rig.server.server.port
        assert trial(replace(terms, ports_else=(here,)), 3.0) is QuoteQuality.REAL_TIME


def test_a_client_id_in_use_is_told(rig: FeedRig) -> None:
    with tws_rig(port=rig.server.server.port) as other:
        other.feed.open(other.hear)
        until(lambda: "client id" in other.feed.standing().reason)
        assert rig.feed.standing().is_up


@pytest.mark.parametrize(
    ("code", "key", "word"),
    [
        (2103, "farm", "away"),
        (2104, "farm", ""),
        (354, "subscription", "not subscribed"),
        (10197, "error 10197", "another session"),
        (2119, "", ""),
    ],
)
def test_numbers_become_sentences(code: int, key: str, word: str) -> None:
    found, sentence = answer_to(code, "usfarm")
    assert found == key
    assert word in sentence
    assert bool(word) == bool(sentence)
