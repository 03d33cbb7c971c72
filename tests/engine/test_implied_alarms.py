"""Alarms of proposals and orders: set and dropped by what is recorded of them, nothing besides."""

from __future__ import annotations

from allusedesk.domain import events as ev
from allusedesk.domain.alarms import AlarmKind
from tests.acceptance.desks import F1_REV, MONDAY, sound, stage
from tests.acceptance.stage import Stage, at

_OF_ORDERS = (
    AlarmKind.APPROVAL_LAPSE,
    AlarmKind.ORDER_SEND,
    AlarmKind.ORDER_ACKNOWLEDGEMENT,
    AlarmKind.ORDER_PATIENCE,
)


def _standing(desk: Stage) -> list[str]:
    alarms = desk.state.alarms.values()
    return sorted(alarm.id.split("/")[0] for alarm in alarms if alarm.kind in _OF_ORDERS)


def test_a_question_lapses_without_an_entry_of_its_own() -> None:
    desk = stage()
    desk.silent = lambda _proposal: True
    desk.play(at(MONDAY, "09:45:01"))
    (made,) = desk.all(ev.ProposalMade)
    (lapse,) = [alarm for alarm in desk.state.alarms.values() if alarm.kind in _OF_ORDERS]
    assert (lapse.id, lapse.due_at) == (f"lapse/{made.proposal.id}", made.proposal.expires_at)
    desk.play(at(MONDAY, "16:05"))
    assert len(desk.all(ev.ProposalLapsed)) == 1
    assert _standing(desk) == []
    sound(desk)


def test_an_order_is_waited_for_until_it_is_filled() -> None:
    desk = stage()
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    assert desk.all(ev.OrderWritten)
    assert _standing(desk) == ["acknowledge", "patience"]
    desk.play(at(MONDAY, "10:15"))
    assert desk.all(ev.FillBooked)
    assert desk.state.sleeves[F1_REV].has_traded
    assert _standing(desk) == []
    # Only the week's own alarms were written down: an order's follow from its entries.
    told = [alarm for event in desk.all(ev.AlarmsSet) for alarm in event.alarms]
    assert not [alarm for alarm in told if alarm.kind in _OF_ORDERS]
    assert not desk.all(ev.AlarmsDropped)
    sound(desk)
