"""What a person feels and the engine keeps while quotes pour in: delays, beats, stops, closing.

The machine itself makes timers late; an idle window's lateness, measured in the same run, stands
beside each figure as its limit.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.halt import HaltDialog
from allusedesk.desk.dialogs.import_history import ImportDialog
from allusedesk.desk.dialogs.money_move import MoneyMove
from allusedesk.desk.dialogs.new_desk import NewDeskDialog
from allusedesk.desk.dialogs.settings import SettingsDialog
from allusedesk.desk.launch import TURN_SECONDS
from allusedesk.desk.main_window import MainWindow
from allusedesk.desk.palette import CommandPalette
from allusedesk.desk.sweeping import Sweeping
from allusedesk.domain.events import Entry, ProposalLapsed
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.inputs import Instruction, OperatorInstructed
from allusedesk.engine.loop import Engine
from allusedesk.engine.state import DeskState
from allusedesk.journal.store import Journal
from allusedesk.wiring.desk_engine import DeskEngine
from allusedesk.wiring.sample_desk import sample_request
from tests.acceptance.desks import MONDAY, REV_ONLY
from tests.acceptance.stage import Stage, at
from tests.benchmarks.desk_figures import hundredth, told
from tests.benchmarks.pouring_desk import PouringDesk, with_many_lots
from tests.benchmarks.test_kill_switch import ORDERS, _Counting, with_orders
from tests.desk.conftest import OpenDesk

pytest_plugins = ("tests.desk.conftest",)

# The best of several windows of time counts: what other programs do to one is not the desk's.
ROWS, SECONDS, WINDOWS = 500, 2.0, 4
TICK = 0.01


def traded_stage() -> Stage:
    desk = Stage(MONDAY, {"AAPL": "100", "IBM": "100"}, REV_ONLY)
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    return desk


@pytest.fixture
def pouring(request: Any) -> Iterator[PouringDesk]:
    desk = traded_stage()
    engine = desk.desk(with_many_lots(desk.state, ROWS))
    made = PouringDesk(engine, desk.clock.now(), getattr(request, "param", 5_000))
    yield made
    made.stop()


@pytest.fixture
def window(context: DeskContext, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.resize(1600, 900)
    made.show()
    made.build_visible()
    made.open_dock("positions")
    sweeping, turn = Sweeping(), sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    sweeping.begin()
    sweeping.settle()
    yield made
    sweeping.end()
    sys.setswitchinterval(turn)


def attached(context: DeskContext, desk: PouringDesk, qtbot: QtBot) -> None:
    desk.start()
    context.bridge.attach(desk)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: context.bridge.latest is not None, timeout=20_000)
    qtbot.wait(500)


def lateness(qtbot: QtBot, seconds: float) -> list[float]:
    """How late a timer of 10 ms fires on the screen's thread, in milliseconds."""
    late, last = [], [perf_counter()]

    def tick() -> None:
        now = perf_counter()
        late.append(max(0.0, now - last[0] - TICK) * 1e3)
        last[0] = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(10)
    qtbot.wait(int(seconds * 1e3))
    timer.stop()
    return late


@pytest.mark.benchmark(group="input delay while quotes pour (goals p99 20 ms, max 50 ms)")
@pytest.mark.parametrize("pouring", [5_000, 20_000], indirect=True, ids="{} a second".format)
def test_input_delay(
    benchmark: Any,
    pouring: PouringDesk,
    window: MainWindow,
    context: DeskContext,
    qtbot: QtBot,
) -> None:
    idle = lateness(qtbot, SECONDS / 2)
    attached(context, pouring, qtbot)
    pictures: list[int] = []
    context.bridge.published.connect(lambda _: pictures.append(1))
    windows = [lateness(qtbot, SECONDS) for _ in range(WINDOWS)]
    late = min(windows, key=lambda one: hundredth(one, 99))
    benchmark.pedantic(qtbot.wait, args=(10,), rounds=1)
    assert window.docks["positions"].model.rowCount() >= ROWS
    told(
        benchmark,
        f"input delay at {pouring._rate:,} quotes/s, {ROWS} rows",
        p99_ms=(hundredth(late, 99), 20.0),
        max_ms=(max(late), 50.0),
        p50_ms=hundredth(late, 50),
        limit_idle_window_p99_ms=hundredth(idle, 99),
        limit_idle_window_max_ms=max(idle),
        max_ms_of_each_window=[round(max(one), 1) for one in windows],
        pictures_a_second=len(pictures) / SECONDS / WINDOWS,
        picture_ms=pouring.publisher.picture_seconds * 1e3,
        peer_at_5000="p50 198, p90 477",
    )


