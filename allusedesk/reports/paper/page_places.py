"""Places a reader can jump to, and the canvas that learns their pages before it writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.type_setting import put_right
from allusedesk.reports.statement import Statement


def section_key(number: int) -> str:
    """The name inside the file of the section with that number, from one."""
    return f"section-{number}"


def places_of(statement: Statement) -> dict[str, str]:
    """The name inside the file of every anchor of the statement, the first of equals."""
    found: dict[str, str] = {}
    for number, section in enumerate(statement.sections, start=1):
        for anchor in (section.anchor, section.title):
            found.setdefault(anchor, section_key(number))
    for anchor in statement.anchors():
        found.setdefault(anchor, f"place-{len(found)}")
    found.pop("", None)
    return found


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place on a page, in points from its lower left corner."""

    page: int
    key: str
    left: float
    top: float


class PlacedCanvas(Canvas):  # type: ignore[misc]
    """Keeps every page back until their count and the page of each place are known.

    So page numbers in a list of contents need no second layout.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._held: list[dict[str, object]] = []
        self._marks: list[_Mark] = []
        self._numbers: list[_Mark] = []
        self._entries: list[tuple[str, str, int]] = []
        self._keys: set[str] = set()
        # Draws what stands at the foot of a page, from its number and their count.
        self.foot: Callable[[Canvas, int, int], None] | None = None

    def mark(self, key: str, x: float, y: float) -> None:
        """Make the point of the flowable's own drawing the place `key`; the first one counts."""
        if key in self._keys:
            return
        self._keys.add(key)
        left, top = self.absolutePosition(x, y)
        self._marks.append(_Mark(self._pageNumber, key, left, top))

    def enter(self, title: str, key: str, level: int) -> None:
        """Add a bookmark that leads to `key`, `level` levels below the top."""
        self._entries.append((title, key, level))

    def number_later(self, key: str, x: float, y: float) -> None:
        """Write the page of `key` with its right end at the point, once it is known."""
        left, top = self.absolutePosition(x, y)
        self._numbers.append(_Mark(self._pageNumber, key, left, top))

    def showPage(self) -> None:  # noqa: N802
        self._held.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        count = len(self._held)
        page_of = {one.key: one.page for one in self._marks}
        marks, numbers = _by_page(self._marks), _by_page(self._numbers)
        for number, page in enumerate(self._held, start=1):
            self.__dict__.update(page)
            for one in marks.get(number, ()):
                self.bookmarkHorizontalAbsolute(one.key, one.top, left=0)
            self.setFillColor(design.ACCENT)
            for one in numbers.get(number, ()):
                text = str(page_of[one.key])
                put_right(self, text, one.left, one.top, design.REGULAR, design.SIZE_TABLE)
            if self.foot is not None:
                self.foot(self, number, count)
            super().showPage()
        for title, key, level in self._entries:
            self.addOutlineEntry(title, key, level, closed=level == 0)
        super().save()


def _by_page(marks: list[_Mark]) -> dict[int, list[_Mark]]:
    found: dict[int, list[_Mark]] = {}
    for one in marks:
        found.setdefault(one.page, []).append(one)
    return found


def link(canvas: Canvas, key: str, x: float, y: float, width: float, height: float) -> None:
    """Make the rectangle of the flowable's own drawing lead to the place `key`."""
    canvas.linkRect("", key, (x, y, x + width, y + height), relative=1, thickness=0)
