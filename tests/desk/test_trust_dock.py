"""The trust panel: a row for each kind, switches that ask the engine, reasons of the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.trust import TrustDock
from allusedesk.desk.hold_button import HOLD_MILLISECONDS, HoldButton
from allusedesk.desk.session import DeskSession
from allusedesk.domain.inputs import Answer, Input, OperatorDecided
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.trust import FourEyesAwaited, SecondSignatureSet, TrustLevel, TrustSwitched
from allusedesk.engine.snapshot import DeskSnapshot
from allusedesk.engine.snapshot_trust import PeoplePicture
from allusedesk.journal.queries.answers import ReasonGiven
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.test_approve import asked

TRIES = 4


def dock_of(session: DeskSession) -> TrustDock:
    session.context.commands.give("dock.trust")
    dock = session.window.dock("trust")
    assert isinstance(dock, TrustDock)
    return dock


def hold(button: HoldButton, qtbot: QtBot) -> None:
    """Hold a button until it fires; again where another window took the keyboard meanwhile."""
    for _ in range(TRIES):
        with qtbot.waitSignal(button.fired, timeout=WAIT // TRIES, raising=False) as fired:
            qtbot.mousePress(button, Qt.MouseButton.LeftButton)
        qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
        if fired.signal_triggered:
            return
    raise AssertionError("The button was held and never fired.")


def select(dock: TrustDock, kind: ProposalKind) -> None:
    place = dock.model.place_of(kind.value)
    assert place is not None
    dock.table.table.selectRow(place)


def earned(picture: DeskSnapshot, level: TrustLevel, switch: TrustLevel) -> DeskSnapshot:
    """The picture with entries that have earned a level."""
    kinds = tuple(
        replace(one, level=level, switch=switch, acting=switch, score=Decimal("0.8412"), decided=63)
        if one.kind is ProposalKind.ENTRY
        else one
        for one in picture.people.kinds
    )
    return replace(picture, people=replace(picture.people, kinds=kinds))


def test_each_kind_has_its_row_and_nothing_is_earned_at_first(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dock = dock_of(session)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 8, timeout=WAIT)
    rows = {row.kind: row for row in dock.model.rows_shown()}
    assert ProposalKind.RESUME not in rows
    assert ProposalKind.EMERGENCY_EXIT not in rows
    assert "10 more decided" in rows[ProposalKind.ENTRY].wanting
    assert not dock.switch.isEnabled()
    select(dock, ProposalKind.ENTRY)
    assert [dock.level.itemText(place) for place in range(dock.level.count())] == [
        "off: a person answers"
    ]


def test_a_limit_is_set_by_a_hold_and_enter_sets_nothing(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dock = dock_of(session)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 8, timeout=WAIT)
    dock.amount.setFocus()
    qtbot.keyClicks(dock.amount, "no amount")
    hold(dock.limit, qtbot)
    assert "no amount of dollars" in dock.verdict.text()
    dock.amount.clear()
    qtbot.keyClicks(dock.amount, "50,000")
    qtbot.keyClick(dock.amount, Qt.Key.Key_Return)
    qtbot.wait(200)
    assert latest(session).people.second_above is None
    hold(dock.limit, qtbot)
    wanted = Money(Decimal(50_000))
    qtbot.waitUntil(lambda: latest(session).people.second_above == wanted, timeout=WAIT)
    qtbot.waitUntil(lambda: "50,000.00 USD" in dock.signatures.text(), timeout=WAIT)
    # Looser by one person alone changes nothing and says whom it waits for.
    dock.amount.clear()
    dock.limit.setFocus()
    qtbot.keyPress(dock.limit, Qt.Key.Key_Space)
    qtbot.wait(HOLD_MILLISECONDS + 200)
    qtbot.keyRelease(dock.limit, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "a second, different person" in dock.signatures.text(), timeout=WAIT)
    assert latest(session).people.second_above == wanted


def test_what_was_not_earned_is_refused_with_a_sentence(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dock = dock_of(session)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 8, timeout=WAIT)
    session.context.bridge.admit(
        TrustSwitched(ProposalKind.ENTRY, TrustLevel.EXPERT, session.context.operator)
    )
    qtbot.waitUntil(lambda: "has earned initial so far" in dock.verdict.text(), timeout=WAIT)


def test_a_person_s_reasons_come_from_the_record(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dock = dock_of(session)
    card = latest(session).cards[0]
    session.context.bridge.admit(
        OperatorDecided(card.proposal.id, Answer.REJECT, "Ann", "too near earnings", card.terms)
    )
    qtbot.waitUntil(lambda: dock.reasons.rowCount() == 1, timeout=WAIT)
    [row] = dock.reasons.rows_shown()
    assert (row.effect, row.operator, row.reason) == ("rejected", "Ann", "too near earnings")
    kind = card.proposal.kind
    qtbot.waitUntil(
        lambda: next(r for r in dock.model.rows_shown() if r.kind is kind).decided == 1,
        timeout=WAIT,
    )


def test_only_levels_that_were_earned_are_offered_and_a_hold_asks_for_one(
    standing: DeskContext, qtbot: QtBot
) -> None:
    admitted: list[Input] = []
    standing.bridge.admit = admitted.append  # type: ignore[method-assign]
    dock = TrustDock(standing)
    qtbot.addWidget(dock)
    dock.resize(700, 500)
    dock.show()
    picture = standing.bridge.latest
    assert picture is not None
    dock.show_picture(earned(picture, TrustLevel.MATURE, TrustLevel.LEARNING))
    select(dock, ProposalKind.ENTRY)
    levels = [dock.level.itemData(place) for place in range(dock.level.count())]
    assert levels == [TrustLevel.INITIAL, TrustLevel.LEARNING, TrustLevel.MATURE]
    assert dock.level.currentData() is TrustLevel.LEARNING
    dock.level.setCurrentIndex(2)
    qtbot.mouseClick(dock.switch, Qt.MouseButton.LeftButton)
    assert not admitted
    hold(dock.switch, qtbot)
    assert admitted == [TrustSwitched(ProposalKind.ENTRY, TrustLevel.MATURE, standing.operator)]
    waiting = FourEyesAwaited(None, "Ann")
    people = PeoplePicture(picture.people.kinds, Money(Decimal(1_000)), waiting)
    dock.show_picture(replace(picture, people=people))
    assert "Ann wants a looser limit (none)" in dock.signatures.text()
    dock.amount.setText("2,500")
    hold(dock.limit, qtbot)
    assert admitted[-1] == SecondSignatureSet(Money(Decimal(2_500)), standing.operator)


def test_a_row_shows_its_words_and_a_lost_engine_is_told(
    context: DeskContext, qtbot: QtBot
) -> None:
    dock = TrustDock(context)
    qtbot.addWidget(dock)
    dock.set_limit()
    assert dock.verdict.text()
    reason = ReasonGiven(
        7, datetime(2026, 2, 9, tzinfo=UTC), "P1", "F1.gen", "roll", "edited", "A", ""
    )
    dock.reasons.show((reason,))
    told = [column.cell(reason) for column in dock.reasons.columns]
    assert told[-1] == "none given"
    dock.wear(context.theme)
    dock.restore(dock.kept())
