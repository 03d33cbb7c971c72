"""Alerts before the person at the desk: lines, panel, keys, mouse, the desktop's own notice."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from allusedesk import credentials
from allusedesk.desk.docks.health import HealthDock
from allusedesk.desk.session import DeskSession
from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.inputs import AlertAcknowledged, AlertCleared, AlertRaised
from allusedesk.journal.store import JournalReader
from allusedesk.monitoring.alerts import AlertBook
from allusedesk.settings import Settings, read_settings, write_settings
from tests.desk.conftest import WAIT, OpenDesk, latest
from tests.desk.reach import interactive_in, spoken

SLOW = Alert("journal.slow", "", Severity.WARNING, 0.4, 0.25, "Writing is slow: look at the disk.")
LOST = Alert("broker.lost", "", Severity.CRITICAL, 1.0, 0.0, "The broker cannot be reached.")
NEAR = [
    Alert("limit.near", f"F{number}", Severity.WARNING, 0.8, 0.7, f"F{number} is near its limit.")
    for number in range(4)
]


@pytest.fixture
def desk(open_desk: OpenDesk, home: Path, monkeypatch: pytest.MonkeyPatch) -> DeskSession:
    """Ann's desk, which stands still and whose watch raises nothing by itself."""
    write_settings(home, Settings(tour_done=True, operator="Ann"))
    monkeypatch.setattr(AlertBook, "look", lambda *_: ())
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-11")
    engine = session.context.bridge.engine
    assert engine is not None
    engine.steer(lambda clock: clock.stand())
    return session


def raise_(session: DeskSession, qtbot: QtBot, *alerts: Alert) -> None:
    for alert in alerts:
        session.context.bridge.admit(AlertRaised(alert))
    ids = {alert.id for alert in alerts}
    qtbot.waitUntil(lambda: ids <= {one.alert.id for one in latest(session).alerts}, timeout=WAIT)


def button(session: DeskSession, text: str) -> QPushButton:
    found = [
        one
        for one in session.window.notices.findChildren(QPushButton)
        if one.accessibleName() == text
    ]
    assert len(found) == 1, text
    return found[0]


def lines(session: DeskSession) -> list[str]:
    return session.window.notices.sentences()


def noted(session: DeskSession) -> dict[str, str]:
    return {one.alert.id: one.acknowledged_by for one in latest(session).alerts}


def test_an_alert_stands_above_the_panels_until_its_button_is_pressed(
    desk: DeskSession, qtbot: QtBot
) -> None:
    raise_(desk, qtbot, SLOW, LOST)
    assert lines(desk) == [
        "CRITICAL: The broker cannot be reached.",
        "Warning: Writing is slow: look at the disk.",
    ]
    assert desk.window.strip.alerts.text() == "2 alerts"
    press = button(desk, "Take note: CRITICAL: The broker cannot be reached.")
    assert press.toolTip()
    qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: noted(desk)["broker.lost"] == "Ann", timeout=WAIT)
    assert noted(desk)["journal.slow"] == ""
    assert lines(desk) == ["Warning: Writing is slow: look at the disk."]
    assert desk.window.strip.alerts.text() == "2 alerts"


def test_what_is_over_goes_away_by_itself(desk: DeskSession, qtbot: QtBot) -> None:
    raise_(desk, qtbot, LOST)
    desk.context.bridge.admit(AlertCleared(LOST.id))
    qtbot.waitUntil(lambda: not latest(desk).alerts, timeout=WAIT)
    assert lines(desk) == []
    assert "alert" not in desk.window.strip.alerts.text().replace("No alerts", "")


def test_many_alerts_take_three_lines_and_a_way_to_the_rest(
    desk: DeskSession, qtbot: QtBot
) -> None:
    raise_(desk, qtbot, *NEAR, LOST)
    assert len(lines(desk)) == 4
    assert lines(desk)[0].startswith("CRITICAL")
    assert lines(desk)[-1] == "2 more alerts in Health."
    press = button(desk, "Health: 2 more alerts in Health.")
    qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
    assert desk.window.frames["health"].isVisible()


def test_all_are_taken_note_of_by_keys(desk: DeskSession, qtbot: QtBot) -> None:
    raise_(desk, qtbot, SLOW, LOST)
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(desk.window, Qt.Key.Key_T, modifiers)
    qtbot.waitUntil(lambda: set(noted(desk).values()) == {"Ann"}, timeout=WAIT)
    assert lines(desk) == []
    desk.context.commands.give("alerts.acknowledge")
    assert lines(desk) == ["No alert waits for anybody to take note of it."]


