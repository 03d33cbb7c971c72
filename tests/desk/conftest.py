"""A desk under test: real window, real engine, the sample market, drawn off screen."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.commands import CommandBook
from allusedesk.desk.context import DeskContext, Notices
from allusedesk.desk.links import SymbolLinks
from allusedesk.desk.lock import DeskLock, seconds_since_start
from allusedesk.desk.main_window import MainWindow
from allusedesk.desk.operations import Operations
from allusedesk.desk.preferences import Preferences
from allusedesk.desk.records import Records
from allusedesk.desk.session import DeskSession
from allusedesk.desk.theme import Look, Theme, dress, read_theme
from allusedesk.engine.snapshot import DeskSnapshot
from allusedesk.passphrase import Passphrase
from allusedesk.settings import Settings, write_settings
from allusedesk.wiring.requests import DeskRequest
from tests.desk.asking import request_of
from tests.desk.standing import StandingDesk, traded

OpenDesk = Callable[..., DeskSession]
WAIT = 20_000


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Try once more what waited in vain: a machine busy elsewhere gives a window no time.

    What fails in any other way, or waits in vain again, fails.
    """
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if any(one.failed and "TimeoutError" in one.longreprtext for one in reports):
        item._initrequest()  # type: ignore[attr-defined]
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for one in reports:
        item.ihook.pytest_runtest_logreport(report=one)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(autouse=True)
def swept_on_this_thread() -> Iterator[None]:
    """A sweep that began on a worker's thread would destroy a test's widgets there, and Python."""
    gc.disable()
    yield
    gc.collect()
    # What lives on, such as libraries, is not looked through again after each test.
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_left_open(qapp: QApplication, swept_on_this_thread: None) -> Iterator[None]:
    """A dialog or menu that a test leaves behind would keep the next one's clicks from it."""
    before = {window for window in QApplication.topLevelWidgets() if window.isVisible()}
    yield
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
    for window in QApplication.topLevelWidgets():
        if window.isVisible() and window not in before:
            window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    if QGuiApplication.keyboardModifiers() or QGuiApplication.mouseButtons():
        _let_go()


def _let_go() -> None:
    """Lift what a test left pressed: after a click with Ctrl, Qt believes Ctrl is still down."""
    hand = QWidget()
    hand.show()
    QTest.keyClick(hand, Qt.Key.Key_Shift)
    QTest.mouseRelease(hand, Qt.MouseButton.LeftButton)
    hand.close()
    assert not QGuiApplication.keyboardModifiers()
    assert not QGuiApplication.mouseButtons()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person who has taken the tour, whose folder goes away with the test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("ALLUSEDESK_HOME", str(folder))
    write_settings(folder, Settings(tour_done=True))
    return folder


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    found = read_theme(Look.DARK)
    dress(qapp, found)
    return found


@pytest.fixture
def context(theme: Theme, tmp_path: Path, home: Path) -> Iterator[DeskContext]:
    """What a dock is handed, over a record that is not there yet and no engine."""
    notices = Notices()
    seconds = seconds_since_start()
    made = DeskContext(
        bridge=Bridge(),
        records=Records(tmp_path / "paper.journal"),
        operations=Operations(),
        commands=CommandBook(),
        links=SymbolLinks(),
        notices=notices,
        theme=theme,
        operator="tester",
        preferences=Preferences(home, notices),
        lock=DeskLock(Passphrase(home, seconds), lambda: 0, lambda: "tester", seconds),
        new_window=MainWindow,
    )
    yield made
    made.records.close()
    made.operations.close()
    made.papers.close()


@pytest.fixture
def open_desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[OpenDesk]:
    """Open desks over the sample market as `allusedesk desk` would; all are closed at the end."""
    opened: list[DeskSession] = []

    def open_(*options: str, out: Path = tmp_path / "desk") -> DeskSession:
        request = request_of(["--out", str(out), *options])
        assert isinstance(request, DeskRequest)
        session = DeskSession(qapp, request, lambda: None)
        opened.append(session)
        qtbot.addWidget(session.window)
        session.open()
        qtbot.waitUntil(lambda: session.context.bridge.latest is not None, timeout=WAIT)
        return session

    yield open_
    for session in opened:
        session.close()
        qtbot.waitUntil(lambda session=session: session.is_over, timeout=WAIT)


@pytest.fixture(scope="session")
def standing_desk(tmp_path_factory: pytest.TempPathFactory) -> StandingDesk:
    """A desk that has traded for a week and a half and stands still; made once."""
    return traded(tmp_path_factory.mktemp("standing"))


@pytest.fixture
def standing(context: DeskContext, standing_desk: StandingDesk) -> DeskContext:
    """What a dock is handed over a desk that stands still, with its record."""
    context.records.close()
    context.records = Records(standing_desk.journal)
    context.bridge.engine = standing_desk  # type: ignore[assignment]
    context.bridge.latest = standing_desk.latest
    return context


def latest(session: DeskSession) -> DeskSnapshot:
    """The picture the window shows now."""
    picture = session.context.bridge.latest
    assert picture is not None
    return picture
