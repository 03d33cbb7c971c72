"""What stands on every page: the title of the first, the head of the others, the foot of all."""

from __future__ import annotations

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.type_setting import broken, cleaned, clipped, put, put_right, width_of
from allusedesk.reports.statement import Standing, Statement

_BADGE_PAD = 6.0
_BADGE_HEIGHT = 15.0
_LINE = design.SIZE_SMALL * 1.55


class TitleOnPaper(Flowable):  # type: ignore[misc]
    """The top of the first page: what it is, which mode, and where its figures come from."""

    def __init__(self, statement: Statement, width: float) -> None:
        super().__init__()
        self._statement = statement
        self._width_given = width
        self._origin = _origin_of(statement, width)

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        return self._width_given, 47 + len(self._origin) * _LINE + 4

    def draw(self) -> None:
        canvas, statement = self.canv, self._statement
        top = self.wrap(0, 0)[1]
        canvas.setFillColor(HexColor(design.ACCENT))
        canvas.rect(0, top - 3, self._width_given, 3, stroke=0, fill=1)
        mode, standing = cleaned(statement.mode), standing_text(statement)
        badge = width_of(mode, design.BOLD, design.SIZE_SUBTITLE) + 2 * _BADGE_PAD
        beside = max(badge, width_of(standing, design.REGULAR, design.SIZE_TABLE))
        room = self._width_given - beside - 14
        title = cleaned(statement.title)
        size = _size_within(title, design.BOLD, design.SIZE_TITLE, room)
        canvas.setFillColor(HexColor(design.INK))
        put(canvas, clipped(title, design.BOLD, size, room), 0, top - 24, design.BOLD, size)
        subtitle = cleaned(statement.subtitle)
        size = _size_within(subtitle, design.REGULAR, design.SIZE_SUBTITLE, room)
        subtitle = clipped(subtitle, design.REGULAR, size, room)
        canvas.setFillColor(HexColor(design.GREY))
        put(canvas, subtitle, 0, top - 38, design.REGULAR, size)
        self._draw_badge(canvas, mode, badge, top - 25)
        canvas.setFillColor(HexColor(design.GREY))
        right = self._width_given
        put_right(canvas, standing, right, top - 37, design.REGULAR, design.SIZE_TABLE)
        y = top - 47 - _LINE + 3
        for line in self._origin:
            put(canvas, line, 0, y, design.REGULAR, design.SIZE_SMALL)
            y -= _LINE
        canvas.setStrokeColor(HexColor(design.HAIRLINE))
        canvas.setLineWidth(0.5)
        canvas.line(0, 1, self._width_given, 1)

    def _draw_badge(self, canvas: Canvas, mode: str, width: float, y: float) -> None:
        x = self._width_given - width
        canvas.setFillColor(HexColor(design.ACCENT))
        canvas.rect(x, y, width, _BADGE_HEIGHT, stroke=0, fill=1)
        canvas.setFillColor(HexColor(design.PAPER_WHITE))
        put(canvas, mode, x + _BADGE_PAD, y + 4, design.BOLD, design.SIZE_SUBTITLE)


def _size_within(text: str, font: str, size: float, room: float) -> float:
    """The size, or a smaller one in which the text fits; no smaller than three fifths of it."""
    wide = width_of(text, font, size)
    return size if wide <= room else size * max(room / wide, 0.6)


def standing_text(statement: Statement) -> str:
    """Whether the report may still change, and its version."""
    if not statement.version:
        return "provisional: the period is still running"
    if statement.standing is Standing.PROVISIONAL:
        return f"provisional, version {statement.version}: {statement.awaited}"
    return f"final, version {statement.version}"


def draw_header(canvas: Canvas, statement: Statement) -> None:
    """The head of every page but the first."""
    width, height = canvas._pagesize  # noqa: SLF001
    y = height - design.MARGIN_TOP + 12
    canvas.saveState()
    canvas.setFillColor(HexColor(design.GREY))
    mode = cleaned(statement.mode)
    room = width - 2 * design.MARGIN_SIDE - width_of(mode, design.BOLD, design.SIZE_TABLE) - 12
    left = cleaned(f"{statement.title} · {statement.period}")
    left = clipped(left, design.REGULAR, design.SIZE_TABLE, room)
    put(canvas, left, design.MARGIN_SIDE, y, design.REGULAR, design.SIZE_TABLE)
    canvas.setFillColor(HexColor(design.ACCENT))
    put_right(canvas, mode, width - design.MARGIN_SIDE, y, design.BOLD, design.SIZE_TABLE)
    canvas.setStrokeColor(HexColor(design.HAIRLINE))
    canvas.setLineWidth(0.5)
    canvas.line(design.MARGIN_SIDE, y - 5, width - design.MARGIN_SIDE, y - 5)
    canvas.restoreState()


def draw_footer(canvas: Canvas, page: int, pages: int, *, statement: Statement) -> None:
    """Mode, rulebook and chain head, and the page's number."""
    width, _ = canvas._pagesize  # noqa: SLF001
    y = design.MARGIN_BOTTOM - 18
    canvas.setStrokeColor(HexColor(design.HAIRLINE))
    canvas.setLineWidth(0.5)
    canvas.line(design.MARGIN_SIDE, y + 9, width - design.MARGIN_SIDE, y + 9)
    canvas.setFillColor(HexColor(design.GREY))
    mode = cleaned(statement.mode)
    put(canvas, mode, design.MARGIN_SIDE, y, design.BOLD, design.SIZE_SMALL)
    x = design.MARGIN_SIDE + width_of(mode, design.BOLD, design.SIZE_SMALL) + 8
    rulebook = cleaned(f"{statement.rulebook} · chain head")
    rulebook = clipped(rulebook, design.REGULAR, design.SIZE_SMALL, width - x - 180)
    put(canvas, rulebook, x, y, design.REGULAR, design.SIZE_SMALL)
    x += width_of(rulebook, design.REGULAR, design.SIZE_SMALL) + 4
    put(canvas, statement.chain_head_short, x, y, design.MONO, design.SIZE_SMALL)
    text = f"Page {page} of {pages}"
    put_right(canvas, text, width - design.MARGIN_SIDE, y, design.REGULAR, design.SIZE_SMALL)


def _origin_of(statement: Statement, width: float) -> list[str]:
    text = (
        f"Rulebook {statement.rulebook}  ·  journal entries {statement.sequence_first:,} to "
        f"{statement.sequence_last:,}  ·  chain head {statement.chain_head}"
    )
    return broken(cleaned(text), design.REGULAR, design.SIZE_SMALL, width)
