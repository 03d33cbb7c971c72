"""The candle chart: 50,000 bars loaded, few or 20,000 of them visible, one price after another.

The goals are 60 ms to the first paint and 20 ms for a frame at the ninety-ninth hundredth. A
frame is measured as vnpy's was: the newest bar changes, and the loop has drawn it. Drawing here
is done by the processor alone, so the goals are held against its time, which neighbours on a
shared machine leave as it is; the clock on the wall is told beside it.
"""

from __future__ import annotations

import json
from time import perf_counter, process_time

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from allusedesk.desk.charts.price_chart import PriceChart
from allusedesk.desk.theme import Look, dress, read_theme
from allusedesk.wiring.charting import BarInterval, ChartBars

BARS = 50_000
FRAMES = 200
FIRST_PAINT_MS, FRAME_MS = 60.0, 20.0


def bars_of(count: int) -> ChartBars:
    rng = np.random.default_rng(3)
    close = 100.0 + np.cumsum(rng.normal(0.0, 0.05, count))
    opens = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opens, close) + 0.05, np.minimum(opens, close) - 0.05
    times = np.datetime64("2012-01-03T09:31", "s") + np.arange(count) * np.timedelta64(60, "s")
    volume = rng.integers(100, 10_000, count).astype(np.float64)
    atr, ones = np.full(count, 0.2), np.ones(count)
    return ChartBars(
        "SPY", BarInterval.MINUTE, times, opens, high, low, close, volume, atr, ones, (), None, ""
    )


@pytest.mark.parametrize("visible", [1_000, 20_000, 50_000])
def test_chart_of_fifty_thousand_bars(qapp: QApplication, visible: int) -> None:
    theme = read_theme(Look.DARK)
    dress(qapp, theme)
    found = bars_of(BARS)
    # The libraries are loaded and the fonts known once any chart has been shown.
    warm = PriceChart(theme)
    warm.show_bars(bars_of(100), keep_place=False)
    warm.resize(1200, 600)
    warm.show()
    qapp.processEvents()
    warm.close()

    watch = Watch()
    chart = PriceChart(theme)
    chart.resize(1200, 600)
    making = watch.lap()
    chart.show_bars(found, keep_place=False)
    chart.show_newest(visible)
    chart.show()
    qapp.processEvents()
    first = watch.lap()

    still, moved = [], []
    for number in range(FRAMES):
        found.close[-1] += 0.01
        watch.lap()
        chart.show_price((float(found.close[-1]), f"{found.close[-1]:.2f}"))
        chart.candles.update()
        qapp.processEvents()
        still.append(watch.lap())
        shift = float(number % 7)
        chart.prices.setXRange(BARS - visible - shift, BARS - shift, padding=0)
        qapp.processEvents()
        moved.append(watch.lap())
    chart.close()
    figures: dict[str, object] = {"loaded": BARS, "visible": visible}
    for place, kind in enumerate(("processor ms", "wall ms")):
        figures[kind] = {
            "empty chart": round(making[place], 1),
            "first paint": round(first[place], 1),
            "frame p50": hundredth(still, place, 50),
            "frame p99": hundredth(still, place, 99),
            "pan p50": hundredth(moved, place, 50),
            "pan p99": hundredth(moved, place, 99),
        }
    print("\n" + json.dumps(figures))
    assert first[0] <= FIRST_PAINT_MS
    assert hundredth(still, 0, 99) <= FRAME_MS
    assert hundredth(moved, 0, 99) <= FRAME_MS


class Watch:
    """Milliseconds since the last lap: of the processor, and on the wall."""

    def __init__(self) -> None:
        self.before = process_time(), perf_counter()

    def lap(self) -> tuple[float, float]:
        now = process_time(), perf_counter()
        passed = (now[0] - self.before[0]) * 1e3, (now[1] - self.before[1]) * 1e3
        self.before = now
        return passed


def hundredth(laps: list[tuple[float, float]], place: int, share: int) -> float:
    return round(float(np.percentile([lap[place] for lap in laps], share)), 1)
