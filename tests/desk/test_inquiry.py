"""Questions of a panel: one under way, the newest waits, and none stops the next."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from allusedesk.desk.bridge import Bridge
from allusedesk.desk.inquiry import Inquiry


class SlowEngine:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, Future[Any]]] = []

    def consult(self, question: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        self.asked.append((question, answer))
        return answer


@pytest.fixture
def engine() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def inquiry(engine: SlowEngine, qtbot: QtBot) -> Inquiry:
    bridge = Bridge()
    bridge.engine = engine  # type: ignore[assignment]
    owner = QObject()
    made = Inquiry(bridge, owner)
    made.owner = owner  # type: ignore[attr-defined]
    made.kept = bridge  # type: ignore[attr-defined]
    return made


def test_the_newest_of_those_that_wait_is_asked_next(
    inquiry: Inquiry, engine: SlowEngine, qtbot: QtBot
) -> None:
    taken: list[str] = []
    questions = [object(), object(), object()]
    for question in questions:
        inquiry.ask(question, taken.append, taken.append)  # type: ignore[arg-type]
    assert [question for question, _ in engine.asked] == questions[:1]
    engine.asked[0][1].set_result("first")
    qtbot.waitUntil(lambda: len(engine.asked) == 2)
    assert engine.asked[1][0] is questions[2]
    engine.asked[1][1].set_result("third")
    qtbot.waitUntil(lambda: not inquiry.is_under_way)
    assert taken == ["first", "third"]


def test_what_fails_is_said_and_the_next_question_goes_on(
    inquiry: Inquiry, engine: SlowEngine, qtbot: QtBot
) -> None:
    said: list[str] = []
    inquiry.ask(str, said.append, said.append)  # type: ignore[arg-type]
    engine.asked[0][1].set_exception(ValueError("no chain"))
    qtbot.waitUntil(lambda: said == ["The engine could not answer: no chain"])
    inquiry.ask(str, said.append, said.append)  # type: ignore[arg-type]
    engine.asked[1][1].cancel()
    qtbot.waitUntil(lambda: len(said) == 2)
    assert "has ended" in said[1]


def test_without_an_engine_it_says_so_at_once(qtbot: QtBot) -> None:
    said: list[str] = []
    owner = QObject()
    Inquiry(Bridge(), owner).ask(str, said.append, said.append)  # type: ignore[arg-type]
    assert "engine is still starting" in said[0]
