"""A week at each vendor's local servers, over its own client: armed, cut off, back, and equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import BrokerReported, Instruction, OperatorInstructed
from allusedesk.domain.orders import LinkChanged
from allusedesk.engine.replay import replay
from allusedesk.journal.store import JournalReader
from allusedesk.wiring import connecting, live_desk
from allusedesk.wiring.connecting import Keys, keep_keys
from tests.doors.servers.alpaca_server import KEY, SECRET
from tests.keyrings import MemoryKeyring
from tests.wiring.walk_rig import Walk, at, cash_of, held_by, is_at_the_vendor, series_of
from tests.wiring.walk_vendors import (
    MONDAY,
    SYMBOL,
    AtAlpaca,
    AtInteractiveBrokers,
    Vendor,
    WalkClock,
)

TUESDAY, FRIDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)
NEXT_MONDAY = MONDAY + timedelta(days=7)
VENDORS: dict[str, Callable[[WalkClock], Vendor]] = {
    "alpaca": AtAlpaca,
    "interactive brokers": AtInteractiveBrokers,
}


@pytest.fixture(params=sorted(VENDORS))
def walk(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    memory_keyring: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Walk]:
    del memory_keyring
    keep_keys(Keys(KEY, SECRET), is_paper=True)
    asked: Any = connecting._alpaca_feed

    def impatient(*told: Any, **more: Any) -> Any:
        return replace(asked(*told, **more), shares_seconds=0.2, chain_seconds=0.3)

    monkeypatch.setattr(connecting, "_alpaca_feed", impatient)
    monkeypatch.setattr(live_desk, "_AHEAD_SECONDS", 0.2)
    made = Walk(tmp_path, VENDORS[request.param])
    yield made
    made.close()


def test_a_week_is_traded_with_the_plug_pulled_in_its_middle(walk: Walk) -> None:
    walk.arm()
    assert walk.state.armed is not None
    assert walk.state.armed.is_paper

    # Monday: the order rests, for nobody offers anything yet.
    walk.vendor.session(is_open=True, until=at(MONDAY, "16:00"))
    walk.jump(at(MONDAY, "9:00"))
    walk.until(lambda: walk.events(ev.ConditionClassified), "the week's condition")
    walk.approach(at(MONDAY, "9:45"))
    walk.until(lambda: is_at_the_vendor(walk.state), "an order that the vendor has")
    [order] = walk.state.orders.values()
    series = series_of(order.legs[0].instrument)

    # The plug is pulled, and the exchange fills what it has.
    walk.vendor.unplug()
    walk.until(lambda: not walk.state.is_link_up, "the loss of the line")
    walk.vendor.offer(series, walk.vendor.market.options[series])
    walk.until(walk.vendor.held, "a fill nobody is told of")
    assert held_by(walk.state) == {}
    walk.vendor.plug()
    walk.until(lambda: walk.state.is_link_up and walk.state.compared_at, "the line is back")
    walk.until(lambda: held_by(walk.state) == walk.vendor.held(), "the fill is booked")
    booked = [fill.id for event in walk.events(ev.FillBooked) for fill in event.fills]
    assert len(booked) == len(set(booked))
    links = [
        event.report.is_up
        for event in walk.events(BrokerReported)
        if isinstance(event.report, LinkChanged)
    ]
    assert links == [False, True, False, True]
    if walk.state.armed is None:
        # A fill found by comparing is a difference: a person has to arm the desk again.
        walk.ask_to_arm()

    for day in (MONDAY + timedelta(days=n) for n in range(5)):
        if day > MONDAY:
            walk.jump(at(day, "9:31"))
            walk.vendor.session(is_open=True, until=at(day, "16:00"))
            walk.jump(at(day, "9:36"))
        walk.jump(at(day, "15:50"))
        walk.vendor.session(is_open=False, until=at(day + timedelta(days=1), "9:30"))
        before = len(walk.events(ev.DeskReconciled))
        walk.jump(at(day, "16:00:30"))
        walk.until(lambda seen=before: len(walk.events(ev.DeskReconciled)) > seen, f"{day}")
    assert walk.state.halted_by == ""

    # What ended on Friday is gone by Monday, and the week's report is final.
    walk.vendor.expire(series)
    walk.jump(at(NEXT_MONDAY, "8:00"))
    walk.jump(at(NEXT_MONDAY, "9:36"))
    walk.until(lambda: [e for e in walk.events(ev.WeekClosed) if e.is_final], "the final report")
    walk.until(lambda: held_by(walk.state) == {}, "the expiry")
    assert walk.vendor.held() == {}
    assert cash_of(walk.state) == walk.vendor.cash()
    assert walk.state.halted_by == ""
    walk.stop()
    with JournalReader.open(walk.desk.journal.path) as reader:
        verdict = replay(reader.read())
    assert verdict.is_same, verdict.first_difference


def test_what_cannot_be_explained_stops_in_audit_and_shows_both_sides(walk: Walk) -> None:
    walk.arm()
    walk.vendor.session(is_open=True, until=at(MONDAY, "16:00"))
    walk.vendor.meddle(shares=100, cash=250)
    walk.jump(at(MONDAY, "9:35:01"))
    walk.until(lambda: walk.state.halted_by, "the halt")
    found = {one.what: (one.ours, one.theirs) for one in walk.events(ev.DifferenceFound)}
    assert found[f"position in {SYMBOL}"] == ("0", "100")
    assert "250" in found["cash"][1]
    assert walk.state.armed is None
    assert walk.events(ev.LiveDisarmed)
    assert {sleeve.state for sleeve in walk.state.sleeves.values()} == {ev.SleeveState.AUDIT}

    # A person sets it right at the broker and releases the desk: both sides are compared anew.
    walk.vendor.meddle(shares=-100, cash=-250)
    before = len(walk.events(ev.DeskReconciled))
    walk.desk.engine.inbox.admit(OperatorInstructed(Instruction.RESET, "Ann", "set right"))
    walk.until(lambda: len(walk.events(ev.DeskReconciled)) > before, "another comparison")
    assert walk.state.halted_by == ""
    assert walk.state.compared_at is not None
    assert walk.state.armed is None


def test_an_order_nobody_here_knows_is_cancelled_and_ours_is_taken_back(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    del memory_keyring
    keep_keys(Keys(KEY, SECRET), is_paper=True)
    walk = Walk(tmp_path, AtAlpaca)
    try:
        walk.arm()
        vendor = walk.vendor
        assert isinstance(vendor, AtAlpaca)
        book = vendor.api.book
        walk.vendor.session(is_open=True, until=at(MONDAY, "16:00"))
        for name in ("typed by somebody", "2025-W11/F1.rev/P9/O9"):
            resting = book.new_order(
                client_order_id=name,
                symbol=SYMBOL,
                qty=1,
                side="buy",
                limit=Decimal(1),
                type="limit",
                time_in_force="day",
                order_class="simple",
            )
            book.place(resting)
        walk.jump(at(MONDAY, "9:35:01"))
        walk.until(lambda: not any(one.is_open for one in book.orders.values()), "the cancels")
        found = [one.what for one in walk.events(ev.DifferenceFound)]
        assert found == ["order 2025-W11/F1.rev/P9/O9", "order typed by somebody"]
        assert {one.status for one in book.orders.values()} == {"canceled"}
        # Both are differences: nothing is sent until a person has looked.
        assert walk.state.armed is None
        assert walk.state.halted_by == ""
    finally:
        walk.close()
