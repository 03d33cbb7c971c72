"""A statement on paper, the same bytes for the same statement."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Spacer
from reportlab.platypus import Paragraph as ParagraphOnPaper

from allusedesk.reports import page_design as design
from allusedesk.reports.charts import drawn_chart
from allusedesk.reports.figure_drawing import FiguresOnPaper
from allusedesk.reports.page_frame import TitleOnPaper, draw_footer, draw_header
from allusedesk.reports.statement import (
    AnyChart,
    Block,
    Heading,
    KeyFigures,
    Paragraph,
    Section,
    Statement,
    Table,
    Tone,
)
from allusedesk.reports.table_drawing import TableOnPaper
from allusedesk.reports.type_setting import cleaned, register_fonts

_FIGURES_HEIGHT_MIN = 60
_SECTION_HEIGHT_MAX = 320
_HEADING_HEIGHT_MIN = 64


def draw_statement(
    statement: Statement, file: Path, fonts: Path, paper: design.Paper = design.A4
) -> None:
    """Write the statement to `file` as PDF; `fonts` is the folder of the fonts it embeds.

    Raises FontMissing where a font cannot be read, OSError where the file cannot be written.
    """
    file.write_bytes(printed(statement, fonts, paper))


def printed(statement: Statement, fonts: Path, paper: design.Paper = design.A4) -> bytes:
    """The statement as the bytes of a PDF; identical for identical statements."""
    register_fonts(fonts)
    target = BytesIO()
    document = _document(statement, target, paper)
    width = paper.width - 2 * design.MARGIN_SIDE
    story: list[Flowable] = [TitleOnPaper(statement, width)]
    for number, section in enumerate(statement.sections, start=1):
        story += _section(section, number, width)
    document.build(story, canvasmaker=_NumberedCanvas)
    return target.getvalue()


class _NumberedCanvas(Canvas):  # type: ignore[misc]
    """Keeps every page back until their count is known, then writes it on each."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, object]] = []
        self.statement: Statement | None = None

    def showPage(self) -> None:  # noqa: N802
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        count = len(self._pages)
        for page in self._pages:
            self.__dict__.update(page)
            if self.statement is not None:
                draw_footer(self, self.statement, self._pageNumber, count)
            super().showPage()
        super().save()


def _document(statement: Statement, target: BytesIO, paper: design.Paper) -> BaseDocTemplate:
    document = BaseDocTemplate(
        target,
        pagesize=(paper.width, paper.height),
        invariant=1,
        title=f"{statement.title}, {statement.period}",
        author="ALL-USE Desk",
        subject=f"{statement.mode}, {statement.rulebook}, chain head {statement.chain_head}",
        creator="ALL-USE Desk",
        lang="en-US",
    )
    frame = Frame(
        design.MARGIN_SIDE,
        design.MARGIN_BOTTOM,
        paper.width - 2 * design.MARGIN_SIDE,
        paper.height - design.MARGIN_TOP - design.MARGIN_BOTTOM,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )

    def begin(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.statement = statement
        if template.page > 1:
            draw_header(canvas, statement)

    document.addPageTemplates([PageTemplate("page", [frame], onPage=begin)])
    return document


class _SectionTitle(Flowable):  # type: ignore[misc]
    """The title of a section, with its bookmark in the outline."""

    def __init__(self, text: str, key: str, width: float) -> None:
        super().__init__()
        self._text = cleaned(text)
        self._key = key
        self._width_given = width

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        return self._width_given, design.SIZE_SECTION + 9

    def draw(self) -> None:
        canvas = self.canv
        canvas.bookmarkHorizontal(self._key, 0, design.SIZE_SECTION + 14)
        canvas.addOutlineEntry(self._text, self._key, 0, closed=False)
        canvas.setFillColor(HexColor(design.ACCENT))
        canvas.setFont(design.BOLD, design.SIZE_SECTION)
        canvas.drawString(0, 9, self._text)
        canvas.setStrokeColor(HexColor(design.HAIRLINE))
        canvas.setLineWidth(0.5)
        canvas.line(0, 3, self._width_given, 3)


def _section(section: Section, number: int, width: float) -> list[Flowable]:
    blocks = [flowable for block in section.blocks for flowable in _block(block, width)]
    title = _SectionTitle(section.title, f"section-{number}", width)
    room = title.wrap(width, 0)[1] + _height_kept(blocks, width)
    return [Spacer(0, 12), CondPageBreak(room), title, Spacer(0, 3), *blocks]


def _height_kept(blocks: list[Flowable], width: float) -> float:
    """What stays with a section's title: everything up to its first figures, table or chart."""
    height = 0.0
    for flowable in blocks:
        if isinstance(flowable, TableOnPaper):
            return height + flowable.height_kept()
        if isinstance(flowable, CondPageBreak):
            continue
        height += flowable.wrap(width, _SECTION_HEIGHT_MAX)[1] + 4
        if not isinstance(flowable, ParagraphOnPaper | Spacer):
            break
    return min(height, _SECTION_HEIGHT_MAX)


def _block(block: Block, width: float) -> list[Flowable]:
    match block:
        case Heading(text):
            style = _style(design.SIZE_HEADING, design.INK, font=design.BOLD, before=5)
            title = ParagraphOnPaper(_escaped(text), style)
            return [CondPageBreak(_HEADING_HEIGHT_MIN), title]
        case Paragraph():
            return [_paragraph(block)]
        case KeyFigures():
            drawn = FiguresOnPaper(block, width)
            return [CondPageBreak(_FIGURES_HEIGHT_MIN), drawn, Spacer(0, 5)]
        case Table():
            table = TableOnPaper(block, width)
            return [CondPageBreak(table.height_kept()), table, Spacer(0, 5)]
        case _:
            return _chart(block, width)


def _chart(block: AnyChart, width: float) -> list[Flowable]:
    title = ParagraphOnPaper(
        _escaped(block.title), _style(design.SIZE_HEADING, design.INK, font=design.BOLD)
    )
    drawing = drawn_chart(block, width)
    return [CondPageBreak(drawing.height + 24), title, drawing, Spacer(0, 6)]


def _paragraph(block: Paragraph) -> ParagraphOnPaper:
    match block.tone:
        case Tone.PLAIN:
            style = _style(design.SIZE_TEXT, design.INK)
        case Tone.NOTE:
            style = _style(design.SIZE_TABLE, design.GREY)
        case Tone.WARNING:
            style = _style(design.SIZE_TEXT, design.INK)
            style.backColor = HexColor(design.WARNING_WASH)
            style.borderColor = HexColor(design.LOSS)
            style.borderWidth = 0.4
            style.borderPadding = (3, 5, 4, 5)
            style.leftIndent = style.rightIndent = 5.5
            style.spaceBefore = style.spaceAfter = 7
    return ParagraphOnPaper(_escaped(block.text), style)


def _style(
    size: float, colour: str, *, font: str = design.REGULAR, before: float = 2
) -> ParagraphStyle:
    return ParagraphStyle(
        "text",
        fontName=font,
        fontSize=size,
        leading=size * 1.45,
        textColor=HexColor(colour),
        spaceBefore=before,
        spaceAfter=3,
        splitLongWords=1,
    )


def _escaped(text: str) -> str:
    return escape(cleaned(text))
