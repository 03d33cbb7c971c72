"""The panel Strategies: what is on, what it earned, and switches that ask the engine."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.docks.strategies import StrategiesDock
from allusedesk.desk.session import DeskSession
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.journal.store import JournalReader
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.test_approve import asked
from tests.desk.test_trust_dock import hold

WHEEL = "wheel@1.0"


def dock_of(session: DeskSession, qtbot: QtBot) -> StrategiesDock:
    session.context.commands.give("dock.strategies")
    dock = session.window.dock("strategies")
    assert isinstance(dock, StrategiesDock)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 10, timeout=WAIT)
    return dock


def select(dock: StrategiesDock, strategy: str) -> None:
    place = dock.model.place_of(strategy)
    assert place is not None
    dock.table.table.selectRow(place)


def on_record(session: DeskSession) -> list[StrategySwitched]:
    with JournalReader.open(session.context.records.journal) as journal:
        events = [entry.event for entry in journal.read()]
    return [event for event in events if isinstance(event, StrategySwitched)]


def test_a_hold_switches_on_and_off_and_enter_switches_nothing(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = asked(open_desk, qtbot)
    dock = dock_of(session, qtbot)
    assert not dock.switch.isEnabled()
    select(dock, WHEEL)
    dock.sleeve.setCurrentIndex(dock.sleeve.findData("F1.rev"))
    assert "the rulebook opens nothing in this sleeve" in dock.told.text()
    dock.reason.setFocus()
    qtbot.keyClicks(dock.reason, "a quiet spring")
    for widget in (dock.reason, dock.switch, dock.table.table, dock.sleeve):
        widget.setFocus()
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    qtbot.mouseClick(dock.switch, Qt.MouseButton.LeftButton)
    qtbot.wait(200)
    assert latest(session).strategies == ()
    hold(dock.switch, qtbot)
    qtbot.waitUntil(lambda: len(latest(session).strategies) == 1, timeout=WAIT)
    [on] = on_record(session)
    assert (on.strategy, on.account, on.is_on) == (WHEEL, "F1.rev", True)
    assert (on.operator, on.reason) == (session.context.operator, "a quiet spring")
    assert 'name = "wheel"' in on.text
    qtbot.waitUntil(lambda: dock.model.rows_shown()[0].on_in == ("F1.rev",), timeout=WAIT)
    assert dock.model.rows_shown()[0].line.id == WHEEL
    assert "is on in F1.rev" in dock.verdict.text()
    qtbot.waitUntil(
        lambda: [row.account for row in dock.places.rows_shown() if row.is_on] == ["F1.rev"],
        timeout=WAIT,
    )
    [row] = [row for row in dock.places.rows_shown() if row.is_on]
    told = {column.key: column.cell(row) for column in dock.places.columns}
    assert told["state"] == "on"
    assert told["since"].endswith("12 09:45:00 New York")
    assert "no backtest kept" in told["against"]
    # The same button, held again by Space, switches it off.
    assert dock.switch.text() == "Hold to switch off"
    assert "managed to its end" in dock.told.text()
    dock.switch.setFocus()
    qtbot.keyPress(dock.switch, Qt.Key.Key_Space)
    qtbot.wait(900)
    qtbot.keyRelease(dock.switch, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not latest(session).strategies[0].is_on, timeout=WAIT)
    qtbot.waitUntil(
        lambda: (
            [r for r in dock.places.rows_shown() if r.account == "F1.rev" and not r.is_on] != []
        ),
        timeout=WAIT,
    )


def test_what_does_not_fit_is_refused_in_a_sentence(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dock = dock_of(session, qtbot)
    select(dock, "protocol-gen@1.0")
    assert dock.sleeve.currentData() == "F1.gen"
    dock.sleeve.setCurrentIndex(dock.sleeve.findData("F1.com"))
    assert dock.told.text() == "protocol-gen@1.0 is made for gen, not for F1.com."
    hold(dock.switch, qtbot)
    assert "Not changed: protocol-gen@1.0 is made for gen" in dock.verdict.text()
    assert on_record(session) == []
    # What only the engine finds out is told as well.
    off = StrategySwitched(AccountId("F1.gen"), WHEEL, "", is_on=False, operator="Ann")
    session.context.bridge.admit(off)
    qtbot.waitUntil(
        lambda: dock.verdict.text() == f"Not changed: {WHEEL} is not switched on in F1.gen.",
        timeout=WAIT,
    )
    session.context.bridge.refusal = lambda _: "The desk is locked."
    dock.sleeve.setCurrentIndex(dock.sleeve.findData("F1.gen"))
    hold(dock.switch, qtbot)
    assert dock.verdict.text() == "Not changed: The desk is locked."
    assert latest(session).strategies == ()


def test_the_rules_are_told_in_words_and_as_recorded(open_desk: OpenDesk, qtbot: QtBot) -> None:
    session = asked(open_desk, qtbot)
    dock = dock_of(session, qtbot)
    select(dock, "iron-condor@1.0")
    rules = dock.rules.toPlainText()
    assert "Sell a put (short put), 30 to 50 days to expiry, delta 13 to 23." in rules
    assert "credit at least 12 % of the distance at risk" in rules
    assert "at a profit of 50 % of what it opened for" in rules
    assert 'structure = "iron condor"' in rules
    assert "no prices of SPY" in dock.told.text()