@pytest.mark.benchmark(group="engine's 10 ms beat (goal: late by p99 10 ms)")
@pytest.mark.parametrize("trouble", ["GUI thread blocked for 2 s", "every dialog open", "none"])
def test_engine_beat(
    benchmark: Any,
    pouring: PouringDesk,
    window: MainWindow,
    context: DeskContext,
    qtbot: QtBot,
    trouble: str,
    tmp_path: Path,
) -> None:
    idle = idle_beats(qtbot)
    attached(context, pouring, qtbot)
    dialogs = every_dialog(context, window, tmp_path) if trouble.startswith("every") else []
    for dialog in dialogs:
        dialog.open()
    qtbot.wait(300)

    def trouble_it() -> None:
        pouring.late.clear()
        if trouble.startswith("GUI"):
            until = perf_counter() + 2.0
            # Python at full tilt: it keeps the interpreter's lock as long as it may.
            while perf_counter() < until:
                sum(range(100))
        else:
            qtbot.wait(2_000)

    windows = []

    def window_of_time() -> None:
        trouble_it()
        windows.append(list(pouring.late))

    benchmark.pedantic(window_of_time, rounds=WINDOWS)
    late = min(windows, key=lambda one: hundredth(one, 99))
    for dialog in dialogs:
        dialog.close()
    told(
        benchmark,
        f"engine's beat, trouble: {trouble}",
        p99_ms=(hundredth(late, 99), 10.0),
        p50_ms=hundredth(late, 50),
        max_ms=max(late),
        p99_ms_of_each_window=[round(hundredth(one, 99), 1) for one in windows],
        limit_beat_of_an_idle_process_p99_ms=hundredth(idle, 99),
        beats=len(late),
        peer="qasync with a modal dialog: no beat at all",
    )


def idle_beats(qtbot: QtBot) -> list[float]:
    """How late the same beat comes on a thread while nothing else happens, in milliseconds."""
    late: list[float] = []

    async def beat() -> None:
        for _ in range(int(SECONDS / TICK)):
            began = perf_counter()
            await asyncio.sleep(TICK)
            late.append((perf_counter() - began - TICK) * 1e3)

    thread = threading.Thread(target=lambda: asyncio.run(beat()))
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=60_000)
    return late


def every_dialog(
    context: DeskContext,
    window: MainWindow,
    folder: Path,
) -> list[QDialog]:
    return [
        HaltDialog(context, window),
        SettingsDialog(context.preferences, window),
        NewDeskDialog(context, sample_request(folder / "desk", speed=60.0), window),
        ImportDialog(context, window),
        MoneyMove("Deposit", "Money from outside.", (("F1", "Family F1"),), "Deposit", window),
        CommandPalette(context.commands, context.theme, window),
    ]


