"""The brief in the week panel: a calm line, a page to read, links into the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt, QUrl
from pytestqt.qtbot import QtBot

from allusedesk.answers.brief import BriefKind
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.week import WeekDock
from allusedesk.desk.theme import Look, read_theme
from allusedesk.engine.snapshot import DeskSnapshot
from tests.desk.conftest import WAIT

# Half past one of a Tuesday after a holiday, seven hours before the first brief of its week.
BEFORE_ALL = datetime(2012, 1, 17, 6, 30, tzinfo=UTC)
# Wednesday the eighteenth of January 2012: half past eight, after the opening look, the evening.
EARLY = datetime(2012, 1, 18, 13, 30, tzinfo=UTC)
OPENED = datetime(2012, 1, 18, 14, 45, tzinfo=UTC)
EVENING = datetime(2012, 1, 18, 21, 5, tzinfo=UTC)


@pytest.fixture
def dock(standing: DeskContext, qtbot: QtBot) -> WeekDock:
    return shown(standing, qtbot)


def shown(standing: DeskContext, qtbot: QtBot) -> WeekDock:
    made = WeekDock(standing)
    qtbot.addWidget(made)
    made.resize(520, 700)
    made.show()
    return made


def at(dock: WeekDock, instant: datetime) -> DeskSnapshot:
    """Let the panel see the desk as at an instant."""
    before = dock.context.bridge.latest
    assert before is not None
    dock.context.bridge.latest = replace(before, at=instant)
    dock.show_picture(dock.context.bridge.latest)
    return dock.context.bridge.latest


def told(dock: WeekDock, qtbot: QtBot, kind: BriefKind, until: str) -> None:
    qtbot.waitUntil(
        lambda: (
            dock.brief.brief is not None
            and dock.brief.brief.kind is kind
            and f"{dock.brief.brief.at:%H:%M}" == until
        ),
        timeout=WAIT,
    )


def test_the_morning_comes_at_half_past_eight_and_is_filled_in(
    dock: WeekDock, qtbot: QtBot
) -> None:
    at(dock, EARLY)
    told(dock, qtbot, BriefKind.MORNING, "13:30")
    strip = dock.brief.strip
    assert strip.isVisible()
    assert strip.line.text().startswith("Morning: ")
    text = dock.brief.page.toPlainText()
    for title in ("Morning brief of Wed 2012-01-18", "The market", "Needs you", "Overnight", "Due"):
        assert title in text
    qtbot.mouseClick(strip.dismiss, Qt.MouseButton.LeftButton)
    assert not strip.isVisible()
    at(dock, OPENED)
    told(dock, qtbot, BriefKind.MORNING, "09:40")
    assert not strip.isVisible()
    assert dock.brief.page.toPlainText() != text


def test_the_evening_is_a_new_one_and_is_read_with_its_links(dock: WeekDock, qtbot: QtBot) -> None:
    at(dock, OPENED)
    told(dock, qtbot, BriefKind.MORNING, "09:40")
    dock.brief.strip.dismiss.click()
    at(dock, EVENING)
    told(dock, qtbot, BriefKind.EVENING, "21:05")
    assert dock.brief.strip.line.text().startswith("Evening: The day came")
    assert dock.brief.strip.isVisible()
    qtbot.mouseClick(dock.brief.strip.read, Qt.MouseButton.LeftButton)
    assert dock.tabs.currentWidget() is dock.brief.page
    qtbot.waitUntil(lambda: dock.brief.page.verticalScrollBar().maximum() > 0, timeout=WAIT)
    qtbot.waitUntil(lambda: dock.brief.page.verticalScrollBar().value() == 0, timeout=WAIT)
    brief = dock.brief.brief
    assert brief is not None
    page = dock.brief.page.toPlainText()
    for part in brief.parts:
        for one in part.sentences:
            first = one.parts[0]
            assert (first if isinstance(first, str) else first.text) in page
    opened: list[int] = []
    dock.context.jumps.entry.connect(opened.append)
    dock.brief.page.anchorClicked.emit(QUrl(f"entry:{brief.entries[0]}"))
    assert opened == [brief.entries[0]]


def test_before_the_first_brief_the_page_says_when_it_comes(
    standing: DeskContext, qtbot: QtBot
) -> None:
    assert standing.bridge.latest is not None
    standing.bridge.latest = replace(standing.bridge.latest, at=BEFORE_ALL)
    dock = shown(standing, qtbot)
    assert "one comes at 08:30 New York time" in dock.brief.page.toPlainText()
    assert not dock.brief.strip.isVisible()


def test_it_is_asked_for_once_and_wears_each_theme(
    dock: WeekDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(dock, OPENED)
    told(dock, qtbot, BriefKind.MORNING, "09:40")
    asked: list[str] = []
    monkeypatch.setattr(
        dock.context.records, "ask", lambda title, *_rest: asked.append(title) or None
    )
    for _ in range(3):
        at(dock, OPENED)
    assert "Reading the brief" not in asked
    dock.wear(read_theme(Look.LIGHT))
    assert "Needs you" in dock.brief.page.toPlainText()
