"""Pages under each other, drawn sharp at whatever size they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QStyle, QStyleOptionFocusRect, QWidget

_GAP = 8
_POINTS_PER_INCH = 72
_ZOOM_STEP = 1.25
_ZOOM_MIN, _ZOOM_MAX = 0.25, 4.0
_SETTLE_MILLISECONDS = 40
_FOUND = QColor(255, 214, 0, 90)
_FOUND_NOW = QColor(255, 140, 0, 130)


class Fit(Enum):
    """How large pages are; FREE is the factor that was chosen."""

    WIDTH = "fit width"
    PAGE = "fit page"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page's width and height in points."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Spot:
    """A rectangle on a page, in points from its upper left corner."""

    page: int
    area: QRectF


class PageView(QAbstractScrollArea):
    """The pages of one document. Page Up, Page Down, Home and End move through them.

    `wanted` asks for the picture of a page, so many pixels a point; it is given to `put`.
    `turned` tells the page that is looked at, `zoomed` that pages have another size, `pressed` a
    page and the place on it, in points from its upper left corner.
    """

    wanted = Signal(int, float)
    turned = Signal(int)
    zoomed = Signal()
    pressed = Signal(int, float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pages")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.empty = ""
        self.fit = Fit.WIDTH
        self._factor = 1.0
        self._sheets: tuple[Sheet, ...] = ()
        self._places: list[QRect] = []
        self._pictures: dict[int, QImage] = {}
        self._scales: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._spots: tuple[Spot, ...] = ()
        self._spot_now: Spot | None = None
        self._page = 0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MILLISECONDS)
        self._settle.timeout.connect(self._ask)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._sheets)

    @property
    def page(self) -> int:
        """The page that is looked at, counted from 0."""
        return self._page

    @property
    def factor(self) -> float:
        """The size of pages: 1 is as large as on paper, by the screen's own inch."""
        return self._factor

    @property
    def is_sharp(self) -> bool:
        """Whether every page in sight is drawn at its size."""
        scale = self._scale()
        return all(self._scales.get(page) == scale for page in self._in_sight())

    def show_sheets(self, sheets: Sequence[Sheet]) -> None:
        """Begin another document of such pages, at its first one."""
        self._sheets = tuple(sheets)
        self._pictures.clear()
        self._scales.clear()
        self._asked.clear()
        self._spots, self._spot_now, self._page = (), None, 0
        self._place()
        self.verticalScrollBar().setValue(0)
        self.turned.emit(0)

    def put(self, page: int, scale: float, picture: QImage) -> None:
        """The picture of a page that was wanted; one of an earlier size is let pass."""
        if page < len(self._sheets) and scale == self._scale():
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            self._pictures[page], self._scales[page] = picture, scale
            self.viewport().update()

    def zoom(self, fit: Fit, factor: float = 1.0) -> None:
        """Show pages at another size, keeping the place that is looked at."""
        self.fit = fit
        if fit is Fit.FREE:
            self._factor = min(_ZOOM_MAX, max(_ZOOM_MIN, factor))
        self._place()

    def zoom_in(self) -> None:
        """A step larger."""
        self.zoom(Fit.FREE, self._factor * _ZOOM_STEP)

    def zoom_out(self) -> None:
        """A step smaller."""
        self.zoom(Fit.FREE, self._factor / _ZOOM_STEP)

    def go_to(self, page: int, from_top: float = 0.0) -> None:
        """Look at a page, `from_top` points below its upper edge."""
        if 0 <= page < len(self._places):
            place = self._places[page].top() + from_top * self._logical()
            self.verticalScrollBar().setValue(int(place) - _GAP)

    def mark(self, spots: Sequence[Spot], now: Spot | None) -> None:
        """Mark what was found, and look at the one of it that is asked for now."""
        self._spots, self._spot_now = tuple(spots), now
        if now is not None:
            shown = self._on_screen(now)
            if not self.viewport().rect().contains(shown):
                above = self.viewport().height() / 3 / self._logical()
                self.go_to(now.page, max(0.0, now.area.top() - above))
        self.viewport().update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(36 * line, 46 * line)

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(10 * line, 6 * line)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._place()

    def keyPressEvent(self, event: Any) -> None:
        bar = self.verticalScrollBar()
        match event.key():
            case Qt.Key.Key_PageDown:
                self._turn(1)
            case Qt.Key.Key_PageUp:
                self._turn(-1)
            case Qt.Key.Key_Home:
                bar.setValue(bar.minimum())
            case Qt.Key.Key_End:
                bar.setValue(bar.maximum())
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal if _is_with_control(event):
                self.zoom_in()
            case Qt.Key.Key_Minus if _is_with_control(event):
                self.zoom_out()
            case Qt.Key.Key_0 if _is_with_control(event):
                self.zoom(Fit.WIDTH)
            case _:
                super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: Any) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            place = event.position().toPoint() + self._offset()
            for page, area in enumerate(self._places):
                if area.contains(place):
                    on_page, logical = place - area.topLeft(), self._logical()
                    self.pressed.emit(page, on_page.x() / logical, on_page.y() / logical)
        super().mouseReleaseEvent(event)

    def wheelEvent(self, event: Any) -> None:
        if _is_with_control(event):
            (self.zoom_in if event.angleDelta().y() > 0 else self.zoom_out)()
            event.accept()
        else:
            super().wheelEvent(event)

    def paintEvent(self, _event: Any) -> None:
        painter = QPainter(self.viewport())
        if not self._sheets:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(_GAP, 0, -_GAP, 0), flags, self.empty)
        for page in self._in_sight():
            self._paint_page(painter, page)
        if self.hasFocus():
            option = QStyleOptionFocusRect()
            option.initFrom(self.viewport())
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter)
        painter.end()

    def _paint_page(self, painter: QPainter, page: int) -> None:
        place = self._places[page].translated(-self._offset())
        picture = self._pictures.get(page)
        if picture is None:
            painter.fillRect(place, Qt.GlobalColor.white)
        elif self._scales[page] == self._scale():
            painter.drawImage(place.topLeft(), picture)
            place.setSize(picture.deviceIndependentSize().toSize())
        else:
            # One of an earlier size stands in, stretched, until the sharp one is there.
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, picture)
        for spot in self._spots:
            if spot.page == page:
                is_now = spot == self._spot_now
                painter.fillRect(self._on_screen(spot), _FOUND_NOW if is_now else _FOUND)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(place.adjusted(0, 0, -1, -1))

    def _turn(self, by: int) -> None:
        """To the top of the next or an earlier page; a page taller than the view is read down."""
        bar = self.verticalScrollBar()
        if not self._places:
            return
        step = self.viewport().height() - 2 * _GAP
        target = min(max(self._page + by, 0), len(self._places) - 1)
        top = self._places[target].top() - _GAP
        here = bar.value()
        if by > 0:
            bar.setValue(min(here + step, top) if top > here else here + step)
        else:
            own = self._places[self._page].top() - _GAP
            top = own if own < here else top
            bar.setValue(max(here - step, top))

    def _scrolled(self) -> None:
        self.viewport().update()
        self._look()
        self._settle.start()

    def _look(self) -> None:
        """Which page is looked at: the one a third of the way down."""
        line = self.verticalScrollBar().value() + self.viewport().height() // 3
        page = next(
            (place for place, area in enumerate(self._places) if line <= area.bottom() + _GAP),
            max(0, len(self._places) - 1),
        )
        if page != self._page:
            self._page = page
            self.turned.emit(page)

    def _place(self) -> None:
        """Lay the pages out anew for the size of the view, keeping what is looked at."""
        bar = self.verticalScrollBar()
        before = self._places[self._page] if self._page < len(self._places) else None
        read = 0 if before is None else bar.value() + _GAP - before.top()
        share = 0.0 if before is None else read / max(1, before.height())
        room = self.viewport().size()
        if self._sheets and self.fit is not Fit.FREE:
            self._factor = self._fitting(room)
        logical, top, widest = self._logical(), _GAP, 0
        self._places = []
        for sheet in self._sheets:
            size = QSize(round(sheet.width * logical), round(sheet.height * logical))
            left = max(_GAP, (room.width() - size.width()) // 2)
            self._places.append(QRect(QPoint(left, top), size))
            top += size.height() + _GAP
            widest = max(widest, size.width() + 2 * _GAP)
        page = self._page
        bar.setPageStep(room.height())
        bar.setSingleStep(2 * self.fontMetrics().height())
        bar.setRange(0, max(0, top - room.height()))
        across = self.horizontalScrollBar()
        across.setPageStep(room.width())
        across.setRange(0, max(0, widest - room.width()))
        if before is not None and page < len(self._places):
            after = self._places[page]
            bar.setValue(round(after.top() - _GAP + share * after.height()))
        self._settle.start()
        self.viewport().update()
        self.zoomed.emit()

    def _fitting(self, room: QSize) -> float:
        """The factor at which a page has room; for a width the scroll bar's room is kept free."""
        inch = self.logicalDpiX() / _POINTS_PER_INCH
        bar = self.verticalScrollBar()
        taken = 0 if bar.isVisible() else bar.sizeHint().width()
        widest = max(sheet.width for sheet in self._sheets)
        factor = (room.width() - taken - 2 * _GAP) / (widest * inch)
        if self.fit is Fit.PAGE:
            tallest = max(sheet.height for sheet in self._sheets)
            factor = min(factor, (room.height() - 2 * _GAP) / (tallest * inch))
        return max(0.05, factor)

    def _ask(self) -> None:
        """Want the pictures in sight and the next one, and let go of those far away."""
        seen = self._in_sight()
        if not seen:
            return
        near = range(max(0, seen[0] - 1), min(len(self._sheets), seen[-1] + 2))
        for page in [page for page in self._pictures if page not in near]:
            del self._pictures[page], self._scales[page]
        self._asked = {page: scale for page, scale in self._asked.items() if page in near}
        scale = self._scale()
        for page in (*seen, *(page for page in near if page not in seen)):
            if self._scales.get(page) != scale and self._asked.get(page) != scale:
                self._asked[page] = scale
                self.wanted.emit(page, scale)

    def _in_sight(self) -> list[int]:
        window = self.viewport().rect().translated(self._offset())
        return [page for page, area in enumerate(self._places) if area.intersects(window)]

    def _offset(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _on_screen(self, spot: Spot) -> QRect:
        corner, logical = self._places[spot.page].topLeft() - self._offset(), self._logical()
        area = spot.area
        return QRectF(
            corner.x() + area.left() * logical,
            corner.y() + area.top() * logical,
            area.width() * logical,
            area.height() * logical,
        ).toAlignedRect()

    def _logical(self) -> float:
        """The screen's logical pixels a point."""
        return self._factor * self.logicalDpiX() / _POINTS_PER_INCH

    def _scale(self) -> float:
        """Real pixels a point."""
        return self._logical() * self.devicePixelRatioF()


def _is_with_control(event: Any) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
