"""Commands are data: one action each, keys that are never taken twice, faults that are told."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from allusedesk.desk.commands import CommandBook, DeskCommand


@pytest.fixture
def book(qapp: object) -> CommandBook:
    return CommandBook()


def test_a_command_is_given_by_its_action(book: CommandBook) -> None:
    given: list[str] = []
    book.add([DeskCommand("one", "One", "&Desk", lambda: given.append("one"), "Ctrl+1")])
    book.actions["one"].trigger()
    assert given == ["one"]
    assert [action.text() for action in book.groups()["&Desk"]] == ["One"]


def test_an_id_or_keys_that_are_taken_are_refused(book: CommandBook) -> None:
    book.add([DeskCommand("one", "One", "&Desk", print, "Ctrl+1")])
    with pytest.raises(ValueError, match="exists already"):
        book.add([DeskCommand("one", "Another", "&Desk", print)])
    with pytest.raises(ValueError, match="means one already"):
        book.add([DeskCommand("two", "Two", "&Desk", print, "Ctrl+1")])


def test_keys_move_only_where_nobody_has_them(book: CommandBook) -> None:
    book.add(
        [
            DeskCommand("one", "One", "&Desk", print, "Ctrl+1"),
            DeskCommand("two", "Two", "&Desk", print, "Ctrl+2"),
        ]
    )
    with pytest.raises(ValueError, match="“Two”"):
        book.rebind("one", "Ctrl+2")
    book.rebind("two", "")
    book.rebind("one", "Ctrl+2")
    assert book.with_keys("Ctrl+2") == "one"
    assert book.with_keys("") is None


def test_a_command_that_raises_is_told(book: CommandBook, qtbot: QtBot) -> None:
    def fail() -> None:
        raise RuntimeError("no engine is running")

    book.add([DeskCommand("one", "One", "&Desk", fail)])
    with qtbot.waitSignal(book.raised) as told:
        book.actions["one"].trigger()
    assert told.args == ["One failed: no engine is running"]
