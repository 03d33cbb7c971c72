"""A figure's last minutes as a line within its cell."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from allusedesk.desk.table_model import TableModel
from allusedesk.desk.theme import Theme, Tone


class SparklineDelegate(QStyledItemDelegate):
    """Draws `history_of(row)` in place of a cell's text, from the least to the greatest value."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        model = index.model()
        history = model.row_at(index.row()).history if isinstance(model, TableModel) else ()
        super().paint(painter, option, QModelIndex())
        if len(history) < 2:
            return
        frame = option.rect.adjusted(4, 4, -4, -4)
        low, high = min(history), max(history)
        height = (high - low) or 1.0
        step = frame.width() / (len(history) - 1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.colour(Tone.GAIN), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(
            [
                QPointF(
                    frame.left() + place * step,
                    frame.bottom() - (value - low) / height * frame.height(),
                )
                for place, value in enumerate(history)
            ]
        )
        painter.restore()
