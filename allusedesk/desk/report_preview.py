"""A report's pages with what leads through them: page, size, contents and words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk.operations import Operation, Operations
from allusedesk.desk.page_view import Fit, PageView, Sheet, Spot

if TYPE_CHECKING:
    from allusedesk.desk.report_work import DrawnReport
    from allusedesk.reports.paper.pages import FoundWords

_SIZES: tuple[tuple[str, Fit, float], ...] = (
    ("Fit width", Fit.WIDTH, 1.0),
    ("Fit page", Fit.PAGE, 1.0),
    ("100 %", Fit.FREE, 1.0),
    ("200 %", Fit.FREE, 2.0),
)
_CONTENTS = "Contents"


class ReportPreview(QWidget):
    """Pages on the desk, drawn elsewhere as they come into sight."""

    def __init__(self, operations: Operations) -> None:
        super().__init__()
        self.report: DrawnReport | None = None
        self._operations = operations
        self._drawing: dict[int, Operation] = {}
        self._found: tuple[Spot, ...] = ()
        self._place = -1
        self._searched = ""
        self.pages = PageView()
        self.pages.wanted.connect(self._draw)
        self.pages.turned.connect(self._show_page)
        self.pages.zoomed.connect(self._show_size)
        self.pages.pressed.connect(self._follow)
        self._lay_out()
        self.clear("Choose a report to see its pages.")

    def clear(self, sentence: str) -> None:
        """Show no pages but a sentence."""
        self.pages.empty = sentence
        self._begin(None)

    def show_report(self, report: DrawnReport) -> None:
        """Show a report from its first page on."""
        self._begin(report)

    def find_next(self, by: int = 1) -> None:
        """Look at the next place where the words stand, or first search for them."""
        words = self.words.text().strip()
        if self.report is None:
            return
        if words != self._searched:
            self._search(words)
        elif self._found:
            self._place = (self._place + by) % len(self._found)
            self._show_found()

    def _begin(self, report: DrawnReport | None) -> None:
        for operation in self._drawing.values():
            operation.stop()
        self._drawing.clear()
        self.report = report
        self._found, self._place, self._searched = (), -1, ""
        self.found.clear()
        sheets = () if report is None else report.pages.sizes
        self.pages.show_sheets([Sheet(one.width, one.height) for one in sheets])
        self.page.setRange(min(1, len(sheets)), len(sheets))
        self.count.setText(f"of {len(sheets)}")
        self.contents.clear()
        self.contents.addItem(_CONTENTS)
        for mark in () if report is None else report.outline:
            self.contents.addItem("    " * mark.depth + mark.title)
        for widget in self._leading:
            widget.setEnabled(report is not None)
        self._show_page(0)

    def _lay_out(self) -> None:
        self.back = _button("◀", "Page before", "The page before (Page Up)", -1, self._turn)
        self.page = QSpinBox()
        self.page.setAccessibleName("Page")
        self.page.setToolTip("The page that is looked at")
        self.page.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.page.setKeyboardTracking(False)
        self.page.valueChanged.connect(self._go)
        self.count = QLabel()
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setAccessibleName("How many pages there are")
        self.forth = _button("▶", "Next page", "The next page (Page Down)", 1, self._turn)
        self.size_chosen = QComboBox()
        self.size_chosen.setAccessibleName("Size of pages")
        self.size_chosen.setToolTip("How large pages are (Ctrl with plus, minus or 0)")
        self.size_chosen.addItems([name for name, _, _ in _SIZES])
        self.size_chosen.activated.connect(self._zoom)
        self.contents = QComboBox()
        self.contents.setAccessibleName("Contents")
        self.contents.setToolTip("The parts of the report; choose one to look at it")
        self.contents.activated.connect(self._open_part)
        self.contents.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.contents.setMinimumContentsLength(8)
        self.words = QLineEdit()
        self.words.setAccessibleName("Search the report")
        self.words.setPlaceholderText("Search, then Enter")
        self.words.setToolTip("Words to find in the pages; Enter or F3 goes on to the next place")
        self.words.setClearButtonEnabled(True)
        self.words.returnPressed.connect(self.find_next)
        self.words.setMinimumWidth(self.words.fontMetrics().averageCharWidth() * 14)
        self.found = QLabel()
        self.found.setTextFormat(Qt.TextFormat.PlainText)
        self.found.setAccessibleName("What the search found")
        head = QHBoxLayout()
        for widget in (self.back, self.page, self.count, self.forth, self.size_chosen):
            head.addWidget(widget)
        head.addWidget(self.contents, 1)
        below = QHBoxLayout()
        below.addWidget(self.words, 1)
        below.addWidget(self.found)
        self._leading = (
            *(self.back, self.page, self.forth, self.size_chosen, self.contents, self.words),
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(3)
        rows.addLayout(head)
        rows.addLayout(below)
        rows.addWidget(self.pages, 1)
        for keys, act in (
            ("Ctrl+F", self._search_by_key),
            ("F3", self.find_next),
            ("Shift+F3", partial(self.find_next, -1)),
        ):
            key = QShortcut(QKeySequence(keys), self, act)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _search_by_key(self) -> None:
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def _draw(self, page: int, scale: float) -> None:
        """Have a page drawn elsewhere; an earlier wish for it is taken back."""
        report = self.report
        if report is None:
            return
        before = self._drawing.pop(page, None)
        if before is not None:
            before.stop()

        def work(_operation: Operation) -> QImage:
            from allusedesk.desk.report_work import image_of

            return image_of(report.pages.picture(page, scale))

        def take(image: QImage) -> None:
            if report is self.report:
                self.pages.put(page, scale, image)

        self._drawing[page] = self._operations.begin(f"Page {page + 1}", work, take)

    def _turn(self, by: int) -> None:
        self.pages.go_to(self.pages.page + by)

    def _go(self, page: int) -> None:
        if page - 1 != self.pages.page:
            self.pages.go_to(page - 1)

    def _show_page(self, page: int) -> None:
        self.page.blockSignals(True)  # noqa: FBT003 - Qt's own signature
        self.page.setValue(page + 1)
        self.page.blockSignals(False)  # noqa: FBT003 - Qt's own signature
        count = self.pages.pages
        self.pages.setAccessibleDescription(f"Page {page + 1} of {count}" if count else "")
        self.back.setEnabled(page > 0)
        self.forth.setEnabled(page + 1 < count)

    def _zoom(self, chosen: int) -> None:
        _, fit, factor = _SIZES[chosen]
        self.pages.zoom(fit, factor)

    def _show_size(self) -> None:
        """The size chosen, or where a step led to another one: its figure in the box's tip."""
        view = self.pages
        for place, (_, fit, factor) in enumerate(_SIZES):
            if fit is view.fit and (fit is not Fit.FREE or factor == view.factor):
                self.size_chosen.setCurrentIndex(place)
                return
        self.size_chosen.setCurrentIndex(-1)
        self.size_chosen.setPlaceholderText(f"{view.factor * 100:.0f} %")

    def _open_part(self, chosen: int) -> None:
        if self.report is not None and chosen > 0:
            mark = self.report.outline[chosen - 1]
            self.pages.go_to(mark.page, mark.from_top)
        self.contents.setCurrentIndex(0)

    def _follow(self, page: int, left: float, top: float) -> None:
        """Go where a link within the report leads; the library may be busy drawing meanwhile."""
        report = self.report
        if report is None:
            return

        def take(target: tuple[int, float] | None) -> None:
            if report is self.report and target is not None:
                self.pages.go_to(*target)

        self._operations.begin(
            "Following a link", lambda _: report.pages.link_at(page, left, top), take
        )

    def _search(self, words: str) -> None:
        report = self.report
        if report is None:
            return
        self._searched = words

        def take(found: tuple[FoundWords, ...]) -> None:
            if report is self.report and words == self._searched:
                self._found = tuple(
                    Spot(one.page, QRectF(one.left, one.top, one.width, one.height))
                    for one in found
                )
                here = self.pages.page
                ahead = (n for n, one in enumerate(self._found) if one.page >= here)
                self._place = next(ahead, 0)
                self._show_found()

        self._operations.begin("Searching the report", lambda _: report.pages.find(words), take)

    def _show_found(self) -> None:
        now = self._found[self._place] if self._found else None
        self.pages.mark(self._found, now)
        if now is not None:
            self.found.setText(f"{self._place + 1} of {len(self._found)}")
        else:
            self.found.setText("not found" if self._searched else "")


def _button(sign: str, name: str, tip: str, by: int, act: Callable[[int], None]) -> QToolButton:
    made = QToolButton()
    made.setText(sign)
    made.setAccessibleName(name)
    made.setToolTip(tip)
    made.setAutoRaise(True)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.clicked.connect(partial(act, by))
    return made
