"""The handbook in a window of its own, opened at the page of whatever has the keyboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from allusedesk.resource_files import resource_path

FIRST_PAGE = "desk"


class HandbookWindow(QDialog):
    """Pages on the left, text on the right; the field finds words in the page shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Handbook")
        self._folder = resource_path("handbook")
        self.pages = QListWidget()
        self.pages.setAccessibleName("Pages of the handbook")
        self.text = QTextBrowser()
        self.text.setAccessibleName("Page")
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self.field = QLineEdit()
        self.field.setAccessibleName("Find in this page")
        self.field.setPlaceholderText("Find in this page, Enter for the next place")
        self.field.returnPressed.connect(self.find_next)
        titled = sorted((_title(file), file) for file in self._folder.glob("*.md"))
        self._files = {file.stem: file for _, file in titled}
        self._stems = list(self._files)
        self.pages.addItems([title for title, _ in titled])
        self.pages.currentRowChanged.connect(self._turn_to)
        self._lay_out()

    def show_page(self, page: str) -> None:
        """Turn to a page by its name without ending; the first page where there is none such."""
        wanted = page if page in self._files else FIRST_PAGE
        self.pages.setCurrentRow(self._stems.index(wanted))
        self.show()
        self.raise_()
        self.activateWindow()

    @property
    def page(self) -> str:
        """The name of the page shown."""
        return self._stems[self.pages.currentRow()]

    def find_next(self) -> bool:
        """Go to the next place that holds the words, from the top again after the last one."""
        words = self.field.text()
        if not words or self.text.find(words):
            return bool(words)
        self.text.moveCursor(self.text.textCursor().MoveOperation.Start)
        return self.text.find(words)

    def _lay_out(self) -> None:
        right = QWidget()
        rows = QVBoxLayout(right)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.field)
        rows.addWidget(self.text, 1)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.pages)
        parts.addWidget(right)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 4)
        self.pages.setMinimumWidth(self.fontMetrics().averageCharWidth() * 26)
        whole = QHBoxLayout(self)
        whole.addWidget(parts)
        metrics = self.fontMetrics()
        self.resize(metrics.averageCharWidth() * 130, metrics.height() * 44)

    def _turn_to(self, row: int) -> None:
        file = self._files[self._stems[row]]
        self.text.document().setBaseUrl(QUrl.fromLocalFile(f"{self._folder}/"))
        self.text.setMarkdown(file.read_text(encoding="utf-8"))
        self.text.document().setMetaInformation(
            QTextDocument.MetaInformation.DocumentTitle, _title(file)
        )

    def _follow(self, link: QUrl) -> None:
        """Links lead to other pages of the handbook; nothing is ever opened outside."""
        stem = Path(link.path()).stem
        if stem in self._files:
            self.pages.setCurrentRow(self._stems.index(stem))


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        title = next(lines, file.stem).lstrip("# ").strip()
    return f"Panel: {title}" if file.stem.startswith("desk-") else title
