"""A live desk end to end: armed, trading, cut off, back again, and never armed by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import BrokerReported, DeskResumed, Mode
from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import Money
from allusedesk.domain.orders import BrokerStatement, LinkChanged, OrderRejected
from allusedesk.engine.replay import replay
from allusedesk.execution.brokers.armed import ArmedBroker
from allusedesk.execution.clearing import Custody
from allusedesk.journal.store import JournalReader
from allusedesk.settings import BrokerChoice, FeedChoice
from allusedesk.wiring.live_desk import LiveDesk, LiveLines, build_live
from allusedesk.wiring.paper_weeks import clean_among, clean_weeks
from allusedesk.wiring.requests import Connections, RequestRefused
from tests.trading import order, put, sell
from tests.wiring.live_rig import LineToMemory, LiveRig

Kind = TypeVar("Kind")
ARMING = "2012-01-09T14:20"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def events(rig: LiveRig, kind: type[Kind]) -> list[Kind]:
    return [entry.event for entry in rig.entries if isinstance(entry.event, kind)]


def agrees(rig: LiveRig) -> None:
    """The book is the broker's, to the cent and the share, and the record replays."""
    book, custody = rig.desk.engine.state.book, rig.line.broker.custody
    held: dict[Instrument, int] = {}
    for lot in book.positions.values():
        held[lot.instrument] = held.get(lot.instrument, 0) + lot.quantity_signed
    assert held == dict(custody.lines())
    cash = [pile.whole.amount for pile in book.cash.values()]
    assert sum(cash, Decimal(0)) == custody.cash.whole.amount
    with JournalReader.open(rig.desk.journal.path) as reader:
        verdict = replay(reader.read())
    assert verdict.is_same, verdict.first_difference