def test_the_panel_lists_them_and_takes_note_of_those_chosen(
    desk: DeskSession, qtbot: QtBot
) -> None:
    desk.context.commands.give("dock.health")
    dock = desk.window.dock("health")
    assert isinstance(dock, HealthDock)
    dock.tabs.setCurrentWidget(dock.alerts)
    assert not dock.alerts.button.isEnabled()
    raise_(desk, qtbot, *NEAR)
    qtbot.waitUntil(lambda: dock.alerts.model.rowCount() == 4, timeout=WAIT)
    assert dock.alerts.whole.text() == "F0 is near its limit."
    dock.alerts.blotter.choose("limit.near/F2")
    assert dock.alerts.whole.text() == "F2 is near its limit."
    table = dock.alerts.blotter.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: noted(desk)["limit.near/F2"] == "Ann", timeout=WAIT)
    assert [name for name, who in noted(desk).items() if who] == ["limit.near/F2"]
    table.clearSelection()
    qtbot.mouseClick(dock.alerts.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: set(noted(desk).values()) == {"Ann"}, timeout=WAIT)
    qtbot.waitUntil(lambda: not dock.alerts.button.isEnabled(), timeout=WAIT)


def test_who_took_note_is_in_the_record(desk: DeskSession, qtbot: QtBot) -> None:
    raise_(desk, qtbot, LOST)
    desk.context.commands.give("alerts.acknowledge")
    qtbot.waitUntil(lambda: noted(desk)["broker.lost"] == "Ann", timeout=WAIT)
    with JournalReader.open(desk.request.journal) as record:
        events = [entry.event for entry in record.read()]
    assert AlertAcknowledged("broker.lost", "Ann") in events


def test_every_series_is_listed_and_can_be_searched(desk: DeskSession, qtbot: QtBot) -> None:
    desk.context.commands.give("dock.health")
    dock = desk.window.dock("health")
    assert isinstance(dock, HealthDock)
    dock.tabs.setCurrentWidget(dock.series)
    model = dock.series.model

    def is_listed() -> bool:
        dock.count()
        return model.rowCount() > 150

    qtbot.waitUntil(is_listed, timeout=WAIT)
    shown = {model.texts_at(place)[0] for place in range(model.rowCount())}
    assert "entries_total · MarketSampled" in shown
    rates = [one for one in model.rows_shown() if one.per_second is not None]

    def has_rates() -> bool:
        dock.count()
        return any(one.per_second is not None for one in model.rows_shown())

    assert rates or qtbot.waitUntil(has_rates, timeout=WAIT) is None
    qtbot.keyClicks(dock.series.blotter.field, "journal_append")
    assert {one.name for one in model.rows_shown()} == {
        "allusedesk_journal_append_seconds_count",
        "allusedesk_journal_append_seconds_sum",
    }


def test_a_new_alert_is_told_by_the_desktop_where_it_has_a_place(
    desk: DeskSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, object]] = []
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _self: None)
    monkeypatch.setattr(
        QSystemTrayIcon,
        "showMessage",
        lambda _self, _title, text, kind, _ms: told.append((text, kind)),
    )
    raise_(desk, qtbot, SLOW)
    assert told == [], "there is no tray here"
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    raise_(desk, qtbot, LOST)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=WAIT)
    assert told == [("The broker cannot be reached.", QSystemTrayIcon.MessageIcon.Critical)]
    qtbot.wait(200)
    assert len(told) == 1, "each is told once"


def test_mail_settings_are_tried_and_kept_without_the_password(
    desk: DeskSession, qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[tuple[str, str, str]] = []

    def keep(*secret: str) -> bool:
        kept.append(secret)  # type: ignore[arg-type]
        return True

    monkeypatch.setattr(credentials, "keep_secret", keep)
    monkeypatch.setattr(credentials, "read_secret", lambda *_: None)
    desk.alerting.open_mail()
    dialog = desk.alerting.dialog
    assert dialog is not None
    for widget in interactive_in(dialog):
        assert spoken(widget), widget
    assert not any(one.isDefault() for one in dialog.findChildren(QPushButton))
    dialog.is_on.setChecked(True)
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    assert "at least one address" in dialog.said.text()
    assert dialog.isVisible()
    qtbot.keyClicks(dialog.host, "127.0.0.1")
    dialog.port.setValue(9)
    qtbot.keyClicks(dialog.from_address, "desk@example.org")
    qtbot.keyClicks(dialog.to, "ada@example.org")
    qtbot.keyClicks(dialog.user, "ada")
    qtbot.keyClicks(dialog.password, "s3cret")
    qtbot.mouseClick(dialog.trial, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "took no message" in dialog.said.text(), timeout=WAIT)
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: kept == [("e-mail", "ada", "s3cret")], timeout=WAIT)
    mail = read_settings(home).mail
    assert (mail.is_on, mail.host, mail.port, mail.user) == (True, "127.0.0.1", 9, "ada")
    assert "s3cret" not in (home / "settings.toml").read_text()
    watch = desk.context.watch
    assert watch is not None
    assert watch._mail == mail
