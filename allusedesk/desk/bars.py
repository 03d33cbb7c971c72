"""Amounts as bars within their cells, on one scale, losses to the left of a middle line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.theme import Theme, Tone

_MARGIN = 3


class BarDelegate(QStyledItemDelegate):
    """Draws a column's value as a bar; the longest row of the table has the whole length.

    The figure itself stands in a column of its own, so nothing is told by length or colour alone.
    """

    def __init__(self, column: Column[Any], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self._column = column

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, QModelIndex())
        model = index.model()
        if not isinstance(model, TableModel):
            return
        amounts = [self._column.value(row) for row in model.rows_shown()]
        least, most = min([Decimal(0), *amounts]), max([Decimal(0), *amounts])
        reach = most - least
        if not reach:
            return
        frame = QRectF(option.rect).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        middle = frame.left() + float(-least / reach) * frame.width()
        amount = amounts[index.row()]
        length = float(amount / reach) * frame.width()
        bar = QRectF(middle, frame.top(), length, frame.height()).normalized()
        tone = Tone.LOSS if amount < 0 else Tone.GAIN
        painter.save()
        painter.fillRect(bar, self.theme.colour(tone))
        painter.setPen(QPen(self.theme.colour(Tone.MUTED), 0))
        painter.drawLine(round(middle), option.rect.top(), round(middle), option.rect.bottom())
        painter.restore()
