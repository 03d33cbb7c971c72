"""Candles and volumes as two painters, which draw what is visible and never more than pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from allusedesk.desk.theme import Theme

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

# Of a bar's width a body takes this much; below so many pixels a bar is a line alone.
_BODY = 0.7
_BODY_PIXELS_MIN = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Bars merged to pixels: `places` are the first of each run of `step` bars."""

    step: int
    places: Places
    open: Floats
    high: Floats
    low: Floats
    close: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Bars as columns of one length, oldest first; the place in them is the x coordinate."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.close)

    def visible(self, left: float, right: float) -> tuple[int, int]:
        """First place, and the one behind the last, of the bars that reach into a range."""
        first = max(0, math.floor(left + 0.5))
        return first, max(first, min(len(self), math.ceil(right + 0.5)))

    def price_range(self, left: float, right: float) -> tuple[float, float] | None:
        """The lowest and the highest price in a range; None where no bar is."""
        first, end = self.visible(left, right)
        if first >= end:
            return None
        return float(self.low[first:end].min()), float(self.high[first:end].max())

    def merged(self, left: float, right: float, pixels: int) -> Span:
        """The bars of a range, neighbours merged so that none is narrower than a pixel.

        Runs begin at whole multiples of their length, so they stand still under a pan.
        """
        first, end = self.visible(left, right)
        step = max(1, math.ceil((end - first) / max(1, pixels)))
        if step == 1:
            places = np.arange(first, end)
            cut = slice(first, end)
            return Span(1, places, self.open[cut], self.high[cut], self.low[cut], self.close[cut])
        begin = first - first % step
        places = np.arange(begin, end, step)
        ends = np.minimum(places + step, len(self)) - 1
        stop = int(ends[-1]) + 1
        runs = places - begin
        return Span(
            step,
            places,
            self.open[places],
            np.maximum.reduceat(self.high[begin:stop], runs),
            np.minimum.reduceat(self.low[begin:stop], runs),
            self.close[ends],
        )


def cosmetic(colour: str, width: int = 1) -> QPen:
    """A pen of so many pixels at every zoom; wider than one costs thirty times as much."""
    pen = QPen(QColor(colour))
    pen.setCosmetic(True)
    pen.setWidth(width)
    return pen


