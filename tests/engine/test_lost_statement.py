"""A statement that a real broker never sends is missed, told, and asked for again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import AlarmRang, BrokerReported, DeskResumed
from allusedesk.domain.orders import BrokerStatement, LinkChanged
from allusedesk.engine.order_alarms import STATEMENT_DUE
from tests.acceptance.desks import MONDAY, stage
from tests.acceptance.stage import at
from tests.engine.test_arming import LiveStage


class Deaf:
    """A broker's door at which questions for the statement are lost."""

    def __init__(self, desk: LiveStage) -> None:
        self.inner = desk.broker
        self.asked = 0
        self.is_deaf = True

    def statement(self) -> BrokerStatement | None:
        self.asked += 1
        return None if self.is_deaf else self.inner.statement()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def _without_statements() -> tuple[LiveStage, Deaf]:
    symbols = dict.fromkeys(AccountKind, ())
    desk = LiveStage(MONDAY, {"AAPL": "100", "SPX": "1300"}, symbols)
    door = Deaf(desk)
    desk.door = door
    desk.play(desk.clock.now() + timedelta(seconds=1))
    return desk, door


def test_silence_about_the_account_is_told_and_asked_about_again_and_again() -> None:
    desk, door = _without_statements()
    assert door.asked == 1
    assert STATEMENT_DUE in desk.state.alarms
    desk.play(desk.clock.now() + timedelta(seconds=60))
    assert door.asked == 2
    desk.play(desk.clock.now() + timedelta(seconds=480))
    assert door.asked == 4
    [told] = [one for one in desk.all(ev.NoticeRaised) if one.subject == "statement.overdue"]
    assert told.severity == "alarm"

    door.is_deaf = False
    desk.play(desk.clock.now() + timedelta(seconds=240))
    assert STATEMENT_DUE not in desk.state.alarms
    assert len(desk.all(ev.DeskReconciled)) == 1
    desk.play(desk.clock.now() + timedelta(seconds=300))
    assert len(desk.all(ev.DeskReconciled)) == 1


def test_over_a_dead_line_nobody_is_asked() -> None:
    desk, door = _without_statements()
    lost = BrokerReported(LinkChanged(is_up=False, reason="a test"))
    desk.play(desk.clock.now() + timedelta(seconds=1), lost)
    desk.play(desk.clock.now() + timedelta(seconds=600))
    assert door.asked == 1
    back = BrokerReported(LinkChanged(is_up=True))
    desk.play(desk.clock.now() + timedelta(seconds=1), back)
    assert door.asked == 2
    assert STATEMENT_DUE in desk.state.alarms


def test_the_simulated_broker_answers_at_once_and_is_not_waited_for() -> None:
    desk = stage()
    desk.play(at(MONDAY, "16:01"))
    desk.clock._now = at(MONDAY, "16:02")
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "a test"))
    desk.play(at(MONDAY, "16:03"))
    told = [one for one in desk.all(BrokerReported) if isinstance(one.report, BrokerStatement)]
    assert len(told) == 2
    set_ever = [alarm.id for one in desk.all(ev.AlarmsSet) for alarm in one.alarms]
    assert STATEMENT_DUE not in {*set_ever, *(one.alarm.id for one in desk.all(AlarmRang))}
