from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.reports.paper.page_design import BOLD, FALLBACK, MONO, REGULAR
from allusedesk.reports.paper.type_setting import (
    ELLIPSIS,
    FontMissing,
    as_seen,
    broken,
    cleaned,
    clipped,
    few_lines,
    register_fonts,
    runs_of,
    width_of,
)
from tests.reports.sample_week import FONTS

register_fonts(FONTS)


@given(st.text("ab c/.-Ω中", max_size=200), st.floats(20, 200))
def test_lines_fit_their_width_and_lose_no_letter(text: str, width: float) -> None:
    lines = broken(text, REGULAR, 7, width)
    assert all(width_of(line, REGULAR, 7) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_control_characters_become_spaces() -> None:
    assert cleaned("a\tb\nc\x00d") == "a b c d"
    assert cleaned("Ωμέγα") == "Ωμέγα"


def test_marks_nobody_sees_vanish_and_letters_of_nobody_are_told() -> None:
    assert cleaned("a\u200bb\u202ec\ufeffd") == "abcd"
    assert cleaned("a\ue000b\ud800c") == "a\ufffdb\ufffdc"


def test_each_letter_comes_from_the_first_font_that_has_it() -> None:
    assert runs_of("R&D 中文 Ω", BOLD) == [(BOLD, "R&D "), (FALLBACK, "中文"), (BOLD, " Ω")]
    assert runs_of("日本語の 한국", REGULAR)[0] == (FALLBACK, "日本語の")
    assert runs_of("אב", MONO) == [(REGULAR, "אב")]
    assert runs_of("ไทย", REGULAR) == [(REGULAR, "ไทย")]


def test_hebrew_words_stand_from_right_to_left() -> None:
    assert as_seen("gain אבג דה 12.50") == "gain הד גבא 12.50"
    assert as_seen("plain Ω") == "plain Ω"


@given(st.text("abc WΩ中", min_size=1, max_size=80), st.floats(20, 200))
def test_a_clipped_text_fits_and_says_that_it_was_longer(text: str, width: float) -> None:
    cut = clipped(text, REGULAR, 7, width)
    assert width_of(cut, REGULAR, 7) <= width + 1e-6
    assert cut == text or cut.endswith(ELLIPSIS)


def test_of_many_lines_few_are_kept() -> None:
    assert few_lines("one two", REGULAR, 7, 400, 2) == ["one two"]
    lines = few_lines("word " * 80, REGULAR, 7, 100, 3)
    assert len(lines) == 3
    assert lines[-1].endswith(ELLIPSIS)
    assert not lines[0].endswith(ELLIPSIS)
    assert all(width_of(line, REGULAR, 7) <= 101 for line in lines)


def test_a_missing_font_says_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fonts = {"Absent": "Absent.ttf"}
    monkeypatch.setattr("allusedesk.reports.paper.type_setting.FONT_FILES", fonts)
    with pytest.raises(FontMissing, match=r"Absent\.ttf cannot be read, so no PDF can be drawn"):
        register_fonts(tmp_path)
