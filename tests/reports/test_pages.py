"""A PDF page by page: what is drawn, where its parts begin, and where words stand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from allusedesk.reports.paper.pages import PdfPages


@pytest.fixture(scope="module")
def content() -> bytes:
    """Two pages of 300 by 200 points: a black square, and words with a bookmark."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(300, 200))
    canvas.rect(100, 150, 50, 50, stroke=0, fill=1)
    canvas.linkRect("", "below", (10, 10, 60, 30), relative=0)
    canvas.linkURL("https://example.org", (200, 10, 260, 30), relative=0)
    canvas.showPage()
    canvas.bookmarkHorizontal("part", 0, 120)
    canvas.addOutlineEntry("A part <&", "part", 0)
    canvas.bookmarkHorizontal("below", 0, 60)
    canvas.addOutlineEntry("Below it", "below", 1)
    canvas.setFont("Helvetica", 12)
    canvas.drawString(40, 100, "Target against realised")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_a_page_is_drawn_at_any_size_whole_or_in_strips(content: bytes) -> None:
    pages = PdfPages(content)
    assert [(one.width, one.height) for one in pages.sizes] == [(300.0, 200.0)] * 2
    whole = pages.picture(0, 2.0)
    assert (whole.width, whole.height) == (600, 400)

    def blue(y: int, x: int) -> int:
        return whole.pixels[y * whole.stride + 4 * x]

    assert (blue(50, 250), blue(50, 190), blue(150, 250)) == (0, 255, 255)
    for scale in (2.0, 2.3, 150 / 72):
        whole = pages.picture(0, scale)
        strips = [pages.picture(0, scale, first, 37) for first in range(0, whole.height, 37)]
        assert whole.height == pages.rows_of(0, scale)
        assert b"".join(strip.pixels for strip in strips) == whole.pixels


def test_the_outline_leads_to_its_parts(content: bytes) -> None:
    pages = PdfPages(content)
    first, below = pages.outline()
    assert (first.title, first.depth, first.page, first.from_top) == ("A part <&", 0, 1, 80.0)
    assert (below.title, below.depth, below.from_top) == ("Below it", 1, 140.0)


def test_a_link_leads_within_the_file_alone(content: bytes) -> None:
    pages = PdfPages(content)
    assert pages.link_at(0, 30.0, 180.0) == (1, 140.0)
    assert pages.link_at(0, 230.0, 180.0) is None
    assert pages.link_at(0, 30.0, 20.0) is None


def test_words_are_found_where_they_stand(content: bytes) -> None:
    pages = PdfPages(content)
    (found,) = pages.find("AGAINST")
    assert found.page == 1
    assert 75 < found.left < 85
    assert 88 < found.top < 100
    assert pages.find("nowhere") == pages.find("  ") == ()


def test_threads_take_turns(content: bytes) -> None:
    pages = PdfPages(content)
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda _: pages.picture(0, 1.0).pixels, range(20)))
    assert len(set(drawn)) == 1


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(ValueError, match="no PDF that can be shown"):
        PdfPages(b"hello")
