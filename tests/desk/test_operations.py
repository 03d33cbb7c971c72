"""Long work runs elsewhere, tells, stops, and fails in a sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from allusedesk.desk.operations import Operation, Operations


@pytest.fixture
def operations(qapp: object) -> Iterator[Operations]:
    made = Operations()
    yield made
    made.close()


def test_work_runs_elsewhere_and_its_result_comes_here(
    operations: Operations, qtbot: QtBot
) -> None:
    taken: list[tuple[int, int]] = []
    operations.begin(
        "Work", lambda _: threading.get_ident(), lambda w: taken.append((w, threading.get_ident()))
    )
    qtbot.waitUntil(lambda: bool(taken))
    worked_on, taken_on = taken[0]
    assert worked_on != taken_on == threading.get_ident()


def test_results_come_in_the_order_they_were_asked_for(
    operations: Operations, qtbot: QtBot
) -> None:
    taken: list[int] = []
    for number in range(20):
        operations.begin("Work", lambda _, number=number: number, taken.append)
    qtbot.waitUntil(lambda: len(taken) == 20)
    assert taken == list(range(20))
    assert not operations.is_busy


def test_stopped_work_brings_nothing_back(operations: Operations, qtbot: QtBot) -> None:
    taken: list[bool] = []
    began = threading.Event()

    def work(operation: Operation) -> bool:
        began.set()
        while not operation.is_stopped:
            pass
        return True

    operation = operations.begin("Work", work, taken.append)
    assert began.wait(5)
    with qtbot.waitSignal(operation.ended, timeout=5_000):
        operation.stop()
    assert taken == []


def test_progress_is_told_on_the_way(operations: Operations, qtbot: QtBot) -> None:
    may_go = threading.Event()

    def work(operation: Operation) -> None:
        may_go.wait(5)
        operation.tell(0.5, "half way")

    operation = operations.begin("Work", work, lambda _: None)
    with qtbot.waitSignal(operation.progressed, timeout=5_000) as told:
        may_go.set()
    assert told.args == [0.5, "half way"]


def test_failed_work_and_a_failing_taker_are_each_told(
    operations: Operations, qtbot: QtBot
) -> None:
    def fail(_: object) -> None:
        raise ValueError("the disk is full")

    with qtbot.waitSignal(operations.failed, timeout=5_000) as told:
        operations.begin("Reading the week", fail, lambda _: None)
    assert told.args == ["Reading the week failed: the disk is full"]
    with qtbot.waitSignal(operations.failed, timeout=5_000) as told:
        operations.begin("Reading the week", lambda _: 1, fail)
    assert "could not be shown" in told.args[0]


def test_work_begun_after_the_end_never_runs(operations: Operations, qtbot: QtBot) -> None:
    operations.close()
    worked: list[int] = []
    operation = operations.begin("Work", lambda _: worked.append(1), lambda _: None)
    assert operation.is_stopped
    qtbot.wait(50)
    assert worked == []
