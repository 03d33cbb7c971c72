"""Candles: arrays in, painted pixels out, and never more than what can be seen."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from allusedesk.desk.charts.candles import Columns
from allusedesk.desk.charts.chart_marks import Mark, MarkKind, StrikeLine
from allusedesk.desk.charts.price_chart import PriceChart
from allusedesk.desk.theme import Theme
from allusedesk.wiring.charting import BarInterval, ChartBars, SplitMark


def bars(count: int, splits: tuple[SplitMark, ...] = ()) -> ChartBars:
    """Bars that rise and fall in turn around 100."""
    is_even = np.arange(count) % 2 == 0
    opens, close = np.where(is_even, 98.0, 102.0), np.where(is_even, 102.0, 98.0)
    times = np.datetime64("2012-01-02", "s") + np.arange(count) * np.timedelta64(86_400, "s")
    ones = np.ones(count)
    return ChartBars(
        "AAPL",
        BarInterval.DAY,
        times,
        opens,
        np.full(count, 104.0),
        np.full(count, 96.0),
        close,
        1_000.0 * ones,
        2.0 * ones,
        ones,
        splits,
        None,
        "a test",
    )


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme) -> PriceChart:
    made = PriceChart(theme)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


def columns(closes: Any) -> Columns:
    closes = np.asarray(closes, dtype=np.float64)
    return Columns(closes, closes + 1, closes - 1, closes, closes)


def pixel_of(chart: PriceChart, place: float, price: float) -> QPoint:
    scene = chart.prices.mapViewToScene(QPointF(place, price))
    return chart.view.mapTo(chart, chart.view.mapFromScene(scene))


def colour_at(image: QImage, at: QPoint) -> str:
    return QColor(image.pixel(at)).name()


def test_a_fall_is_filled_and_a_rise_is_hollow(
    chart: PriceChart, qtbot: QtBot, theme: Theme
) -> None:
    chart.show_bars(bars(20), keep_place=False)
    chart.show_newest(20)
    qtbot.wait(50)
    image = chart.grab().toImage()
    # Bar 10 rises, bar 11 falls; beside the wick in the middle of the body.
    assert colour_at(image, pixel_of(chart, 10.2, 100.0)) == theme.panel
    assert colour_at(image, pixel_of(chart, 11.2, 100.0)) == theme.loss
    rises = [colour_at(image, pixel_of(chart, 10, 103.0) + QPoint(d, 0)) for d in (-1, 0, 1)]
    assert theme.gain in rises


def test_the_price_range_is_that_of_what_is_seen(chart: PriceChart) -> None:
    found = bars(500)
    found.high[100], found.low[400] = 500.0, 10.0
    chart.show_bars(found, keep_place=False)
    chart._go_to(200.0, 300.0)
    low, high = chart.prices.viewRange()[1]
    assert 94.0 < low < 96.0
    assert 104.0 < high < 106.0


@given(
    st.lists(st.floats(1.0, 1000.0), min_size=1, max_size=400),
    st.integers(1, 60),
    st.floats(-50.0, 400.0),
    st.floats(1.0, 500.0),
)
def test_merging_to_pixels_keeps_every_extreme(
    closes: list[float], pixels: int, left: float, width: float
) -> None:
    held = columns(closes)
    span = held.merged(left, left + width, pixels)
    first, end = held.visible(left, left + width)
    assert len(span.places) <= pixels + 1
    if first < end:
        assert span.high.max() >= held.high[first:end].max()
        assert span.low.min() <= held.low[first:end].min()
        assert span.close[-1] == held.close[min(int(span.places[-1]) + span.step, len(held)) - 1]
        assert (span.places % span.step == 0).all() or span.step == 1


def test_a_paint_of_many_bars_touches_no_more_than_the_pixels(
    chart: PriceChart, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[int] = []
    merged = Columns.merged

    def counting(self: Columns, left: float, right: float, pixels: int) -> Any:
        span = merged(self, left, right, pixels)
        painted.append(len(span.places))
        return span

    monkeypatch.setattr(Columns, "merged", counting)
    chart.show_bars(bars(50_000), keep_place=False)
    chart.show_newest(20_000)
    qtbot.wait(50)
    assert painted
    assert max(painted) <= chart.width() + 1


def test_the_keyboard_moves_zooms_and_points(chart: PriceChart, qtbot: QtBot) -> None:
    chart.show_bars(bars(500), keep_place=False)
    pointed: list[int] = []
    chart.pointed.connect(pointed.append)
    chart.setFocus()
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(chart, Qt.Key.Key_Left, shift)
    qtbot.keyClick(chart, Qt.Key.Key_Left, shift)
    assert pointed[-2:] == [499, 498]
    first, end = chart.visible_bars
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.visible_bars[0] < first
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    assert chart.visible_bars[0] == 0
    width = chart.visible_bars[1]
    qtbot.keyClick(chart, Qt.Key.Key_Plus)
    assert chart.visible_bars[1] - chart.visible_bars[0] < width
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.visible_bars[1] == end == 500


def test_the_mouse_points_at_the_bar_under_it(chart: PriceChart, qtbot: QtBot) -> None:
    chart.show_bars(bars(40), keep_place=False)
    chart.show_newest(40)
    qtbot.wait(50)
    pointed: list[int] = []
    chart.pointed.connect(pointed.append)
    at = pixel_of(chart, 17, 100.0)
    qtbot.mouseMove(chart.view.viewport(), chart.view.viewport().mapFrom(chart, at))
    qtbot.waitUntil(lambda: pointed[-1:] == [17])


def test_the_latest_price_is_within_the_range_while_the_newest_bar_is_seen(
    chart: PriceChart,
) -> None:
    chart.show_bars(bars(500), keep_place=False)
    chart.show_price((150.0, "150.00"))
    assert chart.prices.viewRange()[1][1] > 150.0
    chart._go_to(100.0, 200.0)
    assert chart.prices.viewRange()[1][1] < 110.0
    chart.show_price(None)
    chart.show_newest(100)
    assert chart.prices.viewRange()[1][1] < 110.0


def test_new_bars_keep_the_place_unless_the_newest_was_watched(chart: PriceChart) -> None:
    chart.show_bars(bars(500), keep_place=False)
    chart._go_to(100.0, 200.0)
    chart.show_bars(bars(501), keep_place=True)
    assert chart.visible_bars == (100, 201)
    chart.show_newest(100)
    chart.show_bars(bars(502), keep_place=True)
    assert chart.visible_bars[1] == 502


def test_strikes_marks_price_and_splits_are_painted(
    chart: PriceChart, qtbot: QtBot, theme: Theme
) -> None:
    split = SplitMark(5, date(2012, 1, 7), 7.0)
    chart.show_bars(bars(40, (split,)), keep_place=False)
    chart.show_newest(40)
    qtbot.wait(50)
    before = chart.grab().toImage()
    items = len(chart.view.scene().items())
    chart.marks.show_strikes((StrikeLine(101.0, "-1 P 101", is_call=False),))
    chart.marks.show_marks((Mark(20, 96.0, MarkKind.ENTRY), Mark(20, 104.0, MarkKind.EXIT)))
    chart.marks.show_price((99.0, "99.00"))
    qtbot.wait(50)
    after = chart.grab().toImage()
    row = pixel_of(chart, 0, 101.0).y()
    colours = {colour_at(after, QPoint(x, row)) for x in range(after.width() - 120)}
    assert theme.accent in colours
    assert theme.accent not in {
        colour_at(before, QPoint(x, row)) for x in range(before.width() - 120)
    }
    assert len(chart.view.scene().items()) == items


def test_another_theme_is_worn(chart: PriceChart, qtbot: QtBot) -> None:
    from allusedesk.desk.theme import Look, read_theme

    chart.show_bars(bars(40), keep_place=False)
    chart.wear(read_theme(Look.LIGHT))
    qtbot.wait(50)
    image = chart.grab().toImage()
    assert colour_at(image, QPoint(3, 3)) == read_theme(Look.LIGHT).panel
