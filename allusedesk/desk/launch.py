"""Opens the desk: window first, then the engine, so that something is seen at once."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from allusedesk.desk.preflight import QtRefused, check_qt
from allusedesk.wiring.requests import DeskRequest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from allusedesk.desk.session import DeskSession


WRONG_USAGE = 2
# How long one thread may keep the interpreter while another waits for it. Python's own five
# milliseconds would be felt, for screen and engine hand it to each other many times a frame.
TURN_SECONDS = 0.0005
# How often a closing desk looks whether its engine has ended, and for how long.
_CLOSING_LOOK_SECONDS = 0.01
_CLOSING_SECONDS_MAX = 5.0


def open_desk(request: DeskRequest) -> int:
    """Run the desk until its window is closed; returns the exit code."""
    choose_platform()
    try:
        check_qt()
    except QtRefused as refusal:
        print(f"allusedesk: {refusal}", file=sys.stderr)  # noqa: T201 - no window can say it
        return WRONG_USAGE
    run_application(partial(_sat_at, request))
    return 0


def run_application(sit: Callable[[QApplication], Coroutine[Any, Any, None]]) -> None:
    """Run Qt under qasync for as long as `sit` does."""
    import qasync
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    sys.setswitchinterval(TURN_SECONDS)
    qInstallMessageHandler(_hear_qt)
    application = QApplication([sys.argv[0]])
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(sit(application))


def _hear_qt(_kind: object, _where: object, message: str) -> None:
    """Qt's warnings, less what the offscreen platform says of every window."""
    if not message.startswith("This plugin does not support"):
        sys.stderr.write(f"{message}\n")


def choose_platform() -> None:
    """Draw off screen where Linux has neither an X nor a Wayland display; Qt would abort."""
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not has_display:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


async def _sat_at(request: DeskRequest, application: QApplication) -> None:
    from allusedesk.desk.session import DeskSession

    application.setQuitOnLastWindowClosed(False)
    wanted: DeskRequest | None = request
    while wanted is not None:
        closed = asyncio.Event()
        session = DeskSession(application, wanted, closed.set)
        session.open()
        await closed.wait()
        session.close()
        await _until_over(session)
        wanted = session.next_request


async def _until_over(session: DeskSession) -> None:
    """The engine ends after the fact it is at; one that does not is left to the process's end."""
    for _ in range(int(_CLOSING_SECONDS_MAX / _CLOSING_LOOK_SECONDS)):
        if session.is_over:
            return
        await asyncio.sleep(_CLOSING_LOOK_SECONDS)
