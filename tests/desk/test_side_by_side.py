"""A chart and its table turn with the room there is, and both stay readable."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.room import Roomy
from allusedesk.desk.side_by_side import SideBySide


def test_parts_stand_beside_each_other_where_there_is_room(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    both = SideBySide(first, second, (11, 9))
    inner = QWidget()
    QVBoxLayout(inner).addWidget(both)
    page = Roomy(inner)
    qtbot.addWidget(page)
    letters = both.fontMetrics()
    page.resize(letters.averageCharWidth() * 160, letters.height() * 20)
    page.show()
    assert both.orientation() is Qt.Orientation.Horizontal
    assert first.width() > second.width() > 0
    page.resize(letters.averageCharWidth() * 70, letters.height() * 10)
    assert both.orientation() is Qt.Orientation.Vertical
    # Each keeps its lines: the page is scrolled, and no part squeezed to nothing.
    qtbot.waitUntil(lambda: min(first.height(), second.height()) >= letters.height() * 10)
    page.resize(letters.averageCharWidth() * 160, letters.height() * 20)
    assert both.orientation() is Qt.Orientation.Horizontal
    qtbot.waitUntil(lambda: both.height() <= letters.height() * 20)
