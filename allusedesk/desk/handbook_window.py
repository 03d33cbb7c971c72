"""The handbook in a window of its own, opened at the page of whatever has the keyboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from allusedesk.reports.handbook import Chapter, Page, chapters, places
from allusedesk.resource_files import resource_path

FIRST_PAGE = "desk"


class HandbookWindow(QDialog):
    """Chapters and pages on the left, text on the right; the field finds words in all of it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Handbook")
        self._folder = resource_path("handbook")
        self._chapters = chapters(self._folder)
        self._pages: dict[int, Page] = {}
        self.pages = QListWidget()
        self.pages.setAccessibleName("Pages of the handbook")
        self.text = QTextBrowser()
        self.text.setAccessibleName("Page")
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self.field = QLineEdit()
        self.field.setAccessibleName("Find in the handbook")
        self.field.setPlaceholderText("Find in the handbook, Enter for the next place")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._sift)
        self.field.returnPressed.connect(self.find_next)
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName("What was found")
        self.said.hide()
        for chapter in self._chapters:
            self._list(chapter)
        self.pages.currentRowChanged.connect(self._turn_to)
        self._lay_out()

    def show_page(self, page: str) -> None:
        """Turn to a page by its name without ending; the first page where there is none such."""
        self._turn_to_page(page if self._row_of(page) is not None else FIRST_PAGE)
        self.show()
        self.raise_()
        self.activateWindow()

    @property
    def page(self) -> str:
        """The name of the page shown."""
        return self._pages[self.pages.currentRow()].name

    def find_next(self) -> bool:
        """Go to the next line that holds the words: in this page, then in the next that has them.

        False where no page of the handbook holds them all in one line.
        """
        words = self.field.text().split()
        if not words:
            return False
        if self._find_here(words):
            return True
        rows = [row for row in self._pages if not self.pages.item(row).isHidden()]
        if not rows:
            return False
        row = self.pages.currentRow()
        self.pages.setCurrentRow(next((one for one in rows if one > row), rows[0]))
        self.text.moveCursor(self.text.textCursor().MoveOperation.Start)
        return self._find_here(words)

    def _find_here(self, words: list[str]) -> bool:
        """Go on to a paragraph that holds all the words, and mark the first of them."""
        wanted = [word.casefold() for word in words]
        while self.text.find(words[0]):
            said = self.text.textCursor().block().text().casefold()
            if all(word in said for word in wanted):
                return True
        return False

    def _sift(self, words: str) -> None:
        """Only pages that hold the words stay in the list; all of them where none is typed."""
        found = {place.page.name for place in places(self._chapters, words)}
        is_sifted = bool(words.split())
        for row, page in self._pages.items():
            self.pages.item(row).setHidden(is_sifted and page.name not in found)
        count = len(found)
        self.said.setText(
            f"{count} {'page has' if count == 1 else 'pages have'} it; Enter goes on."
            if count
            else "No page of the handbook has it. Try another word."
        )
        self.said.setVisible(is_sifted)

    def _list(self, chapter: Chapter) -> None:
        heading = QListWidgetItem(chapter.title)
        heading.setFlags(Qt.ItemFlag.NoItemFlags)
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        self.pages.addItem(heading)
        for page in chapter.pages:
            self._pages[self.pages.count()] = page
            self.pages.addItem(f"  {page.title}")

    def _row_of(self, name: str) -> int | None:
        return next((row for row, page in self._pages.items() if page.name == name), None)

    def _turn_to_page(self, name: str) -> None:
        row = self._row_of(name)
        if row is not None:
            self.pages.setCurrentRow(row)

    def _lay_out(self) -> None:
        right = QWidget()
        rows = QVBoxLayout(right)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.field)
        rows.addWidget(self.said)
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
        page = self._pages.get(row)
        if page is None:
            return
        self.text.document().setBaseUrl(QUrl.fromLocalFile(f"{self._folder}/"))
        self.text.setMarkdown(page.text)
        self.text.document().setMetaInformation(
            QTextDocument.MetaInformation.DocumentTitle, page.title
        )

    def _follow(self, link: QUrl) -> None:
        """Links lead to other pages of the handbook; nothing is ever opened outside."""
        self._turn_to_page(Path(link.path()).stem)
