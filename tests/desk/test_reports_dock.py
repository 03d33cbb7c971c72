"""The reports panel: weeks, their pages, and files to hand over."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from allusedesk.desk.docks.reports import ReportsDock
from allusedesk.desk.page_view import PageView
from tests.desk.conftest import WAIT, OpenDesk


def test_a_week_is_looked_at_and_exported(
    open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-13")
    engine = session.context.bridge.engine
    assert engine is not None
    qtbot.waitUntil(lambda: engine.is_over, timeout=3 * WAIT)
    session.context.commands.give("dock.reports")
    dock = session.window.dock("reports")
    assert isinstance(dock, ReportsDock)
    qtbot.waitUntil(lambda: dock.model.rowCount() > 0, timeout=WAIT)
    assert dock.model.row_at(0).week.week == "2012-W02"
    assert not dock.exports["pdf"].isEnabled()
    dock.blotter.table.selectRow(0)
    qtbot.waitUntil(lambda: dock.pages.pages > 2, timeout=3 * WAIT)
    dock._choose_file("pdf")
    dialog = dock.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    file = tmp_path / "week.pdf"
    dialog.fileSelected.emit(str(file))
    dialog.close()
    qtbot.waitUntil(file.exists, timeout=WAIT)
    assert file.read_bytes().startswith(b"%PDF")
    qtbot.waitUntil(
        lambda: any(str(file) in sentence for sentence in session.window.notices.sentences())
    )
    assert list(tmp_path.glob(".report-*")) == []


def test_a_page_is_never_blown_up(qtbot: QtBot) -> None:
    view = PageView()
    qtbot.addWidget(view)
    view.resize(2000, 400)
    view.show()
    image = QImage(600, 800, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    view.show_pages((image, image))
    assert view._labels[0].pixmap().width() == 600
    view.resize(300, 400)
    assert view._labels[0].pixmap().width() < 300
    view.show_pages((image,))
    assert view.pages == len(view._labels) == 1
