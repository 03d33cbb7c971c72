"""From the start of the process to the first pixel of the desk: frozen against the source tree.

Both are watched from outside, on one screen, in turn; the best of several counts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desk.test_real_window import Screen
from tests.house.sources import ROOT

FROZEN_OVER_SOURCE_MAX = 1.2
ROUNDS = 7
_LOOK_SECONDS = 0.002
_WAIT_SECONDS = 60.0
_FROZEN = ROOT / "dist" / "allusedesk" / "allusedesk"


def is_painted(screen: Screen) -> bool:
    """True when anything but black stands in one of some lines of the screen's own memory."""
    with screen.frame.open("rb") as memory:
        head = memory.read(100)
        begin = int.from_bytes(head[:4], "big") + 12 * int.from_bytes(head[76:80], "big")
        down, line = int.from_bytes(head[20:24], "big"), int.from_bytes(head[48:52], "big")
        for row in range(10, down, 100):
            memory.seek(begin + row * line)
            if memory.read(line).strip(b"\0"):
                return True
    return False


@contextmanager
def empty_screen(folder: Path) -> Iterator[Screen]:
    """A screen nothing was drawn on yet, for a server keeps what its last client left."""
    folder.mkdir(parents=True)
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            *("Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24"),
            *("-fbdir", str(folder), "-nolisten", "tcp", "-noreset"),
        ],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    try:
        yield Screen(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait(_WAIT_SECONDS)


def seconds_to_paint(words: list[str], screen: Screen, home: Path) -> float:
    assert not is_painted(screen)
    environment = {**os.environ, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"}
    environment |= {"ALLUSEDESK_HOME": str(home), "HOME": str(home)}
    began = time.monotonic()
    desk = subprocess.Popen(
        [*words, "desk", "--out", str(home / "out")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not is_painted(screen):
            assert desk.poll() is None, "The desk ended before it was seen."
            assert time.monotonic() - began < _WAIT_SECONDS, "No window was seen."
            time.sleep(_LOOK_SECONDS)
        return time.monotonic() - began
    finally:
        desk.kill()
        desk.wait(_WAIT_SECONDS)


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb: apt-get install xvfb")
def test_the_frozen_desk_paints_as_soon_as_the_source_tree(tmp_path: Path) -> None:
    found: dict[str, list[float]] = {"frozen": [], "source": []}
    commands = {"frozen": [str(_FROZEN)], "source": [sys.executable, "-m", "allusedesk"]}
    for number in range(ROUNDS):
        for kind, words in commands.items():
            home = tmp_path / f"{kind}-{number}"
            with empty_screen(home) as screen:
                found[kind].append(seconds_to_paint(words, screen, home))
    best = {kind: min(seconds) for kind, seconds in found.items()}
    ratio = best["frozen"] / best["source"]
    print(
        f"first paint: frozen {best['frozen'] * 1e3:.0f} ms, source {best['source'] * 1e3:.0f} ms, "
        f"ratio {ratio:.2f} (at most {FROZEN_OVER_SOURCE_MAX})"
    )
    assert ratio <= FROZEN_OVER_SOURCE_MAX
