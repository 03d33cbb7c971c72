"""Pictures of the window, of every panel and of the approval dialog, from a desk that really runs.

`python -m allusedesk.desk.window_pictures --out FOLDER` makes them all at the scale that
QT_SCALE_FACTOR names, dark and light.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.desk.launch import choose_platform, run_application

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from allusedesk.desk.session import DeskSession
    from allusedesk.engine.snapshot import DeskSnapshot

# Proposals of the first sample weeks are approved until then; the next one is left open, so that
# a question, positions, fills and a report can all be seen.
_ANSWERED_UNTIL = datetime(2012, 1, 19, 14, 0, tzinfo=UTC)
_LAST_DAY = date(2012, 1, 20)
_SYMBOL = "AAPL"
_LOOKS = ("dark", "light")
_DIALOG_COMMANDS = (
    "palette",
    "keys",
    "settings",
    "desk.open",
    "import",
    "handbook",
    "accounts.deposit",
    "connections",
    "live.arm",
    "lock.passphrase",
    "alerts.mail",
)
_SETTLE_SECONDS = 1.2
_LOOK_SECONDS = 0.05
_WAIT_SECONDS_MAX = 180.0
_WIDTH, _HEIGHT = 1600, 1000


class NothingToPicture(Exception):
    """The desk did not come to a moment worth a picture; the text says how far it came."""


def main(argv: Sequence[str] | None = None) -> int:
    """Make every picture; returns the exit code."""
    parser = ArgumentParser(prog="window_pictures", description="Pictures of every panel.")
    parser.add_argument("--out", type=Path, required=True, help="where the pictures go")
    options = parser.parse_args(argv)
    for file in make_pictures(options.out, every_panel=True):
        sys.stdout.write(f"{file}\n")
    return 0


def make_pictures(out: Path, *, every_panel: bool) -> list[Path]:
    """Run a desk over the sample weeks and picture it; returns the files, PNG.

    Without `every_panel` only the whole window is pictured, dark and light.
    """
    choose_platform()
    out.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="allusedesk-") as home:
        os.environ["ALLUSEDESK_HOME"] = home
        _widen_screen(Path(home) / "screens.json")

        async def sit(application: QApplication) -> None:
            made.extend(await _pictured(application, Path(home), out, every_panel=every_panel))

        run_application(sit)
    return made


def _widen_screen(file: Path) -> None:
    """The offscreen screen is 800 by 800 of itself, and no dialog is larger than its screen."""
    if os.environ.get("QT_QPA_PLATFORM") != "offscreen":
        return
    screen = {"name": "wide", "x": 0, "y": 0, "width": 5120, "height": 3200}
    density = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1.0}
    file.write_text(json.dumps({"screens": [screen | density]}), encoding="utf-8")
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={file}"


async def _pictured(
    application: QApplication, home: Path, out: Path, *, every_panel: bool
) -> list[Path]:
    from allusedesk.desk.session import DeskSession
    from allusedesk.wiring.sample_desk import sample_request

    application.setQuitOnLastWindowClosed(False)
    request = sample_request(home / "paper", last=_LAST_DAY, speed=None)
    session = DeskSession(application, request, lambda: None)
    session.window.resize(_WIDTH, _HEIGHT)
    session.preferences.change(tour_done=True)
    session.open()
    made: list[Path] = []
    try:
        await _until_a_question_is_open(session)
        for look in _LOOKS:
            session.preferences.change(look=look)
            made.append(await _whole(session, out / f"desk-{look}.png"))
            if every_panel:
                made.extend(await _panels(session, out, look))
                made.extend(await _dialogs(session, out, look))
    finally:
        session.window.close()
        session.close()
        await _waited(lambda: session.is_over)
    return made


async def _until_a_question_is_open(session: DeskSession) -> None:
    """Answer what comes up with yes until the chosen day, then leave the next question open."""
    bridge = session.context.bridge
    answered: set[str] = set()

    def is_there() -> bool:
        picture = bridge.latest
        if picture is None:
            return False
        if picture.at >= _ANSWERED_UNTIL and picture.questions:
            return True
        _answer(session, picture, answered)
        return False

    if not await _waited(is_there):
        at = bridge.latest.at if bridge.latest is not None else "its start"
        raise NothingToPicture(f"The desk came no further than {at}.")


def _answer(session: DeskSession, picture: DeskSnapshot, answered: set[str]) -> None:
    from allusedesk.domain.inputs import Answer, OperatorDecided

    for proposal in picture.questions:
        if proposal.id not in answered:
            answered.add(proposal.id)
            session.context.bridge.admit(
                OperatorDecided(proposal.id, Answer.APPROVE, "demonstration")
            )


async def _whole(session: DeskSession, file: Path) -> Path:
    """The window as a trader would have it: a week, a chart, what waits, what is held."""
    from allusedesk.desk.links import LinkGroup

    session.context.links.choose(LinkGroup.BLUE, _SYMBOL)
    for name in ("risk", "positions", "chart", "week", "approvals"):
        session.window.open_dock(name)
    await asyncio.sleep(2 * _SETTLE_SECONDS)
    session.window.grab().save(str(file))
    return file


async def _panels(session: DeskSession, out: Path, look: str) -> list[Path]:
    made = []
    for name in list(session.window.frames):
        session.window.open_dock(name)
        await asyncio.sleep(_SETTLE_SECONDS)
        dock = session.window.dock(name)
        dock.prepare_picture()
        await asyncio.sleep(_SETTLE_SECONDS)
        file = out / f"{name}-{look}.png"
        session.window.frames[name].grab().save(str(file))
        made.append(file)
    return made


async def _dialogs(session: DeskSession, out: Path, look: str) -> list[Path]:
    """Every dialog in turn; each is then dismissed."""
    from PySide6.QtWidgets import QDialog

    from allusedesk.desk.docks.approvals import ApprovalsDock

    openers: dict[str, Callable[[], object]] = {
        command: partial(session.context.commands.give, command) for command in _DIALOG_COMMANDS
    }
    openers["halt"] = session.halting.open
    approvals = session.window.dock("approvals")
    if isinstance(approvals, ApprovalsDock):
        openers["approve"] = approvals.open_next
    made = []
    for command, open_it in openers.items():
        open_it()
        await asyncio.sleep(_SETTLE_SECONDS)
        for dialog in session.window.findChildren(QDialog):
            if dialog.isVisible():
                file = out / f"dialog-{command}-{look}.png"
                dialog.grab().save(str(file))
                made.append(file)
                dialog.reject()
        await asyncio.sleep(_LOOK_SECONDS)
    return made


async def _waited(is_so: Callable[[], bool]) -> bool:
    waited = 0.0
    while not is_so():
        if waited > _WAIT_SECONDS_MAX:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
        waited += _LOOK_SECONDS
    return True


if __name__ == "__main__":
    sys.exit(main())
