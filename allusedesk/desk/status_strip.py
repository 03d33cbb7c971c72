"""The strip that is always visible: mode, state, links, ages, and New York's time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot


class StatusStrip(QFrame):
    """One line of what a trader must never have to look for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Status")
        self._theme = theme
        self.mode = self._field("Mode")
        self.state = self._field("Desk state")
        self.broker = self._field("Broker")
        self.engine = self._field("Engine")
        self.clock = self._field("New York time")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(6, 2, 6, 2)
        self.row.setSpacing(14)
        for label in (self.mode, self.state, self.broker, self.engine):
            self.row.addWidget(label)
        self.row.addStretch(1)
        self.row.addWidget(self.clock)
        self.mode.setText("STARTING")

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme

    def show_picture(self, picture: DeskSnapshot) -> None:
        """Show the desk's standing."""
        mode = picture.mode.value
        if self.mode.text() != mode:
            self.mode.setText(mode)
            ground = getattr(self._theme, f"{mode.lower()}_ground")
            self.mode.setStyleSheet(
                f"background: {ground}; color: {self._theme.text}; padding: 1px 8px; "
                "font-weight: bold; border-radius: 3px;"
            )
        self.state.setText(_state_of(picture))
        self.broker.setText("Broker linked" if picture.is_link_up else "BROKER LOST")
        self.clock.setText(formatting.moment(picture.at))

    def show_engine(self, text: str) -> None:
        """Say how the engine is."""
        self.engine.setText(text)

    def _field(self, name: str) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label


def _state_of(picture: DeskSnapshot) -> str:
    if picture.halted_by:
        return f"HALTED: {picture.halted_by}"
    if picture.is_resuming:
        return "RESUMING"
    states = sorted({sleeve.state.value for sleeve in picture.sleeves})
    return " / ".join(states) if states else "no sleeve yet"
