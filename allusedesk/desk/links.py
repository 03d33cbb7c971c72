"""Symbols linked by colour: choose one in a table, and every panel of that colour follows."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, Signal


class LinkGroup(Enum):
    """A colour that panels share; a panel of NONE follows nobody."""

    NONE = "none"
    BLUE = "blue"
    AMBER = "amber"
    VIOLET = "violet"


class SymbolLinks(QObject):
    """The symbol chosen last in each colour; `changed` gives the group and the symbol."""

    changed = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._symbols: dict[LinkGroup, str] = {}

    def symbol(self, group: LinkGroup) -> str:
        """The symbol of a colour; empty where none was chosen yet."""
        return self._symbols.get(group, "")

    def choose(self, group: LinkGroup, symbol: str) -> None:
        """Let everyone of that colour follow to a symbol."""
        if group is LinkGroup.NONE or self._symbols.get(group) == symbol:
            return
        self._symbols[group] = symbol
        self.changed.emit(group, symbol)
