"""Garbage with widgets in it ends on the screen's thread, whoever made Python look for it."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from allusedesk.desk.sweeping import Sweeping


class Knot(QObject):
    """An object in a cycle of references, with a running timer."""

    def __init__(self, ended_on: list[int]) -> None:
        super().__init__()
        self.itself = self
        self.timer = QTimer(self)
        self.timer.start(1_000)
        weakref.finalize(self, lambda: ended_on.append(threading.get_ident()))


def allocate() -> None:
    """Give Python every reason to collect."""
    kept = [[number] for number in range(50_000)]
    assert len(kept) == 50_000


def test_another_thread_collects_nothing_and_the_screens_thread_all(qtbot: QtBot) -> None:
    sweeping, ended_on = Sweeping(), []
    sweeping.begin()
    sweeping.settle()
    try:
        Knot(ended_on)
        worker = threading.Thread(target=allocate)
        worker.start()
        worker.join()
        assert ended_on == []
        extra = [[number] for number in range(2_000)]
        qtbot.waitUntil(lambda: bool(ended_on), timeout=2_000)
        assert ended_on == [threading.get_ident()]
        assert len(extra) == 2_000
    finally:
        sweeping.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_sweep_of_everything_waits_its_turn(qtbot: QtBot) -> None:
    sweeping = Sweeping()
    sweeping.begin()
    swept: list[int] = []
    gc.callbacks.append(
        lambda phase, told: swept.append(told["generation"]) if phase == "stop" else None
    )
    try:
        kept = []
        for _ in range(200):
            kept.append([[number] for number in range(1_000)])
            sweeping.look()
        assert 1 in swept
        assert 2 not in swept
    finally:
        gc.callbacks.pop()
        sweeping.end()


def test_it_ends_once_the_engine_has(qtbot: QtBot) -> None:
    first, second, is_over = Sweeping(), Sweeping(), [False]
    first.begin()
    second.begin()
    second.end_when(lambda: is_over[0])
    qtbot.wait(250)
    first.end()
    assert not gc.isenabled()
    is_over[0] = True
    qtbot.waitUntil(gc.isenabled, timeout=2_000)
