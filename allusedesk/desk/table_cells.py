"""How a cell of a blotter is drawn: in one call, where Qt's own way asks the model seven times."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionFocusRect,
    QStyleOptionViewItem,
)

from allusedesk.desk.table_model import TableModel

_PADDING = 4
_SELECTED = QStyle.StateFlag.State_Selected
_FOCUSED = QStyle.StateFlag.State_HasFocus


class CellDelegate(QStyledItemDelegate):
    """Draws text alone, in its tone, elided where it is cut; grounds are drawn by the table."""

    def __init__(self, model: TableModel[Any]) -> None:
        super().__init__()
        self._model = model

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        text, alignment, ink = self._model.cell_at(index.row(), index.column())
        state, rect, palette = option.state, option.rect, option.palette
        is_selected = bool(state & _SELECTED)
        if is_selected:
            painter.fillRect(rect, palette.brush(QPalette.ColorRole.Highlight))
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        painter.setPen(ink.color() if ink is not None else palette.color(role))
        rect.adjust(_PADDING, 0, -_PADDING, 0)
        metrics = option.fontMetrics
        if metrics.horizontalAdvance(text) > rect.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, alignment, text)
        if state & _FOCUSED:
            focus = QStyleOptionFocusRect()
            focus.rect = rect.adjusted(-_PADDING, 0, _PADDING, 0)
            focus.palette = palette
            focus.state = state
            style = QApplication.style()
            style.drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, focus, painter)