def test_a_live_week_is_traded_once_armed_and_the_books_agree(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    rig.at(instant(ARMING), rig.arm)
    rig.run(instant("2012-01-17T15:00"))
    assert rig.desk.engine.state.mode is Mode.LIVE
    assert events(rig, ev.LiveArmed), events(rig, ev.ArmingRefused)
    assert events(rig, ev.FillBooked)
    assert {type(entry.event) for entry in rig.entries} >= {ev.WeekClosed, ev.OutcomeClassified}
    # At each session's open and close, and whenever the line came up, both sides were compared.
    assert len(events(rig, ev.DeskReconciled)) >= 2 * 5
    assert not events(rig, ev.DeskHalted)[1:]
    texts = [path.read_text() for path in (tmp_path / "reports").glob("*.json")]
    assert texts
    assert all('"LIVE"' in text for text in texts)
    agrees(rig)


def test_the_plug_is_pulled_in_the_middle_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    rig.at(instant(ARMING), rig.arm)
    cuts = [("2012-01-09T14:45:00.030", "2012-01-09T14:52"), ("2012-01-11T17:00", "2012-01-11T18")]
    for off, on in cuts:
        rig.at(instant(off), rig.line.unplug)
        rig.at(instant(f"{on}:00" if len(on) > 13 else f"{on}:00:00"), rig.line.plug)
    rig.run(instant("2012-01-17T15:00"))
    links = [
        event.report.is_up
        for event in events(rig, BrokerReported)
        if isinstance(event.report, LinkChanged)
    ]
    assert links == [False, True, False, True, False, True]
    assert events(rig, ev.FillBooked)
    agrees(rig)
    sent = [one.id for one in rig.line.placed]
    booked = [fill.id for event in events(rig, ev.FillBooked) for fill in event.fills]
    assert len(booked) == len(set(booked))
    assert len({(one.id, one.version) for one in rig.line.placed}) == len(sent)


def test_another_account_at_the_other_end_disarms(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    rig.at(instant(ARMING), rig.arm)

    def turned() -> None:
        rig.line.is_paper = False
        rig.desk.mind_account()

    rig.at(instant("2012-01-09T15:30"), turned)
    rig.run(instant("2012-01-09T16:00"))
    [told] = events(rig, ev.LiveDisarmed)
    assert "PA1" in told.reason
    assert rig.desk.engine.state.armed is None


def test_a_desk_that_was_away_for_days_catches_up_and_goes_on(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path, last=date(2012, 1, 24))
    rig.at(instant(ARMING), rig.arm)
    rig.run(instant("2012-01-10T16:00"))
    rig.clock._now = instant("2012-01-18T15:00")
    rig.opened()
    rig.run(instant("2012-01-24T16:00"))
    state = rig.desk.engine.state
    assert not state.halted_by, state.halted_by
    assert state.compared_at is not None
    assert str(state.week_id) == "2012-W04"
    closed = [str(one.week) for one in events(rig, ev.WeekClosed) if one.is_final]
    assert closed == ["2012-W02", "2012-W03"]
    agrees(rig)


def test_a_restart_goes_on_unarmed_and_asks_the_broker_first(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    rig.at(instant(ARMING), rig.arm)
    rig.run(instant("2012-01-10T16:00"))
    before = len(rig.line.placed)
    assert before
    assert rig.desk.engine.state.armed is not None

    desk = rig.opened()
    assert desk.was_resumed
    rig.run(instant("2012-01-12T21:30"))
    assert events(rig, DeskResumed)
    assert desk.engine.state.armed is None
    assert len(rig.line.placed) == before
    assert desk.engine.state.compared_at is not None
    agrees(rig)

    # A person arms it again: the kill switch was tested this week already.
    rig.opened()
    rig.at(instant("2012-01-13T13:00"), lambda: None)
    rig.at(instant("2012-01-13T14:36"), rig.arm)
    rig.run(instant("2012-01-17T15:00"))
    assert events(rig, ev.LiveArmed)[1:]
    agrees(rig)


def _more_cash(custody: Custody) -> Custody:
    return replace(custody, cash=replace(custody.cash, settled=custody.cash.settled + HUNDRED))


def _strange_shares(custody: Custody) -> Custody:
    return custody.with_change(Stock("GE"), 100)


HUNDRED = Money(Decimal(100))


@pytest.mark.parametrize("meddle", [_more_cash, _strange_shares])
def test_what_cannot_be_explained_stops_in_audit_and_shows_both_sides(
    tmp_path: Path, meddle: Callable[[Custody], Custody]
) -> None:
    rig = LiveRig(tmp_path)
    rig.at(instant(ARMING), rig.arm)

    def meddled() -> None:
        office = rig.line.broker.office
        office.custody = meddle(office.custody)

    rig.at(instant("2012-01-10T18:00"), meddled)
    rig.run(instant("2012-01-11T16:00"))
    found = [one for one in events(rig, ev.DifferenceFound) if one.stops]
    assert found
    assert found[0].ours != found[0].theirs
    state = rig.desk.engine.state
    assert state.armed is None
    assert state.halted_by
    assert {sleeve.state for sleeve in state.sleeves.values()} == {ev.SleeveState.AUDIT}
    assert events(rig, ev.LiveDisarmed)
    halted_at = next(e.sequence for e in rig.entries if isinstance(e.event, ev.LiveDisarmed))
    written = [e.sequence for e in rig.entries if isinstance(e.event, ev.OrderWritten)]
    assert written
    assert max(written) < halted_at


def test_an_old_statement_is_no_difference_but_asked_for_anew(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    rig.at(instant(ARMING), rig.arm)
    kept: list[BrokerStatement] = []
    rig.at(instant("2012-01-09T14:40"), lambda: kept.append(rig.line.broker.statement()))
    rig.at(
        instant("2012-01-09T16:00"),
        lambda: rig.desk.engine.inbox.admit(BrokerReported(kept[0])),
    )
    rig.run(instant("2012-01-09T17:00"))
    assert events(rig, ev.FillBooked)
    assert "BrokerStatement" in [one.report for one in events(rig, ev.ReportIgnored)]
    assert rig.desk.engine.state.armed is not None
    assert not [one for one in events(rig, ev.DifferenceFound) if one.stops]


def test_the_record_of_a_live_desk_is_not_gone_on_with_on_paper(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    rig.run(instant("2012-01-09T13:00"))
    on_paper = replace(rig.request, connections=Connections(BrokerChoice(), FeedChoice("alpaca")))
    (tmp_path / "live.journal").rename(tmp_path / "paper.journal")
    with pytest.raises(RequestRefused, match="LIVE"):
        build_live(on_paper, LiveLines(rig.feed, None), rig.history, rig.clock)


def test_live_quotes_feed_the_simulated_broker_and_a_restart_goes_on(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    on_paper = replace(
        rig.request,
        connections=Connections(BrokerChoice(), FeedChoice("alpaca")),
        approve="all",
    )
    lines = LiveLines(rig.feed, None)

    def run(until: str) -> LiveDesk:
        desk = rig.desk = build_live(on_paper, lines, rig.history, rig.clock, (rig._observe,))
        rig.answers = False
        rig.run(instant(until))
        return desk

    first = run("2012-01-10T22:00")
    assert first.engine.state.mode is Mode.PAPER
    assert first.standing() is None
    assert events(rig, ev.FillBooked)
    assert first.journal.path.name == "paper.journal"
    second = run("2012-01-17T15:00")
    assert second.was_resumed
    state = second.engine.state
    assert not state.halted_by
    assert state.may_send
    assert [one for one in events(rig, ev.WeekClosed) if one.is_final]
    [week] = clean_weeks(second.journal.path)
    assert str(week.week) == "2012-W02"


def test_weeks_with_a_stop_or_real_money_are_no_clean_weeks(tmp_path: Path) -> None:
    rig = LiveRig(tmp_path)
    rig.at(instant(ARMING), rig.arm)
    rig.run(instant("2012-01-17T15:00"))
    practised = clean_among(rig.entries)
    assert [str(week) for week in practised] == ["2012-W02"]
    halted = ev.DeskHalted("position in AAPL: ours 1, theirs 2")
    entry = next(entry for entry in rig.entries if isinstance(entry.event, ev.FillBooked))
    place = rig.entries.index(entry)
    spoilt = [*rig.entries[:place], replace(entry, event=halted), *rig.entries[place:]]
    assert clean_among(spoilt) == ()
    armed = next(entry for entry in rig.entries if isinstance(entry.event, ev.LiveArmed))
    assert isinstance(armed.event, ev.LiveArmed)
    real = replace(armed, event=replace(armed.event, is_paper=False))
    assert clean_among([real if one is armed else one for one in rig.entries]) == ()
    assert clean_weeks(tmp_path / "absent.journal") == ()


def test_the_door_keeps_back_what_the_step_should_never_send() -> None:
    rig_line = LineToMemory.__new__(LineToMemory)
    rig_line.placed, rig_line.is_up, rig_line.cancelled = [], False, []
    door = ArmedBroker(rig_line)
    wanted = order(sell(put()))
    door.place_order(wanted)
    door.cancel_order(wanted.id)
    assert rig_line.placed == []
    assert rig_line.cancelled == [wanted.id]
    assert door.held_back == 1
    door.heed(lambda: True)
    door.place_order(wanted)
    assert rig_line.placed == [wanted]
    assert isinstance(door._refused[0], OrderRejected)
