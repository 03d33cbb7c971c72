"""The feed of Alpaca before its local server: faults of the market, the stream and the requests."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from math import nan

import pytest

from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.feeds.alpaca import AlpacaFeedSettings, trial
from allusedesk.market.feeds.live_standing import FeedRefused, QuoteQuality
from tests.doors.feed_rigs import (
    BOTH,
    LOOK,
    SHARES,
    FeedRig,
    alpaca_rig,
    bid_of,
    dotted_market,
    shown_market,
    until,
)
from tests.doors.servers.alpaca_market import quote_message
from tests.doors.servers.alpaca_server import KEY, SECRET, Answer, Fault
from tests.doors.servers.shown_market import Series, Shown, expiries_after

NEAR = ChainWish("AAA", BOTH, 0, 9)
TOO_MANY = Answer(429, {"message": "too many requests."}, {"Retry-After": "0.2"})


@pytest.fixture
def rig() -> Iterator[FeedRig]:
    """A feed that is filled, streams both shares, and whose first batches are fetched."""
    with alpaca_rig() as made:
        made.feed.subscribe(SHARES)
        made.settle(NEAR)
        until(lambda: made.server.subscribed >= set(SHARES))
        made.feed.pull(LOOK)
        yield made


def dropped(rig: FeedRig) -> dict[str, int]:
    said = [note for note in rig.feed.health().notes if "quotes dropped" in note]
    return {note.split(": ")[1].rstrip("."): int(note.split()[0]) for note in said}


def test_a_quote_of_the_stream_keeps_the_vendors_instant_and_nudges_once(rig: FeedRig) -> None:
    rig.nudges.clear()
    told_at = LOOK - timedelta(seconds=1, microseconds=250)
    rig.move("AAA", 183.0, 183.04, told_at)
    rig.move("BBB", 64.2, 64.22, told_at)
    until(lambda: bid_of(rig, "BBB") == Decimal("64.20"))
    quote = rig.feed.quote(Stock("AAA"), LOOK)
    assert quote is not None
    assert quote.quoted_at == told_at
    assert len(rig.nudges) == 1
    (batch,) = rig.feed.pull(LOOK)
    assert (batch.instant, batch.symbols) == (told_at, ("AAA", "BBB"))
    assert rig.feed.pull(LOOK) == ()


def test_what_the_stream_garbles_is_dropped_and_counted(rig: FeedRig) -> None:
    shown = rig.market.shares["AAA"]
    at = LOOK - timedelta(seconds=1)
    good = replace(shown, bid=184.0, ask=184.05, instant=at)
    rig.server.tell(
        quote_message("AAA", replace(good, bid=184.2)),
        quote_message("AAA", good),
        quote_message("AAA", good),
        quote_message("AAA", replace(good, bid=170.0, instant=at - timedelta(seconds=30))),
        quote_message("AAA", replace(good, bid=nan)),
        quote_message("AAA", replace(good, ask=-184.0)),
        quote_message("AAA", replace(good, bid=0.0)),
        {"T": "q", "S": "AAA", "bp": "nothing", "ap": 184.0},
    )
    until(lambda: sum(dropped(rig).values()) >= 7)
    assert dropped(rig) == {
        "crossed": 1,
        "duplicate": 1,
        "out of order": 1,
        "not a number": 2,
        "negative": 1,
        "zero": 1,
    }
    assert bid_of(rig) == Decimal("184.00")


def test_a_jump_is_the_market_and_stands(rig: FeedRig) -> None:
    rig.move("AAA", 91.0, 91.4, LOOK - timedelta(seconds=1))
    until(lambda: bid_of(rig) == Decimal("91.00"))


def test_a_burst_of_the_stream_is_absorbed_without_loss(rig: FeedRig) -> None:
    count, rows = 4_000, 0
    begin = LOOK - timedelta(seconds=1)
    shown = rig.market.shares["AAA"]
    for start in range(0, count, 200):
        rig.server.tell(
            *(
                quote_message("AAA", replace(shown, instant=begin + timedelta(microseconds=place)))
                for place in range(start, start + 200)
            )
        )
    ends = time.monotonic() + 10.0
    while rows < count and time.monotonic() < ends:
        rig.heard.wait(0.05)
        rig.heard.clear()
        rows += sum(len(batch.symbols) for batch in rig.feed.pull(LOOK))
    assert (rows, dropped(rig)) == (count, {})


def test_a_stalled_market_is_told_to_be_silent_and_its_chain_grows_old(rig: FeedRig) -> None:
    rig.server.is_stalled = True
    rig.clock.instant += timedelta(seconds=60)
    assert "AAA has been silent for 62 seconds." in rig.feed.health().notes
    columns = rig.feed.chain(NEAR, rig.clock())
    assert columns is not None
    assert columns.quoted_at == LOOK - timedelta(seconds=2)
    rig.clock.instant += timedelta(seconds=300)
    assert rig.feed.chain(NEAR, rig.clock()) is None
    assert bid_of(rig) is not None


def test_a_lost_stream_is_told_and_comes_back(rig: FeedRig) -> None:
    before = rig.server.connections
    rig.server.refusal = (406, "connection limit exceeded")
    rig.server.cut()
    until(lambda: "stream" in rig.feed.standing().reason)
    assert not rig.feed.standing().is_up
    rig.server.refusal = None
    until(lambda: rig.feed.standing().is_up)
    assert rig.server.connections > before
    until(lambda: rig.server.subscribed >= set(SHARES))
    rig.move("AAA", 185.0, 185.02, LOOK - timedelta(seconds=1))
    until(lambda: bid_of(rig) == Decimal("185.00"))


def test_another_subscription_goes_over_the_same_line(rig: FeedRig) -> None:
    before = rig.server.connections
    rig.market.list_share("CCC", 33.0, ())
    rig.feed.unsubscribe(("BBB",))
    rig.feed.subscribe(("CCC",))
    until(lambda: rig.server.subscribed == {"AAA", "CCC", "SPY"})
    until(lambda: "CCC" in {s for batch in rig.feed.pull(LOOK) for s in batch.symbols})
    rig.move("CCC", 34.0, 34.02, LOOK - timedelta(seconds=1))
    until(lambda: bid_of(rig, "CCC") == Decimal("34.00"))
    assert rig.server.connections == before


def test_a_question_the_vendor_finds_wrong_does_not_take_the_line_down(rig: FeedRig) -> None:
    wrong = Answer(422, {"message": "invalid symbol"})
    rig.server.server.spoil(Fault("GET", "/v1beta1/options/snapshots/AAA", wrong, times=1))
    until(lambda: any("the chain of AAA" in note for note in rig.feed.health().notes))
    assert rig.feed.standing().is_up


def test_an_index_is_never_asked_for_and_it_is_said(rig: FeedRig) -> None:
    rig.feed.keep((ChainWish("SPX", BOTH, 0, 9),))
    until(lambda: any("quotes no indexes" in note for note in rig.feed.health().notes))
    assert rig.feed.chain(ChainWish("SPX", BOTH, 0, 9), LOOK) is None
    assert rig.feed.standing().is_up


def test_what_nobody_asks_for_any_more_is_asked_no_more(rig: FeedRig) -> None:
    path = "/v1beta1/options/snapshots/AAA"
    rig.feed.unsubscribe(SHARES)
    rig.clock.instant += timedelta(minutes=16)
    until(lambda: rig.feed.wanted().wishes == ())
    before = rig.server.server.counted("GET", path)
    clocks = rig.server.server.counted("GET", "/v2/stocks/snapshots")
    until(lambda: rig.server.server.counted("GET", "/v2/stocks/snapshots") >= clocks + 2)
    assert rig.server.server.counted("GET", path) <= before + 1


def test_a_halted_share_is_known_to_be(rig: FeedRig) -> None:
    rig.server.tell({"T": "s", "S": "AAA", "sc": "H", "sm": "Halted", "rc": "T12"})
    until(lambda: rig.feed.facts("AAA", LOOK).is_halted)
    assert not rig.feed.facts("BBB", LOOK).is_halted
    rig.server.tell({"T": "s", "S": "AAA", "sc": "T", "sm": "Trading", "rc": ""})
    until(lambda: not rig.feed.facts("AAA", LOOK).is_halted)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (TOO_MANY, "asked too often"),
        (Answer(500, {"message": "internal"}), "status 500"),
        (Answer(403, {"message": "forbidden."}), "refuses the key"),
        (Answer(200, "surprise"), "does not answer"),
        (None, "does not answer"),
    ],
)
def test_requests_that_fail_are_told_and_repeated(
    rig: FeedRig, answer: Answer | None, said: str
) -> None:
    paths = r"/v2/stocks/snapshots|/v1beta1/options/snapshots.*|/v2/clock"
    rig.server.server.spoil(Fault("GET", paths, answer, times=2))
    until(lambda: said in rig.feed.standing().reason)
    until(lambda: rig.feed.standing().is_up)
    rig.market.show("BBB", 65.0, 65.02, LOOK - timedelta(seconds=1))
    until(lambda: bid_of(rig, "BBB") == Decimal("65.00"))


def test_a_wrong_key_is_refused_in_a_plain_sentence() -> None:
    with alpaca_rig() as rig:
        rig.server.server.key = "another"
        rig.feed.keep((NEAR,))
        rig.feed.open(rig.hear)
        until(lambda: "check the key" in rig.feed.standing().reason)
        assert rig.feed.quote(Stock("AAA"), LOOK) is None
        assert rig.feed.indicators("AAA", LOOK.date()).closes_known == 0


def test_a_look_never_waits_for_the_network() -> None:
    with alpaca_rig() as rig:
        held = threading.Event()
        rig.server.server.spoil(Fault("GET", ".*", times=1_000, held=held, is_spoilt=False))
        rig.feed.subscribe(SHARES)
        rig.feed.open(rig.hear)
        until(lambda: rig.server.server.calls)
        began = time.perf_counter()
        tables = rig.feed.tables((NEAR,), (), LOOK)
        assert rig.feed.quote(Stock("AAA"), LOOK) is None
        assert rig.feed.pull(LOOK) == ()
        rig.feed.health()
        assert time.perf_counter() - began < 0.5
        assert tables.chains == (None,)
        held.set()
        until(lambda: rig.feed.chain(NEAR, LOOK) is not None)


def test_no_more_is_asked_in_a_minute_than_the_plan_allows() -> None:
    with alpaca_rig(calls_per_minute=5) as rig:
        rig.feed.keep((NEAR,))
        rig.feed.open(rig.hear)
        until(lambda: len(rig.server.server.calls) >= 5)
        threading.Event().wait(0.2)
        assert 5 <= len(rig.server.server.calls) <= 6


def test_held_contracts_are_quoted_once_they_were_asked_for(rig: FeedRig) -> None:
    far = OptionContract("BBB", expiries_after(LOOK.date(), 4)[3], Right.CALL, Decimal("82.5"))
    assert rig.feed.quotes_of((far,), LOOK) == ()
    until(lambda: rig.feed.quotes_of((far,), LOOK))
    (held,) = rig.feed.quotes_of((far,), LOOK)
    assert held.contracts == (far,)
    quote = rig.feed.quote(far, LOOK)
    assert quote is not None
    assert quote == held.quote(0)


def test_a_long_chain_comes_in_pages_and_each_row_keeps_its_instant() -> None:
    market = shown_market()
    market.list_chain("AAA", expiries_after(LOOK.date(), 2), 0.5, 40)
    old = Series("AAA", expiries_after(LOOK.date(), 1)[0], "P", 182.5)
    shown = market.options[old]
    market.options[old] = replace(shown, instant=LOOK - timedelta(seconds=45))
    with alpaca_rig(market=market) as rig:
        rig.settle(NEAR)
        columns = rig.feed.chain(NEAR, LOOK)
        assert columns is not None
        assert len(columns) > 200
        quotes = columns.quotes(range(len(columns)), [None] * len(columns))
        ages = {quote.age_seconds(LOOK) for quote in quotes}
        assert ages == {2.0, 45.0}
        assert columns.expiries_listed == expiries_after(LOOK.date(), 4)


def test_a_split_nobody_imported_is_taken_out_of_the_bars() -> None:
    market = shown_market()
    day = market.bars["AAA"][-6].day
    market.splits["AAA"] = [(day, 4.0)]
    market.bars["AAA"] = [
        replace(bar, open=bar.open * 4, high=bar.high * 4, low=bar.low * 4, close=bar.close * 4)
        if bar.day < day
        else bar
        for bar in market.bars["AAA"]
    ]
    with alpaca_rig(market=market) as split, alpaca_rig() as plain:
        split.settle(NEAR)
        plain.settle(NEAR)
        found, wanted = (each.feed.indicators("AAA", LOOK.date()) for each in (split, plain))
    assert found.close == wanted.close
    assert found.atr_14 is not None
    assert wanted.atr_14 is not None
    assert abs(found.atr_14 - wanted.atr_14) < Decimal("0.01")


def test_the_running_sessions_bar_counts_from_the_next_morning_on(rig: FeedRig) -> None:
    today, tomorrow = LOOK.date(), date(2025, 3, 13)
    assert rig.feed.indicators("AAA", today).closes_known == 261
    assert rig.feed.indicators("AAA", tomorrow).closes_known == 261
    rig.clock.instant = LOOK.replace(hour=20, minute=30)
    until(lambda: rig.feed.indicators("AAA", tomorrow).closes_known == 262)


def test_indicative_quotes_are_labelled_on_paper_and_refused_for_live_trading() -> None:
    with alpaca_rig() as paper:
        paper.settle(NEAR)
        assert paper.feed.standing().quality is QuoteQuality.INDICATIVE
        assert "The quotes of Alpaca are indicative." in paper.feed.health().notes
        assert not paper.feed.health().is_live
    with alpaca_rig(is_paper=False) as live:
        live.feed.subscribe(SHARES)
        live.feed.keep((NEAR,))
        live.feed.open(live.hear)
        until(live.heard.is_set)
        standing = live.feed.standing()
        assert not standing.is_up
        assert "indicative" in standing.reason
        assert live.feed.pull(LOOK) == ()
        assert live.feed.quote(Stock("AAA"), LOOK) is None
        assert live.feed.tables((NEAR,), (), LOOK).chains == (None,)
    with alpaca_rig(is_paper=False, options="opra") as live:
        live.settle(NEAR)
        assert live.feed.health().is_live


def test_closing_twice_is_no_error_and_the_line_is_down(rig: FeedRig) -> None:
    rig.feed.close()
    rig.feed.close()
    assert not rig.feed.standing().is_up
    assert "closed" in rig.feed.standing().reason


def test_a_trial_tells_the_vendors_clock_or_why_not() -> None:
    with alpaca_rig() as rig:
        url = rig.server.server.url
        terms = AlpacaFeedSettings(KEY, SECRET, rest_url=url, trading_url=url)
        assert trial(terms) == rig.market.now
        with pytest.raises(FeedRefused, match="check the key"):
            trial(replace(terms, secret="wrong"))
        assert SECRET not in repr(terms)


def test_without_the_vendors_client_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "allusedesk.market.feeds.alpaca_wire", None)
    with pytest.raises(FeedRefused, match=r"pip install .allusedesk\[alpaca\]"):
        trial(AlpacaFeedSettings(KEY, SECRET))
    with alpaca_rig() as rig:
        rig.feed.open(rig.hear)
        until(lambda: "pip install" in rig.feed.standing().reason)


def test_a_share_with_a_dot_has_options_whose_root_has_none() -> None:
    wish = ChainWish("BRK.B", BOTH, 0, 9)
    with alpaca_rig(market=dotted_market()) as rig:
        rig.settle(wish)
        columns = rig.feed.chain(wish, LOOK)
        assert columns is not None
        assert {contract.underlying for contract in columns.contracts} == {"BRK.B"}
        far = OptionContract("BRK.B", expiries_after(LOOK.date(), 2)[1], Right.PUT, Decimal(480))
        rig.feed.keep((), (far,))
        until(lambda: rig.feed.quotes_of((far,), LOOK))


def test_an_option_of_another_deliverable_is_left_out() -> None:
    market = shown_market()
    odd = Series("AAA1", expiries_after(LOOK.date(), 1)[0], "P", 180.0)
    market.options[odd] = Shown(1.0, 1.1, 1.05, market.now)
    with alpaca_rig(market=market) as rig:
        rig.settle(NEAR)
        columns = rig.feed.chain(NEAR, LOOK)
        assert columns is not None
        assert {contract.underlying for contract in columns.contracts} == {"AAA"}
