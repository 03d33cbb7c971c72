"""Eight hours of a desk's events in minutes: what grows, and what is left behind.

In the first half a desk trades as fast as it can while panels, filters, looks and dialogs are used
without a pause: far more entries, orders and dialogs than any day brings. In the second half it
stands, and pictures whose quotes all changed come as fast as they are shown. Memory as the system
counts it is too coarse for the slope of so short a run, so the slope over a whole day's pictures
is told in Python's own objects. SOAK_SECONDS lengthens the run; 300 is the whole of it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from allusedesk.desk.dialogs.halt import HaltDialog
from allusedesk.desk.dialogs.settings import SettingsDialog
from allusedesk.desk.palette import CommandPalette
from allusedesk.desk.session import DeskSession
from allusedesk.engine.snapshot_lots import HeldLot
from allusedesk.wiring.desk_engine import DeskEngine
from allusedesk.wiring.vitals import _memory_megabytes
from tests.benchmarks.desk_figures import told
from tests.desk.conftest import OpenDesk, latest

pytest_plugins = ("tests.desk.conftest",)

SECONDS = float(os.environ.get("SOAK_SECONDS", "40"))
EIGHT_HOURS_PICTURES = 8 * 3_600 * 20


class Counts:
    """What the process holds at one moment."""

    def __init__(self, session: DeskSession) -> None:
        gc.collect()
        self.megabytes = _memory_megabytes() or 0.0
        roots = [session.window, *QApplication.topLevelWidgets()]
        objects = {id(one): one for root in roots for one in (root, *root.findChildren(QObject))}
        self.objects = len(objects)
        self.timers = sum(isinstance(one, QTimer) for one in objects.values())
        bridge = session.context.bridge
        self.receivers = bridge.receivers("2published(PyObject)") + sum(
            bridge.receivers(f"2{name}") for name in ("lost(QString)", "found()", "over()")
        )
        self.python = len(gc.get_objects())


@pytest.mark.benchmark(group="eight hours of events in minutes (goal: growth 20 MB, nothing left)")
def test_soak(benchmark: Any, open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path) -> None:
    session = open_desk(
        "--speed", "max", "--approve", "all", "--to", "2012-12-28", out=tmp_path / "desk"
    )
    window, bridge, pictures = session.window, session.context.bridge, [0]
    for name in window.frames:
        window.open_dock(name)
        qtbot.wait(50)
    work = what_a_person_does(session)

    def use_it() -> list[Counts]:
        found, began, step = [], perf_counter(), 0
        while perf_counter() - began < SECONDS / 2:
            work[step % len(work)]()
            step += 1
            qtbot.wait(20)
            if perf_counter() - began >= SECONDS / 20 * (len(found) + 1):
                found.append(Counts(session))
        return found

    def look_at_it() -> list[Counts]:
        window.open_dock("positions")
        seen, found, began = latest(session), [], perf_counter()
        while perf_counter() - began < SECONDS / 2:
            pictures[0] += 1
            later = seen.at + timedelta(milliseconds=50 * pictures[0])
            window.take(replace(seen, at=later, lots=tuple(moved(one, later) for one in seen.lots)))
            QApplication.processEvents()
            if perf_counter() - began >= SECONDS / 20 * (len(found) + 1):
                found.append(Counts(session))
        return found

    used = benchmark.pedantic(use_it, rounds=1)
    entries = latest(session).sequence
    engine = bridge.engine
    assert isinstance(engine, DeskEngine)
    engine.steer(lambda clock: clock.stand())
    qtbot.wait(500)
    pictures[0] = 0
    looked = look_at_it()
    first, middle, last = used[0], used[-1], looked[-1]
    slope = (last.python - looked[0].python) / pictures[0]
    told(
        benchmark,
        f"soak of {SECONDS:g} s: {entries:,} entries, then {pictures[0]:,} pictures at rest",
        growth_mb_after_the_first_tenth=(last.megabytes - first.megabytes, 20.0),
        of_it_while_trading=middle.megabytes - first.megabytes,
        of_it_at_rest=last.megabytes - looked[0].megabytes,
        python_objects_left_by_a_picture=(slope, 0.1),
        carried_on_to_eight_hours_of_pictures=slope * EIGHT_HOURS_PICTURES,
        qt_objects=f"{first.objects} -> {middle.objects} -> {last.objects}",
        timers=f"{first.timers} -> {middle.timers} -> {last.timers}",
        receivers=f"{first.receivers} -> {middle.receivers} -> {last.receivers}",
        python_objects=f"{first.python} -> {middle.python} -> {last.python}",
        megabytes=[round(one.megabytes) for one in (*used, *looked)],
        peer="+92 MB per 10,000 fills",
    )


def what_a_person_does(session: DeskSession) -> tuple[Callable[[], object], ...]:
    """Panels, filters, dialogs and looks, one after another."""
    window, context = session.window, session.context
    return (
        lambda: window.open_dock("positions"),
        lambda: window.dock("positions").blotter.field.setText("AAPL"),
        lambda: window.dock("positions").blotter.field.setText(""),
        lambda: open_and_close(HaltDialog(context, window)),
        lambda: open_and_close(SettingsDialog(session.preferences, window)),
        lambda: open_and_close(CommandPalette(context.commands, context.theme, window)),
        lambda: window.open_dock("week"),
        lambda: window.open_dock("orders"),
        lambda: session.preferences.change(look="light"),
        lambda: session.preferences.change(look="dark"),
        lambda: window.open_dock("journal"),
        lambda: window.open_dock("chart"),
        lambda: window.open_dock("health"),
    )


def moved(held: HeldLot, at: datetime) -> HeldLot:
    """The lot with a quote of now."""
    return held if held.quote is None else replace(held, quote=replace(held.quote, quoted_at=at))


def open_and_close(dialog: Any) -> None:
    dialog.open()
    QApplication.processEvents()
    dialog.close()
