"""Section 12's time limits as the engine's own alarms: they end a question, and survive a stop."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.alarms import AlarmKind
from allusedesk.domain.inputs import DeskResumed
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.reopening import reopened
from allusedesk.protocol.deadlines import expires_at
from allusedesk.protocol.rulebook_text import parse_rulebook
from tests.acceptance import constitution_desks
from tests.acceptance.desks import MONDAY, WEDNESDAY, stage
from tests.acceptance.stage import at
from tests.simulation.world import classic_text

DAY_MINUTES = 24 * 60


@pytest.mark.parametrize("text", [classic_text(), constitution_desks.TEXT], ids=["classic", "con"])
@pytest.mark.parametrize(
    ("kind", "minutes"),
    [
        (ProposalKind.EMERGENCY_EXIT, 2),
        (ProposalKind.RISK_BREACH, 5),
        (ProposalKind.RECOVERY, 15),
        (ProposalKind.ROLL, 15),
        (ProposalKind.ADJUSTMENT, 30),
        (ProposalKind.ENTRY, 120),
        (ProposalKind.COVERED_CALL, 120),
        (ProposalKind.SHARE_PURCHASE, 120),
        (ProposalKind.FORK, DAY_MINUTES),
        (ProposalKind.MERGE, DAY_MINUTES),
        (ProposalKind.REINVESTMENT, DAY_MINUTES),
        (ProposalKind.LADDER, DAY_MINUTES),
        (ProposalKind.RESUME, DAY_MINUTES),
    ],
)
def test_the_table_of_section_twelve_stands_in_both_rulebooks(
    text: str, kind: ProposalKind, minutes: int
) -> None:
    rules, made = parse_rulebook(text), at(MONDAY, "10:00")
    far, near = made + timedelta(days=7), made + timedelta(seconds=30)
    assert expires_at(kind, made, far, 5, rules) == made + timedelta(minutes=minutes)
    assert expires_at(kind, made, near, 5, rules) == near
    soon = 15 if minutes == 120 else minutes
    for days in (0, 1):
        assert expires_at(kind, made, far, days, rules) == made + timedelta(minutes=soon)
    assert expires_at(kind, made, far, 2, rules) == made + timedelta(minutes=minutes)


def test_every_kind_has_its_row_and_no_kind_changes_a_rulebook() -> None:
    for text in (classic_text(), constitution_desks.TEXT):
        rules = parse_rulebook(text)
        named = [kind for row in rules.approvals.deadlines for kind in row.kinds]
        assert sorted(kind.value for kind in named) == sorted(kind.value for kind in ProposalKind)
    # What never goes by itself has no proposal that could be approved, by a person or by trust.
    assert not [kind for kind in ProposalKind if "rulebook" in kind.value]


def test_nobody_answers_and_the_alarm_of_the_engine_ends_it() -> None:
    desk = stage()
    desk.silent = lambda _proposal: True
    desk.play(at(MONDAY, "09:46"))
    [ticket] = desk.state.tickets.values()
    name, deadline = ticket.proposal.id, ticket.proposal.expires_at
    assert deadline == ticket.proposal.made_at + timedelta(hours=2)
    [alarm] = [a for a in desk.state.alarms.values() if a.kind is AlarmKind.APPROVAL_LAPSE]
    assert (alarm.due_at, alarm.subject) == (deadline, name)
    desk.play(deadline - timedelta(seconds=1))
    assert not desk.all(ev.ProposalLapsed)
    desk.play(deadline + timedelta(seconds=1))
    [lapsed] = desk.entries(ev.ProposalLapsed)
    assert timedelta(0) <= lapsed.recorded_at - deadline <= timedelta(milliseconds=100)
    assert not desk.all(ev.OrderWritten)


@pytest.mark.parametrize("back_after", [timedelta(minutes=30), timedelta(hours=4)])
def test_a_deadline_survives_a_stop_whichever_is_first(back_after: timedelta) -> None:
    desk = stage()
    desk.silent = lambda _proposal: True
    desk.play(at(MONDAY, "09:46"))
    [ticket] = desk.state.tickets.values()
    deadline = ticket.proposal.expires_at
    desk.stop_and_resume()
    assert reopened(desk.record.entries)[0].alarms == desk.state.alarms
    back = desk.clock.now() + back_after
    desk.clock._now = back
    desk.play(max(back, deadline) + timedelta(minutes=1), DeskResumed(back, "test"))
    [lapsed] = desk.entries(ev.ProposalLapsed)
    assert lapsed.recorded_at == max(back, deadline)
    assert not desk.all(ev.OrderWritten)


def test_a_stop_loss_has_two_minutes_and_waits_for_none_of_them() -> None:
    desk, strike = constitution_desks.with_put()
    desk.silent = lambda _proposal: True
    constitution_desks.fall_to(desk, strike - Decimal(8))
    desk.play(at(WEDNESDAY, "13:05"))
    [made] = [
        event.proposal
        for event in desk.all(ev.ProposalMade)
        if event.proposal.kind is ProposalKind.EMERGENCY_EXIT
    ]
    assert made.expires_at == made.made_at + timedelta(minutes=2)
    [granted] = [event for event in desk.all(ev.ProposalApproved) if event.proposal == made.id]
    assert granted.granted_at == made.made_at
    assert granted.granted_by.startswith("standing authority of constitution@1.3/")
    [written] = [e for e in desk.entries(ev.OrderWritten) if e.event.order.proposal == made.id]
    assert written.recorded_at - made.made_at < timedelta(minutes=2)
    assert not [event for event in desk.all(ev.ProposalLapsed) if event.proposal == made.id]
