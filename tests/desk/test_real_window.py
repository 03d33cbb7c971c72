"""The desk in a real window of an X server: clicked through, photographed, closed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from allusedesk.domain.inputs import Answer, Instruction, OperatorDecided, OperatorInstructed
from allusedesk.domain.order_events import ProposalMade
from allusedesk.journal.faults import JournalCannotOpen
from allusedesk.journal.store import JournalReader
from allusedesk.journal.verification import verify
from allusedesk.settings import Settings, write_settings

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
_NEEDED = ("Xvfb", "xdotool")
_WIDTH, _HEIGHT = 1440, 900
_WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.1
# Two clicks with less between them are one double click, which opens what it meets.
_SINGLE_CLICK_SECONDS = 0.6
_HOLD_SECONDS = 1.0
_TAP_SECONDS = 1.2
_SHADES_MIN = 40
# Where a hand finds things: from the right edge of its window and from the bottom, or the top.
_SELECTION = "#21405f"
_FIRST_ROW = (1000, -676)
_OPEN_BUTTON = (43, 16)
_HOLD_BUTTON = (60, 18)
_STOP_BUTTON = (50, -32)
# Words of the header of a window dump: how long it is, width, height, bytes in a line, colours.
_HEADER, _ACROSS, _DOWN, _LINE, _COLOURS = 0, 4, 5, 12, 19
_BYTES_A_COLOUR = 12


@dataclass(frozen=True)
class Screen:
    """One X server without a window manager, and a hand at its mouse and keys."""

    display: str
    frame: Path

    def hand(self, *words: str) -> str:
        """One command of xdotool; what it says, empty where it found nothing."""
        done = subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=_WAIT_SECONDS,
            check=False,
        )
        return done.stdout.strip()

    def window(self, title: str) -> str:
        """Wait for the window of that title and give it the keyboard; returns its number."""
        found = until(lambda: self.hand("search", "--onlyvisible", "--name", title))
        number = str(found).split()[-1]
        self.hand("windowfocus", "--sync", number)
        return number

    def is_gone(self, title: str) -> bool:
        return not self.hand("search", "--onlyvisible", "--name", title)

    def press(self, keys: str) -> None:
        self.hand("key", keys)

    def hold(self, key: str, seconds: float) -> None:
        self.hand("keydown", key)
        time.sleep(seconds)
        self.hand("keyup", key)

    def point(self, window: str, right: int, below: int) -> None:
        """Move the mouse so far from the right edge of a window and from its bottom.

        Where `below` is negative, so far from its top.
        """
        shape = dict(
            line.split("=", 1)
            for line in self.hand("getwindowgeometry", "--shell", window).splitlines()
        )
        down = int(shape["HEIGHT"]) - below if below > 0 else -below
        across = int(shape["WIDTH"]) - right
        self.hand("mousemove", "--window", window, str(across), str(down))

    def click(self, window: str, right: int, below: int) -> None:
        self.point(window, right, below)
        self.hand("click", "1")

    def lean(self, window: str, right: int, below: int, seconds: float) -> None:
        """Press the mouse there and let go after so long."""
        self.point(window, right, below)
        self.hand("mousedown", "1")
        time.sleep(seconds)
        self.hand("mouseup", "1")

    def photograph(self, file: Path) -> QImage:
        """What stands on the screen, read out of the server's own memory."""
        dump = self.frame.read_bytes()
        words = [int.from_bytes(dump[4 * n : 4 * n + 4], "big") for n in range(25)]
        begin = words[_HEADER] + words[_COLOURS] * _BYTES_A_COLOUR
        image = QImage(
            dump[begin:],
            words[_ACROSS],
            words[_DOWN],
            words[_LINE],
            QImage.Format.Format_RGB32,
        ).copy()
        image.save(str(file))
        return image


