from __future__ import annotations

import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from allusedesk.reports.paper import page_design as design
from allusedesk.reports.paper.pdf import draw_statement, printed
from allusedesk.reports.statement import (
    Alignment,
    Column,
    Paragraph,
    Table,
    Tone,
)
from tests.reports.agreement import (
    bookmarks,
    characters_outside,
    check_agreement,
    check_figures,
    links,
)
from tests.reports.drawn import page_texts, statement, usd, weekly
from tests.reports.sample_week import FONTS, ROOT, Shape

SHAPES = {
    "empty": Shape(is_empty=True),
    "one": Shape(),
    "negative": Shape(price="0.004"),
    "provisional": Shape(is_final=False),
    "many": Shape(trades=40),
}


def wide_table(reason: str, rows: int) -> Table:
    columns = (
        Column("Order"),
        *(Column(f"Amount {n}", Alignment.RIGHT, "USD") for n in range(8)),
        Column("Why", is_detail=True),
    )
    cells = (*(usd("-1234567.89") for _ in range(8)), reason)
    return Table("Orders", columns, tuple((reason, *cells) for _ in range(rows)))


@pytest.mark.parametrize("name", SHAPES)
def test_paper_csv_and_json_of_a_week_agree(name: str, tmp_path: Path) -> None:
    assert check_agreement(weekly(tmp_path, SHAPES[name])).startswith(b"%PDF")


def test_a_figure_on_paper_alone_is_found_out(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, SHAPES["one"])
    pdf = printed(drawn, FONTS)
    with pytest.raises(AssertionError, match=r"628\.70"):
        check_figures(drawn, page_texts(pdf), [["all but that"]], {}, pdf)


def test_mode_rulebook_chain_head_and_number_are_on_every_page(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, SHAPES["many"])
    pages = page_texts(printed(drawn, FONTS))
    assert len(pages) > 5
    for number, text in enumerate(pages, start=1):
        assert "REHEARSAL" in text
        assert "classic@1.0" in text
        assert drawn.chain_head_short in text
        assert f"Page {number} of {len(pages)}" in text
    assert drawn.chain_head in pages[0]


def test_each_section_has_its_bookmark_on_its_page_and_its_parts_below_it(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, SHAPES["many"])
    pdf = printed(drawn, FONTS)
    found = bookmarks(pdf)
    sections = [(title, page) for level, title, page in found if level == 0]
    assert [title for title, _ in sections] == [section.title for section in drawn.sections]
    pages = page_texts(pdf)
    assert all(title in pages[page - 1] for _, title, page in found)
    assert sections[-1][1] > sections[0][1]
    orders = found.index((1, "Orders that traded", dict(sections)["Trades"]))
    assert (0, "Trades", dict(sections)["Trades"]) in found[:orders]
    assert "\r\n".join(str(page) for _, page in sections) in pages[0]
    listed = [(1, page) for _, page in sections]
    assert links(pdf)[: len(listed)] == listed


def test_an_order_leads_to_its_timeline_and_back(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape(trades=3))
    pdf = printed(drawn, FONTS)
    pages = [page for _, title, page in bookmarks(pdf) if title.endswith("wanted")]
    there = next(page for _, title, page in bookmarks(pdf) if title == "Orders that traded")
    found = set(links(pdf))
    assert len(pages) == 3
    assert {(there, page) for page in pages} <= found
    assert {(page, there) for page in pages} <= found


def test_the_same_statement_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    program = (
        "import sys; from hashlib import sha256; from pathlib import Path\n"
        "from tests.reports.drawn import weekly; from tests.reports.sample_week import *\n"
        "from allusedesk.reports.paper.pdf import printed\n"
        "drawn = weekly(Path(sys.argv[1]), Shape(trades=3))\n"
        "print(sha256(printed(drawn, FONTS)).hexdigest())\n"
    )
    found = []
    for seed in ("1", "4711"):
        folder = tmp_path / seed
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", program, str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(done.stdout.strip())
    here = tmp_path / "here"
    here.mkdir()
    drawn = weekly(here, Shape(trades=3))
    assert {sha256(printed(drawn, FONTS)).hexdigest() for _ in range(2)} == set(found)


@pytest.mark.parametrize("paper", [design.A4, design.LETTER])
@pytest.mark.parametrize("reason", ["word " * 900, "unbroken" * 400, '<b>R&D</b> "said" Жук'])
def test_nothing_runs_off_the_page(reason: str, paper: design.Paper) -> None:
    drawn = statement(wide_table(reason, 3), Paragraph(reason, Tone.WARNING))
    pdf = printed(drawn, FONTS, paper)
    assert characters_outside(pdf, paper) == []
    letters = "".join(page_texts(pdf)).replace("\r\n", "").replace(" ", "")
    assert letters.count(reason.strip()[:8].strip().replace(" ", "")) >= 3


def test_a_long_table_repeats_its_head_and_keeps_every_row() -> None:
    table = Table(
        "Orders", (Column("Order"), Column("Cash")), tuple((f"R{n}x", n) for n in range(300))
    )
    pages = page_texts(printed(statement(table), FONTS))
    assert len(pages) > 5
    assert all("Order" in text and "Cash" in text for text in pages)
    assert re.findall(r"R\d+x", " ".join(pages)) == [f"R{n}x" for n in range(300)]


def test_marks_of_markup_are_letters_on_paper() -> None:
    drawn = statement(Paragraph('<b>R&D</b> & "others"'), wide_table("<i>&amp;</i>", 1))
    text = page_texts(printed(drawn, FONTS))[0]
    assert '<b>R&D</b> & "others"' in text
    assert "<i>&amp;</i>" in text


def test_fonts_are_embedded() -> None:
    pdf = printed(statement(Paragraph("Ωμέγα Жук")), FONTS)
    assert b"+DejaVuSans" in pdf
    assert b"/FontFile2" in pdf
    assert "Ωμέγα Жук" in page_texts(pdf)[0]


def test_the_file_holds_the_printed_bytes(tmp_path: Path) -> None:
    file = tmp_path / "week.pdf"
    draw_statement(statement(Paragraph("Quiet.")), file, FONTS)
    assert file.read_bytes() == printed(statement(Paragraph("Quiet.")), FONTS)
    assert file.read_bytes().startswith(b"%PDF")


def test_a_statement_without_blocks_still_says_what_it_is() -> None:
    text = page_texts(printed(statement(mode="REHEARSAL"), FONTS))[0]
    assert "provisional, version 1" in text
    assert "REHEARSAL" in text
