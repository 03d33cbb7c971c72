"""A draft: facts are numbered without gaps, folded at once, and states step by the rulebook."""

from __future__ import annotations

import pytest

from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.events import (
    AlarmsDropped,
    AlarmsSet,
    Entry,
    NoticeRaised,
    SleeveState,
    SleeveStateChanged,
)
from allusedesk.domain.inputs import AlarmRang
from allusedesk.engine.draft import Draft
from allusedesk.protocol.sleeve_states import StepNotAllowed
from tests.acceptance.desks import F1_REV, MONDAY, stage
from tests.acceptance.stage import at
from tests.simulation.world import classic_text


def _draft(text: str = "") -> Draft:
    desk = stage(rulebook=text)
    desk.play(at(MONDAY, "08:00"))
    last = desk.record.entries[-1]
    alarm = Alarm("a test", AlarmKind.MANAGE, last.recorded_at)
    entry = Entry(last.sequence + 1, last.recorded_at, None, AlarmRang(alarm))
    return Draft(desk.state, entry)


def test_facts_follow_the_input_without_a_gap_and_are_seen_at_once() -> None:
    draft = _draft()
    alarm = Alarm("later", AlarmKind.MANAGE, at(MONDAY, "12:00"))
    draft.set_alarms(alarm)
    assert draft.state.alarms["later"] == alarm
    draft.drop_alarms("later", "nobody set this")
    draft.notice("note", "a subject", "once")
    draft.notice("note", "a subject", "not twice a day")

    step = draft.finished()
    first = draft.entry.sequence + 1
    assert [entry.sequence for entry in step.entries] == [first, first + 1, first + 2]
    assert [type(entry.event) for entry in step.entries] == [AlarmsSet, AlarmsDropped, NoticeRaised]
    assert all(entry.cause == draft.entry.sequence for entry in step.entries)
    assert "later" not in step.state.alarms


def test_a_sleeve_moves_by_legal_steps_and_each_is_recorded() -> None:
    draft = _draft()
    draft.move_sleeve(F1_REV, SleeveState.ORDERING, "a test")
    steps = [
        (entry.event.state_before, entry.event.state)
        for entry in draft.finished().entries
        if isinstance(entry.event, SleeveStateChanged)
    ]
    assert steps == [
        (SleeveState.SAFE, SleeveState.SCANNING),
        (SleeveState.SCANNING, SleeveState.ANALYZING),
        (SleeveState.ANALYZING, SleeveState.ORDERING),
    ]


def test_a_state_that_no_way_leads_to_is_an_error() -> None:
    # A rulebook in which nobody may go into maintenance.
    text = classic_text().replace('"EMERGENCY", "MAINTENANCE", "AUDIT"', '"EMERGENCY", "AUDIT"')
    draft = _draft(text)
    with pytest.raises(StepNotAllowed, match="SAFE to MAINTENANCE"):
        draft.move_sleeve(F1_REV, SleeveState.MAINTENANCE, "a test")
    assert draft.finished().entries == ()
