from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from reportlab.graphics.shapes import Circle, Drawing, Group, PolyLine, Rect, Shape, String

from allusedesk.reports.chart_export import chart_figures
from allusedesk.reports.paper.chart_pieces import NOTHING_YET
from allusedesk.reports.paper.charts import drawn_chart
from allusedesk.reports.paper.page_design import GAIN_WASH, LOSS, LOSS_WASH
from allusedesk.reports.paper.type_setting import register_fonts
from allusedesk.reports.statement import AnyChart, ChartKind
from allusedesk.reports.wording import gap_shown
from tests.reports.agreement import check_agreement
from tests.reports.chart_samples import CHARTS, days, equity, every_chart, grid, record, timeline
from tests.reports.sample_week import FONTS

register_fonts(FONTS)
WIDTH = 504.0


def shapes(drawn: list[Drawing] | Group) -> Iterator[Shape]:
    for one in drawn if isinstance(drawn, list) else drawn.contents:
        if isinstance(one, Group):
            yield from shapes(one)
        else:
            yield one


def texts(chart: AnyChart) -> list[str]:
    return [one.text for one in shapes(drawn_chart(chart, WIDTH)) if isinstance(one, String)]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_nothing_of_a_chart_lies_outside_its_drawing(chart: AnyChart) -> None:
    for drawing in drawn_chart(chart, WIDTH):
        left, bottom, right, top = drawing.getBounds()
        assert left >= -3
        assert right <= WIDTH + 3
        assert bottom >= -3
        assert top <= drawing.height + 3
        assert drawing.height <= 560


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_a_chart_without_figures_says_so_and_others_do_not(chart: AnyChart) -> None:
    has_figures = any(one.shown for one in chart_figures(chart) if one.value)
    said = texts(chart)
    assert (said == [NOTHING_YET]) == (not has_figures)


def test_a_chart_of_many_rows_goes_on_and_loses_none() -> None:
    chart = next(one for one in CHARTS if one.title == "Of many")
    drawn = drawn_chart(chart, WIDTH)
    assert len(drawn) == 3
    said = [text for text in texts(chart) if text.startswith("S")]
    assert said == [f"S{n}" for n in range(99)]


@pytest.mark.long
def test_paper_csv_and_json_of_every_chart_agree() -> None:
    assert check_agreement(every_chart()).startswith(b"%PDF")


def test_thinning_keeps_the_highest_and_the_lowest_day() -> None:
    chart = equity(2500)
    drawing = drawn_chart(chart, WIDTH)
    drawn = [one for one in shapes(drawing) if isinstance(one, PolyLine)]
    heights = drawn[0].points[1::2]
    spiked = list(chart.series[0].values)
    top = max(range(2500), key=lambda n: getattr(spiked[n], "amount", 0))
    assert len(heights) < 1100
    assert len(list(chart_figures(chart))) == 3 * 2500
    axis = (drawn[0].points[0], drawn[0].points[-2])
    x = axis[0] + (axis[1] - axis[0]) * top / 2499
    at_top = drawn[0].points[2 * heights.index(max(heights))]
    assert at_top == pytest.approx(x, abs=0.01)


def test_the_deepest_drawdown_is_written_with_its_day() -> None:
    chart = equity(21)
    assert f"deepest 2.00%, {days(21)[20].isoformat()}" in texts(chart)
    assert "Drawdown (modelled)" in texts(chart)


def test_the_colour_of_a_cell_repeats_its_sign() -> None:
    drawn = [one for one in shapes(drawn_chart(grid(7), WIDTH)) if isinstance(one, Rect)]
    fills = [one.fillColor.hexval()[2:] for one in drawn]
    assert fills.count(LOSS_WASH[1:].lower()) == 6
    assert fills.count(GAIN_WASH[1:].lower()) == 6


def test_each_exception_has_a_ring() -> None:
    chart = record(2500)
    rings = [
        one
        for one in shapes(drawn_chart(chart, WIDTH))
        if isinstance(one, Circle) and one.strokeColor and one.fillColor is None
    ]
    assert len(rings) == len(chart.exceptions()) > 100
    assert {one.strokeColor.hexval()[2:] for one in rings} == {LOSS[1:].lower()}


def test_milliseconds_can_be_seen_beside_hours() -> None:
    chart = timeline(0, 3, 2_700_000, 12)
    dots = [one.cx for one in shapes(drawn_chart(chart, WIDTH)) if isinstance(one, Circle)]
    gaps = [later - earlier for earlier, later in pairwise(dots)]
    assert min(gaps) >= 9
    assert gaps[1] > gaps[2] > gaps[0]
    assert {"3 ms", "45 min 0 s", "12 ms", "entry 2,997"} <= set(texts(chart))


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(), "0 ms"),
        (timedelta(milliseconds=999), "999 ms"),
        (timedelta(milliseconds=1001), "1.001 s"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(hours=25), "1 d 1 h"),
        (timedelta(hours=2, minutes=3), "2 h 3 min"),
    ],
)
def test_a_gap_is_told_in_two_units(gap: timedelta, said: str) -> None:
    assert gap_shown(gap) == said


def test_bars_too_thin_for_their_figures_stand_beside_a_scale() -> None:
    few, many = (one for one in CHARTS if getattr(one, "kind", None) is ChartKind.BARS)
    assert "\u22129.00" in texts(few)
    assert not any("10,000,000.00" in text for text in texts(many))
    assert "\u221210M" in texts(many)
