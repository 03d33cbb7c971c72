"""Journal: every entry, searchable, with what it follows from; any past moment re-opened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.past_window import PastWindows
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.domain.events import EVENT_KINDS
from allusedesk.journal.queries.record import cause_chain, entries
from allusedesk.journal.read_values import EntryLine

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot

_READ_MILLISECONDS = 500
_PAGE = 500
_ROWS_MAX = 20_000
_EVERY_KIND = "every kind"

_COLUMNS: tuple[Column[EntryLine], ...] = (
    Column("sequence", "Entry", lambda line: line.sequence, is_number=True),
    Column("at", "New York time", lambda line: line.recorded_at, formatting.moment),
    Column("kind", "Kind", lambda line: line.kind, is_searched=True),
    Column("account", "Sleeve", lambda line: line.account, is_searched=True),
    Column("line", "What it says", lambda line: line.line, is_searched=True, is_roomy=True),
    Column(
        "cause",
        "Follows from",
        lambda line: line.cause,
        lambda cause: formatting.NOTHING_TO_SHOW if cause is None else str(cause),
        is_number=True,
    ),
)


class JournalDock(Dock):
    """A window on the record: the newest page first, earlier ones as they are wanted."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.model = TableModel(_COLUMNS, lambda line: line.sequence, context.theme)
        self.chain = TableModel(_COLUMNS, lambda line: line.sequence, context.theme)
        self.blotter = Blotter(self.model, "Journal", "No entry holds these words.")
        self.causes = Blotter(
            self.chain, "What it follows from", "Choose an entry to see what it follows from."
        )
        self.past = PastWindows(context)
        self._rows: dict[int, EntryLine] = {}
        self._first = self._last = 0
        self._round = 0
        self._sought: int | None = None
        self._is_reading = False
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_READ_MILLISECONDS)
        self._timer.timeout.connect(self._read_new)

    def show_picture(self, picture: DeskSnapshot) -> None:
        if picture.sequence > self._last and not self._timer.isActive():
            self._timer.start(0 if self._last == 0 else _READ_MILLISECONDS)

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)
        self.chain.wear(theme)

    def show_entry(self, sequence: int) -> None:
        """Show one entry and its causes, wherever in the record it stands."""
        self.words.clear()
        self.kind.setCurrentIndex(0)
        self._start_again()
        self.follow.setChecked(False)
        self._sought = sequence
        self._ask(first=max(1, sequence - _PAGE // 2), last=sequence + _PAGE // 2)
        self._show_causes(sequence)

    def prepare_picture(self) -> None:
        if self.model.rowCount():
            self.blotter.table.selectRow(self.model.rowCount() - 1)

    def kept(self) -> dict[str, Any]:
        return {"hidden": list(self.blotter.hidden_columns())}

    def restore(self, kept: dict[str, Any]) -> None:
        self.blotter.hide_columns(tuple(kept.get("hidden", ())))

    def _lay_out(self) -> None:
        self.words = QLineEdit()
        self.words.setAccessibleName("Search the journal")
        self.words.setPlaceholderText("Search the whole journal, then Enter")
        self.words.setClearButtonEnabled(True)
        self.words.returnPressed.connect(self._search)
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of entry")
        self.kind.addItems([_EVERY_KIND, *sorted(kind.__name__ for kind in EVENT_KINDS)])
        self.kind.currentIndexChanged.connect(self._search)
        self.follow = QCheckBox("Follow the newest")
        self.follow.setChecked(True)
        self.earlier = QPushButton("Earlier entries")
        self.earlier.clicked.connect(self._read_earlier)
        self.reopen = QPushButton("Re-open this moment")
        self.reopen.setToolTip("Show the desk as it was right after the chosen entry, read-only")
        self.reopen.setEnabled(False)
        self.reopen.clicked.connect(self._reopen)
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName("What is shown of the journal")
        head = QHBoxLayout()
        for widget in (self.words, self.kind, self.follow, self.earlier, self.reopen):
            head.addWidget(widget, 1 if widget is self.words else 0)
        self.blotter.chosen.connect(self._chose)
        self.causes.activated.connect(lambda line: self.show_entry(line.sequence))
        self.blotter.field.setPlaceholderText("Filter what is shown here")
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.blotter)
        parts.addWidget(_titled("What it follows from, first cause first", self.causes))
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4, 4, 4, 2)
        rows.setSpacing(3)
        rows.addLayout(head)
        rows.addWidget(parts, 1)
        rows.addWidget(self.said)
        self.put_keyboard_on(self.words)

    def _search(self) -> None:
        self._start_again()
        self._read_new()

    def _start_again(self) -> None:
        self._round += 1
        self._is_reading = False
        self._rows.clear()
        self._first = self._last = 0
        self.model.show(())

    def _read_new(self) -> None:
        """What came since; in a new search the newest page of it."""
        picture = self.context.bridge.latest
        if self._is_reading or picture is None or not self.isVisible():
            return
        head = picture.sequence
        if self._last == 0 and not self._is_narrowed():
            self._ask(first=max(1, head - _PAGE + 1), last=head)
        elif self._last == 0:
            self._ask(first=1, last=head)
        elif head > self._last and self.follow.isChecked():
            self._ask(first=max(self._last + 1, head - _ROWS_MAX), last=head)

    def _read_earlier(self) -> None:
        if self._first > 1 and not self._is_reading:
            self._ask(first=max(1, self._first - _PAGE), last=self._first - 1)

    def _is_narrowed(self) -> bool:
        return bool(self.words.text().strip()) or self.kind.currentText() != _EVERY_KIND

    def _ask(self, *, first: int, last: int) -> None:
        kind = "" if self.kind.currentText() == _EVERY_KIND else self.kind.currentText()
        text = self.words.text().strip()
        self._is_reading = True
        self.context.records.ask(
            "Reading the journal",
            lambda side: entries(
                side, kind=kind, text=text, first=first, last=last, limit=_ROWS_MAX
            ),
            partial(self._take, self._round, first, last),
            self._fail,
        )

    def _take(self, asked_in: int, first: int, last: int, found: tuple[EntryLine, ...]) -> None:
        if asked_in != self._round:
            return
        self._is_reading = False
        self._first = min(self._first or first, first)
        self._last = max(self._last, last)
        is_newer = all(line.sequence > max(self._rows, default=0) for line in found[:1])
        self._rows.update((line.sequence, line) for line in found)
        if is_newer and len(self._rows) <= _ROWS_MAX:
            self.model.append(found)
        else:
            kept = sorted(self._rows)[-_ROWS_MAX:]
            self._rows = {sequence: self._rows[sequence] for sequence in kept}
            self.model.show(self._rows.values())
        if self._sought is not None:
            self.blotter.choose(self._sought)
            self._sought = None
        elif is_newer and self.follow.isChecked():
            self.blotter.table.scrollToBottom()
        self.earlier.setEnabled(self._first > 1)
        self.said.setText(
            f"{len(self._rows):,} entries shown, of {self._first:,} to {self._last:,}"
        )

    def _fail(self, sentence: str) -> None:
        self._is_reading = False
        self.context.notices.warn(sentence)

    def _chose(self, rows: list[EntryLine]) -> None:
        self.reopen.setEnabled(len(rows) == 1)
        if len(rows) == 1:
            self._show_causes(rows[0].sequence)

    def _show_causes(self, sequence: int) -> None:
        self.context.records.ask(
            "Reading what an entry follows from",
            lambda side: cause_chain(side, sequence),
            self.chain.show,
        )

    def _reopen(self) -> None:
        rows = self.blotter.rows_chosen()
        if rows:
            self.past.open(rows[0].sequence)


def _titled(title: str, below: QWidget) -> QWidget:
    whole = QWidget()
    rows = QVBoxLayout(whole)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(1)
    rows.addWidget(QLabel(title))
    rows.addWidget(below, 1)
    return whole
