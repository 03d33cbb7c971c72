from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest

from allusedesk.reports.handbook import Chapter, Page, chapters, places
from allusedesk.reports.paper.handbook_pdf import printed_handbook
from tests.house.sources import HANDBOOK, ROOT
from tests.reports.agreement import bookmarks, links

FONTS = ROOT / "resources" / "fonts"

PAGE = """# Puts & <calls>

A **bold** word, `code <b>` and [a link](second.md), [elsewhere](https://example.org).

- one
- two, see [second.md](second.md)

1. first

```sh
allusedesk check
```

| name | what `it` is |
|---|---|
| Жук | 雨 and & |
"""


def written(folder: Path) -> tuple[Chapter, ...]:
    (folder / "first.md").write_text(PAGE, encoding="utf-8")
    (folder / "second.md").write_text("# Second\n\nThe Puts of March.\n", encoding="utf-8")
    (folder / "contents.toml").write_text(
        '[[chapters]]\ntitle = "All"\npages = ["first", "second"]\n', encoding="utf-8"
    )
    return chapters(folder)


def test_every_page_stands_in_one_chapter() -> None:
    listed = [page.name for chapter in chapters(HANDBOOK) for page in chapter.pages]
    assert sorted(listed) == sorted(file.stem for file in HANDBOOK.glob("*.md"))


def test_every_link_leads_to_a_page() -> None:
    broken = [
        (page.name, link)
        for chapter in chapters(HANDBOOK)
        for page in chapter.pages
        for link in re.findall(r"\]\(([^)#:]+)[^)]*\)", page.text)
        if not (HANDBOOK / link).is_file()
    ]
    assert broken == []


def test_lines_that_hold_all_words_are_found(tmp_path: Path) -> None:
    whole = written(tmp_path)
    assert [(one.page.name, one.line) for one in places(whole, "puts MARCH")] == [("second", 3)]
    assert [one.page.name for one in places(whole, "puts")] == ["first", "second"]
    assert list(places(whole, "  ")) == []


def test_a_page_that_is_missing_is_said(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "second.md").unlink()
    with pytest.raises(OSError, match="second"):
        chapters(tmp_path)


def test_the_pdf_has_every_word_bookmark_and_link(tmp_path: Path) -> None:
    whole = written(tmp_path)
    drawn = printed_handbook(whole, FONTS)
    assert drawn == printed_handbook(whole, FONTS)
    document = pypdfium2.PdfDocument(drawn)
    texts = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    assert "Puts & <calls>" in texts[0]
    assert "Page 1 of 3" in texts[0]
    for said in ("bold", "code <b>", "a link", "two, see Second", "1.", "allusedesk check", "Жук"):
        assert said in texts[1], said
    titles = [mark.get_title() for mark in document.get_toc()]
    assert titles == ["All", "Puts & <calls>", "Second"]
    assert b"example.org" not in drawn


def test_bookmarks_and_links_lead_to_the_page_itself(tmp_path: Path) -> None:
    drawn = printed_handbook(written(tmp_path), FONTS)
    page_of = {title: page for _, title, page in bookmarks(drawn)}
    assert page_of == {"All": 2, "Puts & <calls>": 2, "Second": 3}
    assert links(drawn) == [(1, 2), (1, 3), (2, 3), (2, 3)]


def test_a_wide_table_stays_on_its_page() -> None:
    row = "| " + " | ".join(f"`a_rather_long_name_{n}`" for n in range(6)) + " |"
    text = f"# Wide\n\n{row}\n|{'---|' * 6}\n{row}\n"
    drawn = printed_handbook((Chapter("c", (Page("p", "Wide", text),)),), FONTS)
    page = pypdfium2.PdfDocument(drawn)[1]
    width = page.get_width()
    words = page.get_textpage()
    rights = [words.get_charbox(index)[2] for index in range(words.count_chars())]
    assert max(rights) < width - 30
