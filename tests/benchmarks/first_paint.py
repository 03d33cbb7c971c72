"""One window in a process of its own: prints when it was painted first, then ends.

`python first_paint.py bare|desk|vnpy` prints one line of JSON: the monotonic clock in
nanoseconds, the processor's seconds, megabytes resident, and which large modules were loaded.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 1440, 900
LARGE = ("allusedesk.engine.loop", "allusedesk.domain.inputs", "asyncio", "numpy", "pyqtgraph")


def watch(window: Any) -> None:
    """Tell when all of a window has been painted once, and end the process."""
    from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt

    class Watch(QObject):
        is_painted = False

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() is QEvent.Type.Paint and not self.is_painted:
                # Children are painted within the same event; what is posted comes after them.
                self.is_painted = True
                urgent = Qt.EventPriority.HighEventPriority.value
                QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), urgent)
            return False

        def customEvent(self, _event: QEvent) -> None:  # noqa: N802
            tell()

    window.watch = Watch()
    window.installEventFilter(window.watch)


def tell() -> None:
    at, spent = time.monotonic_ns(), time.process_time()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    found = {
        "at": at,
        "processor_seconds": spent,
        "megabytes": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "modules": len(sys.modules),
        "large": [name for name in LARGE if name in sys.modules],
    }
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0)


def bare() -> None:
    from PySide6 import QtWidgets

    application = QtWidgets.QApplication(sys.argv)
    window = QtWidgets.QMainWindow()
    window.setCentralWidget(QtWidgets.QTableView())
    window.resize(WIDTH, HEIGHT)
    watch(window)
    window.show()
    application.exec()


def vnpy() -> None:
    from vnpy.event import EventEngine
    from vnpy.trader.engine import MainEngine
    from vnpy.trader.ui import MainWindow, create_qapp

    application = create_qapp()
    events = EventEngine()
    window = MainWindow(MainEngine(events), events)
    window.resize(WIDTH, HEIGHT)
    watch(window)
    window.show()
    application.exec()


def desk() -> None:
    """The desk as `allusedesk desk` starts it; its window is watched from its making on."""
    from PySide6 import QtWidgets

    class Watched(QtWidgets.QMainWindow):
        def __init__(self) -> None:
            super().__init__()
            watch(self)

    QtWidgets.QMainWindow = Watched  # type: ignore[misc]
    sys.argv = ["allusedesk", "desk", *sys.argv[2:]]
    from allusedesk.__main__ import main

    main()


if __name__ == "__main__":
    {"bare": bare, "vnpy": vnpy, "desk": desk}[sys.argv[1]]()
