"""Opens the desk: looked at first, then the window, then the engine; something is seen at once."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Any

from allusedesk.desk.preflight import (
    StartRefused,
    check_folder,
    check_program,
    check_screen,
    other_desk,
)
from allusedesk.resource_files import resource_path
from allusedesk.settings import desk_home
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
# How long a second start waits for the window that is there to come to the front.
_KNOCK_SECONDS, _KNOCKS = 0.1, 20
_OFFSCREEN = "offscreen"
# Programs of desktops that can say a sentence where Qt cannot.
_TELLERS = (
    ("zenity", "--error", "--no-markup", "--text"),
    ("kdialog", "--error"),
    ("xmessage", "-center"),
)


def open_desk(request: DeskRequest) -> int:
    """Run the desk until its window is closed; returns the exit code."""
    if choose_platform():
        _print("there is no screen here, so the window is drawn where nobody sees it.")
    try:
        check_program()
        check_screen()
    except StartRefused as refusal:
        _print(str(refusal))
        _tell_without_qt(str(refusal))
        return WRONG_USAGE
    try:
        _check_place(request)
    except StartRefused as refusal:
        _print(str(refusal))
        if os.environ.get("QT_QPA_PLATFORM") != _OFFSCREEN:
            run_application(partial(_read_refusal, str(refusal)))
        return WRONG_USAGE
    from allusedesk.wiring.crash_watch import crash_folder

    crashes = crash_folder(desk_home())
    crashes.watch()
    try:
        run_application(partial(_sat_at, request))
    except Exception as fault:
        crashes.write(fault)
        raise
    finally:
        crashes.rest()
    return 0


def run_application(sit: Callable[[QApplication], Coroutine[Any, Any, None]]) -> None:
    """Run Qt under qasync for as long as `sit` does."""
    import qasync
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    sys.setswitchinterval(TURN_SECONDS)
    qInstallMessageHandler(_hear_qt)
    application = QApplication([sys.argv[0]])
    # A panel of windows finds name and sign of the menu entry by this.
    application.setDesktopFileName("allusedesk")
    application.setWindowIcon(QIcon(str(resource_path("icons", "allusedesk-64.png"))))
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(sit(application))


def _hear_qt(_kind: object, _where: object, message: str) -> None:
    """Qt's warnings, less what the offscreen platform says of every window."""
    if not message.startswith("This plugin does not support"):
        sys.stderr.write(f"{message}\n")


def choose_platform() -> bool:
    """Draw off screen where Linux has neither an X nor a Wayland display; Qt would abort.

    True where that was chosen here.
    """
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not sys.platform.startswith("linux") or has_display or "QT_QPA_PLATFORM" in os.environ:
        return False
    os.environ["QT_QPA_PLATFORM"] = _OFFSCREEN
    return True


def _check_place(request: DeskRequest) -> None:
    """Raise StartRefused where the desk's folders or its journal cannot be this window's."""
    check_folder(desk_home(), "your settings and reports of faults")
    check_folder(request.desk.out, "the record of the desk")
    writer = other_desk(request.journal)
    if writer is None:
        return
    from allusedesk.desk.second_start import knock

    is_shown = knock(request.journal, partial(sleep, _KNOCK_SECONDS), _KNOCKS)
    process = "" if writer.process is None else f" by process {writer.process}"
    since = f"{writer.since.astimezone():%H:%M on %Y-%m-%d}"
    what = (
        "Its window has been brought to the front: go on there."
        if is_shown
        else "It did not answer: look for its window, or end that process, then start again."
    )
    raise StartRefused(
        f"The journal {request.journal} is open already{process} since {since}, and only one desk "
        f"may write it. {what}"
    )


def _print(sentence: str) -> None:
    print(f"allusedesk: {sentence}", file=sys.stderr)  # noqa: T201 - no window can say it


def _tell_without_qt(sentence: str) -> None:
    """Say it by the desktop's own means to a person who started the desk from a menu."""
    if sys.stderr.isatty() or not os.environ.get("DISPLAY"):
        return
    for name, *words in _TELLERS:
        found = shutil.which(name)
        if found is not None:
            with suppress(OSError):
                subprocess.Popen([found, *words, sentence])  # noqa: S603 - our own sentence
            return


async def _read_refusal(sentence: str, application: QApplication) -> None:
    """Show a sentence until it is closed."""
    from allusedesk.desk.refusal_window import RefusalWindow
    from allusedesk.desk.theme import Look, dress, read_theme

    dress(application, read_theme(Look.SYSTEM))
    closed = asyncio.Event()
    window = RefusalWindow(sentence)
    window.finished.connect(lambda _: closed.set())
    window.show()
    await closed.wait()


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
