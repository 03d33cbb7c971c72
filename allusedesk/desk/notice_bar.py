"""Sentences above the panels: what went wrong, what it means, what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from allusedesk.desk.context import Notices
from allusedesk.desk.theme import Theme

_LINES_MAX = 4


@dataclass(frozen=True, slots=True)
class Act:
    """A button beside a sentence."""

    title: str
    run: Callable[[], object]
    tip: str = ""


class NoticeBar(QFrame):
    """The newest sentences, each until it is dismissed; a held one until it is released."""

    def __init__(self, notices: Notices, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notices")
        self._theme = theme
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(1)
        self._lines: dict[str, QWidget] = {}
        self._is_covered = False
        notices.told.connect(self._tell)
        self.hide()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme, for the sentences to come."""
        self._theme = theme

    def hold(
        self, name: str, sentence: str, act: Act | None = None, *, is_warning: bool = True
    ) -> None:
        """Show a sentence that only `release` takes away, with a button where something helps."""
        self.release(name)
        self._add(name, sentence, act, is_warning=is_warning)

    def release(self, name: str) -> None:
        """Take a sentence away; one that is not there is no error."""
        line = self._lines.pop(name, None)
        if line is not None:
            self._rows.removeWidget(line)
            line.deleteLater()
        self.setVisible(bool(self._lines) and not self._is_covered)

    def cover(self, *, is_covered: bool) -> None:
        """Keep what is said to oneself for a while; nothing of it is lost."""
        self._is_covered = is_covered
        self.setVisible(bool(self._lines) and not is_covered)

    def sentences(self) -> list[str]:
        """What is shown now, oldest first."""
        return [line.findChildren(QLabel)[0].text() for line in self._lines.values()]

    def _tell(self, sentence: str, is_warning: bool) -> None:  # noqa: FBT001 - a signal's argument
        if sentence in self._lines:
            return
        loose = [name for name in self._lines if name == self._lines[name].property("loose")]
        if len(loose) >= _LINES_MAX:
            self.release(loose[0])
        dismiss = Act("Dismiss", lambda: self.release(sentence), "Read and done with")
        self._add(sentence, sentence, dismiss, is_warning=is_warning).setProperty("loose", sentence)

    def _add(self, name: str, sentence: str, act: Act | None, *, is_warning: bool) -> QFrame:
        line = QFrame()
        line.setProperty("loose", "")
        ground = self._theme.alarm_ground if is_warning else self._theme.raised
        line.setStyleSheet(f"background: {ground}; color: {self._theme.text};")
        row = QHBoxLayout(line)
        row.setContentsMargins(8, 3, 8, 3)
        label = QLabel(sentence)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAccessibleName("Warning" if is_warning else "Notice")
        row.addWidget(label, 1)
        if act is not None:
            button = QPushButton(act.title)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{act.title}: {sentence}")
            button.setToolTip(act.tip)
            button.clicked.connect(act.run)
            row.addWidget(button)
        self._lines[name] = line
        self._rows.addWidget(line)
        self.setVisible(not self._is_covered)
        return line
