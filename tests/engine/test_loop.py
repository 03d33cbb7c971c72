"""The loop: who raises stops what, and what is due rings once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest

from allusedesk.domain.events import EntriesWeighed, Entry, OrderWritten
from allusedesk.domain.inputs import AlarmRang, PriceAlarmRang
from allusedesk.engine.state import DeskState
from allusedesk.journal.faults import JournalCannotWrite
from tests.acceptance.desks import MONDAY, TUESDAY, WEDNESDAY, kept_to_the_end, stage
from tests.acceptance.stage import Stage, at


def test_an_observer_that_raises_is_counted_and_the_rest_go_on() -> None:
    desk = stage()
    heard: list[int] = []

    def faulty(_state: DeskState, _entry: Entry) -> None:
        raise RuntimeError("no reason")

    def careful(_state: DeskState, entry: Entry) -> None:
        heard.append(entry.sequence)

    desk.open()
    desk.engine._observers = (faulty, careful)
    desk.play(at(MONDAY, "12:00"))

    assert heard == [entry.sequence for entry in desk.record.entries]
    assert desk.engine.observer_faults == len(heard)


@pytest.mark.parametrize("event", [OrderWritten, EntriesWeighed])
def test_a_journal_that_cannot_write_stops_the_desk_before_anything_is_sent(event: type) -> None:
    desk = stage()
    kept = desk.record.append

    def append(entries: Sequence[Entry]) -> None:
        if any(isinstance(entry.event, event) for entry in entries):
            raise JournalCannotWrite("The disk is full.")
        kept(entries)

    desk.record.append = append  # type: ignore[method-assign]
    with pytest.raises(JournalCannotWrite):
        desk.play(at(MONDAY, "12:00"))

    assert not desk.broker.statement().open_orders
    assert not desk.broker.statement().executions
    assert not desk.all(event)


def test_a_stopped_desk_ends_after_the_fact_it_is_at() -> None:
    desk = stage()
    desk.open()

    def stop(_state: DeskState, entry: Entry) -> None:
        if isinstance(entry.event, AlarmRang):
            desk.engine.stop()

    desk.engine._observers = (stop,)
    asyncio.run(desk.engine.run(at(TUESDAY, "12:00")))

    assert len(desk.all(AlarmRang)) == 1


def test_alarms_ring_once_in_the_order_of_their_instants() -> None:
    desk = stage()
    desk.play(at(TUESDAY, "18:00"))

    rung = desk.entries(AlarmRang)
    dues = [entry.event.alarm.due_at for entry in rung]
    names = [entry.event.alarm.id for entry in rung]
    assert dues == sorted(dues)
    assert all(entry.recorded_at == entry.event.alarm.due_at for entry in rung)
    assert len(names) == len(set(names))


def test_one_look_answers_every_price_alarm_the_same_quotes_rang() -> None:
    desk = kept_to_the_end()
    desk.when(at(WEDNESDAY, "11:01"), lambda: desk.spots.update(AAPL=at_once(desk)))
    desk.play(at(WEDNESDAY, "11:05"))

    rung = desk.all(PriceAlarmRang)
    assert len(rung) == 1


def at_once(desk: Stage) -> Decimal:
    """A price under several levels at once: hold, watch and prepare in one jump."""
    return desk.spots["AAPL"] - 2


def test_price_alarms_stand_again_after_a_stop() -> None:
    desk = stage()
    desk.play(at(TUESDAY, "12:00"))
    assert desk.state.price_alarms

    desk.stop_and_resume()
    desk._armed = {}
    desk.when(at(TUESDAY, "12:10"), lambda: desk.spots.update(AAPL=at_once(desk)))
    desk.play(at(TUESDAY, "12:15"))

    assert desk.all(PriceAlarmRang)
