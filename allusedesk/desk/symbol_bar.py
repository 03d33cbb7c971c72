"""The field for a symbol, and the colour by which panels follow each other's symbols."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLabel, QLineEdit, QWidget

from allusedesk.desk.links import LinkGroup, SymbolLinks

_LINKS = {
    LinkGroup.BLUE: "Linked: blue",
    LinkGroup.AMBER: "Linked: amber",
    LinkGroup.VIOLET: "Linked: violet",
    LinkGroup.NONE: "Not linked",
}


class SymbolBar(QWidget):
    """A symbol with completion over those there are; `chosen` gives each one that is chosen.

    Further fields of a panel are added to `row`.
    """

    chosen = Signal(str)

    def __init__(self, links: SymbolLinks, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._links = links
        self._symbols: tuple[str, ...] = ()
        self.symbol = ""
        self.field = QLineEdit()
        self.field.setAccessibleName(f"Symbol of {name}")
        self.field.setPlaceholderText("Symbol")
        self.field.setMaximumWidth(self.fontMetrics().horizontalAdvance("MMMMMMMM"))
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self.choose)
        self.field.setCompleter(completer)
        self.field.returnPressed.connect(lambda: self.choose(self.field.text()))
        self.link = QComboBox()
        self.link.setAccessibleName(f"Link of {name}")
        for group, text in _LINKS.items():
            self.link.addItem(text, group.value)
        self.link.currentIndexChanged.connect(self._on_link_chosen)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(4, 2, 4, 2)
        label = QLabel("Symbol")
        label.setBuddy(self.field)
        self.row.addWidget(label)
        self.row.addWidget(self.field)
        self.row.addWidget(self.link)
        links.changed.connect(self._on_linked)

    def offer(self, symbols: tuple[str, ...]) -> None:
        """The symbols there are; where none is chosen yet, the linked one or the first is."""
        if symbols == self._symbols:
            return
        self._symbols = symbols
        self._known.setStringList(list(symbols))
        if not self.symbol and symbols:
            linked = self._links.symbol(self.group)
            self._take(linked if linked in symbols else symbols[0])
        elif self.symbol:
            self.chosen.emit(self.symbol)

    def choose(self, symbol: str) -> None:
        """Take a symbol if there is one of that name, and let the linked panels follow."""
        wanted = symbol.strip().upper()
        found = next((one for one in self._symbols if one.upper() == wanted), None)
        if found is None:
            self.field.setText(self.symbol)
            return
        self._take(found)
        self._links.choose(self.group, found)

    @property
    def group(self) -> LinkGroup:
        return LinkGroup(self.link.currentData())

    def kept(self) -> dict[str, Any]:
        """What a saved layout keeps."""
        return {"symbol": self.symbol, "link": self.group.value}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `kept` gave."""
        place = self.link.findData(kept.get("link"))
        if place >= 0:
            self.link.setCurrentIndex(place)
        symbol = kept.get("symbol")
        if isinstance(symbol, str) and symbol:
            self._take(symbol)

    def _take(self, symbol: str) -> None:
        self.field.setText(symbol)
        if symbol != self.symbol:
            self.symbol = symbol
            if symbol in self._symbols:
                self.chosen.emit(symbol)

    def _on_link_chosen(self) -> None:
        linked = self._links.symbol(self.group)
        if linked in self._symbols:
            self._take(linked)

    def _on_linked(self, group: LinkGroup, symbol: str) -> None:
        if group is self.group and group is not LinkGroup.NONE and symbol in self._symbols:
            self._take(symbol)
