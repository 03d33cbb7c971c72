from __future__ import annotations

from pathlib import Path

from allusedesk.reports.statement import Paragraph, Statement, Timeline
from allusedesk.reports.weekly.courses import SECTION, TIMELINES_MAX
from tests.reports.drawn import weekly
from tests.reports.sample_week import Shape


def timelines(drawn: Statement) -> list[Timeline]:
    section = next(one for one in drawn.sections if one.title == SECTION)
    return [block for block in section.blocks if isinstance(block, Timeline)]


def test_each_order_that_traded_has_a_timeline_with_its_entries(tmp_path: Path) -> None:
    (line,) = timelines(weekly(tmp_path, Shape()))
    said = [one.what for one in line.events]
    assert said[0] == "proposed, checks passed"
    assert said[1].startswith("approved by policy all")
    assert said[2] == "written and sent"
    assert "filled" in said
    assert all(one.entry for one in line.events)
    assert line.title == "F1 Rev: sell AAPL 2013-02-15 460 put, 2 wanted"


def test_only_so_many_are_drawn_and_the_rest_is_told(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape(trades=TIMELINES_MAX + 6))
    assert len(timelines(drawn)) == TIMELINES_MAX
    section = next(one for one in drawn.sections if one.title == SECTION)
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    assert f"the first {TIMELINES_MAX} of {TIMELINES_MAX + 6} orders" in first.text
    leading = [one for one in drawn.references() if one.to.startswith("course of")]
    assert len(leading) == TIMELINES_MAX


def test_a_week_without_a_trade_says_so(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape(is_empty=True))
    assert timelines(drawn) == []
    section = next(one for one in drawn.sections if one.title == SECTION)
    assert "No order traded" in getattr(section.blocks[0], "text", "")
