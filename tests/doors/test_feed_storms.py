"""Storms of faults on both live feeds: whatever happens, they stay honest and come back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from allusedesk.domain.instruments import Stock
from allusedesk.domain.quotes import ChainWish
from tests.doors.feed_rigs import BOTH, SHARES, FeedRig, alpaca_rig, tws_rig, until
from tests.doors.servers.alpaca_market import quote_message
from tests.doors.servers.alpaca_server import Answer, Fault
from tests.doors.servers.tws_faults import Fault as LineFault
from tests.doors.servers.tws_market import ASK, BID

NEAR = ChainWish("AAA", BOTH, 0, 9)
STEPS = 40
BAD = (nan, inf, -1.5, 0.0, 1e12)


def alpaca_trouble(rig: FeedRig, dice: np.random.Generator) -> None:
    """One thing that goes wrong at Alpaca."""
    bad = float(dice.choice(BAD))
    shown = replace(rig.market.shares["AAA"], instant=rig.clock())
    late = timedelta(seconds=float(dice.uniform(-40.0, 20.0)))
    answers = (Answer(429, {"message": "slow"}), Answer(500, {}), Answer(200, []), None)
    match int(dice.integers(6)):
        case 0:
            rig.server.cut()
        case 1:
            rig.server.is_stalled = not rig.server.is_stalled
        case 2:
            answer = answers[int(dice.integers(4))]
            rig.server.server.spoil(Fault("GET", ".*", answer, times=int(dice.integers(1, 4))))
        case 3:
            rig.server.tell(quote_message("AAA", replace(shown, bid=bad)))
            rig.server.tell(quote_message("AAA", replace(shown, ask=bad)))
        case 4:
            rig.server.tell(quote_message("AAA", replace(shown, instant=rig.clock() + late)))
        case _:
            rig.server.tell({"T": "q"}, {"T": "error", "code": 500, "msg": "internal"}, {})


def alpaca_calm(rig: FeedRig) -> None:
    rig.server.is_stalled = False
    rig.server.server.faults.clear()


def tws_trouble(rig: FeedRig, dice: np.random.Generator) -> None:
    """One thing that goes wrong at Trader Workstation."""
    server, bad = rig.server.server, float(dice.choice(BAD))
    match int(dice.integers(6)):
        case 0:
            server.cut_lines()
        case 1:
            server.is_silent = not server.is_silent
        case 2:
            fault = list(LineFault)[int(dice.integers(5))]
            server.trap_outward(int(dice.choice([1, 2, 10, 17, 52, 58, 75])), fault, times=3)
        case 3:
            rig.server.tick("AAA", (BID, bad, 5))
            rig.server.tick("AAA", (ASK, bad, 5))
        case 4:
            server.tell_all(int(dice.choice([1100, 1101, 1102, 2103, 10197])), "trouble")
        case _:
            server.messages_per_second_max = None if dice.random() < 0.5 else 30


def tws_calm(rig: FeedRig) -> None:
    server = rig.server.server
    server.is_silent, server.messages_per_second_max = False, None
    server.outward.waiting.clear()
    server.release()
    # What was shown last may be nonsense that no new quote ever follows.
    server.cut_lines()


Trouble = Callable[[FeedRig, np.random.Generator], None]
STORMS: dict[str, tuple[Callable[..., AbstractContextManager[FeedRig]], Trouble, Any, Any]] = {
    "alpaca": (alpaca_rig, alpaca_trouble, alpaca_calm, {}),
    "interactive brokers": (
        tws_rig,
        tws_trouble,
        tws_calm,
        {"answer_seconds": 0.5, "heartbeat_seconds": 0.2, "turn_seconds": 0.2},
    ),
}


@pytest.fixture(params=STORMS.values(), ids=STORMS.keys())
def storm(request: pytest.FixtureRequest) -> Iterator[tuple[FeedRig, Trouble, Any]]:
    make, trouble, calm, settings = request.param
    with make(**settings) as rig:
        rig.feed.subscribe(SHARES)
        rig.settle(NEAR)
        yield rig, trouble, calm


def look(rig: FeedRig, latest: dict[str, datetime]) -> None:
    """Ask everything once: what is told can stand, is not of the future, and never goes back."""
    at = rig.clock()
    for symbol in SHARES:
        quote = rig.feed.quote(Stock(symbol), at)
        if quote is not None:
            assert quote.bid is not None
            assert quote.ask is not None
            assert 0 < quote.bid.per_unit <= quote.ask.per_unit < 10**9
            assert latest.get(symbol, quote.quoted_at) <= quote.quoted_at <= at
            latest[symbol] = quote.quoted_at
    columns = rig.feed.chain(NEAR, at)
    if columns is not None:
        assert columns.instants is not None
        assert columns.quoted_at <= at
        assert at.timestamp() - columns.instants.min() <= 300.0
    instants = [batch.instant for batch in rig.feed.pull(at)]
    assert instants == sorted(instants)
    rig.feed.health()


SEEDS = (1, 2, 3, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 24)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_feed_stays_honest_in_a_storm_and_comes_back(
    storm: tuple[FeedRig, Trouble, Any], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allusedesk.market.feeds import interactive_brokers_lines

    monkeypatch.setattr(interactive_brokers_lines, "_ASK_AGAIN_SECONDS", 0.1)
    rig, trouble, calm = storm
    dice, pause = np.random.default_rng(seed), threading.Event()
    latest: dict[str, datetime] = {}
    for _ in range(STEPS):
        trouble(rig, dice)
        rig.clock.instant += timedelta(seconds=float(dice.uniform(0.0, 4.0)))
        pause.wait(0.01)
        look(rig, latest)
    calm(rig)
    until(lambda: rig.feed.standing().is_up, 20.0, rig.feed.health)
    price = 150.0 + seed

    def is_back() -> bool:
        rig.move("AAA", price, price + 0.02, rig.clock())
        quote = rig.feed.quote(Stock("AAA"), rig.clock())
        return quote is not None and quote.bid is not None and float(quote.bid.per_unit) == price

    until(is_back, 20.0, rig.feed.health)
    look(rig, latest)
    assert "stumbled" not in " ".join(rig.feed.health().notes)
