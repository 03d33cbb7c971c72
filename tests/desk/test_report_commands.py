"""Reports and answers from anywhere: by a key, from the menus and from the week itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog
from pytestqt.qtbot import QtBot

from allusedesk.desk.docks.answers import AnswersDock
from allusedesk.desk.docks.reports import ReportsDock
from allusedesk.desk.docks.week import WeekDock
from tests.desk.conftest import WAIT, OpenDesk


@pytest.mark.long
def test_the_week_leads_to_its_report_which_is_printed_and_asked_about(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    session = open_desk("--speed", "3600", "--approve", "all", "--to", "2012-01-13")
    give = session.context.commands.give
    said = session.window.notices.sentences
    give("reports.print")
    qtbot.waitUntil(lambda: any("Choose a report first" in one for one in said()))
    week = session.window.dock("week")
    assert isinstance(week, WeekDock)
    qtbot.waitUntil(
        lambda: bool(
            (picture := session.context.bridge.latest) is not None
            and picture.week is not None
            and picture.at.date() >= picture.week.sessions[1].date
        ),
        timeout=3 * WAIT,
    )
    session.window.open_dock("week")
    qtbot.mouseClick(week.report, Qt.MouseButton.LeftButton)
    reports = session.window.dock("reports")
    assert isinstance(reports, ReportsDock)
    qtbot.waitUntil(lambda: reports.preview.report is not None, timeout=3 * WAIT)
    assert reports.preview.report is not None
    assert reports.preview.report.wish.period == "2012-W02"
    give("reports.week")
    assert reports.isVisible()
    give("reports.print")
    dialog = reports.findChild(QPrintDialog)
    assert dialog is not None
    dialog.reject()
    give("answers.needs")
    answers = session.window.dock("answers")
    assert isinstance(answers, AnswersDock)
    qtbot.waitUntil(lambda: len(answers.page.answers) == 1, timeout=3 * WAIT)
    give("answers.new")
    assert answers.page.answers == ()
    assert session.window.focusWidget() is answers.line
