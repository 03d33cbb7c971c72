"""What in the record is unlike itself: each figure with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone

if TYPE_CHECKING:
    from allusedesk.journal.read_side import ReadSide
    from allusedesk.wiring.record_marks import RecordMark

_READING = "The record is being looked through for what stands out."
_EMPTY = "Nothing stands out: every figure lies within five deviations of those before it."


class MarksPanel(QWidget):
    """Figures of the whole record, read again when the panel is seen and the record has more."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__()
        self.context = context
        self._wanted: tuple[object, ...] = ()
        self._read: tuple[object, ...] | None = None
        self.marks: TableModel[RecordMark] = TableModel(
            _MARKS, lambda row: (row.when, row.subject, row.figure, row.value), context.theme
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        self.table = Blotter(self.marks, "Figures that stand out", _READING)
        rows.addWidget(self.table)

    def want(self, key: tuple[object, ...]) -> None:
        """Show the record's marks; `key` is another whenever the record has more of it."""
        self._wanted = key
        if self.isVisible():
            self._ask()

    def wear(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self.marks.wear(theme)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._ask()

    def _ask(self) -> None:
        if self._read == self._wanted:
            return
        self._read = self._wanted

        def take(found: tuple[RecordMark, ...]) -> None:
            # Only what was looked through may be called quiet.
            self.table.say_when_empty(_EMPTY)
            self.marks.show(found)

        def fail(sentence: str) -> None:
            # The record is not there before the engine has written its first entry.
            self._read = None
            self.table.say_when_empty(sentence)

        self.context.records.ask("Looking for what stands out", _marks, take, fail)


def _marks(side: ReadSide) -> tuple[RecordMark, ...]:
    from allusedesk.wiring.record_marks import record_marks

    return record_marks(side)


_MARKS: tuple[Column[RecordMark], ...] = (
    Column("when", "When", lambda row: row.when, is_searched=True),
    Column("subject", "Of", lambda row: row.subject, is_searched=True),
    Column("figure", "Figure", lambda row: row.figure, is_searched=True),
    Column(
        "deviations",
        "Deviations",
        lambda row: row.deviations,
        lambda value: formatting.number(value, 1, signed=True),
        is_number=True,
        tone=lambda _row: Tone.CAUTION,
        tip="Median deviations from the median of the figures before it",
    ),
    Column("reason", "Why it is marked", lambda row: row.reason, is_searched=True, is_roomy=True),
)
