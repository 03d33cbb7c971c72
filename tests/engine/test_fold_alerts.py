"""Alerts are kept and change nothing that is decided."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain.alerts import Alert, Severity, StandingAlert
from allusedesk.domain.events import Entry, ProposalMade
from allusedesk.domain.inputs import AlertAcknowledged, AlertCleared, AlertRaised, Input
from allusedesk.engine.replay import replay, with_next
from allusedesk.engine.state import DeskState
from allusedesk.engine.state_text import read_state, write_state
from allusedesk.engine.step import step
from allusedesk.journal.codec import encode
from allusedesk.wiring.rehearsal import build_rehearsal
from allusedesk.wiring.sample_desk import sample_request

NOON = datetime(2026, 2, 11, 17, tzinfo=UTC)
LAST = date(2012, 1, 20)
SLOW = Alert("journal.slow", "", Severity.WARNING, 0.31, 0.25, "The journal is slow.")


def told(*events: Input) -> DeskState:
    state = DeskState()
    for number, event in enumerate(events, 1):
        state = step(state, Entry(number, NOON + timedelta(seconds=number), None, event)).state
    return state


def test_an_alert_stands_until_it_clears() -> None:
    raised = told(AlertRaised(SLOW))
    assert raised.alerts[SLOW.id] == StandingAlert(SLOW, NOON + timedelta(seconds=1))
    noted = told(AlertRaised(SLOW), AlertAcknowledged(SLOW.id, "Ada", "a new disk is ordered"))
    assert noted.alerts[SLOW.id].acknowledged_by == "Ada"
    assert not told(AlertRaised(SLOW), AlertCleared(SLOW.id)).alerts


def test_what_does_not_stand_can_neither_clear_nor_be_acknowledged() -> None:
    assert not told(AlertCleared("journal.slow"), AlertAcknowledged("journal.slow", "Ada")).alerts


def test_two_subjects_of_one_rule_are_two_alerts() -> None:
    other = replace(SLOW, subject="F1.gen")
    assert set(told(AlertRaised(SLOW), AlertRaised(other)).alerts) == {SLOW.id, other.id}


def test_standing_alerts_survive_in_the_state_as_text() -> None:
    state = told(AlertRaised(SLOW), AlertAcknowledged(SLOW.id, "Ada"))
    assert read_state(write_state(state)).alerts == state.alerts


def test_a_state_from_before_alerts_reads_as_one_without() -> None:
    text = write_state(told(AlertRaised(SLOW)))
    before = text.replace(text[text.index(',"alerts":') : text.rindex("}}")], "")
    assert "alerts" not in before
    assert not read_state(before).alerts


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """The sample market's first weeks, everything approved."""
    out = tmp_path_factory.mktemp("weeks")
    rehearsal = build_rehearsal(sample_request(out, last=LAST, approve="all").desk)
    asyncio.run(rehearsal.run())
    entries = list(rehearsal.journal.read())
    rehearsal.journal.close()
    assert any(isinstance(entry.event, ProposalMade) for entry in entries)
    return entries


def decided(event: Any) -> str:
    """An event without the number of the entry it looked at, which alerts may shift."""
    if isinstance(event, ProposalMade):
        event = ProposalMade(replace(event.proposal, snapshot_sequence=0))
    return encode(event)[2]


@given(chance=st.data())
@settings(max_examples=6)
def test_alerts_anywhere_disturb_no_decision(recorded: list[Entry], chance: st.DataObject) -> None:
    rows = list(with_next(recorded))
    places = chance.draw(st.sets(st.integers(1, len(rows) - 1), min_size=20, max_size=40))
    facts = st.sampled_from(
        (AlertRaised(SLOW), AlertCleared(SLOW.id), AlertAcknowledged(SLOW.id, "Ada"))
    )
    state, made = DeskState(), list[Entry]()
    for number, (entry, following) in enumerate(rows):
        if number in places:
            since = made[-1].recorded_at
            at = since + (entry.recorded_at - since) * chance.draw(st.floats(0, 1))
            alert = Entry(state.sequence + 1, at, None, chance.draw(facts))
            found = step(state, alert)
            assert found.entries == ()
            assert found.commands == ()
            state = found.state
            made.append(alert)
        again = Entry(state.sequence + 1, entry.recorded_at, None, entry.event)
        found = step(state, again)
        assert [decided(one.event) for one in found.entries] == [
            decided(one.event) for one in following
        ]
        state = found.state
        made += [again, *found.entries]
    assert replay(made).is_same


def test_a_journal_with_alerts_replays_to_the_same_alerts(
    recorded: list[Entry],
) -> None:
    verdict = replay(recorded)
    assert verdict.is_same, verdict.first_difference
    last = recorded[-1]
    with_alert = [*recorded, Entry(last.sequence + 1, last.recorded_at, None, AlertRaised(SLOW))]
    assert replay(with_alert).state.alerts[SLOW.id].alert == SLOW
