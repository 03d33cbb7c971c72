"""The handbook as one PDF: a contents page, bookmarks, links between pages, embedded fonts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from math import fsum
from pathlib import Path
from xml.sax.saxutils import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    LongTable,
    PageBreak,
    PageTemplate,
    Paragraph,
    Preformatted,
    Spacer,
)

from allusedesk.reports.handbook import Chapter, Page
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.page_places import PlacedCanvas, link
from allusedesk.reports.paper.type_setting import cleaned, put, put_right, register_fonts, width_of

_TITLE = "ALL-USE Desk: the handbook"
_SIZES = {"h1": design.SIZE_TITLE, "h2": design.SIZE_SECTION, "h3": 10.0, "h4": 9.0}
_TEXT = 8.6
_CODE_LETTERS_MAX = 104
_CELL_PAD = 3
_WIDTH_MIN = 44.0


def printed_handbook(
    chapters: Sequence[Chapter], fonts: Path, paper: design.Paper = design.A4
) -> bytes:
    """The handbook as the bytes of a PDF, the same for the same pages.

    `fonts` is the folder of the fonts it embeds; raises FontMissing where one cannot be read.
    """
    register_fonts(fonts)
    target = BytesIO()
    width = paper.width - 2 * design.MARGIN_SIDE
    document = BaseDocTemplate(
        target,
        pagesize=(paper.width, paper.height),
        invariant=1,
        title=_TITLE,
        author="ALL-USE Desk",
        creator="ALL-USE Desk",
        lang="en-US",
    )
    frame = Frame(
        design.MARGIN_SIDE,
        design.MARGIN_BOTTOM,
        width,
        paper.height - design.MARGIN_TOP - design.MARGIN_BOTTOM,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    document.addPageTemplates([PageTemplate("page", [frame], onPage=_begin)])
    titles = {page.name: page.title for chapter in chapters for page in chapter.pages}
    story: list[Flowable] = [*_contents(chapters, width)]
    for number, chapter in enumerate(chapters):
        for position, page in enumerate(chapter.pages):
            opens = (f"chapter-{number}", chapter.title) if position == 0 else None
            story += [PageBreak(), _Mark(page, opens), *_page(page, titles, width)]
    document.build(story, canvasmaker=PlacedCanvas)
    return target.getvalue()


def _begin(canvas: Canvas, template: BaseDocTemplate) -> None:  # noqa: ARG001
    canvas.foot = _draw_foot


def _draw_foot(canvas: Canvas, page: int, pages: int) -> None:
    canvas.setFillColor(HexColor(design.GREY))
    y = design.MARGIN_BOTTOM - 18
    put(canvas, _TITLE, design.MARGIN_SIDE, y, design.REGULAR, design.SIZE_SMALL)
    right = canvas._pagesize[0] - design.MARGIN_SIDE  # noqa: SLF001
    text = f"Page {page} of {pages}"
    put_right(canvas, text, right, y, design.REGULAR, design.SIZE_SMALL)


class _Mark(Flowable):  # type: ignore[misc]
    """Where a page of the handbook begins: what links lead to, and its entry in the outline."""

    def __init__(self, page: Page, chapter: tuple[str, str] | None) -> None:
        super().__init__()
        self._page, self._chapter = page, chapter

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        return width, 0

    def draw(self) -> None:
        canvas = self.canv
        if self._chapter is not None:
            key, title = self._chapter
            canvas.mark(key, 0, design.MARGIN_TOP)
            canvas.enter(cleaned(title), key, 0)
        canvas.mark(self._page.name, 0, design.MARGIN_TOP)
        canvas.enter(cleaned(self._page.title), self._page.name, 1)


class _ContentsLine(Flowable):  # type: ignore[misc]
    """A page's title and where it begins; the whole line leads there."""

    def __init__(self, page: Page, width: float) -> None:
        super().__init__()
        self._page, self._width_given = page, width

    def wrap(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        return self._width_given, _TEXT * design.LEADING

    def draw(self) -> None:
        canvas = self.canv
        canvas.setFillColor(HexColor(design.INK))
        canvas.setFont(design.REGULAR, _TEXT)
        canvas.drawString(12, 3, cleaned(self._page.title))
        canvas.number_later(self._page.name, self._width_given, 3)
        link(canvas, self._page.name, 0, 0, self._width_given, _TEXT * design.LEADING)


def _contents(chapters: Sequence[Chapter], width: float) -> Iterator[Flowable]:
    yield Paragraph(escape(_TITLE), _style(design.SIZE_TITLE, font=design.BOLD))
    yield Spacer(0, 6)
    for chapter in chapters:
        yield Paragraph(
            escape(cleaned(chapter.title)), _style(9, font=design.BOLD, colour=design.ACCENT)
        )
        for page in chapter.pages:
            yield _ContentsLine(page, width)


def _page(page: Page, titles: Mapping[str, str], width: float) -> Iterator[Flowable]:
    """The flowables of one page, from the tokens of its Markdown."""
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(page.text)
    inline = partial(_inline, titles=titles)
    at = 0
    indents: list[str] = []
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open":
            size = _SIZES.get(token.tag, 9.0)
            yield CondPageBreak(size * 5)
            yield Paragraph(inline(tokens[at + 1]), _style(size, font=design.BOLD, before=size / 2))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            indents.append(token.type)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            indents.pop()
        elif token.type == "paragraph_open":
            yield _paragraph(inline(tokens[at + 1]), tokens, at, len(indents))
        elif token.type in ("fence", "code_block"):
            yield _code(token.content)
        elif token.type == "table_open":
            rows, at = _rows(tokens, at, inline)
            yield _table(rows, width)
            yield Spacer(0, 5)
        at += 1


def _paragraph(text: str, tokens: Sequence[Token], at: int, depth: int) -> Paragraph:
    style = _style(_TEXT)
    style.leftIndent = 14 * depth
    opened = tokens[at - 1] if at else None
    if depth and opened is not None and opened.type == "list_item_open":
        bullet = f"{opened.info}." if opened.info else "\N{BULLET}"
        style.bulletIndent = 14 * (depth - 1) + 3
        style.bulletFontName = design.REGULAR
        style.bulletFontSize = _TEXT
        return Paragraph(text, style, bulletText=bullet)
    return Paragraph(text, style)


def _code(text: str) -> Preformatted:
    style = ParagraphStyle(
        "code",
        fontName=design.MONO,
        fontSize=7.0,
        leading=9.4,
        backColor=HexColor(design.WASH),
        borderPadding=4,
        spaceBefore=6,
        spaceAfter=8,
        leftIndent=4,
    )
    return Preformatted(
        _cleaned_lines(text), style, maxLineLength=_CODE_LETTERS_MAX, newLineChars="    "
    )


def _cleaned_lines(text: str) -> str:
    """Lines of a program's text without the control characters that a page cannot show."""
    return "\n".join(cleaned(line) for line in text.rstrip("\n").split("\n"))


def _rows(
    tokens: Sequence[Token], at: int, inline: Callable[[Token], str]
) -> tuple[list[list[str]], int]:
    """The cells of a table as marked-up text, head first, and where the table ends."""
    rows: list[list[str]] = []
    while tokens[at].type != "table_close":
        if tokens[at].type == "tr_open":
            rows.append([])
        elif tokens[at].type == "inline":
            rows[-1].append(inline(tokens[at]))
        at += 1
    return rows, at


def _table(rows: list[list[str]], width: float) -> LongTable:
    plain, bold = _style(7.4, before=0), _style(7.4, font=design.BOLD, before=0)
    cells = [
        [Paragraph(cell, bold if row == 0 else plain) for cell in line]
        for row, line in enumerate(rows)
    ]
    table = LongTable(cells, colWidths=_widths(rows, width), repeatRows=1, hAlign="LEFT")
    line = ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(design.HAIRLINE))
    table.setStyle(
        [
            line,
            ("BACKGROUND", (0, 0), (-1, 0), HexColor(design.WASH)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), _CELL_PAD),
            ("RIGHTPADDING", (0, 0), (-1, -1), _CELL_PAD),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    return table


def _widths(rows: list[list[str]], width: float) -> list[float]:
    """Narrow columns get what they need, wide ones share what is left by what they hold."""
    columns = list(zip(*rows, strict=True))
    bare = [[_bare(cell) for cell in column] for column in columns]
    words = [
        max(width_of(word, design.MONO, 7.4) for cell in column for word in cell.split() or [""])
        + 2 * _CELL_PAD
        + 2
        for column in bare
    ]
    whole = [
        max(width_of(cell, design.REGULAR, 7.4) for cell in column) + 2 * _CELL_PAD + 6
        for column in bare
    ]
    least = [min(max(one, _WIDTH_MIN), width / 3) for one in words]
    if fsum(least) > width:
        return [width * one / fsum(least) for one in least]
    spare = width - fsum(least)
    more = [max(want - have, 0.0) for want, have in zip(whole, least, strict=True)]
    wanted = fsum(more)
    if not wanted:
        return least
    share = min(spare / wanted, 1.0)
    return [have + want * share for have, want in zip(least, more, strict=True)]


def _bare(marked: str) -> str:
    """The letters of a marked-up cell."""
    text: list[str] = []
    is_tag = False
    for letter in marked:
        if letter == "<":
            is_tag = True
        elif letter == ">":
            is_tag = False
        elif not is_tag:
            text.append(letter)
    return "".join(text)


def _inline(token: Token, titles: Mapping[str, str]) -> str:
    """Words with their marks as ReportLab writes them; links only lead to other pages.

    A link whose words are a file's name says the title of its page instead.
    """
    parts: list[str] = []
    closing: list[str] = []
    for child in token.children or ():
        match child.type:
            case "code_inline":
                code = escape(cleaned(child.content))
                parts.append(f'<font face="{design.MONO}">{code}</font>')
            case "strong_open":
                parts.append(f'<font face="{design.BOLD}">')
            case "strong_close":
                parts.append("</font>")
            case "link_open":
                name = Path(str(child.attrGet("href") or "").partition("#")[0]).stem
                is_page = name in titles
                parts.append(f'<a href="#{name}" color="{design.ACCENT}">' if is_page else "")
                closing.append("</a>" if is_page else "")
            case "link_close":
                parts.append(closing.pop())
            case "softbreak" | "hardbreak":
                parts.append(" ")
            case "em_open" | "em_close":
                pass
            case _:
                said = _said(child.content, titles) if closing else child.content
                parts.append(escape(cleaned(said)))
    return "".join(parts)


def _said(words: str, titles: Mapping[str, str]) -> str:
    file = Path(words)
    return titles.get(file.stem, words) if file.suffix == ".md" else words


def _style(
    size: float,
    *,
    font: str = design.REGULAR,
    colour: str = design.INK,
    before: float = 3,
) -> ParagraphStyle:
    return ParagraphStyle(
        "text",
        fontName=font,
        fontSize=size,
        leading=size * design.LEADING,
        textColor=HexColor(colour),
        spaceBefore=before,
        spaceAfter=2,
        splitLongWords=1,
    )
