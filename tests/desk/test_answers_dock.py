"""The answers panel: a person asks, reads, follows links, goes on asking and gives up."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from allusedesk.answers.answer import (
    Answer,
    Conversation,
    Figure,
    Nature,
    Sentence,
    Standing,
    Table,
)
from allusedesk.desk.answer_page import AnswerPage, words_of
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.answers import AnswersDock
from allusedesk.desk.theme import Look, Theme, read_theme
from tests.desk.conftest import WAIT, OpenDesk

NAUGHTY = '<b>bold</b> & <img src="x"> "quoted"'
ANSWER = Answer(
    question=f"What about {NAUGHTY}?",
    standing=Standing.ANSWERED,
    sentences=(
        Sentence(("In week 2012-W03 Gen lost ", Figure("-$1,234.50", (17, 4_321)), ".")),
        Sentence(("It may lose ", Figure("$99.00", (5,), Nature.MODELLED), " more.")),
    ),
    intent="result",
    about="the whole record",
    table=Table(
        ("sleeve", "gain"),
        (
            (NAUGHTY, Figure("-$1.00", (1, 2, 3), Nature.ESTIMATE)),
            ("F1.rev", Figure("+$22,000.00", (9,), Nature.ESTIMATE)),
        ),
    ),
    follow_ups=("And for Rev?", "Profit & loss?"),
)


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> AnswerPage:
    made = AnswerPage(theme)
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show()
    return made


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> AnswersDock:
    made = AnswersDock(standing)
    qtbot.addWidget(made)
    made.resize(520, 700)
    made.show()
    return made


def _links(page: AnswerPage) -> list[str]:
    found = []
    for block in _blocks(page):
        walk = block.begin()
        while not walk.atEnd():
            form = walk.fragment().charFormat()
            if form.isAnchor():
                found.append(form.anchorHref())
            walk += 1
    return found


def _blocks(page: AnswerPage) -> Iterator[object]:
    block = page.document().begin()
    while block.isValid():
        yield block
        block = block.next()


def _offers(dock: AnswersDock) -> list[str]:
    return [one.text() for one in dock.offers.findChildren(QPushButton) if one.isVisible()]


def _answered(dock: AnswersDock, qtbot: QtBot, question: str) -> Answer:
    before = len(dock.page.answers)
    dock.line.setFocus()
    dock.line.clear()
    qtbot.keyClicks(dock.line, question)
    qtbot.keyClick(dock.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(dock.page.answers) > before, timeout=2 * WAIT)
    return dock.page.answers[-1]


def test_a_card_is_plain_text_whatever_the_record_holds(page: AnswerPage) -> None:
    page.add(ANSWER)
    shown = page.toPlainText()
    assert shown.count(NAUGHTY) == 2
    assert "\N{MINUS SIGN}$1,234.50" in shown
    assert "$99.00 modelled more" in shown
    assert "gain estimate" in shown
    assert "+$22,000.00" in shown


def test_every_figure_leads_to_its_entries_and_weeks_to_their_reports(
    page: AnswerPage, qtbot: QtBot
) -> None:
    page.add(ANSWER)
    assert _links(page) == [
        "report:weekly/2012-W03",
        *("entry:17", "entry:4321", "entry:5", "entry:1", "entry:9"),
    ]
    with qtbot.waitSignal(page.entry_wanted) as wanted:
        page.anchorClicked.emit(_links(page)[2])
    assert wanted.args == [4321]
    with qtbot.waitSignal(page.report_wanted) as report:
        page.anchorClicked.emit(_links(page)[0])
    assert report.args == ["weekly", "2012-W03"]


def test_a_question_that_an_answer_names_can_be_pressed(page: AnswerPage, qtbot: QtBot) -> None:
    question = "What lost 20% & why, or #7?"
    page.add(Answer("Help", Standing.ANSWERED, (Sentence((question,)),), "help"))
    (link,) = _links(page)
    with qtbot.waitSignal(page.question_wanted) as asked:
        page.anchorClicked.emit(QUrl(link))
    assert asked.args == [question]


def test_the_newest_card_is_in_sight_and_old_ones_make_room(page: AnswerPage, qtbot: QtBot) -> None:
    for _ in range(4):
        page.add(ANSWER)
    bar = page.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() > bar.maximum() / 2)
    for _ in range(57):
        page.add(ANSWER)
    assert len(page.answers) == 40
    assert page.toPlainText().count("the whole record") == 40
    page.wear(read_theme(Look.LIGHT))
    assert page.toPlainText().count("the whole record") == 40
    page.clear_all()
    assert page.answers == ()


def test_figures_are_whole_and_what_is_too_wide_is_scrolled(page: AnswerPage, qtbot: QtBot) -> None:
    wide = Figure("$123,456,789.00", (1,))
    rows = ((("a long tale of many words " * 3).strip(), *(wide,) * 3),)
    table = Table(("words", "one", "two", "three"), rows)
    page.add(Answer("Wide?", Standing.ANSWERED, (), "x", table=table))
    narrow = page.document().size().height()
    page.resize(1200, 400)
    qtbot.waitUntil(lambda: page.document().size().height() < narrow)
    assert page.horizontalScrollBar().maximum() == 0
    page.resize(250, 400)
    qtbot.waitUntil(lambda: page.horizontalScrollBar().maximum() > 0)


def test_an_answer_is_copied_with_its_table_and_entries() -> None:
    lines = words_of(ANSWER).splitlines()
    assert lines[0] == ANSWER.question
    assert "[modelled]" in lines[2]
    assert lines[3] == "sleeve\tgain"
    assert lines[-1] == "Entries: 17, 4321, 5, 1, 2, 3, 9"


def test_a_question_is_asked_by_keyboard_and_followed_up(dock: AnswersDock, qtbot: QtBot) -> None:
    assert "How far is Gen from a fork?" in _offers(dock)
    first = _answered(dock, qtbot, "How far is Gen from a fork?")
    assert first.standing is Standing.ANSWERED
    assert first.entries
    assert "F1.gen" in first.text
    assert dock.offered.text() == "Ask next"
    qtbot.waitUntil(lambda: _offers(dock) == list(first.follow_ups))
    second = _answered(dock, qtbot, "and for Rev?")
    assert "F1.rev" in second.text
    dock.copy_last()
    assert QGuiApplication.clipboard().text() == words_of(second)
    qtbot.keyClick(dock.line, Qt.Key.Key_Up)
    assert dock.line.text() == "and for Rev?"
    qtbot.keyClick(dock.line, Qt.Key.Key_Up)
    assert dock.line.text() == "How far is Gen from a fork?"
    qtbot.keyClick(dock.line, Qt.Key.Key_Down)
    qtbot.keyClick(dock.line, Qt.Key.Key_Down)
    assert dock.line.text() == ""


def test_what_is_not_known_is_said_and_the_nearest_questions_are_offered(
    dock: AnswersDock, qtbot: QtBot
) -> None:
    found = _answered(dock, qtbot, "sing me a song of <i>rain</i>")
    assert found.standing is Standing.UNKNOWN
    assert "Not understood" in dock.page.toPlainText()
    assert "<i>rain</i>" in dock.page.toPlainText()
    assert dock.offered.text() == "I can answer, for example"
    qtbot.waitUntil(lambda: bool(_offers(dock)))
    nearest = _offers(dock)
    button = next(one for one in dock.offers.findChildren(QPushButton) if one.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(dock.page.answers) == 2, timeout=WAIT)
    assert dock.page.answers[-1].question == nearest[0]
    dock.begin_anew()
    assert dock.page.answers == ()
    qtbot.waitUntil(lambda: "How far is Gen from a fork?" in _offers(dock))


def test_an_answer_that_takes_long_is_given_up(
    dock: AnswersDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, threads = threading.Event(), []

    def slow(*_: object) -> tuple[Answer, Conversation]:
        threads.append(threading.current_thread())
        held.wait(10)
        return ANSWER, Conversation()

    monkeypatch.setattr("allusedesk.desk.docks.answers._answered", slow)
    dock.ask("Why?")
    qtbot.waitUntil(lambda: bool(threads), timeout=WAIT)
    assert threads[0] is not threading.current_thread()
    assert dock.said.text() == "Looking it up: Why?"
    assert dock.stop.isEnabled()
    qtbot.keyClick(dock.line, Qt.Key.Key_Escape)
    assert not dock.stop.isEnabled()
    held.set()
    qtbot.waitUntil(lambda: not dock.context.operations.is_busy, timeout=WAIT)
    assert dock.page.answers == ()
    dock.ask("And again?")
    qtbot.waitUntil(lambda: len(dock.page.answers) == 1, timeout=WAIT)
    qtbot.waitUntil(lambda: _offers(dock) == ["And for Rev?", "Profit && loss?"])


def test_one_that_fails_says_why(
    dock: AnswersDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("allusedesk.desk.docks.answers._answered", fail)
    dock.ask("Why?")
    qtbot.waitUntil(lambda: "the disk is gone" in dock.said.text(), timeout=WAIT)


def test_what_was_asked_is_kept_with_the_layout(dock: AnswersDock, standing: DeskContext) -> None:
    dock.restore({"asked": ["one", "two"]})
    assert dock.kept() == {"asked": ["one", "two"]}
    dock.restore({"asked": 3})
    dock.restore({})
    assert dock.line.asked == ["one", "two"]


def test_a_link_opens_the_journal_and_a_running_desk_is_asked(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    from allusedesk.desk.docks.journal import JournalDock
    from allusedesk.desk.docks.reports import ReportsDock

    session = open_desk("--speed", "3600", "--approve", "all", "--to", "2012-01-13")
    session.context.commands.give("dock.answers")
    dock = session.window.dock("answers")
    assert isinstance(dock, AnswersDock)
    assert dock.line.hasFocus()
    found = _answered(dock, qtbot, "Which mode is the desk in?")
    assert "paper" in found.text.lower()
    assert session.context.bridge.engine is not None
    assert not session.is_over
    entry = found.entries[0]
    dock.page.anchorClicked.emit(f"entry:{entry}")
    journal = session.window.dock("journal")
    assert isinstance(journal, JournalDock)
    qtbot.waitUntil(
        lambda: [row.sequence for row in journal.blotter.rows_chosen()] == [entry], timeout=WAIT
    )
    dock.page.anchorClicked.emit("report:weekly/2012-W02")
    reports = session.window.dock("reports")
    assert isinstance(reports, ReportsDock)
    qtbot.waitUntil(reports.isVisible, timeout=WAIT)
