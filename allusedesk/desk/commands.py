"""Every command a key, a menu or the palette can give, declared as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence


@dataclass(frozen=True, slots=True)
class DeskCommand:
    """One thing a person can do. `id` is kept in settings, `group` names its menu.

    `keys` are the keys it has until somebody chooses others, written as Qt writes them.
    """

    id: str
    title: str
    group: str
    run: Callable[[], None]
    keys: str = ""
    tip: str = ""
    is_checkable: bool = False


class CommandBook(QObject):
    """All commands by id, each with its one QAction.

    `raised` tells a command that failed, `refused` one that must not be given now.
    """

    raised = Signal(str)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        # Tells why a command must not be given now; the lock does.
        self.refusal: Callable[[str], str] = lambda _: ""
        self.commands: dict[str, DeskCommand] = {}
        self.actions: dict[str, QAction] = {}

    def add(self, commands: Iterable[DeskCommand]) -> None:
        """Take commands; raises ValueError for an id or keys that are taken already."""
        for command in commands:
            if command.id in self.commands:
                raise ValueError(f"The command {command.id} exists already.")
            other = self.with_keys(command.keys)
            if other is not None:
                raise ValueError(f"{command.keys} means {other} already, not {command.id}.")
            action = QAction(command.title, self)
            action.setObjectName(command.id)
            action.setToolTip(command.tip or command.title)
            action.setCheckable(command.is_checkable)
            action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
            action.setShortcut(QKeySequence(command.keys))
            action.triggered.connect(partial(self._triggered, command.id))
            self.commands[command.id] = command
            self.actions[command.id] = action

    def give(self, command: str) -> None:
        """Carry out a command; what it raises is told and never stops the desk."""
        refusal = self.refusal(command)
        if refusal:
            self.refused.emit(refusal)
            return
        try:
            self.commands[command].run()
        except Exception as fault:  # noqa: BLE001 - an observer is isolated and shown
            self.raised.emit(f"{self.commands[command].title} failed: {fault}")

    def _triggered(self, command: str, *_checked: bool) -> None:
        self.give(command)

    def with_keys(self, keys: str) -> str | None:
        """The id of the command that has these keys; None where nobody has."""
        wanted = QKeySequence(keys)
        if wanted.isEmpty():
            return None
        for name, action in self.actions.items():
            if action.shortcut() == wanted:
                return name
        return None

    def rebind(self, command: str, keys: str) -> None:
        """Give a command other keys, or none; raises ValueError where another one has them."""
        other = self.with_keys(keys)
        if other is not None and other != command:
            raise ValueError(
                f"{keys} already means “{self.commands[other].title}”: give that other keys first."
            )
        self.actions[command].setShortcut(QKeySequence(keys))

    def rebind_all(self, keys: Mapping[str, str]) -> None:
        """Give commands the keys somebody chose; a command that is gone or doubled is let pass."""
        for command in keys.keys() & self.actions.keys():
            self.actions[command].setShortcut(QKeySequence())
        for command, wanted in sorted(keys.items()):
            if command in self.actions and self.with_keys(wanted) is None:
                self.actions[command].setShortcut(QKeySequence(wanted))

    def groups(self) -> dict[str, list[QAction]]:
        """The actions by the menu they belong to, in the order they were added."""
        found: dict[str, list[QAction]] = {}
        for name, command in self.commands.items():
            found.setdefault(command.group, []).append(self.actions[name])
        return found
