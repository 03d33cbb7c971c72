"""The week that is walked before the vendors' servers, whether by calls or by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import BrokerReported
from allusedesk.domain.orders import LinkChanged
from allusedesk.engine.replay import replay
from allusedesk.journal.store import JournalReader
from allusedesk.wiring import connecting, live_desk
from tests.doors.servers.shown_market import Series
from tests.wiring.walk_rig import Walk, at, cash_of, held_by, is_at_the_vendor, series_of
from tests.wiring.walk_vendors import (
    MONDAY,
    AtAlpaca,
    AtInteractiveBrokers,
    Vendor,
    WalkClock,
)

NEXT_MONDAY = MONDAY + timedelta(days=7)
VENDORS: dict[str, Callable[[WalkClock], Vendor]] = {
    "alpaca": AtAlpaca,
    "interactive_brokers": AtInteractiveBrokers,
}


def be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the vendor's shares and chains again in parts of a second."""
    asked: Any = connecting._alpaca_feed

    def impatient(*told: Any, **more: Any) -> Any:
        return replace(asked(*told, **more), shares_seconds=0.2, chain_seconds=0.3)

    monkeypatch.setattr(connecting, "_alpaca_feed", impatient)
    monkeypatch.setattr(live_desk, "_AHEAD_SECONDS", 0.2)


def come_to_monday(walk: Walk) -> None:
    """The exchange opens, the week has its condition, and the entry's time is reached."""
    walk.vendor.session(is_open=True, until=at(MONDAY, "16:00"))
    walk.jump(at(MONDAY, "9:00"))
    walk.until(lambda: walk.events(ev.ConditionClassified), "the week's condition")
    walk.approach(at(MONDAY, "9:45"))


def resting_at_the_vendor(walk: Walk) -> Series:
    """The series of the one order, which rests because nobody offers anything yet."""
    walk.until(lambda: is_at_the_vendor(walk.state), "an order that the vendor has")
    [order] = walk.state.orders.values()
    return series_of(order.legs[0].instrument)


def fill_unseen(walk: Walk, series: Series) -> None:
    """The plug is out already: the exchange fills what it has, and the line comes back."""
    walk.vendor.offer(series, walk.vendor.market.options[series])
    walk.until(walk.vendor.held, "a fill nobody is told of")
    assert held_by(walk.state) == {}
    walk.vendor.plug()
    walk.until(lambda: walk.state.is_link_up and walk.state.compared_at, "the line is back")
    walk.until(lambda: held_by(walk.state) == walk.vendor.held(), "the fill is booked")
    booked = [fill.id for event in walk.events(ev.FillBooked) for fill in event.fills]
    assert len(booked) == len(set(booked))
    walk.until(lambda: links_of(walk) == [False, True, False, True], "both turns of the line")


def go_on_to_friday(walk: Walk) -> None:
    """Each session from its open to the comparison after its close."""
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


def end_the_week(walk: Walk, series: Series) -> None:
    """What ended on Friday is gone by Monday, and the week's report is final."""
    walk.vendor.expire(series)
    walk.jump(at(NEXT_MONDAY, "8:00"))
    walk.jump(at(NEXT_MONDAY, "9:36"))
    walk.until(lambda: [e for e in walk.events(ev.WeekClosed) if e.is_final], "the final report")
    walk.until(lambda: held_by(walk.state) == {}, "the expiry")
    assert walk.vendor.held() == {}
    assert cash_of(walk.state) == walk.vendor.cash()
    assert walk.state.halted_by == ""


def links_of(walk: Walk) -> list[bool]:
    """Each turn of the broker's line that is on record."""
    return [
        event.report.is_up
        for event in walk.events(BrokerReported)
        if isinstance(event.report, LinkChanged)
    ]


def check_replay(journal: Path) -> None:
    """What was recorded is what the engine makes of the same inputs again."""
    with JournalReader.open(journal) as reader:
        verdict = replay(reader.read())
    assert verdict.is_same, verdict.first_difference
