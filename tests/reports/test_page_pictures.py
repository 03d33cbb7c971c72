from __future__ import annotations

from pathlib import Path

from allusedesk.reports.paper.page_pictures import picture_pages
from allusedesk.reports.paper.pdf import draw_statement
from allusedesk.reports.statement import Column, Table
from tests.reports.drawn import statement
from tests.reports.sample_week import FONTS


def test_each_page_becomes_a_picture(tmp_path: Path) -> None:
    pdf = tmp_path / "week.pdf"
    draw_statement(
        statement(Table("T", (Column("a"),), tuple((n,) for n in range(60)))), pdf, FONTS
    )
    files = picture_pages(pdf, tmp_path, dots_per_inch=30)
    assert [file.name for file in files] == ["week-page-01.png", "week-page-02.png"]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)
