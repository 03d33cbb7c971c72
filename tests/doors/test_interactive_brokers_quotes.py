"""Quotes of Interactive Brokers before a local server: which come, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

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
    bid_of,
    dotted_market,
    notes,
    shown_market,
    streaming_tws,
    tws_rig,
    until,
)
from tests.doors.servers.shown_market import expiries_after
from tests.doors.servers.tws_faults import Fault

NEAR = ChainWish("AAA", BOTH, 0, 9)
MARKET_DATA, DETAILS = 1, 9
HISTORY_TOLD = 17


@pytest.fixture
def rig() -> Iterator[FeedRig]:
    with streaming_tws(NEAR) as made:
        yield made


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
