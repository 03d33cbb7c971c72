"""The reports panel: all a record can give, looked at, searched, handed over and printed."""

from __future__ import annotations

import threading
from pathlib import Path
from zipfile import is_zipfile

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from allusedesk.desk import report_work
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.reports import ReportsDock
from allusedesk.desk.operations import Operation
from allusedesk.desk.page_view import Fit
from allusedesk.desk.report_work import drawn_report
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.kinds import ReportKind
from allusedesk.reports.paper.pages import PdfPages
from allusedesk.wiring.reporting import ReportWish
from tests.desk.conftest import WAIT

FIRST, SECOND = "2012-W02", "2012-W03"


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> ReportsDock:
    made = ReportsDock(standing)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    qtbot.waitUntil(lambda: made.model.rowCount() > 0, timeout=WAIT)
    return made


@pytest.fixture
def shown(dock: ReportsDock, qtbot: QtBot) -> ReportsDock:
    """The panel with the report of the first week open."""
    dock.open_report("weekly", FIRST)
    qtbot.waitUntil(lambda: dock.preview.pages.pages > 2, timeout=WAIT)
    qtbot.waitUntil(lambda: dock.preview.pages.is_sharp, timeout=WAIT)
    return dock


def _row(dock: ReportsDock, kind: str, period: str) -> list[str]:
    place = dock.model.place_of((kind, period, ""))
    assert place is not None
    return list(dock.model.texts_at(place))


def test_the_list_says_how_final_each_report_is_and_where_it_lies(dock: ReportsDock) -> None:
    assert _row(dock, "weekly", FIRST)[2::3] == ["final", f"weekly-{FIRST}-final.pdf"]
    assert _row(dock, "weekly", SECOND)[2::3] == ["running", ""]
    ends = [dock.model.row_at(place).period.last for place in range(dock.model.rowCount())]
    assert ends == sorted(ends, reverse=True)
    dock.kind.setCurrentText("weekly")
    assert {dock.model.row_at(place).kind.value for place in range(dock.model.rowCount())} == {
        "weekly"
    }


def test_pages_are_led_through(shown: ReportsDock, qtbot: QtBot) -> None:
    preview = shown.preview
    assert preview.count.text() == f"of {preview.pages.pages}"
    assert "up to entry" in shown.said.text()
    qtbot.mouseClick(preview.forth, Qt.MouseButton.LeftButton)
    assert preview.page.value() == 2
    preview.page.setValue(3)
    assert preview.pages.page == 2
    parts = [preview.contents.itemText(place) for place in range(preview.contents.count())]
    assert "Trades" in [part.strip() for part in parts]
    preview.contents.activated.emit(1)
    assert preview.pages.page == 0
    preview.size_chosen.activated.emit(3)
    assert (preview.pages.fit, preview.pages.factor) == (Fit.FREE, 2.0)
    qtbot.waitUntil(lambda: preview.pages.is_sharp, timeout=WAIT)
    preview.pages.zoom_in()
    assert preview.size_chosen.currentIndex() == -1
    assert preview.size_chosen.placeholderText() == "250 %"


def test_a_link_of_the_page_is_followed(shown: ReportsDock, qtbot: QtBot) -> None:
    preview, report = shown.preview, shown.preview.report
    assert report is not None
    size = report.pages.sizes[0]
    places = ((x, y) for y in range(60, int(size.height), 4) for x in range(60, 300, 40))
    left, top, page = next(
        (x, y, target[0])
        for x, y in places
        if (target := report.pages.link_at(0, x, y)) is not None and target[0] > 0
    )
    logical = preview.pages._logical()
    place = preview.pages._places[0].topLeft() - preview.pages._offset()
    press = QPoint(round(place.x() + left * logical), round(place.y() + top * logical))
    preview.pages.verticalScrollBar().setValue(max(0, press.y() - 100))
    press -= preview.pages._offset()
    qtbot.mouseClick(preview.pages.viewport(), Qt.MouseButton.LeftButton, pos=press)
    qtbot.waitUntil(lambda: preview.pages.page == page, timeout=WAIT)