class _Painter(pg.GraphicsObject):
    """What both painters share: columns, colours, and the span to be painted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.columns = Columns(*[np.empty(0)] * 5)
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        """Take the colours of a theme. A rise is hollow and a fall is filled, besides."""
        self._rise, self._fall = cosmetic(theme.gain), cosmetic(theme.loss)
        self._hollow, self._filled = QBrush(QColor(theme.panel)), QBrush(QColor(theme.loss))
        self._full, self._quiet = QBrush(QColor(theme.gain)), cosmetic(theme.text_muted)
        self.update()

    def show_columns(self, columns: Columns) -> None:
        """Paint these bars from now on."""
        self.prepareGeometryChange()
        self.columns = columns
        self._measure()
        self.informViewBoundsChanged()
        self.update()

    def _measure(self) -> None:
        """Find out what the bounds are; done once for each set of columns."""
        raise NotImplementedError

    def _span(self, exposed: QRectF) -> tuple[Span, float]:
        """The bars to be painted, and how many pixels one of them is wide."""
        view = self.getViewBox()
        pixels = max(1.0, view.width()) if view is not None else 1.0
        shown = view.viewRect().width() if view is not None else exposed.width()
        share = min(1.0, exposed.width() / shown) if shown else 1.0
        span = self.columns.merged(
            exposed.left(), exposed.right(), max(1, math.ceil(pixels * share))
        )
        return span, pixels / shown * span.step if shown else 1.0


class CandleSheet(_Painter):
    """Every candle of the visible span, in four batches of lines and rectangles."""

    def __init__(self, theme: Theme) -> None:
        self._low = self._high = 0.0
        super().__init__(theme)

    def _measure(self) -> None:
        if len(self.columns):
            self._low = float(self.columns.low.min())
            self._high = float(self.columns.high.max())

    def boundingRect(self) -> QRectF:
        return QRectF(-1.0, self._low, len(self.columns) + 1.0, self._high - self._low)

    def paint(self, painter: QPainter, option: Any, _widget: Any = None) -> None:
        """Draw what is exposed."""
        if not len(self.columns):
            return
        span, width = self._span(option.exposedRect)
        has_bodies = width >= _BODY_PIXELS_MIN
        middle = span.places + (span.step - 1) / 2.0
        is_rise = span.close >= span.open
        tops = np.maximum(span.open, span.close)
        bottoms = np.minimum(span.open, span.close)
        half = _BODY * span.step / 2.0
        for chosen, pen, brush in (
            (is_rise, self._rise, self._hollow),
            (~is_rise, self._fall, self._filled),
        ):
            painter.setPen(pen)
            x, low, high = middle[chosen], span.low[chosen], span.high[chosen]
            painter.drawLines(
                list(map(QLineF, x.tolist(), low.tolist(), x.tolist(), high.tolist()))
            )
            if has_bodies:
                painter.setBrush(brush)
                heights = tops[chosen] - bottoms[chosen]
                lefts = (x - half).tolist()
                widths = [2.0 * half] * len(lefts)
                rects = map(QRectF, lefts, bottoms[chosen].tolist(), widths, heights.tolist())
                painter.drawRects(list(rects))


class VolumeSheet(_Painter):
    """The volumes of the visible span; of merged bars the largest stands for all."""

    def __init__(self, theme: Theme) -> None:
        self._high = 0.0
        super().__init__(theme)

    @property
    def is_empty(self) -> bool:
        """True where no bar has a volume."""
        return self._high == 0.0

    def highest(self, left: float, right: float) -> float:
        """The largest volume in a range; 0 where none is known."""
        first, end = self.columns.visible(left, right)
        part = self.columns.volume[first:end]
        part = part[np.isfinite(part)]
        return float(part.max()) if len(part) else 0.0

    def _measure(self) -> None:
        self._high = self.highest(-1.0, float(len(self.columns)))

    def boundingRect(self) -> QRectF:
        return QRectF(-1.0, 0.0, len(self.columns) + 1.0, self._high)

    def paint(self, painter: QPainter, option: Any, _widget: Any = None) -> None:
        """Draw what is exposed."""
        if self.is_empty:
            return
        span, width = self._span(option.exposedRect)
        if not len(span.places):
            return
        begin = int(span.places[0])
        volume = np.nan_to_num(self.columns.volume[begin : int(span.places[-1]) + span.step])
        largest = np.maximum.reduceat(volume, span.places - begin)
        middle = span.places + (span.step - 1) / 2.0
        is_rise = span.close >= span.open
        half = _BODY * span.step / 2.0
        for chosen, pen, brush in (
            (is_rise, self._rise, self._full),
            (~is_rise, self._fall, self._filled),
        ):
            painter.setPen(pen)
            x, tops = middle[chosen].tolist(), largest[chosen].tolist()
            noughts = [0.0] * len(x)
            if width < _BODY_PIXELS_MIN:
                painter.drawLines(list(map(QLineF, x, noughts, x, tops)))
                continue
            painter.setBrush(brush)
            lefts, widths = (middle[chosen] - half).tolist(), [2.0 * half] * len(x)
            painter.drawRects(list(map(QRectF, lefts, noughts, widths, tops)))


class BandSheet(_Painter):
    """A lower and an upper line beside the candles, one point a pixel."""

    def __init__(self, theme: Theme) -> None:
        self._bands: tuple[Floats, Floats] = (np.empty(0), np.empty(0))
        super().__init__(theme)

    def show_bands(self, columns: Columns, low: Floats, high: Floats) -> None:
        """Draw these lines, NaN where there is none, over bars of the same length."""
        self._bands = low, high
        self.show_columns(columns)

    def _measure(self) -> None:
        """The view's own bounds are ours."""

    def boundingRect(self) -> QRectF:
        view = self.getViewBox()
        return QRectF() if view is None else QRectF(view.viewRect())

    def viewTransformChanged(self) -> None:
        """The view has moved: so have our bounds."""
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: Any, _widget: Any = None) -> None:
        """Draw what is exposed."""
        span, _ = self._span(option.exposedRect)
        painter.setPen(self._quiet)
        for band in self._bands:
            levels = band[span.places]
            is_known = np.isfinite(levels)
            places = span.places[is_known].astype(np.float64)
            # A polygon made of an empty array has no memory behind it, and Qt would read it.
            if len(places) < 2:
                continue
            painter.drawPolyline(pg.functions.arrayToQPolygonF(places, levels[is_known]))
