"""Lines over one axis: what is painted where, peaks that are kept, and the crosshair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from pytestqt.qtbot import QtBot

from allusedesk.desk.charts.legend import SAMPLE_WIDTH, legend_places
from allusedesk.desk.charts.line_chart import Line, LineChart, UprightMark, thinned
from allusedesk.desk.charts.payoff import PayoffChart
from allusedesk.desk.theme import Look, Theme, read_theme


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme) -> LineChart:
    made = LineChart(theme, "Test", lambda place: f"day {place:g}", lambda value: f"{value:.1f}")
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    return made


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3_000), st.integers(1, 200))
def test_thinning_keeps_the_highest_and_the_lowest(values: list[float], pixels: int) -> None:
    found = np.array(values)
    places, kept = thinned(np.arange(len(found), dtype=np.float64), found, pixels)
    assert len(places) == len(kept)
    assert kept.max() == found.max()
    assert kept.min() == found.min()
    assert len(kept) <= max(len(found), 4 * pixels)


def test_a_gap_is_left_where_nothing_is_known(chart: LineChart, theme: Theme) -> None:
    values = np.full(101, 5.0)
    values[40:60] = np.nan
    chart.show_lines(np.arange(101.0), [Line("level", values)])
    image = chart.grab().toImage()

    def is_drawn(place: float) -> bool:
        at = chart.pixel_of(place, 5.0).toPoint()
        near = [QColor(image.pixel(at + QPoint(0, d))).blue() for d in (-2, -1, 0, 1, 2)]
        # Smoothed over two pixels, and brighter still than the grid.
        return max(near) > QColor(theme.line).blue()

    assert is_drawn(20.0)
    assert not is_drawn(50.0)
    assert is_drawn(80.0)


def test_the_keyboard_moves_the_crosshair_and_it_is_told(chart: LineChart, qtbot: QtBot) -> None:
    chart.show_lines(np.arange(10.0), [Line("level", np.arange(10.0))])
    pointed: list[int] = []
    chart.pointed.connect(pointed.append)
    chart.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(chart, key)
    assert pointed == [9, 8, 9]
    assert chart._told(9) == ["level 9.0"]
    at = chart.pixel_of(3.0, 3.0).toPoint()
    qtbot.mouseMove(chart, at)
    qtbot.waitUntil(lambda: pointed[-1] == 3)


def test_what_is_shown_is_said_to_a_screen_reader(chart: LineChart) -> None:
    chart.show_lines(np.arange(3.0), [Line("desk", np.array([0.0, 1.0, 2.5]))])
    assert chart.accessibleDescription() == "desk 2.5"
    assert chart.accessibleName() == "Test"


def test_without_lines_the_empty_words_stand_there(chart: LineChart) -> None:
    blank = chart.grab().toImage()
    chart.empty = "Nothing yet."
    assert chart.grab().toImage() != blank
    chart.show_lines(np.empty(0), [])
    chart.wear(read_theme(Look.LIGHT))


def test_a_payoff_shades_gains_and_losses_apart(qtbot: QtBot, theme: Theme) -> None:
    chart = PayoffChart(theme)
    qtbot.addWidget(chart)
    chart.resize(500, 300)
    points = [
        (90.0, -800.0, -700.0),
        (98.0, 0.0, 20.0),
        (100.0, 200.0, 100.0),
        (110.0, 200.0, 180.0),
    ]
    chart.show_payoff(points, [UprightMark(100.0, "spot")], [-750.0, 10.0, 150.0, 190.0])
    assert [line.name for line in chart.lines] == ["at expiry", "half way", "today"]
    image = chart.grab().toImage()
    below = QColor(image.pixel(chart.pixel_of(92.0, -200.0).toPoint()))
    above = QColor(image.pixel(chart.pixel_of(106.0, 60.0).toPoint()))
    assert below.red() > below.blue()
    assert above.blue() > above.red()
    chart.show_payoff([(90.0, -10.0, -10.0), (100.0, 10.0, 10.0)])
    assert [line.name for line in chart.lines] == ["at expiry"]
    chart.show_payoff([])
    assert chart.lines == ()


def test_a_legend_that_does_not_fit_goes_on_below_and_stays_there(
    chart: LineChart, qtbot: QtBot, theme: Theme
) -> None:
    names = ("26 default", "27 default", "26 default at best", "26 default at worst")
    chart.show_lines(np.arange(10.0), [Line(name, np.arange(10.0)) for name in names])
    chart.resize(1200, 300)
    height = QFontMetricsF(chart.font()).height()
    assert chart.frame().top() == height + 4.0
    chart.resize(400, 300)
    top = chart.frame().top()
    assert top > 2 * height
    # Where the last name ends was beyond the right edge.
    metrics, bare = QFontMetricsF(chart.font()), chart.grab().toImage()
    found = legend_places(metrics, "", names, 400)
    for at, name in zip(found[1:], names, strict=True):
        assert at.x() + SAMPLE_WIDTH + 4.0 + metrics.horizontalAdvance(name) <= 400
    last = found[-1]
    row = range(int(last.x()), int(last.x() + SAMPLE_WIDTH))
    ys = range(int(last.y()), int(last.y() + height))
    panel = QColor(theme.panel)
    assert any(QColor(bare.pixel(x, y)) != panel for x in row for y in ys)
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.frame().top() == top