def until(holds: Callable[[], object]) -> object:
    """Wait until something holds; returns what it was."""
    end = time.monotonic() + _WAIT_SECONDS
    while not (found := holds()):
        if time.monotonic() > end:
            raise TimeoutError(holds)
        time.sleep(_LOOK_SECONDS)
    return found


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if missing:
        reason = f"{' and '.join(missing)} not installed: apt-get install xvfb xdotool"
        pytest.skip(reason)
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb",
            *("-displayfd", str(writing)),
            *("-screen", "0", f"{_WIDTH}x{_HEIGHT}x24"),
            *("-fbdir", str(tmp_path)),
            *("-nolisten", "tcp"),
            # Else it begins anew whenever its last client leaves, and turns away who comes then.
            "-noreset",
        ],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    try:
        assert number, "Xvfb ended before it named its display."
        yield Screen(f":{number}", tmp_path / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(_WAIT_SECONDS)


@pytest.fixture
def desk(screen: Screen, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    home = tmp_path / "person"
    write_settings(home, Settings(operator="Ann", tour_done=True, look="dark"))
    with (tmp_path / "said.txt").open("w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "allusedesk", "desk"),
                *("--out", str(tmp_path / "desk"), "--speed", "max"),
            ],
            cwd=ROOT,
            env={
                **{name: text for name, text in os.environ.items() if name != "WAYLAND_DISPLAY"},
                "DISPLAY": screen.display,
                "QT_QPA_PLATFORM": "xcb",
                "ALLUSEDESK_HOME": str(home),
            },
            stdout=said,
            stderr=said,
            text=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(_WAIT_SECONDS)
    # Shown where the test fails.
    print((tmp_path / "said.txt").read_text(encoding="utf-8"))


def recorded(path: Path, kind: type) -> list[object]:
    """The facts of one kind in a journal that is being written."""
    try:
        with JournalReader.open(path) as journal:
            return [one.event for one in journal.read(1) if isinstance(one.event, kind)]
    except (JournalCannotOpen, OSError):
        return []


def shades(image: QImage) -> int:
    """How many colours a picture has, looked at in a grid."""
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    )


def test_a_person_approves_stops_and_leaves(
    screen: Screen, desk: subprocess.Popen[str], tmp_path: Path
) -> None:
    journal = tmp_path / "desk" / "paper.journal"
    blank = shades(screen.photograph(tmp_path / "blank.png"))
    window = screen.window("ALL-USE Desk$")
    screen.hand("windowsize", "--sync", window, str(_WIDTH), str(_HEIGHT))
    until(lambda: recorded(journal, ProposalMade))
    _by_palette(screen, tmp_path)
    _approve_one(screen, journal, tmp_path)
    _stop_all(screen, journal, tmp_path)
    whole = screen.photograph(tmp_path / "window.png")
    assert blank == 1
    assert shades(whole) > _SHADES_MIN
    screen.window("ALL-USE Desk$")
    screen.press("ctrl+q")
    assert desk.wait(_WAIT_SECONDS) == 0
    assert verify(journal).is_intact
    said = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert said == ""


def test_the_mouse_does_what_the_keys_do(
    screen: Screen, desk: subprocess.Popen[str], tmp_path: Path
) -> None:
    journal = tmp_path / "desk" / "paper.journal"
    window = screen.window("ALL-USE Desk$")
    screen.hand("windowsize", "--sync", window, str(_WIDTH), str(_HEIGHT))
    until(lambda: recorded(journal, ProposalMade))
    until(lambda: _is_chosen(screen, window, tmp_path))
    screen.click(window, *_OPEN_BUTTON)
    card = screen.window("^Approval: ")
    screen.click(card, *_HOLD_BUTTON)
    time.sleep(_TAP_SECONDS)
    assert recorded(journal, OperatorDecided) == [], "A click approved."
    decided = _held(
        partial(screen.lean, card, *_HOLD_BUTTON, _HOLD_SECONDS), journal, OperatorDecided
    )
    assert isinstance(decided, OperatorDecided)
    assert decided.answer is Answer.APPROVE
    until(lambda: screen.is_gone("^Approval: "))
    screen.click(window, *_STOP_BUTTON)
    halt = screen.window("^Kill switch$")
    screen.photograph(tmp_path / "halt.png")
    screen.click(halt, *_HOLD_BUTTON)
    time.sleep(_TAP_SECONDS)
    assert recorded(journal, OperatorInstructed) == [], "A click stopped the desk."
    told = _held(
        partial(screen.lean, halt, *_HOLD_BUTTON, _HOLD_SECONDS), journal, OperatorInstructed
    )
    assert isinstance(told, OperatorInstructed)
    assert told.instruction is Instruction.KILL
    screen.photograph(tmp_path / "halted.png")
    desk.terminate()


def _held(hold: Callable[[], None], journal: Path, kind: type) -> object:
    """Hold until the journal has it, for a busy machine may miss one; returns what it has."""

    def attempt() -> list[object]:
        if not recorded(journal, kind):
            hold()
            time.sleep(_TAP_SECONDS)
        return recorded(journal, kind)

    (only,) = until(attempt)
    return only


def _is_chosen(screen: Screen, window: str, folder: Path) -> bool:
    """Click the first question; True once its row is marked, which it is when it is there."""
    right, below = _FIRST_ROW
    screen.click(window, right, below)
    time.sleep(_SINGLE_CLICK_SECONDS)
    image = screen.photograph(folder / "chosen.png")
    return image.pixelColor(_WIDTH - right, -below - 6).name() == _SELECTION


def _by_palette(screen: Screen, folder: Path) -> None:
    """Go to the questions by a few letters of the command's name."""
    screen.press("ctrl+shift+p")
    screen.window("^Commands$")
    screen.hand("type", "approvals")
    time.sleep(_LOOK_SECONDS)
    screen.photograph(folder / "palette.png")
    screen.press("Return")
    until(lambda: screen.is_gone("^Commands$"))


def _approve_one(screen: Screen, journal: Path, folder: Path) -> None:
    screen.window("ALL-USE Desk$")
    screen.press("ctrl+Home")
    screen.press("Return")
    screen.window("^Approval: ")
    screen.hold("a", 0.1)
    screen.press("Return")
    time.sleep(_TAP_SECONDS)
    assert recorded(journal, OperatorDecided) == [], "A tap approved."
    photograph = screen.photograph(folder / "approval.png")
    assert shades(photograph) > _SHADES_MIN
    decided = _held(partial(screen.hold, "a", _HOLD_SECONDS), journal, OperatorDecided)
    assert isinstance(decided, OperatorDecided)
    assert (decided.answer, decided.operator) == (Answer.APPROVE, "Ann")
    until(lambda: screen.is_gone("^Approval: "))


def _stop_all(screen: Screen, journal: Path, folder: Path) -> None:
    """A tap of the key shows what would be stopped; holding it stops."""
    screen.window("ALL-USE Desk$")
    screen.press("F12")
    screen.window("^Kill switch$")
    time.sleep(_TAP_SECONDS)
    assert recorded(journal, OperatorInstructed) == [], "A tap stopped the desk."
    screen.photograph(folder / "halt.png")
    told = _held(partial(screen.hold, "F12", _HOLD_SECONDS), journal, OperatorInstructed)
    assert isinstance(told, OperatorInstructed)
    assert told.instruction is Instruction.KILL
    screen.press("Escape")
    until(lambda: screen.is_gone("^Kill switch$"))
