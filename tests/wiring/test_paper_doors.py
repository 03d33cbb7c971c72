"""The person of a paper desk: recorded time waits for them, and goes on by itself."""

from __future__ import annotations

import pytest

from allusedesk.domain.inputs import Answer, DeskResumed, OperatorDecided
from allusedesk.domain.trust import TrustLevel
from allusedesk.engine.clock import SteeredClock
from allusedesk.wiring.paper_doors import DeskOperator
from tests.acceptance.desks import MONDAY, NEXT_MONDAY, stage
from tests.acceptance.stage import Stage, at
from tests.acceptance.test_trust import earned, switched


def watched(speed: float | None) -> tuple[Stage, SteeredClock, DeskOperator]:
    """A desk whose questions stop a clock that is not its own."""
    desk = stage()
    desk.silent = lambda _proposal: True
    desk.open()
    clock = SteeredClock(desk.clock.now(), speed)
    operator = DeskOperator(clock)
    desk.engine._observers = (operator.observe,)
    return desk, clock, operator


@pytest.mark.parametrize("speed", [10.0, None])
def test_fast_time_stands_still_at_a_question_and_goes_on_after_the_last(
    speed: float | None,
) -> None:
    desk, clock, _ = watched(speed)
    desk.play(at(MONDAY, "09:46"))
    assert clock.waits_for_answer

    [ticket] = desk.state.tickets.values()
    rejected = OperatorDecided(ticket.proposal.id, Answer.REJECT, "anna", "no")
    desk.play(at(MONDAY, "09:47"), rejected)
    assert not clock.is_standing
    assert clock.speed == speed


def test_real_time_waits_for_nobody() -> None:
    desk, clock, _ = watched(1.0)
    desk.play(at(MONDAY, "09:46"))
    assert not clock.is_standing


def test_a_question_from_before_a_restart_stops_time_once_the_desk_has_resumed() -> None:
    desk, _, _ = watched(None)
    desk.play(at(MONDAY, "09:46"))
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "again"))
    clock = SteeredClock(desk.clock.now(), None)
    desk.engine._observers = (DeskOperator(clock).observe,)
    desk.play(at(MONDAY, "09:47"))
    assert clock.waits_for_answer


def test_a_question_is_not_answered_by_the_door_itself() -> None:
    desk, _, operator = watched(None)
    desk.play(at(MONDAY, "09:46"))
    [ticket] = desk.state.tickets.values()
    assert operator.ask(ticket.proposal) is None


def test_what_trust_has_announced_keeps_no_time_until_it_waits_for_a_person() -> None:
    desk = earned(TrustLevel.MATURE)
    clock = SteeredClock(desk.clock.now(), None)
    desk.engine._observers = (DeskOperator(clock).observe,)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [ticket] = desk.state.tickets.values()
    assert ticket.announced
    assert not clock.waits_for_answer
    desk.play(at(NEXT_MONDAY, "09:47"), switched(TrustLevel.INITIAL))
    assert clock.waits_for_answer