def test_words_are_found_in_the_pages(shown: ReportsDock, qtbot: QtBot) -> None:
    preview = shown.preview
    preview.pages.setFocus()
    qtbot.keyClick(preview.pages, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert preview.words.hasFocus()
    preview.words.setText("chain HEAD")
    qtbot.keyClick(preview.words, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: " of " in preview.found.text(), timeout=WAIT)
    first, _, count = preview.found.text().partition(" of ")
    assert (first, int(count) >= preview.pages.pages) == ("1", True)
    qtbot.keyClick(preview.words, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert preview.found.text() == f"{count} of {count}"
    assert preview.pages.page == preview.pages.pages - 1
    preview.words.setText("zzz")
    qtbot.keyClick(preview.words, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: preview.found.text() == "not found", timeout=WAIT)


def test_what_is_shown_is_exported(shown: ReportsDock, qtbot: QtBot, tmp_path: Path) -> None:
    said: list[str] = []
    shown.context.notices.told.connect(lambda sentence, _: said.append(sentence))
    folder = tmp_path / "out"
    folder.mkdir()
    for form in ("pdf", "csv", "json"):
        qtbot.mouseClick(shown.exports[form], Qt.MouseButton.LeftButton)
        dialog = shown.findChild(QFileDialog)
        assert dialog is not None
        assert dialog.isVisible()
        file = folder / f"week.{form}"
        dialog.fileSelected.emit(str(file))
        dialog.close()
        qtbot.waitUntil(lambda file=file: any(str(file) in one for one in said), timeout=WAIT)
        qtbot.waitUntil(lambda: shown.findChild(QFileDialog) is None)
    assert (folder / "week.pdf").read_bytes().startswith(b"%PDF")
    assert FIRST in (folder / "week.csv").read_text(encoding="utf-8-sig")
    assert sorted(file.name for file in folder.iterdir()) == ["week.csv", "week.json", "week.pdf"]
    report = shown.preview.report
    assert report is not None
    shown._export(report, "pdf", str(tmp_path / "gone" / "week.pdf"))
    failed: list[str] = []
    shown.context.papers.failed.connect(failed.append)
    qtbot.waitUntil(lambda: bool(failed), timeout=WAIT)
    assert "Exporting the weekly report" in failed[0]


def test_the_regulatory_pack_is_exported_too(
    dock: ReportsDock, qtbot: QtBot, tmp_path: Path
) -> None:
    assert not dock.pack.isVisible()
    dock.open_report("regulatory", "2012-01")
    assert dock.kind.currentText() == "regulatory"
    qtbot.waitUntil(lambda: dock.preview.pages.pages > 0, timeout=2 * WAIT)
    assert dock.pack.isVisible()
    dock._export(dock.preview.report, "zip", str(tmp_path / "pack.zip"))  # type: ignore[arg-type]
    qtbot.waitUntil((tmp_path / "pack.zip").exists, timeout=2 * WAIT)
    assert is_zipfile(tmp_path / "pack.zip")


def test_a_client_s_statement_is_told_by_its_account(dock: ReportsDock, qtbot: QtBot) -> None:
    dock.open_report("client", "2012-01")
    qtbot.waitUntil(lambda: dock.preview.pages.pages > 0, timeout=2 * WAIT)
    assert dock.said.text().startswith("The client report of F1 for 2012-01, ")


def test_it_is_printed_as_it_is_drawn(shown: ReportsDock, qtbot: QtBot, tmp_path: Path) -> None:
    qtbot.mouseClick(shown.print, Qt.MouseButton.LeftButton)
    dialog = shown.findChild(QPrintDialog)
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal() or dialog.windowModality() is not Qt.WindowModality.NonModal
    dialog.reject()
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    printer.setResolution(150)
    printer.setPrintRange(QPrinter.PrintRange.PageRange)
    printer.setFromTo(2, 3)
    said: list[str] = []
    shown.context.notices.told.connect(lambda sentence, _: said.append(sentence))
    shown.print_on(printer)
    assert shown.print.text() == "Stop printing"
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT)
    assert said == [f"2 pages of the weekly report of {FIRST} went to print."]
    qtbot.waitUntil(lambda: shown.print.text() == "Print…")
    report = shown.preview.report
    assert report is not None
    printed = PdfPages((tmp_path / "printed.pdf").read_bytes())
    assert len(printed.sizes) == 2
    for place, page in enumerate((1, 2)):
        ours, theirs = report.pages.picture(page, 0.5), printed.picture(place, 0.5)
        rows = min(ours.height, theirs.height) - 1
        apart = [
            abs(ours.pixels[y * ours.stride + 4 * x] - theirs.pixels[y * theirs.stride + 4 * x])
            for y in range(0, rows, 3)
            for x in range(0, ours.width - 2, 3)
        ]
        assert sum(apart) / len(apart) < 8
        assert min(theirs.pixels) < 120


def test_a_choice_that_is_left_at_once_is_never_shown(
    dock: ReportsDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, drawn = threading.Event(), []
    really = report_work.drawn_report

    def slow(journal: Path, wish: ReportWish, operation: object) -> object:
        drawn.append(wish.period)
        if wish.period == FIRST:
            held.wait(5)
        return really(journal, wish, operation)  # type: ignore[arg-type]

    monkeypatch.setattr("allusedesk.desk.docks.reports.drawn_report", slow)
    dock.open_report("weekly", FIRST)
    qtbot.waitUntil(lambda: drawn == [FIRST], timeout=WAIT)
    assert "Drawing the weekly report" in dock.preview.pages.empty
    dock.open_report("weekly", SECOND)
    qtbot.waitUntil(lambda: SECOND in dock.preview.pages.empty, timeout=WAIT)
    held.set()
    qtbot.waitUntil(lambda: dock.preview.report is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: not dock.context.papers.is_busy, timeout=WAIT)
    assert dock.preview.report is not None
    assert dock.preview.report.wish.period == SECOND


def test_one_that_is_not_wanted_any_more_ends_at_its_next_question(
    dock: ReportsDock,
) -> None:
    journal = dock.context.records.journal
    asked = Operation("A report")
    questions: list[str] = []

    def catch_up(side: ReadSide, part: str) -> None:
        questions.append(part)
        asked.stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadSide, "catch_up", catch_up)
        assert drawn_report(journal, ReportWish(ReportKind.WEEKLY, FIRST), asked) is None
    assert len(questions) == 1


def test_a_report_that_is_not_there_is_told(dock: ReportsDock) -> None:
    said: list[str] = []
    dock.context.notices.told.connect(lambda sentence, _: said.append(sentence))
    dock.open_report("weekly", "1999-W01")
    assert said == ["The record gives no weekly report of 1999-W01: choose another from the list."]


def test_one_that_cannot_be_made_says_why_in_place_of_its_pages(
    dock: ReportsDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("allusedesk.desk.docks.reports.drawn_report", refuse)
    dock.open_report("weekly", FIRST)
    qtbot.waitUntil(lambda: "no room" in dock.preview.pages.empty, timeout=WAIT)
    assert not dock.exports["pdf"].isEnabled()
    monkeypatch.undo()
    dock.blotter.table.clearSelection()
    dock.open_report("weekly", FIRST)
    qtbot.waitUntil(lambda: dock.preview.pages.pages > 2, timeout=WAIT)


def test_a_narrow_panel_puts_the_list_above(dock: ReportsDock, qtbot: QtBot) -> None:
    assert dock.parts.orientation() is Qt.Orientation.Horizontal
    dock.resize(450, 800)
    qtbot.waitUntil(lambda: dock.parts.orientation() is Qt.Orientation.Vertical)
