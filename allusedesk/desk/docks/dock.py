"""`Dock`: what every panel of the main window is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from allusedesk.desk.context import DeskContext
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot


class Dock(QWidget):
    """One panel. A hidden one does nothing with a picture until it is seen again."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__()
        self.context = context
        self._waiting: DeskSnapshot | None = context.bridge.latest
        self._keyboard_first: QWidget = self

    def put_keyboard_on(self, widget: QWidget) -> None:
        """Name what has the keyboard first when the panel is opened by its keys.

        No focus proxy: Tab would jump over all that stands before it, and stop at a hidden one.
        """
        self._keyboard_first = widget

    def take_keyboard(self) -> None:
        """Have the keyboard, where it is wanted first."""
        self._keyboard_first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def take(self, picture: DeskSnapshot) -> None:
        """Show a picture now, or when the panel is seen."""
        if self.isVisible():
            self._waiting = None
            self.show_picture(picture)
        else:
            self._waiting = picture

    def show_picture(self, picture: DeskSnapshot) -> None:
        """Show a picture of the desk; every panel has its own way."""
        raise NotImplementedError

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme; panels that paint themselves say how."""

    def prepare_picture(self) -> None:
        """Choose what a picture of the panel should show, where it waits for a choice."""

    def kept(self) -> dict[str, Any]:
        """What a saved layout keeps of this panel, as plain values."""
        return {}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `kept` gave, perhaps in an older version: what is unknown is let pass."""

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._waiting is not None:
            picture, self._waiting = self._waiting, None
            self.show_picture(picture)
