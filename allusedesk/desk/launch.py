"""Opens the desk: window first, then the engine, so that something is seen at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from allusedesk.desk.preflight import QtRefused, check_qt
from allusedesk.wiring.requests import DeskRequest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


WRONG_USAGE = 2


def main(argv: Sequence[str]) -> int:
    """Run the desk until its window is closed; returns the exit code."""
    from allusedesk.desk.launch_options import request_of

    choose_platform()
    request = request_of(argv)
    if request is None:
        return WRONG_USAGE
    try:
        check_qt()
    except QtRefused as refusal:
        print(f"allusedesk: {refusal}", file=sys.stderr)  # noqa: T201 - no window can say it
        return WRONG_USAGE
    import qasync
    from PySide6.QtWidgets import QApplication

    application = QApplication([sys.argv[0]])
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(_sat_at(application, request))
    return 0


def choose_platform() -> None:
    """Draw off screen where Linux has neither an X nor a Wayland display; Qt would abort."""
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not has_display:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


async def _sat_at(application: QApplication, request: DeskRequest) -> None:
    from allusedesk.desk.session import DeskSession

    application.setQuitOnLastWindowClosed(False)
    session = DeskSession(application, request)
    session.open()
    await session.closed
    await session.close()
