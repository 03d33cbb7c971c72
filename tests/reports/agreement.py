"""Whether paper, CSV and JSON of a statement agree, for the tests of every kind of report."""

from __future__ import annotations

import csv
import ctypes
import json
import re
from collections.abc import Iterator
from decimal import Decimal, localcontext
from io import StringIO
from typing import Any

import pypdfium2

from allusedesk.reports.csv_export import as_csv, neutralised
from allusedesk.reports.json_export import as_json
from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.pdf import printed
from allusedesk.reports.statement import AnyChart, Statement
from tests.reports.chart_scales import scale_texts
from tests.reports.drawn import page_texts
from tests.reports.sample_week import FONTS

FIGURE = re.compile(r"[+\u2212]?\d[\d,]*(?:\.\d+)?%?")
PAGE = re.compile(r"Page \d+ of \d+")
NUMERIC = ("money", "price", "fraction", "number")


def check_agreement(drawn: Statement) -> bytes:
    """Assert all of the below of the statement, and give its PDF.

    Every figure on paper is in the CSV and in the JSON; each cell of the JSON is in the CSV, exact
    and as shown; what is shown is the exact figure, rounded; every reference leads somewhere; no
    letter stands outside the margins; each page has mode, chain head and number; each section and
    its page are listed.
    """
    pdf = printed(drawn, FONTS)
    tree = json.loads(as_json(drawn))
    table = list(csv.DictReader(StringIO(as_csv(drawn), newline="")))
    pages = page_texts(pdf)
    check_figures(drawn, pages, [list(row.values()) for row in table], tree, pdf)
    pairs = {(row["value"], row["shown"]) for row in table}
    for cell in json_cells(tree):
        exact, shown = cell["value"] or "", cell["shown"]
        assert (neutralised(exact), neutralised(shown)) in pairs, (exact, shown)
        if cell["kind"].startswith(NUMERIC):
            check_rounded(exact, shown)
    anchors = drawn.anchors()
    lost = [one for one in drawn.references() if one.to not in anchors]
    assert not lost, f"references to nowhere: {lost}"
    outside = characters_outside(pdf, design.A4)
    assert not outside, f"outside the margins: {outside[:20]}"
    for number, text in enumerate(pages, start=1):
        for wanted in (drawn.mode, drawn.chain_head_short, f"Page {number} of {len(pages)}"):
            assert wanted in text, f"page {number} lacks {wanted}"
    titles = [title for level, title, _ in bookmarks(pdf) if level == 0]
    assert titles == [section.title for section in drawn.sections], titles
    return pdf


def check_figures(
    drawn: Statement, pages: list[str], cells: list[list[str]], tree: Any, pdf: bytes
) -> None:
    """Assert that no figure stands on paper alone, but for scales, page numbers and the head."""
    on_paper = " ".join(PAGE.sub("", text) for text in pages)
    allowed = axis_figures(drawn) | {str(page) for _, _, page in bookmarks(pdf)}
    allowed |= figures_in(f"{drawn.chain_head} {drawn.chain_head_short} {drawn.rulebook}")
    allowed |= {f"{number:,}" for number in (drawn.sequence_first, drawn.sequence_last)}
    wanted = figures_in(on_paper) - allowed
    for exported in ((cell for row in cells for cell in row), json_leaves(tree)):
        known = {figure for text in exported for figure in figures_in(text)}
        alone = sorted(wanted - known)
        assert not alone, f"on paper alone: {alone}"


def check_rounded(exact: str, shown: str) -> None:
    """Assert that what is shown is the exact figure to as many digits as are shown."""
    if not exact:
        return
    plain = shown.replace(",", "").replace("\u2212", "-").replace("%", "").replace("+", "")
    if " " in plain or not re.fullmatch(r"-?\d+(\.\d+)?", plain):
        return
    decimals = len(plain.partition(".")[2])
    with localcontext(prec=200):
        value = Decimal(exact) * (100 if shown.endswith("%") else 1)
        assert abs(value - Decimal(plain)) <= Decimal(5).scaleb(-decimals - 1), (exact, shown)


def figures_in(text: str) -> set[str]:
    return set(FIGURE.findall(text))


def axis_figures(drawn: Statement) -> set[str]:
    """The scale of a chart is drawn and is no figure of the statement."""
    return {
        figure
        for section in drawn.sections
        for block in section.blocks
        if isinstance(block, AnyChart)
        for text in scale_texts(block)
        for figure in figures_in(text)
    }


def json_leaves(tree: Any) -> Iterator[str]:
    match tree:
        case dict():
            for branch in tree.values():
                yield from json_leaves(branch)
        case list():
            for branch in tree:
                yield from json_leaves(branch)
        case _:
            yield str(tree)


def json_cells(tree: Any) -> Iterator[dict[str, Any]]:
    """Everything with a kind, an exact value and how it is shown."""
    match tree:
        case {"kind": _, "value": _, "shown": _}:
            yield tree
        case dict():
            if "references" in tree:
                # What a paragraph leads to by words of its own text is no line of the CSV.
                cells = [one for one in tree["references"] if one["shown"] not in tree["text"]]
                tree = {**tree, "references": cells}
            if tree.get("totals"):
                # A total without a figure is a blank on paper and no line of the CSV.
                totals = [cell for cell in tree["totals"] if cell["value"] is not None]
                tree = {**tree, "totals": totals}
            for branch in tree.values():
                yield from json_cells(branch)
        case list():
            for branch in tree:
                yield from json_cells(branch)


def bookmarks(pdf: bytes) -> list[tuple[int, str, int]]:
    """Level, title and page of every bookmark, pages from one."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            (mark.level, mark.get_title(), mark.get_dest().get_index() + 1)
            for mark in document.get_toc()
        ]
    finally:
        document.close()


def links(pdf: bytes) -> list[tuple[int, int]]:
    """From which page to which each link leads, pages from one; a link to nowhere fails."""
    raw = pypdfium2.raw
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for number in range(len(document)):
        page = document[number]
        start, one = ctypes.c_int(0), raw.FPDF_LINK()
        while raw.FPDFLink_Enumerate(page, ctypes.byref(start), ctypes.byref(one)):
            target = raw.FPDFLink_GetDest(document, one)
            assert target, f"a link of page {number + 1} leads nowhere"
            found.append((number + 1, raw.FPDFDest_GetDestPageIndex(document, target) + 1))
    document.close()
    return found


def characters_outside(pdf: bytes, paper: design.Paper) -> list[str]:
    """What is drawn beyond the side margins or above or below the page's own lines."""
    found = []
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        text = document[number].get_textpage()
        for index in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(index)
            if right == left:
                continue
            is_inside = (
                left >= design.MARGIN_SIDE - 1
                and right <= paper.width - design.MARGIN_SIDE + 1
                and bottom >= 20
                and top <= paper.height - 20
            )
            if not is_inside:
                found.append(f"page {number + 1}: {text.get_text_range(index, 1)}")
    document.close()
    return found
