"""What stands on every page: the title of the first, the head of the others, the foot of all."""

from __future__ import annotations

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from allusedesk.reports import page_design as design
from allusedesk.reports.statement import Standing, Statement
from allusedesk.reports.type_setting import broken, cleaned, width_of

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
        canvas.setFillColor(HexColor(design.INK))
        canvas.setFont(design.BOLD, design.SIZE_TITLE)
        canvas.drawString(0, top - 24, cleaned(statement.title))
        canvas.setFillColor(HexColor(design.GREY))
        canvas.setFont(design.REGULAR, design.SIZE_SUBTITLE)
        canvas.drawString(0, top - 38, cleaned(statement.subtitle))
        self._draw_badges(canvas, top - 25)
        y = top - 47 - _LINE + 3
        canvas.setFont(design.REGULAR, design.SIZE_SMALL)
        canvas.setFillColor(HexColor(design.GREY))
        for line in self._origin:
            canvas.drawString(0, y, line)
            y -= _LINE
        canvas.setStrokeColor(HexColor(design.HAIRLINE))
        canvas.setLineWidth(0.5)
        canvas.line(0, 1, self._width_given, 1)

    def _draw_badges(self, canvas: Canvas, y: float) -> None:
        mode = cleaned(self._statement.mode)
        size = width_of(mode, design.BOLD, design.SIZE_SUBTITLE) + 2 * _BADGE_PAD
        x = self._width_given - size
        canvas.setFillColor(HexColor(design.ACCENT))
        canvas.rect(x, y, size, _BADGE_HEIGHT, stroke=0, fill=1)
        canvas.setFillColor(HexColor(design.PAPER_WHITE))
        canvas.setFont(design.BOLD, design.SIZE_SUBTITLE)
        canvas.drawString(x + _BADGE_PAD, y + 4, mode)
        canvas.setFillColor(HexColor(design.GREY))
        canvas.setFont(design.REGULAR, design.SIZE_TABLE)
        canvas.drawRightString(self._width_given, y - 12, standing_text(self._statement))


def standing_text(statement: Statement) -> str:
    """Whether the report may still change, and its version."""
    if not statement.version:
        return "provisional: the week is still running"
    if statement.standing is Standing.PROVISIONAL:
        return f"provisional, version {statement.version}: assignments are not known yet"
    return f"final, version {statement.version}"


def draw_header(canvas: Canvas, statement: Statement) -> None:
    """The head of every page but the first."""
    width, height = canvas._pagesize  # noqa: SLF001
    y = height - design.MARGIN_TOP + 12
    canvas.saveState()
    canvas.setFillColor(HexColor(design.GREY))
    canvas.setFont(design.REGULAR, design.SIZE_TABLE)
    left = cleaned(f"{statement.title} · {statement.period}")
    canvas.drawString(design.MARGIN_SIDE, y, left)
    canvas.setFillColor(HexColor(design.ACCENT))
    canvas.setFont(design.BOLD, design.SIZE_TABLE)
    canvas.drawRightString(width - design.MARGIN_SIDE, y, cleaned(statement.mode))
    canvas.setStrokeColor(HexColor(design.HAIRLINE))
    canvas.setLineWidth(0.5)
    canvas.line(design.MARGIN_SIDE, y - 5, width - design.MARGIN_SIDE, y - 5)
    canvas.restoreState()


def draw_footer(canvas: Canvas, statement: Statement, page: int, pages: int) -> None:
    """Mode, rulebook and chain head, and the page's number."""
    width, _ = canvas._pagesize  # noqa: SLF001
    y = design.MARGIN_BOTTOM - 18
    canvas.setStrokeColor(HexColor(design.HAIRLINE))
    canvas.setLineWidth(0.5)
    canvas.line(design.MARGIN_SIDE, y + 9, width - design.MARGIN_SIDE, y + 9)
    canvas.setFillColor(HexColor(design.GREY))
    canvas.setFont(design.BOLD, design.SIZE_SMALL)
    mode = cleaned(statement.mode)
    canvas.drawString(design.MARGIN_SIDE, y, mode)
    x = design.MARGIN_SIDE + width_of(mode, design.BOLD, design.SIZE_SMALL) + 8
    canvas.setFont(design.REGULAR, design.SIZE_SMALL)
    rulebook = cleaned(f"{statement.rulebook} · chain head")
    canvas.drawString(x, y, rulebook)
    x += width_of(rulebook, design.REGULAR, design.SIZE_SMALL) + 4
    canvas.setFont(design.MONO, design.SIZE_SMALL)
    canvas.drawString(x, y, statement.chain_head_short)
    canvas.setFont(design.REGULAR, design.SIZE_SMALL)
    canvas.drawRightString(width - design.MARGIN_SIDE, y, f"Page {page} of {pages}")


def _origin_of(statement: Statement, width: float) -> list[str]:
    text = (
        f"Rulebook {statement.rulebook}  ·  journal entries {statement.sequence_first:,} to "
        f"{statement.sequence_last:,}  ·  chain head {statement.chain_head}"
    )
    return broken(cleaned(text), design.REGULAR, design.SIZE_SMALL, width)
