"""`PdfPages`: a finished PDF page by page, for a screen or a printer: pictures, outline, words."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# PDFium keeps one state for the whole process: two threads may not be in it at once.
_LIBRARY = threading.Lock()
_FOUND_MAX = 500


@dataclass(frozen=True, slots=True)
class PageSize:
    """Width and height of a page in points."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page, or a strip of it, as pixels: four bytes each, blue, green, red and one unused."""

    width: int
    height: int
    stride: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline; `page` counts from 0, `from_top` is in points."""

    title: str
    depth: int
    page: int
    from_top: float


@dataclass(frozen=True, slots=True)
class FoundWords:
    """Where words stand: a rectangle in points from the page's upper left corner."""

    page: int
    left: float
    top: float
    width: float
    height: float


class PdfPages:
    """One PDF in memory. May be asked from any thread; raises ValueError for what is no PDF."""

    def __init__(self, content: bytes) -> None:
        # Large, and wanted only once somebody looks at a report.
        import pypdfium2

        self.content = content
        try:
            with self._opened() as document:
                self.sizes = tuple(
                    PageSize(*document.get_page_size(number)) for number in range(len(document))
                )
        except pypdfium2.PdfiumError as fault:
            message = f"These bytes are no PDF that can be shown ({fault})."
            raise ValueError(message) from fault

    @contextmanager
    def _opened(self) -> Iterator[PdfDocument]:
        """The document, for one question: it opens in no time, and nobody need close it."""
        import pypdfium2

        with _LIBRARY:
            document = pypdfium2.PdfDocument(self.content)
            try:
                yield document
            finally:
                document.close()

    def picture(
        self, page: int, scale: float, first_row: int = 0, rows: int | None = None
    ) -> PagePicture:
        """A page at `scale` pixels a point; where `rows` are given that many of its pixels' rows.

        A printer's page is drawn in strips, for the whole of it would take more than 100 MB.
        """
        below = 0 if rows is None else max(0, self.rows_of(page, scale) - first_row - rows)
        # The library cuts off what it is told in points, and rounds up to whole pixels.
        above, below_points = ((max(0.0, count - 0.5)) / scale for count in (first_row, below))
        with self._opened() as document:
            drawn = document.get_page(page)
            try:
                crop = (0, below_points, 0, above)
                bitmap = drawn.render(scale=scale, crop=crop, prefer_bgrx=True)
                made = PagePicture(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
                bitmap.close()
            finally:
                drawn.close()
        return made

    def rows_of(self, page: int, scale: float) -> int:
        """How many rows of pixels a page has at that scale."""
        return math.ceil(self.sizes[page].height * scale)

    def outline(self) -> tuple[Bookmark, ...]:
        """The bookmarks in their order; those that lead nowhere are let pass."""
        found = []
        with self._opened() as document:
            for one in document.get_toc():
                target = one.get_dest()
                page = None if target is None else target.get_index()
                if page is None:
                    continue
                from_top = self._from_top(page, target.get_view()[1])
                found.append(Bookmark(one.get_title(), one.level, page, from_top))
        return tuple(found)

    def link_at(self, page: int, left: float, top: float) -> tuple[int, float] | None:
        """Where a link at that place leads, as a page and points from its top; None without one.

        Links that lead out of the file are none: nothing is ever opened outside.
        """
        import pypdfium2
        from pypdfium2 import raw as pdfium

        with self._opened() as document:
            drawn = document.get_page(page)
            try:
                above = self.sizes[page].height - top
                link = pdfium.FPDFLink_GetLinkAtPoint(drawn, left, above)
                target = pdfium.FPDFLink_GetDest(document, link) if link else None
                if not target:
                    return None
                index = pdfium.FPDFDest_GetDestPageIndex(document, target)
                if not 0 <= index < len(self.sizes):
                    return None
                _, place = pypdfium2.PdfDest(target, document).get_view()
            finally:
                drawn.close()
        return index, self._from_top(index, place)

    def _from_top(self, page: int, place: Sequence[float]) -> float:
        """The second figure of a place is its height above the page's foot."""
        height = self.sizes[page].height
        return max(0.0, height - place[1]) if len(place) > 1 else 0.0

    def find(self, words: str) -> tuple[FoundWords, ...]:
        """Every place where the words stand, whatever their case; at most five hundred."""
        found: list[FoundWords] = []
        if not words.strip():
            return ()
        for page, size in enumerate(self.sizes):
            with self._opened() as document:
                found.extend(self._found_on(document, page, size, words))
            if len(found) >= _FOUND_MAX:
                break
        return tuple(found[:_FOUND_MAX])

    def _found_on(
        self, document: PdfDocument, page: int, size: PageSize, words: str
    ) -> list[FoundWords]:
        found = []
        drawn = document.get_page(page)
        text = drawn.get_textpage()
        search = text.search(words)
        while (place := search.get_next()) is not None:
            for number in range(text.count_rects(*place)):
                left, bottom, right, top = text.get_rect(number)
                found.append(FoundWords(page, left, size.height - top, right - left, top - bottom))
        search.close()
        text.close()
        drawn.close()
        return found
