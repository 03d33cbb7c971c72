"""Pages on the screen: always sharp in the end, turned by keys, and at the size that was asked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from allusedesk.desk.page_view import Fit, PageView, Sheet, Spot

SHEETS = tuple(Sheet(300.0, 400.0) for _ in range(6))


@pytest.fixture
def view(qtbot: QtBot) -> PageView:
    """Six small pages, each of which is drawn as soon as it is wanted."""
    made = PageView()
    qtbot.addWidget(made)
    made.asked = []  # type: ignore[attr-defined]

    def draw(page: int, scale: float) -> None:
        made.asked.append((page, scale))  # type: ignore[attr-defined]
        width, height = round(300 * scale), round(400 * scale)
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFF)
        made.put(page, scale, image)

    made.wanted.connect(draw)
    made.resize(500, 400)
    made.show()
    made.show_sheets(SHEETS)
    qtbot.waitUntil(lambda: made.is_sharp)
    return made


def test_keys_turn_the_pages(view: PageView, qtbot: QtBot) -> None:
    view.zoom(Fit.PAGE)
    view.setFocus()
    with qtbot.waitSignal(view.turned):
        qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.page == 1
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert view.page == 1
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.page == 5
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.page == 0


def test_a_page_taller_than_the_view_is_read_down(view: PageView, qtbot: QtBot) -> None:
    view.zoom(Fit.FREE, 2.0)
    before = view.verticalScrollBar().value()
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.page == 0
    assert before < view.verticalScrollBar().value() <= before + view.viewport().height()


def test_another_size_keeps_the_place_and_is_drawn_anew(view: PageView, qtbot: QtBot) -> None:
    view.go_to(3)
    view.asked.clear()  # type: ignore[attr-defined]
    control = Qt.KeyboardModifier.ControlModifier
    before = view.factor
    qtbot.keyClick(view, Qt.Key.Key_Plus, control)
    assert view.factor == pytest.approx(1.25 * before)
    assert view.fit is Fit.FREE
    assert view.page == 3
    assert not view.is_sharp
    qtbot.waitUntil(lambda: view.is_sharp)
    assert {page for page, _ in view.asked} <= {2, 3, 4, 5}  # type: ignore[attr-defined]
    qtbot.keyClick(view, Qt.Key.Key_Minus, control)
    assert view.factor == pytest.approx(before)
    view.zoom(Fit.WIDTH)
    assert view.horizontalScrollBar().maximum() == 0
    view.zoom(Fit.FREE, 99.0)
    assert view.factor == 4.0
    assert view.horizontalScrollBar().maximum() > 0


def test_a_picture_of_an_earlier_size_is_let_pass(view: PageView) -> None:
    view.zoom(Fit.FREE, 1.0)
    view.put(0, 0.123, QImage(10, 10, QImage.Format.Format_RGB32))
    assert not view.is_sharp


def test_what_was_found_comes_into_sight_and_is_marked(view: PageView, qtbot: QtBot) -> None:
    view.zoom(Fit.FREE, 1.0)
    spot = Spot(4, QRectF(20, 350, 100, 12))
    view.mark((spot,), spot)
    assert view.page in (3, 4)
    qtbot.waitUntil(lambda: view.is_sharp)
    place = view._on_screen(spot)
    assert view.viewport().rect().contains(place)
    colour = view.viewport().grab().toImage().pixelColor(place.center())
    assert colour.blue() < 200 < colour.red()


def test_with_no_pages_it_says_what_to_do(view: PageView, qtbot: QtBot) -> None:
    view.empty = "Choose a report."
    view.show_sheets(())
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(view, key)
    view.go_to(3)
    assert view.pages == 0
    assert view.is_sharp