@pytest.mark.benchmark(group="kill switch by the window: strike to last cancel (goal 100 ms)")
def test_kill_switch_by_the_window(
    benchmark: Any,
    window: MainWindow,
    context: DeskContext,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    taken = []
    for number in range(3):
        desk = traded_stage()
        journal = Journal.create(tmp_path / f"{number}.journal", durable=True)
        journal.append(tuple(desk.record.entries))
        cancelled = Timed()
        desk.record = journal  # type: ignore[assignment]
        desk.door = _Counting(desk.broker, cancelled)
        engine: Engine = desk.desk(with_many_lots(with_orders(desk), ROWS))
        pouring = PouringDesk(engine, desk.clock.now(), 5_000)
        attached(context, pouring, qtbot)
        dialog = HaltDialog(context, window)
        dialog.open()
        qtbot.wait(200)
        began = perf_counter()
        dialog.strike()
        struck = perf_counter()
        qtbot.waitUntil(lambda found=cancelled: len(found) >= ORDERS, timeout=20_000)
        taken.append((cancelled.at[ORDERS - 1] - began, struck - began))
        dialog.close()
        context.bridge.stop()
        context.bridge.latest = None
        pouring.stop()
        journal.close()
    benchmark.pedantic(lambda: None, rounds=1)
    told(
        benchmark,
        f"kill switch, {ORDERS} orders, 5,000 quotes/s, through dialog, bridge and journal",
        best_ms=(min(one for one, _ in taken) * 1e3, 100.0),
        worst_ms=(max(one for one, _ in taken) * 1e3, 100.0),
        of_it_on_the_screens_thread_ms=max(two for _, two in taken) * 1e3,
        peer="the click alone may wait 494 ms",
    )


class Timed(list[OrderId]):
    """Orders as they are handed over, with when."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []

    def append(self, order: OrderId) -> None:
        self.at.append(perf_counter())
        super().append(order)


@pytest.mark.benchmark(group="close of the window (goal 300 ms)")
def test_close(benchmark: Any, open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path) -> None:
    whole, blocked = [], []
    for number in range(4):
        session = open_desk("--speed", "60", out=tmp_path / f"desk-{number}")
        qtbot.wait(400)
        began = perf_counter()
        session.window.close()
        session.close()
        blocked.append(perf_counter() - began)
        while not session.is_over:
            QApplication.processEvents()
        whole.append(perf_counter() - began)
    benchmark.pedantic(lambda: None, rounds=1)
    told(
        benchmark,
        "close",
        best_ms=(min(whole) * 1e3, 300.0),
        worst_ms=(max(whole) * 1e3, 300.0),
        screens_thread_held_ms=max(blocked) * 1e3,
        peer_ms=700,
    )


@pytest.mark.benchmark(group="an approval's deadline and a person's word, recorded (goal 100 ms)")
def test_deadline_and_durable_word(benchmark: Any, tmp_path: Path, qtbot: QtBot) -> None:
    lapsed: list[timedelta] = []
    heard: list[float] = []
    deadlines: dict[str, datetime] = {}

    def observe(state: DeskState, entry: Entry) -> None:
        for name, ticket in state.tickets.items():
            deadlines[name] = ticket.proposal.expires_at
        if isinstance(entry.event, ProposalLapsed):
            lapsed.append(entry.recorded_at - deadlines[entry.event.proposal])
        if isinstance(entry.event, OperatorInstructed):
            heard.append(perf_counter())

    request = sample_request(tmp_path / "desk", speed=None)
    engine = DeskEngine(replace(request), (observe,))
    engine.start()
    qtbot.waitUntil(lambda: bool(engine.latest and engine.latest.questions), timeout=60_000)
    speed = 600.0
    engine.steer(lambda clock: clock.steer(speed))
    qtbot.waitUntil(lambda: bool(lapsed), timeout=60_000)
    engine.steer(lambda clock: clock.stand())
    account = engine.latest.sleeves[0].account.id if engine.latest else None
    taken = []
    for number in range(100):
        word = (Instruction.PAUSE, Instruction.CONTINUE)[number % 2]
        known = len(heard)
        began = perf_counter()
        engine.admit(OperatorInstructed(word, "tester", "a test", account))
        qtbot.waitUntil(lambda known=known: len(heard) > known, timeout=10_000)
        taken.append((heard[-1] - began) * 1e3)
    engine.ask_to_stop()
    engine.wait(10.0)
    benchmark.pedantic(lambda: None, rounds=1)
    told(
        benchmark,
        "deadline and word on record",
        lapse_after_deadline_ms=(max(lapsed).total_seconds() / speed * 1e3, 100.0),
        word_durable_p50_ms=hundredth(taken, 50),
        word_durable_p99_ms=(hundredth(taken, 99), 100.0),
    )
