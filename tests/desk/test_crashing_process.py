"""Real desks that crash, are started twice or cannot start: what stays, and what is said."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from allusedesk.desk.second_start import knock_of
from allusedesk.journal.writer_lock import lock_of
from allusedesk.settings import Settings, write_settings

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary-1f9e-battery-staple"
_WAIT_SECONDS = 60.0
# Fails as soon as the desk has a picture, with a secret in what it says and in its values.
_FAILING = f"""
import faulthandler, os, sys
from PySide6.QtCore import QTimer
from allusedesk import credentials
from allusedesk.__main__ import main
from allusedesk.desk.session import DeskSession

def fail():
    password = {CANARY!r}
    raise ValueError(f"the password {{password}} was refused")

def in_slot(session):
    credentials._held["e-mail", "user"] = {CANARY!r}
    QTimer.singleShot(0, fail)
    QTimer.singleShot(500, session.window.close)

def in_engine(session):
    import allusedesk.engine.loop as loop
    loop.step = lambda *_: fail()
    session.context.bridge.lost.connect(lambda _: QTimer.singleShot(200, session.window.close))

def hard(session):
    faulthandler._sigsegv()

begun = DeskSession._begin

def begin(self):
    begun(self)
    self.context.bridge.published.connect(self.once)

def once(self, _):
    self.context.bridge.published.disconnect(self.once)
    globals()[os.environ["HOW"]](self)

DeskSession._begin, DeskSession.once = begin, once
sys.argv = ["allusedesk", "desk", "--speed", "max", "--approve", "all"]
sys.exit(main())
"""
_BLOCKED = "import sys\nsys.modules[{name!r}] = None\n"


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """A person of this test's own, off screen, with a secret in the environment."""
    home = tmp_path / "home"
    write_settings(home, Settings(tour_done=True))
    return {
        **os.environ,
        "ALLUSEDESK_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "BROKER_PASSWORD": CANARY,
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def desk(surroundings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A desk that runs, over the sample market."""
    running = subprocess.Popen(
        [sys.executable, "-m", "allusedesk", "desk", "--speed", "1"],
        env=surroundings,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield running
    running.kill()
    running.communicate()


def start(surroundings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=_WAIT_SECONDS,
        check=False,
    )


def until(is_so: Callable[[], bool], what: object) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("how", "code", "place"),
    [("in_slot", 0, "in fail"), ("in_engine", 0, "engine/loop.py"), ("hard", -11, "in hard")],
)
def test_a_desk_that_fails_leaves_a_report_without_a_secret(
    surroundings: dict[str, str], how: str, code: int, place: str
) -> None:
    ended = start({**surroundings, "HOW": how}, "-c", _FAILING)
    assert ended.returncode == code, ended.stderr
    home = Path(surroundings["ALLUSEDESK_HOME"])
    if how == "hard":
        # The next start takes over what the fault handler wrote.
        start(surroundings, "-c", "import sys; sys.argv = ['a', 'desk', '--speed', '1']; " + _NEXT)
    (report,) = (home / "crashes").glob("crash-*.new.txt")
    text = report.read_text()
    assert place in text
    assert "Program: allusedesk" in text
    assert "desk began" in text
    assert report.stat().st_mode & 0o777 == 0o600
    for file in home.rglob("*"):
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes(), file


_NEXT = (
    "from PySide6.QtCore import QTimer; from allusedesk.desk.session import DeskSession; "
    "opened = DeskSession.open; "
    "DeskSession.open = lambda s: (opened(s), QTimer.singleShot(300, s.window.close)); "
    "from allusedesk.__main__ import main; main()"
)


def test_a_second_start_names_the_first_which_shows_itself(
    surroundings: dict[str, str], desk: subprocess.Popen[str]
) -> None:
    home = Path(surroundings["ALLUSEDESK_HOME"])
    journal = home / "paper" / "paper.journal"
    for file in (journal, lock_of(journal)):
        until(file.exists, file)
    # The window that hears a knock takes it away, so from then on it hears the next one too.
    knock = knock_of(journal)
    knock.touch()
    until(lambda: not knock.exists(), knock)
    second = start(surroundings, "-m", "allusedesk", "desk")
    assert second.returncode == 2
    assert f"is open already by process {desk.pid} since " in second.stderr
    assert "brought to the front" in second.stderr
    assert second.stderr.count("\n") == 1
    assert desk.poll() is None


def test_a_library_that_is_gone_is_named(surroundings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_BLOCKED.format(name="qasync"))
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    ended = start({**surroundings, "PYTHONPATH": path}, "-m", "allusedesk", "desk")
    assert ended.returncode == 2
    assert ended.stderr.startswith("allusedesk: The desk needs qasync, which cannot be found")


def test_a_screen_that_is_not_there(surroundings: dict[str, str]) -> None:
    asked = {**surroundings, "DISPLAY": ":987", "QT_QPA_PLATFORM": "xcb", "PATH": "/nowhere"}
    ended = start(asked, "-m", "allusedesk", "desk")
    assert ended.returncode == 2
    assert "The screen :987 that the variable DISPLAY names does not answer" in ended.stderr


def test_a_fault_of_the_command_line_is_a_sentence_and_a_report(
    surroundings: dict[str, str],
) -> None:
    failing = (
        "import sys; import allusedesk.cli.check as check; "
        "check._python = lambda: [][sys.argv[1]]; "
        f"sys.argv = ['allusedesk', 'check']; secret = {CANARY!r}; "
        "from allusedesk.__main__ import main; sys.exit(main())"
    )
    ended = start(surroundings, "-c", failing)
    assert ended.returncode == 70
    assert "Traceback" not in ended.stderr
    assert "it failed where it should not (TypeError). A report is in " in ended.stderr
    (report,) = (Path(surroundings["ALLUSEDESK_HOME"]) / "crashes").glob("crash-*")
    assert CANARY not in report.read_text()
