from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.reports.page_design import REGULAR
from allusedesk.reports.type_setting import (
    FontMissing,
    broken,
    cleaned,
    register_fonts,
    width_of,
)
from tests.reports.sample_week import FONTS

register_fonts(FONTS)


@given(st.text("ab c/.-Ω", max_size=200), st.floats(20, 200))
def test_lines_fit_their_width_and_lose_no_letter(text: str, width: float) -> None:
    lines = broken(text, REGULAR, 7, width)
    assert all(width_of(line, REGULAR, 7) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_control_characters_become_spaces() -> None:
    assert cleaned("a\tb\nc\x00d") == "a b c d"
    assert cleaned("Ωμέγα") == "Ωμέγα"


def test_a_missing_font_says_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allusedesk.reports.type_setting.FONT_FILES", {"Absent": "Absent.ttf"})
    with pytest.raises(FontMissing, match=r"Absent\.ttf cannot be read, so no PDF can be drawn"):
        register_fonts(tmp_path)
