"""Candles over volumes, with a crosshair: what is shown of a symbol's past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from allusedesk.desk.charts.candles import BandSheet, CandleSheet, Columns, VolumeSheet, cosmetic
from allusedesk.desk.charts.chart_marks import MarkSheet
from allusedesk.desk.charts.session_axis import SessionAxis, VolumeAxis
from allusedesk.desk.theme import Theme

if TYPE_CHECKING:
    from allusedesk.wiring.charting import ChartBars

# So wide is a bar at first, in pixels, within these numbers of them; fewer are never shown.
_PIXELS_AT_FIRST = 7
_BARS_AT_FIRST = (40, 250)
_BARS_MIN = 10
# The bands stand two true ranges around the mean of twenty closes.
_BAND_RANGES = 2.0
_BAND_BARS = 20
_ZOOM = 1.25
_ROOM = 0.06
# Past the last bar there is room for its mark and for the next one.
_BEHIND = 0.14


class PriceChart(QWidget):
    """One chart; `pointed` gives the place of the bar under the crosshair, -1 for none.

    Left and Right move along, Plus and Minus zoom, Home and End go to the ends, and with Shift
    Left and Right move the crosshair instead.
    """

    pointed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Price chart")
        self._at = -1
        self.axis = SessionAxis()
        self.view = pg.GraphicsLayoutWidget()
        # The whole chart takes the keyboard, and no part of it does besides.
        for part in (self.view, self.view.viewport()):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.ci.layout.setSpacing(0)
        self.view.ci.setContentsMargins(0, 0, 0, 0)
        # Bare view boxes and axes: a whole plot item takes six times as long to make.
        self.prices = self.view.addViewBox(row=0, col=0, enableMenu=False)
        self.volumes = self.view.addViewBox(row=1, col=0, enableMenu=False)
        self.price_axis, self.volume_axis = pg.AxisItem("right"), VolumeAxis()
        self.candles, self.bars = CandleSheet(theme), VolumeSheet(theme)
        self.bands = BandSheet(theme)
        self.marks = MarkSheet(theme)
        self.upright = (pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90))
        self.level = pg.InfiniteLine(angle=0)
        self._prepare()
        self.wear(theme)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.view)

    def show_bars(self, found: ChartBars, *, keep_place: bool) -> None:
        """Show these bars: the newest ones, or where the view stood before."""
        columns = Columns(found.open, found.high, found.low, found.close, found.volume)
        before = len(self.candles.columns)
        self.axis.show_times(found.times)
        self.candles.show_columns(columns)
        self.bars.show_columns(columns)
        middle = _means(columns.close, _BAND_BARS)
        distance = _BAND_RANGES * found.atr
        self.bands.show_bands(columns, middle - distance, middle + distance)
        self.marks.show_splits(
            tuple((mark.place, f"split {mark.ratio:g} for 1") for mark in found.splits)
        )
        self._give_room(has_volumes=not self.bars.is_empty)
        limit = max(len(columns), 1)
        self.prices.setLimits(xMin=-limit - 1.0, xMax=2.0 * limit + 1.0, minXRange=_BARS_MIN)
        left, right = self._range()
        if keep_place and before:
            # Whoever looked at the newest bars goes on looking at the newest.
            come = len(columns) - before if right >= before - 1 else 0
            self._go_to(left + come, right + come)
        else:
            least, most = _BARS_AT_FIRST
            self.show_newest(min(max(self.width() // _PIXELS_AT_FIRST, least), most))
        self._point(-1)

    def show_price(self, price: tuple[float, str] | None) -> None:
        """Show the latest price with its words; None where there is none."""
        if price == self.marks.price:
            return
        self.marks.show_price(price)
        self._fit_prices()

    def show_newest(self, count: int) -> None:
        """Show the newest bars, so many."""
        end = len(self.candles.columns)
        self._go_to(max(-1.0, end - count), end + max(1.0, count * _BEHIND))

    @property
    def visible_bars(self) -> tuple[int, int]:
        """First place, and the one behind the last, of what can be seen."""
        return self.candles.columns.visible(*self._range())

    def wear(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.view.setBackground(QColor(theme.panel))
        for item in (self.candles, self.bars, self.bands, self.marks):
            item.wear(theme)
        for line in (*self.upright, self.level):
            line.setPen(cosmetic(theme.line))
        for axis in (self.price_axis, self.volume_axis, self.axis):
            axis.setPen(cosmetic(theme.line))
            axis.setTextPen(cosmetic(theme.text_muted))

    def keyPressEvent(self, event: Any) -> None:
        left, right = self._range()
        width, key = right - left, event.key()
        is_pointing = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if step is not None and is_pointing:
            first, end = self.visible_bars
            at = self._at if self._at >= 0 else end
            self._point(min(max(at + step, first), end - 1))
        elif step is not None:
            self._go_to(left + step * width / 10.0, right + step * width / 10.0)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._go_to(right - width / _ZOOM, right)
        elif key == Qt.Key.Key_Minus:
            self._go_to(right - width * _ZOOM, right)
        elif key == Qt.Key.Key_Home:
            self._go_to(-1.0, -1.0 + width)
        elif key == Qt.Key.Key_End:
            self.show_newest(int(width / (1.0 + _BEHIND)))
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: Any) -> None:
        self._point(-1)
        super().leaveEvent(event)

    def _prepare(self) -> None:
        width = self.fontMetrics().horizontalAdvance("000,000.00")
        for row, (box, axis) in enumerate(
            ((self.prices, self.price_axis), (self.volumes, self.volume_axis))
        ):
            box.setMouseEnabled(x=True, y=False)
            box.disableAutoRange()
            axis.linkToView(box)
            axis.setWidth(width)
            self.view.addItem(axis, row=row, col=1)
        self.axis.linkToView(self.volumes)
        self.view.addItem(self.axis, row=2, col=0)
        self.volumes.setXLink(self.prices)
        for item in (self.bands, self.marks):
            self.prices.addItem(item, ignoreBounds=True)
        self.prices.addItem(self.candles)
        self.volumes.addItem(self.bars)
        for box, line in zip((self.prices, self.volumes), self.upright, strict=True):
            box.addItem(line, ignoreBounds=True)
            line.hide()
        self.prices.addItem(self.level, ignoreBounds=True)
        self.level.hide()
        self._give_room(has_volumes=True)
        self.prices.sigXRangeChanged.connect(self._fit_prices)
        self.view.scene().sigMouseMoved.connect(self._on_moved)

    def _give_room(self, *, has_volumes: bool) -> None:
        """Volumes take a fifth of the height, and none where there are none."""
        grid = self.view.ci.layout
        grid.setRowStretchFactor(0, 4)
        grid.setRowStretchFactor(1, 1 if has_volumes else 0)
        for item in (self.volumes, self.volume_axis):
            item.setMaximumHeight(16_777_215.0 if has_volumes else 0.0)
        self.volume_axis.setVisible(has_volumes)

    def _range(self) -> tuple[float, float]:
        left, right = self.prices.viewRange()[0]
        return float(left), float(right)

    def _go_to(self, left: float, right: float) -> None:
        self.prices.setXRange(left, right, padding=0)
        self._fit_prices()

    def _fit_prices(self) -> None:
        """Bring the prices and the volumes of what is seen to the height there is."""
        left, right = self._range()
        found = self.candles.columns.price_range(left, right)
        if found is None:
            return
        low, high = found
        price = self.marks.price
        if price is not None and right >= len(self.candles.columns) - 1:
            # Whoever sees the newest bar sees the latest price too.
            low, high = min(low, price[0]), max(high, price[0])
        room = (high - low) * _ROOM or 1.0
        self.prices.setYRange(low - room, high + room, padding=0)
        self.volumes.setYRange(0.0, (self.bars.highest(left, right) or 1.0) * 1.05, padding=0)

    def _on_moved(self, where: QPointF) -> None:
        inside = self.prices.mapSceneToView(where)
        first, end = self.visible_bars
        place = round(inside.x())
        self.level.setPos(inside.y())
        self._point(place if first <= place < end else -1, is_by_mouse=True)

    def _point(self, place: int, *, is_by_mouse: bool = False) -> None:
        for line in self.upright:
            line.setVisible(place >= 0)
            line.setPos(place)
        self.level.setVisible(place >= 0 and is_by_mouse)
        if place != self._at:
            self._at = place
            self.pointed.emit(place)


def _means(closes: Any, bars: int) -> Any:
    """The mean of the last closes at each bar; NaN before there are enough."""
    found = np.full(len(closes), np.nan)
    if len(closes) >= bars:
        totals = np.cumsum(np.concatenate(([0.0], closes)))
        found[bars - 1 :] = (totals[bars:] - totals[:-bars]) / bars
    return found
