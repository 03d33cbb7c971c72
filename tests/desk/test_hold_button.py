"""A button that is held: long enough it fires once, by mouse and by key; less does nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from allusedesk.desk.hold_button import HOLD_MILLISECONDS, HoldButton
from allusedesk.desk.theme import Theme


def shown(qtbot: QtBot, theme: Theme) -> tuple[HoldButton, list[bool]]:
    button = HoldButton("Hold", theme)
    qtbot.addWidget(button)
    button.show()
    button.setFocus()
    fired: list[bool] = []
    button.fired.connect(lambda: fired.append(True))
    return button, fired


def test_held_by_mouse_it_fires_once(qtbot: QtBot, theme: Theme) -> None:
    button, fired = shown(qtbot, theme)
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    assert button.is_held
    assert not fired
    qtbot.waitUntil(lambda: bool(fired), timeout=3_000)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    qtbot.wait(100)
    assert len(fired) == 1


def test_held_by_space_it_fires(qtbot: QtBot, theme: Theme) -> None:
    button, fired = shown(qtbot, theme)
    qtbot.keyPress(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(fired), timeout=3_000)
    qtbot.keyRelease(button, Qt.Key.Key_Space)


def test_let_go_early_it_does_nothing(qtbot: QtBot, theme: Theme) -> None:
    button, fired = shown(qtbot, theme)
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.wait(HOLD_MILLISECONDS // 4)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    qtbot.wait(HOLD_MILLISECONDS + 100)
    assert not fired


def test_enter_never_holds_it(qtbot: QtBot, theme: Theme) -> None:
    button, fired = shown(qtbot, theme)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        qtbot.keyPress(button, key)
        assert not button.is_held
    qtbot.wait(HOLD_MILLISECONDS + 100)
    assert not fired
    assert not button.isDefault()
    assert not button.autoDefault()


def test_a_button_that_becomes_disabled_is_let_go(qtbot: QtBot, theme: Theme) -> None:
    button, fired = shown(qtbot, theme)
    button.begin()
    button.setEnabled(False)
    qtbot.wait(HOLD_MILLISECONDS + 100)
    assert not fired
    assert not button.is_held
