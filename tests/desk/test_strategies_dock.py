"""The panel Strategies: what is on, what it earned, and switches that ask the engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.strategies import StrategiesDock
from allusedesk.desk.docks.strategies_table import (
    SLEEVES,
    sleeve_rows,
    sleeve_words,
    switch_words,
)
from allusedesk.desk.session import DeskSession
from allusedesk.domain.accounts import AccountId, AccountKind
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.journal.store import JournalReader
from allusedesk.wiring.strategy_look import StrategyLine, strategies_listed
from allusedesk.wiring.strategy_standing import Backtested, Standing, StrategiesSeen
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.test_approve import asked
from tests.desk.test_trust_dock import hold

WHEEL, REV = "wheel@1.0", AccountId("F1.rev")


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


@pytest.mark.long
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
    assert told["since"] == "9 Jan 12"
    assert "since Mon 9 Jan 12 " in dock.beside.text()
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


def lines() -> dict[str, StrategyLine]:
    return {one.id: one for one in strategies_listed(()).lines}


def on(strategy: str) -> StrategySwitched:
    return StrategySwitched(REV, strategy, "", is_on=True, operator="Ann")


def test_what_a_switch_changes_depends_on_what_else_is_on() -> None:
    wheel, protocol = lines()[WHEEL], lines()["protocol-rev@1.0"]

    def told(line: StrategyLine, *others: str, is_on: bool = False) -> str:
        switched = tuple(on(one) for one in others)
        return switch_words(line, REV, switched, is_on=is_on, unpriced=())

    assert "the rulebook opens nothing in this sleeve" in told(wheel)
    assert "The rulebook goes on opening there" in told(wheel, protocol.id)
    assert "takes the place of wheel@0.9, which opens nothing more" in told(wheel, "wheel@0.9")
    assert "the rulebook opens there by itself" in told(wheel, WHEEL, is_on=True)
    assert "opens there by itself" not in told(wheel, WHEEL, "collar@1.0", is_on=True)
    assert "also beside other strategies" in told(protocol, WHEEL)
    assert f"opens nothing there while {WHEEL} is on" in told(
        protocol, protocol.id, WHEEL, is_on=True
    )


def test_a_sleeve_stands_beside_the_backtest_that_was_kept() -> None:
    since = datetime(2026, 2, 9, 15, tzinfo=UTC)
    weeks = (0.001, 0.003) * 6
    standing = Standing(WHEEL, REV, True, since, "Ann", None, weeks)
    tested = Backtested(
        3,
        WHEEL,
        AccountKind.REVENUE,
        "default",
        date(2012, 1, 2),
        date(2012, 3, 30),
        (0.004, 0.006) * 6,
        ("collar@1.0",),
        is_versioned=False,
    )
    seen = StrategiesSeen((lines()[WHEEL],), (standing,), (tested,), ())
    gen, rev = sleeve_rows(seen, lines()[WHEEL], (AccountId("F1.gen"), REV))
    assert (gen.is_on, rev.is_on) == (False, True)
    said = sleeve_words(rev)
    assert f"{WHEEL} is on in F1.rev since Mon 9 Feb 26 10:00:00 New York, by Ann." in said
    assert "run 3, fills default" in said
    assert "with collar@1.0 in the same sleeve; it named no version" in said
    # A difference of 0.003 over the root of two errors of 0.001 squared, times 12 / 11, by 12.
    assert "live differs by \u22127.04 standard errors" in said
    told = {column.key: column.cell(rev) for column in SLEEVES}
    assert (told["live"], told["tested"]) == ("+0.20%", "+0.50%")
    assert sleeve_words(gen) == (
        "Live against backtest: no backtest kept: the Laboratory (Alt+L) makes one."
    )
    short = replace(standing, weeks=weeks[:9])
    rows = sleeve_rows(replace(seen, standings=(short,)), lines()[WHEEL], (REV,))
    assert "whole weeks live 9, tested 12: too few to compare" in sleeve_words(rows[0])


def test_a_desk_that_changes_while_the_button_is_held_is_not_switched(
    context: DeskContext, qtbot: QtBot
) -> None:
    heard: list[object] = []
    context.bridge.admit = heard.append  # type: ignore[method-assign]
    dock = StrategiesDock(context)
    qtbot.addWidget(dock)
    dock.show()
    dock._sleeves = (REV,)
    dock._list_sleeves()
    dock._take(StrategiesSeen(tuple(lines().values()), (), (), ("One text is no strategy.",)))
    select(dock, WHEEL)
    qtbot.mousePress(dock.switch, Qt.MouseButton.LeftButton)
    dock._switched = (on("wheel@0.9"),)
    dock._say()
    qtbot.wait(900)
    qtbot.mouseRelease(dock.switch, Qt.MouseButton.LeftButton)
    assert heard == []
    assert "changed while you held" in dock.verdict.text()
    hold(dock.switch, qtbot)
    assert [one.strategy for one in heard if isinstance(one, StrategySwitched)] == [WHEEL]
    dock.wear(context.theme)
    dock.restore(dock.kept())
