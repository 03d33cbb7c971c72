"""A statement on paper, the same bytes for the same statement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from pathlib import Path

from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Spacer

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.charts import drawn_chart
from allusedesk.reports.paper.contents_drawing import CONTENTS, ContentsOnPaper
from allusedesk.reports.paper.figure_drawing import FiguresOnPaper
from allusedesk.reports.paper.page_frame import TitleOnPaper, draw_footer, draw_header
from allusedesk.reports.paper.page_places import PlacedCanvas, places_of, section_key
from allusedesk.reports.paper.table_drawing import TableOnPaper
from allusedesk.reports.paper.text_drawing import (
    HEADING,
    HeadingOnPaper,
    TextOnPaper,
    draw_back,
    paragraph_on_paper,
)
from allusedesk.reports.paper.type_setting import cleaned, clipped, put, register_fonts
from allusedesk.reports.statement import (
    AnyChart,
    Block,
    Heading,
    KeyFigures,
    Paragraph,
    Section,
    Statement,
    Table,
    Timeline,
)

_FIGURES_HEIGHT_MIN = 60
_SECTION_HEIGHT_MAX = 320
_HEADING_HEIGHT_MIN = 64
# Text of this height may stand under a title while what follows it goes to the next page.
_TEXT_HEIGHT_ALONE = 58
# The axis of a timeline is no chart without its first lines.
_AXIS_HEIGHT_MAX = 30
# From so many sections on, the first page says where each of them begins.
_SECTIONS_LISTED_MIN = 3


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
    story = _Story(statement, paper.width - 2 * design.MARGIN_SIDE)
    document.build(story.flowables(), canvasmaker=PlacedCanvas)
    return target.getvalue()


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

    foot = partial(draw_footer, statement=statement)

    def begin(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.foot = foot
        if template.page > 1:
            draw_header(canvas, statement)

    document.addPageTemplates([PageTemplate("page", [frame], onPage=begin)])
    return document


class _SectionTitle(Flowable):  # type: ignore[misc]
    """The title of a section, with its bookmark in the outline and a way back to the contents."""

    def __init__(self, text: str, key: str, width: float, *, is_listed: bool) -> None:
        super().__init__()
        self._text = cleaned(text)
        self._key = key
        self._width_given = width
        self._is_listed = is_listed

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        return self._width_given, design.SIZE_SECTION + 9

    def draw(self) -> None:
        canvas, width = self.canv, self._width_given
        canvas.mark(self._key, 0, design.SIZE_SECTION + 14)
        canvas.enter(self._text, self._key, 0)
        canvas.setFillColor(HexColor(design.ACCENT))
        text = clipped(self._text, design.BOLD, design.SIZE_SECTION, width - 50)
        put(canvas, text, 0, 9, design.BOLD, design.SIZE_SECTION)
        if self._is_listed:
            draw_back(canvas, "contents", CONTENTS, width, 9)
        canvas.setStrokeColor(HexColor(design.HAIRLINE))
        canvas.setLineWidth(0.5)
        canvas.line(0, 3, width, 3)


class _Story:
    """The statement's blocks as what ReportLab lays out, each once."""

    def __init__(self, statement: Statement, width: float) -> None:
        self._statement = statement
        self._width = width
        self._places: Mapping[str, str] = places_of(statement)
        self._unnamed = 0

    def flowables(self) -> list[Flowable]:
        """Everything from the title on."""
        sections = self._statement.sections
        story: list[Flowable] = [TitleOnPaper(self._statement, self._width)]
        is_listed = len(sections) >= _SECTIONS_LISTED_MIN
        if is_listed:
            titles = [section.title for section in sections]
            story += [Spacer(0, 6), ContentsOnPaper(titles, self._width)]
        for number, section in enumerate(sections, start=1):
            story += self._section(section, number, is_listed=is_listed)
        return story

    def _section(self, section: Section, number: int, *, is_listed: bool) -> list[Flowable]:
        blocks = [flowable for block in section.blocks for flowable in self._block(block)]
        key = section_key(number)
        title = _SectionTitle(section.title, key, self._width, is_listed=is_listed)
        room = title.wrap(self._width, 0)[1] + _height_kept(blocks, self._width)
        return [Spacer(0, 12), CondPageBreak(room), title, Spacer(0, 3), *blocks]

    def _block(self, block: Block) -> list[Flowable]:
        match block:
            case Heading(text):
                title = HeadingOnPaper(text, self._width, self._key(block.anchor))
                return [CondPageBreak(_HEADING_HEIGHT_MIN), title]
            case Paragraph():
                return [paragraph_on_paper(block, self._width, self._places)]
            case KeyFigures():
                drawn = FiguresOnPaper(block, self._width)
                return [CondPageBreak(_FIGURES_HEIGHT_MIN), drawn, Spacer(0, 5)]
            case Table():
                table = TableOnPaper(block, self._width, self._places, self._key(block.anchor))
                room = table.getSpaceBefore() + table.height_kept()
                return [CondPageBreak(room), table, Spacer(0, 5)]
            case _:
                return self._chart(block)

    def _chart(self, block: AnyChart) -> list[Flowable]:
        back = self._places.get(block.back, "") if isinstance(block, Timeline) else ""
        title = HeadingOnPaper(block.title, self._width, self._key(block.anchor), back=back)
        drawings = drawn_chart(block, self._width)
        room = title.wrap(self._width, 0)[1] + HEADING.before + HEADING.after
        together = 2 if drawings[0].height <= _AXIS_HEIGHT_MAX else 1
        room += math.fsum(drawing.height for drawing in drawings[:together])
        return [CondPageBreak(room), title, *drawings, Spacer(0, 8)]

    def _key(self, anchor: str) -> str:
        """The name of a place, its own where nobody refers to it."""
        if anchor in self._places:
            return self._places[anchor]
        self._unnamed += 1
        return f"part-{self._unnamed}"


def _height_kept(blocks: list[Flowable], width: float) -> float:
    """What stays with a section's title: some lines of text, or all up to its first other block."""
    height = 0.0
    for flowable in blocks:
        if isinstance(flowable, TableOnPaper):
            return height + flowable.getSpaceBefore() + flowable.height_kept()
        if isinstance(flowable, CondPageBreak):
            continue
        height += float(flowable.wrap(width, _SECTION_HEIGHT_MAX)[1]) + 1
        height += float(flowable.getSpaceBefore() + flowable.getSpaceAfter())
        if isinstance(flowable, Drawing) and flowable.height > _AXIS_HEIGHT_MAX:
            # A chart stands whole or goes on, so its section's title goes with it.
            return height
        if not isinstance(flowable, TextOnPaper | Spacer | Drawing) or height >= _TEXT_HEIGHT_ALONE:
            break
    return min(height, _SECTION_HEIGHT_MAX)
