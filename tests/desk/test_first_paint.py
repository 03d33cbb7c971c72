"""What waits for the first paint comes after it, once; to a window nobody sees it comes too."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from allusedesk.desk.first_paint import FirstPaint
from tests.house.sources import ROOT

# Modules that are heavy, and none of a window's business before it can be seen.
_HEAVY = ("numpy", "pyqtgraph", "allusedesk.engine", "sqlite3", "reportlab", "importlib.metadata")


class Painted(QWidget):
    """A widget that notes when it was painted."""

    def __init__(self, noted: list[str]) -> None:
        super().__init__()
        self.noted = noted

    def paintEvent(self, event: Any) -> None:  # noqa: N802 - as Qt names it
        self.noted.append("painted")
        super().paintEvent(event)


def test_it_comes_once_and_after_all_was_painted(qtbot: QtBot) -> None:
    noted: list[str] = []
    window, child = QWidget(), Painted(noted)
    qtbot.addWidget(window)
    child.setParent(window)
    FirstPaint(window, lambda: noted.append("begun"))
    window.show()
    qtbot.waitUntil(lambda: "begun" in noted)
    window.repaint()
    qtbot.wait(600)
    assert noted[:2] == ["painted", "begun"]
    assert noted.count("begun") == 1


def test_a_window_nobody_sees_waits_half_a_second(qtbot: QtBot) -> None:
    begun: list[int] = []
    window = QWidget()
    qtbot.addWidget(window)
    FirstPaint(window, lambda: begun.append(1))
    qtbot.waitUntil(lambda: bool(begun), timeout=2_000)


def test_a_window_closed_before_begins_nothing(qtbot: QtBot) -> None:
    begun: list[int] = []
    window = QWidget()
    qtbot.addWidget(window)
    first = FirstPaint(window, lambda: begun.append(1))
    first.give_up()
    window.show()
    qtbot.wait(600)
    assert begun == []


def test_nothing_heavy_is_loaded_before_the_first_paint(tmp_path: Any) -> None:
    code = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from allusedesk.desk import launch, first_paint\n"
        "from allusedesk.desk.session import DeskSession\n"
        "from allusedesk.wiring.sample_desk import sample_request\n"
        "from pathlib import Path\n"
        "application = QApplication([])\n"
        "session = DeskSession(application, sample_request(Path(sys.argv[1])), lambda: None)\n"
        "session._begin = lambda: print(*sys.modules, sep='\\n')\n"
        "session.open()\n"
        "for _ in range(5):\n"
        "    application.processEvents()\n"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "QT_QPA_PLATFORM": "offscreen",
        "ALLUSEDESK_HOME": str(tmp_path / "home"),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out")],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = done.stdout.split()
    assert "allusedesk.desk.main_window" in loaded
    assert [name for name in loaded if name.startswith(_HEAVY)] == []
